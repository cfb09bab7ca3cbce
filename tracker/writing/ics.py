"""Days as a calendar file that calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event

REFRESHED_EVERY = timedelta(hours=6)


@dataclass(frozen=True)
class Day:
    """A whole day of a calendar; `key` names it in every later version of the file."""

    key: str
    day: date
    title: str
    text: str
    href: str


def write(name: str, days: Sequence[Day], *, now: datetime, language: str) -> bytes:
    """The calendar file (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", f"-//integrity measures tracker//{language}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESHED_EVERY, parameters={"VALUE": "DURATION"})
    for one in days:
        event = Event()
        event.add("uid", one.key)
        event.add("dtstamp", now)
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", one.title)
        event.add("description", one.text)
        event.add("url", one.href)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
