"""Finished values of lists: groups as cards and rows, evidence as files, looks as words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from tracker.database import db
from tracker.groups import Group
from tracker.locale import language, month_year, say, short_date, short_month
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
    Task,
)
from tracker.rules.looks import DUE_SOON, TaskLook, look_of, looks_of, worst_of
from tracker.rules.rounds import ROUND_NAMES
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
KINDS = {"application/pdf": "pdf", "image/png": "image", "image/jpeg": "image"}


class _Line(NamedTuple):
    """A task with the words that a list shows; columns, for a list may hold hundreds."""

    item_id: int
    division_id: int
    quarter: int
    due_on: date
    state: TaskState
    title: str
    removed_in: int | None
    division: str


_LINES = (
    select(
        Task.item_id,
        Task.division_id,
        Task.quarter,
        Task.due_on,
        Task.state,
        Measure.title,
        Measure.removed_in,
        Division.name,
    )
    .join(Measure, (Measure.organisation_id == Task.organisation_id) & (Measure.id == Task.measure_id))
    .join(Division, (Division.organisation_id == Task.organisation_id) & (Division.id == Task.division_id))
)


@dataclass(frozen=True)
class Card:
    """A group as a list shows it."""

    group: Group
    title: str
    division: str
    due_on: date
    look: str
    look_text: str | None
    outstanding: bool
    waits: bool
    stuck: bool
    tasks: int
    address: str | None = None

    @property
    def quarter(self) -> int:
        return self.group.quarter

    @property
    def href(self) -> str:
        """The `address` it was given, else its own page."""
        if self.address is not None:
            return self.address
        at = self.group
        return url_for("work.group", item_id=at.item_id, division_id=at.division_id, quarter=at.quarter)

    @property
    def stuck_too(self) -> bool:
        """Whether some of it is stuck though it looks otherwise, being late above all."""
        return self.stuck and self.look != "stuck"

    def is_under(self, look: str) -> bool:
        """Whether people look for it there."""
        return look == self.look or (look == "stuck" and self.stuck) or (look == "submitted" and self.waits)

    def row(self, acts: bool = True) -> dict[str, Any]:
        """As macros/tasks.html wants it; `acts` says whether the person may report it."""
        return {
            "title": f"{self.title} · {_('ไตรมาส %(number)s', number=self.quarter)}",
            "href": self.href,
            "day": self.due_on,
            "look": self.look,
            "look_text": self.look_text,
            "stuck_too": self.stuck_too,
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


def looks(task: Task, today: date) -> set[str]:
    """Every look under which a task is found."""
    return {LOOKS[one] for one in looks_of(task.state, task.due_on, today)}


def groups(
    year: int, today: date, divisions: Collection[int] | None, measure_id: int | None = None
) -> list[Card]:
    """The groups of a year by due day, of some divisions or all; with a measure, what they do for it alone."""
    query = (
        _LINES.join(Plan, Plan.id == Task.plan_id)
        .where(Plan.fiscal_year == year)
        .order_by(Task.due_on, Task.item_id, Task.division_id, Task.measure_id)
    )
    if divisions is not None:
        query = query.where(Task.division_id.in_(divisions))
    if measure_id is not None:
        query = query.where(Task.measure_id == measure_id)
    return [_card(group, lines, today) for group, lines in _by_group(query).items()]


def _by_group(query: Select[*tuple[Any, ...]]) -> dict[Group, list[_Line]]:
    members: dict[Group, list[_Line]] = {}
    for line in map(_Line._make, db.session.execute(query)):
        members.setdefault(Group(line.item_id, line.division_id, line.quarter), []).append(line)
    return members


def cards_of(chosen: Collection[Group], today: date) -> dict[Group, Card]:
    """The cards of these groups by due day; groups that have no task any more are left out."""
    query = _LINES.where(
        Task.item_id.in_({group.item_id for group in chosen}),
        Task.division_id.in_({group.division_id for group in chosen}),
        Task.quarter.in_({group.quarter for group in chosen}),
    ).order_by(Task.due_on, Task.item_id, Task.measure_id)
    return {group: _card(group, lines, today) for group, lines in _by_group(query).items() if group in chosen}


def card_of(tasks: Sequence[Task], today: date) -> Card:
    """The card of the tasks of one group."""
    lines = [
        _Line(
            task.item_id,
            task.division_id,
            task.quarter,
            task.due_on,
            task.state,
            task.measure.title,
            task.measure.removed_in,
            task.division.name,
        )
        for task in tasks
    ]
    return _card(Group(*lines[0][:3]), lines, today)


def _card(group: Group, lines: Sequence[_Line], today: date) -> Card:
    outstanding = [line for line in lines if line.state in OUTSTANDING]
    due_on = min(line.due_on for line in outstanding or lines)
    worst = worst_of(look_of(line.state, line.due_on, today) for line in lines) or TaskLook.NOT_YET
    shown = [line for line in lines if _in_plan(line.removed_in, line.state)] or lines
    title = shown[0].title
    if len(shown) > 1:
        title = _("%(title)s และอีก %(number)s มาตรการ", title=title, number=len(shown) - 1)
    return Card(
        group=group,
        title=title,
        division=lines[0].division,
        due_on=due_on,
        look=LOOKS[worst],
        look_text=day_words(LOOKS[worst], due_on, today),
        outstanding=bool(outstanding),
        waits=any(line.state is TaskState.SUBMITTED for line in lines),
        stuck=any(line.state is TaskState.STUCK for line in lines),
        tasks=len(outstanding),
    )


def headed(title: str, cards: Sequence[Card]) -> str:
    """The heading of outstanding cards: how many tasks, as mails count them, in how many forms."""
    tasks = sum(card.tasks for card in cards)
    if tasks == len(cards):
        return _("%(title)s %(tasks)s งาน", title=title, tasks=tasks)
    return _("%(title)s %(tasks)s งาน ใน %(forms)s แบบรายงาน", title=title, tasks=tasks, forms=len(cards))


def in_plan(tasks: Sequence[Task]) -> list[Task]:
    """The tasks without those that were cancelled because an amendment took their measure out."""
    return [task for task in tasks if _in_plan(task.measure.removed_in, task.state)]


def _in_plan(removed_in: int | None, state: TaskState) -> bool:
    return removed_in is None or state is not TaskState.CANCELLED


def day_words(shown: str, due_on: date, today: date) -> str | None:
    """ "เกินกำหนด 3 วัน" or "อีก 2 วัน" where the look is about days."""
    if shown == "overdue":
        return _("เกินกำหนด %(days)s วัน", days=(today - due_on).days)
    if shown == "due_soon":
        return _("ครบกำหนดวันนี้") if due_on == today else _("อีก %(days)s วัน", days=(due_on - today).days)
    return None


def due_line(due_on: date, quarter: int) -> str:
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


def follow_up_text(row: FollowUp, today: date) -> str | None:
    """The words beside the look, None where those of the look itself say it."""
    if row.state is FollowUpState.ANSWERED:
        return _("ตอบแล้ว")
    if row.state is FollowUpState.UNANSWERED:
        return _("ไม่ได้รายงาน")
    return day_words(follow_up_look(row, today), row.round.due_on, today)


def round_name(row: Round) -> str:
    """The kind of a round and its period, by which a plan tells its rounds apart."""
    kind = say(ROUND_NAMES[row.kind], language())
    return f"{kind} ({period_words(row.period_start, row.period_end)})"


def period_words(start: date, end: date) -> str:
    """ "ต.ค. 2568 – มี.ค. 2569" where it is whole months, else with the days."""
    if start.day != 1 or (end + timedelta(days=1)).day != 1:
        return f"{short_date(start)} – {short_date(end)}"
    if (start.year, start.month) == (end.year, end.month):
        return month_year(end)
    first = short_month(start) if start.year == end.year else month_year(start)
    return f"{first} – {month_year(end)}"


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
