"""The working days of the organisation in scope, and on which of them it reminds."""

from __future__ import annotations

from sqlalchemy import select

from tracker.database import current_organisation_id, db
from tracker.models import CalendarDay, Organisation
from tracker.rules import ladders
from tracker.rules.ladders import StagePlan
from tracker.rules.workdays import Calendar


def working_calendar() -> Calendar:
    """The national calendar with the organisation's own days."""
    days = db.session.scalars(select(CalendarDay)).all()
    return Calendar(
        added=frozenset(row.day for row in days if not row.working),
        removed=frozenset(row.day for row in days if row.working),
    )


def reminding_times() -> tuple[int, StagePlan]:
    """The minute after midnight at which digests leave, and the stages."""
    row = db.session.execute(
        select(Organisation.send_minute, Organisation.stages).where(
            Organisation.id == current_organisation_id()
        )
    ).one()
    return row.send_minute, ladders.from_data(row.stages)
