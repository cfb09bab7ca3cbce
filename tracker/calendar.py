"""The working days of the organisation in scope, and on which of them it reminds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import bindparam, select

from tracker.database import current_organisation_id, db
from tracker.models import CalendarDay, Organisation, Pause
from tracker.rules import ladders
from tracker.rules.ladders import StagePlan
from tracker.rules.reminders import Pauses
from tracker.rules.workdays import Calendar

_OWN_DAYS = select(CalendarDay)
_PAUSES = select(Pause).where(Pause.until_on >= bindparam("first"), Pause.from_on <= bindparam("last"))
_TIMES = select(Organisation.send_minute, Organisation.stages).where(
    Organisation.id == bindparam("organisation")
)


def working_calendar() -> Calendar:
    """The national calendar with the organisation's own days."""
    days = db.session.scalars(_OWN_DAYS).all()
    return Calendar(
        added=frozenset(row.day for row in days if not row.working),
        removed=frozenset(row.day for row in days if row.working),
    )


def reminding_times() -> tuple[int, StagePlan]:
    """The minute after midnight at which digests leave, and the stages."""
    row = db.session.execute(_TIMES, {"organisation": current_organisation_id()}).one()
    return row.send_minute, ladders.from_data(row.stages)


def pauses_between(first: date, last: date) -> Sequence[Pause]:
    """The pauses of reminders that hold on any day from the first to the last."""
    return db.session.scalars(_PAUSES, {"first": first, "last": last}).all()


def held_on(day: date, pauses: Iterable[Pause] | None = None) -> Pauses:
    """What the pauses, else all there are, hold back on one day."""
    held = [
        pause
        for pause in (pauses_between(day, day) if pauses is None else pauses)
        if pause.from_on <= day <= pause.until_on and (pause.ended_on is None or day < pause.ended_on)
    ]
    return Pauses(
        everything=any(pause.subject is None and pause.position_id is None for pause in held),
        positions=frozenset(pause.position_id for pause in held if pause.position_id is not None),
        subjects=frozenset(pause.subject for pause in held if pause.subject is not None),
    )
