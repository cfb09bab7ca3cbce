"""What a follow-up (การติดตามผล) written in a plan asks for, and when."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from tracker.errors import Message
from tracker.rules import fiscal, thai, windows
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter
from tracker.rules.rounds import RuleKind
from tracker.rules.windows import Window


@dataclass(frozen=True)
class ReadFollowUp:
    """A follow-up as its text says it.

    `n` counts: times a year for at_least_per_year, days after completion for on_completion. `months` ("2023-10")
    are the report months of months and once, literally as written; `period_ends` the last days of the periods
    reported on, where the kind has such and the window is known.
    """

    text: str
    kind: RuleKind
    n: int | None = None
    months: tuple[str, ...] = ()
    period_ends: tuple[date, ...] = ()


_COMPLETION = re.compile(
    r"(?:หลัง|เมื่อ|ภายหลัง|นับแต่|นับจาก|หลังจาก)[^,]{0,60}?(?:แล้วเสร็จ|เสร็จสิ้น|สิ้นสุด(?!ปี|ไตรมาส)|เสร็จ|จัดกิจกรรม|จัดโครงการ)"
    r"|(?:สิ้นสุด|เสร็จสิ้น)(?:การดำเนิน|โครงการ|กิจกรรม)|หลัง(?:ดำเนินการ|กิจกรรม|โครงการ|การอบรม)"
)
_DAYS = re.compile(r"ภายใน\s*(\d{1,3})\s*วัน")
_QUARTERLY = re.compile(
    r"(?:ทุก|ราย|ประจำ|แต่ละ|สิ้น)\s*(?:ๆ\s*)?ไตรมาส|ไตรมาสละ|(?:ทุก|รอบ)\s*(?:ๆ\s*)?3\s*เดือน|ทั้ง\s*4\s*ไตรมาส"
)
_MONTHLY = re.compile(
    r"ทุก\s*วันที่\s*\d{1,2}(?!\s*[ก-ฮ]\.)|(?:ทุก|ราย|ประจำ|แต่ละ)\s*(?:ๆ\s*)?(?:สิ้น)?เดือน|เดือนละ"
    r"|ทุก\s*(?:ๆ\s*)?1\s*เดือน"
)
_EVERY_SIX = re.compile(r"ทุก\s*(?:ๆ\s*)?(?:รอบ\s*)?(?:6|หก)\s*เดือน|ราย\s*6\s*เดือน|ครึ่งปี")
_SIX = re.compile(r"(?<!\d)(?:6|หก)\s*(?:เดือน|,|/|และ|-|&)|(?:6|หก)\s*เดือนแรก")
_TWELVE = re.compile(
    r"(?<!\d)12\s*เดือน|สิ้น\s*ปี|ราย\s*ปี|ประจำ\s*ปี|ทุก\s*(?:ๆ\s*)?ปี(?!ละ)|ทุก\s*1\s*ปี|1\s*ปี(?!ละ)"
)
_PER_YEAR = re.compile(r"ปี\s*ละ\s*(?:ไม่น้อยกว่า|อย่างน้อย|จำนวน)?\s*(\d{1,2}|หนึ่ง|สอง|สาม|สี่)?\s*ครั้ง")
_TIMES_A_YEAR = re.compile(r"(\d{1,2})\s*ครั้ง\s*(?:ต่อ|/|ใน(?:รอบ|หนึ่ง|1)?\s*)\s*(?:1\s*)?ปี")
_ONCE = re.compile(r"(?<!\d)(?:1|หนึ่ง)\s*ครั้ง|ครั้งเดียว")
_WORDS = {"หนึ่ง": 1, "สอง": 2, "สาม": 3, "สี่": 4}


def read(text: str, window: Window | None = None, fiscal_year: int | None = None) -> ReadFollowUp:
    """What `text` asks for; `unspecified` when it names no frequency.

    Rounds of six and twelve months count from the start of the fiscal year, not of the window. Without a window
    the fiscal year stands in for it; without either there are no period ends.
    """
    plain = thai.arabic_digits(thai.clean(text))
    if window is None and fiscal_year is not None:
        window = Window("", fiscal.first_day(fiscal_year), fiscal.last_day(fiscal_year))
    found_days = _DAYS.search(plain)
    if _COMPLETION.search(plain):
        return ReadFollowUp(text, "on_completion", n=int(found_days[1]) if found_days else None)
    if _QUARTERLY.search(plain) or re.search(r"3\s*(?:เดือน)?\s*,?\s*6\s*(?:เดือน)?\s*,?\s*9", plain):
        return ReadFollowUp(text, "quarterly", period_ends=_quarter_ends(window))
    points = windows.months_in(plain)
    if points and not windows.names_a_range(plain):
        return _of_months(text, plain, points, window)
    if _MONTHLY.search(plain):
        return ReadFollowUp(text, "monthly", period_ends=_month_ends(window))
    return _of_rounds(text, plain, window)


def _of_rounds(text: str, plain: str, window: Window | None) -> ReadFollowUp:
    # With nine months among the rounds they are neither of the half year nor of every quarter.
    if re.search(r"(?<!\d)9\s*(?:เดือน|,|/|และ|&)", plain):
        return ReadFollowUp(text, "unspecified")
    six, twelve = _SIX.search(plain) is not None, _TWELVE.search(plain) is not None
    times = _PER_YEAR.search(plain) or _TIMES_A_YEAR.search(plain)
    if _EVERY_SIX.search(plain) or (six and twelve):
        return ReadFollowUp(text, "six_twelve", period_ends=_round_ends(window, six=True, twelve=True))
    if times:
        n = _WORDS.get(times[1] or "หนึ่ง") or int(times[1])
        return ReadFollowUp(text, "at_least_per_year", n=n, period_ends=_parts_of_year(window, n))
    if six:
        return ReadFollowUp(text, "six_months", period_ends=_round_ends(window, six=True))
    if _ONCE.search(plain):
        return ReadFollowUp(text, "once")
    if twelve:
        return ReadFollowUp(text, "twelve_months", period_ends=_round_ends(window, twelve=True))
    return ReadFollowUp(text, "unspecified")


def before_window(follow_up: ReadFollowUp, window: Window) -> tuple[str, ...] | None:
    """The months that are meant when a written one lies before the window opens, else None."""
    first = _month_of(window.start)
    if all(month >= first for month in follow_up.months):
        return None
    return tuple(
        month if month >= first else _month_from(int(month[5:]), window) for month in follow_up.months
    )


def cannot_read(text: str) -> Message:
    """The sentence for a text that names no frequency."""
    return Message("การติดตามผล “%(text)s” ไม่ได้ระบุความถี่หรือรอบการรายงาน", {"text": text})


def _of_months(
    text: str, plain: str, points: list[tuple[int, int | None]], window: Window | None
) -> ReadFollowUp:
    """Report months: the written year, else the first such month after the window opened."""
    months = []
    for number, year in _with_years(points):
        if year is not None:
            months.append(f"{year - BUDDHIST_OFFSET:04}-{number:02}")
        elif window is not None:
            months.append(_month_from(number, window))
    repeated = len(points) > 1 or re.search(r"ทุก\s*(?:ๆ\s*)?ปี", plain) is not None
    return ReadFollowUp(text, "months" if repeated else "once", months=tuple(sorted(dict.fromkeys(months))))


def _with_years(points: list[tuple[int, int | None]]) -> list[tuple[int, int | None]]:
    """A month without a year takes that of the month after it: "ต.ค. และ เม.ย. 66" is October 2565."""
    filled: list[tuple[int, int | None]] = []
    for number, year in reversed(points):
        if year is None and filled and filled[-1][1] is not None:
            year = filled[-1][1] - (number > filled[-1][0])
        filled.append((number, year))
    return filled[::-1]


def _month_from(number: int, window: Window) -> str:
    """The first such month after the month the window opens in, or that month itself when the window has no other.

    A window from October with a round in October means the October that follows: the one at its start reports on
    the year before.
    """
    opens = (window.start.year, window.start.month)
    alone = opens == (window.end.year, window.end.month)
    year = window.start.year
    if (year, number) < opens or ((year, number) == opens and not alone):
        year += 1
    return f"{year:04}-{number:02}"


def _month_of(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"


def _quarter_ends(window: Window | None) -> tuple[date, ...]:
    return tuple(quarter.last_day for quarter in window.quarters) if window else ()


def _month_ends(window: Window | None) -> tuple[date, ...]:
    if window is None:
        return ()
    ends = []
    year, month = window.start.year, window.start.month
    while (year, month) <= (window.end.year, window.end.month):
        ends.append(date(year, month, calendar.monthrange(year, month)[1]))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(ends)


def _years(window: Window) -> range:
    return range(fiscal.fiscal_year_of(window.start), fiscal.fiscal_year_of(window.end) + 1)


def _round_ends(window: Window | None, *, six: bool = False, twelve: bool = False) -> tuple[date, ...]:
    """31 March where the window touches the half year before it, 30 September of each of its years."""
    if window is None:
        return ()
    ends = []
    for year in _years(window):
        middle = Quarter(year, 2).last_day
        touched = window.start <= middle and window.end >= fiscal.first_day(year)
        if six and touched:
            ends.append(middle)
        if twelve:
            ends.append(fiscal.last_day(year))
    return tuple(ends)


def _parts_of_year(window: Window | None, n: int) -> tuple[date, ...]:
    """Last days of `n` equal parts of each fiscal year, in whole months."""
    if window is None or not 1 <= n <= 12:
        return ()
    ends = []
    for fiscal_year in _years(window):
        for part in range(1, n + 1):
            months = 8 + round(12 * part / n)  # months since January before the fiscal year's first day
            year, month = fiscal_year - BUDDHIST_OFFSET - 1 + months // 12, months % 12 + 1
            ends.append(date(year, month, calendar.monthrange(year, month)[1]))
    return tuple(end for end in ends if end >= window.start)
