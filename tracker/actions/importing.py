"""Makes a draft plan of what was read: decides divisions and windows, names every open question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from tracker import journal
from tracker.database import db
from tracker.errors import Message, Refused
from tracker.models import (
    Assessment,
    Division,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    ScoreReference,
    Step,
)
from tracker.reading.divisions import Responsible, division_of
from tracker.reading.values import Problem, ReadPlan, ReadRow
from tracker.rules.fiscal import first_day, last_day
from tracker.rules.permissions import Actor
from tracker.rules.thai import letters

_NUMBER = re.compile(r"^\s*[0-9๐-๙]+\s*[.)]?\s*")
_ASKED = frozenset(
    {"unknown_division", "responsible_missing", "window_missing", "window_unreadable", "measure_missing"}
)


@dataclass(frozen=True)
class Question:
    """What must be decided before the plan can be made; `row` counts from 1, 0 is the document."""

    row: int
    message: Message
    by_creating_divisions: bool = False
    by_accepting_proposals: bool = False


@dataclass(frozen=True)
class DraftItem:
    """A row as it would be stored; `divisions` are names, of the register or new."""

    row: ReadRow
    divisions: tuple[str, ...]
    start: date
    end: date
    follow_up_months: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A plan as it would be stored, and the questions that keep it from being."""

    read: ReadPlan
    fiscal_year: int | None
    items: tuple[DraftItem, ...]
    new_divisions: tuple[str, ...]
    questions: tuple[Question, ...]


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
) -> Draft:
    """What the document would become in an organisation with these divisions; changes nothing."""
    register = _register(divisions)
    coordinating = next((division.name for division in divisions if division.coordinates), None)
    unknown = [name for row in read.rows for one in row.responsible for name in _new_name(one, register)]
    new = tuple(dict.fromkeys(unknown)) if create_divisions else ()
    everyone = (*(division.name for division in divisions), *new)
    year = fiscal_year or read.fiscal_year
    questions: list[Question] = []
    if year is None:
        questions.append(Question(0, Message("ไม่พบปีงบประมาณในเอกสาร กรุณาระบุปี")))
    if not read.rows:
        questions.append(Question(0, Message("ไม่พบตารางมาตรการในเอกสารนี้")))
    items = []
    for number, row in enumerate(read.rows, 1):
        names = [] if not row.everyone else list(everyone)
        if row.whole_organisation and coordinating:
            names = [coordinating]
        for one in row.responsible:
            name = _known_name(one, register) or next(
                (name for name in _new_name(one, register) if name in new), None
            )
            if name is None:
                questions.append(
                    Question(
                        number,
                        Message("ไม่รู้จักผู้รับผิดชอบ “%(name)s”", {"name": one.text}),
                        by_creating_divisions=any(_new_name(one, register)),
                    )
                )
                continue
            names.append(name)
        if not names and not row.responsible:
            questions.append(Question(number, Message("ไม่ได้ระบุผู้รับผิดชอบ")))
        if not row.measures:
            questions.append(Question(number, Message("ไม่พบชื่อมาตรการ")))
        window = _window(row, accept_proposals)
        outside = window is not None and year is not None and not _inside(window, year)
        if window is not None and year is not None and outside and accept_proposals:
            window = _part_inside(window, year)
        elif outside:
            questions.append(
                Question(
                    number,
                    Message("ระยะเวลาดำเนินการไม่อยู่ในปีงบประมาณ %(year)s ทั้งหมด", {"year": year}),
                    by_accepting_proposals=window is not None and _part_inside(window, year or 0) is not None,
                )
            )
            continue
        if window is None:
            proposed = _proposal(row, "start") is not None
            message = next(
                (problem.message for problem in row.problems if problem.code.startswith("window_")),
                Message("ไม่ได้ระบุระยะเวลาดำเนินการ"),
            )
            questions.append(Question(number, message, by_accepting_proposals=proposed))
            continue
        items.append(
            DraftItem(row, tuple(dict.fromkeys(names)), window[0], window[1], _months(row, accept_proposals))
        )
    return Draft(read, year, tuple(items), new, tuple(questions))


def known_names(divisions: Sequence[Division]) -> list[str]:
    """The names and aliases by which the divisions are known."""
    return [name for division in divisions for name in (division.name, *division.aliases)]


def _register(divisions: Sequence[Division]) -> dict[str, str]:
    """The name in the register by every folded name and alias."""
    return {
        letters(name): division.name for division in divisions for name in (division.name, *division.aliases)
    }


def _known_name(one: Responsible, register: Mapping[str, str]) -> str | None:
    """The name in the register of whom the document names responsible."""
    return register.get(letters(one.division or one.text)) or register.get(letters(one.text))


def _new_name(one: Responsible, register: Mapping[str, str]) -> list[str]:
    """The name under which a division could be added for it: none where it is known or no division's name."""
    name = one.division or division_of(one.text)
    return [name] if name and _known_name(one, register) is None else []


def _proposal(row: ReadRow, field: str) -> object | None:
    for problem in row.problems:
        if problem.proposal and field in problem.proposal:
            return problem.proposal[field]
    return None


def _window(row: ReadRow, accept_proposals: bool) -> tuple[date, date] | None:
    if row.window is not None:
        return row.window.start, row.window.end
    start, end = _proposal(row, "start"), _proposal(row, "end")
    if accept_proposals and start and end:
        return date.fromisoformat(str(start)), date.fromisoformat(str(end))
    return None


def _inside(window: tuple[date, date], year: int) -> bool:
    return first_day(year) <= window[0] and window[1] <= last_day(year)


def _part_inside(window: tuple[date, date], year: int) -> tuple[date, date] | None:
    """The part of a window that lies in the fiscal year, None where none does."""
    start, end = max(window[0], first_day(year)), min(window[1], last_day(year))
    return (start, end) if start <= end else None


def _months(row: ReadRow, accept_proposals: bool) -> tuple[str, ...]:
    proposed = _proposal(row, "months")
    if accept_proposals and isinstance(proposed, (list, tuple)):
        return tuple(str(month) for month in proposed)
    return row.follow_up.months if row.follow_up else ()


def save(draft: Draft, source_sha256: str = "", *, now: datetime, by: Actor) -> Plan:
    """Store the draft as the year's plan; Undecided while questions are open, Refused where the year has a plan.

    Divisions that are new must have been added before.
    """
    if draft.questions or draft.fiscal_year is None:
        raise Undecided(draft.questions)
    existing = db.session.scalars(select(Plan).where(Plan.fiscal_year == draft.fiscal_year)).one_or_none()
    if existing is not None:
        raise Refused("ปีงบประมาณ %(year)s มีแผนอยู่แล้ว", year=draft.fiscal_year)
    divisions = {
        division.name: division.id
        for division in db.session.scalars(select(Division).where(Division.ended_on.is_(None)))
    }
    plan = Plan(
        fiscal_year=draft.fiscal_year,
        assessment_year=draft.read.assessment_year,
        analysis=[{"heading": part.heading, "text": part.text} for part in draft.read.analysis],
        source_name=draft.read.source,
        source_sha256=source_sha256,
    )
    db.session.add(plan)
    db.session.flush()
    for number, item in enumerate(draft.items, 1):
        _save_item(plan, number, item, divisions)
    _save_scores(draft.read)
    db.session.flush()
    journal.record("plan.drafted", "plan", plan.id, now=now, by=by, items=len(draft.items))
    return plan


def _save_item(plan: Plan, number: int, item: DraftItem, divisions: Mapping[str, int]) -> None:
    row = item.row
    follow_up = row.follow_up
    stored = PlanItem(
        plan_id=plan.id,
        number=number,
        heading=_NUMBER.sub("", row.heading or ""),
        topic=row.topic,
        indicator=row.indicator,
        analysis=row.analysis or "",
        everyone=row.everyone,
        responsible_text=" / ".join(one.text for one in row.responsible),
        window_text=row.window.text if row.window else "",
        starts_on=item.start,
        ends_on=item.end,
        follow_up_text=follow_up.text if follow_up else "",
        follow_up_kind=follow_up.kind if follow_up else "unspecified",
        follow_up_n=follow_up.n if follow_up else None,
        follow_up_months=list(item.follow_up_months),
        targets=list(row.targets),
    )
    db.session.add(stored)
    db.session.flush()
    db.session.add_all(
        PlanItemDivision(item_id=stored.id, division_id=divisions[name]) for name in item.divisions
    )
    db.session.add_all(
        Measure(item_id=stored.id, number=place, title=measure.title)
        for place, measure in enumerate(row.measures, 1)
    )
    db.session.add_all(
        Step(item_id=stored.id, number=place, text=text) for place, text in enumerate(row.steps, 1)
    )
    if row.indicator is not None:
        db.session.add(ScoreReference(item_id=stored.id, kind="indicator", code=str(row.indicator)))


def _save_scores(read: ReadPlan) -> None:
    """Keep the printed scores as that year's assessment, unless there is one."""
    scores = read.scores
    if read.assessment_year is None or not (scores.indicators or scores.total):
        return
    known = db.session.scalar(select(Assessment.id).where(Assessment.year == read.assessment_year))
    if known is None:
        printed: dict[str, float] = {str(number): value for number, value in scores.indicators.items()}
        db.session.add(
            Assessment(
                year=read.assessment_year,
                total=scores.total,
                level=scores.level or "",
                scores=printed | dict(scores.questions),
            )
        )


def draft(
    read: ReadPlan,
    divisions: Sequence[Division],
    *,
    fiscal_year: int | None = None,
    create_divisions: bool = False,
    accept_proposals: bool = False,
) -> Draft:
    """As `understand`, but raises Undecided while questions are open."""
    understood = understand(
        read,
        divisions,
        fiscal_year=fiscal_year,
        create_divisions=create_divisions,
        accept_proposals=accept_proposals,
    )
    if understood.questions:
        raise Undecided(understood.questions)
    return understood


def problems_of(read: ReadPlan) -> list[tuple[int, Problem]]:
    """Every problem with the row it is about, from 1; 0 is the document.

    What blocks is a `Question` already: unknown divisions and windows that could not be read are left out.
    """
    rows = [
        (number, problem)
        for number, row in enumerate(read.rows, 1)
        for problem in row.problems
        if problem.code not in _ASKED
    ]
    return [*((0, problem) for problem in read.problems), *rows]
