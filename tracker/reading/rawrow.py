"""A row of the plan in the words of the document: told apart by its columns, joined with what continues it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tracker.reading import cells, names
from tracker.reading.columns import Columns
from tracker.reading.table import Cell
from tracker.rules import thai, windows

_NOTHING = re.compile(r"[-–—.…_]*|ไม่มี(?:มาตรการ)?|รักษาระดับ")
_SCORES = re.compile(r"(?:ผล|ค่า)?คะแนน(?!เต็ม)|ร้อยละ(?:ที่ได้)?$")
_SCORE = re.compile(r"(?:ร้อยละ)?\d{1,3}(?:\.\d{1,2})?(?:คะแนน|%)?")
CONTINUED = re.compile(r"[\s(]*ต่อ[\s)]*")
OWN = ("window", "window_start", "window_end", "tick", "responsible", "follow_up")
_NUMBERS_A_NAME = re.compile(r"\s*(?:ตัวชี้วัด|ประเด็น)\s*ที่\s*$")
_DANGLING = re.compile(r"(?:^|\s)(?:\(?[0-9๐-๙]{1,2}\s?[.)]+|[-–•])\s*$")
_TICK = re.compile(r"(?!-{1,2}$)[✓✔☑☒√/\\xX●•■*←→↔⟵⟶➔➜<>-]+|มี")
_NO_TICK = re.compile(r"[-–—.0๐☐□▢○◯\s]+|ไม่มี")


@dataclass
class RawRow:
    """One row of the plan in the words of the document: the texts of each role in reading order."""

    heading: str = ""
    section: str = ""
    number: int | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)
    ticks: dict[int, str] = field(default_factory=dict)
    lost: list[tuple[str, str]] = field(default_factory=list)
    shifted: bool = False

    def text(self, role: str) -> str:
        """All texts of a role, one below the other."""
        return "\n".join(self.texts.get(role, ()))


def placed(row: tuple[Cell, ...], header: Columns) -> RawRow:
    """The texts of a row by the roles of its columns; what has no role is kept as lost."""
    new = RawRow()
    for place, cell in enumerate(row):
        text = cell.text.strip()
        if not text:
            continue
        role = header.roles[place] if place < len(header.roles) else "unknown"
        title = header.headings[place] if place < len(header.headings) else ""
        if role == "heading" and _is_target(text, place, header):
            new.texts.setdefault("targets", []).append(text)
        elif role == "heading":
            new.heading = f"{new.heading}\n{text}".strip()
        elif role == "order":
            new.number, named = _ordered(text, title)
            new.heading = f"{named}\n{new.heading}".strip()
        elif role == "tick" and (_TICK.fullmatch(text) or len(text) < 3):
            if not _NO_TICK.fullmatch(text):
                _tick(new, row, place, header)
        elif role == "tick" and windows.months_in(text):
            new.texts.setdefault("window", []).append(text)
        elif role in ("unknown", "tick"):
            new.lost.append((title, text))
        elif role == "results" and _is_one_of_several(place, header):
            new.texts.setdefault(role, []).append(f"{title}: {text}")
        else:
            new.texts.setdefault(role, []).append(text)
    return new


def _is_one_of_several(place: int, header: Columns) -> bool:
    """Whether results stand in columns of different headings, as those of six and of twelve months."""
    headings = {header.headings[one] for one in header.of("results") if header.headings[one]}
    return len(headings) > 1 and header.headings[place] != ""


def _tick(new: RawRow, row: tuple[Cell, ...], place: int, header: Columns) -> None:
    """Notes the quarter or month that a mark stands under, and those its merged cell reaches."""
    columns_of_ticks = header.of("tick")
    last = place
    while last + 1 < len(row) and row[last + 1].left and last + 1 in columns_of_ticks:
        last += 1
    for reached in range(place, last + 1):
        title = header.headings[reached]
        bare = thai.arabic_digits(title)
        new.ticks[columns_of_ticks.index(reached)] = f"ไตรมาสที่ {title}" if bare[:1] in "1234" else title


def _ordered(text: str, title: str) -> tuple[int | None, str]:
    """The number in a column of numbers, and what it names: "(ต่อ)" behind it, or the indicator that is numbered so."""
    number = cells.leading_number(text + ". ก")
    rest = re.sub(r"^\s*[\d๐-๙]{1,3}[\s.):]*", "", text)
    if re.search("[ก-๎a-z]", thai.letters(rest)):
        return number, rest if CONTINUED.fullmatch(rest) else text
    return number, f"{thai.clean(title)} {text}" if number is not None and _NUMBERS_A_NAME.match(
        title
    ) else ""


def _is_target(text: str, place: int, header: Columns) -> bool:
    """Whether "ตัวชี้วัด" behind the measures holds what the measure is judged by, and not an indicator of the ITA."""
    behind = all(place > measure for measure in header.of("measure")) and place > 1
    named = names.indicator_of(text) is not None or names.topic_of(text) is not None
    return behind and "ตัวชี้วัด" in header.headings[place] and not named


def append(previous: RawRow, new: RawRow) -> None:
    """Adds the texts of a continuing row; a list goes on, a sentence cut by the page is joined again."""
    if (
        new.heading
        and not CONTINUED.fullmatch(new.heading)
        and not same_heading(new.heading, previous.heading)
    ):
        previous.heading = f"{previous.heading} {new.heading}"
    # A row that opens a measure opens its steps too, numbered or not.
    opens = "measure" in previous.texts and cells.begins_an_item(new.text("measure"))
    for role, texts in new.texts.items():
        known = previous.texts.setdefault(role, [])
        for text in texts:
            if role in OWN and thai.letters(text) in {thai.letters(one) for one in known}:
                continue
            if known and role not in OWN and not opens and not cells.begins_an_item(text):
                known[-1] = f"{known[-1]} {text}"
            else:
                known.append(text)
    previous.ticks |= new.ticks
    previous.lost += new.lost
    previous.shifted = previous.shifted or new.shifted


def inherit(new: RawRow, row: tuple[Cell, ...], header: Columns, previous: RawRow) -> None:
    """What merged cells above give a new row; an empty heading below another is that heading."""
    if "heading" in header.roles and not new.heading:
        new.heading = previous.heading
    for role in (
        "measure",
        "window",
        "window_start",
        "window_end",
        "responsible",
        "follow_up",
        "analysis",
        "targets",
    ):
        if role in previous.texts and role not in new.texts and merged(row, header, role):
            new.texts[role] = list(previous.texts[role])
    if not new.ticks and merged(row, header, "tick"):
        new.ticks = dict(previous.ticks)


def merged(row: tuple[Cell, ...], header: Columns, role: str) -> bool:
    """Whether the row has only the lower part of a cell merged downwards under the headings of a role."""
    places = [place for place in header.of(role) if place < len(row)]
    return any(row[place].above for place in places) and not any(row[place].text for place in places)


def same_heading(heading: str, other: str) -> bool:
    """Whether two headings name the same, however they are numbered."""
    return names.core(heading) == names.core(other)


def ends_with(row: RawRow, role: str, number: int) -> bool:
    """Whether the last numbered item of a role has that number."""
    numbers = [entry.number for entry in cells.entries(row.text(role)) if entry.number is not None]
    return bool(numbers) and numbers[-1] == number


def is_cut_name(heading: str, tail: str) -> bool:
    """Whether two headings, neither of which names anything, are one name that was cut."""

    def named(text: str) -> bool:
        return names.topic_of(text) is not None or names.indicator_of(text) is not None

    return not named(tail) and not named(heading) and named(f"{heading} {tail}")


def score_of(row: RawRow) -> tuple[str, str] | None:
    """Title and text of the only column of scores, which a plan has no place for but the assessment has."""
    scores = [(title, text) for title, text in row.lost if _SCORES.match(thai.letters(title))]
    return scores[0] if len(scores) == 1 and _SCORE.fullmatch(thai.letters(scores[0][1])) else None


def judged(row: RawRow) -> str:
    """The texts in which a row may tell the score of what it answers."""
    scored = score_of(row)
    score = f" คะแนน {scored[1]}" if scored else ""
    return f"{row.heading}{score}\n{row.text('analysis')}"


def declines(row: RawRow) -> bool:
    """Whether a row says of its indicator that there is no measure, by a dash or "ไม่มี" where measures stand."""
    told = {
        role: "".join(map(thai.letters, texts)) for role, texts in row.texts.items() if role != "analysis"
    }
    return (
        bool(row.heading and told.get("measure"))
        and not row.ticks
        and all(map(_NOTHING.fullmatch, told.values()))
    )


def lacks(row: RawRow, header: Columns) -> bool:
    """Whether a row has nothing under one of the headings that every row of a plan fills."""
    # A number at the end of a cell numbered something that has gone elsewhere.
    told = {role for role, texts in row.texts.items() if texts and not any(map(_DANGLING.search, texts))}
    wanted = {"measure", "steps", "responsible", "window", "results", "analysis"} & set(header.roles)
    return bool(wanted - told) or ("heading" in header.roles and not row.heading)


def has_window(row: RawRow) -> bool:
    """Whether the row says when."""
    return bool(row.ticks) or any(row.texts.get(role) for role in ("window", "window_start", "window_end"))


def counts_on(previous: RawRow, new: RawRow) -> bool:
    """Whether the measures of a row are numbered on from those of the row above."""
    known = [entry.number for entry in cells.entries(previous.text("measure")) if entry.number is not None]
    number = cells.leading_number(new.text("measure"))
    return bool(known) and number == known[-1] + 1


def agrees(new: RawRow, previous: RawRow, role: str) -> bool:
    """Whether a row says nothing of a role, or the same as the row above."""
    return not new.texts.get(role) or thai.letters(new.text(role)) == thai.letters(previous.text(role))
