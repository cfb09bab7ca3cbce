"""The pages on which a plan is written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import World, at
from tracker.actions import organising
from tracker.database import db
from tracker.models import Plan, PlanItem, PlanState, Task
from tracker.rules.permissions import SYSTEM
from tracker.rules.states import TaskState

BASE = "/plan/2569"
SignedIn = Callable[[str], Browser]


@pytest.fixture
def coordinator(world: World, signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


@pytest.fixture
def fields(world: World) -> dict[str, Any]:
    """A whole item as it is typed."""
    return {
        "subject": "indicator-2",
        "measures": ["เปิดเผยแผนการใช้จ่าย\nรายงานการใช้จ่าย", "  ", "ประชุมชี้แจง"],
        "steps": ["รวบรวมข้อมูล"],
        "quarters": ["1", "2"],
        "divisions": [str(one) for one in world.division_ids[:2]],
        "follow_up": "six_twelve",
    }


def items(world: World) -> list[PlanItem]:
    with world.read():
        found = list(db.session.scalars(select(PlanItem).order_by(PlanItem.plan_id, PlanItem.number)))
        for item in found:
            _ = [*item.measures, *item.steps, *item.divisions]
        db.session.expunge_all()
        db.session.rollback()
    return found


def went(answer: Any) -> str:
    """Where the answer leads."""
    assert answer.status_code == 303, Page(answer.text).text[-400:]
    return str(answer.location)


def test_the_empty_dashboard_leads_to_the_start(coordinator: Browser) -> None:
    assert f"{BASE}/start" in coordinator.get(BASE).links


def test_a_plan_by_hand_from_nothing_to_tasks(
    coordinator: Browser, world: World, fields: dict[str, Any]
) -> None:
    assert went(coordinator.post(f"{BASE}/start", {"way": "empty"})) == f"{BASE}/draft"
    assert "ร่างนี้ยังไม่มีรายการ" in coordinator.get(f"{BASE}/draft").text
    assert f"{BASE}/draft" in coordinator.get(f"{BASE}/start").links
    went(coordinator.post(f"{BASE}/draft/item", fields))
    [item] = items(world)
    assert [measure.title for measure in item.measures] == [
        "เปิดเผยแผนการใช้จ่าย",
        "รายงานการใช้จ่าย",
        "ประชุมชี้แจง",
    ]
    assert (item.heading, item.indicator, item.follow_up_kind) == ("การใช้งบประมาณ", 2, "six_twelve")
    assert (item.starts_on, item.ends_on) == (date(2025, 10, 1), date(2026, 3, 31))
    page = coordinator.get(f"{BASE}/draft")
    assert "จะเกิดงาน 12 งาน ใน 4 แบบรายงาน" in page.text.replace("\u00a0", " ")
    answer = coordinator.post(f"{BASE}/draft", {"signer": "นายก อบต.", "document_on": "1 ธ.ค. 2568"})
    assert went(answer) == BASE
    with world.read():
        plan = db.session.scalars(select(Plan)).one()
        assert (plan.state, plan.signer, plan.signed_on) == (
            PlanState.ADOPTED,
            "นายก อบต.",
            date(2025, 12, 1),
        )
        assert len(db.session.scalars(select(Task)).all()) == 12


def test_past_quarters_are_dropped_with_a_reason(
    coordinator: Browser, world: World, fields: dict[str, Any]
) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    coordinator.post(f"{BASE}/draft/item", fields)
    answer = coordinator.post(f"{BASE}/draft", {"drop_past": "y"})
    assert answer.status_code == 422
    assert "drop_reason" in Page(answer.text).beside
    assert items(world)
    went(coordinator.post(f"{BASE}/draft", {"drop_past": "y", "drop_reason": "เริ่มใช้ระบบกลางปี"}))
    with world.read():
        tasks = db.session.scalars(select(Task)).all()
        assert {(task.quarter, task.state) for task in tasks} == {
            (1, TaskState.CANCELLED),
            (2, TaskState.OPEN),
        }


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"measures": [" "]}, "measures"),
        ({"measures": ["ก" * 20_001]}, "measures"),
        ({"quarters": []}, "window"),
        ({"quarters": ["1", "3"]}, "window"),
        ({"starts_on": "1 ต.ค. 2568", "ends_on": "31 ธ.ค. 2568"}, "window"),
        ({"quarters": [], "starts_on": "1 ต.ค. 2568", "ends_on": "วันหนึ่ง"}, "ends_on"),
        ({"quarters": [], "starts_on": "1 ต.ค. 2570", "ends_on": "31 ต.ค. 2570"}, "window"),
        ({"divisions": []}, "divisions"),
        ({"follow_up": "months", "follow_up_months": "เดือนหน้า"}, "follow_up_months"),
        ({"follow_up": "months", "follow_up_months": ""}, "follow_up"),
        ({"follow_up": "at_least_per_year", "follow_up_n": "สอง"}, "follow_up_n"),
        ({"heading": "ก" * 501}, "heading"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field_and_what_was_typed_stays(
    coordinator: Browser, world: World, fields: dict[str, Any], wrong: dict[str, Any], field: str
) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    answer = coordinator.post(f"{BASE}/draft/item", fields | {"analysis": "ควรเร่งรัด"} | wrong)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert set(page.beside) == {field}
    assert page.form(f"{BASE}/draft/item")["analysis"] == "ควรเร่งรัด"
    assert items(world) == []


def test_buttons_beside_a_line_show_the_form_again_and_store_nothing(
    coordinator: Browser, world: World, fields: dict[str, Any]
) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    typed = fields | {"measures": ["ก", "ข", "ค"]}

    def after(change: str) -> list[str]:
        answer = coordinator.post(f"{BASE}/draft/item", typed | {"change": change})
        assert answer.status_code == 200
        shown = answer.text.split('<textarea class="form-control" name="measures"')[1:]
        return [part.partition(">")[2].partition("</textarea>")[0].strip() for part in shown]

    assert after("measures-2-up") == ["ก", "ค", "ข"]
    assert after("measures-0-down") == ["ข", "ก", "ค"]
    assert after("measures-1-remove") == ["ก", "ค"]
    assert after("measures-2-add") == ["ก", "ข", "ค", ""]
    assert after("measures-0-up") == ["ก", "ข", "ค"]
    assert items(world) == []


def test_an_item_is_shown_as_it_was_stored_and_saving_it_changes_nothing(
    coordinator: Browser, world: World, fields: dict[str, Any]
) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    months = {"follow_up": "months", "follow_up_months": "ม.ค. 2569 และ เม.ย."}
    coordinator.post(
        f"{BASE}/draft/item", fields | months | {"targets": ["ร้อยละ 80"], "analysis": "บรรทัด 1\r\nบรรทัด 2"}
    )
    [item] = items(world)
    assert item.follow_up_months == ["2026-01", "2026-04"]
    address = f"{BASE}/draft/item/{item.id}"
    page = coordinator.get(address)
    form = page.form(address)
    assert (form["heading"], form["follow_up_months"]) == ("การใช้งบประมาณ", "ม.ค. 2569, เม.ย. 2569")
    again = (
        fields
        | months
        | {
            "measures": [measure.title for measure in item.measures],
            "heading": form["heading"],
            "analysis": form["analysis"],
            "follow_up_months": form["follow_up_months"],
            "targets": ["ร้อยละ 80"],
        }
    )
    went(coordinator.post(address, again))
    assert "เลิกทำ: เพิ่มรายการที่ 1" in coordinator.get(f"{BASE}/draft").text.replace("\u00a0", " ")


def test_each_change_is_undone(coordinator: Browser, world: World, fields: dict[str, Any]) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    for heading in ("ก", "ข"):
        coordinator.post(f"{BASE}/draft/item", fields | {"heading": heading})
    first, second = items(world)
    went(coordinator.post(f"{BASE}/draft/item/{second.id}/place", {"deed": "up"}))
    assert [item.heading for item in items(world)] == ["ข", "ก"]
    went(coordinator.post(f"{BASE}/draft/item/{first.id}/place", {"deed": "remove"}))
    assert [item.heading for item in items(world)] == ["ข"]
    went(coordinator.post(f"{BASE}/draft/undo"))
    assert [item.heading for item in items(world)] == ["ข", "ก"]
    went(coordinator.post(f"{BASE}/draft/undo"))
    assert [item.heading for item in items(world)] == ["ก", "ข"]
    went(coordinator.post(f"{BASE}/draft/undo"))
    went(coordinator.post(f"{BASE}/draft/undo"))
    assert coordinator.post(f"{BASE}/draft/undo").status_code == 422


def test_last_years_plan_is_carried_over_with_its_results(coordinator: Browser, world: World) -> None:
    world.adopted_plan()
    page = coordinator.get("/plan/2570/start")
    assert "แผนปี 2569 มี 1 รายการ" in page.text.replace("\u00a0", " ")
    went(coordinator.post("/plan/2570/start", {"way": "carry"}))
    draft = coordinator.get("/plan/2570/draft").text.replace("\u00a0", " ")
    assert "จัดทำคู่มือการให้บริการ เล่มที่ 1" in draft
    assert "1 ต.ค. 2569 – 30 ก.ย. 2570" in draft
    assert "ไม่มีผลของปี 2569" in draft


def test_a_draft_is_thrown_away_only_after_a_question(
    coordinator: Browser, world: World, fields: dict[str, Any]
) -> None:
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    coordinator.post(f"{BASE}/draft/item", fields)
    assert "ทิ้งแล้วนำกลับมาไม่ได้" in coordinator.get(f"{BASE}/draft/discard").text
    assert len(items(world)) == 1
    assert went(coordinator.post(f"{BASE}/draft/discard")) == f"{BASE}/start"
    assert items(world) == []
    assert coordinator.open(f"{BASE}/draft").status_code == 404


def test_an_unfinished_item_keeps_the_plan_from_being_adopted(coordinator: Browser, world: World) -> None:
    with world.write():
        world.add_plan(
            [(1, [], date(2025, 10, 1), date(2026, 9, 30)), (1, [0], date(2025, 10, 1), date(2026, 10, 31))]
        )
    page = coordinator.get(f"{BASE}/draft").text
    assert "ยังไม่มีผู้รับผิดชอบ" in page
    assert "ระยะเวลาไม่อยู่ในปีงบประมาณ" in page
    assert coordinator.post(f"{BASE}/draft").status_code == 422
    with world.read():
        assert db.session.scalars(select(Plan.state)).one() is PlanState.DRAFT


@pytest.mark.parametrize("path", ["draft", "draft/item", "draft/discard"])
def test_an_adopted_plan_answers_with_a_sentence(coordinator: Browser, world: World, path: str) -> None:
    world.adopted_plan()
    assert "ประกาศใช้แล้ว" in coordinator.get(f"{BASE}/{path}", 422).text
    assert "ประกาศใช้แล้ว" in Page(coordinator.post(f"{BASE}/{path}").text).text
    assert "ประกาศใช้แล้ว" in coordinator.get(f"{BASE}/start").text
    assert coordinator.post(f"{BASE}/start", {"way": "empty"}).status_code == 422


def test_items_of_others_do_not_exist(coordinator: Browser, world: World, fields: dict[str, Any]) -> None:
    neighbour = World(world.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
    with neighbour.write():
        neighbour.add_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])
    [foreign] = items(neighbour)
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    for path, data in ((f"item/{foreign.id}", fields), (f"item/{foreign.id}/place", {"deed": "remove"})):
        assert coordinator.post(f"{BASE}/draft/{path}", data).status_code == 404
    assert coordinator.open(f"{BASE}/draft/item/{foreign.id}").status_code == 404
    foreign_division = fields | {"divisions": [str(neighbour.division_ids[0])]}
    answer = coordinator.post(f"{BASE}/draft/item", foreign_division)
    assert set(Page(answer.text).beside) == {"divisions"}
    assert [item.heading for item in items(neighbour)] == ["การปฏิบัติหน้าที่"]


def test_an_item_of_another_year_is_not_in_this_draft(coordinator: Browser, world: World) -> None:
    world.adopted_plan()
    [item] = items(world)
    coordinator.post("/plan/2570/start", {"way": "empty"})
    assert coordinator.open(f"/plan/2570/draft/item/{item.id}").status_code == 404


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
def test_only_the_coordinator_writes_plans(world: World, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(who)
    for path in ("start", "draft/item", "draft/discard", "form.docx"):
        assert browser.open(f"{BASE}/{path}").status_code == 403
    for path in ("start", "draft", "draft/item", "draft/discard", "draft/undo", "draft/item/1/place"):
        assert browser.post(f"{BASE}/{path}").status_code == 403


def test_a_draft_is_read_by_who_oversees_and_offers_them_nothing_to_change(
    coordinator: Browser, world: World, signed_in: SignedIn, fields: dict[str, Any]
) -> None:
    with world.write():
        user = organising.add_user("auditor@tuayang.example", "ผู้ตรวจสอบ", now=at("2025-12-20"), by=SYSTEM)
        user.auditor = True
        db.session.flush()
        world.users["auditor"] = user.id
    coordinator.post(f"{BASE}/start", {"way": "empty"})
    for who in ("clerk", "chief", "auditor"):
        assert "ร่างนี้ยังไม่มีรายการ" in signed_in(who).get(f"{BASE}/draft").text
    coordinator.post(f"{BASE}/draft/item", fields)
    for who in ("clerk", "chief", "auditor"):
        reader = signed_in(who)
        assert f"{BASE}/draft" in reader.get(BASE).links
        page = reader.get(f"{BASE}/draft")
        assert "รายงานการใช้จ่าย" in page.text
        assert not [form for form in page.forms if str(form.get("action")).startswith("/plan")]
        assert not [link for link in page.links if link.startswith(f"{BASE}/draft/")]
    head = signed_in("head0")
    assert f"{BASE}/draft" not in head.get(BASE).links
    assert head.open(f"{BASE}/draft").status_code == 403


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_our_own_form_is_downloaded(coordinator: Browser, ending: str) -> None:
    assert f"{BASE}/form.{ending}" in coordinator.get(f"{BASE}/start").links
    answer = coordinator.open(f"{BASE}/form.{ending}")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data[:2] == b"PK"
    if ending == "docx":
        assert len(Document(BytesIO(answer.data)).tables) == 1


@pytest.mark.parametrize(
    "path", ["/plan/2569/form.pdf", "/plan/1/start", "/plan/9999/form.docx", "/plan/2569/draft"]
)
def test_what_does_not_exist_is_not_found(coordinator: Browser, path: str) -> None:
    assert coordinator.open(path).status_code == 404
