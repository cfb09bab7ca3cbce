"""Lets the clerk bring one late form before the chief executive, who else has the monthly summary alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.calendar import reminding_times
from tracker.database import db
from tracker.errors import Message, Refused
from tracker.groups import Group, tasks_of
from tracker.models import JournalEntry, Plan, PlanState, Task
from tracker.rules.ladders import Recipient
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import OUTSTANDING


def release(group: Group, *, now: datetime, by: Actor) -> None:
    """Put the form into the chief executive's next digest, once for each due day; Refused where it is not late."""
    fault = refusal(group, now=now)
    if fault is not None:
        raise Refused(fault.template, **fault.values)
    tasks = _late(group, now)
    journal.record(
        "group.released",
        "task",
        tasks[0].id,
        now=now,
        by=by,
        subject=group.subject,
        version=_version(group),
        tasks=[task.id for task in tasks],
    )


def refusal(group: Group, *, now: datetime) -> Message | None:
    """Why the form cannot be brought before the chief executive now, None where it can."""
    if not _late(group, now):
        return Message("แจ้งผู้บริหารได้เฉพาะงานที่เกินกำหนดและยังไม่ได้ส่งผล")
    if Recipient.CHIEF_EXECUTIVE in reminding_times()[1].escalation.recipients:
        return Message("หน่วยงานตั้งให้แจ้งผู้บริหารเรื่องที่เกินกำหนดอยู่แล้ว")
    if released_on(group) is not None:
        return Message("แจ้งผู้บริหารเรื่องนี้ไปแล้ว")
    return None


def released_on(group: Group) -> datetime | None:
    """When the form with its due day of now was brought before the chief executive, None where it was not."""
    entries = db.session.scalars(
        select(JournalEntry)
        .where(
            JournalEntry.deed == "group.released",
            JournalEntry.subject_kind == "task",
            JournalEntry.subject_id.in_([task.id for task in tasks_of(group)]),
        )
        .order_by(JournalEntry.number)
    ).all()
    version = _version(group)
    return next((entry.at for entry in entries if entry.details["version"] == version), None)


def _late(group: Group, now: datetime) -> list[Task]:
    tasks = tasks_of(group)
    running = db.session.scalars(select(Plan.state).where(Plan.id == tasks[0].plan_id)).one()
    if running is not PlanState.ADOPTED:
        return []
    return [task for task in tasks if task.state in OUTSTANDING and task.due_on < day_of(now)]


def _version(group: Group) -> int:
    """The version of the due day that is reminded of: the earliest one of what is outstanding."""
    tasks = tasks_of(group)
    due_on = min((task.due_on for task in tasks if task.state in OUTSTANDING), default=None)
    return max(task.due_version for task in tasks if due_on in (task.due_on, None))
