"""The system administrator looks into an organisation only in its sight, and sees numbers only."""

from __future__ import annotations

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.deeds import chain_faults
from tests.world import FOUNDED, World
from tracker.actions import crossing, organising
from tracker.database import db, organisation_scope, writing
from tracker.models import JournalEntry, Kind, Organisation
from tracker.rules.permissions import SYSTEM


@pytest.fixture
def system(world: World) -> Browser:
    """The browser of a system administrator."""
    with writing():
        house = Organisation(slug="system", name="ระบบ", kind=Kind.SYSTEM, created_at=FOUNDED)
        db.session.add(house)
        db.session.flush()
        house_id = house.id
        with organisation_scope(house_id):
            user = organising.add_user("system@x.example", "นางสาวผู้ดูแล", now=FOUNDED, by=SYSTEM)
            user.administrator = True
            db.session.flush()
            user_id = user.id
    return Browser(world.app).enter_as(user_id, house_id)


def crossed(world: World) -> list[tuple[str, dict[str, object]]]:
    """What the organisation's own journal tells of crossings."""
    with world.read():
        db.session.rollback()
        found = db.session.scalars(select(JournalEntry).where(JournalEntry.deed == crossing.DEED)).all()
        return [(entry.actor, entry.details) for entry in found]


def test_nothing_is_seen_before_a_reason_is_given_and_noted(world: World, system: Browser) -> None:
    page = system.get(f"/settings/installation/{world.slug}")
    assert "สภาพของหน่วยงาน" not in page.text
    refused = system.post(f"/settings/installation/{world.slug}", {"reason": "curiosity"})
    assert refused.status_code == 422
    assert "โปรดเลือกเหตุผล" in refused.text
    assert crossed(world) == []


def test_a_crossing_stands_in_both_journals_and_on_the_page(world: World, system: Browser) -> None:
    path = f"/settings/installation/{world.slug}"
    assert path in system.get("/settings/installation").links
    assert system.post(path, {"reason": "support"}).location == path
    page = system.get(path)
    assert "บัญชีที่ใช้ได้ 8" in page.text
    assert "head0" not in page.text
    [(actor, details)] = crossed(world)
    assert details == {"reason": "support"}
    assert "นางสาวผู้ดูแล · ช่วยผู้ใช้ของหน่วยงาน" in system.get("/settings/installation").text
    own = Browser(world.app).enter(world, "coordinator").get("/journal").text
    assert "ผู้ดูแลระบบเข้าดูข้ามหน่วยงาน" in own
    assert f"ผู้ดูแลระบบ หมายเลข {actor.partition(':')[2]}" in own
    assert chain_faults(world) == []


def test_the_look_ends_and_is_noted_again(
    world: World, system: Browser, clock: time_machine.Traveller
) -> None:
    path = f"/settings/installation/{world.slug}"
    system.post(path, {"reason": "repair"})
    clock.shift(crossing.OPEN_FOR)
    assert "สภาพของหน่วยงาน" not in system.get(path).text
    system.post(path, {"reason": "audit"})
    assert [details["reason"] for _, details in crossed(world)] == ["repair", "audit"]


def test_another_administrator_and_another_organisation_need_their_own_crossing(
    world: World, system: Browser
) -> None:
    other = World(world.app, slug="neighbour", name="ข้างเคียง")
    system.post(f"/settings/installation/{world.slug}", {"reason": "audit"})
    assert "สภาพของหน่วยงาน" not in system.get(f"/settings/installation/{other.slug}").text
    assert crossed(other) == []


@pytest.mark.parametrize("slug", ["nowhere", "system", "x" * 300])
def test_what_is_no_organisation_is_not_found(world: World, system: Browser, slug: str) -> None:
    assert system.open(f"/settings/installation/{slug}").status_code == 404
    assert system.post(f"/settings/installation/{slug}", {"reason": "audit"}).status_code == 404


def test_an_office_never_reaches_the_page(world: World) -> None:
    for who in ("coordinator", "clerk", "chief", "head0"):
        browser = Browser(world.app).enter(world, who)
        assert browser.open(f"/settings/installation/{world.slug}").status_code == 403
