"""What others did: attempts for the coordinator, news for the divisions, the chief executive's summary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, String, bindparam, case, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from tracker.actions.reminding.offices import Offices
from tracker.actions.reminding.work import is_latest
from tracker.database import db
from tracker.decisions import UNDO
from tracker.models import (
    Decision,
    Division,
    JournalEntry,
    MailState,
    Measure,
    Outcome,
    OutgoingMail,
    Plan,
    PlanState,
    Position,
    Reminder,
    Submission,
    Task,
)
from tracker.rules.digest import Count, Line, Summary
from tracker.rules.ladders import Recipient
from tracker.rules.moments import day_of, moment_on
from tracker.rules.reminders import Subject, told_from
from tracker.rules.stages import StageDue, approval_stages_until, stages_for, summaries_until, week_of
from tracker.rules.states import OUTSTANDING, TaskState

NEWS_DAYS = timedelta(days=14)
# The ledger's subject of the weekly summary.
WEEK = "week"
# What the journal tells a division of its work, and the stage that the ledger writes for it. A group that was
# sent back has had a mail of its own, unless a pause was on.
RETURNED = "group.sent_back"
NEWS = {
    "group.approved": "approved",
    "group.reopened": "reopened",
    "group.due_day_moved": "moved",
    "task.cancelled": "cancelled",
}


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


# Kept, because making the statements takes longer than running them.
_ATTEMPTS = (
    select(Submission, Task.state, Measure.title, Division.name)
    .join(
        Task,
        (Task.item_id == Submission.item_id)
        & (Task.division_id == Submission.division_id)
        & (Task.quarter == Submission.quarter),
    )
    .join(Plan, Plan.id == Task.plan_id)
    .join(Measure, Measure.id == Task.measure_id)
    .join(Division, Division.id == Submission.division_id)
    .where(
        Plan.state == PlanState.ADOPTED,
        Submission.returned_at.is_(None),
        Task.state.in_((TaskState.STUCK, TaskState.SUBMITTED)),
        is_latest(),
    )
    .order_by(Submission.id, Measure.number)
)
_TOLD = (
    select(JournalEntry)
    .where(
        JournalEntry.subject_kind.in_(("submission", "task")),
        JournalEntry.deed.in_((*NEWS, RETURNED)),
        JournalEntry.at >= bindparam("since"),
    )
    .order_by(JournalEntry.number)
)
_RUNNING = select(Plan).where(Plan.state == PlanState.ADOPTED).order_by(Plan.fiscal_year)
_COUNTS = (
    select(
        Task.plan_id,
        Division.name,
        _number(Task.state == TaskState.APPROVED),
        _number(Task.state == TaskState.SUBMITTED),
        _number(Task.state.in_(OUTSTANDING) & (Task.due_on < bindparam("day"))),
        func.count(Task.id),
    )
    .join(Division, Division.id == Task.division_id)
    .where(
        # By the plan's number and not by its state: else the work of all closed years is read.
        Task.plan_id.in_(bindparam("plans", expanding=True)),
        Task.state.not_in((TaskState.CANCELLED, TaskState.NOT_NEEDED)),
    )
    .group_by(Task.plan_id, Division.id, Division.name, Division.place)
    .order_by(Division.place)
)


def attempts(today: Offices) -> Iterator[Subject]:
    """The latest attempts that wait for approval or tell of trouble: for who approves, then the clerk."""
    found: dict[tuple[Submission, TaskState], list[tuple[str, str]]] = defaultdict(list)
    for submission, state, title, division in db.session.execute(_ATTEMPTS):
        found[submission, state].append((title, division))
    for (submission, state), members in found.items():
        title, division = members[0]
        stuck = state is TaskState.STUCK
        told_on = told_from(submission.submitted_at, today.send_minute)
        dues = [StageDue("stuck" if stuck else "submitted", told_on)]
        waits = (
            [] if stuck else approval_stages_until(today.day, day_of(submission.submitted_at), today.calendar)
        )
        office = today.coordinator if stuck else today.approver(submission.division_id)
        yield Subject(
            key=f"{'stuck' if stuck else 'submission'}:{submission.id}",
            version=1,
            since=told_on,
            line=Line(
                section="approval",
                path=f"/work/{submission.item_id}/{submission.division_id}/{submission.quarter}",
                item=submission.item_id,
                title=title,
                division=division,
                quarter=submission.quarter,
                measures=len(members),
                note=submission.problems if stuck else "",
            ),
            once=True,
            calls=[
                (office, dues + stages_for(Recipient.COORDINATOR, waits)),
                (today.clerk, stages_for(Recipient.CLERK, waits)),
            ],
        )


def news(today: Offices) -> Iterator[Subject]:
    """What became of a division's work in the last days, as the journal tells it."""
    entries = db.session.scalars(_TOLD, {"since": moment_on(today.day - NEWS_DAYS, 0)}).all()
    if not entries:
        return
    notes = _notes_of([entry for entry in entries if entry.deed == RETURNED])
    concerned = {
        entry.number: entry.details.get("tasks") or [entry.subject_id]
        for entry in entries
        if entry.deed in NEWS or entry.number in notes
    }
    undone = _undone_since(moment_on(today.day - NEWS_DAYS, 0))
    entries = [
        entry
        for entry in entries
        if any((entry.at, entry.actor, task_id) not in undone for task_id in concerned.get(entry.number, ()))
    ]
    tasks = {
        row.Task.id: row
        for row in db.session.execute(
            select(Task, Measure.title, Division.name)
            .join(Plan, Plan.id == Task.plan_id)
            .join(Measure, Measure.id == Task.measure_id)
            .join(Division, Division.id == Task.division_id)
            .where(
                Plan.state == PlanState.ADOPTED,
                Task.id.in_({task_id for ids in concerned.values() for task_id in ids}),
            )
        )
    }
    for entry in entries:
        rows = [tasks[task_id] for task_id in concerned[entry.number] if task_id in tasks]
        if not rows:
            continue
        task, title, division = rows[0]
        # What can still be taken back is no news yet.
        told_on = told_from(entry.at + UNDO, today.send_minute)
        stage = NEWS.get(entry.deed, "returned")
        yield Subject(
            key=f"journal:{entry.number}",
            version=1,
            since=told_on,
            once=True,
            until=day_of(entry.at) + NEWS_DAYS,
            line=Line(
                section="news",
                path=f"/work/{task.item_id}/{task.division_id}/{task.quarter}",
                item=task.item_id,
                title=title,
                division=division,
                due_on=task.due_on if stage in {"reopened", "moved", "returned"} else None,
                quarter=task.quarter,
                measures=len(rows),
                note=notes.get(entry.number, "" if stage == "approved" else task.reason),
                form=f"group:{task.item_id}:{task.division_id}:{task.quarter}",
            ),
            calls=[(today.head(task.division_id, division), [StageDue(stage, told_on)])],
        )


def _undone_since(moment: datetime) -> set[tuple[datetime, str, int]]:
    """When, by whom and on which task each decision was made that was taken back; as the journal calls them."""
    rows = db.session.execute(
        select(Decision.at, Decision.by_user_id, Decision.tasks).where(
            Decision.at >= moment, Decision.undone_at.is_not(None)
        )
    )
    return {(at, f"user:{user_id}", int(task_id)) for at, user_id, tasks in rows for task_id in tasks}


def _notes_of(entries: Sequence[JournalEntry]) -> dict[int, str]:
    """What was written to the groups sent back of which no mail went out, by the entry; not where that was taken back.

    In a pause there was none; one that waited is cancelled with the account that it was for.
    """
    unsent = _unsent(min(entry.at for entry in entries)) if entries else set()
    held = {
        entry.subject_id: entry.number
        for entry in entries
        if entry.details.get("held") or (str(entry.subject_id), entry.at) in unsent
    }
    if not held:
        return {}
    rows = db.session.execute(
        select(Submission.id, Submission.returned_note).where(
            Submission.id.in_(held), Submission.returned_at.is_not(None)
        )
    )
    return {held[submission_id]: note for submission_id, note in rows}


def _unsent(since: datetime) -> set[tuple[str, datetime]]:
    """Of each mail about a group sent back that was cancelled: its submission, and when it was sent back."""
    rows = db.session.execute(
        select(OutgoingMail.dedup_key, OutgoingMail.created_at).where(
            OutgoingMail.created_at >= since,
            OutgoingMail.kind == "returned",
            OutgoingMail.state == MailState.CANCELLED,
        )
    )
    return {(key.split(":")[1], at) for key, at in rows}


def summaries(today: Offices) -> Iterator[Subject]:
    """The chief executive's monthly page of each running plan."""
    plans = db.session.scalars(_RUNNING).all()
    # Where nobody is reached, nobody reads them.
    counts = _counts([plan.id for plan in plans], today.day) if today.chief.post is not None else {}
    for plan in plans:
        if plan.adopted_on is None:
            continue
        divisions = tuple(counts.get(plan.id, ()))
        yield Subject(
            key=f"plan:{plan.id}",
            version=1,
            since=plan.adopted_on,
            line=Line(
                section="summary",
                path=f"/plan/{plan.fiscal_year}",
                summary=Summary(plan.fiscal_year, _whole(divisions), divisions),
            ),
            calls=[(today.chief, summaries_until(today.day, plan.adopted_on, today.calendar))],
        )


def week(today: Offices) -> Iterator[Subject]:
    """The coordinator's summary of each week, which carries the journal's end outside, also where nothing is due."""
    if today.coordinator.post is None:
        return
    due = week_of(today.day, today.calendar)
    yield Subject(
        key=WEEK,
        version=1,
        since=date.min,
        # Whoever stands in for the coordinator may not read the journal.
        line=Line(section="week", path="/" if today.coordinator.vacant else "/journal"),
        calls=[(today.coordinator, [due])],
        once=True,
        until=due.on + timedelta(days=6 - due.on.weekday()),
    )


def notices() -> dict[str, list[tuple[str, date]]]:
    """Of each division with late work, the positions that were told of it and the last day of each."""
    rows = db.session.execute(
        select(Division.name, Position.title, func.max(Reminder.stage_on), func.min(Position.id))
        .join(Task, Task.division_id == Division.id)
        .join(Plan, Plan.id == Task.plan_id)
        .join(
            Reminder,
            Reminder.subject
            == literal("group:")
            + _text(Task.item_id)
            + ":"
            + _text(Task.division_id)
            + ":"
            + _text(Task.quarter),
        )
        .join(Position, Position.id == Reminder.position_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.state.in_(OUTSTANDING),
            Reminder.outcome == Outcome.ENQUEUED,
            Reminder.stage_on > Task.due_on,
        )
        .group_by(Division.name, Position.title)
        .order_by(func.min(Position.id).desc())
    )
    told: dict[str, list[tuple[str, date]]] = defaultdict(list)
    for division, title, day, _place in rows:
        told[division].append((title, day))
    return told


def _text(column: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[str]:
    return cast(column, String)


def _counts(plan_ids: Sequence[int], day: date) -> dict[int, list[Count]]:
    """How far the divisions are in each of the plans, in their order; what is not to be done does not count."""
    counts: dict[int, list[Count]] = defaultdict(list)
    rows = db.session.execute(_COUNTS, {"plans": plan_ids, "day": day})
    for plan_id, name, done, waiting, late, total in rows:
        counts[plan_id].append(Count(name, done, waiting, late, total))
    return counts


def _whole(divisions: Sequence[Count]) -> Count:
    return Count(
        "",
        done=sum(count.done for count in divisions),
        waiting=sum(count.waiting for count in divisions),
        late=sum(count.late for count in divisions),
        total=sum(count.total for count in divisions),
    )
