"""What a window (ระยะเวลาดำเนินการ) written in a plan means in days."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from tracker.errors import Message
from tracker.rules import fiscal, thai
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter

PLAUSIBLE_YEARS = range(2540, 2600)
# One digit too many: 2669 is written for 2569.
_A_CENTURY_LATE = range(2640, 2700)


@dataclass(frozen=True)
class Window:
    """The days from `start` to `end`, both included, that `text` names.

    `year_written` is False when the year came from the plan and not from the text. `notes` tell what the text
    left open: "gaps" (a list of months or quarters with holes), "start_assumed", "end_assumed".
    """

    text: str
    start: date
    end: date
    year_written: bool = True
    notes: tuple[str, ...] = ()

    @property
    def quarters(self) -> list[Quarter]:
        """Every fiscal quarter the window touches."""
        return fiscal.quarters_between(self.start, self.end)


@dataclass(frozen=True)
class Unclear:
    """A text that gives no window: `code` is window_missing or window_unreadable, `proposal` what may be meant."""

    code: str
    message: Message
    proposal: Window | None = None


def read(text: str, fiscal_year: int | None = None) -> Window | Unclear:
    """The window that `text` names; `fiscal_year` (B.E.) places months and quarters written without a year."""
    plain = _plain(text)
    if not re.search(r"[ก-๙A-Za-z0-9]", plain):
        return Unclear("window_missing", Message("ไม่ได้ระบุระยะเวลาดำเนินการ"))
    try:
        return _read(text, plain, fiscal_year)
    except _NoYear:
        return _unreadable(Message("ระยะเวลา “%(text)s” ไม่ได้ระบุปี และไม่ทราบปีงบประมาณของแผน", {"text": text}))
    except _BadYear as bad:
        values = {"text": text, "year": bad.year}
        message = Message("ระยะเวลา “%(text)s” ระบุปี %(year)s ซึ่งน่าจะพิมพ์ผิด", values)
        if bad.year not in _A_CENTURY_LATE:
            return _unreadable(message)
        meant = read(thai.arabic_digits(text).replace(str(bad.year), str(bad.year - 100)), fiscal_year)
        proposal = replace(meant, text=text) if isinstance(meant, Window) else None
        return _unreadable(message, proposal)


def months_in(text: str) -> list[tuple[int, int | None]]:
    """Every month named in `text` with its calendar year B.E. where one is written."""
    return [(point.month, point.year) for point in _points(_plain(text))]


def names_a_range(text: str) -> bool:
    """Whether `text` names months from one to another, and not each for itself."""
    plain = _plain(text)
    return any(
        re.fullmatch(rf"[\s(]*{_TO}[\s)]*", plain[one.ends : other.begins]) is not None
        for one, other in pairwise(_points(plain))
    )


class _NoYear(Exception):
    pass


class _BadYear(Exception):
    def __init__(self, year: int) -> None:
        self.year = year


class _Point(NamedTuple):
    """A month in the text, perhaps with a day and a calendar year B.E."""

    day: int | None
    month: int
    year: int | None
    begins: int
    ends: int


def _loose(name: str) -> str:
    return r"\s*".join(re.escape(letter) + ("?" if letter == "์" else "") for letter in name)


def _short(name: str) -> str:
    first, second = name.rstrip(".").split(".")
    dotted = rf"{first}\s*\.\s*{second}(?:\s*\.|(?![ก-๎]))"
    return rf"{dotted}|(?:(?<![ก-๎])|(?<=เดือน)){first}\s?{second}\.?(?![ก-๎])"


_MONTH = "|".join(
    f"(?P<m{number}>{_loose(long)}|{_short(short)})"
    for number, (long, short) in enumerate(zip(thai.MONTHS, thai.SHORT_MONTHS, strict=True), 1)
)
_POINT = re.compile(
    rf"(?:(?<!\d)(?P<day>\d{{1,2}})\s*)?(?:เดือน\s*)?(?:{_MONTH})"
    r"\s*,?\s*(?:(?:ปี\s*)?พ\s*\.?\s*ศ\s*\.?\s*|ปี\s*(?=\d)|ค\s*\.?\s*ศ\s*\.?\s*|')?(?P<year>\d{4}(?!\d)|\d{2}(?!\d))?"
)
_TO = r"(?:-|ถึง|จนถึง|to|ถึงเดือน|ถึงวันที่)"
_FISCAL_YEAR = re.compile(
    r"(?:ปี\s*งบ\s*ประมาณ|ปีงบฯ?|(?:ปี\s*)?งปม\s*\.?|ปี|พ\s*\.\s*ศ\s*\.?)\s*(?:ปี\s*)?(?:พ\s*\.?\s*ศ\s*\.?)?\s*(\d{4}|\d{2})(?!\d)"
    rf"(?:\s*{_TO}\s*(?:พ\s*\.?\s*ศ\s*\.?)?\s*(\d{{4}})(?!\d))?"
)
_ANY_YEAR = re.compile(r"(?<!\d)(2[56]\d\d)(?!\d)")
_NUMERIC = re.compile(
    r"(?<!\d)(\d{1,2})(?:\s*/\s*(\d{1,2})\s*/\s*(\d{4}|\d{2})|[-.](\d{1,2})[-.](\d{4}))(?!\d)"
)
_QUARTER = r"([1-4])(?![\d.])(?:\s*/\s*(\d{4}|\d{2})(?!\d))?"
_QUARTERS = re.compile(
    rf"(?:ไตรมาส\s*(?:ที่)?|Q)\s*{_QUARTER}((?:\s*(?:-|ถึง|และ|,|&|/)?\s*(?:ไตรมาส)?\s*(?:ที่|Q)?\s*{_QUARTER})*)",
    re.I,
)
_WHOLE_YEAR = re.compile(
    r"ตลอด|ทั้ง\s*ปี|ทุก\s*(?:ๆ\s*)?(?:\d\s*)?(?:เดือน|ไตรมาส|วัน|สัปดาห์|ปี)|(?:เดือน|ไตรมาส|สัปดาห์|วัน|ปี)\s*ละ"
    r"|ราย\s*(?:เดือน|ไตรมาส|ปี|สัปดาห์|วัน)|ประจำ\s*(?:ทุก)?(?:เดือน|ไตรมาส|ปี)|ต่อเนื่อง|สม่ำเสมอ|4\s*ไตรมาส"
    r"|^\(?(?:ระยะเวลา\s*)?(?:1\s*ปี|12\s*เดือน)\)?$"
)
_HALF = re.compile(r"(?:6|หก)\s*เดือน\s*(แรก|หลัง)|ครึ่งปี\s*(?:งบประมาณ\s*)?(แรก|หลัง)|ครึ่ง\s*(แรก|หลัง)")
_COUNTED = re.compile(r"(?:ครั้ง|รอบ|ระยะ|งวด|ช่วง)\s*ที่\s*\d{1,2}(?!\d)\s*[:.)]?")
_QUARTER_NAMES = {"แรก": 1, "หนึ่ง": 1, "สอง": 2, "สาม": 3, "สี่": 4, "สุดท้าย": 4}
_NAMED_QUARTER = re.compile(rf"ไตรมาส\s*(?:ที่)?\s*({'|'.join(_QUARTER_NAMES)})")
_WITHIN = re.compile(r"ภายใน|ไม่เกิน|ก่อน|^\(?(?:จน)?ถึง|^\(?สิ้น(?=เดือน|ไตรมาส)")
_ENGLISH_MONTH = re.compile(r"(?i)(?<![a-z])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)")


# Words that scanners split: a space may stand between any two of their letters.
_SPLIT = re.compile("|".join(" ?".join(word) for word in ("ไตรมาส", "งบประมาณ", "ตลอดปี")))


# "ต.ค, ๖๘ - ก,ย. ๖๙": scanners take the dots of months for commas.
_COMMA_FOR_DOT = re.compile(r"(?<![ก-๎])(ม|มี|เม|มิ|ก|พ|ส|ต|ธ)\s?(?:[.,]\s?(?=[คพย],)|,\s?)([คพย])[.,]?(?![ก-๎])")


def _plain(text: str) -> str:
    plain = thai.arabic_digits(thai.clean(text))
    plain = re.sub("[‐‑‒–—―−~～]", "-", plain)
    plain = _SPLIT.sub(lambda found: found[0].replace(" ", ""), plain)
    plain = _COUNTED.sub(" ", _COMMA_FOR_DOT.sub(r"\1.\2.", plain))
    return _NAMED_QUARTER.sub(lambda found: f"ไตรมาสที่ {_QUARTER_NAMES[found[1]]}", plain)


def _unreadable(message: Message, proposal: Window | None = None) -> Unclear:
    return Unclear("window_unreadable", message, proposal)


def _read(text: str, plain: str, fiscal_year: int | None) -> Window | Unclear:
    # A month that is not understood may be the other end of the window.
    if _ENGLISH_MONTH.search(plain):
        return _give_up(text)
    numeric = [_numeric_date(found) for found in _NUMERIC.finditer(plain)]
    if numeric:
        return _between(text, numeric[0], numeric[-1], plain) if None not in numeric else _give_up(text)
    points = _points(plain)
    if points:
        return _of_months(text, plain, points, fiscal_year)
    quarters = _QUARTERS.search(plain)
    if quarters:
        return _of_quarters(text, plain, quarters, fiscal_year)
    half = _HALF.search(plain)
    if half:
        first = "แรก" in half[0]
        year, written = _year(plain, fiscal_year)
        start, end = (Quarter(year, 1), Quarter(year, 2)) if first else (Quarter(year, 3), Quarter(year, 4))
        return Window(text, start.first_day, end.last_day, written)
    bare = _FISCAL_YEAR.sub("", plain)
    says_nothing_else = not re.search(r"\d", bare) and _FISCAL_YEAR.search(plain) is not None
    if _WHOLE_YEAR.search(plain) or says_nothing_else or re.fullmatch(r"\(?2[56]\d\d\)?", plain):
        return _of_years(text, plain, fiscal_year)
    return _give_up(text)


def _give_up(text: str) -> Unclear:
    return _unreadable(Message("อ่านระยะเวลา “%(text)s” ไม่ออก กรุณาระบุเดือนหรือไตรมาส", {"text": text}))


def _numeric_date(found: re.Match[str]) -> date | None:
    month, year = found[2] or found[4], found[3] or found[5]
    _checked(thai.full_year(int(year)))
    return thai.parse_date(f"{found[1]}/{month}/{year}")


def _between(text: str, start: date | None, end: date | None, plain: str) -> Window | Unclear:
    if start is None or end is None:
        return _give_up(text)
    if end < start:
        return _reversed(text, start, end)
    if start == end and _WITHIN.search(plain):
        return Window(text, start.replace(day=1), end, notes=("start_assumed",))
    return Window(text, start, end)


def _reversed(text: str, start: date, end: date) -> Unclear:
    """A window that ends before it starts: most often the year of the start was not turned back."""
    earlier = date(
        start.year - 1, start.month, min(start.day, calendar.monthrange(start.year - 1, start.month)[1])
    )
    proposal = Window(text, earlier, end) if earlier <= end else None
    return _unreadable(Message("ระยะเวลา “%(text)s” สิ้นสุดก่อนวันเริ่มต้น กรุณาตรวจสอบปี", {"text": text}), proposal)


def _points(plain: str) -> list[_Point]:
    points = []
    for found in _POINT.finditer(plain):
        month = next(number for number in range(1, 13) if found[f"m{number}"])
        year = thai.full_year(int(found["year"])) if found["year"] else None
        day = int(found["day"]) if found["day"] else None
        points.append(_Point(day, month, year, found.start(), found.end()))
    return points


def _of_months(text: str, plain: str, points: list[_Point], fiscal_year: int | None) -> Window | Unclear:
    if _has_other_end(plain, points):
        return _give_up(text)
    written = any(point.year is not None for point in points) or _written_year(plain) is not None
    years = _calendar_years(plain, points, fiscal_year)
    first, last = points[0], points[-1]
    before = re.search(rf"(?<!\d)(\d{{1,2}})\s*{_TO}\s*$", plain[: first.begins])
    first_day = int(before[1]) if before else first.day or 1
    start = _day(years[0], first.month, first_day)
    end = _day(years[-1], last.month, last.day)
    if start is None or end is None:
        return _give_up(text)
    if end < start:
        return _reversed(text, start, end)
    window = Window(text, start, end, written, ("gaps",) if _has_gaps(plain, points, years) else ())
    if len(points) == 1 and not before:
        return _open_ended(window, plain)
    return window


def _has_other_end(plain: str, points: list[_Point]) -> bool:
    """Whether the range goes on to, or comes from, words that are no month: "ต.ค. 68 - กนย. 69"."""
    if re.match(rf"\s*{_TO}\s*[ก-๎]", plain[points[-1].ends :]):
        return True
    begun = re.search(rf"\s*{_TO}\s*$", plain[: points[0].begins])
    if begun is None:
        return False
    before = plain[: begun.start()]
    day = re.search(r"(\.?)\s*\d{1,2}$", before)
    return re.search("[ก-๎]", before) is not None and (day is None or day[1] != "")


def _open_ended(window: Window, plain: str) -> Window:
    """A single month or day: "ภายใน" leaves its start open, "เป็นต้นไป" its end."""
    if re.search(r"เป็นต้นไป|^\(?\s*(?:เริ่ม)?ตั้งแต่|^\(?\s*เริ่ม", plain):
        end = fiscal.last_day(fiscal.fiscal_year_of(window.start))
        return replace(window, end=end, notes=("end_assumed",))
    if _WITHIN.search(plain):
        return replace(window, start=window.start.replace(day=1), notes=("start_assumed",))
    return window


def _calendar_years(plain: str, points: list[_Point], fiscal_year: int | None) -> list[int]:
    """The year A.D. of each point: its own, else its neighbour's turned at the new year, else the fiscal year's."""
    years = [point.year for point in points]
    for place in range(len(points) - 2, -1, -1):
        following = years[place + 1]
        if years[place] is None and following is not None:
            years[place] = following - (points[place].month > points[place + 1].month)
    first = years[0]
    if first is None:
        year, _ = _year(plain, fiscal_year)
        first = year - (points[0].month >= 10)
    known = [_checked(first)]
    for place in range(1, len(points)):
        own = years[place]
        known.append(
            _checked(own) if own is not None else known[-1] + (points[place].month < points[place - 1].month)
        )
    return [year - BUDDHIST_OFFSET for year in known]


def _has_gaps(plain: str, points: list[_Point], years: list[int]) -> bool:
    for place in range(1, len(points)):
        earlier, later = points[place - 1], points[place]
        months = (years[place] - years[place - 1]) * 12 + later.month - earlier.month
        if months > 1 and not re.search(_TO, plain[earlier.ends : later.begins]):
            return True
    return False


def _of_quarters(text: str, plain: str, found: re.Match[str], fiscal_year: int | None) -> Window | Unclear:
    marks = list(re.finditer(_QUARTER, found[0]))
    numbers = [(int(one[1]), one[2]) for one in marks]
    years = [_checked(thai.full_year(int(own))) if own else None for _, own in numbers]
    written = any(years) or _written_year(plain) is not None
    default = next((year for year in reversed(years) if year), None)
    if default is None:
        default, _ = _year(plain, fiscal_year)
    quarters = [Quarter(own or default, number) for (number, _), own in zip(numbers, years, strict=True)]
    start, end = quarters[0], quarters[-1]
    if end < start:
        return _reversed(text, start.first_day, end.last_day)
    between = [found[0][one.end() : other.start()] for one, other in pairwise(marks)]
    gaps = any(
        later not in (earlier, earlier.next) and not re.search(_TO, sign)
        for (earlier, later), sign in zip(pairwise(quarters), between, strict=True)
    )
    within = len(quarters) == 1 and _WITHIN.search(plain) is not None
    notes = ("gaps",) if gaps else ("start_assumed",) if within else ()
    return Window(text, start.first_day, end.last_day, written, notes)


def _of_years(text: str, plain: str, fiscal_year: int | None) -> Window | Unclear:
    year, written = _year(plain, fiscal_year)
    found = _FISCAL_YEAR.search(plain)
    last = _checked(int(found[2])) if found and found[2] else year
    if last < year:
        return _give_up(text)
    return Window(text, fiscal.first_day(year), fiscal.last_day(last), written)


def _written_year(plain: str) -> int | None:
    found = _FISCAL_YEAR.search(plain) or _ANY_YEAR.search(plain)
    return _checked(thai.full_year(int(found[1]))) if found else None


def _year(plain: str, fiscal_year: int | None) -> tuple[int, bool]:
    """The fiscal year of the text and True, else the plan's and False."""
    written = _written_year(plain)
    if written is not None:
        return written, True
    if fiscal_year is None:
        raise _NoYear
    return fiscal_year, False


def _checked(year: int) -> int:
    if year not in PLAUSIBLE_YEARS:
        raise _BadYear(year)
    return year


def _day(year: int, month: int, day: int | None) -> date | None:
    """That day, the month's last one for None; None when the month has no such day."""
    last = calendar.monthrange(year, month)[1]
    if day is None:
        return date(year, month, last)
    return date(year, month, day) if 1 <= day <= last else None


def within(window: Window, fiscal_year: int) -> Window | None:
    """The same days and months in the fiscal year; None where they would run backwards."""
    start, end = (_in_year(day, fiscal_year) for day in (window.start, window.end))
    return replace(window, start=start, end=end) if start <= end else None


def _in_year(day: date, fiscal_year: int) -> date:
    year = fiscal.first_day(fiscal_year).year + (day.month < fiscal.first_day(fiscal_year).month)
    return day.replace(year=year, day=min(day.day, calendar.monthrange(year, day.month)[1]))
