"""Gathers the year of a plan into the plain values that its documents are told from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from tracker.catalogue.assessment import INDICATORS
from tracker.database import current_organisation, db
from tracker.locale import say
from tracker.models import (
    Assessment,
    Claim,
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
from tracker.rules.appraisal import Appraisal, appraise
from tracker.rules.cells import Answer, Cell, Say, Score, Standing, Text
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.fiscal import Quarter
from tracker.rules.report_inputs import Item, Progress, Proved, ReportInputs, Signed, Tally, Unfinished
from tracker.rules.states import OUTSTANDING, TaskState

_REPORTING = frozenset({ClaimWord.AS_PLANNED, ClaimWord.COMPLETE})


@dataclass(frozen=True)
class _Gathered:
    """The rows of a plan, fetched once."""

    plan: Plan
    items: Sequence[PlanItem]
    divisions: dict[int, str]
    taken_out: frozenset[tuple[int, int]]
    tasks: Sequence[Task]
    every_task: Sequence[Task]
    attempts: Sequence[Submission]
    evidence: Sequence[Evidence]
    uses: Sequence[EvidenceUse]
    answers: Sequence[tuple[FollowUpAnswer, FollowUp, Measure]]
    assessments: dict[int, Assessment]
    edits: dict[int, dict[Cell, str]]
    reason: str


def speaker() -> Say:
    """What says a sentence in the language of the organisation's documents."""
    spoken = current_organisation().language
    return lambda message: say(message, spoken)


def inputs_of(
    plan: Plan,
    *,
    now: datetime,
    is_draft: bool,
    signed: Signed | None = None,
    last_quarter: int = 4,
    round_kind: str = "twelve_months",
) -> ReportInputs:
    """Everything that a report of a plan is told from, up to a quarter and with the answers of one round.

    The coordinator's own cells are among it.
    """
    organisation = current_organisation()
    gathered = _gather(plan, last_quarter, round_kind)
    evidence_places = {evidence.id: place for place, evidence in enumerate(gathered.evidence)}
    return ReportInputs(
        organisation=organisation.name,
        kind=organisation.kind.value,
        district=organisation.district,
        province=organisation.province,
        fiscal_year=plan.fiscal_year,
        assessment_year=_assessed(plan),
        items=tuple(_item(item, gathered, evidence_places, is_draft) for item in gathered.items),
        tallies=_tallies(gathered),
        unfinished=_unfinished(gathered, closing=not is_draft),
        evidence=tuple(
            Proved(
                evidence.caption,
                evidence.name,
                evidence.about_on,
                evidence.sha256,
                photo=evidence.public and evidence.media_type.startswith("image/"),
            )
            for evidence in gathered.evidence
        ),
        signed=signed,
        thai_digits=organisation.thai_digits,
        draft=is_draft,
        frozen_at=now,
        result=_result(gathered),
    )


def _result(gathered: _Gathered) -> Appraisal | None:
    before_year = _assessed(gathered.plan)
    before, after = (gathered.assessments.get(year) for year in (before_year, before_year + 1))
    return appraise(after.printed, before_year + 1, before.printed if before else None) if after else None


def _assessed(plan: Plan) -> int:
    """The year of the assessment that the plan answers."""
    return plan.assessment_year or plan.fiscal_year - 1


def _gather(plan: Plan, last_quarter: int, round_kind: str) -> _Gathered:
    """What is in force, and of what amendments took out that of which something was reported."""
    tasks = db.session.scalars(select(Task).where(Task.plan_id == plan.id).order_by(Task.id)).all()
    reported = {task.item_id for task in tasks if task.state is not TaskState.CANCELLED}
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
    return _Gathered(
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
        attempts=attempts,
        evidence=db.session.scalars(
            select(Evidence)
            .where(
                Evidence.id.in_({use.evidence_id for use in uses}),
                Evidence.withdrawn_at.is_(None),
                Evidence.newer_id.is_(None),
            )
            .order_by(Evidence.id)
        ).all(),
        uses=uses,
        answers=[(answer, follow_up, measure) for answer, follow_up, measure in answers],
        assessments={row.year: row for row in db.session.scalars(select(Assessment))},
        edits=_edits(item_ids),
        reason="\n".join(
            dict.fromkeys(answer.text for answer in answers_of(plan) if answer.code in {"late", "open"})
        ),
    )


def _edits(item_ids: Sequence[int]) -> dict[int, dict[Cell, str]]:
    edits: defaultdict[int, dict[Cell, str]] = defaultdict(dict)
    for edit in db.session.scalars(select(ReportEdit).where(ReportEdit.item_id.in_(item_ids))):
        edits[edit.item_id][cast(Cell, edit.cell)] = edit.text
    return edits


def answers_of(plan: Plan) -> Sequence[ReadinessAnswer]:
    """What the coordinator answered to findings of the readiness."""
    return db.session.scalars(select(ReadinessAnswer).where(ReadinessAnswer.plan_id == plan.id)).all()


def _item(item: PlanItem, gathered: _Gathered, evidence_places: dict[int, int], is_draft: bool) -> Item:
    tasks = [task for task in gathered.tasks if task.item_id == item.id]
    # An item that begins later than what was gathered is still told with those who will do it.
    asked_of = tasks or [task for task in gathered.every_task if task.item_id == item.id]
    kept = [task for task in asked_of if task.state is not TaskState.CANCELLED]
    asked = [
        division.id for division in item.divisions if any(task.division_id == division.id for task in kept)
    ]
    in_force = {
        division.id for division in item.divisions if (item.id, division.id) not in gathered.taken_out
    }
    everyone = item.everyone and in_force <= set(asked)
    return Item(
        id=item.id,
        heading=item.heading,
        topic=item.topic,
        indicator=item.indicator,
        measures=tuple(
            (measure.number, measure.title)
            for measure in item.measures
            if measure.removed_in is None or any(task.measure_id == measure.id for task in kept)
        ),
        steps=tuple(step.text for step in item.steps if step.removed_in is None),
        divisions=tuple(gathered.divisions[division_id] for division_id in asked),
        everyone=everyone,
        window=item.window_text,
        starts_on=item.starts_on,
        ends_on=item.ends_on,
        texts=_texts(item, tasks, gathered, is_draft),
        answers=tuple(
            Answer(
                measure.number,
                gathered.divisions[follow_up.division_id],
                answer.result,
                answer.changed,
                answer.problems,
                answer.suggestions,
            )
            for answer, follow_up, measure in gathered.answers
            if measure.item_id == item.id
        ),
        scores=_scores(item, gathered),
        outcome_notes=tuple(
            answer.outcome
            for answer, _, measure in gathered.answers
            if measure.item_id == item.id and answer.outcome
        ),
        evidence=tuple(
            sorted(
                {
                    evidence_places[use.evidence_id]
                    for use in gathered.uses
                    if use.item_id == item.id and use.evidence_id in evidence_places
                }
            )
        ),
        edits=gathered.edits.get(item.id, {}),
        progress=_progress(item, gathered),
    )


def _progress(item: PlanItem, gathered: _Gathered) -> Progress:
    """How far the item came in the quarters that were gathered; done where they left nothing to the later ones."""
    states = {task.state for task in gathered.tasks if task.item_id == item.id} - {TaskState.CANCELLED}
    if not states:
        return "not_due"
    gathered_ids = {task.id for task in gathered.tasks}
    later = {
        task.state for task in gathered.every_task if task.item_id == item.id and task.id not in gathered_ids
    }
    nothing = {TaskState.NOT_NEEDED, TaskState.CANCELLED}
    if states <= nothing | {TaskState.APPROVED} and later <= nothing:
        return "done"
    if TaskState.STUCK in states:
        return "stuck"
    return "not_begun" if states == {TaskState.OPEN} else "running"


def _texts(item: PlanItem, tasks: Sequence[Task], gathered: _Gathered, draft: bool) -> tuple[Text, ...]:
    """One text a division and quarter: of the latest attempt that counts, else of the latest, which is silence."""
    states = {task.id: task.state for task in tasks}
    attempts = [attempt for attempt in gathered.attempts if attempt.item_id == item.id and attempt.result]
    claimed_in = {claim.task_id: attempt.id for attempt in attempts for claim in attempt.claims}
    live = {evidence.id for evidence in gathered.evidence}
    used: dict[tuple[int, int], set[int]] = defaultdict(set)
    for use in gathered.uses:
        if use.item_id == item.id:
            used[use.division_id, use.quarter].add(use.evidence_id)
    chosen: dict[tuple[int, int], Text] = {}
    for attempt in attempts:
        place = (attempt.division_id, attempt.quarter)
        own = [claim for claim in attempt.claims if claimed_in[claim.task_id] == attempt.id]
        evidence_gone = bool(used[place]) and not used[place] & live
        standing = _standing(attempt, own, states, evidence_gone)
        counts = standing == "approved" or (draft and standing == "waiting")
        if place in chosen and not counts:
            continue
        chosen[place] = Text(
            division=gathered.divisions[attempt.division_id],
            quarter=Quarter(gathered.plan.fiscal_year, attempt.quarter),
            standing=standing,
            result=attempt.result,
            problems=attempt.problems,
            suggestions=attempt.suggestions,
        )
    return tuple(chosen.values())


def _standing(
    attempt: Submission, own: Sequence[Claim], states: Mapping[int, TaskState], evidence_gone: bool
) -> Standing:
    """Where an attempt stands, by the tasks of which it is the last word."""
    reported = {states[claim.task_id] for claim in own if claim.word in _REPORTING}
    completes = any(claim.word is ClaimWord.COMPLETE for claim in own)
    if attempt.returned_at is not None or not reported:
        return "sent_back"
    if completes and evidence_gone and not attempt.no_evidence_reason:
        return "withdrawn"
    if TaskState.APPROVED in reported:
        return "approved"
    return "waiting" if TaskState.SUBMITTED in reported else "sent_back"


def _scores(item: PlanItem, gathered: _Gathered) -> tuple[Score, ...]:
    before_year = _assessed(gathered.plan)
    after_year = before_year + 1
    scores = {year: row.scores for year, row in gathered.assessments.items()}
    return tuple(
        Score(
            name=_score_name(reference.kind, reference.code),
            before_year=before_year,
            before=scores.get(before_year, {}).get(reference.code),
            after_year=after_year,
            after=scores.get(after_year, {}).get(reference.code),
        )
        for reference in item.scores
    )


def _score_name(kind: str, code: str) -> str:
    if kind == "indicator":
        name = next(indicator.name for indicator in INDICATORS if str(indicator.number) == code)
        return f"ตัวชี้วัดที่ {code} {name}"
    return f"ข้อ {code}"


def _tallies(gathered: _Gathered) -> tuple[Tally, ...]:
    counted = [
        task for task in gathered.tasks if task.state not in {TaskState.CANCELLED, TaskState.NOT_NEEDED}
    ]
    done: dict[int, int] = defaultdict(int)
    total: dict[int, int] = defaultdict(int)
    for task in counted:
        total[task.division_id] += 1
        done[task.division_id] += task.state is TaskState.APPROVED
    return tuple(
        Tally(name, done[division_id], total[division_id])
        for division_id, name in gathered.divisions.items()
        if total[division_id]
    )


def _unfinished(gathered: _Gathered, *, closing: bool) -> tuple[Unfinished, ...]:
    measures = select(Measure.id, Measure.title).where(
        Measure.id.in_({task.measure_id for task in gathered.tasks})
    )
    titles: dict[int, str] = {row.id: row.title for row in db.session.execute(measures)}
    rows = []
    for task in gathered.tasks:
        cancelled = task.state is TaskState.CANCELLED
        if cancelled or (closing and task.state in OUTSTANDING):
            rows.append(
                Unfinished(
                    measure=titles[task.measure_id],
                    division=gathered.divisions[task.division_id],
                    quarter=Quarter(gathered.plan.fiscal_year, task.quarter),
                    state="cancelled" if cancelled else "unfinished",
                    reason=task.reason if cancelled else gathered.reason,
                )
            )
    return tuple(rows)
