"""The follow-ups of an amended plan: rounds and lines that are new are added, those no longer asked are dropped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select

from tracker.calendar import working_calendar
from tracker.database import current_organisation, db
from tracker.models import (
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Plan,
    PlanItem,
    PlanItemDivision,
    Reminder,
    Round,
    Task,
)
from tracker.rules.fiscal import Quarter
from tracker.rules.grouping import late_due_on
from tracker.rules.rounds import FollowUpRule, RoundDue, adopted_late, rounds_asked, soonest
from tracker.rules.states import REPORTED, SET_ASIDE, TaskState
from tracker.rules.workdays import Calendar

Key = tuple[str, date, date]
Line = tuple[Key, int, int]


def write_rounds(plan: Plan, items: Sequence[PlanItem], amended_on: date) -> None:
    """Bring the plan's rounds, follow-ups and lines in step with the items in force.

    Answers and half-written ones stay. A division that has answered a round is asked again only where the
    amendment gives it work in that period that it has not told of.
    """
    calendar = working_calendar()
    policy = current_organisation().follow_up_policy
    dues: dict[Key, RoundDue] = {}
    wanted: dict[Line, bool] = {}
    for item in items:
        rule = FollowUpRule(item.follow_up_kind, item.follow_up_n, tuple(item.follow_up_months))
        division_ids = _divisions_of(item)
        for due in rounds_asked(rule, plan.fiscal_year, item.starts_on, item.ends_on, calendar, policy):
            key = (due.kind, due.period_start, due.period_end)
            dues[key] = soonest(due, dues.get(key, due))
            for measure in item.measures:
                if measure.removed_in is None:
                    wanted |= {(key, division_id, measure.id): due.prompts for division_id in division_ids}
    tasks = db.session.scalars(select(Task).where(Task.plan_id == plan.id)).all()
    _drop_unasked(plan, wanted)
    _add_missing(plan, wanted, dues, tasks, amended_on, calendar)


def _divisions_of(item: PlanItem) -> Sequence[int]:
    return db.session.scalars(
        select(PlanItemDivision.division_id)
        .where(PlanItemDivision.item_id == item.id, PlanItemDivision.removed_in.is_(None))
        .order_by(PlanItemDivision.id)
    ).all()


def _drop_unasked(plan: Plan, wanted: Mapping[Line, bool]) -> None:
    """Take away lines nobody has written in, then follow-ups and rounds that have none left.

    A follow-up that was reminded of keeps its row, answered: the ledger knows it by its id.
    """
    rows = db.session.execute(
        select(FollowUpAnswer, FollowUp, Round)
        .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
        .join(Round, Round.id == FollowUp.round_id)
        .where(Round.plan_id == plan.id, FollowUp.state == FollowUpState.WAITING)
    ).all()
    left: dict[int, int] = defaultdict(int)
    waiting: dict[int, FollowUp] = {}
    for answer, follow_up, asked in rows:
        waiting[follow_up.id] = follow_up
        if (_key(asked), follow_up.division_id, answer.measure_id) in wanted or _touched(answer):
            left[follow_up.id] += 1
        else:
            db.session.delete(answer)
    db.session.flush()
    subjects = [f"follow-up:{follow_up_id}" for follow_up_id in waiting]
    reminded = set(db.session.scalars(select(Reminder.subject).where(Reminder.subject.in_(subjects))))
    for follow_up in waiting.values():
        if left[follow_up.id]:
            continue
        if f"follow-up:{follow_up.id}" in reminded:
            follow_up.state = FollowUpState.ANSWERED
        else:
            db.session.delete(follow_up)
    db.session.flush()
    asking = set(
        db.session.scalars(
            select(FollowUp.round_id)
            .join(Round, Round.id == FollowUp.round_id)
            .where(Round.plan_id == plan.id)
        )
    )
    for asked in {asked.id: asked for _, _, asked in rows}.values():
        if asked.id not in asking:
            db.session.delete(asked)
    db.session.flush()


def _touched(answer: FollowUpAnswer) -> bool:
    texts = (answer.result, answer.outcome, answer.problems, answer.suggestions)
    return answer.completion is not None or answer.confirmed or any(texts)


def _add_missing(
    plan: Plan,
    wanted: Mapping[Line, bool],
    dues: Mapping[Key, RoundDue],
    tasks: Sequence[Task],
    amended_on: date,
    calendar: Calendar,
) -> None:
    rounds = {_key(row): row for row in db.session.scalars(select(Round).where(Round.plan_id == plan.id))}
    follow_ups = {
        (row.round_id, row.division_id): row
        for row in db.session.scalars(
            select(FollowUp).join(Round, Round.id == FollowUp.round_id).where(Round.plan_id == plan.id)
        )
    }
    lines = {
        (follow_up_id, measure_id)
        for follow_up_id, measure_id in db.session.execute(
            select(FollowUpAnswer.follow_up_id, FollowUpAnswer.measure_id)
            .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
            .join(Round, Round.id == FollowUp.round_id)
            .where(Round.plan_id == plan.id)
        )
    }
    for (key, division_id, measure_id), prompts in wanted.items():
        asked = rounds.get(key)
        if asked is None:
            measures = {measure for other, _, measure in wanted if other == key}
            asked = rounds[key] = _new_round(plan, dues[key], measures, tasks, amended_on, calendar)
        follow_up = follow_ups.get((asked.id, division_id))
        if follow_up is None:
            follow_up = FollowUp(round_id=asked.id, division_id=division_id, prompts=False)
            db.session.add(follow_up)
            db.session.flush()
            follow_ups[asked.id, division_id] = follow_up
        if (follow_up.id, measure_id) not in lines:
            told = follow_up.state is not FollowUpState.WAITING
            if told and not _untold(tasks, measure_id, division_id, asked):
                continue
            if told or asked.opens_on <= amended_on:
                _give_time(asked, amended_on, calendar)
            follow_up.state = FollowUpState.WAITING
            db.session.add(FollowUpAnswer(follow_up_id=follow_up.id, measure_id=measure_id))
        if follow_up.state is FollowUpState.WAITING:
            follow_up.prompts = follow_up.prompts or prompts
    db.session.flush()


def _new_round(
    plan: Plan,
    planned: RoundDue,
    measures: set[int],
    tasks: Sequence[Task],
    amended_on: date,
    calendar: Calendar,
) -> Round:
    inside = [
        task
        for task in tasks
        if task.measure_id in measures
        and task.state is not TaskState.CANCELLED
        and Quarter(plan.fiscal_year, task.quarter).first_day <= planned.period_end
    ]
    due = adopted_late(planned, amended_on, calendar, bool(inside) and all(task.look_back for task in inside))
    row = Round.of(plan.id, due)
    db.session.add(row)
    db.session.flush()
    return row


def _untold(tasks: Sequence[Task], measure_id: int, division_id: int, asked: Round) -> bool:
    """Whether the division has work of the measure in the period that it has not reported."""
    year = Quarter.of(asked.period_start).fiscal_year
    silent = REPORTED | SET_ASIDE
    return any(
        task.measure_id == measure_id
        and task.division_id == division_id
        and task.state not in silent
        and Quarter(year, task.quarter).first_day <= asked.period_end
        and asked.period_start <= Quarter(year, task.quarter).last_day
        for task in tasks
    )


def _give_time(asked: Round, amended_on: date, calendar: Calendar) -> None:
    """A round that has opened is due no sooner than what looks back from the amendment."""
    due_on = late_due_on(amended_on, calendar)
    if asked.due_on < due_on:
        asked.due_on = due_on
        asked.due_version += 1


def _key(asked: Round) -> Key:
    return asked.kind, asked.period_start, asked.period_end
