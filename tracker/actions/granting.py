"""Says what an account may do beside its positions, closes accounts, opens them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update

from tracker import journal, mail
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import (
    AddressChange,
    CalendarFeed,
    Holding,
    JournalEntry,
    LinkToken,
    MailLink,
    MailState,
    OutgoingMail,
    Position,
    User,
    WebSession,
)
from tracker.people import managers_on
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor

LAST_MANAGER = Message("เป็นบัญชีสุดท้ายที่จัดการผู้ใช้ของหน่วยงานได้ ตั้งผู้ประสานงานแผนหรือผู้ดูแลระบบอีกคนและให้เข้าใช้ระบบก่อน")

_ONE_DAY = timedelta(days=1)


def grant(user: User, *, auditor: bool, administrator: bool, now: datetime, by: Actor) -> None:
    """The roles that an account has beside those of its positions; FieldsRefused by field."""
    if user.nameless:
        raise FieldsRefused({"administrator": Message("บัญชีนี้ถูกทำให้ไม่ระบุตัวบุคคลแล้ว")})
    user.auditor, user.administrator = auditor, administrator
    db.session.flush()
    if not managers_on(day_of(now)):
        raise FieldsRefused({"administrator": LAST_MANAGER})
    granted = {"auditor": auditor, "administrator": administrator}
    journal.record("user.granted", "user", user.id, now=now, by=by, **granted)


def close(user: User, *, now: datetime, by: Actor) -> None:
    """End an account from today: its sessions, links and positions; what it did stays. Refused for the last manager.

    Of one that never accepted its invitation, the invitation is withdrawn: whoever held its position before holds
    it again, where nobody else does by now.
    """
    if not user.active:
        raise Refused("บัญชีนี้ปิดอยู่แล้ว")
    if not managers_on(day_of(now)) - {user.id}:
        raise Refused(LAST_MANAGER.template)
    user.active = False
    _end_ways_in(user, now)
    left = _leave_positions(user, day_of(now))
    accepted = user.password_hash is not None
    journal.record(
        "user.closed" if accepted else "user.invitation_withdrawn", "user", user.id, now=now, by=by
    )
    for place in left if not accepted else ():
        _give_back(user, place, now, by)


def reopen(user: User, *, now: datetime, by: Actor) -> None:
    """Let a closed account sign in again; positions are given anew."""
    if user.active:
        raise Refused("บัญชีนี้เปิดอยู่แล้ว")
    if user.nameless:
        raise Refused("บัญชีนี้ถูกทำให้ไม่ระบุตัวบุคคลแล้ว")
    if user.password_hash is None:
        raise Refused("บัญชีนี้ยังไม่เคยรับคำเชิญ ส่งคำเชิญอีกครั้งแทน")
    user.active = True
    db.session.flush()
    journal.record("user.reopened", "user", user.id, now=now, by=by)


def _end_ways_in(user: User, now: datetime) -> None:
    """End sessions and links, and take back the mails that have not left yet."""
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
    _take_back_mails(user)


def _take_back_mails(user: User) -> None:
    """What waits for the person is not sent; whoever stands in is told anew. A shared mailbox has other readers."""
    waiting = select(OutgoingMail.id).where(
        OutgoingMail.to_address == user.address,
        OutgoingMail.state == MailState.QUEUED,
        # A doubtful copy may have arrived: it is no longer ours to cancel.
        OutgoingMail.ambiguous == 0,
        ~select(Position.id).where(Position.mailbox == user.address).exists(),
    )
    mail.take_back(db.session.scalars(waiting.with_for_update()).all())


@dataclass(frozen=True)
class _Place:
    """A position, held regularly or acting, and the first day on which somebody held it who has left it."""

    position_id: int
    acting: bool
    from_on: date


def _leave_positions(user: User, today: date) -> list[_Place]:
    """Yesterday was the last day of what the account held, returned; what it was to hold later is taken out."""
    left = []
    for holding in db.session.scalars(
        select(Holding).where(
            Holding.user_id == user.id, or_(Holding.until_on.is_(None), Holding.until_on >= today)
        )
    ):
        if holding.from_on <= today:
            left.append(_Place(holding.position_id, holding.acting, holding.from_on))
        if holding.from_on >= today:
            db.session.delete(holding)
        else:
            holding.until_on = today - _ONE_DAY
    db.session.flush()
    return left


def _give_back(invited: User, place: _Place, now: datetime, by: Actor) -> None:
    """Let whoever held the position until the invitation hold it again from today, where it is free."""
    today = day_of(now)
    deeds = select(JournalEntry).where(
        JournalEntry.deed == "position.taken", JournalEntry.subject_id == place.position_id
    )
    if all(entry.details["user"] != invited.id for entry in db.session.scalars(deeds)):
        return
    others = db.session.scalars(
        select(Holding)
        .where(Holding.position_id == place.position_id, Holding.acting == place.acting)
        .order_by(Holding.id.desc())
    ).all()
    if any(other.until_on is None or other.until_on >= today for other in others):
        return
    before = place.from_on - _ONE_DAY
    ended = [other for other in others if other.until_on == before and other.user_id != invited.id]
    holders = {
        user.id: user
        for user in db.session.scalars(select(User).where(User.id.in_([other.user_id for other in ended])))
    }
    former = next((other for other in ended if holders[other.user_id].active), None)
    if former is None:
        return
    if place.from_on == today:
        former.until_on = None
    else:
        # Until yesterday the position was the invited one's.
        db.session.add(
            Holding(position_id=place.position_id, user_id=former.user_id, acting=place.acting, from_on=today)
        )
    db.session.flush()
    journal.record("position.taken", "position", place.position_id, now=now, by=by, user=former.user_id)
