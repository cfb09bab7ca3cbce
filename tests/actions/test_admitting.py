"""Who is let in: passwords, sessions, invitations, and the brake on guessing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.deeds import chain_faults
from tests.world import PASSWORD, World, at
from tracker.access import load_visitor, token_hash
from tracker.actions import admitting, organising
from tracker.database import across_organisations, db, writing
from tracker.errors import FieldsRefused, NotFound
from tracker.extensions import settings
from tracker.models import JournalEntry, LinkToken, Throttle, User, WebSession
from tracker.rules.permissions import SYSTEM, Role

NOW = at("2026-01-05")
HEAD = "head0@tuayang.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New passwords are hashed with less work; what verifies them reads the work from the hash."""
    light = admitting.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(admitting, "_hasher", light)
    monkeypatch.setattr(admitting, "_NOBODY", light.hash("nobody"))


def fail(times: int, address: str = HEAD, source: str = "10.0.0.1", minutes: int = 0) -> None:
    for _ in range(times):
        with writing():
            admitting.note_try(address, source, now=NOW + minutes * MINUTE)


def waits(address: str = HEAD, source: str = "10.0.0.1", minutes: int = 0) -> bool:
    db.session.rollback()
    return admitting.held_back(address, source, now=NOW + minutes * MINUTE)


def enter(world: World, who: str = "head0") -> str:
    with writing():
        return admitting.open_session(world.users[who], world.organisation_id, now=NOW)


def test_an_account_is_found_by_its_address_however_it_is_written(world: World) -> None:
    for address in (HEAD, " HEAD0@Tuayang.Example "):
        account = admitting.account_of(address)
        assert account is not None
        assert (account.user_id, account.organisation_id) == (world.users["head0"], world.organisation_id)
    assert admitting.account_of("nobody@tuayang.example") is None


def test_a_password_is_checked_against_its_account(world: World) -> None:
    account = admitting.account_of(HEAD)
    assert admitting.verify(account, PASSWORD)
    assert not admitting.verify(account, PASSWORD.upper())
    assert not admitting.verify(None, PASSWORD)
    assert not admitting.verify(None, "nobody")


@pytest.mark.parametrize("change", [{"active": False}, {"password_hash": None}])
def test_who_was_ended_or_never_began_has_no_account_to_enter(
    world: World, change: dict[str, object]
) -> None:
    with world.write():
        db.session.execute(update(User).where(User.id == world.users["head0"]).values(**change))
    assert admitting.account_of(HEAD) is None


def test_passwords_are_kept_as_argon2id_and_never_twice_alike() -> None:
    first, second = (admitting.hash_password("ก ข ค ง จ ฉ ช") for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "อย่างน้อย 8"),
        ("1234567", "อย่างน้อย 8"),
        ("ประโยคที่ไม่มีใครนึกถึง" * 12, "ไม่เกิน 256"),
        ("12345678", "เดาได้ง่าย"),
        ("P@ssw0rd", "เดาได้ง่าย"),
        ("ฟหกดฟหกด", "เดาได้ง่าย"),
        ("0812345678", "เดาได้ง่าย"),
        ("a" * 256, "เดาได้ง่าย"),
    ],
)
def test_a_password_too_short_too_long_or_easy_to_guess_is_refused(password: str, why: str) -> None:
    with pytest.raises(FieldsRefused) as caught:
        admitting.hash_password(password)
    assert why in str(caught.value.fields["password"])


@pytest.mark.parametrize("password", ["ม้าสีน้ำเงินปีนเขา", "correct horse battery", "ม้าสีน้ำเงินปีนเขา" * 14])
def test_a_short_sentence_is_a_good_password(password: str) -> None:
    assert admitting.hash_password(password)


def test_the_installation_s_own_hashes_cost_a_guesser_memory(world: World) -> None:
    account = admitting.account_of(HEAD)
    assert account is not None
    _, kind, _version, costs, *_ = account.password_hash.split("$")
    memory = dict(cost.split("=") for cost in costs.split(","))["m"]
    assert (kind, int(memory) >= 19 * 1024) == ("argon2id", True)


def test_ten_failures_hold_an_account_back_for_a_quarter_of_an_hour(world: World) -> None:
    fail(9)
    assert not waits()
    fail(1)
    assert waits()
    assert waits(source="10.9.9.9")
    assert waits(minutes=14)
    assert not waits(minutes=16)
    assert not waits(address="head1@tuayang.example", source="10.9.9.9")


def test_a_hundred_failures_hold_the_place_they_came_from_back(world: World) -> None:
    for place in range(99):
        fail(1, address=f"guess{place}@tuayang.example")
    assert not waits()
    fail(1, address="guess99@tuayang.example")
    assert waits()
    assert not waits(source="10.9.9.9")


def test_failures_are_forgotten_with_time(world: World) -> None:
    fail(9)
    fail(1, minutes=20)
    assert not waits(minutes=20)
    fail(9, minutes=21)
    assert waits(minutes=21)


def test_the_brake_keeps_no_address_in_the_clear(world: World) -> None:
    fail(1)
    db.session.rollback()
    keys = db.session.scalars(select(Throttle.key)).all()
    assert len(keys) == 2
    assert not any("head0" in key for key in keys)


def test_a_session_is_known_by_a_token_of_which_only_the_hash_is_kept(world: World) -> None:
    token, other = enter(world), enter(world)
    assert token != other
    assert len(token) >= 40
    with world.read():
        db.session.rollback()
        kept = db.session.scalars(select(WebSession.token_hash)).all()
    assert set(kept) == {token_hash(token), token_hash(other)}
    assert token not in kept


def test_a_visitor_comes_with_the_roles_of_the_day(world: World) -> None:
    visitor = load_visitor(enter(world), NOW, NOW.date())
    assert visitor is not None
    assert (visitor.actor.roles, visitor.actor.division_ids) == ({Role.HEAD}, {world.division_ids[0]})
    assert (visitor.address, visitor.organisation_name) == (HEAD, "องค์การบริหารส่วนตำบลตัวอย่าง")
    assert load_visitor("made up", NOW, NOW.date()) is None


def test_a_session_ends_after_its_hours(world: World) -> None:
    token = enter(world)
    last = timedelta(hours=settings().session_hours)
    with world.write():
        db.session.execute(update(WebSession).values(seen_at=NOW + last - MINUTE))
    assert load_visitor(token, NOW + last - MINUTE, NOW.date()) is not None
    assert load_visitor(token, NOW + last, NOW.date()) is None


def test_a_closed_session_is_over_and_others_go_on(world: World) -> None:
    token, other = enter(world), enter(world)
    visitor = load_visitor(token, NOW, NOW.date())
    assert visitor is not None
    with world.write():
        admitting.close_session(visitor.session_id, now=NOW, by=visitor.actor)
    assert load_visitor(token, NOW, NOW.date()) is None
    assert load_visitor(other, NOW, NOW.date()) is not None
    assert chain_faults(world) == []


def test_an_account_that_was_ended_is_out_at_once(world: World) -> None:
    token = enter(world)
    with world.write():
        db.session.execute(update(User).where(User.id == world.users["head0"]).values(active=False))
    assert load_visitor(token, NOW, NOW.date()) is None


def invite(world: World, address: str = "new@tuayang.example") -> str:
    """Invite a person to a division; returns the token of the link."""
    with world.write():
        position = organising.position_named("กองคลัง")
        _user, url = organising.invite(address, "คนใหม่", position, now=NOW, by=SYSTEM)
    return url.rpartition("/")[2]


def test_an_invitation_works_once(world: World) -> None:
    token = invite(world)
    _user, organisation, name, address = admitting.invited(token, now=NOW)
    assert (organisation, name, address) == (world.organisation_id, "คนใหม่", "new@tuayang.example")
    with writing():
        session = admitting.accept(token, admitting.hash_password("a long password"), now=NOW)
    visitor = load_visitor(session, NOW, NOW.date())
    assert visitor is not None
    assert visitor.actor.division_ids == {world.division_ids[1]}
    assert admitting.verify(admitting.account_of("new@tuayang.example"), "a long password")
    with pytest.raises(NotFound):
        admitting.invited(token, now=NOW)
    with pytest.raises(NotFound), writing():
        admitting.accept(token, "x", now=NOW)


def test_an_invitation_ends_after_its_days(world: World) -> None:
    token = invite(world)
    days = timedelta(days=organising.INVITATION_DAYS)
    admitting.invited(token, now=NOW + days - MINUTE)
    with pytest.raises(NotFound):
        admitting.invited(token, now=NOW + days)


def test_a_made_up_invitation_leads_nowhere(world: World) -> None:
    invite(world)
    for token in ("", "made up", token_hash("made up")):
        with pytest.raises(NotFound):
            admitting.invited(token, now=NOW)


def test_the_hash_of_an_invitation_opens_nothing(world: World) -> None:
    invite(world)
    with across_organisations("test"):
        db.session.rollback()
        kept = db.session.scalars(select(LinkToken.token_hash)).one()
    with pytest.raises(NotFound):
        admitting.invited(kept, now=NOW)


def test_the_journal_names_nobody(world: World) -> None:
    invite(world)
    enter(world)
    with world.read():
        db.session.rollback()
        told = " ".join(
            f"{row.actor} {row.deed} {row.details}" for row in db.session.scalars(select(JournalEntry))
        )
    assert "@" not in told
    assert "คนใหม่" not in told
