"""Fetches the rows of a plan that its documents are told from, each kind once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from tracker.actions.reporting.period import Period, period_of
from tracker.database import db
from tracker.models import (
    Assessment,
    Division,
    Evidence,
    EvidenceUse,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    ReadinessAnswer,
    ReportEdit,
    Round,
    Submission,
    Task,
)
from tracker.rules.cells import Cell
from tracker.rules.states import TaskState


@dataclass(frozen=True)
class Gathered:
    """The rows of a plan, fetched once.

    `states` are those that the document tells of: of now, or of the end of the period; `waiting_counts` says
    whether what was handed in and not judged yet is told.
    """

    plan: Plan
    items: Sequence[PlanItem]
    divisions: dict[int, str]
    taken_out: frozenset[tuple[int, int]]
    tasks: Sequence[Task]
    every_task: Sequence[Task]
    states: Mapping[int, TaskState]
    waiting_counts: bool
    attempts: Sequence[Submission]
    evidence: Sequence[Evidence]
    uses: Sequence[EvidenceUse]
    answers: Sequence[tuple[FollowUpAnswer, FollowUp, Measure]]
    assessments: dict[int, Assessment]
    edits: dict[int, dict[Cell, str]]
    reason: str


def fetch(plan: Plan, last_quarter: int, round_kind: str, is_draft: bool, as_of_period: bool) -> Gathered:
    """What is in force, and of what amendments took out that of which something was reported."""
    tasks = db.session.scalars(select(Task).where(Task.plan_id == plan.id).order_by(Task.id)).all()
    period = period_of(plan, tasks, _every_attempt(plan)) if as_of_period else None
    states = period.states if period else {task.id: task.state for task in tasks}
    reported = {task.item_id for task in tasks if states[task.id] is not TaskState.CANCELLED}
    items = db.session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id == plan.id, or_(PlanItem.removed_in.is_(None), PlanItem.id.in_(reported)))
        .order_by(PlanItem.number)
        .options(
            selectinload(PlanItem.measures),
            selectinload(PlanItem.steps),
            selectinload(PlanItem.divisions),
            selectinload(PlanItem.scores),
        )
    ).all()
    item_ids = [item.id for item in items]
    attempts = db.session.scalars(
        select(Submission)
        .where(Submission.item_id.in_(item_ids), Submission.quarter <= last_quarter)
        .order_by(Submission.quarter, Submission.number)
        .options(selectinload(Submission.claims))
    ).all()
    if period:
        attempts = [attempt for attempt in attempts if period.had(attempt)]
    uses = db.session.scalars(
        select(EvidenceUse)
        .where(EvidenceUse.item_id.in_(item_ids), EvidenceUse.quarter <= last_quarter)
        .order_by(EvidenceUse.id)
    ).all()
    answers = db.session.execute(
        select(FollowUpAnswer, FollowUp, Measure)
        .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Measure, Measure.id == FollowUpAnswer.measure_id)
        .where(
            Round.plan_id == plan.id,
            Round.kind == round_kind,
            FollowUp.state == FollowUpState.ANSWERED,
        )
        .order_by(Measure.item_id, Measure.number)
    )
    return Gathered(
        plan=plan,
        items=items,
        divisions={
            division.id: division.name
            for division in db.session.scalars(select(Division).order_by(Division.place))
        },
        taken_out=frozenset(
            (item_id, division_id)
            for item_id, division_id in db.session.execute(
                select(PlanItemDivision.item_id, PlanItemDivision.division_id).where(
                    PlanItemDivision.item_id.in_(item_ids), PlanItemDivision.removed_in.is_not(None)
                )
            )
        ),
        tasks=[task for task in tasks if task.quarter <= last_quarter],
        every_task=tasks,
        states=states,
        waiting_counts=is_draft or as_of_period,
        attempts=attempts,
        evidence=_evidence(uses, period),
        uses=uses,
        answers=[(answer, follow_up, measure) for answer, follow_up, measure in answers],
        assessments={row.year: row for row in db.session.scalars(select(Assessment))},
        edits=_edits(item_ids),
        reason="\n".join(
            dict.fromkeys(answer.text for answer in answers_of(plan) if answer.code in {"late", "open"})
        ),
    )


def _every_attempt(plan: Plan) -> Sequence[Submission]:
    return db.session.scalars(
        select(Submission)
        .join(PlanItem, PlanItem.id == Submission.item_id)
        .where(PlanItem.plan_id == plan.id)
        .order_by(Submission.submitted_at, Submission.id)
        .options(selectinload(Submission.claims))
    ).all()


def _evidence(uses: Sequence[EvidenceUse], period: Period | None) -> Sequence[Evidence]:
    query = select(Evidence).where(Evidence.id.in_({use.evidence_id for use in uses})).order_by(Evidence.id)
    if period is None:
        query = query.where(Evidence.withdrawn_at.is_(None), Evidence.newer_id.is_(None))
        return db.session.scalars(query).all()
    every = db.session.scalars(query).all()
    newer = db.session.scalars(
        select(Evidence).where(Evidence.id.in_([one.newer_id for one in every if one.newer_id is not None]))
    )
    replaced_at = {one.id: one.created_at for one in newer}
    return [one for one in every if period.counted(one, replaced_at.get(one.newer_id or 0))]


def _edits(item_ids: Sequence[int]) -> dict[int, dict[Cell, str]]:
    edits: defaultdict[int, dict[Cell, str]] = defaultdict(dict)
    for edit in db.session.scalars(select(ReportEdit).where(ReportEdit.item_id.in_(item_ids))):
        edits[edit.item_id][cast(Cell, edit.cell)] = edit.text
    return edits


def answers_of(plan: Plan) -> Sequence[ReadinessAnswer]:
    """What the coordinator answered to findings of the readiness."""
    return db.session.scalars(select(ReadinessAnswer).where(ReadinessAnswer.plan_id == plan.id)).all()
