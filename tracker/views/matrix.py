"""Every measure of a year against its quarters, and the decisions on many groups at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.access import actor, allow, get_or_404, key_of, require
from tracker.actions import progress, undoing
from tracker.catalogue.assessment import INDICATORS
from tracker.catalogue.topics import TOPICS
from tracker.database import db
from tracker.decisions import UNDO
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.groups import Group, tasks_of
from tracker.locale import clock_time, language, long_date, say
from tracker.locale import translate as _
from tracker.models import Decision, Plan, PlanItem, PlanState, Task
from tracker.rules.fiscal import Quarter, quarters_of
from tracker.rules.looks import WORST_FIRST, TaskLook, look_of
from tracker.rules.permissions import Deed, may
from tracker.rules.states import TaskState
from tracker.rules.thai import fold
from tracker.views import listing

blueprint = Blueprint("matrix", __name__, url_prefix="/plan")
TOGETHER = 3  # so many divisions of one look become one chip


@blueprint.get("/<int:year>/measures")
@allow(Deed.SEE_PLAN)
def measures(year: int) -> str:
    """The table of measures and quarters; words, division, section and looks in the address filter it."""
    session["year"] = year
    return _page(year)


def _page(year: int, ticked: Collection[str] = (), errors: Mapping[str, str] | None = None) -> str:
    """The table; with errors as it was sent: the ticks, the note, a sentence beside its field."""
    today = clock.today()
    plan = db.session.scalars(
        select(Plan).where(Plan.fiscal_year == year, Plan.state != PlanState.DRAFT)
    ).one_or_none()
    tasks = _tasks(plan.id) if plan else []
    shown = [task for task in tasks if _chosen(task, today)]
    decides = may(actor(), Deed.APPROVE)
    numbers = {one: place for place, one in enumerate(dict.fromkeys(task.measure_id for task in tasks), 1)}
    looks = Counter(look for task in tasks for look in listing.looks(task, today))
    chosen_looks = request.args.getlist("look")
    return render_template(
        "plan/measures.html",
        year=year,
        title=_(
            "มาตรการ %(measures)s เรื่อง %(tasks)s งาน",
            measures=len(numbers),
            tasks=len(tasks),
        ),
        line=_("ปีงบประมาณ %(year)s · %(today)s", year=year, today=long_date(today)),
        columns=[
            {"label": _("ไตรมาส %(number)s", number=quarter.number), "now": quarter == Quarter.of(today)}
            for quarter in quarters_of(year)
        ],
        sections=_sections(shown, numbers, today, decides),
        counts=[
            (look, looks[look], _toggled(year, look, chosen_looks), look in chosen_looks)
            for look in listing.ORDER
            if looks[look]
        ],
        divisions=sorted({(task.division.place, task.division_id, task.division.name) for task in tasks}),
        division=request.args.get("division", type=int),
        words=request.args.get("q", ""),
        chosen_looks=chosen_looks,
        filtered=any(request.args.get(name) for name in ("q", "division", "look")),
        waiting=decides and any(_awaits(task) for task in shown),
        all_chosen="all" in request.args and not errors,
        decide_href=url_for("matrix.decide", year=year, look=chosen_looks, **_kept()),
        ticked=ticked,
        note=request.form.get("note", ""),
        errors=errors or {},
        undo=undo_bar(),
    )


def _tasks(plan_id: int) -> Sequence[Task]:
    return db.session.scalars(
        select(Task)
        .join(PlanItem, PlanItem.id == Task.item_id)
        .where(Task.plan_id == plan_id)
        .options(selectinload(Task.measure), selectinload(Task.division), selectinload(Task.item))
        .order_by(PlanItem.number, Task.measure_id, Task.quarter, Task.division_id)
    ).all()


def _chosen(task: Task, today: date) -> bool:
    words, division = fold(request.args.get("q", "")), request.args.get("division", type=int)
    looks = request.args.getlist("look")
    return (
        words in fold(f"{task.measure.title} {task.item.heading}")
        and (not division or task.division_id == division)
        and (not looks or not listing.looks(task, today).isdisjoint(looks))
    )


def _toggled(year: int, look: str, chosen: Sequence[str]) -> str:
    """The address of this page with the look switched on or off; the other filters stay."""
    others = [name for name in chosen if name != look]
    looks = others if look in chosen else [*others, look]
    return url_for("matrix.measures", year=year, look=looks, **_kept())


def _kept() -> dict[str, Any]:
    """The filters in the address other than the looks."""
    return {name: request.args[name] for name in ("q", "division") if request.args.get(name)}


def _sections(
    tasks: Sequence[Task], numbers: Mapping[int, int], today: date, decides: bool
) -> list[dict[str, Any]]:
    """The table's rows under the topic or indicator that they answer."""
    sections = []
    # A group is approved as a whole: one box for it, at the first of its measures.
    offered: set[Group] = set()
    for name, inside in groupby(tasks, key=lambda task: _section_name(task.item)):
        members = list(inside)
        rows = []
        for measure_id, own in groupby(members, key=lambda task: task.measure_id):
            of_measure = list(own)
            by_quarter: dict[int, list[Task]] = defaultdict(list)
            for task in of_measure:
                by_quarter[task.quarter].append(task)
            rows.append(
                {
                    "number": numbers[measure_id],
                    "title": of_measure[0].measure.title,
                    "cells": [_cell(by_quarter[number], today, decides, offered) for number in range(1, 5)],
                }
            )
        done = sum(task.state is TaskState.APPROVED for task in members)
        sections.append({"name": name, "done": done, "total": len(members), "rows": rows})
    return sections


def _section_name(item: PlanItem) -> str:
    if item.topic:
        title = next(one.title for one in TOPICS if one.number == item.topic)
        return _("หัวข้อ %(number)s %(title)s", number=item.topic, title=title)
    if item.indicator:
        title = next(one.name for one in INDICATORS if one.number == item.indicator)
        return _("ตัวชี้วัดที่ %(number)s %(title)s", number=item.indicator, title=title)
    return item.heading or _("มาตรการอื่น")


def _cell(tasks: Sequence[Task], today: date, decides: bool, offered: set[Group]) -> dict[str, Any]:
    """The chips of one measure in one quarter, and where they stand as a list."""
    return {
        "chips": _chips(tasks, today, decides, offered),
        "number": len(tasks),
        "href": url_for("plan.tasks", **_cell_of(tasks[0])) if len(tasks) > 1 else None,
    }


def _cell_of(task: Task) -> dict[str, Any]:
    """The measure and quarter of a task as the list of tasks takes them."""
    year = request.view_args["year"] if request.view_args else 0
    return {"year": year, "measure": task.measure_id, "quarter": task.quarter}


def _chips(tasks: Iterable[Task], today: date, decides: bool, offered: set[Group]) -> list[dict[str, Any]]:
    """The tasks of one measure in one quarter, the worst first; many of one look become one chip."""
    by_look: dict[tuple[TaskLook, bool], list[Task]] = defaultdict(list)
    for task in tasks:
        look = look_of(task.state, task.due_on, today)
        by_look[look, task.state is TaskState.STUCK and look is not TaskLook.STUCK].append(task)
    chips: list[dict[str, Any]] = []
    for look, stuck_too in sorted(by_look, key=lambda one: (WORST_FIRST.index(one[0]), not one[1])):
        alike = by_look[look, stuck_too]
        if len(alike) >= TOGETHER and not (decides and any(map(_awaits, alike))):
            chips.append(
                {
                    "look": listing.LOOKS[look],
                    "stuck_too": stuck_too,
                    "text": _("%(number)s กอง", number=len(alike)),
                    "title": ", ".join(task.division.name for task in alike),
                    "href": url_for(
                        "plan.tasks",
                        **_cell_of(alike[0]),
                        look=listing.LOOKS[look],
                    ),
                    "group": None,
                }
            )
            continue
        chips += [
            _chip(task, listing.LOOKS[look], decides, offered) | {"stuck_too": stuck_too} for task in alike
        ]
    return chips


def _awaits(task: Task) -> bool:
    """Whether the task waits for this person's decision."""
    return task.state is TaskState.SUBMITTED and may(actor(), Deed.APPROVE, task.division_id)


def _chip(task: Task, look: str, decides: bool, offered: set[Group]) -> dict[str, Any]:
    group = Group(task.item_id, task.division_id, task.quarter)
    waits = decides and _awaits(task) and group not in offered
    if waits:
        offered.add(group)
    return {
        "look": look,
        "text": task.division.name.removeprefix("กอง").removeprefix("หน่วย"),
        "title": task.division.name,
        "href": url_for("work.group", **address(group)),
        "group": f"{group.item_id}-{group.division_id}-{group.quarter}" if waits else None,
    }


def address(group: Group) -> dict[str, Any]:
    return {"item_id": group.item_id, "division_id": group.division_id, "quarter": group.quarter}


def undo_bar() -> dict[str, Any] | None:
    """What the person decided last, as partials/undo.html offers to take it back; None where it is too late."""
    if not may(actor(), Deed.APPROVE):
        return None
    decisions = undoing.latest(now=clock.now(), by=actor())
    if not decisions:
        return None
    return {
        "text": _done_words(decisions[0].deed.value, len(decisions)),
        "until": clock_time(decisions[0].at + UNDO),
        "href": url_for("matrix.undo", decision_id=decisions[0].id),
    }


def _done_words(deed: str, number: int) -> str:
    words = {
        "approve": _("อนุมัติแล้ว %(number)s แบบ", number=number),
        "send_back": _("ส่งกลับแล้ว %(number)s แบบ", number=number),
        "reopen": _("เปิดให้แก้ไขแล้ว %(number)s แบบ", number=number),
        "move_due_day": _("เลื่อนกำหนดแล้ว %(number)s แบบ", number=number),
        "cancel": _("ยกเลิกแล้ว %(number)s งาน", number=number),
    }
    return words[deed]


@blueprint.post("/<int:year>/decide")
@allow(Deed.APPROVE)
def decide(year: int) -> ResponseReturnValue:
    """Approve or send back every chosen group; those that moved on meanwhile are skipped and named."""
    ticked = request.form.getlist("group")
    groups = [_group(text) for text in ticked]
    for group in groups:
        require(Deed.APPROVE, group.division_id)
    back = redirect(url_for("matrix.measures", year=year), 303)
    if not groups:
        return _page(year, ticked, {"group": _("ยังไม่ได้เลือกงาน แตะช่องหน้างานที่รออนุมัติก่อน")}), 422
    now, note = clock.now(), request.form.get("note", "")
    skipped = []
    for group in groups:
        try:
            if request.form.get("act") == "send_back":
                progress.send_back(group, note, now=now, by=actor())
            else:
                progress.approve(group, now=now, by=actor())
        except FieldsRefused as refused:
            db.session.rollback()
            return _page(year, ticked, {"note": say(refused.fields["note"], language())}), 422
        except (Refused, NotFound):
            skipped.append(_name(group))
    if skipped:
        flash(
            _("ข้าม %(number)s แบบที่เปลี่ยนไปแล้ว: %(names)s", number=len(skipped), names=", ".join(skipped)),
            "warning",
        )
    return back


def _group(text: str) -> Group:
    keys = [key for key in map(key_of, text.split("-")) if key]
    if len(keys) != 3 or text.count("-") != 2:
        abort(400)
    return Group(*keys)


def _name(group: Group) -> str:
    try:
        task = tasks_of(group)[0]
    except NotFound:
        return "–"
    return f"{task.measure.title} ({task.division.name})"


@blueprint.post("/undo/<int:decision_id>")
@allow(Deed.APPROVE)
def undo(decision_id: int) -> ResponseReturnValue:
    """Take back what the person did in that press."""
    decision = get_or_404(Decision, decision_id)
    number = undoing.undo(decision.at, now=clock.now(), by=actor())
    flash(_("เลิกทำแล้ว %(number)s งานกลับเป็นอย่างเดิม", number=number), "success")
    of_task = select(Plan.fiscal_year).join(Task, Task.plan_id == Plan.id)
    year = db.session.scalars(of_task.where(Task.id.in_(map(int, decision.tasks))).limit(1)).one()
    return redirect(url_for("matrix.measures", year=year), 303)
