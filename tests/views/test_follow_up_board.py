"""The coordinator's board of rounds: counts by division, the last prompt, the link for a chat."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import event, select

from tests.client import Browser
from tests.deeds import approve, follow_up_of, group_of, report
from tests.views.test_follow_up import filled, lines
from tests.world import World, at
from tracker.actions import reminding
from tracker.database import db
from tracker.models import JournalEntry

SignedIn = Callable[[str], Browser]
BOARD = "/follow-up/year/2569"


@pytest.fixture
def april(world: World, clock: time_machine.Traveller) -> None:
    """The six-month round is open: one division told all by its quarters, one wrote half, one has answered."""
    world.adopted_plan()
    for quarter, day in ((1, "2025-12-17"), (2, "2026-03-20")):
        report(world, group_of(world, 0, quarter), now=at(day))
        approve(world, group_of(world, 0, quarter), at(day))
    clock.move_to(at("2026-04-02"))


def rows(person: Browser) -> dict[str, str]:
    """The words of each division's row of the open round."""
    text = person.get(BOARD).text.replace("\u00a0", " ").split("รอบ 12 เดือน")[0].split("สถานะ", 1)[1]
    names = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน")
    found = {}
    for name, after in zip(names, (*names[1:], None), strict=True):
        found[name] = text.split(name, 1)[1].split(f" {after} ")[0] if after else text.split(name, 1)[1]
    return found


@pytest.mark.usefixtures("april")
def test_each_division_shows_what_is_answered_to_be_confirmed_and_missing(
    world: World, signed_in: SignedIn
) -> None:
    second, third = follow_up_of(world, 1), follow_up_of(world, 2)
    half = {k: v for k, v in filled(world, second).items() if f"-{lines(world, second)[0].id}" in k}
    signed_in("head1").post(f"/follow-up/{second}", half | {"draft": "1"})
    signed_in("head2").post(f"/follow-up/{third}", filled(world, third))
    person = signed_in("coordinator")
    told = rows(person)
    assert "0 จาก 2 ข้อ 0% 0% 2 ข้อ –" in told["สำนักปลัด"]
    assert "1 จาก 2 ข้อ 50% 50% – 1 ข้อ" in told["กองคลัง"]
    assert "2 จาก 2 ข้อ 100% 100% – –" in told["กองช่าง"]
    assert "0 จาก 2 ข้อ 0% 0% – 2 ข้อ" in told["กองการศึกษา"]
    page = person.get(BOARD)
    assert "ตอบแล้ว 1 จาก 5 กอง" in page.text.replace("\u00a0", " ")
    assert "ยังไม่เปิดตอบ จะถาม 5 กองวันที่ 1 ต.ค. 2569" in page.text.replace("\u00a0", " ")
    asked = [form["action"] for form in page.forms if str(form.get("action")).endswith("/line")]
    assert f"/follow-up/{third}/line" not in asked
    assert len(asked) == 4


def test_a_round_that_asks_nothing_is_never_late(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    """Its task is, and says so itself."""
    world.adopted_plan(follow_up="quarterly")
    clock.move_to(at("2026-03-02"))
    page = signed_in("coordinator").get(BOARD)
    assert "รอการอนุมัติงาน" in page.text
    assert "เกินกำหนด" not in page.text


@pytest.mark.usefixtures("april")
def test_the_last_prompt_says_when_and_whom(world: World, signed_in: SignedIn) -> None:
    assert "ยังไม่เคยเตือน" in rows(signed_in("coordinator"))["กองคลัง"]
    with world.write():
        reminding.plan_day(now=at("2026-04-01", "08:30"))
    told = rows(signed_in("coordinator"))["กองคลัง"]
    assert "1 เม.ย. 2569 · ผู้อำนวยการกองคลัง · เปิดรอบ" in told


@pytest.mark.usefixtures("april")
def test_a_reminder_for_a_chat_opens_the_form_without_a_login(
    world: World, signed_in: SignedIn, browser: Browser
) -> None:
    follow_up_id = follow_up_of(world, 1)
    person = signed_in("coordinator")
    answer = person.post(f"/follow-up/{follow_up_id}/line")
    assert (answer.status_code, answer.location[-5:]) == (303, "/line")
    text = person.get(answer.location).text
    assert "ตอบการติดตามผล" in text
    door = answer.location.removesuffix("/line")
    form = f"{door}/follow-up/{follow_up_id}"
    assert "ยังขาด 2 ข้อ คือข้อ 1, 2" in browser.get(form).text.replace("\u00a0", " ")
    with world.read():
        entry = db.session.scalars(select(JournalEntry).where(JournalEntry.deed == "link.shared")).one()
        assert entry.details["division"] == world.division_ids[1]
        db.session.rollback()


@pytest.mark.usefixtures("april")
def test_there_is_no_link_for_a_round_that_has_its_answer_or_is_another_division_s(
    world: World, signed_in: SignedIn
) -> None:
    done, later = follow_up_of(world, 2), follow_up_of(world, 2, "twelve_months")
    signed_in("head2").post(f"/follow-up/{done}", filled(world, done))
    person = signed_in("coordinator")
    for follow_up_id in (done, later):
        assert person.post(f"/follow-up/{follow_up_id}/line").location == BOARD
    assert signed_in("head1").post(f"/follow-up/{done}/line").status_code == 404
    assert signed_in("chief").post(f"/follow-up/{done}/line").status_code == 403


@pytest.mark.usefixtures("april")
def test_a_head_sees_the_own_counts_only(world: World, signed_in: SignedIn) -> None:
    text = signed_in("head1").get(BOARD).text.replace("\u00a0", " ")
    assert "0 จาก 2 ข้อ" in text
    assert "กองช่าง" not in text


@pytest.mark.usefixtures("april")
def test_the_board_asks_the_database_a_fixed_number_of_times(world: World, signed_in: SignedIn) -> None:
    """Ten follow-ups of two lines each: one question a follow-up would make it 30 and more."""
    person = signed_in("coordinator")
    person.get(BOARD)
    asked: list[object] = []

    def note(*told: object) -> None:
        asked.append(told[2])

    event.listen(db.engine, "before_cursor_execute", note)
    person.get(BOARD)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) <= 18


def test_without_a_plan_the_board_says_what_to_do(signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/follow-up/year/2570")
    assert "ยังไม่มีแผนของปีนี้" in page.text
    assert "/plan/2570" in page.links
    assert "ยังไม่มีแผนของปีนี้" in signed_in("chief").get("/follow-up/year/2570").text


def test_a_draft_has_no_rounds_yet(world: World, signed_in: SignedIn) -> None:
    with world.write():
        world.add_plan([])
    assert "แผนยังเป็นร่าง" in signed_in("coordinator").get(BOARD).text
