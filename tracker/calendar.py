"""The working days of the organisation in scope."""

from __future__ import annotations

from sqlalchemy import select

from tracker.database import db
from tracker.models import CalendarDay
from tracker.rules.workdays import Calendar


def working_calendar() -> Calendar:
    """The national calendar with the organisation's own days."""
    days = db.session.scalars(select(CalendarDay)).all()
    return Calendar(
        added=frozenset(row.day for row in days if not row.working),
        removed=frozenset(row.day for row in days if row.working),
    )
