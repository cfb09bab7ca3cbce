"""Makes a draft plan of what was read: decides divisions and windows, names every open question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tracker.database import current_organisation, db
from tracker.errors import Message, Refused
from tracker.models import (
    Division,
    Plan,
)
from tracker.reading import checks, references
from tracker.reading.decisions import Decisions, decided, doubts, with_proposal
from tracker.reading.naming import Names
from tracker.reading.values import Problem, ReadPlan, ReadRow
from tracker.rules import fiscal
from tracker.rules.thai import letters

_ASKED = frozenset(
    {
        "unknown_division",
        "responsible_missing",
        "window_missing",
        "window_unreadable",
        "measure_missing",
        "year_missing",
        "no_plan_table",
    }
)
_QUARTERS_OF_A_YEAR = 4


@dataclass(frozen=True)
class Question:
    """What must be decided before the plan can be made; `row` counts from 1, 0 is the document.

    `code` says what is asked: year, rows, results, name, responsible, measure or window. `proposal` holds days
    ("start", "end") where a window is asked for; `moves_year` where the window is written for another year.
    """

    row: int
    message: Message
    code: str = ""
    name: str = ""
    proposal: Mapping[str, object] | None = None
    moves_year: bool = False


@dataclass(frozen=True)
class Accepted:
    """A proposal that was used unasked: in row `row` the `proposal` stands in place of the written `text`."""

    row: int
    text: str
    proposal: Mapping[str, object]


@dataclass(frozen=True)
class DraftItem:
    """A row as it would be stored; `divisions` are names, of the register or new; `number` is its place in the text.

    `references` are the scores it means to move: "indicator:9", "question:o13".
    """

    number: int
    row: ReadRow
    divisions: tuple[str, ...]
    start: date
    end: date
    follow_up_months: tuple[str, ...]
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A plan as it would be stored, and the questions that keep it from being.

    `named` holds the divisions that are known of each row, by its number, also where its days are not. `accepted`
    are the proposals that were used because all may be.
    """

    read: ReadPlan
    fiscal_year: int | None
    items: tuple[DraftItem, ...]
    new_divisions: tuple[str, ...]
    questions: tuple[Question, ...]
    named: Mapping[int, tuple[str, ...]]
    accepted: tuple[Accepted, ...] = ()


class Undecided(Refused):
    """The document leaves questions that a person must answer."""

    def __init__(self, questions: Sequence[Question]) -> None:
        super().__init__("ยังมีเรื่องที่ต้องตอบ %(number)s เรื่องก่อนสร้างแผน", number=len(questions))
        self.questions = tuple(questions)


def understand(
    read: ReadPlan,
    divisions: Sequence[Division],
    *,
    fiscal_year: int | None = None,
    create_divisions: bool = False,
    accept_proposals: bool = False,
    decisions: Decisions | None = None,
) -> Draft:
    """What the document would become in an organisation with these divisions; changes nothing.

    With `decisions` a person looks at the document: a report of results is then not taken for a plan unasked, and
    rows refer to the questions of their topic.
    """
    year = fiscal_year or read.fiscal_year
    made = decisions or Decisions()
    rows = [
        (number, row)
        for number, written in enumerate(read.rows, 1)
        if (row := decided(number, written, made, year)) is not None
    ]
    register = {letters(name): one.name for one in divisions for name in (one.name, *one.aliases)}
    coordinating = next((one.name for one in divisions if one.coordinates), None)
    names = Names(register, coordinating, [row for _number, row in rows], made, create_divisions)
    questions = _of_document(read, rows, year, decisions)
    items, named, accepted = [], {}, []
    for number, row in rows:
        if accept_proposals:
            row, used = _with_proposals(number, row, year)
            accepted += used
        found, unknown = names.of(row)
        named[number] = tuple(dict.fromkeys(found))
        questions += [
            Question(
                number,
                Message("ไม่รู้จักผู้รับผิดชอบ “%(name)s”", {"name": one.text}),
                code="name",
                name=one.text,
            )
            for one in unknown
        ]
        if not found and not unknown:
            questions.append(Question(number, Message("ไม่ได้ระบุผู้รับผิดชอบ"), code="responsible"))
        if not row.measures:
            questions.append(Question(number, Message("ไม่พบชื่อมาตรการ"), code="measure"))
        window = _window(number, row, year)
        if isinstance(window, Question):
            questions.append(window)
            continue
        edited = made.edits.get(number)
        if edited is not None and edited.references is not None:
            scores = edited.references
        else:
            scores = (
                references.proposed(row, read, year)
                if decisions is not None
                else references.of_indicator(row)
            )
        items.append(
            DraftItem(
                number,
                row,
                named[number],
                *window,
                row.follow_up.months if row.follow_up else (),
                scores,
            )
        )
    return Draft(read, year, tuple(items), names.new, tuple(questions), named, tuple(accepted))


def _of_document(
    read: ReadPlan,
    rows: Sequence[tuple[int, ReadRow]],
    year: int | None,
    decisions: Decisions | None,
) -> list[Question]:
    questions = []
    if decisions is not None and read.kind == "results" and read.rows and not decisions.as_plan:
        questions.append(Question(0, results_sentence(year), code="results"))
    if year is None:
        questions.append(Question(0, Message("ไม่พบปีงบประมาณในเอกสาร กรุณาระบุปี"), code="year"))
    if not rows:
        questions.append(Question(0, Message("ไม่พบตารางมาตรการในเอกสารนี้"), code="rows"))
    return questions


def results_sentence(year: int | None) -> Message:
    """Says that a document reports results, and of which year."""
    if year is None:
        return Message("เอกสารนี้เป็นรายงานผลการดำเนินการ ไม่ใช่แผนมาตรการ")
    return Message("เอกสารนี้เป็นรายงานผลการดำเนินการของปีงบประมาณ %(year)s ไม่ใช่แผนมาตรการ", {"year": year})


def known_names(divisions: Sequence[Division]) -> list[str]:
    """The names and aliases by which the divisions are known."""
    return [name for division in divisions for name in (division.name, *division.aliases)]


def _with_proposals(number: int, row: ReadRow, year: int | None) -> tuple[ReadRow, list[Accepted]]:
    """The row with proposed days where its own cannot be used and with proposed months, and which these are."""
    used = []
    for problem in doubts(number, row, year):
        proposal = problem.proposal or {}
        if "start" in proposal and (row.window is None or _outside(row, year)):
            used.append(Accepted(number, row.window.text if row.window else "", proposal))
        elif "months" in proposal and row.follow_up is not None:
            used.append(Accepted(number, row.follow_up.text, proposal))
        else:
            continue
        row = with_proposal(row, proposal)
    return row, used


def _window(number: int, row: ReadRow, year: int | None) -> tuple[date, date] | Question:
    """The row's days, or the question for them where they are unknown or leave the fiscal year."""
    if row.window is not None and not _outside(row, year):
        return row.window.start, row.window.end
    code = ("window_beyond_year", "year_mismatch") if row.window else ("window_missing", "window_unreadable")
    problem = next((problem for problem in doubts(number, row, year) if problem.code in code), None)
    message = problem.message if problem else Message("ไม่ได้ระบุระยะเวลาดำเนินการ")
    proposal = problem.proposal if problem else None
    if proposal is None and row.window is None and year is not None:
        proposal = {"start": fiscal.first_day(year).isoformat(), "end": fiscal.last_day(year).isoformat()}
    return Question(
        number,
        message,
        code="window",
        proposal=proposal,
        moves_year=row.window is not None and year is not None and not checks.touches(row.window, year),
    )


def _outside(row: ReadRow, year: int | None) -> bool:
    # More quarters than a year has would be asked for twice, whichever year it is.
    if row.window is None:
        return False
    if len(row.window.quarters) > _QUARTERS_OF_A_YEAR:
        return True
    return year is not None and not (
        fiscal.first_day(year) <= row.window.start and row.window.end <= fiscal.last_day(year)
    )


def year_taken(year: int | None) -> Plan | None:
    """The plan that the fiscal year already has."""
    return db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()


def problems_of(read: ReadPlan, year: int | None) -> list[tuple[int, Problem]]:
    """Every problem with the row it is about, from 1; 0 is the document.

    What blocks is a `Question` already: unknown divisions and windows that could not be read are left out.
    """
    rows = [
        (number, problem)
        for number, row in enumerate(read.rows, 1)
        for problem in doubts(number, row, year)
        if problem.code not in _ASKED
    ]
    of_document = [
        *checks.of_another(read.organisation, current_organisation().name),
        *(problem for problem in read.problems if problem.code not in _ASKED),
    ]
    return [*((0, problem) for problem in of_document), *rows]
