"""Days off out of an iCalendar file, and the sentence where there are none."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.errors import Unreadable
from tracker.reading.calendar_file import LARGEST, MOST_DAYS, NamedDay, read


def event(start: str, end: str = "", more: str = "", name: str = "วันหยุดพิเศษ") -> str:
    lines = ["BEGIN:VEVENT", f"UID:{start}", f"SUMMARY:{name}", f"DTSTART{start}"]
    return "\r\n".join([*lines, *([f"DTEND{end}"] if end else []), *([more] if more else []), "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", *events, "END:VCALENDAR", ""]
    ).encode()


def test_whole_days_are_read_without_the_end_that_is_not_among_them() -> None:
    read_file = read(calendar(event(";VALUE=DATE:20260102", ";VALUE=DATE:20260104")))
    assert read_file.days == (
        NamedDay(date(2026, 1, 2), "วันหยุดพิเศษ"),
        NamedDay(date(2026, 1, 3), "วันหยุดพิเศษ"),
    )


def test_a_moment_is_its_thai_day() -> None:
    assert [one.day for one in read(calendar(event(":20260101T180000Z"))).days] == [date(2026, 1, 2)]


def test_what_ends_at_midnight_ends_with_the_day_before() -> None:
    bangkok = ";TZID=Asia/Bangkok:20260610T000000", ";TZID=Asia/Bangkok:20260611T000000"
    for start, end in (bangkok, (":20260609T170000Z", ":20260610T170000Z"), (":20260610T020000Z",) * 2):
        assert [one.day for one in read(calendar(event(start, end))).days] == [date(2026, 6, 10)]


def test_an_event_may_tell_its_length_instead_of_its_end() -> None:
    found = read(calendar(event(";VALUE=DATE:20260610", more="DURATION:P3D")))
    assert [one.day.day for one in found.days] == [10, 11, 12]


def test_a_cancelled_event_is_no_day_off() -> None:
    held, cancelled = event(";VALUE=DATE:20260610"), event(";VALUE=DATE:20260611", more="STATUS:CANCELLED")
    assert [one.day.day for one in read(calendar(held, cancelled)).days] == [10]


def test_days_stand_in_their_order_once_each() -> None:
    found = read(
        calendar(
            event(";VALUE=DATE:20260502", name="สอง"),
            event(";VALUE=DATE:20260102", name="หนึ่ง"),
            event(";VALUE=DATE:20260502", name="ซ้ำ"),
        )
    )
    assert [(one.day.month, one.name) for one in found.days] == [(1, "หนึ่ง"), (5, "สอง")]


def test_a_rule_is_followed_once_and_counted() -> None:
    found = read(calendar(event(";VALUE=DATE:20260102", more="RRULE:FREQ=YEARLY")))
    assert (len(found.days), found.repeating) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"%PDF-1.7",
        "วันหยุด,2 ม.ค. 2569".encode(),
        calendar(),
        calendar(event(":ไม่ใช่วัน")),
        calendar("BEGIN:VEVENT\r\nSUMMARY:ไม่มีวัน\r\nEND:VEVENT"),
        calendar(event(";VALUE=DATE:20260102", ";VALUE=DATE:20270102")),
        calendar(
            *(
                event(f";VALUE=DATE:{2026 + n // 300}{n % 300 // 28 + 1:02}{n % 28 + 1:02}")
                for n in range(MOST_DAYS + 1)
            )
        ),
        calendar() + b" " * LARGEST,
    ],
    ids=["empty", "binary", "pdf", "csv", "no event", "no date", "no start", "a year long", "too many", "too large"],
)  # fmt: skip
def test_what_is_no_usable_calendar_is_said(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)
