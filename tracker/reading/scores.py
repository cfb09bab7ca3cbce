"""The scores a document prints, in tables or in prose, found by the indicator's name and not its number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tracker.catalogue.assessment import INDICATORS
from tracker.reading import names
from tracker.reading.table import Paragraph, Table
from tracker.rules import thai
from tracker.rules.scoring import TOLERANCE, Scores

_Key = TypeVar("_Key", str, int)
_VALUE = re.compile(r"(?:ร้อยละ)?(100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)(?:คะแนน|%)?")
_CODE = re.compile(r"(?:ข้อ(?:ที่)?)?\(?(?:(i|e)0?([1-9]\d?)|[o0]([1-9]\d?))(?!\d)")
_TOTAL = re.compile(
    r"(?:ภาพรวม|ผลคะแนน|คะแนนรวม|คะแนนเฉลี่ยรวม|คะแนนเฉลี่ย)[^0-9]{0,60}?(\d{1,3}(?:\.\d{1,2})?)(?=คะแนน|อยู่ในระดับ|%|ระดับ|\()"
)
_TOTAL_NAME = re.compile(r"(?:ผล)?คะแนน(?:เฉลี่ย)?(?:รวม|ภาพรวม)|ภาพรวม|รวม(?:ทั้งหมด|คะแนน)?$|เฉลี่ยรวม")
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
_NAMES = sorted(
    ((thai.letters(name), one.number) for one in INDICATORS for name in (one.name, *one.spellings)),
    key=lambda pair: -len(pair[0]),
)
_ANY_NAME = "|".join(re.escape(name) for name, _ in _NAMES)
_COUNTED = "ตัวชี้วัด|ข้อ|เดือน|ปี|ครั้ง"
_PROSE = re.compile(
    rf"(?P<name>{_ANY_NAME})(?:(?!{_ANY_NAME}|ตัวชี้วัด|\d).){{0,70}}?{_SCORE_BEFORE}"
    rf"(?P<score>100\.0{{1,2}}|\d{{1,2}}\.\d{{1,2}}|(?:100|\d{{1,2}})(?!{_COUNTED}))(?![\d.]*\d)"
)


@dataclass(frozen=True)
class Disagreement:
    """Two places of the document that print different scores of the same thing."""

    of: str | int
    first: float
    other: float


@dataclass
class Found:
    """What the document prints: every level it names, every mention of a question with its topic."""

    total: float | None = None
    levels: list[str] = field(default_factory=list)
    instruments: dict[str, float] = field(default_factory=dict)
    indicators: dict[int, float] = field(default_factory=dict)
    questions: dict[str, float] = field(default_factory=dict)
    mentions: list[tuple[str, int | None]] = field(default_factory=list)
    topics: set[int] = field(default_factory=set)
    disagreements: list[Disagreement] = field(default_factory=list)

    def scores(self, level: str | None) -> Scores:
        """The printed scores as one value with the level that holds."""
        ordered = {number: self.indicators[number] for number in sorted(self.indicators)}
        return Scores(self.total, level, dict(self.instruments), ordered, dict(self.questions))


def find(blocks: Sequence[Paragraph | Table], more_prose: Iterable[str]) -> Found:
    """The scores in the blocks outside the plan's table, and those that only its analysis texts tell."""
    found = Found()
    topic: int | None = None
    for block in blocks:
        if isinstance(block, Paragraph):
            topic = _topic_line(block.text, found) or topic
            continue
        topic = _read_table(block, found, topic)
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


def _read_table(table: Table, found: Found, topic: int | None) -> int | None:
    column: int | None = None
    instrument: str | None = None
    for row in table.rows:
        texts = [thai.letters(cell.text) for cell in row]
        filled = [text for text in texts if text]
        if len(filled) == 1:
            topic = _topic_line(next(cell.text for cell in row if cell.text.strip()), found) or topic
            continue
        headed = [
            place
            for place, text in enumerate(texts)
            if text.startswith(("คะแนน", "ผลคะแนน", "ร้อยละ", "ค่าคะแนน"))
        ]
        if headed and not any(_VALUE.fullmatch(text) for text in texts):
            column = headed[0] if len(headed) == 1 else None
            continue
        values = {
            place: float(match[1]) for place, text in enumerate(texts) if (match := _VALUE.fullmatch(text))
        }
        if not values:
            continue
        score = values[column] if column in values else values[max(values)]
        own = _INSTRUMENT.search(texts[0]) if texts else None
        instrument = own[1].upper() if own else instrument
        _read_row([cell.text for cell in row], texts, score, instrument if own else None, topic, found)
    return topic


def _read_row(
    written: list[str],
    texts: list[str],
    score: float,
    instrument: str | None,
    topic: int | None,
    found: Found,
) -> None:
    for text in texts:
        code = _code(text)
        if code:
            found.mentions.append((code, topic))
            _note(found.questions, code, score, found)
            return
    for text in written:
        number = names.indicator_of(text) if re.search("[ก-๙]", text) else None
        if number:
            _note(found.indicators, number, score, found)
            return
    if any(_TOTAL_NAME.match(text) for text in texts):
        found.total = score if found.total is None else found.total
    elif instrument and not any(re.search("[ก-๙]", text) for text in texts[1:]):
        _note(found.instruments, instrument, score, found)


def _code(text: str) -> str | None:
    """The question code a cell begins with; what looks like an O before one or two digits is an O."""
    match = _CODE.match(text)
    if not match or _VALUE.fullmatch(text):
        return None
    return f"{match[1]}{match[2]}" if match[1] else f"o{match[3]}"


def _read_prose(letters: str, found: Found) -> None:
    for match in _TOTAL.finditer(letters):
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
