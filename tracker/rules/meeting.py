"""The sheet for the staff meeting: what is late, due this month and waiting, by division, with room to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finished
from tracker.rules.mailtext import cells, shortened
from tracker.rules.moments import day_of
from tracker.rules.official import as_of_line, page_texts
from tracker.rules.paper import Grid, Paper, Prose
from tracker.rules.thai import PrintedDay

Matter = Literal["late", "due", "waiting"]
KINDS: tuple[Matter, ...] = ("late", "due", "waiting")
# All rows of the sheet share this height; a line of text and a row's edges take so much of it.
_ROOM, _LINE, _EDGES = 142.0, 4.95, 2.8
# How many letters a line of each column holds at least, whatever the words break at.
_LETTERS = (17, 26, 23, 23)
# A title in three lines, in two or in one, by the letters that it may have.
_TITLES = (66, 44, 22)


@dataclass(frozen=True)
class Due:
    """A group to speak of: its first measure and how many `more` it has."""

    title: str
    more: int
    due_on: date
    matter: Matter


@dataclass(frozen=True)
class MeetingInputs:
    """What is to be spoken of, by the name of each division in the organisation's order; some have nothing."""

    organisation: str
    fiscal_year: int
    moment: datetime
    divisions: Sequence[tuple[str, Sequence[Due]]]
    thai_digits: bool = False


def compose_meeting(inputs: MeetingInputs, say: Say = str) -> Paper:
    """The sheet as a paper of one page; where a cell has more than fits, its last line says how much."""
    page, page_of_pages = page_texts(say)
    told = [(name, dues) for name, dues in inputs.divisions if dues]
    clear = [name for name, dues in inputs.divisions if not dues]
    rows = _fitting(told, day_of(inputs.moment), say)
    columns = (
        say(Message("ส่วนราชการ")),
        say(Message("เกินกำหนด")),
        say(Message("ครบกำหนดเดือนนี้")),
        say(Message("รออนุมัติ")),
        say(Message("มติที่ประชุม/ข้อสั่งการ")),
    )
    grid = Grid("meeting", "", columns, rows, say(Message("ไม่มีเรื่องเกินกำหนด ครบกำหนดเดือนนี้ หรือรออนุมัติ")))
    sentence = say(Message("ไม่มีเรื่องค้าง: %(divisions)s", {"divisions": ", ".join(clear)}))
    return finished(
        Paper(
            kind="meeting",
            title=say(Message("เรื่องเข้าที่ประชุมพนักงาน: มาตรการคุณธรรมและความโปร่งใส")),
            lines=(
                say(
                    Message(
                        "%(organisation)s · ปีงบประมาณ พ.ศ. %(year)s",
                        {"organisation": inputs.organisation, "year": inputs.fiscal_year},
                    )
                ),
            ),
            as_of=as_of_line(inputs.moment, say),
            organisation=inputs.organisation,
            fiscal_year=inputs.fiscal_year,
            draft_mark="",
            blocks=(grid, *([Prose("", (sentence,))] if clear and rows else [])),
            signatures=(),
            page=page,
            page_of_pages=page_of_pages,
            thai_digits=inputs.thai_digits,
            frozen_at=inputs.moment,
        )
    )


Row = tuple[str, ...]


def _fitting(told: Sequence[tuple[str, Sequence[Due]]], today: date, say: Say) -> tuple[Row, ...]:
    """The rows that say the most of those that fit on a sheet; where none fit, those with numbers alone."""
    most = max((len(_of(dues, kind)) for _name, dues in told for kind in KINDS), default=0)
    # First the titles give way, then the matters after the oldest.
    rows: tuple[Row, ...] = ()
    for length, shown in [
        *((length, most) for length in _TITLES),
        *((_TITLES[-1], n) for n in range(most)[::-1]),
    ]:
        rows = tuple(
            (name, *(_cell(_of(dues, kind), shown, length, today, say) for kind in KINDS), "")
            for name, dues in told
        )
        if sum(map(_height, rows)) <= _ROOM:
            break
    return rows


def _of(dues: Sequence[Due], kind: Matter) -> list[Due]:
    return sorted((due for due in dues if due.matter == kind), key=lambda due: (due.due_on, due.title))


def _height(row: Row) -> float:
    """What a row takes at most, in millimetres."""
    return _EDGES + _LINE * max(map(_lines, row, _LETTERS))


def _lines(text: str, letters: int) -> int:
    """The lines of a cell at most: what stands behind the last dot of a matter begins a line of its own."""
    return sum(-(-cells(part) // letters) for line in text.split("\n") for part in line.rsplit(" · ", 1))


def _cell(dues: Sequence[Due], shown: int, length: int, today: date, say: Say) -> str:
    if not dues:
        return "-"
    if not shown:
        return say(Message("%(number)s เรื่อง", {"number": len(dues)}))
    lines = [f"{number}. {_line(due, length, today, say)}" for number, due in enumerate(dues[:shown], 1)]
    if len(dues) > shown:
        lines.append(say(Message("และอีก %(number)s เรื่อง", {"number": len(dues) - shown})))
    return "\n".join(lines)


def _line(due: Due, length: int, today: date, say: Say) -> str:
    title = shortened(due.title, length)
    if due.more:
        title = say(Message("%(title)s (+%(number)s)", {"title": title, "number": due.more}))
    values = {"title": title, "day": PrintedDay(due.due_on)}
    if due.matter == "late":
        values["days"] = str((today - due.due_on).days)
        return say(Message("%(title)s · %(day)s เกิน %(days)s วัน", values))
    return say(Message("%(title)s · %(day)s", values))
