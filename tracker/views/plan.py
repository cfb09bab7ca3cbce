"""The year at a glance: the dashboard, and what waits for approval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, func, select

from tracker import clock
from tracker.access import LARGEST_KEY, actor, allow
from tracker.database import db
from tracker.groups import Group
from tracker.locale import long_date, short_month
from tracker.locale import translate as _
from tracker.models import Division, Measure, PlanState, Task
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter, quarters_of
from tracker.rules.looks import NOT_COUNTED, TaskLook, look_of, worst_of
from tracker.rules.permissions import Deed, may
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.thai import fold
from tracker.views import documents, guide, listing, matrix
from tracker.views.listing import Card

blueprint = Blueprint("plan", __name__, url_prefix="/plan")
SHOWN = 8
_GROUP = (Task.item_id, Task.division_id, Task.quarter)
_FIRST = (
    select(*_GROUP)
    .where(Task.plan_id == bindparam("plan_id"), Task.state.in_(OUTSTANDING))
    .group_by(*_GROUP)
    .order_by(func.min(Task.due_on), Task.item_id, Task.division_id)
    .limit(SHOWN)
)
_SHADE = (Task.division_id, Task.quarter, Task.state, Task.due_on)
_ALIKE = select(*_SHADE, func.count(Task.id)).where(Task.plan_id == bindparam("plan_id")).group_by(*_SHADE)


@blueprint.get("/<int:year>")
@allow(Deed.SEE_PLAN)
def dashboard(year: int) -> ResponseReturnValue:
    """Progress of the whole plan, a heat table of divisions and quarters, and what comes next."""
    session["year"] = year
    today = clock.today()
    plan = documents.plan_of(year)
    if plan is None or plan.state is PlanState.DRAFT:
        return render_template(
            "plan/dashboard.html",
            year=year,
            today_line=_today_line(today),
            plan_exists=False,
            guide=guide.first_steps(year),
            start_href=url_for("drafting.start", year=year) if may(actor(), Deed.EDIT_PLAN) else None,
            draft_href=url_for("drafting.show", year=year) if plan and may(actor(), Deed.SEE_DRAFT) else None,
            uploads_href=_uploads_href(),
        )
    if plan.is_record:
        return redirect(url_for("report.show", year=year), 303)
    tally = _tally(plan.id, today)
    tasks_href = url_for("plan.tasks", year=year)
    by_look = Counter[str]()
    for row in tally:
        by_look[listing.LOOKS[row.look]] += row.number
    # What is late and stuck is found under both.
    by_look["stuck"] = _number(row for row in tally if row.stuck)
    return render_template(
        "plan/dashboard.html",
        year=year,
        today_line=_today_line(today),
        totals={"done": by_look["approved"], "total": _number(tally)},
        counts=[(look, by_look[look], f"{tasks_href}?look={look}") for look in listing.ORDER],
        columns=[_column(quarter, today) for quarter in quarters_of(year)],
        divisions=_heat(tasks_href, tally),
        tasks=[card.row(_acts()) for card in _next(plan.id, today)],
        tasks_href=tasks_href,
        measures_href=url_for("matrix.measures", year=year),
        report_href=url_for("report.show", year=year),
        summary_href=url_for("executive.show", year=year) if may(actor(), Deed.SEE_SUMMARY) else None,
        waiting=_waiting(plan.id) if by_look["submitted"] else 0,
        waiting_href=url_for("plan.waiting", year=year),
        plan_exists=True,
        vacancies=guide.vacancies(),
        people_href=url_for("people.show"),
        amend_href=url_for("importing.upload")
        if plan.state is PlanState.ADOPTED and may(actor(), Deed.EDIT_PLAN)
        else None,
        uploads_href=_uploads_href(),
    )


def _uploads_href() -> str | None:
    """Where whoever only looks finds what was uploaded; the coordinator comes there by the plan's own buttons."""
    reads = may(actor(), Deed.SEE_DRAFT) and not may(actor(), Deed.EDIT_PLAN)
    return url_for("importing.upload") if reads else None


def _acts() -> bool:
    """Whether the person may report for some division."""
    return may(actor(), Deed.REPORT_GROUP)


def _today_line(today: date) -> str:
    quarter = Quarter.of(today)
    return _(
        "%(today)s · ขณะนี้อยู่ในไตรมาสที่ %(number)s ปีงบประมาณ %(year)s (สิ้นสุด %(end)s)",
        today=long_date(today),
        number=quarter.number,
        year=quarter.fiscal_year,
        end=long_date(quarter.last_day),
    )


def _column(quarter: Quarter, today: date) -> dict[str, Any]:
    year = (quarter.last_day.year + BUDDHIST_OFFSET) % 100
    return {
        "label": _("ไตรมาส %(number)s", number=quarter.number),
        "period": f"{short_month(quarter.first_day)}–{short_month(quarter.last_day)} {year}",
        "now": quarter == Quarter.of(today),
    }


@dataclass(frozen=True)
class _Count:
    """How many tasks of a division and quarter look alike."""

    division_id: int
    quarter: int
    look: TaskLook
    stuck: bool
    number: int


def _tally(plan_id: int, today: date) -> list[_Count]:
    """What the plan's tasks look like, counted by the database: a plan may have ten thousand."""
    rows = db.session.execute(_ALIKE, {"plan_id": plan_id})
    counts = (
        _Count(division_id, quarter, look_of(state, due_on, today), state is TaskState.STUCK, number)
        for division_id, quarter, state, due_on, number in rows
    )
    return [one for one in counts if one.look not in NOT_COUNTED]


def _next(plan_id: int, today: date) -> list[Card]:
    """The groups that are due first among those with something to do."""
    rows = db.session.execute(_FIRST, {"plan_id": plan_id})
    return list(listing.cards_of({Group(*row) for row in rows}, today).values())


def _waiting(plan_id: int) -> int:
    """The groups that wait for the person's approval."""
    rows = db.session.execute(
        select(Task.division_id, Task.item_id, Task.quarter)
        .where(Task.plan_id == plan_id, Task.state == TaskState.SUBMITTED)
        .distinct()
    )
    return sum(may(actor(), Deed.APPROVE, division_id) for division_id, _item, _quarter in rows)


def _heat(tasks_href: str, tally: Sequence[_Count]) -> list[dict[str, Any]]:
    """A row a division, a cell a quarter: tasks done of all, and the worst look among them."""
    cells: dict[tuple[int, int], list[_Count]] = defaultdict(list)
    for one in tally:
        cells[one.division_id, one.quarter].append(one)
    divisions = db.session.execute(
        select(Division.id, Division.name)
        .where(Division.id.in_({one.division_id for one in tally}))
        .order_by(Division.place)
    )
    rows = []
    for division_id, name in divisions:
        own = [one for one in tally if one.division_id == division_id]
        rows.append(
            {
                "name": name,
                "href": (href := f"{tasks_href}?division={division_id}"),
                "done": _number(filter(_done, own)),
                "total": _number(own),
                "cells": [
                    _cell(f"{href}&quarter={number}", cells[division_id, number]) for number in range(1, 5)
                ],
            }
        )
    return rows


def _cell(href: str, counts: Sequence[_Count]) -> tuple[str, int, int, int, str] | None:
    worst = worst_of(one.look for one in counts)
    if worst is None:
        return None
    stuck = _number(one for one in counts if one.stuck and one.look is not TaskLook.STUCK)
    return listing.LOOKS[worst], _number(filter(_done, counts)), _number(counts), stuck, href


def _done(count: _Count) -> bool:
    return count.look is TaskLook.DONE


def _number(counts: Iterable[_Count]) -> int:
    return sum(one.number for one in counts)


def _key(text: str) -> int:
    """A number that a row can have; ValueError for any other."""
    number = int(text)
    if not 0 < number <= LARGEST_KEY:
        raise ValueError(text)
    return number


@blueprint.get("/<int:year>/tasks")
@allow(Deed.SEE_PLAN)
def tasks(year: int) -> str:
    """The groups of a year; division, measure, quarter, look and words in the address filter them."""
    division_id, measure_id = (request.args.get(name, type=_key) for name in ("division", "measure"))
    quarter = request.args.get("quarter", type=int)
    look = request.args.get("look")
    words = request.args.get("q", "")
    cards = [
        card
        for card in listing.groups(
            year, clock.today(), {division_id} if division_id else None, measure_id or None
        )
        if not quarter or card.quarter == quarter
    ]
    chosen = [
        card
        for card in cards
        if (not look or card.is_under(look)) and fold(words) in fold(f"{card.title} {card.division}")
    ]
    kept: dict[str, Any] = {
        "division": division_id,
        "measure": measure_id,
        "quarter": quarter,
        "q": words or None,
    }
    return render_template(
        "plan/tasks.html",
        year=year,
        title=_("งานทั้งหมด ปีงบประมาณ %(year)s", year=year),
        about=_about(division_id, measure_id, quarter),
        tasks=[card.row(_acts()) for card in chosen],
        counts=[
            (
                name,
                sum(card.is_under(name) for card in cards),
                url_for("plan.tasks", year=year, **kept, look=None if name == look else name),
            )
            for name in listing.ORDER
        ],
        kept={name: value for name, value in (kept | {"look": look, "q": None}).items() if value},
        look=look,
        words=words,
        filtered=bool(division_id or measure_id or quarter or look or words),
    )


def _about(division_id: int | None, measure_id: int | None, quarter: int | None) -> str:
    """What the list is limited to, in words; empty for the whole year."""
    named = [
        db.session.scalars(select(Measure.title).where(Measure.id == measure_id)).one_or_none()
        if measure_id
        else None,
        db.session.scalars(select(Division.name).where(Division.id == division_id)).one_or_none()
        if division_id
        else None,
        _("ไตรมาส %(number)s", number=quarter) if quarter else None,
    ]
    return " · ".join(name for name in named if name)


@blueprint.get("/<int:year>/waiting")
@allow(Deed.APPROVE)
def waiting(year: int) -> str:
    """The groups that wait for the person's approval."""
    by = actor()
    own = None if may(by, Deed.STEER_WORK) else set(by.approves)
    cards = [card for card in listing.groups(year, clock.today(), own) if card.waits]
    return render_template(
        "plan/tasks.html",
        year=year,
        title=_("งานที่รออนุมัติ"),
        about="",
        tasks=[card.row() | {"action": _("ตรวจ"), "href": f"{card.href}?review=1"} for card in cards],
        counts=[],
        kept={},
        look="submitted",
        words="",
        filtered=False,
        waits=True,
        undo=matrix.undo_bar(),
    )
