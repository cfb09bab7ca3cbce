"""The scores a document prints, in tables or in prose, found by the indicator's name and not its number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tracker.catalogue.assessment import INDICATORS, YEARS
from tracker.reading import names
from tracker.reading.table import Paragraph, Table
from tracker.rules import thai
from tracker.rules.scoring import TOLERANCE, Scores

_Key = TypeVar("_Key", str, int)
_VALUE = re.compile(r"(?:ร้อยละ)?(100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)(?:คะแนน|%)?")
_CODE = re.compile(r"(?:ข้อ(?:ที่)?)?\(?(?:(i|e)0?([1-9]\d?)|[o0]([1-9]\d?))(?!\d)")
_NAMES = sorted(
    ((thai.letters(name), one.number) for one in INDICATORS for name in (one.name, *one.spellings)),
    key=lambda pair: -len(pair[0]),
)
_ANY_NAME = "|".join(re.escape(name) for name, _ in _NAMES)
_TOTAL = re.compile(
    r"(?:ภาพรวม|ผลคะแนน|คะแนนรวม|คะแนนเฉลี่ยรวม|คะแนนเฉลี่ย)[^0-9]{0,60}?(\d{1,3}(?:\.\d{1,2})?)(?=คะแนน|อยู่ในระดับ|%|ระดับ|\()"
)
_OVERALL = re.compile(
    rf"ผลการประเมิน(?:(?!{_ANY_NAME}|ตัวชี้วัด|iit|eit|oit).){{0,150}}?(?:ได้|มี|คะแนน|ร้อยละ|เท่ากับ)"
    r"(\d{1,3}\.\d{1,2})(?:คะแนน|%)?(?=อยู่ในระดับ|ระดับ)"
)
_TOTAL_NAME = re.compile(r"(?:ผล)?คะแนน(?:เฉลี่ย)?(?:รวม|ภาพรวม)|ภาพรวม|รวม(?:ทั้งหมด|คะแนน)?$|เฉลี่ยรวม")
_MEAN = re.compile(r"(?:ค่า|คะแนน|รวม)?เฉลี่ย(?:ทั้งหมด)?")
_LEVELS = (
    "ผ่านดีเยี่ยม",
    "ผ่านดี",
    "ต้องปรับปรุงโดยด่วน",
    "ต้องปรับปรุง",
    "ผ่าน(?!เกณฑ์)",
    "aa",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
)
_LEVEL = re.compile(rf"ระดับ(?:ผล(?:การ)?ประเมิน|ผลคะแนน|คะแนน)?[:=\"“”'(]*({'|'.join(_LEVELS)})(?![a-z\-+])")
_INSTRUMENT = re.compile(r"(?<![a-z])(iit|eit|oit)(?![a-z])")
_SCORE_BEFORE = r"(?:ร้อยละ|คะแนน|ได้|เท่ากับ|อยู่ที่|=|:)"
_COUNTED = "ตัวชี้วัด|ข้อ|เดือน|ปี|ครั้ง"
_PROSE = re.compile(
    rf"(?P<name>{_ANY_NAME})(?:(?!{_ANY_NAME}|ตัวชี้วัด|\d).){{0,70}}?{_SCORE_BEFORE}"
    rf"(?P<score>100\.0{{1,2}}|\d{{1,2}}\.\d{{1,2}}|(?:100|\d{{1,2}})(?!{_COUNTED}))(?![\d.]*\d)"
)


_SCORE_HEADING = re.compile(r"(?:ผล|ค่า)?คะแนน|ร้อยละ|(?:ita)?(?:ผล)?ปี(?:งบประมาณ)?(?:พ\.?ศ\.?)?(?:25)?\d\d$")
_NO_SCORE_HEADING = re.compile(r"คะแนนเต็ม|คะแนน(?:ที่)?(?:เพิ่ม|ลด)|(?:ผล|คะแนน)ต่าง|คะแนน(?:ถ่วง|ตาม)น้ำหนัก")


@dataclass(frozen=True)
class Disagreement:
    """Two places of the document that print different scores of the same thing."""

    of: str | int
    first: float
    other: float


@dataclass
class Found:
    """What the document prints: every level it names, every mention of a question with its topic.

    `titles` are those of the OIT items by their codes, `unknown` what has a score but is no question and no indicator.
    """

    total: float | None = None
    levels: list[str] = field(default_factory=list)
    instruments: dict[str, float] = field(default_factory=dict)
    indicators: dict[int, float] = field(default_factory=dict)
    questions: dict[str, float] = field(default_factory=dict)
    mentions: list[tuple[str, int | None]] = field(default_factory=list)
    topics: set[int] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)

    def scores(self, level: str | None) -> Scores:
        """The printed scores as one value with the level that holds."""
        ordered = {number: self.indicators[number] for number in sorted(self.indicators)}
        return Scores(self.total, level, dict(self.instruments), ordered, dict(self.questions))


def find(blocks: Sequence[Paragraph | Table], more_prose: Iterable[str], year: int | None = None) -> Found:
    """The scores in the blocks outside the plan's table, and those that only its analysis texts tell.

    `year` (B.E.) is that of the assessment: its items are known by their titles where no code is written, and
    its column counts where a table compares years.
    """
    found = Found()
    topic: int | None = None
    for block in blocks:
        if isinstance(block, Paragraph):
            topic = _topic_line(block.text, found) or topic
            continue
        topic = _read_table(block, found, topic, year)
    lines = [line for block in blocks for line in _lines(block)]
    _read_prose(thai.letters("\n".join(lines)), found)
    for text in more_prose:
        _read_indicators(thai.letters(text), found)
    return found


def _lines(block: Paragraph | Table) -> list[str]:
    """Running text, also where a table has it in a row of one cell."""
    if isinstance(block, Paragraph):
        return [block.text]
    filled = [[cell.text for cell in row if cell.text.strip()] for row in block.rows]
    return [texts[0] for texts in filled if len(texts) == 1]


def _topic_line(text: str, found: Found) -> int | None:
    topic = names.topic_of(text) if len(text) < 200 else None
    if topic:
        found.topics.add(topic)
    return topic


def _read_table(table: Table, found: Found, topic: int | None, year: int | None) -> int | None:
    column: int | None = None
    instrument: str | None = None
    unknown: list[str] = []
    before = (len(found.mentions), len(found.indicators))
    for row in table.rows:
        texts = [thai.letters(cell.text) for cell in row]
        filled = [text for text in texts if text]
        if len(filled) == 1:
            topic = _topic_line(next(cell.text for cell in row if cell.text.strip()), found) or topic
            continue
        headed = [place for place, text in enumerate(texts) if _is_score_heading(text)]
        if headed and not any(_VALUE.fullmatch(text) for text in texts):
            of_year = [
                place for place in headed if year and re.search(rf"{year}|\D{year % 100}$", texts[place])
            ]
            column = (of_year or headed)[-1]
            continue
        values = {
            place: float(match[1]) for place, text in enumerate(texts) if (match := _VALUE.fullmatch(text))
        }
        if not values:
            continue
        if column is not None and column < len(texts) and not re.search(r"[^\W_]", texts[column]):
            continue
        score = values[column] if column in values else values[max(values)]
        own = _INSTRUMENT.search(texts[0]) if texts else None
        instrument = own[1].upper() if own else instrument
        written = [cell.text for cell in row]
        if not _read_row(written, texts, score, instrument if own else None, topic, found, year):
            unknown.append(_longest(written))
    if column is not None and before != (len(found.mentions), len(found.indicators)):
        found.unknown += unknown
    return topic


def _is_score_heading(text: str) -> bool:
    return _SCORE_HEADING.match(text) is not None and _NO_SCORE_HEADING.search(text) is None


def _read_row(
    written: list[str],
    texts: list[str],
    score: float,
    instrument: str | None,
    topic: int | None,
    found: Found,
    year: int | None,
) -> bool:
    """Notes what the row's score is of; False where the row names nothing that is known."""
    plain = [text for text in written if not _code(thai.letters(text))]
    # What is written in words counts before "ตัวชี้วัดที่ 3".
    plain.sort(key=lambda text: not names.core(text))
    number = next((one for text in plain if (one := names.indicator_of(text))), None)
    for place, text in enumerate(texts):
        code = _code(text)
        # "01" before an indicator's name counts the rows.
        if code and not (number and text[:1].isdigit()):
            title = _title(written[place]) or _longest(written[:place] + written[place + 1 :])
            found.mentions.append((code, topic))
            if title and code[0] == "o":
                found.titles[code] = title
            _note(found.questions, code, score, found)
            return True
    if number:
        _note(found.indicators, number, score, found)
        return True
    complete = len(found.indicators) == len(INDICATORS)
    if any(_TOTAL_NAME.match(text) or (complete and _MEAN.fullmatch(text)) for text in texts):
        found.total = score if found.total is None else found.total
        return True
    if _INSTRUMENT.search("".join(texts)) and not any(re.search("[ก-๙]", text) for text in texts[1:]):
        if instrument:
            _note(found.instruments, instrument, score, found)
        return True
    title = _longest(written)
    code = names.item_of(title, year) if year is not None else None
    if code:
        found.mentions.append((code, topic))
        _note(found.questions, code, score, found)
        return True
    return (
        not re.search("[ก-๙]{3}", title)
        or re.match(r"(?:ผล)?รวม|(?:ค่า)?เฉลี่ย|คะแนน|ระดับ|แบบ", thai.letters(title)) is not None
    )


def _longest(texts: Sequence[str]) -> str:
    """The text that is likeliest the title of a row: the longest that is no number."""
    return max((text for text in texts if not _VALUE.fullmatch(thai.letters(text))), key=len, default="")


def _title(written: str) -> str:
    """What follows the code in its cell."""
    return re.sub(r"^\W*(?:ข้อ\s*(?:ที่)?\s*)?\(?[oO0๐][\s]*[\d๐-๙]{1,2}[\s.):*-]*", "", written.strip()).strip()


def renumbered(found: Found, year: int | None) -> tuple[int | None, dict[str, str]]:
    """The code in the year's list of each item whose title is on it, and the year whose list numbers so instead.

    That year is None where the codes are those of the assessed one, but for a few. A title that two items share
    tells of neither.
    """
    if year is None or not found.titles:
        return None, {}
    fitting = {
        of: sum(names.item_of(title, of) == code for code, title in found.titles.items()) for of in YEARS
    }
    best = max(YEARS, key=lambda of: (fitting[of], of == year))
    named = {
        code: own for code, title in found.titles.items() if (own := names.item_of(title, year)) is not None
    }
    times = Counter(named.values())
    meant = {code: own for code, own in named.items() if times[own] == 1}
    return best if best != year and fitting[best] > max(2, 2 * fitting.get(year, 0)) else None, meant


def _code(text: str) -> str | None:
    """The question code a cell begins with; what looks like an O before one or two digits is an O."""
    match = _CODE.match(text)
    if not match or _VALUE.fullmatch(text):
        return None
    return f"{match[1]}{match[2]}" if match[1] else f"o{match[3]}"


def _read_prose(letters: str, found: Found) -> None:
    for match in sorted((*_TOTAL.finditer(letters), *_OVERALL.finditer(letters)), key=lambda one: one.end()):
        score = float(match[1])
        if score > 100:
            continue
        if found.total is None:
            found.total = score
        elif abs(found.total - score) > TOLERANCE:
            found.disagreements.append(Disagreement("total", found.total, score))
    for match in _LEVEL.finditer(letters):
        level = match[1].upper() if match[1].isascii() else match[1]
        if level not in found.levels:
            found.levels.append(level)
    for match in re.finditer(
        r"(iit|eit|oit)\)?(?:[^0-9]{0,30}?)(?:ร้อยละ|คะแนน|ได้|เท่ากับ)(\d{1,3}\.\d{1,2})(?=คะแนน|%)", letters
    ):
        if float(match[2]) <= 100:
            found.instruments.setdefault(match[1].upper(), float(match[2]))
    _read_indicators(letters, found)


def _read_indicators(letters: str, found: Found) -> None:
    by_name = dict(_NAMES)
    for match in _PROSE.finditer(letters):
        _note(found.indicators, by_name[match["name"]], float(match["score"]), found)


def _note(scores: dict[_Key, float], key: _Key, score: float, found: Found) -> None:
    known = scores.setdefault(key, score)
    if abs(known - score) > TOLERANCE:
        found.disagreements.append(Disagreement(key, known, score))
