"""Sessions, invitations and the brake on guessing, without pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.deeds import chain_faults
from tests.world import PASSWORD, World, at
from tracker.actions import admitting, organising
from tracker.database import across_organisations, db, writing
from tracker.errors import FieldsRefused, NotFound
from tracker.models import LinkToken, User, WebSession
from tracker.rules.permissions import SYSTEM, Actor

NOW = at("2025-12-17")
HEAD, SOURCE = "head0@tuayang.example", "10.0.0.7"


def held_back(address: str, source: str, later: timedelta = timedelta()) -> bool:
    found = admitting.held_back(address, source, now=NOW + later)
    db.session.rollback()
    return found


def fail(times: int, address: str = HEAD, source: str = SOURCE, later: timedelta = timedelta()) -> None:
    with writing():
        for _ in range(times):
            admitting.note_failure(address, source, now=NOW + later)


@pytest.mark.parametrize("password", ["", "short12", "x" * 257])
def test_a_password_of_another_length_is_refused(password: str) -> None:
    with pytest.raises(FieldsRefused) as refused:
        admitting.hash_password(password)
    assert set(refused.value.fields) == {"password"}


def test_only_the_own_password_opens_an_account(world: World) -> None:
    account = admitting.account_of(f" {HEAD.upper()} ")
    assert account is not None
    assert account.user_id == world.users["head0"]
    assert admitting.verify(account, PASSWORD)
    assert not admitting.verify(account, PASSWORD + " ")
    assert not admitting.verify(None, "nobody has this password")


@pytest.mark.parametrize("change", [{"active": False}, {"password_hash": None}])
def test_an_account_that_is_ended_or_only_invited_is_none(world: World, change: dict[str, object]) -> None:
    with world.write():
        user = db.session.get(User, world.users["head0"])
        assert user is not None
        for name, value in change.items():
            setattr(user, name, value)
    assert admitting.account_of(HEAD) is None
    assert admitting.account_of("nobody@tuayang.example") is None


def test_ten_failures_hold_back_the_account_and_the_place_they_came_from(world: World) -> None:
    fail(admitting.TRIES - 1)
    assert not held_back(HEAD, SOURCE)
    fail(1)
    assert held_back(HEAD, SOURCE)
    assert held_back(HEAD.upper(), "10.0.0.8")
    assert held_back("other@tuayang.example", SOURCE)
    assert not held_back("other@tuayang.example", "10.0.0.8")


def test_the_brake_lets_go_after_a_quarter_of_an_hour(world: World) -> None:
    fail(admitting.TRIES)
    wait = timedelta(minutes=admitting.TRIES_MINUTES)
    assert held_back(HEAD, SOURCE, wait - timedelta(seconds=1))
    assert not held_back(HEAD, SOURCE, wait)
    fail(1, later=wait + timedelta(seconds=1))
    assert not held_back(HEAD, SOURCE, wait + timedelta(seconds=2))


def test_a_session_is_kept_as_a_hash_and_ends_after_half_a_day(world: World) -> None:
    with writing():
        token = admitting.open_session(world.users["head0"], world.organisation_id, now=NOW)
    with world.read():
        row = db.session.scalars(select(WebSession)).one()
        assert token not in row.token_hash
        assert row.expires_at == NOW + timedelta(hours=12)
        session_id = row.id
        db.session.rollback()
    with world.write():
        by = Actor(world.organisation_id, world.users["head0"])
        admitting.close_session(session_id, now=NOW + timedelta(hours=1), by=by)
        admitting.close_session(session_id, now=NOW + timedelta(hours=2), by=by)
    with world.read():
        assert db.session.scalars(select(WebSession.ended_at)).one() == NOW + timedelta(hours=1)
    assert chain_faults(world) == []


def invite(world: World) -> str:
    with world.write():
        position = organising.position_named("กองคลัง")
        _user, url = organising.invite("new@tuayang.example", "สมหญิง", position, now=NOW, by=SYSTEM)
    return url.rpartition("/")[2]


def test_an_invitation_is_good_for_fourteen_days(world: World) -> None:
    token = invite(world)
    assert admitting.invited(token, now=NOW + timedelta(days=14, seconds=-1))[2:] == (
        "สมหญิง",
        "new@tuayang.example",
    )
    with pytest.raises(NotFound):
        admitting.invited(token, now=NOW + timedelta(days=14))


def test_an_invitation_is_used_up_by_the_first_password(world: World) -> None:
    token = invite(world)
    with writing():
        admitting.accept(token, "hash", now=NOW)
    with pytest.raises(NotFound), writing():
        admitting.accept(token, "another hash", now=NOW)
    with across_organisations("test"):
        link = db.session.scalars(select(LinkToken)).one()
        user = db.session.scalars(select(User).where(User.address == "new@tuayang.example")).one()
        assert (link.used_at, user.password_hash) == (NOW, "hash")
        assert token not in link.token_hash
        db.session.rollback()
    assert chain_faults(world) == []
