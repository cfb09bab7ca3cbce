"""The pages on which a division is merged into another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import chain_faults
from tests.world import World
from tracker.database import db
from tracker.models import Division, Task

SignedIn = Callable[[str], Browser]
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


def ended(world: World, place: int) -> bool:
    with world.read():
        row = db.session.scalars(select(Division).where(Division.id == world.division_ids[place])).one()
        found = row.ended_on is not None
        db.session.rollback()
    return found


def test_the_preview_changes_nothing_and_the_press_merges(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan([(2, [3], *YEAR), (1, [2, 3], *YEAR)])
    browser = signed_in("coordinator")
    old, new = world.division_ids[3], world.division_ids[2]
    address = f"/settings/divisions/{old}/merge"
    assert address in browser.get(f"/settings/divisions/{old}").links
    assert f'value="{new}"' in browser.open(address).text
    page = browser.get(f"{address}?into={new}").text.replace("\u00a0", " ")
    for words in ("8 งาน ใน 4 แบบรายงาน", "4 งาน เพราะกองช่าง", "ผู้อำนวยการกองช่าง", "ผู้อำนวยการกองการศึกษา"):
        assert words in page
    assert not ended(world, 3)
    assert browser.post(f"{address}/now", {"into": str(new)}).status_code == 303
    assert ended(world, 3)
    with world.read():
        taken = db.session.scalars(select(Task.id).where(Task.division_id == new)).all()
        db.session.rollback()
    assert len(taken) == 12
    assert "รวมเข้ากับกองช่าง" in browser.get(f"/settings/divisions/{old}").text
    assert "ผู้อำนวยการกองการศึกษา" not in browser.get("/settings/people").text
    assert chain_faults(world) == []


def test_a_division_that_cannot_be_merged_or_no_successor_is_said_at_the_field(
    world: World, signed_in: SignedIn
) -> None:
    browser, ids = signed_in("coordinator"), world.division_ids
    for place, into in ((1, ""), (1, "x"), (1, str(ids[1])), (0, str(ids[1]))):
        answer = browser.post(f"/settings/divisions/{ids[place]}/merge/now", {"into": into})
        assert answer.status_code == 422
        assert Page(answer.text).beside["into"]
    assert browser.post(f"/settings/divisions/{ids[1]}/merge/now", {"into": "99999"}).status_code == 404


def test_the_password_is_asked_for_again_after_a_while(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    browser, ids = signed_in("coordinator"), world.division_ids
    clock.shift(timedelta(minutes=20))
    address = f"/settings/divisions/{ids[3]}/merge"
    assert "ยืนยันรหัสผ่าน" in browser.get(f"{address}?into={ids[2]}").text
    assert browser.post(f"{address}/now", {"into": str(ids[2])}).status_code == 303
    assert not ended(world, 3)


def test_the_head_of_the_successor_sees_and_reports_what_the_old_division_had_submitted(
    world: World, signed_in: SignedIn
) -> None:
    world.adopted_plan([(1, [3], *YEAR)])
    assert (
        signed_in("coordinator")
        .post(f"/settings/divisions/{world.division_ids[3]}/merge/now", {"into": str(world.division_ids[2])})
        .status_code
        == 303
    )
    assert f"/work/1/{world.division_ids[2]}/1" in signed_in("head2").get("/work").links
    assert signed_in("head3").get("/work", 403)


def test_the_list_of_the_successor_is_named_by_the_divisions_that_exist(
    world: World, signed_in: SignedIn
) -> None:
    world.adopted_plan([(1, [3], *YEAR)])
    signed_in("coordinator").post(
        f"/settings/divisions/{world.division_ids[3]}/merge/now", {"into": str(world.division_ids[2])}
    )
    page = signed_in("head2").get("/work")
    assert "งานของกองช่าง" in page.text
    assert f"/work/line/{world.division_ids[3]}" not in [form.get("action") for form in page.forms]
