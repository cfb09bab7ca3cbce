"""A plan's days and follow-ups moved to a later year, and how a window or a rule is written down."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date

from tracker.rules.fiscal import BUDDHIST_OFFSET
from tracker.rules.thai import SHORT_MONTHS, short_date

_WORDS = {
    "quarterly": "ทุกไตรมาส",
    "six_twelve": "รอบ 6 เดือน และ 12 เดือน",
    "six_months": "รอบ 6 เดือน",
    "twelve_months": "รอบ 12 เดือน",
    "monthly": "ทุกเดือน",
    "unspecified": "",
}


def later_window(start: date, end: date, years: int) -> tuple[date, date]:
    """The window so many years later; one that ends with its month does so again."""
    moved = _later(end, years)
    if end.day == _last_day(end):
        moved = moved.replace(day=_last_day(moved))
    return _later(start, years), moved


def later_month(month: str, years: int) -> str:
    """The month written as "2025-10" so many years later."""
    year, number = month.split("-")
    return f"{int(year) + years:04}-{number}"


def window_text(start: date, end: date) -> str:
    """How a plan writes the window: "ต.ค. 2568 - มี.ค. 2569", "ต.ค. 2568" or with days where months are cut."""
    whole = start.day == 1 and end.day == _last_day(end)
    first, last = (_month(start), _month(end)) if whole else (short_date(start), short_date(end))
    return first if first == last else f"{first} - {last}"


def follow_up_text(kind: str, n: int | None, months: Sequence[str]) -> str:
    """How a plan writes the rule of a follow-up; empty where the organisation's own rule holds."""
    named = ", ".join(_month(date.fromisoformat(f"{month}-01")) for month in months)
    if kind == "months":
        return named if len(months) > 1 else f"ทุกปี ภายในเดือน {named}"
    if kind == "once":
        return f"1 ครั้ง ภายในเดือน {named}" if named else "1 ครั้ง"
    if kind == "at_least_per_year":
        return f"ปีละ {n or 1} ครั้ง"
    if kind == "on_completion":
        return "หลังดำเนินการแล้วเสร็จ" + (f" ภายใน {n} วัน" if n else "")
    return _WORDS[kind]


def _later(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29) and not calendar.isleap(day.year + years):
        return date(day.year + years, 2, 28)
    return day.replace(year=day.year + years)


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _month(day: date) -> str:
    return f"{SHORT_MONTHS[day.month - 1]} {day.year + BUDDHIST_OFFSET}"
