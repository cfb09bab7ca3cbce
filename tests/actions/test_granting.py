"""Accounts: what they may do beside their positions, how they end, and who must stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.deeds import chain_faults, group_of
from tests.world import World, at
from tracker.actions import admitting, granting, linking, organising, recovering, subscribing
from tracker.database import db
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.models import (
    CalendarFeed,
    Holding,
    JournalEntry,
    LinkToken,
    MailLink,
    MailState,
    OutgoingMail,
    User,
    WebSession,
)
from tracker.people import posts_on, roles_of
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM, Role

NOW = at("2025-12-17")


def account(world: World, who: str) -> User:
    return db.session.scalars(select(User).where(User.id == world.users[who])).one()


def test_an_account_that_is_closed_has_no_way_in_and_leaves_its_positions_and_its_history(
    world: World,
) -> None:
    world.adopted_plan()
    user_id, organisation_id = world.users["head1"], world.organisation_id
    with world.write():
        admitting.open_session(user_id, organisation_id, now=NOW)
        recovering.ask_reset("head1@tuayang.example", now=NOW)
        linking.pass_on(
            group_of(world, 1), "เพื่อน", "friend@tuayang.example", now=NOW, by=world.actor("head1", NOW)
        )
        subscribing.open_feed(world.division_ids[1], now=NOW, by=world.actor("head1", NOW))
    with world.write():
        granting.close(account(world, "head1"), now=NOW, by=world.actor("coordinator", NOW))
    with world.read():
        db.session.rollback()
        assert db.session.scalars(select(WebSession.ended_at)).all() == [NOW]
        assert db.session.scalars(select(LinkToken.used_at)).all() == [NOW]
        assert db.session.scalars(select(MailLink.revoked_at)).all() == [NOW]
        assert db.session.scalars(select(CalendarFeed.revoked_at)).all() == [NOW]
        assert roles_of(user_id, day_of(NOW)) == (frozenset(), frozenset())
        assert Role.HEAD in roles_of(user_id, day_of(NOW) - timedelta(days=1))[0]
        assert db.session.scalar(select(func.count(Holding.id)).where(Holding.user_id == user_id)) == 1
        assert admitting.account_of("head1@tuayang.example") is None
        db.session.rollback()
    assert chain_faults(world) == []


def test_an_account_that_is_opened_again_signs_in_without_its_former_position(world: World) -> None:
    with world.write():
        granting.close(account(world, "head1"), now=NOW, by=SYSTEM)
        with pytest.raises(Refused, match="ปิดอยู่แล้ว"):
            granting.close(account(world, "head1"), now=NOW, by=SYSTEM)
        granting.reopen(account(world, "head1"), now=NOW, by=SYSTEM)
        with pytest.raises(Refused, match="เปิดอยู่แล้ว"):
            granting.reopen(account(world, "head1"), now=NOW, by=SYSTEM)
    with world.read():
        assert admitting.account_of("head1@tuayang.example") is not None
        assert all(post.holder_id != world.users["head1"] for post in posts_on(day_of(NOW)).values())
        db.session.rollback()


def test_the_last_account_that_manages_people_stays(world: World) -> None:
    with world.write():
        with pytest.raises(Refused, match="บัญชีสุดท้าย"):
            granting.close(account(world, "coordinator"), now=NOW, by=SYSTEM)
        # One that was never accepted cannot help anybody.
        invited, _url = organising.invite(
            "new@tuayang.example", "", None, now=NOW, by=SYSTEM, administrator=True
        )
        with pytest.raises(Refused, match="บัญชีสุดท้าย"):
            granting.close(account(world, "coordinator"), now=NOW, by=SYSTEM)
        clerk = account(world, "clerk")
        granting.grant(clerk, clerk.name, auditor=False, administrator=True, now=NOW, by=SYSTEM)
        granting.close(account(world, "coordinator"), now=NOW, by=SYSTEM)
        assert granting.managers(day_of(NOW)) == {clerk.id}
        with pytest.raises(FieldsRefused) as refused:
            granting.grant(clerk, clerk.name, auditor=True, administrator=False, now=NOW, by=SYSTEM)
        assert set(refused.value.fields) == {"administrator"}
        assert invited.administrator


@pytest.mark.parametrize("name", ["", "  "])
def test_an_account_keeps_a_name(world: World, name: str) -> None:
    with world.write(), pytest.raises(FieldsRefused):
        granting.grant(account(world, "head1"), name, auditor=False, administrator=False, now=NOW, by=SYSTEM)


def test_an_invitation_that_is_withdrawn_opens_nothing_and_does_not_leave(world: World) -> None:
    with world.write():
        position = organising.position_named("กองคลัง")
        user, url = organising.invite("new@tuayang.example", "คนใหม่", position, now=NOW, by=SYSTEM)
        granting.close(user, now=NOW, by=SYSTEM)
        place, user_id = position.id, user.id
    with world.read():
        db.session.rollback()
        with pytest.raises(NotFound):
            admitting.invited(url.rpartition("/")[2], now=NOW)
        assert db.session.scalars(select(OutgoingMail.state)).all() == [MailState.CANCELLED]
        assert posts_on(day_of(NOW))[place].holder_id is None
        deeds = select(JournalEntry.deed).where(JournalEntry.subject_id == user_id)
        assert "user.invitation_withdrawn" in db.session.scalars(deeds).all()
        db.session.rollback()
    with world.write():
        user = db.session.scalars(select(User).where(User.id == user_id)).one()
        with pytest.raises(Refused, match="ยังไม่เคยรับคำเชิญ"):
            granting.reopen(user, now=NOW, by=SYSTEM)
        again = organising.invite_again(user, now=NOW, by=SYSTEM)
        assert admitting.invited(again.rpartition("/")[2], now=NOW)[0] == user_id
    assert chain_faults(world) == []


def test_only_the_newest_invitation_opens_the_account(world: World) -> None:
    with world.write():
        user, first = organising.invite("new@tuayang.example", "", None, now=NOW, by=SYSTEM, auditor=True)
        second = organising.invite_again(user, now=NOW + timedelta(days=20), by=SYSTEM)
        later = NOW + timedelta(days=21)
        with pytest.raises(NotFound):
            admitting.invited(first.rpartition("/")[2], now=later)
        assert admitting.invited(second.rpartition("/")[2], now=later)[0] == user.id
        mails = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
        assert all("ในฐานะผู้ตรวจสอบ" in mail.body_text for mail in mails)
        assert [mail.to_address for mail in mails] == ["new@tuayang.example"] * 2


def test_whoever_has_accepted_is_not_invited_again(world: World) -> None:
    with world.write(), pytest.raises(Refused, match="ตั้งรหัสผ่านแล้ว"):
        organising.invite_again(account(world, "head1"), now=NOW, by=SYSTEM)
