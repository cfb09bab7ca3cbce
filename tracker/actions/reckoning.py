"""Keeps the organisation's own days beside the national calendar, and tells what they move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import distinct, func, select

from tracker import journal
from tracker.calendar import reminding_times, working_calendar
from tracker.database import db
from tracker.errors import Refused
from tracker.models import (
    CalendarDay,
    FollowUp,
    FollowUpState,
    Plan,
    PlanState,
    Round,
    Task,
)
from tracker.rules.ladders import Kind
from tracker.rules.permissions import Actor
from tracker.rules.stages import stage_day
from tracker.rules.states import OUTSTANDING
from tracker.rules.thai import clean
from tracker.rules.workdays import Calendar

YEARS_APART = 5
LONGEST_NAME = 200


@dataclass(frozen=True)
class OwnDay:
    """A day on which the organisation works or not, unlike the national calendar says."""

    day: date
    working: bool
    name: str


@dataclass(frozen=True)
class DueDay:
    """Work that is due on a day: groups of tasks, or a round's follow-ups with the day on which they open."""

    kind: Kind
    due_on: date
    opens_on: date | None
    number: int


@dataclass(frozen=True)
class Moved:
    """A stage that other working days move, of so many groups or follow-ups that are due on one day."""

    due: DueDay
    stage: str
    before: date
    after: date


def due_days() -> list[DueDay]:
    """The due days of what is outstanding in the running plans, the earliest first."""
    groups: Counter[date] = Counter()
    for _item, _division, _quarter, due_on in db.session.execute(
        select(Task.item_id, Task.division_id, Task.quarter, func.min(Task.due_on))
        .join(Plan, Plan.id == Task.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Task.state.in_(OUTSTANDING))
        .group_by(Task.item_id, Task.division_id, Task.quarter)
    ):
        groups[due_on] += 1
    rounds = db.session.execute(
        select(Round.due_on, Round.asks_on, func.count(distinct(FollowUp.id)))
        .join(FollowUp, FollowUp.round_id == Round.id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(Plan.state == PlanState.ADOPTED, FollowUp.state == FollowUpState.WAITING, FollowUp.prompts)
        .group_by(Round.due_on, Round.asks_on)
    )
    dues = [DueDay("task", due_on, None, number) for due_on, number in groups.items()]
    dues += [DueDay("follow_up", due_on, asks_on, number) for due_on, asks_on, number in rounds]
    return sorted(dues, key=lambda due: (due.due_on, due.kind))


def moved_by(days: Sequence[OwnDay], today: date) -> list[Moved]:
    """The stages from `today` on that fall on another day once the own days are taken in."""
    before = working_calendar()
    after = _with(before, days)
    _, stages = reminding_times()
    found = []
    for due in due_days():
        ladder = stages.ladder(due.kind)
        names = [
            *(["open"] if due.opens_on else []),
            *ladder.stages,
            *(["weekly-01"] if ladder.weekly else []),
        ]
        for name in names:
            was, becomes = (
                stage_day(name, due.due_on, calendar, due.opens_on, ladder.last_late)
                for calendar in (before, after)
            )
            if was != becomes and max(was, becomes) >= today:
                found.append(Moved(due, name, was, becomes))
    return found


def _with(calendar: Calendar, days: Sequence[OwnDay]) -> Calendar:
    changed = {day.day for day in days}
    return Calendar(
        added=(calendar.added - changed) | {day.day for day in days if not day.working},
        removed=(calendar.removed - changed) | {day.day for day in days if day.working},
    )


def check(days: Sequence[OwnDay], today: date) -> None:
    """Refuse days without a name, of the past or too far away, and those that change nothing."""
    calendar = working_calendar()
    for day in days:
        if not clean(day.name):
            raise Refused("กรุณาระบุชื่อของวันที่ %(day)s", day=day.day)
        if not today <= day.day <= today + timedelta(days=366 * YEARS_APART):
            raise Refused("วันที่ %(day)s ผ่านไปแล้วหรืออยู่ไกลเกิน 5 ปี", day=day.day)
        if len(days) > 1 or calendar.is_working(day.day) != day.working:
            continue
        if day.working:
            raise Refused("วันที่ %(day)s เป็นวันทำการอยู่แล้ว", day=day.day)
        raise Refused("วันที่ %(day)s เป็นวันหยุดอยู่แล้ว", day=day.day)


def save_days(days: Sequence[OwnDay], *, now: datetime, by: Actor, today: date) -> int:
    """Take the days in, over what was said of them before; returns how many changed the calendar."""
    check(days, today)
    calendar = working_calendar()
    kept = {row.day: row for row in db.session.scalars(select(CalendarDay))}
    changed = 0
    for day in days:
        if calendar.is_working(day.day) == day.working:
            continue
        row = kept.get(day.day)
        if row is None:
            row = kept[day.day] = CalendarDay(day=day.day)
            db.session.add(row)
        row.working, row.name = day.working, clean(day.name)[:LONGEST_NAME]
        db.session.flush()
        journal.record(
            "calendar.day_set",
            "calendar_day",
            row.id,
            now=now,
            by=by,
            day=day.day.isoformat(),
            working=day.working,
        )
        changed += 1
    return changed


def remove_day(row: CalendarDay, *, now: datetime, by: Actor, today: date) -> None:
    """Follow the national calendar again on this day; a day that has passed stays as it was."""
    if row.day < today:
        raise Refused("วันที่ %(day)s ผ่านไปแล้ว จึงลบไม่ได้", day=row.day)
    journal.record("calendar.day_removed", "calendar_day", row.id, now=now, by=by, day=row.day.isoformat())
    db.session.delete(row)
