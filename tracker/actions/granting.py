"""Says what an account may do beside its positions, closes accounts, opens them again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from tracker import journal
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import (
    AddressChange,
    CalendarFeed,
    Holding,
    LinkToken,
    MailLink,
    MailState,
    OutgoingMail,
    Position,
    User,
    WebSession,
)
from tracker.rules.moments import day_of
from tracker.rules.permissions import PERMISSIONS, Actor, Deed
from tracker.rules.thai import clean

LAST_MANAGER = Message("เป็นบัญชีสุดท้ายที่จัดการผู้ใช้ของหน่วยงานได้ ตั้งผู้ประสานงานแผนหรือผู้ดูแลระบบอีกคนและให้เข้าใช้ระบบก่อน")


def grant(user: User, name: str, *, auditor: bool, administrator: bool, now: datetime, by: Actor) -> None:
    """The name of an account and the roles it has beside those of its positions; FieldsRefused by field."""
    if not clean(name):
        raise FieldsRefused({"name": Message("กรุณาระบุชื่อ")})
    user.name, user.auditor, user.administrator = clean(name), auditor, administrator
    db.session.flush()
    if not managers(day_of(now)):
        raise FieldsRefused({"administrator": LAST_MANAGER})
    granted = {"auditor": auditor, "administrator": administrator}
    journal.record("user.granted", "user", user.id, now=now, by=by, **granted)


def close(user: User, *, now: datetime, by: Actor) -> None:
    """End an account from today: its sessions, links and positions; what it did stays. Refused for the last manager.

    Of one that never accepted its invitation, the invitation is withdrawn.
    """
    if not user.active:
        raise Refused("บัญชีนี้ปิดอยู่แล้ว")
    if not managers(day_of(now)) - {user.id}:
        raise Refused(LAST_MANAGER.template)
    user.active = False
    _end_ways_in(user, now)
    _leave_positions(user, day_of(now))
    deed = "user.closed" if user.password_hash is not None else "user.invitation_withdrawn"
    journal.record(deed, "user", user.id, now=now, by=by)


def reopen(user: User, *, now: datetime, by: Actor) -> None:
    """Let a closed account sign in again; positions are given anew."""
    if user.active:
        raise Refused("บัญชีนี้เปิดอยู่แล้ว")
    if user.password_hash is None:
        raise Refused("บัญชีนี้ยังไม่เคยรับคำเชิญ ส่งคำเชิญอีกครั้งแทน")
    user.active = True
    db.session.flush()
    journal.record("user.reopened", "user", user.id, now=now, by=by)


def managers(day: date) -> set[int]:
    """The users that can sign in and manage people on a day: by a position, or as administrator."""
    by_position = (
        select(Holding.user_id)
        .join(Position, Position.id == Holding.position_id)
        .where(
            Position.role.in_(PERMISSIONS[Deed.MANAGE_PEOPLE]),
            Holding.from_on <= day,
            or_(Holding.until_on.is_(None), Holding.until_on >= day),
        )
    )
    holders = set(db.session.scalars(by_position))
    users = db.session.execute(
        select(User.id, User.administrator).where(User.active, User.password_hash.is_not(None))
    )
    return {user_id for user_id, administrator in users if administrator or user_id in holders}


def _end_ways_in(user: User, now: datetime) -> None:
    """End sessions and links, and take back an invitation that has not left yet."""
    ended: list[tuple[type, ColumnElement[bool], str]] = [
        (WebSession, WebSession.user_id == user.id, "ended_at"),
        (LinkToken, LinkToken.user_id == user.id, "used_at"),
        (AddressChange, AddressChange.user_id == user.id, "used_at"),
        (CalendarFeed, CalendarFeed.by_user_id == user.id, "revoked_at"),
        (
            MailLink,
            or_(
                MailLink.address == user.address,
                MailLink.colleague_address == user.address,
                MailLink.by_user_id == user.id,
            ),
            "revoked_at",
        ),
    ]
    for model, whose, column in ended:
        db.session.execute(
            update(model)
            .where(whose, getattr(model, column).is_(None))
            .values({column: now})
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.kind == "invitation",
            OutgoingMail.to_address == user.address,
            OutgoingMail.state == MailState.QUEUED,
        )
        .values(state=MailState.CANCELLED)
        .execution_options(synchronize_session=False)
    )


def _leave_positions(user: User, today: date) -> None:
    """Yesterday was the last day of what the account held; what it was to hold later is taken out."""
    yesterday = today - timedelta(days=1)
    for holding in db.session.scalars(
        select(Holding).where(
            Holding.user_id == user.id, or_(Holding.until_on.is_(None), Holding.until_on >= today)
        )
    ):
        if holding.from_on >= today:
            db.session.delete(holding)
        else:
            holding.until_on = yesterday
    db.session.flush()
