"""Holds reminders back for a while, and lets them go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from tracker import journal
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group, tasks_of
from tracker.models import Pause, Position
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.thai import clean

LONGEST = timedelta(days=366)


def pause(
    about: Group | Position | None, until_on: date | None, reason: str, *, now: datetime, by: Actor
) -> Pause:
    """Hold back from today to `until_on` what concerns a group, goes to a position, or is anything at all.

    It takes the place of an earlier pause of the same; the same pause once more is the one there is.
    FieldsRefused by "until_on" and "reason".
    """
    today = day_of(now)
    faults: dict[str, Message] = {}
    if until_on is None or not today <= until_on <= today + LONGEST:
        faults["until_on"] = Message("ระบุวันสุดท้ายที่พัก ตั้งแต่วันนี้ถึงหนึ่งปีข้างหน้า")
    if not clean(reason):
        faults["reason"] = Message("กรุณาระบุเหตุผลที่พักการเตือน")
    if faults or until_on is None:
        raise FieldsRefused(faults)
    if isinstance(about, Group):
        tasks_of(about)
    subject = about.subject if isinstance(about, Group) else None
    position_id = about.id if isinstance(about, Position) else None
    reason = clean(reason)[:500]
    for held in pauses_on(today):
        if (held.subject, held.position_id) != (subject, position_id):
            continue
        if (held.until_on, held.reason) == (until_on, reason):
            return held
        resume(held, now=now, by=by)
    row = Pause(
        subject=subject,
        position_id=position_id,
        reason=reason,
        from_on=today,
        until_on=until_on,
        created_at=now,
        by_user_id=by.user_id,
    )
    db.session.add(row)
    db.session.flush()
    journal.record(
        "reminders.paused",
        "pause",
        row.id,
        now=now,
        by=by,
        subject=row.subject,
        position=row.position_id,
        until=until_on.isoformat(),
    )
    return row


def resume(row: Pause, *, now: datetime, by: Actor) -> None:
    """End a pause today; stages it held back so far stay unsent, news is told with the next digest."""
    today = day_of(now)
    if row.ended_on is not None or row.until_on < today:
        raise Refused("การพักนี้สิ้นสุดไปแล้ว")
    row.ended_on = today
    journal.record("reminders.resumed", "pause", row.id, now=now, by=by)


def pauses_on(day: date) -> Sequence[Pause]:
    """The pauses that hold on a day, the one that ends last first."""
    return db.session.scalars(
        select(Pause)
        .where(Pause.until_on >= day, Pause.from_on <= day)
        .where(or_(Pause.ended_on.is_(None), Pause.ended_on > day))
        .order_by(Pause.until_on.desc(), Pause.id)
    ).all()
