"""Finished values of lists: groups as cards and rows, evidence as files, looks as words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from tracker.database import db
from tracker.groups import Group
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import (
    Division,
    Evidence,
    FollowUp,
    FollowUpState,
    Measure,
    Plan,
    PlanState,
    Round,
    Step,
    StepTick,
    Task,
)
from tracker.rules.looks import DUE_SOON, TaskLook, look_of, worst_of
from tracker.rules.states import OUTSTANDING, TaskState

LOOKS = {
    TaskLook.OVERDUE: "overdue",
    TaskLook.STUCK: "stuck",
    TaskLook.DUE_SOON: "due_soon",
    TaskLook.WAITING: "submitted",
    TaskLook.IN_PROGRESS: "in_progress",
    TaskLook.DONE: "approved",
    TaskLook.NOT_YET: "open",
    TaskLook.CANCELLED: "cancelled",
    TaskLook.NOT_NEEDED: "not_needed",
}
ORDER = ("overdue", "stuck", "due_soon", "submitted", "in_progress", "approved", "open")
_SHOWN = (
    joinedload(Task.measure).load_only(Measure.title, Measure.removed_in),
    joinedload(Task.division).load_only(Division.name),
)
KINDS = {"application/pdf": "pdf", "image/png": "image", "image/jpeg": "image"}


@dataclass(frozen=True)
class Card:
    """A group as a list shows it."""

    title: str
    division: str
    quarter: int
    due_on: date
    look: str
    look_text: str | None
    href: str
    outstanding: bool
    waits: bool

    def row(self, acts: bool = True) -> dict[str, Any]:
        """As macros/tasks.html wants it; `acts` says whether the person may report it."""
        return {
            "title": f"{self.title} · {_('ไตรมาส %(number)s', number=self.quarter)}",
            "href": self.href,
            "day": self.due_on,
            "look": self.look,
            "look_text": self.look_text,
            "division": self.division,
            "note": None,
            "action": _("อัปเดต") if self.outstanding and acts else _("เปิดดู"),
            "urgent": self.look == "overdue" and acts,
        }

    def done_row(self) -> dict[str, Any]:
        text = _("ไตรมาส %(number)s กำหนด %(day)s", number=self.quarter, day=short_date(self.due_on))
        return {"title": self.title, "href": self.href, "text": text, "look": self.look}


def look(task: Task, today: date) -> str:
    return LOOKS[look_of(task.state, task.due_on, today)]


def groups(
    year: int, today: date, divisions: Collection[int] | None = None, measure_id: int | None = None
) -> list[Card]:
    """The groups of a year by due day, of some divisions or all; with a measure, what they do for it alone."""
    query = (
        select(Task)
        .join(Plan, Plan.id == Task.plan_id)
        .where(Plan.fiscal_year == year)
        .options(*_SHOWN)
        .order_by(Task.due_on, Task.item_id, Task.division_id, Task.measure_id)
    )
    if divisions is not None:
        query = query.where(Task.division_id.in_(divisions))
    if measure_id is not None:
        query = query.where(Task.measure_id == measure_id)
    members: dict[tuple[int, int, int], list[Task]] = {}
    for task in db.session.scalars(query):
        members.setdefault((task.item_id, task.division_id, task.quarter), []).append(task)
    return [card_of(tasks, today) for tasks in members.values()]


def cards_of(chosen: Collection[Group], today: date) -> dict[Group, Card]:
    """The cards of these groups by due day; groups that have no task any more are left out."""
    query = (
        select(Task)
        .where(
            Task.item_id.in_({group.item_id for group in chosen}),
            Task.division_id.in_({group.division_id for group in chosen}),
            Task.quarter.in_({group.quarter for group in chosen}),
        )
        .options(*_SHOWN)
        .order_by(Task.due_on, Task.item_id, Task.measure_id)
    )
    members: dict[Group, list[Task]] = {}
    for task in db.session.scalars(query):
        group = Group(task.item_id, task.division_id, task.quarter)
        if group in chosen:
            members.setdefault(group, []).append(task)
    return {group: card_of(tasks, today) for group, tasks in members.items()}


def card_of(tasks: Sequence[Task], today: date) -> Card:
    """The card of the tasks of one group."""
    first = tasks[0]
    outstanding = [task for task in tasks if task.state in OUTSTANDING]
    due_on = min(task.due_on for task in outstanding or tasks)
    worst = worst_of(look_of(task.state, task.due_on, today) for task in tasks) or TaskLook.NOT_YET
    shown = in_plan(tasks) or tasks
    title = shown[0].measure.title
    if len(shown) > 1:
        title = _("%(title)s และอีก %(number)s มาตรการ", title=title, number=len(shown) - 1)
    return Card(
        title=title,
        division=first.division.name,
        quarter=first.quarter,
        due_on=due_on,
        look=LOOKS[worst],
        look_text=day_words(LOOKS[worst], due_on, today),
        href=url_for(
            "work.group", item_id=first.item_id, division_id=first.division_id, quarter=first.quarter
        ),
        outstanding=bool(outstanding),
        waits=any(task.state is TaskState.SUBMITTED for task in tasks),
    )


def in_plan(tasks: Sequence[Task]) -> list[Task]:
    """The tasks without those that were cancelled because an amendment took their measure out."""
    return [
        task for task in tasks if task.measure.removed_in is None or task.state is not TaskState.CANCELLED
    ]


def day_words(shown: str, due_on: date, today: date) -> str | None:
    """ "เกินกำหนด 3 วัน" or "อีก 2 วัน" where the look is about days."""
    if shown == "overdue":
        return _("เกินกำหนด %(days)s วัน", days=(today - due_on).days)
    if shown == "due_soon":
        return _("ครบกำหนดวันนี้") if due_on == today else _("อีก %(days)s วัน", days=(due_on - today).days)
    return None


def due_line(due_on: date, quarter: int, today: date) -> str:
    return _("กำหนด %(day)s · ไตรมาสที่ %(quarter)s", day=short_date(due_on), quarter=quarter)


def follow_ups(year: int, today: date, divisions: Collection[int]) -> list[dict[str, Any]]:
    """The open follow-ups that wait for an answer, as rows of work."""
    rows = db.session.scalars(
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            Plan.fiscal_year == year,
            FollowUp.division_id.in_(divisions),
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
            Round.opens_on <= today,
        )
        .options(selectinload(FollowUp.round), selectinload(FollowUp.division))
        .order_by(Round.due_on)
    )
    return [follow_up_row(row, today, url_for("follow_up.form", follow_up_id=row.id)) for row in rows]


def follow_up_row(row: FollowUp, today: date, href: str) -> dict[str, Any]:
    """A follow-up that waits for its answer, as macros/tasks.html wants it."""
    shown = follow_up_look(row, today)
    return {
        "title": _("ตอบการติดตามผล %(round)s", round=round_name(row.round)),
        "href": href,
        "day": row.round.due_on,
        "look": shown,
        "look_text": day_words(shown, row.round.due_on, today),
        "division": row.division.name,
        "note": None,
        "action": _("ตอบ"),
        "urgent": shown == "overdue",
    }


def follow_up_look(row: FollowUp, today: date) -> str:
    if row.state is FollowUpState.ANSWERED:
        return "approved"
    if row.state is FollowUpState.UNANSWERED:
        return "cancelled"
    if row.round.due_on < today:
        return "overdue"
    return "due_soon" if row.round.due_on <= today + DUE_SOON and row.round.opens_on <= today else "open"


def round_name(row: Round) -> str:
    """รอบ 6 เดือน, รอบ 12 เดือน, or the kind with the end of its period."""
    if row.kind == "six_months":
        return _("รอบ 6 เดือน")
    if row.kind == "twelve_months":
        return _("รอบ 12 เดือน")
    if row.kind == "on_completion":
        return _("เมื่อแล้วเสร็จ (ถึง %(day)s)", day=short_date(row.period_end))
    return _("รอบถึง %(day)s", day=short_date(row.period_end))


def ticked_steps(item_id: int, division_id: int) -> frozenset[int]:
    return frozenset(
        db.session.scalars(
            select(StepTick.step_id)
            .join(Step, Step.id == StepTick.step_id)
            .where(Step.item_id == item_id, StepTick.division_id == division_id)
        )
    )


def file_href(evidence_id: int) -> str:
    return url_for("evidence.download", evidence_id=evidence_id)


def about_href(evidence_id: int) -> str:
    return url_for("evidence.about", evidence_id=evidence_id)


def file_of(
    evidence: Evidence,
    href: Callable[[int], str] = file_href,
    about: Callable[[int], str] | None = None,
) -> dict[str, Any]:
    """An evidence as the file list shows it; `href` leads to a file by its id, `about` to its page."""
    kind = (
        "link" if evidence.url else KINDS.get(evidence.media_type) or evidence.name.rpartition(".")[2].lower()
    )
    return {
        "id": evidence.id,
        "name": evidence.name,
        "kind": kind,
        "size": size_words(evidence.size) if evidence.size else None,
        "href": evidence.url or href(evidence.id),
        "thumbnail": f"{href(evidence.id)}/thumbnail" if kind in {"pdf", "image"} else None,
        "about": about(evidence.id) if about else None,
        "public": evidence.public,
        "caption": evidence.caption if evidence.caption not in evidence.name else None,
        "withdrawn": _("ถอนแล้ว: %(reason)s", reason=evidence.withdrawn_reason)
        if evidence.withdrawn_at
        else None,
    }


def size_words(size: int) -> str:
    """Bytes as a person reads them."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def due_words(due_on: date, look_text: str | None) -> str:
    due = _("กำหนด %(day)s", day=short_date(due_on))
    return f"{due} ({look_text})" if look_text else due


def next_due(division_id: int) -> date | None:
    return db.session.scalar(
        select(func.min(Task.due_on))
        .join(Plan, Plan.id == Task.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Task.division_id == division_id, Task.state.in_(OUTSTANDING))
    )
