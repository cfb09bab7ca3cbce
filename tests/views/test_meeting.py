"""The minutes of a staff meeting, attached once, prove many groups."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from tests.client import Browser, Page
from tests.deeds import PDF, approve, chain_faults, group_of, prove, report, settle, states, task_ids
from tests.world import World, at
from tracker.database import db
from tracker.groups import Group, evidence_of
from tracker.models import Evidence, EvidenceUse, JournalEntry
from tracker.rules.claims import Claim
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
PATH = "/plan/2569/meeting"
JANUARY = at("2026-01-12")


@pytest.fixture(autouse=True)
def year(world: World, clock: time_machine.Traveller) -> None:
    """The first quarter: one division waits for approval, one is done, three are late."""
    world.adopted_plan()
    report(world, group_of(world, 0))
    report(world, group_of(world, 1), who="head1")
    approve(world, group_of(world, 1))
    clock.move_to(JANUARY)


def minutes(name: str = "รายงานการประชุม ครั้งที่ ๑.pdf") -> Any:
    return BytesIO(PDF), name


def proofs(world: World, group: Group) -> list[Evidence]:
    with world.read():
        db.session.rollback()
        found = list(evidence_of(group))
        db.session.expunge_all()
        db.session.rollback()
    return found


def ticked(world: World, *places: int) -> list[str]:
    return [group_of(world, place).subject for place in places]


def test_the_page_lists_what_the_sheet_speaks_of(world: World, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get(PATH)
    ids = [name for name in page.ids if name.startswith("group-")]
    assert ids == [group_of(world, place).subject.replace(":", "-") for place in (2, 3, 4, 0)]
    assert f"{PATH}.docx" in page.links
    assert PATH in signed_in("coordinator").get("/plan/2569/executive").links
    assert signed_in("head0").open(PATH).status_code == 403


def test_one_file_proves_every_group_that_was_ticked(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    answer = person.post(
        PATH,
        {
            "file": minutes(),
            "group": ticked(world, 0, 2, 3),
            "held_on": "9 ม.ค. 2569",
            "caption": "",
            "public": "y",
        },
    )
    assert answer.status_code == 303
    [one] = proofs(world, group_of(world, 0))
    assert answer.location == f"{PATH}?kept={one.id}"
    assert [[row.id for row in proofs(world, group_of(world, place))] for place in (2, 3)] == [[one.id]] * 2
    assert proofs(world, group_of(world, 4)) == []
    assert (one.caption, one.about_on.isoformat(), one.public) == (
        "รายงานการประชุม 9 ม.ค. 2569",
        "2026-01-09",
        True,
    )
    assert len(list(world.app.extensions["tracker.config"].evidence_folder.glob("*/*"))) == 1
    assert one.name in signed_in("head2").get(group_of(world, 2).path).text
    assert "ใช้กับงาน 3 เรื่อง" in person.get(f"/evidence/{one.id}/about").text
    with world.read():
        deeds = db.session.scalars(select(JournalEntry.deed).where(JournalEntry.subject_kind == "evidence"))
        assert sorted(deeds) == ["evidence.attached", "evidence.used_again", "evidence.used_again"]
        db.session.rollback()
    assert chain_faults(world) == []


def test_a_file_that_is_kept_already_is_used_again_and_not_twice(world: World, signed_in: SignedIn) -> None:
    kept = prove(world, group_of(world, 1), now=JANUARY)
    person = signed_in("coordinator")
    assert (
        str(kept) in person.get(PATH).form(PATH).get("kept", "")
        or f'value="{kept}"' in person.open(PATH).text
    )
    for _again in range(2):
        answer = person.post(PATH, {"kept": str(kept), "group": ticked(world, 2, 3)})
        assert answer.status_code == 303
    assert [[row.id for row in proofs(world, group_of(world, place))] for place in (1, 2, 3)] == [[kept]] * 3
    with world.read():
        assert db.session.scalar(select(func.count(Evidence.id))) == 1
        assert db.session.scalar(select(func.count(EvidenceUse.id))) == 3
        db.session.rollback()
    marked = person.get(f"{PATH}?kept={kept}")
    assert [name for name in marked.ids if name.startswith("group-")] == [
        group_of(world, place).subject.replace(":", "-") for place in (4, 0)
    ]


def test_a_group_without_a_report_keeps_the_minutes_until_its_division_reports(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-10-05"))
    last = group_of(world, 2, 4)
    signed_in("coordinator").post(PATH, {"file": minutes(), "group": [last.subject]})
    assert states(world, 2)[3] is TaskState.OPEN
    claims = {f"claim-{task_id}": "complete" for task_id in task_ids(world, last)}
    told = {"result": "ทำแล้ว", "problems_answer": "none", "suggestions_answer": "none"}
    assert signed_in("head2").post(last.path, claims | told).status_code == 303
    assert states(world, 2)[3] is TaskState.SUBMITTED


def test_withdrawn_minutes_reopen_what_rested_on_them_and_nothing_else(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-10-05"))
    resting, own = group_of(world, 2, 4), group_of(world, 3, 4)
    person = signed_in("coordinator")
    person.post(PATH, {"file": minutes(), "group": [resting.subject, own.subject]})
    [one] = proofs(world, resting)
    prove(world, own, now=at("2026-10-05"))
    for place, group in ((2, resting), (3, own)):
        report(world, group, Claim.COMPLETE, who=f"head{place}", now=at("2026-10-05"))
    assert (
        signed_in("head2").post(f"/evidence/{one.id}/withdraw", {f"reason-{one.id}": "ผิด"}).status_code == 404
    )
    assert person.post(f"/evidence/{one.id}/withdraw", {f"reason-{one.id}": "ผิดครั้ง"}).status_code == 303
    assert (states(world, 2)[3], states(world, 3)[3]) == (TaskState.IN_PROGRESS, TaskState.SUBMITTED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"group": []}, "groups"),
        ({"file": (BytesIO(b""), "")}, "file"),
        ({"file": (BytesIO(b"x"), "รายงาน.doc")}, "file"),
        ({"held_on": "เมื่อวาน"}, "held_on"),
        ({"held_on": "1 ก.พ. 2569"}, "held_on"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_the_ticks_stay(
    world: World, signed_in: SignedIn, changes: dict[str, Any], field: str
) -> None:
    given = {"file": minutes(), "group": ticked(world, 2), "caption": "ครั้งที่ ๑"} | changes
    answer = signed_in("coordinator").post(PATH, given)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(page.beside) == {field}
    assert page.form(PATH)["caption"] == "ครั้งที่ ๑"
    assert ("checked" in answer.text) is (field != "groups")
    assert proofs(world, group_of(world, 2)) == []
    assert list(world.app.extensions["tracker.config"].evidence_folder.glob("*/*")) == []


def test_a_group_that_was_settled_meanwhile_is_left_out_and_said(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    answer = person.post(PATH, {"file": minutes(), "group": ticked(world, 1, 2)})
    assert "ข้าม 1 เรื่อง" in person.get(answer.location).text.replace("\u00a0", " ")
    assert proofs(world, group_of(world, 1)) == []


def test_without_anything_to_speak_of_the_page_says_what_to_do(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2025-11-03"))
    approve(world, group_of(world, 0))
    page = signed_in("coordinator").get(PATH)
    assert "ไม่มีเรื่องเข้าที่ประชุม" in page.text
    assert "/plan/2569/tasks" in page.links


def test_nothing_is_attached_to_a_closed_year(world: World, signed_in: SignedIn) -> None:
    approve(world, group_of(world, 0))
    settle(world, JANUARY)
    person = signed_in("coordinator")
    person.post("/report/2569/close")
    assert "จึงแนบเพิ่มไม่ได้" in person.get(PATH).text
    assert person.post(PATH, {"file": minutes(), "group": ticked(world, 2)}).status_code == 422
    assert proofs(world, group_of(world, 2)) == []
