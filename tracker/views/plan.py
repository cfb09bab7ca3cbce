"""The year at a glance: the dashboard, and what waits for approval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.access import LARGEST_KEY, actor, allow
from tracker.database import db
from tracker.locale import long_date, short_month
from tracker.locale import translate as _
from tracker.models import Division, Plan, PlanState, Task
from tracker.rules.fiscal import BUDDHIST_OFFSET, Quarter, quarters_of
from tracker.rules.looks import TaskLook, look_of, worst_of
from tracker.rules.permissions import Deed, may
from tracker.rules.states import TaskState
from tracker.rules.thai import fold
from tracker.views import guide, listing, matrix

blueprint = Blueprint("plan", __name__, url_prefix="/plan")
SHOWN = 8
NOT_COUNTED = frozenset({TaskLook.CANCELLED, TaskLook.NOT_NEEDED})


@blueprint.get("/<int:year>")
@allow(Deed.SEE_PLAN)
def dashboard(year: int) -> ResponseReturnValue:
    """Progress of the whole plan, a heat table of divisions and quarters, and what comes next."""
    session["year"] = year
    today = clock.today()
    plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()
    if plan is None or plan.state is PlanState.DRAFT:
        return render_template(
            "plan/dashboard.html",
            year=year,
            today_line=_today_line(today),
            plan_exists=False,
            guide=guide.first_steps(year),
            start_href=url_for("drafting.start", year=year) if may(actor(), Deed.EDIT_PLAN) else None,
        )
    if plan.is_record:
        return redirect(url_for("report.show", year=year), 303)
    tasks = db.session.scalars(
        select(Task).where(Task.plan_id == plan.id).options(selectinload(Task.division))
    ).all()
    looks = [(task, look_of(task.state, task.due_on, today)) for task in tasks]
    counted = [(task, look) for task, look in looks if look not in NOT_COUNTED]
    by_look = Counter(listing.LOOKS[look] for _task, look in counted)
    cards = [card for card in listing.groups(year, today) if card.outstanding]
    waiting = {
        (task.item_id, task.division_id, task.quarter)
        for task in tasks
        if task.state is TaskState.SUBMITTED and may(actor(), Deed.APPROVE, task.division_id)
    }
    return render_template(
        "plan/dashboard.html",
        year=year,
        today_line=_today_line(today),
        totals={"done": by_look["approved"], "total": len(counted)},
        counts=[(look, by_look[look], url_for("plan.tasks", year=year, look=look)) for look in listing.ORDER],
        columns=[_column(quarter, today) for quarter in quarters_of(year)],
        divisions=_heat(year, counted),
        tasks=[card.row(_acts()) for card in cards[:SHOWN]],
        tasks_href=url_for("plan.tasks", year=year),
        measures_href=url_for("matrix.measures", year=year),
        report_href=url_for("report.show", year=year),
        summary_href=url_for("executive.show", year=year) if may(actor(), Deed.SEE_SUMMARY) else None,
        waiting=len(waiting),
        waiting_href=url_for("plan.waiting", year=year),
        plan_exists=True,
        amend_href=url_for("importing.upload")
        if plan.state is PlanState.ADOPTED and may(actor(), Deed.EDIT_PLAN)
        else None,
    )


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


def _heat(year: int, counted: Sequence[tuple[Task, TaskLook]]) -> list[dict[str, Any]]:
    """A row a division, a cell a quarter: tasks done of all, and the worst look among them."""
    cells: dict[tuple[int, int], list[TaskLook]] = defaultdict(list)
    divisions: dict[int, Division] = {}
    for task, look in counted:
        cells[task.division_id, task.quarter].append(look)
        divisions[task.division_id] = task.division
    rows = []
    for division in sorted(divisions.values(), key=lambda division: division.place):
        own = [cells[division.id, number] for number in range(1, 5)]
        rows.append(
            {
                "name": division.name,
                "href": url_for("plan.tasks", year=year, division=division.id),
                "done": sum(look is TaskLook.DONE for cell in own for look in cell),
                "total": sum(len(cell) for cell in own),
                "cells": [_cell(year, division.id, number, cell) for number, cell in enumerate(own, 1)],
            }
        )
    return rows


def _cell(year: int, division_id: int, quarter: int, looks: Sequence[TaskLook]) -> dict[str, Any] | None:
    worst = worst_of(looks)
    if worst is None:
        return None
    return {
        "look": listing.LOOKS[worst],
        "done": sum(look is TaskLook.DONE for look in looks),
        "total": len(looks),
        "href": url_for("plan.tasks", year=year, division=division_id, quarter=quarter),
    }


def _key(text: str) -> int:
    """A number that a row can have; ValueError for any other."""
    number = int(text)
    if not 0 < number <= LARGEST_KEY:
        raise ValueError(text)
    return number


@blueprint.get("/<int:year>/tasks")
@allow(Deed.SEE_PLAN)
def tasks(year: int) -> str:
    """The groups of a year; division, quarter, look and words in the address filter them."""
    today = clock.today()
    division_id = request.args.get("division", type=_key)
    quarter = request.args.get("quarter", type=int)
    look = request.args.get("look")
    words = request.args.get("q", "")
    cards = listing.groups(year, today, {division_id} if division_id else None)
    chosen = [
        card
        for card in cards
        if (not quarter or card.quarter == quarter)
        and (not look or card.look == look)
        and fold(words) in fold(f"{card.title} {card.division}")
    ]
    return render_template(
        "plan/tasks.html",
        year=year,
        title=_("งานทั้งหมด ปีงบประมาณ %(year)s", year=year),
        tasks=[card.row(_acts()) for card in chosen],
        counts=[(name, sum(card.look == name for card in cards)) for name in listing.ORDER],
        look=look,
        words=words,
        filtered=bool(division_id or quarter or look or words),
    )


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
        tasks=[card.row() | {"action": _("ตรวจ"), "href": f"{card.href}?review=1"} for card in cards],
        counts=[],
        look="submitted",
        words="",
        filtered=False,
        undo=matrix.undo_bar(),
    )
