"""Measures against quarters: what stands where, and decisions on many groups with ten minutes to think again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine

from tests.client import Browser, Page
from tests.deeds import DECEMBER, approve, group_of, report, states
from tests.world import World
from tracker.groups import Group
from tracker.rules.claims import Claim
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
PAGE = "/plan/2569/measures"
S = TaskState


@pytest.fixture
def lived(world: World, clock: time_machine.Traveller) -> World:
    """December: two measures of all five divisions; three divisions wait for approval of their first quarter."""
    world.adopted_plan()
    for place in range(3):
        report(world, group_of(world, place), Claim.AS_PLANNED, who=f"head{place}")
    clock.move_to(DECEMBER + timedelta(hours=1))
    return world


def box(group: Group) -> str:
    return f"{group.item_id}-{group.division_id}-{group.quarter}"


def decide(browser: Browser, groups: list[Group], act: str = "approve", note: str = "") -> str:
    answer = browser.post(
        "/plan/2569/decide", {"group": [box(group) for group in groups], "act": act, "note": note}
    )
    assert answer.status_code == 303
    return browser.get(answer.location).text


def boxes(browser: Browser, query: str = "") -> int:
    return browser.open(PAGE + query).text.count('name="group"')


def test_each_task_stands_in_its_quarter_and_many_of_one_look_together(
    lived: World, signed_in: SignedIn
) -> None:
    page = signed_in("coordinator").get(PAGE)
    text = page.text.replace("\u00a0", " ")
    assert "มาตรการ 2 เรื่อง 40 งาน" in text
    assert "ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่ เสร็จ 0 จาก 40 งาน" in text
    assert text.count("5 กอง") == 6
    assert text.count("รออนุมัติ") >= 6


def test_a_group_has_one_box_and_only_for_who_decides(lived: World, signed_in: SignedIn) -> None:
    assert boxes(signed_in("coordinator")) == 3
    assert boxes(signed_in("head0")) == 0
    assert boxes(signed_in("chief")) == 0


def test_words_divisions_and_looks_filter(lived: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    assert boxes(browser, f"?division={lived.division_ids[1]}") == 1
    assert boxes(browser, "?look=open") == 0
    assert boxes(browser, "?look=open&look=submitted") == 3
    assert boxes(browser, "?q=เล่มที่ ๒") == 3
    assert "ไม่พบงาน" in browser.get(PAGE + "?q=ไม่มีคำนี้").text


def test_many_are_approved_at_once_and_taken_back(lived: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    shown = decide(browser, [group_of(lived, place) for place in range(3)])
    assert "อนุมัติแล้ว 3 แบบ" in shown.replace("\u00a0", " ")
    assert [states(lived, place)[0] for place in range(3)] == [S.APPROVED] * 3
    [form] = [one for one in browser.get(PAGE).forms if "/undo/" in str(one.get("action"))]
    assert browser.post(str(form["action"])).status_code == 303
    assert [states(lived, place)[0] for place in range(3)] == [S.SUBMITTED] * 3
    assert "เลิกทำได้ถึง" not in browser.get(PAGE).text


def test_after_ten_minutes_nothing_is_offered(
    lived: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    browser = signed_in("coordinator")
    decide(browser, [group_of(lived)])
    [form] = [one for one in browser.get("/plan/2569/waiting").forms if "/undo/" in str(one.get("action"))]
    clock.shift(timedelta(minutes=10))
    assert "เลิกทำได้ถึง" not in browser.get("/plan/2569/waiting").text
    assert browser.post(str(form["action"])).status_code == 422
    assert states(lived)[0] is S.APPROVED


def test_many_are_sent_back_with_one_note(lived: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    groups = [group_of(lived, 0), group_of(lived, 1)]
    decide(browser, groups, "send_back", "แนบภาพกิจกรรม")
    assert [states(lived, place)[0] for place in range(3)] == [S.IN_PROGRESS, S.IN_PROGRESS, S.SUBMITTED]


def test_a_send_back_without_a_note_keeps_the_ticks_and_says_so_beside_the_note(
    lived: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    ticked, left = box(group_of(lived, 1)), box(group_of(lived, 2))
    answer = browser.post(
        "/plan/2569/decide?q=เล่มที่&look=submitted", {"group": [ticked], "act": "send_back", "note": " "}
    )
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.beside["note"] == "กรุณาเขียนว่าต้องแก้ไขอะไร"
    assert f'value="{ticked}" aria-label="เลือกงานของ กองคลัง" checked' in answer.text
    assert f'value="{left}" aria-label="เลือกงานของ กองช่าง">' in answer.text
    [form] = [one for one in page.forms if "/decide" in str(one.get("action"))]
    assert "look=submitted" in str(form["action"])
    assert "q=" in str(form["action"])
    assert states(lived, 1)[0] is S.SUBMITTED


def test_a_note_for_nothing_chosen_stays_typed(lived: World, signed_in: SignedIn) -> None:
    answer = signed_in("coordinator").post("/plan/2569/decide", {"act": "send_back", "note": "แนบภาพกิจกรรม"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.beside["group"] == "ยังไม่ได้เลือกงาน แตะช่องหน้างานที่รออนุมัติก่อน"
    [form] = [one for one in page.forms if "/decide" in str(one.get("action"))]
    assert form["fields"]["note"] == "แนบภาพกิจกรรม"


def test_what_moved_on_meanwhile_is_skipped_and_named(lived: World, signed_in: SignedIn) -> None:
    approve(lived, group_of(lived, 1))
    shown = decide(signed_in("coordinator"), [group_of(lived, 0), group_of(lived, 1)])
    assert "ข้าม 1 แบบที่เปลี่ยนไปแล้ว" in shown.replace("\u00a0", " ")
    assert "กองคลัง" in shown
    assert [states(lived, place)[0] for place in range(3)] == [S.APPROVED, S.APPROVED, S.SUBMITTED]


@pytest.mark.parametrize("told", ["1-2", "1-2-x", "0-1-1", "1-2-3-4", f"{2**31}-1-1", "²-1-1"])
def test_what_is_no_group_is_refused(lived: World, signed_in: SignedIn, told: str) -> None:
    assert signed_in("coordinator").post("/plan/2569/decide", {"group": told}).status_code == 400


def test_another_organisations_decision_does_not_exist(lived: World, signed_in: SignedIn) -> None:
    decide(signed_in("coordinator"), [group_of(lived)])
    other = World(lived.app, "other", "เทศบาลตำบลอื่น")
    stranger = Browser(lived.app).enter(other, "coordinator")
    assert stranger.post("/plan/undo/1").status_code == 404
    assert states(lived)[0] is S.APPROVED


def test_a_year_without_a_plan_says_what_to_do(world: World, signed_in: SignedIn) -> None:
    assert "ยังไม่มีแผนของปีนี้" in signed_in("coordinator").get("/plan/2569/measures").text
    with world.write():
        world.add_plan([(1, range(1), date(2025, 10, 1), date(2026, 9, 30))])
    assert "ยังไม่มีแผนของปีนี้" in signed_in("coordinator").get("/plan/2569/measures").text
