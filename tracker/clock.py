"""The only place that asks the time; edges call it and hand `now` down."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tracker.rules.moments import day_of


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """This day in Thailand."""
    return day_of(now())
