"""Which years the demo tells of, and the days on which a plan is announced and its year closed."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.rules import fiscal
from tracker.rules.fiscal import BUDDHIST_OFFSET, fiscal_year_of
from tracker.rules.rounds import FollowUpRule, rounds_of
from tracker.rules.workdays import Calendar

SURELY_CLOSED = timedelta(days=15)
_CLOSED_AFTER = timedelta(days=12)


def closed_year_on(today: date, calendar: Calendar) -> int:
    """The latest fiscal year whose twelve-month follow-up was due 15 days ago or earlier."""
    year = fiscal_year_of(today)
    while last_due_on(year, calendar) + SURELY_CLOSED > today:
        year -= 1
    return year


def last_due_on(fiscal_year: int, calendar: Calendar) -> date:
    """The day on which the twelve-month follow-up of a year is due."""
    start, end = fiscal.first_day(fiscal_year), fiscal.last_day(fiscal_year)
    return rounds_of(FollowUpRule("twelve_months"), fiscal_year, start, end, calendar)[-1].due_on


def founded_on(closed_year: int, calendar: Calendar) -> date:
    """The organisation's first day: early enough to announce the plan of the closed year."""
    return calendar.on_or_after(date(closed_year - BUDDHIST_OFFSET - 1, 9, 1))


def adopted_on(fiscal_year: int, calendar: Calendar) -> date:
    """The day on which a year's plan is announced: the first working day from 20 September before it."""
    return calendar.on_or_after(date(fiscal_year - BUDDHIST_OFFSET - 1, 9, 20))


def closed_on(fiscal_year: int, calendar: Calendar) -> date:
    """The day on which a year is closed, some days after the last answers were due."""
    return calendar.on_or_before(last_due_on(fiscal_year, calendar) + _CLOSED_AFTER)
