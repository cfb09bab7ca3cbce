"""A row's texts turned into measures, steps, days and divisions, with what is doubtful about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.errors import Message
from tracker.reading import cells, checks, divisions, names
from tracker.reading.cells import Entry
from tracker.reading.rawrow import RawRow, score_of
from tracker.reading.values import Problem, ReadMeasure, ReadRow
from tracker.rules import follow_ups, thai, windows
from tracker.rules.follow_ups import ReadFollowUp
from tracker.rules.windows import Unclear, Window

_ABOVE_ITEMS = re.compile(r"\n|\s*:\s*|\s(?=[-–•]\s)")
_NOTES = {
    "gaps": Message("ระยะเวลามีช่วงที่เว้นไว้ นับรวมตั้งแต่ต้นถึงปลาย"),
    "start_assumed": Message("ระบุเฉพาะกำหนดสิ้นสุด จึงนับตั้งแต่ต้นเดือนนั้น"),
    "end_assumed": Message("ระบุเฉพาะวันเริ่มต้น จึงนับถึงสิ้นปีงบประมาณ"),
    "varies": Message("ระยะเวลาในแถวนี้มีหลายช่วง นับรวมตั้งแต่ต้นถึงปลาย"),
}


@dataclass(frozen=True)
class Context:
    """What the document as a whole says that rows need; `divisions` is None when no list of them is known."""

    fiscal_year: int | None
    assessment_year: int | None
    organisation: str | None
    divisions: tuple[str, ...] | None


def row_of(raw: RawRow, place: int, context: Context) -> ReadRow:
    """The row's values and problems; `place` counts rows from zero."""
    problems: list[Problem] = []
    raw = _headed(raw)
    measures = cells.entries(raw.text("measure"))
    steps = cells.entries(raw.text("steps"))
    window = _window(raw, place, context, problems)
    follow_up = _follow_up(raw, place, window, context, problems)
    who = divisions.read(raw.text("responsible"), context.organisation, context.divisions)
    problems += _of_measures(measures, place)
    problems += checks.numbering(measures, checks.place(place, "มาตรการ"))
    problems += checks.numbering(steps, checks.place(place, "ขั้นตอน"))
    problems += _of_responsible(who, place, context)
    indicator = _named(raw, names.indicator_of) or names.indicator_of_questions(
        raw.heading, context.assessment_year
    )
    told = score_of(raw) if indicator else None
    problems += checks.lost([one for one in raw.lost if one != told], checks.place(place))
    if raw.shifted:
        message = Message("ช่องในแถวนี้ไม่ตรงกับหัวตาราง จึงเลื่อนให้ตรงกัน กรุณาตรวจสอบ")
        problems.append(Problem("row_shifted", checks.place(place), message))
    whole_text = "\n".join([raw.heading, *(raw.text(role) for role in raw.texts)])
    problems += checks.placeholders(whole_text, checks.place(place))
    problems += checks.mistyped_years(
        whole_text.replace(raw.text("window"), ""),
        (context.fiscal_year, context.assessment_year),
        checks.place(place),
    )
    heading = thai.clean(raw.heading) or thai.clean(raw.section)
    return ReadRow(
        heading=heading or None,
        topic=_named(raw, names.topic_of),
        indicator=indicator,
        analysis=_prose(raw.text("analysis")),
        measures=_measures(measures, raw),
        steps=tuple(entry.text for entry in steps),
        responsible=who.parts,
        everyone=who.everyone,
        whole_organisation=who.whole,
        window=window,
        follow_up=follow_up,
        targets=_told(raw, "targets"),
        results=_told(raw, "results"),
        outcome=_prose(raw.text("outcome")),
        problems=tuple(problems),
    )


def _told(raw: RawRow, role: str) -> tuple[str, ...]:
    """The items of what is counted: "๑ เว็บไซต์" alone is one website and not the first item."""
    found = []
    for text in raw.texts.get(role, ()):
        entries = cells.entries(text)
        counts = len(entries) == 1 and re.match(r"\s*[\d๐-๙]+\s", text)
        found += [thai.clean(text)] if counts else [entry.text for entry in entries]
    return tuple(found)


def _headed(raw: RawRow) -> RawRow:
    """The row with the indicator or topic that stands alone above its measures, in their cell, as its heading."""
    parts = _ABOVE_ITEMS.split(raw.text("measure"))
    if raw.heading or len(parts) < 2 or not names.is_name(parts[0]) or any(map(names.is_name, parts[1:])):
        return raw
    measures = raw.text("measure")[len(parts[0]) :].lstrip(" \t\n:")
    return replace(raw, heading=parts[0], texts={**raw.texts, "measure": [measures]})


def _named(raw: RawRow, of: Callable[[str], int | None]) -> int | None:
    """What the row's own heading names, line by line, else what stands above its table."""
    headings = [
        heading for heading in (raw.heading, *raw.heading.split("\n"), raw.section) if heading.strip()
    ]
    return next((found for heading in headings if (found := of(heading)) is not None), None)


def _prose(text: str) -> str | None:
    lines = [thai.clean(line) for line in text.split("\n")]
    return "\n".join(line for line in lines if line) or None


def _measures(entries: tuple[Entry, ...], raw: RawRow) -> tuple[ReadMeasure, ...]:
    if len(entries) == 1 and entries[0].number is None and not raw.heading:
        return (ReadMeasure(raw.number, entries[0].text),)
    return tuple(ReadMeasure(entry.number, entry.text) for entry in entries)


def _of_measures(entries: tuple[Entry, ...], place: int) -> list[Problem]:
    if entries:
        return []
    return [Problem("measure_missing", checks.place(place, "มาตรการ"), Message("แถวนี้ไม่มีชื่อมาตรการ"))]


def _window(raw: RawRow, place: int, context: Context, problems: list[Problem]) -> Window | None:
    where = checks.place(place, "ระยะเวลา")
    answer = window_of(raw, context.fiscal_year)
    if isinstance(answer, Unclear):
        proposal = answer.proposal
        year = context.fiscal_year
        if proposal is not None and year is not None and not checks.touches(proposal, year):
            proposal = windows.within(proposal, year)
        meant = {"start": proposal.start.isoformat(), "end": proposal.end.isoformat()} if proposal else None
        problems.append(Problem(answer.code, where, answer.message, meant))
        return None
    problems += [Problem(f"window_{note}", where, _NOTES[note]) for note in answer.notes]
    year = context.fiscal_year
    if year is not None and answer.year_written and not checks.touches(answer, year):
        message = Message("ระยะเวลา “%(text)s” ไม่อยู่ในปีงบประมาณ %(year)s", {"text": answer.text, "year": year})
        problems.append(Problem("year_mismatch", where, message))
    return answer


def window_of(raw: RawRow, year: int | None = None) -> Window | Unclear:
    """The days that a row's texts, dates or marks name; `year` (B.E.) places what is written without one."""
    texts = list(raw.texts.get("window", ()))
    starts, ends = raw.text("window_start"), raw.text("window_end")
    if starts or ends:
        texts.append(" - ".join(part for part in (starts, ends) if part))
    if raw.ticks:
        texts.append(_ticked(raw.ticks))
    joined = thai.clean(" ".join(texts))
    whole = windows.read(joined, year)
    if isinstance(whole, Window) and raw.ticks and len(raw.ticks) <= max(raw.ticks) - min(raw.ticks):
        whole = replace(whole, notes=("gaps",))
    if len(texts) < 2 or (isinstance(whole, Window) and _is_cut(texts)):
        return whole
    each = [windows.read(text, year) for text in texts]
    read = [one for one in each if isinstance(one, Window)]
    if len(read) == len(each) and not texts[1].lstrip().startswith("("):
        start, end = min(one.start for one in read), max(one.end for one in read)
        return Window(joined, start, end, all(one.year_written for one in read), ("varies",))
    return whole if isinstance(whole, Window) or not read else replace(read[0], text=joined)


def _is_cut(texts: Sequence[str]) -> bool:
    """Whether a page parted a single window: "ต.ค. ๖๘ -" and "ก.ย. ๖๙", or its year alone stands below."""
    open_ended = re.search(r"(?:[-–(]|ถึง)\s*$", texts[0]) is not None
    return open_ended or re.fullmatch(r"\(?(?:พ\.?ศ\.?)?\s*[\d๐-๙]{2,4}\)?", texts[1].strip()) is not None


def _ticked(ticks: Mapping[int, str]) -> str:
    """The marked months or quarters as one text: "ต.ค. - ก.ย. (ปีงบประมาณ 2569)"."""
    first, last = ticks[min(ticks)], ticks[max(ticks)]
    year = re.search(r" \(ปีงบประมาณ \d+\)$", first)
    if first == last:
        return first
    return f"{first.removesuffix(year[0])} - {last}" if year else f"{first} - {last}"


def _follow_up(
    raw: RawRow, place: int, window: Window | None, context: Context, problems: list[Problem]
) -> ReadFollowUp | None:
    text = thai.clean(raw.text("follow_up"))
    if not re.search(r"[^\W_]", text):
        return None
    where = checks.place(place, "การติดตามผล")
    found = follow_ups.read(text, window, context.fiscal_year)
    if found.kind == "unspecified":
        problems.append(Problem("follow_up_unreadable", where, follow_ups.cannot_read(text)))
    meant = follow_ups.before_window(found, window) if window is not None else None
    if meant is not None:
        message = Message("เดือนที่ให้รายงานใน “%(text)s” มาก่อนระยะเวลาดำเนินการ", {"text": text})
        problems.append(Problem("follow_up_before_window", where, message, {"months": list(meant)}))
    return found


def _of_responsible(who: divisions.Answer, place: int, context: Context) -> list[Problem]:
    where = checks.place(place, "ผู้รับผิดชอบ")
    if not (who.everyone or who.whole or who.parts):
        return [Problem("responsible_missing", where, Message("ไม่ได้ระบุผู้รับผิดชอบ"))]
    if context.divisions is None:
        return []
    return [
        Problem("unknown_division", where, Message("ไม่รู้จักหน่วยงาน “%(text)s”", {"text": one.text}))
        for one in who.parts
        if one.division is None
    ]
