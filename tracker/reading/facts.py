"""Whose document it is, for which years, and whether it is a plan or a report of results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.reading.columns import Columns
from tracker.rules import thai
from tracker.rules.windows import PLAUSIBLE_YEARS

_FULL = {
    "อบต": "องค์การบริหารส่วนตำบล",
    "อบจ": "องค์การบริหารส่วนจังหวัด",
    "ทต": "เทศบาลตำบล",
    "ทม": "เทศบาลเมือง",
    "ทน": "เทศบาลนคร",
}
_ORGANISATION = re.compile(
    r"(?P<kind>องค์การบริหารส่วน(?:ตำบล|จังหวัด)|เทศบาล(?:ตำบล|เมือง|นคร)|(?<![ก-๙])(?:อบต|อบจ|ทต|ทม|ทน)\.?)\s?(?P<name>[ก-๎]{2,40})"
)
_NOT_THE_NAME = re.compile(
    r"(?<=[ก-๎]{2})(?:ประจำ|ในปี|ปีงบ|อำเภอ|จังหวัด|ได้|พบว่า|โดย|จึง|เพื่อ|มีผล|ตามมาตรการ|และหน่วย|ในการ|ให้).*"
)
_NO_NAME = re.compile(
    r"(?:ที่|มี|ได้|ต้อง|และ|เป็น|จะ|ใน|ให้|ของ|ทุก|หรือ|ตาม|เพื่อ|โดย|ว่า|ควร|ไม่|ดำเนิน|สามารถ|จึง|กำหนด|อำเภอ|จังหวัด|ประจำ|ผู้|เรื่อง|ขอ|ระบุ|ชื่อ|ร่วม|กับ|แล้ว|ซึ่ง|ทั้ง|นี้|แต่)"
)
_YEAR = re.compile(r"(?:ปี(?:งบประมาณ)?|พ\.?ศ\.?)(?:พ\.?ศ\.?)?(\d{4})(?!\d)")
# "ปี 2566-2570" is the time of another plan: it does not say which year this one is for.
_RANGE = re.compile(r"(?:-|–|—|ถึง)(?:พ\.?ศ\.?)?(?:25)?\d\d(?!\d)")
_OF_RESULT = ("ผลการประเมิน", "วิเคราะห์", "คะแนน", "ผลประเมิน")
_OF_PLAN = ("มาตรการ", "แผนปฏิบัติการ", "แนวทางการส่งเสริม", "รายงานผลการดำเนิน")
_RESULTS_TITLE = re.compile(
    r"รายงานผลการ(?:ดำเนินการ|ดำเนินงาน|ปฏิบัติ)(?:ตาม|เพื่อ)(?:มาตรการ|แผน|ส่งเสริม)|ผลการดำเนินการตามมาตรการ"
)


@dataclass(frozen=True)
class Years:
    """Years B.E. that the running text gives to the plan and to the assessment, in reading order."""

    plan: tuple[int, ...]
    assessment: tuple[int, ...]


def kind_of(columns: Sequence[Columns], lines: Sequence[str]) -> str:
    """ "results" for a table with results or, without such columns, a title that reports them; else "plan"."""
    if any("results" in one.roles for one in columns):
        return "results"
    title = thai.letters("".join(lines)[:400])
    reports = _RESULTS_TITLE.search(title) is not None
    return "results" if reports and any("outcome" in one.roles for one in columns) else "plan"


def years_of(lines: Iterable[str]) -> Years:
    """Each year of the running text, told apart by the nearest word before it."""
    # Joined without a sign, the year that ends a line would run into the number that begins the next.
    letters = "|".join(thai.letters(line) for line in lines)
    plan: list[int] = []
    assessment: list[int] = []
    for found in _YEAR.finditer(letters):
        year = int(found[1])
        if year not in PLAUSIBLE_YEARS or _RANGE.match(letters, found.end()):
            continue
        before = letters[max(0, found.start() - 200) : found.start()]
        result = max(before.rfind(word) for word in _OF_RESULT)
        measure = max(before.rfind(word) for word in _OF_PLAN)
        if max(result, measure) >= 0:
            (assessment if result > measure else plan).append(year)
    return Years(tuple(dict.fromkeys(plan)), tuple(dict.fromkeys(assessment)))


def fiscal_year_of(years: Years, of_windows: Sequence[range], given: int | None) -> int | None:
    """The plan's year: given, else that of most windows, else the title's, else the one after the assessment.

    `of_windows` are the fiscal years that each window touches: the title's where it is among them, else the last.
    """
    if given is not None:
        return given
    if of_windows:
        counted = Counter(
            next((year for year in years.plan if year in touched), touched[-1]) for touched in of_windows
        )
        # Among years of equally many windows the title decides.
        return max(counted, key=lambda year: (counted[year], year in years.plan))
    if years.plan:
        return years.plan[0]
    return years.assessment[0] + 1 if years.assessment else None


def assessment_year_of(years: Years, fiscal_year: int | None) -> int | None:
    """The year before the plan's when the text names it anywhere, else the year it gives to the assessment."""
    if fiscal_year is not None and fiscal_year - 1 in (*years.assessment, *years.plan):
        return fiscal_year - 1
    return years.assessment[0] if years.assessment else None


_SPLIT_KIND = re.compile("|".join(" ?".join(kind) for kind in ("องค์การบริหารส่วนตำบล", "องค์การบริหารส่วนจังหวัด")))


def _joined(found: re.Match[str]) -> str:
    """The words without the spaces that a scanner put between them."""
    return found[0].replace(" ", "")


def organisations(text: str) -> Counter[str]:
    """Full names of the organisations that a text mentions, and how often."""
    found: Counter[str] = Counter()
    for match in _ORGANISATION.finditer(_SPLIT_KIND.sub(_joined, thai.clean(text))):
        name = _NOT_THE_NAME.sub("", match["name"])
        if not _NO_NAME.match(name):
            kind = match["kind"].rstrip(".")
            found[_FULL.get(kind, kind) + name] += 1
    return found


def organisation_of(mentions: Counter[str], title: str) -> str | None:
    """The organisation named most often, the one of the title among equals."""
    if not mentions:
        return None
    in_title = organisations(title)
    best = max(
        mentions, key=lambda name: (mentions[name] + 2 * (name in in_title), name in in_title, -len(name))
    )
    shorter = [name for name in mentions if best.startswith(name) and name != best and mentions[name] > 1]
    return min(shorter, key=len) if shorter else best


def foreign(mentions: Counter[str], own: str | None) -> list[str]:
    """Organisations that are not the own one, misspelt or with a word run on."""
    if own is None:
        return []
    return [
        name
        for name in mentions
        if not name.startswith(own)
        and not own.startswith(name)
        and SequenceMatcher(None, _bare(name), _bare(own), False).ratio() < 0.55
    ]


def _bare(name: str) -> str:
    for kind in _FULL.values():
        name = name.removeprefix(kind)
    return name
