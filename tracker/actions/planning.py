"""Turns a draft plan into the year's work: tasks, rounds, follow-ups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import journal
from tracker.calendar import working_calendar
from tracker.database import current_organisation, db
from tracker.errors import Refused
from tracker.models import (
    Division,
    FollowUp,
    FollowUpAnswer,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Task,
)
from tracker.rules.fiscal import first_day, last_day
from tracker.rules.grouping import PlannedItem, PlannedTask, plan_tasks
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.rounds import FollowUpRule, RoundDue, adopted_late, rounds_asked, soonest
from tracker.rules.states import TaskState
from tracker.rules.workdays import Calendar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Forecast:
    """What adoption would make: tasks, in all and by quarter, forms, and how many tasks look back."""

    tasks: int
    forms: int
    look_back: int
    tasks_by_quarter: dict[int, int]


@dataclass(frozen=True)
class Signature:
    """Under which number, on which day and by whom the document was signed."""

    document_number: str = ""
    signed_on: date | None = None
    signer: str = ""
    signer_position: str = ""


def items_of(plan: Plan) -> Sequence[PlanItem]:
    """The plan's items in force in order, with their measures, steps and divisions."""
    return db.session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id == plan.id, PlanItem.removed_in.is_(None))
        .order_by(PlanItem.number)
        .options(
            selectinload(PlanItem.measures), selectinload(PlanItem.steps), selectinload(PlanItem.divisions)
        )
    ).all()


def forecast(items: Iterable[PlannedItem[Key]], adopted_on: date) -> Forecast:
    """What adopting these items on a day would make."""
    tasks = plan_tasks(items, adopted_on, working_calendar())
    by_quarter = Counter(task.quarter.number for task in tasks)
    return Forecast(
        tasks=len(tasks),
        forms=len({task.group for task in tasks}),
        look_back=sum(task.look_back for task in tasks),
        tasks_by_quarter={number: by_quarter[number] for number in range(1, 5)},
    )


def past_quarters(plan: Plan, adopted_on: date) -> set[int]:
    """The quarters of which adoption on a day would make look-back tasks."""
    tasks = plan_tasks(planned_items(items_of(plan)), adopted_on, working_calendar())
    return {task.quarter.number for task in tasks if task.look_back}


def adopt(
    plan: Plan,
    *,
    now: datetime,
    by: Actor,
    signature: Signature | None = None,
    dropped_quarters: Collection[int] = (),
    dropped_reason: str = "",
) -> None:
    """Adopt the draft: its tasks, rounds and follow-ups come into being on this day.

    The look-back tasks of `dropped_quarters` are made as cancelled, with the reason.
    """
    if plan.state is not PlanState.DRAFT:
        raise Refused("แผนปีงบประมาณ %(year)s ประกาศใช้ไปแล้ว", year=plan.fiscal_year)
    items = items_of(plan)
    _require_complete(plan, items)
    if dropped_quarters and not dropped_reason.strip():
        raise Refused("กรุณาระบุเหตุผลที่ไม่ติดตามไตรมาสที่ผ่านมา")
    signature = signature or Signature()
    adopted_on = day_of(now)
    plan.state, plan.adopted_on, plan.adopted_at, plan.adopted_by_id = (
        PlanState.ADOPTED,
        adopted_on,
        now,
        by.user_id,
    )
    plan.document_number, plan.signed_on = signature.document_number, signature.signed_on
    plan.signer, plan.signer_position = signature.signer, signature.signer_position
    calendar = working_calendar()
    tasks = plan_tasks(planned_items(items), adopted_on, calendar)
    for task in tasks:
        dropped = task.look_back and task.quarter.number in dropped_quarters
        db.session.add(_task_row(plan, task, dropped_reason.strip() if dropped else ""))
    _add_rounds(plan, items, tasks, adopted_on, calendar)
    db.session.flush()
    journal.record("plan.adopted", "plan", plan.id, now=now, by=by, tasks=len(tasks))


def _require_complete(plan: Plan, items: Sequence[PlanItem]) -> None:
    if not items:
        raise Refused("แผนนี้ยังไม่มีมาตรการ จึงประกาศใช้ไม่ได้")
    for item in items:
        if not item.measures:
            raise Refused("รายการที่ %(number)s ยังไม่มีมาตรการ", number=item.number)
        if not item.divisions:
            raise Refused("รายการที่ %(number)s ยังไม่มีผู้รับผิดชอบ", number=item.number)
        if item.starts_on < first_day(plan.fiscal_year) or item.ends_on > last_day(plan.fiscal_year):
            raise Refused(
                "ระยะเวลาของรายการที่ %(number)s อยู่นอกปีงบประมาณ %(year)s",
                number=item.number,
                year=plan.fiscal_year,
            )


def planned_items(items: Sequence[PlanItem]) -> list[PlannedItem[int]]:
    """What of stored items decides their tasks."""
    return [
        PlannedItem(
            key=item.id,
            measures=tuple(measure.id for measure in item.measures),
            divisions=tuple(division.id for division in item.divisions),
            start=item.starts_on,
            end=item.ends_on,
        )
        for item in items
    ]


def _task_row(plan: Plan, task: PlannedTask[int], dropped_reason: str) -> Task:
    return Task(
        plan_id=plan.id,
        item_id=task.item,
        measure_id=task.measure,
        division_id=task.division,
        quarter=task.quarter.number,
        completion=task.completion,
        look_back=task.look_back,
        due_on=task.due_on,
        due_set_on=plan.adopted_on,
        state=TaskState.CANCELLED if dropped_reason else TaskState.OPEN,
        reason=dropped_reason,
    )


def _add_rounds(
    plan: Plan,
    items: Sequence[PlanItem],
    tasks: Sequence[PlannedTask[int]],
    adopted_on: date,
    calendar: Calendar,
) -> None:
    """One round a kind and period, in it one follow-up a division, in it one line a measure."""
    policy = current_organisation().follow_up_policy
    dues: dict[tuple[str, date, date], RoundDue] = {}
    asked: dict[tuple[str, date, date], list[PlanItem]] = defaultdict(list)
    prompted: set[tuple[tuple[str, date, date], int]] = set()
    for item in items:
        rule = FollowUpRule(item.follow_up_kind, item.follow_up_n, tuple(item.follow_up_months))
        for due in rounds_asked(rule, plan.fiscal_year, item.starts_on, item.ends_on, calendar, policy):
            key = (due.kind, due.period_start, due.period_end)
            dues[key] = soonest(due, dues.get(key, due))
            asked[key].append(item)
            if due.prompts:
                prompted |= {(key, division.id) for division in item.divisions}
    for asked_key, planned in sorted(dues.items(), key=lambda pair: (pair[1].opens_on, pair[0])):
        item_ids = {item.id for item in asked[asked_key]}
        inside = [
            task for task in tasks if task.item in item_ids and task.quarter.first_day <= planned.period_end
        ]
        looks_back = bool(inside) and all(task.look_back for task in inside)
        due = adopted_late(planned, adopted_on, calendar, looks_back)
        row = Round.of(plan.id, due)
        db.session.add(row)
        db.session.flush()
        divisions = dict.fromkeys(division.id for item in asked[asked_key] for division in item.divisions)
        for division_id in divisions:
            follow_up = FollowUp(
                round_id=row.id, division_id=division_id, prompts=(asked_key, division_id) in prompted
            )
            db.session.add(follow_up)
            db.session.flush()
            db.session.add_all(
                FollowUpAnswer(follow_up_id=follow_up.id, measure_id=measure.id)
                for item in asked[asked_key]
                if any(division.id == division_id for division in item.divisions)
                for measure in item.measures
            )


def divisions() -> Sequence[Division]:
    """The active divisions in their order."""
    return db.session.scalars(
        select(Division).where(Division.ended_on.is_(None)).order_by(Division.place)
    ).all()
