"""What a person should look at in a document that was read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tracker.catalogue import grading
from tracker.errors import Message
from tracker.reading import divisions, facts
from tracker.reading.cells import Entry
from tracker.reading.scores import Found, renumbered
from tracker.reading.table import Paragraph, Table
from tracker.reading.values import Problem, ReadRow
from tracker.rules import fiscal, scoring, thai, windows
from tracker.rules.windows import PLAUSIBLE_YEARS, Window

DOCUMENT = Message("ทั้งเอกสาร")
FEWEST_TOPICS = 3
MANY_REPEATS = 3
_PLACEHOLDER = re.compile(
    r"ระบุ\s*(?:ชื่อ|หน่วยงาน|ปี|ข้อความ)|\(\s*ชื่อ[^)]{0,30}\)|[.…]{5,}|…{2,}|[xX]{3,}|_{4,}|○{2,}|[◯⬚]{2,}"
)
_SIGNATURE = re.compile(r"ชื่อ\s*[-–/]?\s*(?:นาม)?สกุล|ลงชื่อ|ลงนาม|ผู้จัดทำ|ผู้เสนอ|ผู้อนุมัติ|ผู้เห็นชอบ|ผู้รายงาน")
_YEAR = re.compile(r"ปี\s*(?:งบประมาณ\s*)?(?:พ\s*\.\s*ศ\s*\.?\s*)?(\d{4})(?!\d)")


def place(row: int, column: str = "") -> Message:
    """Where in the plan: the row counted from one, and the column."""
    if column:
        return Message("แถวที่ %(row)s ช่อง%(column)s", {"row": row + 1, "column": column})
    return Message("แถวที่ %(row)s", {"row": row + 1})


def numbering(entries: Sequence[Entry], where: Message) -> list[Problem]:
    """Gaps and repeats in the numbers written before the items of one cell."""
    problems = []
    numbers = [entry.number for entry in entries if entry.number is not None]
    for earlier, later in pairwise(numbers):
        if later == earlier:
            message = Message("ลำดับที่ %(number)s ซ้ำกัน", {"number": later})
            problems.append(Problem("numbering_repeat", where, message))
        elif later > earlier + 1:
            message = Message("ลำดับข้ามจาก %(earlier)s เป็น %(later)s", {"earlier": earlier, "later": later})
            problems.append(Problem("numbering_gap", where, message))
    return problems


def numbering_down(rows: Sequence[ReadRow]) -> list[Problem]:
    """Gaps and repeats where each row holds one measure and the numbers run down the table."""
    numbers = [row.measures[0].number for row in rows if len(row.measures) == 1]
    if len(numbers) != len(rows) or len(rows) < 2 or None in numbers or len(set(numbers)) < 2:
        return []
    # Numbers that repeat all along count the groups that the rows belong to.
    repeats = sum(earlier == later for earlier, later in pairwise(numbers))
    if repeats >= MANY_REPEATS and repeats * 4 >= len(numbers):
        return []
    return numbering([Entry(number, "") for number in numbers], Message("ลำดับมาตรการ"))


def repeated_measures(rows: Sequence[ReadRow]) -> list[Problem]:
    """Measures that several rows hold for the same topic and indicator, as where a summary repeats the plan."""
    places: dict[tuple[int | None, int | None, str], list[int]] = {}
    titles: dict[str, str] = {}
    for place, row in enumerate(rows, 1):
        for letters, title in {thai.letters(one.title): one.title for one in row.measures}.items():
            titles.setdefault(letters, title)
            places.setdefault((row.topic, row.indicator, letters), []).append(place)
    problems = []
    for (_, _, letters), found in places.items():
        if len(found) > 1:
            values = {"title": titles[letters], "rows": ", ".join(map(str, found))}
            message = Message("มาตรการ “%(title)s” อยู่ในหลายแถว: %(rows)s", values)
            problems.append(Problem("measure_repeated", DOCUMENT, message))
    return problems


def mistyped_years(text: str, years: Iterable[int | None], where: Message) -> list[Problem]:
    """Years that cannot be, such as 2668, with the plan's or the assessment's year they differ from by a digit."""
    problems = []
    known = [year for year in years if year is not None]
    for written in dict.fromkeys(int(found[1]) for found in _YEAR.finditer(thai.arabic_digits(text))):
        if written in PLAUSIBLE_YEARS or 1990 <= written <= 2060:
            continue
        near = [one for one in known if sum(a != b for a, b in zip(str(one), str(written), strict=True)) == 1]
        message = Message("ปี %(year)s น่าจะพิมพ์ผิด", {"year": written})
        problems.append(Problem("score_year_typo", where, message, {"year": near[0]} if near else None))
    return problems


def placeholders(text: str, where: Message) -> list[Problem]:
    """Blanks of a form that nobody filled in."""
    found = _PLACEHOLDER.search(text)
    if not found:
        return []
    return [
        Problem("placeholder", where, Message("ยังไม่ได้กรอกข้อความแทน “%(text)s”", {"text": found[0].strip()}))
    ]


def lost(texts: Iterable[tuple[str, str]], where: Message) -> list[Problem]:
    """Texts of columns that have no place in a plan, each with the heading of its column."""
    problems = []
    for column, text in texts:
        if not re.search(r"[^\W_]|[✓✔☑☒√●■]", text):
            continue
        values = {"column": column or "?", "text": thai.clean(text)}
        problems.append(
            Problem("text_lost", where, Message("ข้อความในช่อง “%(column)s” ไม่มีที่เก็บ: %(text)s", values))
        )
    return problems


def years(
    titles: facts.Years, fiscal_year: int | None, rows: Sequence[ReadRow], given: int | None
) -> list[Problem]:
    """A title or windows of another year than the plan's."""
    if fiscal_year is None:
        return [Problem("year_missing", DOCUMENT, Message("ไม่พบปีงบประมาณของแผน กรุณาระบุปี"))]
    problems = []
    if titles.plan and fiscal_year not in titles.plan:
        values = {"title": titles.plan[0], "year": fiscal_year}
        message = Message("ชื่อเอกสารระบุปี %(title)s แต่ระยะเวลาดำเนินการเป็นปี %(year)s", values)
        if given is not None:
            message = Message("ชื่อเอกสารระบุปี %(title)s แต่เลือกปี %(year)s", values)
        problems.append(Problem("year_mismatch", DOCUMENT, message, {"fiscal_year": fiscal_year}))
    written = [row.window for row in rows if row.window is not None and row.window.year_written]
    outside = [one for one in written if not touches(one, fiscal_year)]
    if outside and len(outside) == len(written):
        values = {"year": fiscal_year, "other": fiscal.fiscal_year_of(outside[0].start)}
        message = Message("ระยะเวลาดำเนินการทุกแถวเป็นปี %(other)s ไม่ใช่ปี %(year)s", values)
        problems.append(Problem("year_mismatch", DOCUMENT, message, {"fiscal_year": values["other"]}))
    return problems


def touches(window: Window, fiscal_year: int) -> bool:
    """Whether the window has a day in the fiscal year."""
    return any(quarter.fiscal_year == fiscal_year for quarter in window.quarters)


def topics(found: Found, rows: Sequence[ReadRow]) -> list[Problem]:
    """Topics that an analysis by topics leaves out, or that no row says what it answers.

    A plan by indicators that names one or two topics is no analysis by topics.
    """
    if rows and not found.topics and all(row.topic is None and row.indicator is None for row in rows):
        return [Problem("topics_unsaid", DOCUMENT, Message("เอกสารไม่ได้บอกว่ามาตรการใดตอบประเด็นหรือตัวชี้วัดใด"))]
    told = found.topics | {row.topic for row in rows if row.topic is not None}
    missing = [number for number in range(1, 8) if number not in told]
    by_topics = any(row.topic is not None for row in rows) or len(found.topics) >= FEWEST_TOPICS
    if len(told) < 2 or not missing or not by_topics:
        return []
    message = Message("ไม่พบประเด็นที่ %(numbers)s", {"numbers": ", ".join(map(str, missing))})
    return [Problem("missing_topics", DOCUMENT, message)]


def items(found: Found) -> list[Problem]:
    """Questions listed more than once."""
    problems = []
    for code, times in Counter(code for code, _ in found.mentions).items():
        if times < 2:
            continue
        under = [topic for one, topic in found.mentions if one == code and topic is not None]
        values = {"code": code, "times": times, "topics": ", ".join(map(str, dict.fromkeys(under))) or "-"}
        message = Message("ข้อ %(code)s ปรากฏ %(times)s ครั้ง (ประเด็นที่ %(topics)s)", values)
        problems.append(Problem("duplicated_item", DOCUMENT, message))
    return problems


def renumbered_items(found: Found, year: int | None) -> list[Problem]:
    """Items of the OIT whose codes are another year's, or not those of their titles."""
    other, meant = renumbered(found, year)
    moved = {code: own for code, own in meant.items() if code != own}
    if not moved:
        return []
    # By another year's list a code without a known title means nothing.
    kept = {
        code for code in found.questions if code[0] != "o" or (other is None and code not in moved.values())
    }
    told = {
        meant.get(code, code): score
        for code, score in found.questions.items()
        if code in kept or code in meant
    }
    pairs = ", ".join(f"{code} → {own}" for code, own in moved.items())
    values = {"year": year, "other": other, "pairs": pairs}
    message = Message("เลขข้อ OIT ไม่ตรงกับชื่อข้อของปี %(year)s: %(pairs)s", values)
    if other is not None:
        message = Message("เลขข้อ OIT เป็นของปี %(other)s ไม่ใช่ปี %(year)s: %(pairs)s", values)
    return [Problem("items_renumbered", DOCUMENT, message, {"questions": told})]


def unknown_scores(found: Found) -> list[Problem]:
    """Lines of a score table that name no indicator, no question and no item."""
    return [
        Problem(
            "score_unknown",
            DOCUMENT,
            Message("ไม่รู้จักรายการที่มีคะแนน: %(text)s", {"text": thai.clean(text)[:120]}),
        )
        for text in found.unknown
    ]


def level(found: Found, year: int | None) -> tuple[str | None, list[Problem]]:
    """The level that holds, and a problem where the document's levels contradict each other or the scores."""
    scheme_year = _scheme_year(found.levels, year)
    earned = None
    if found.total is not None and scheme_year is not None:
        instruments = {**found.instruments, **scoring.instrument_means(found.indicators, scheme_year)}
        earned = scoring.level(found.total, instruments, scheme_year)
    if len(found.levels) < 2 and (not found.levels or earned is None or earned == found.levels[0]):
        return (found.levels[0] if found.levels else None), []
    values = {"levels": ", ".join(found.levels), "earned": earned or "?"}
    message = Message("เอกสารระบุระดับ %(levels)s แต่คะแนนอยู่ในระดับ %(earned)s", values)
    holds = earned if earned in found.levels else found.levels[0] if len(found.levels) == 1 else None
    return holds, [Problem("level_contradiction", DOCUMENT, message, {"level": earned} if earned else None)]


def _scheme_year(levels: Sequence[str], year: int | None) -> int | None:
    """The year whose scheme judges: a document that writes letters is judged by letters."""
    letters = {one.name for one in grading.LETTERS}
    if any(one in letters for one in levels):
        return min(year or 2565, 2565)
    return year


def scores(found: Found, year: int | None) -> list[Problem]:
    """Scores that contradict their parts or one another."""
    problems = []
    if year is not None:
        for one in scoring.contradictions(found.scores(None), year):
            values = {"of": _name(one.of), "printed": one.printed, "computed": one.computed}
            message = Message("%(of)sระบุ %(printed)s แต่คำนวณจากคะแนนย่อยได้ %(computed)s", values)
            problems.append(Problem("score_contradiction", DOCUMENT, message))
    for other in found.disagreements:
        values = {"of": _name(other.of), "first": other.first, "other": other.other}
        message = Message("%(of)sระบุไว้ต่างกันในเอกสาร: %(first)s และ %(other)s", values)
        problems.append(Problem("score_contradiction", DOCUMENT, message))
    return problems


def _name(of: str | int) -> Message:
    if isinstance(of, int):
        return Message("คะแนนตัวชี้วัดที่ %(number)s ", {"number": of})
    if of == "total":
        return Message("คะแนนรวม")
    return Message("คะแนน %(code)s ", {"code": of})


def unread_tables(blocks: Sequence[Paragraph | Table], unheaded: Sequence[Table]) -> list[Problem]:
    """Tables that may be the plan's but were not read: below it without headings, or naming days and divisions."""
    problems = []
    for table in (block for block in blocks if isinstance(block, Table)):
        texts = [thai.clean(cell.text) for row in table.rows for cell in row if cell.text.strip()]
        short = [text for text in texts if len(text) < 80]
        signed = any(_SIGNATURE.search(text) for text in texts)
        when = any("ไตรมาส" in text or windows.months_in(text) for text in short)
        who = any(divisions.division_of(text) or divisions.read(text).everyone for text in short)
        if (when and who) or (table in unheaded and not signed and texts):
            values = {"text": " | ".join(texts)[:200]}
            message = Message("ตารางนี้อาจเป็นมาตรการ แต่ไม่มีหัวตารางที่รู้จัก จึงไม่ได้อ่าน: %(text)s", values)
            problems.append(Problem("rows_unread", DOCUMENT, message))
    return problems


def foreign_organisations(names: Sequence[str], own: str | None) -> list[Problem]:
    """Other organisations' names, left over from a document that was copied."""
    return [
        Problem(
            "other_organisation",
            DOCUMENT,
            Message("พบชื่อหน่วยงานอื่น “%(other)s” ในเอกสารของ %(own)s", {"other": name, "own": own}),
        )
        for name in names[:5]
    ]


def of_another(organisation: str | None, own: str) -> list[Problem]:
    """That the whole document is another organisation's than the one named `own`, where it says whose it is."""
    ours = next(iter(facts.organisations(own)), own)
    if organisation is None or not facts.foreign(Counter([organisation]), ours):
        return []
    message = Message(
        "เอกสารนี้เป็นของ%(other)s ไม่ใช่ของ%(own)s กรุณาตรวจว่าเลือกแฟ้มถูกต้อง", {"other": organisation, "own": own}
    )
    return [Problem("organisation_differs", DOCUMENT, message)]
