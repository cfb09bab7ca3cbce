"""The work that divisions are reminded of: groups that are due and follow-ups that are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from functools import cache

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import aliased

from tracker.actions.reminding.offices import Offices
from tracker.database import db
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    JournalEntry,
    Measure,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Submission,
    Task,
)
from tracker.rules.digest import Line
from tracker.rules.moments import moment_on
from tracker.rules.reminders import Office, Subject, told_from
from tracker.rules.stages import Reason, StageDue, stages_until
from tracker.rules.states import OUTSTANDING

# Stages move back past days off; the longest row of them is shorter than this.
DAYS_OFF = timedelta(days=17)
# A case that could not be told for so long is old news.
RELEASED_DAYS = timedelta(days=14)
Calls = list[tuple[Office, list[StageDue]]]


def is_latest() -> ColumnElement[bool]:
    """Whether a submission is the latest attempt of its group."""
    other = aliased(Submission)
    return Submission.number == (
        select(func.max(other.number))
        .where(
            other.item_id == Submission.item_id,
            other.division_id == Submission.division_id,
            other.quarter == Submission.quarter,
        )
        .correlate(Submission)
        .scalar_subquery()
    )


_PLACE = (Task.item_id, Task.division_id, Task.quarter)
# Kept, because making the statements takes longer than running them.
_DUE = (
    select(
        *_PLACE,
        Task.due_on,
        Task.completion,
        Measure.title,
        Division.name,
        Plan.adopted_at,
    )
    .join(Plan, Plan.id == Task.plan_id)
    .join(Measure, Measure.id == Task.measure_id)
    .join(Division, Division.id == Task.division_id)
    .where(Plan.state == PlanState.ADOPTED, Task.state.in_(OUTSTANDING), Task.due_on <= bindparam("until"))
    .order_by(Task.due_on, Task.item_id, Measure.number, Task.division_id)
)
_RELEASED = select(JournalEntry).where(
    JournalEntry.deed == "group.released",
    JournalEntry.subject_kind == "task",
    JournalEntry.at >= bindparam("since"),
)
_MOVED = (
    select(*_PLACE)
    .where(Task.item_id.in_(bindparam("items", expanding=True)), Task.due_version > 1)
    .distinct()
)
# Of each due day by itself: where only a part was sent back, what was told of one day is not told of the other.
# Over all tasks of the day: its version must not fall back when the task that was sent back is done.
_VERSIONS = (
    select(
        *_PLACE,
        Task.due_on,
        func.max(Task.due_version),
        func.max(func.max(Task.due_set_on)).over(partition_by=_PLACE),
    )
    .where(Task.item_id.in_(bindparam("items", expanding=True)))
    .group_by(*_PLACE, Task.due_on)
)
_NOTES = (
    select(Submission.item_id, Submission.division_id, Submission.quarter, Submission.returned_note)
    .join(PlanItem, PlanItem.id == Submission.item_id)
    .join(Plan, Plan.id == PlanItem.plan_id)
    .where(Plan.state == PlanState.ADOPTED, Submission.returned_at.is_not(None), is_latest())
)
_FOLLOW_UPS = (
    select(FollowUp, Round, Division.name, Plan.adopted_at)
    .join(Round, Round.id == FollowUp.round_id)
    .join(Plan, Plan.id == Round.plan_id)
    .join(Division, Division.id == FollowUp.division_id)
    .where(
        Plan.state == PlanState.ADOPTED,
        FollowUp.state == FollowUpState.WAITING,
        FollowUp.prompts,
        Round.asks_on <= bindparam("day"),
    )
    .order_by(Round.due_on, FollowUp.id)
)


def groups(today: Offices) -> Iterator[Subject]:
    """The groups that are due soon or late."""
    rows = db.session.execute(_DUE, {"until": today.day + timedelta(days=today.stages.longest) + DAYS_OFF})
    members_of = defaultdict(list)
    for row in rows:
        members_of[row[:3]].append(row[3:])
    moved_groups = _moved({item_id for item_id, _, _ in members_of})
    notes = _notes()
    released = _released(today)
    dues_of = cache(lambda due_on: stages_until(today.day, due_on, today.calendar, plan=today.stages))
    first_day_of = cache(lambda adopted_at: told_from(adopted_at, today.send_minute))
    line_up = cache(
        lambda division_id, division, due_on: today.line_up(division_id, division, dues_of(due_on))
    )
    for place, members in members_of.items():
        item_id, division_id, quarter = place
        due_on, _, title, division, adopted_at = members[0]
        version, set_on = moved_groups.get((*place, due_on), (1, None))
        yield Subject(
            key=f"group:{item_id}:{division_id}:{quarter}",
            version=version,
            # The digest of the day on which a due day moves has left by then.
            since=set_on + timedelta(days=1) if set_on else first_day_of(adopted_at),
            reason=Reason.BEFORE_NEW_DUE_DAY if set_on else Reason.BEFORE_ADOPTION,
            line=Line(
                section="late" if due_on < today.day else "due",
                path=f"/work/{item_id}/{division_id}/{quarter}",
                item=item_id,
                title=title,
                division=division,
                due_on=due_on,
                quarter=quarter,
                measures=len(members),
                completion=any(completion for _, completion, *_ in members),
                note=notes.get(place, ""),
                form=f"group:{item_id}:{division_id}:{quarter}",
            ),
            calls=_with_chief(
                line_up(division_id, division, due_on),
                today,
                released.get((f"group:{item_id}:{division_id}:{quarter}", version)),
            ),
        )


def _with_chief(calls: Calls, today: Offices, released_on: date | None) -> Calls:
    """The calls, and last the chief executive where the clerk released the case and stages do not go so far."""
    if released_on is None or any(office is today.chief for office, _ in calls):
        return calls
    return [*calls, (today.chief, [StageDue("released", released_on)])]


def _released(today: Offices) -> dict[tuple[str, int], date]:
    """The cases brought before the chief executive lately, by subject and version of the due day."""
    entries = db.session.scalars(_RELEASED, {"since": moment_on(today.day - RELEASED_DAYS, 0)})
    return {
        (entry.details["subject"], entry.details["version"]): told_from(entry.at, today.send_minute)
        for entry in entries
    }


def _moved(item_ids: Collection[int]) -> dict[tuple[int, int, int, date], tuple[int, date]]:
    """The due days of the groups of these items of which one has moved: its version, and when the last one was set."""
    rows = db.session.execute(_MOVED, {"items": list(item_ids)})
    moved = {(item_id, division_id, quarter) for item_id, division_id, quarter in rows}
    if not moved:
        return {}
    versions = db.session.execute(_VERSIONS, {"items": list({item_id for item_id, _, _ in moved})})
    return {
        (*place, due_on): (version, set_on)
        for *ids, due_on, version, set_on in versions
        if (place := tuple(ids)) in moved
    }


def _notes() -> dict[tuple[int, int, int], str]:
    """What the coordinator wrote to the groups whose latest attempt was sent back."""
    rows = db.session.execute(_NOTES)
    return {(item_id, division_id, quarter): note for item_id, division_id, quarter, note in rows}


def follow_ups(today: Offices) -> Iterator[Subject]:
    """The follow-ups that are asked and not answered."""
    for follow_up, asked, division, adopted_at in db.session.execute(_FOLLOW_UPS, {"day": today.day}):
        since = told_from(adopted_at, today.send_minute)
        # One that opens on the day of adoption, after that day's digests, is asked for with the next ones.
        asks_on = max(asked.asks_on, since)
        dues = stages_until(today.day, asked.due_on, today.calendar, "follow_up", asks_on, today.stages)
        yield Subject(
            key=f"follow-up:{follow_up.id}",
            version=asked.due_version,
            since=since,
            line=Line(
                section="follow_up",
                path=f"/follow-up/{follow_up.id}",
                division=division,
                due_on=asked.due_on,
                round_kind=asked.kind,
                period_start=asked.period_start,
                period_end=asked.period_end,
                form=f"follow-up:{follow_up.id}",
            ),
            calls=today.line_up(follow_up.division_id, division, dues, "follow_up"),
        )
