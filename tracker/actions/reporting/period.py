"""Gathers what had been handed in when the six months ended, so that later events do not change their report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from tracker.database import db
from tracker.models import (
    Amendment,
    Evidence,
    JournalEntry,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    Submission,
    Task,
)
from tracker.rules.fiscal import Quarter
from tracker.rules.moments import BANGKOK
from tracker.rules.period import Attempt, PeriodTask, Turn, states_then
from tracker.rules.states import Deed, TaskState

LAST_QUARTER = 2
_TURNS: dict[str, Turn] = {
    "group.reopened": "taken_back",
    "group.withdrawn": "taken_back",
    "task.cancelled": "cancelled",
    "decision.undone": "undone",
}
_UNDONE = frozenset({Deed.REOPEN, Deed.CANCEL})


@dataclass(frozen=True)
class Period:
    """The end of the period, and the state of each task then."""

    end: datetime
    states: Mapping[int, TaskState]

    def had(self, attempt: Submission) -> bool:
        return attempt.submitted_at < self.end

    def counted(self, evidence: Evidence, newer_at: datetime | None) -> bool:
        """Whether the evidence was there, not withdrawn and the newest version, when the period ended."""
        return (
            evidence.created_at < self.end
            and (evidence.withdrawn_at is None or evidence.withdrawn_at >= self.end)
            and (newer_at is None or newer_at >= self.end)
        )


def last_day_of(plan: Plan) -> date:
    """31 March, or the day until which tasks of the period were to be told in look-back."""
    told_until = db.session.scalars(
        select(func.max(Task.due_on)).where(
            Task.plan_id == plan.id, Task.look_back, Task.quarter <= LAST_QUARTER
        )
    ).one()
    last_day = Quarter(plan.fiscal_year, LAST_QUARTER).last_day
    return max(last_day, told_until) if told_until else last_day


def period_of(plan: Plan, tasks: Sequence[Task], attempts: Sequence[Submission]) -> Period:
    """How the tasks stood at the end of the period; `attempts` are all of the plan's, the earliest first."""
    end = datetime.combine(last_day_of(plan) + timedelta(days=1), time(), BANGKOK)
    later = frozenset(
        db.session.scalars(select(Amendment.number).where(Amendment.plan_id == plan.id, Amendment.at >= end))
    )
    newest: dict[int, datetime] = {}
    for attempt in sorted(attempts, key=lambda one: one.submitted_at):
        for claim in attempt.claims:
            newest[claim.task_id] = attempt.submitted_at
    turns, cancelled_later = _turns({task.id for task in tasks}, end)
    not_yet_cancelled = _taken_out(tasks, later) | cancelled_later
    measures: defaultdict[tuple[int, int], list[Task]] = defaultdict(list)
    for task in tasks:
        measures[task.measure_id, task.division_id].append(task)
    told = [
        PeriodTask(
            task.id,
            task.state,
            tuple(
                other.id
                for other in measures[task.measure_id, task.division_id]
                if other.quarter < task.quarter
            ),
            newest.get(task.id),
            task.id not in not_yet_cancelled,
        )
        for task in tasks
    ]
    handed_in = sorted(
        (one for one in attempts if one.submitted_at < end), key=lambda one: (one.submitted_at, one.id)
    )
    states = states_then(
        told,
        [
            Attempt(
                one.submitted_at,
                {claim.task_id: claim.word for claim in one.claims},
                one.approved_at is not None,
                one.returned_at is not None,
            )
            for one in handed_in
        ],
        turns,
    )
    return Period(end, states)


def _taken_out(tasks: Sequence[Task], later: Collection[int]) -> set[int]:
    """The tasks that an amendment after the period took out of the plan."""
    if not later:
        return set()
    gone = (
        select(Task.id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(PlanItem, PlanItem.id == Task.item_id)
        .outerjoin(
            PlanItemDivision,
            (PlanItemDivision.item_id == Task.item_id) & (PlanItemDivision.division_id == Task.division_id),
        )
        .where(
            Task.id.in_([task.id for task in tasks]),
            Measure.removed_in.in_(later)
            | PlanItem.removed_in.in_(later)
            | PlanItemDivision.removed_in.in_(later),
        )
    )
    return set(db.session.scalars(gone))


def _turns(task_ids: set[int], end: datetime) -> tuple[dict[int, list[tuple[datetime, Turn]]], set[int]]:
    """What the journal tells of the tasks in the period, and which of them were cancelled only after it."""
    turns: defaultdict[int, list[tuple[datetime, Turn]]] = defaultdict(list)
    cancelled_later = set()
    for entry in db.session.scalars(
        select(JournalEntry).where(JournalEntry.deed.in_(_TURNS)).order_by(JournalEntry.number)
    ):
        if entry.deed == "decision.undone" and entry.details.get("undone") not in _UNDONE:
            continue
        concerned = [entry.subject_id] if entry.deed == "task.cancelled" else entry.details.get("tasks", [])
        for task_id in task_ids.intersection(concerned):
            if entry.at < end:
                turns[task_id].append((entry.at, _TURNS[entry.deed]))
            elif entry.deed == "task.cancelled":
                cancelled_later.add(task_id)
    return turns, cancelled_later
