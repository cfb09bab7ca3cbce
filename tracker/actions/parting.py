"""Corrects how a person is called, and makes somebody who left nameless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from tracker import journal
from tracker.access import token_hash
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import (
    AddressChange,
    Holding,
    LinkToken,
    MailLink,
    MailState,
    OutgoingMail,
    Position,
    Reminder,
    Throttle,
    User,
    WebSession,
)
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor, Role
from tracker.rules.thai import clean

LONGEST_NAME = 200
# No mail is ever delivered below this name (RFC 2606).
NOWHERE = "nameless.invalid"
_ON_ITS_WAY = (MailState.CLAIMED, MailState.HANDING)


def rename(user: User, name: str, *, now: datetime, by: Actor) -> None:
    """Correct the name that pages and files show from now on; closed reports keep what they said."""
    name = clean(name)
    if not name or len(name) > LONGEST_NAME:
        raise FieldsRefused({"name": Message("กรุณาระบุชื่อ ไม่เกิน %(most)s ตัวอักษร", {"most": LONGEST_NAME})})
    if name == user.name:
        return
    user.name = name
    journal.record("user.renamed", "user", user.id, now=now, by=by)


def is_nameless(user: User) -> bool:
    return user.address.endswith(f"@{NOWHERE}")


def obstacle(user: User, *, today: date) -> Message | None:
    """Why the person cannot be made nameless yet; None where nothing stands against it."""
    if is_nameless(user):
        return Message("บัญชีนี้ถูกทำให้ไม่ระบุตัวบุคคลแล้ว")
    held = db.session.scalars(
        select(Position.title)
        .join(Holding, Holding.position_id == Position.id)
        .where(Holding.user_id == user.id, or_(Holding.until_on.is_(None), Holding.until_on >= today))
        .order_by(Position.id)
    ).all()
    if held:
        return Message("ยังดำรงหรือจะดำรงตำแหน่ง%(titles)s โปรดส่งต่อตำแหน่งก่อน", {"titles": ", ".join(held)})
    others = select(func.count(User.id)).where(User.administrator, User.active, User.id != user.id)
    if user.administrator and not db.session.scalar(others):
        return Message("เป็นผู้ดูแลคนสุดท้าย โปรดตั้งผู้ดูแลคนอื่นก่อน")
    if _coordinated_last(user, today):
        return Message("เป็นผู้ประสานงานคนสุดท้าย โปรดส่งต่อตำแหน่งผู้ประสานงานก่อน")
    shared = db.session.scalars(select(Position.title).where(Position.mailbox == user.address)).first()
    if shared:
        return Message("อีเมลนี้เป็นกล่องจดหมายกลางของตำแหน่ง%(title)s โปรดเปลี่ยนก่อน", {"title": shared})
    under_way = select(OutgoingMail.id).where(
        OutgoingMail.to_address == user.address, OutgoingMail.state.in_(_ON_ITS_WAY)
    )
    if db.session.scalars(under_way).first() is not None:
        return Message("กำลังส่งจดหมายถึงบุคคลนี้ โปรดลองใหม่ในอีกครู่หนึ่ง")
    return None


def _coordinated_last(user: User, today: date) -> bool:
    """Whether nobody coordinates today and the person was the last who did."""
    holdings: Sequence[Holding] = db.session.scalars(
        select(Holding)
        .join(Position, Position.id == Holding.position_id)
        .where(Position.role == Role.COORDINATOR, Holding.from_on <= today)
        .order_by(Holding.until_on)
    ).all()
    if any(one.until_on is None or one.until_on >= today for one in holdings):
        return False
    return bool(holdings) and holdings[-1].user_id == user.id


def anonymise(user: User, *, now: datetime, by: Actor) -> None:
    """Replace the name and the address by the account's number and take away whatever lets it in.

    What it did stays done by that number: holdings, reports, evidence, the journal's chain. Words that a person
    wrote, and closed reports, stay as they are. Refused where `obstacle` says so.
    """
    against = obstacle(user, today=day_of(now))
    if against is not None:
        raise Refused(against.template, **against.values)
    old, new = user.address, f"user-{user.id}@{NOWHERE}"
    _forget_mails(old, new)
    _forget_links(user, old, new, now)
    # The statements changed rows that may be loaded already.
    db.session.expire_all()
    for row in (
        delete(WebSession).where(WebSession.user_id == user.id),
        delete(LinkToken).where(LinkToken.user_id == user.id),
        delete(AddressChange).where(AddressChange.user_id == user.id),
        delete(Throttle).where(Throttle.key.endswith(f"account:{token_hash(old)}")),
    ):
        db.session.execute(row)
    user.name, user.address, user.password_hash = f"ผู้ใช้หมายเลข {user.id}", new, None
    user.active = user.auditor = user.administrator = False
    user.language = "th"
    journal.record("user.anonymised", "user", user.id, now=now, by=by)


def _forget_mails(old: str, new: str) -> None:
    """That a mail went out, what about and when stays; to whom becomes the number, and what waits is not sent."""
    mine = OutgoingMail.to_address == old
    words = update(OutgoingMail).where(mine).values(body_text="", body_html="", to_name="", last_answer="")
    waiting = update(OutgoingMail).where(mine, OutgoingMail.state != MailState.SENT)
    keyed = func.replace(OutgoingMail.dedup_key, old, new)
    for row in (
        words,
        waiting.values(state=MailState.CANCELLED),
        update(OutgoingMail).where(mine).values(to_address=new, dedup_key=keyed),
        update(Reminder)
        .where(Reminder.recipient == old)
        .values(recipient=new, key=func.replace(Reminder.key, old, new)),
    ):
        db.session.execute(row.execution_options(synchronize_session=False))


def _forget_links(user: User, old: str, new: str, now: datetime) -> None:
    """No link that was ever sent to the person opens anything."""
    theirs: ColumnElement[bool] = or_(MailLink.address == old, MailLink.colleague_address == old)
    ended = update(MailLink).where(theirs, MailLink.revoked_at.is_(None)).values(revoked_at=now)
    passed_on: dict[str, Any] = {"colleague_address": new, "colleague_name": f"ผู้ใช้หมายเลข {user.id}"}
    for row in (
        ended,
        update(MailLink).where(MailLink.address == old).values(address=new),
        update(MailLink).where(MailLink.colleague_address == old).values(**passed_on),
    ):
        db.session.execute(row.execution_options(synchronize_session=False))
