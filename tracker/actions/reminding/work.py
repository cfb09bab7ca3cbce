"""The work that divisions are reminded of: groups that are due and follow-ups that are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from tracker.actions.reminding.offices import Offices
from tracker.database import db
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Submission,
    Task,
)
from tracker.rules.digest import Line
from tracker.rules.reminders import Subject, told_from
from tracker.rules.stages import Reason, stages_until
from tracker.rules.states import OUTSTANDING

# Stages move back past days off; the longest row of them is shorter than this.
DAYS_OFF = timedelta(days=17)


def groups(today: Offices) -> Iterator[Subject]:
    """The groups that are due soon or late."""
    member = aliased(Task)
    # Over all tasks of a group: a version must not fall back when the task that was sent back is done.
    group = (
        select(
            member.item_id,
            member.division_id,
            member.quarter,
            func.max(member.due_version).label("version"),
            func.max(member.due_set_on).label("set_on"),
        )
        .group_by(member.item_id, member.division_id, member.quarter)
        .subquery()
    )
    rows = db.session.execute(
        select(Task, Measure.title, Division.name, Plan.adopted_at, group.c.version, group.c.set_on)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Task.division_id)
        .join(
            group,
            (group.c.item_id == Task.item_id)
            & (group.c.division_id == Task.division_id)
            & (group.c.quarter == Task.quarter),
        )
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.state.in_(OUTSTANDING),
            Task.due_on <= today.day + timedelta(days=today.stages.longest) + DAYS_OFF,
        )
        .order_by(Task.due_on, Task.item_id, Measure.number, Task.division_id)
    )
    members_of = defaultdict(list)
    for row in rows:
        members_of[row.Task.item_id, row.Task.division_id, row.Task.quarter].append(row)
    notes = _notes()
    for place, members in members_of.items():
        item_id, division_id, quarter = place
        task, title, division, adopted_at, version, set_on = members[0]
        dues = stages_until(today.day, task.due_on, today.calendar, plan=today.stages)
        # The digest of the day on which a due day moves has left by then.
        moved = version > 1
        yield Subject(
            key=f"group:{item_id}:{division_id}:{quarter}",
            version=version,
            since=set_on + timedelta(days=1) if moved else told_from(adopted_at, today.send_minute),
            reason=Reason.BEFORE_NEW_DUE_DAY if moved else Reason.BEFORE_ADOPTION,
            line=Line(
                section="late" if task.due_on < today.day else "due",
                path=f"/work/{item_id}/{division_id}/{quarter}",
                item=item_id,
                title=title,
                division=division,
                due_on=task.due_on,
                quarter=quarter,
                measures=len(members),
                completion=any(row.Task.completion for row in members),
                note=notes.get(place, ""),
                form=f"group:{item_id}:{division_id}:{quarter}",
            ),
            calls=today.line_up(division_id, division, dues),
        )


def _notes() -> dict[tuple[int, int, int], str]:
    """What the coordinator wrote to the groups whose latest attempt was sent back."""
    rows = db.session.execute(
        select(Submission.item_id, Submission.division_id, Submission.quarter, Submission.returned_note)
        .join(PlanItem, PlanItem.id == Submission.item_id)
        .join(Plan, Plan.id == PlanItem.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Submission.returned_at.is_not(None), is_latest())
    )
    return {(item_id, division_id, quarter): note for item_id, division_id, quarter, note in rows}


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


def follow_ups(today: Offices) -> Iterator[Subject]:
    """The follow-ups that are asked and not answered."""
    rows = db.session.execute(
        select(FollowUp, Round, Division.name, Plan.adopted_at)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .join(Division, Division.id == FollowUp.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
            Round.asks_on <= today.day,
        )
        .order_by(Round.due_on, FollowUp.id)
    )
    for follow_up, asked, division, adopted_at in rows:
        dues = stages_until(today.day, asked.due_on, today.calendar, "follow_up", asked.asks_on, today.stages)
        yield Subject(
            key=f"follow-up:{follow_up.id}",
            version=asked.due_version,
            since=told_from(adopted_at, today.send_minute),
            line=Line(
                section="follow_up",
                path=f"/follow-up/{follow_up.id}",
                division=division,
                due_on=asked.due_on,
                round_kind=asked.kind,
                period_end=asked.period_end,
                form=f"follow-up:{follow_up.id}",
            ),
            calls=today.line_up(follow_up.division_id, division, dues, "follow_up"),
        )
