"""Reads days off from an iCalendar file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import icalendar

from tracker.errors import Unreadable
from tracker.rules.moments import day_of
from tracker.rules.thai import clean

LARGEST = 512 * 1024
MOST_DAYS = 400
LONGEST_EVENT = 31
LONGEST_NAME = 200


@dataclass(frozen=True)
class NamedDay:
    """A day of the file and the name of its event."""

    day: date
    name: str


@dataclass(frozen=True)
class CalendarFile:
    """The days of a file in their order, once each; `repeating` counts the rules that were not followed."""

    days: tuple[NamedDay, ...]
    repeating: int


def read(content: bytes) -> CalendarFile:
    """The days of the events in an .ics file, without cancelled ones; of those that repeat the first time only.

    Unreadable where it is too large, no calendar, or has no day or too many.
    """
    if len(content) > LARGEST:
        raise Unreadable("ไฟล์ปฏิทินใหญ่เกิน %(limit)s KB", limit=LARGEST // 1024)
    try:
        events = icalendar.Calendar.from_ical(content).walk("VEVENT")
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError) as failure:
        raise Unreadable("ไฟล์นี้ไม่ใช่ปฏิทิน .ics หรือเสียหาย") from failure
    found: dict[date, str] = {}
    for event in events:
        if str(event.get("STATUS")).upper() == "CANCELLED":
            continue
        name = clean(str(event.get("SUMMARY") or ""))[:LONGEST_NAME]
        for day in _days(event):
            found.setdefault(day, name)
            if len(found) > MOST_DAYS:
                raise Unreadable("ไฟล์ปฏิทินมีเกิน %(limit)s วัน", limit=MOST_DAYS)
    if not found:
        raise Unreadable("ไม่พบวันใดในไฟล์ปฏิทินนี้")
    repeating = sum("RRULE" in event for event in events)
    return CalendarFile(tuple(NamedDay(*row) for row in sorted(found.items())), repeating)


def _days(event: icalendar.cal.Component) -> list[date]:
    """The days an event touches; a day that only begins when it ends is not among them."""
    try:
        start, end = event.decoded("DTSTART"), event.decoded("DTEND", None)
        if end is None and "DURATION" in event:
            end = start + event.decoded("DURATION")
        if end is not None:
            # Of whole days the last one is the day before their end; of moments it is that just before.
            end -= timedelta.resolution if isinstance(end, datetime) else timedelta(days=1)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as failure:
        raise Unreadable("อ่านวันที่ในไฟล์ปฏิทินไม่ได้") from failure
    first = _day(start)
    if first is None:
        raise Unreadable("อ่านวันที่ในไฟล์ปฏิทินไม่ได้")
    last = _day(end) or first
    length = (max(last, first) - first).days + 1
    if length > LONGEST_EVENT:
        raise Unreadable("มีรายการในปฏิทินยาวเกิน %(limit)s วัน", limit=LONGEST_EVENT)
    return [first + timedelta(days=number) for number in range(length)]


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return day_of(value) if value.tzinfo is not None else value.date()
    return value if isinstance(value, date) else None
