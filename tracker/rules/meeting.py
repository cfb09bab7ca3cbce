"""The sheet for the staff meeting: what is late, due this month and waiting, by division, with room to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.frozen import finished
from tracker.rules.moments import day_of
from tracker.rules.official import as_of_line, page_texts
from tracker.rules.paper import Grid, Paper, Prose
from tracker.rules.thai import PrintedDay

Matter = Literal["late", "due", "waiting"]
KINDS: tuple[Matter, ...] = ("late", "due", "waiting")
LONGEST_TITLE = 26
# The rows of one sheet share this height; a line of text and a row's edges take so much of it.
_ROOM, _LINE, _EDGES = 142.0, 4.95, 2.8


@dataclass(frozen=True)
class Due:
    """A group to speak of: its first measure and how many `more` it has."""

    title: str
    more: int
    quarter: int
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
    """The sheet as a paper; where a cell has more than fits on one page, its last line says how much."""
    page, page_of_pages = page_texts(say)
    told = [(name, dues) for name, dues in inputs.divisions if dues]
    clear = [name for name, dues in inputs.divisions if not dues]
    most = _most(len(told))
    today = day_of(inputs.moment)
    rows = tuple(
        (name, *(_cell([due for due in dues if due.matter == kind], most, today, say) for kind in KINDS), "")
        for name, dues in told
    )
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


def _most(rows: int) -> int:
    """How many groups a cell can tell, two lines each and one for the rest, so that all rows fit on a sheet."""
    lines = int((_ROOM / max(rows, 1) - _EDGES) / _LINE)
    return max(1, (lines - 1) // 2)


def _cell(dues: Sequence[Due], most: int, today: date, say: Say) -> str:
    if not dues:
        return "-"
    ordered = sorted(dues, key=lambda due: (due.due_on, due.title))
    lines = [f"{number}. {_line(due, today, say)}" for number, due in enumerate(ordered[:most], 1)]
    if len(ordered) > most:
        lines.append(say(Message("และอีก %(number)s เรื่อง", {"number": len(ordered) - most})))
    return "\n".join(lines)


def _line(due: Due, today: date, say: Say) -> str:
    title = due.title if len(due.title) <= LONGEST_TITLE else due.title[:LONGEST_TITLE].rstrip() + "…"
    if due.more:
        title = say(Message("%(title)s (+%(number)s)", {"title": title, "number": due.more}))
    values = {"title": title, "quarter": due.quarter, "day": PrintedDay(due.due_on)}
    if due.matter == "late":
        values["days"] = (today - due.due_on).days
        return say(Message("%(title)s · ไตรมาส %(quarter)s · %(day)s เกิน %(days)s วัน", values))
    return say(Message("%(title)s · ไตรมาส %(quarter)s · %(day)s", values))
