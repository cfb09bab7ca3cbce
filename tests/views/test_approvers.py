"""The position that approves a division's reports: set, shown, asked, and able to do this and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.deeds import approve, chain_faults, group_of, report, states
from tests.world import World, at
from tracker.actions import reminding, reshaping
from tracker.database import current_organisation, db
from tracker.models import Approver, Position
from tracker.rules.permissions import SYSTEM, Deed, may
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")


def position(world: World, title: str) -> int:
    with world.read():
        db.session.rollback()
        found = db.session.scalars(select(Position.id).where(Position.title == title)).one()
        db.session.rollback()
    return found


def set_approver(world: World, place: int, title: str) -> None:
    wanted = {world.division_ids[place]: position(world, title)}
    with world.write():
        reshaping.set_approval(None, wanted, now=NOW, by=SYSTEM)


def set_for(world: World) -> dict[int, int]:
    with world.read():
        db.session.rollback()
        found = {row.division_id: row.position_id for row in db.session.scalars(select(Approver))}
        db.session.rollback()
    return found


@pytest.fixture
def waiting(world: World) -> World:
    """Two divisions have reported; the clerk approves for the second."""
    world.adopted_plan()
    for place in (0, 1):
        report(world, group_of(world, place), who=f"head{place}")
    set_approver(world, 1, "ปลัดองค์การบริหารส่วนตำบล")
    return world


def work(world: World, place: int) -> str:
    return f"/work/1/{world.division_ids[place]}/1"


def test_the_switch_and_the_approvers_are_set_and_taken_back(world: World, signed_in: SignedIn) -> None:
    desk = signed_in("coordinator")
    field, clerk = f"approver-{world.division_ids[1]}", position(world, "ปลัดองค์การบริหารส่วนตำบล")
    assert "/settings/approval" in desk.get("/settings").links
    assert desk.post("/settings/approval", {"approval": "yes", field: str(clerk)}).status_code == 303
    assert set_for(world) == {world.division_ids[1]: clerk}
    shown = desk.open("/settings/approval").text
    assert f'<option value="{clerk}" selected>' in shown
    assert "ตรวจก่อนเสมอ · ผู้อนุมัติเฉพาะ 1 ส่วนราชการ" in desk.get("/settings").text
    other = position(world, "หัวหน้าสำนักปลัด")
    assert desk.post("/settings/approval", {"approval": "no", field: str(other)}).status_code == 303
    assert set_for(world) == {world.division_ids[1]: other}
    assert desk.post("/settings/approval", {"approval": "", field: ""}).status_code == 303
    assert set_for(world) == {}
    with world.read():
        assert current_organisation().approval is None
        db.session.rollback()
    assert chain_faults(world) == []


@pytest.mark.parametrize("wanted", ["ผู้อำนวยการกองคลัง", "999999", "x", "99999999999"])
def test_an_approver_is_a_position_outside_the_division(
    world: World, signed_in: SignedIn, wanted: str
) -> None:
    field = f"approver-{world.division_ids[1]}"
    value = str(position(world, wanted)) if wanted.startswith("ผู้") else wanted
    answer = signed_in("coordinator").post("/settings/approval", {"approval": "no", field: value})
    assert answer.status_code == 422
    assert f"{field}-error" in answer.text
    assert set_for(world) == {}


def test_who_approves_is_changed_after_the_password_was_given_again(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    desk = signed_in("coordinator")
    clock.move_to(at("2025-12-17", "09:20"))
    assert "/account/confirm?next=/settings/approval" in desk.get("/settings/approval").links
    assert desk.post("/settings/approval", {"approval": "no"}).location.startswith("/account/confirm")


def test_an_approver_decides_for_the_division_and_for_no_other(waiting: World, signed_in: SignedIn) -> None:
    clerk = signed_in("clerk")
    assert "ตรวจงาน 1 เรื่อง" in clerk.get("/plan/2569").text.replace("\u00a0", " ")
    listed = clerk.get("/plan/2569/waiting").links
    assert [f"{work(waiting, place)}?review=1" in listed for place in (0, 1)] == [False, True]
    own, other = (clerk.get(f"{work(waiting, place)}?review=1") for place in (1, 0))
    assert f"{work(waiting, 1)}/approve" in [form.get("action") for form in own.forms]
    assert not any("/approve" in str(form.get("action")) for form in other.forms)
    for place, status in ((0, 404), (1, 303)):
        assert clerk.post(f"{work(waiting, place)}/approve").status_code == status
    assert states(waiting, 1)[0] is TaskState.APPROVED
    assert states(waiting, 0)[0] is TaskState.SUBMITTED
    assert clerk.post(f"{work(waiting, 0)}/send-back", {"note": "แก้"}).status_code == 404


def test_an_approver_decides_many_at_once_and_takes_it_back(waiting: World, signed_in: SignedIn) -> None:
    clerk = signed_in("clerk")
    groups = [f"1-{waiting.division_ids[place]}-1" for place in (0, 1)]
    page = clerk.open("/plan/2569/measures").text
    assert [f'value="{group}"' in page for group in groups] == [False, True]
    assert clerk.post("/plan/2569/decide", {"group": groups}).status_code == 404
    assert states(waiting, 1)[0] is TaskState.SUBMITTED
    assert clerk.post("/plan/2569/decide", {"group": groups[1:]}).status_code == 303
    assert states(waiting, 1)[0] is TaskState.APPROVED
    [undo] = [
        str(form["action"])
        for form in clerk.get("/plan/2569/measures").forms
        if "/undo/" in str(form.get("action"))
    ]
    assert clerk.post(undo).status_code == 303
    assert states(waiting, 1)[0] is TaskState.SUBMITTED


@pytest.mark.parametrize("deed", ["reopen", "postpone"])
def test_an_approver_neither_reopens_nor_moves_work(waiting: World, signed_in: SignedIn, deed: str) -> None:
    approve(waiting, group_of(waiting, 1))
    clerk = signed_in("clerk")
    given = {"reason": "x", "why": "x", "due_on": "16 ม.ค. 2570"}
    assert clerk.post(f"{work(waiting, 1)}/{deed}", given).status_code == 403
    assert not any(
        f"/{deed}" in str(form.get("action")) for form in clerk.get(f"{work(waiting, 1)}?review=1").forms
    )


def test_a_head_who_approves_for_another_division_still_reports_only_for_the_own(
    world: World, signed_in: SignedIn
) -> None:
    world.adopted_plan()
    report(world, group_of(world, 1), who="head1")
    set_approver(world, 1, "หัวหน้าสำนักปลัด")
    head = signed_in("head0")
    assert head.post(f"{work(world, 1)}/approve").status_code == 303
    assert head.post(f"{work(world, 1)}/withdraw").status_code == 404
    assert signed_in("head2").post(f"{work(world, 1)}/approve").status_code == 403


def test_what_waits_is_told_to_the_approver_instead_of_the_coordinator(waiting: World) -> None:
    with waiting.write():
        told = reminding.plan_day(now=at("2025-12-18", "08:30"))
        found = {
            digest.address: [line.division for line in digest.lines if line.section == "approval"]
            for digest in told.digests
        }
    assert found["coordinator@tuayang.example"] == ["สำนักปลัด"]
    assert found["clerk@tuayang.example"] == ["กองคลัง"]


def test_who_approves_is_asked_by_division_and_never_by_a_link(waiting: World) -> None:
    with waiting.read():
        clerk = waiting.actor("clerk", NOW)
        db.session.rollback()
    assert may(clerk, Deed.APPROVE)
    assert may(clerk, Deed.APPROVE, waiting.division_ids[1])
    assert not may(clerk, Deed.APPROVE, waiting.division_ids[0])
    assert not may(replace(clerk, link_id=1), Deed.APPROVE, waiting.division_ids[1])
