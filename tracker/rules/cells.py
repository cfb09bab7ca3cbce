"""What a cell of the annual report says: what divisions reported, and what became of a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from tracker.errors import Message
from tracker.rules.fiscal import Quarter
from tracker.rules.thai import clean, fold

Say = Callable[[Message], str]
Standing = Literal["approved", "waiting", "sent_back", "withdrawn"]
Column = Literal["result", "problems", "suggestions"]
Cell = Literal["result", "outcome", "problems", "suggestions"]

FULL_MARKS = Decimal(100)


@dataclass(frozen=True)
class Text:
    """What a division's latest attempt says in one quarter's form (การรายงานผล).

    `standing` is "withdrawn" where the last evidence is gone, "sent_back" also where the work was reopened.
    """

    division: str
    quarter: Quarter
    standing: Standing
    result: str
    problems: str = ""
    suggestions: str = ""


@dataclass(frozen=True)
class Answer:
    """A line of the twelve-month follow-up; `changed`: the division wrote it, not merely confirmed it."""

    measure_number: int
    division: str
    text: str
    changed: bool
    problems: str = ""
    suggestions: str = ""


@dataclass(frozen=True)
class Score:
    """One score reference before and after the year's work: 0–100, None where not announced or not assessed.

    `name` is printed ("ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล"); `former_name` is filled where the item was renumbered.
    """

    name: str
    before_year: int
    before: float | Decimal | None
    after_year: int
    after: float | Decimal | None
    former_name: str = ""


@dataclass(frozen=True)
class _Line:
    number: int | None
    division: str
    text: str
    waiting: bool = False


def cell(
    column: Column,
    divisions: Sequence[str],
    texts: Sequence[Text],
    answers: Sequence[Answer] = (),
    draft: bool = False,
    say: Say = str,
) -> str:
    """The text of one cell; `divisions` are those who had to report, in the order of printing.

    The twelve-month answers come first, by measure number; a division without one speaks by its latest
    quarter. Equal texts stand once. Divisions are named where not all who spoke said the same, and where
    "ไม่มี" is not said by all; those who said nothing stand in the last line.
    """
    lines = _lines(column, texts, answers, draft)
    spoke = {line.division for line in lines}
    order = list(dict.fromkeys([*divisions, *(line.division for line in lines)]))
    speakers = [division for division in order if division in spoke]
    silent = [division for division in order if division not in spoke]
    if not speakers:
        return say(Message("ไม่ได้รายงาน"))
    if column != "result" and not silent and all(_says_none(line) and not line.waiting for line in lines):
        return say(Message("ไม่มี"))

    lines.sort(key=lambda line: (line.number is None, line.number or 0, order.index(line.division)))
    together: dict[tuple[int | None, str, bool], list[_Line]] = {}
    for line in lines:
        together.setdefault((line.number, fold(line.text), line.waiting), []).append(line)
    printed = []
    for same in together.values():
        names = list(dict.fromkeys(line.division for line in same))
        named = len(names) < len(speakers) or (column != "result" and bool(silent) and _says_none(same[0]))
        printed.append(_print(same[0], names if named else [], say))
    if silent:
        printed.append(say(Message("กองอื่น ๆ ไม่ได้รายงาน: %(divisions)s", {"divisions": ", ".join(silent)})))
    return "\n".join(printed)


def sources(
    column: Column, texts: Sequence[Text], answers: Sequence[Answer]
) -> tuple[tuple[str, str, str], ...]:
    """Who says what in a cell: (measure number or nothing, division, folded text), whether approved or waiting."""
    return tuple(
        sorted(
            ("" if line.number is None else str(line.number), line.division, fold(line.text))
            for line in _lines(column, texts, answers, draft=True)
        )
    )


def outcome_cell(scores: Sequence[Score], notes: Sequence[str] = (), say: Say = str) -> str:
    """A sentence per score reference, then the free texts, each once."""
    told = {fold(note): note.strip() for note in reversed(notes) if clean(note)}
    return "\n".join([*(outcome(score, say) for score in scores), *reversed(told.values())]) or "-"


def outcome(score: Score, say: Say = str) -> str:
    """The sentence that says what became of one score; a fall is called a fall."""
    sentence = say(_became(score, _hundredths(score.before), _hundredths(score.after)))
    if score.before is None or not score.former_name:
        return sentence
    renumbered = Message(
        "(ข้อนี้ใน ITA ปี %(before_year)s คือ %(former_name)s)",
        {"before_year": score.before_year, "former_name": score.former_name},
    )
    return f"{sentence} {say(renumbered)}"


def _lines(column: Column, texts: Sequence[Text], answers: Sequence[Answer], draft: bool) -> list[_Line]:
    lines = [
        _Line(answer.measure_number, answer.division, text)
        for answer in answers
        if answer.changed and clean(text := answer.text if column == "result" else getattr(answer, column))
    ]
    if column != "result":
        lines = _without_needless_none(lines)
    answered = {line.division for line in lines}
    latest: dict[str, Text] = {}
    for text in sorted(texts, key=lambda text: text.quarter):
        heard = text.standing == "approved" or (draft and text.standing == "waiting")
        if heard and text.division not in answered and clean(getattr(text, column)):
            latest[text.division] = text
    lines.extend(
        _Line(None, text.division, getattr(text, column), text.standing == "waiting")
        for text in latest.values()
    )
    return lines


def _without_needless_none(lines: Sequence[_Line]) -> list[_Line]:
    # "ไม่มี" for one measure says nothing where the division tells of another; else it needs no number.
    telling = {line.division for line in lines if not _says_none(line)}
    none = dict.fromkeys(line.division for line in lines if line.division not in telling)
    return [
        *(line for line in lines if not _says_none(line)),
        *(_Line(None, division, "ไม่มี") for division in none),
    ]


def _says_none(line: _Line) -> bool:
    return clean(line.text) == "ไม่มี"


def _print(line: _Line, names: Sequence[str], say: Say) -> str:
    number = "" if line.number is None else f"{line.number}. "
    speakers = f"{', '.join(names)}: " if names else ""
    text = say(Message("ไม่มี")) if _says_none(line) else line.text.strip()
    waiting = " " + say(Message("(รออนุมัติ)")) if line.waiting else ""
    return f"{number}{speakers}{text}{waiting}"


def _became(score: Score, before: Decimal | None, after: Decimal | None) -> Message:
    values: dict[str, object] = {
        "name": score.name,
        "before_year": score.before_year,
        "after_year": score.after_year,
        "before": _marks(before),
        "after": _marks(after),
    }
    if after is None and before is None:
        return Message("คะแนน ITA %(name)s ปี %(after_year)s รอประกาศผล", values)
    if after is None:
        return Message(
            "คะแนน ITA %(name)s ปี %(before_year)s ได้ %(before)s คะแนน ส่วนปี %(after_year)s รอประกาศผล", values
        )
    if before is None:
        return Message(
            "คะแนน ITA %(name)s ปี %(after_year)s ได้ %(after)s คะแนน ประเมินเป็นปีแรก จึงไม่มีคะแนนเปรียบเทียบ",
            values,
        )
    if after == before == FULL_MARKS:
        return Message(
            "คะแนน ITA %(name)s รักษาคะแนนเต็ม %(after)s คะแนนไว้ได้ ทั้งในปี %(before_year)s และปี %(after_year)s",
            values,
        )
    if after == before:
        return Message(
            "คะแนน ITA %(name)s เท่าเดิมที่ %(after)s คะแนน ทั้งในปี %(before_year)s และปี %(after_year)s", values
        )
    values["change"] = _marks(abs(after - before))
    if after > before:
        return Message(
            "คะแนน ITA %(name)s ปี %(before_year)s ได้ %(before)s คะแนน "
            "ปี %(after_year)s ได้ %(after)s คะแนน เพิ่มขึ้น %(change)s คะแนน",
            values,
        )
    return Message(
        "คะแนน ITA %(name)s ปี %(before_year)s ได้ %(before)s คะแนน "
        "ปี %(after_year)s ได้ %(after)s คะแนน ลดลง %(change)s คะแนน",
        values,
    )


def _hundredths(score: float | Decimal | None) -> Decimal | None:
    return None if score is None else Decimal(str(score)).quantize(Decimal("0.01"))


def _marks(score: Decimal | None) -> str:
    if score is None:
        return ""
    return "100" if score == FULL_MARKS else str(score)
