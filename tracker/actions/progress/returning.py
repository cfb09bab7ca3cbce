"""Gives tasks back to their division, and asks what every deed on tasks asks first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from tracker.calendar import working_calendar
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group, of
from tracker.models import Claim, Plan, PlanState, Task
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.states import Deed, can, due_after_send_back, state_after
from tracker.rules.thai import clean_lines


def return_tasks(tasks: Sequence[Task], deed: Deed, *, today: date) -> None:
    """Give tasks of a group back to their division: more time, and later tasks that an early completion closed."""
    calendar = working_calendar()
    first = next_version(tasks[0])
    versions: dict[date, int] = {}
    for task in tasks:
        task.state = state_after(deed, task.state)
        due_on = due_after_send_back(task.due_on, today, calendar)
        _set_due_day(task, due_on, versions.setdefault(due_on, first + len(versions)), today)
        restore_later(task, today=today)


def next_version(task: Task) -> int:
    """The version of a new due day in the task's group: each belongs to one day, for the ledger counts by it."""
    group = of(Task, Group(task.item_id, task.division_id, task.quarter))
    return 1 + (db.session.scalar(select(func.max(Task.due_version)).where(group)) or 0)


def _set_due_day(task: Task, due_on: date, version: int, today: date) -> None:
    task.due_on, task.due_version, task.due_set_on = due_on, version, today


def restore_later(task: Task, *, today: date) -> None:
    """Bring back the later tasks that an early completion had closed; nobody owed them until now."""
    if latest_word(task) is not ClaimWord.COMPLETE:
        return
    calendar = working_calendar()
    for other in later_of(task):
        if can(Deed.RESTORE, other.state):
            other.state = state_after(Deed.RESTORE, other.state)
            due_on = due_after_send_back(other.due_on, today, calendar)
            _set_due_day(other, due_on, next_version(other), today)


def latest_word(task: Task) -> ClaimWord | None:
    return db.session.scalars(
        select(Claim.word).where(Claim.task_id == task.id).order_by(Claim.id.desc()).limit(1)
    ).one_or_none()


def later_of(task: Task) -> list[Task]:
    """The tasks of the same measure and division in later quarters."""
    return list(
        db.session.scalars(
            select(Task)
            .where(
                Task.measure_id == task.measure_id,
                Task.division_id == task.division_id,
                Task.quarter > task.quarter,
            )
            .order_by(Task.quarter)
        )
    )


def running(plan_id: int) -> bool:
    return db.session.scalars(select(Plan.state).where(Plan.id == plan_id)).one() is PlanState.ADOPTED


def require_running(plan_id: int) -> None:
    if not running(plan_id):
        raise Refused("แผนของปีนี้ปิดแล้ว จึงแก้ไขงานไม่ได้")


def reason_of(text: str) -> str:
    text = clean_lines(text)
    if not text:
        raise FieldsRefused({"reason": Message("กรุณาระบุเหตุผล")})
    return text
