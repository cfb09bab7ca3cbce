"""The page of a group tells what became of it: who did what, when and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report, send_back, task_ids
from tests.world import World, at
from tracker.groups import Group

SignedIn = Callable[[str], Browser]
DUE = {"due_on": "30 ม.ค. 2569", "why": "รอผลตรวจ"}


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def told(browser: Browser, group: Group) -> str:
    text = Page(browser.open(f"{path_of(group)}?review=1").text).text
    return text.partition("ประวัติของงาน")[2].partition("ส่งต่อ")[0].replace("\xa0", " ")


def path_of(group: Group) -> str:
    return f"/work/{group.item_id}/{group.division_id}/{group.quarter}"


def test_every_attempt_and_decision_stands_with_its_person_day_and_reason(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    group, coordinator = group_of(world), signed_in("coordinator")
    report(world, group, now=at("2025-12-10"))
    send_back(world, group, now=at("2025-12-11"), note="ขอจำนวนเล่ม")
    report(world, group, now=at("2025-12-12"))
    approve(world, group, now=at("2025-12-15"))
    coordinator.post(f"{path_of(group)}/reopen", {"reason": "ขอแก้จำนวนเล่ม"})
    clock.move_to(at("2025-12-17", "09:30"))
    coordinator.post(f"{path_of(group)}/postpone", DUE)
    lines = [
        "เลื่อนกำหนดส่ง · กำหนดเดิม 31 ธ.ค. 2568 เป็น 30 ม.ค. 2569 · “รอผลตรวจ” 17 ธันวาคม 2568",
        "เปิดงานให้แก้ไขใหม่ · “ขอแก้จำนวนเล่ม” 17 ธันวาคม 2568",
        "อนุมัติผลงาน · ครั้งที่ 2 15 ธันวาคม 2568",
        "รายงานผลงาน · ครั้งที่ 2 12 ธันวาคม 2568",
        "ส่งผลงานกลับให้แก้ · ครั้งที่ 1 · “ขอจำนวนเล่ม” 11 ธันวาคม 2568",
        "รายงานผลงาน · ครั้งที่ 1 10 ธันวาคม 2568",
    ]
    text = told(coordinator, group)
    places = [text.find(line) for line in lines]
    assert -1 not in places, text
    assert places == sorted(places)
    assert "ผู้ประสานงานแผน" in text


def test_what_was_taken_back_is_told_too_and_can_be_from_the_page_itself(
    world: World, signed_in: SignedIn
) -> None:
    group, coordinator = group_of(world), signed_in("coordinator")
    coordinator.post(f"{path_of(group)}/postpone", DUE)
    page = Page(coordinator.open(f"{path_of(group)}?review=1").text)
    (undo,) = [form["action"] for form in page.forms if "/undo/" in str(form.get("action"))]
    coordinator.post(str(undo))
    assert told(coordinator, group).lstrip().startswith("เลิกทำการตัดสินใจ · เลื่อนกำหนดส่ง")


def test_a_cancelled_measure_is_named(world: World, signed_in: SignedIn) -> None:
    group, coordinator = group_of(world), signed_in("coordinator")
    coordinator.post(f"/work/task/{task_ids(world, group)[1]}/cancel", {"reason": "งบประมาณถูกโอน"})
    assert "ยกเลิกงาน · จัดทำคู่มือการให้บริการ เล่มที่ 2 · “งบประมาณถูกโอน”" in told(coordinator, group)


def test_a_group_of_which_nothing_is_known_shows_no_empty_history(world: World, signed_in: SignedIn) -> None:
    assert "ประวัติของงาน" not in signed_in("clerk").open(path_of(group_of(world))).text


def test_a_decision_without_its_reason_is_answered_beside_its_field_and_keeps_what_was_typed(
    world: World, signed_in: SignedIn
) -> None:
    group, coordinator = group_of(world), signed_in("coordinator")
    answer = coordinator.post(f"{path_of(group)}/postpone", DUE | {"due_on": "วันไหนดี"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "อ่านวันที่ไม่ได้" in page.beside["due_on"]
    assert page.form(f"{path_of(group)}/postpone")["why"] == "รอผลตรวจ"
    answer = coordinator.post(f"{path_of(group)}/postpone", DUE | {"why": " "})
    assert Page(answer.text).beside["why"] == "กรุณาระบุเหตุผล"
    task_id = task_ids(world, group)[1]
    answer = coordinator.post(f"/work/task/{task_id}/cancel", {"reason": ""})
    assert Page(answer.text).beside[f"cancel-{task_id}"] == "กรุณาระบุเหตุผล"
    report(world, group)
    answer = coordinator.post(f"{path_of(group)}/send-back", {"note": ""})
    assert Page(answer.text).beside["note"] == "กรุณาเขียนว่าต้องแก้ไขอะไร"
    approve(world, group)
    answer = coordinator.post(f"{path_of(group)}/reopen", {"reason": ""})
    assert Page(answer.text).beside["reason"] == "กรุณาระบุเหตุผล"
