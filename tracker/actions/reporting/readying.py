"""Finds what the report still lacks, and takes the coordinator's answers to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.reporting.editing import EditedCell
from tracker.actions.reporting.fetching import answers_of
from tracker.actions.reporting.publicity import places_of
from tracker.actions.reporting.showing import evidence_of_plan
from tracker.database import db
from tracker.errors import FieldsRefused, Message, NotFound, Refused
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    Plan,
    PlanItem,
    PlanState,
    ReadinessAnswer,
    Round,
    Submission,
    Task,
)
from tracker.rules.cells import Answer, Say, Text, outcome
from tracker.rules.official import heading_of
from tracker.rules.permissions import Actor
from tracker.rules.readiness import (
    Answered,
    Code,
    Finding,
    Readiness,
    ReadinessInputs,
    Subject,
    Wanted,
    assess,
    explains_the_fall,
)
from tracker.rules.report_inputs import Item, ReportInputs
from tracker.rules.states import OUTSTANDING, TaskState

LONGEST = 2_000
NOTHING_WRITTEN = Message("กรุณาเขียนก่อนบันทึก")


def readiness_of(
    plan: Plan, inputs: ReportInputs, cells: Sequence[EditedCell], say: Say, today: date
) -> Readiness:
    """What the report of the plan lacks, as it stands in `inputs`."""
    subjects: dict[Code, tuple[Subject, ...]] = {
        **_of_tasks(plan, today),
        "follow_ups": _unanswered(plan),
        "unsaid": _unsaid(inputs, cells),
        "unproved": _unproved(inputs, plan),
        "fallen": tuple(
            Subject(item.id, _name_of(item), "outcome")
            for item in inputs.items
            if _falls(item)
            and not explains_the_fall(
                next(one.text for one in cells if (one.item_id, one.cell) == (item.id, "outcome")),
                [outcome(score, say) for score in item.scores],
            )
        ),
        "awaited": tuple(
            Subject(item.id, _name_of(item), "outcome")
            for item in inputs.items
            if any(score.after is None for score in item.scores) and "outcome" not in item.edits
        ),
        "stale": tuple(Subject(one.item_id, one.heading, one.cell) for one in cells if one.stale),
        "personal": _personal(plan),
    }
    return assess(
        ReadinessInputs(
            subjects,
            {answer.code: Answered(answer.text, frozenset(answer.subjects)) for answer in answers_of(plan)},
            tuple(Wanted(one.item, one.year, one.addresses) for one in places_of(plan)),
        )
    )


def answer_finding(plan: Plan, finding: Finding, text: str, *, now: datetime, by: Actor) -> None:
    """Write down a reason; an empty text takes it back."""
    if plan.state is PlanState.DRAFT or not finding.answerable:
        raise NotFound("ไม่พบข้อนี้")
    if plan.state is PlanState.CLOSED:
        raise Refused("รายงานปิดแล้ว จึงตอบข้อนี้ไม่ได้")
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise FieldsRefused({"text": Message("ข้อความยาวเกิน %(limit)s ตัวอักษร", {"limit": LONGEST})})
    kept = db.session.scalars(
        select(ReadinessAnswer).where(
            ReadinessAnswer.plan_id == plan.id, ReadinessAnswer.code == finding.code
        )
    ).one_or_none()
    if not text:
        if kept is not None:
            db.session.delete(kept)
            db.session.flush()
            journal.record("readiness.taken_back", "plan", plan.id, now=now, by=by, code=finding.code)
        return
    if kept is None:
        kept = ReadinessAnswer(plan_id=plan.id, code=finding.code)
        db.session.add(kept)
    kept.text, kept.at, kept.by_user_id = text, now, by.user_id
    kept.subjects = sorted(subject.id for subject in finding.subjects)
    db.session.flush()
    journal.record("readiness.answered", "plan", plan.id, now=now, by=by, code=finding.code)


def _of_tasks(plan: Plan, today: date) -> dict[Code, tuple[Subject, ...]]:
    found: dict[Code, list[Subject]] = defaultdict(list)
    for task_id, state, due_on, division in db.session.execute(
        select(Task.id, Task.state, Task.due_on, Division.name)
        .join(Division, Division.id == Task.division_id)
        .where(Task.plan_id == plan.id)
        .order_by(Division.place, Task.id)
    ):
        if state is TaskState.SUBMITTED:
            found["waiting"].append(Subject(task_id, division))
        elif state in OUTSTANDING:
            found["late" if due_on < today else "open"].append(Subject(task_id, division))
    return {code: tuple(subjects) for code, subjects in found.items()}


def _unanswered(plan: Plan) -> tuple[Subject, ...]:
    return tuple(
        Subject(follow_up_id, division)
        for follow_up_id, division in db.session.execute(
            select(FollowUp.id, Division.name)
            .join(Round, Round.id == FollowUp.round_id)
            .join(Division, Division.id == FollowUp.division_id)
            .where(Round.plan_id == plan.id, FollowUp.state == FollowUpState.WAITING)
            .order_by(Division.place, FollowUp.id)
        )
    )


def _unsaid(inputs: ReportInputs, cells: Sequence[EditedCell]) -> tuple[Subject, ...]:
    """The cells of problems and suggestions where a division that told its result did not answer."""
    found = []
    for item in inputs.items:
        told = {text.division for text in item.texts if text.standing in {"approved", "waiting"}}
        for one in cells:
            if one.item_id != item.id or one.edit is not None or one.cell not in {"problems", "suggestions"}:
                continue
            said: tuple[Text | Answer, ...] = (*item.texts, *item.answers)
            answered = {voice.division for voice in said if getattr(voice, one.cell).strip()}
            if told - answered:
                found.append(Subject(item.id, one.heading, one.cell))
    return tuple(found)


def _name_of(item: Item) -> str:
    """The item by its own words, which are the same in every language of the page."""
    return item.heading or heading_of(item)


def _unproved(inputs: ReportInputs, plan: Plan) -> tuple[Subject, ...]:
    """The items that are done, though no evidence is left and no reason was given for that."""
    states: dict[int, set[TaskState]] = defaultdict(set)
    for item_id, state in db.session.execute(
        select(Task.item_id, Task.state).where(Task.plan_id == plan.id).distinct()
    ):
        states[item_id].add(state)
    reasons = set(
        db.session.scalars(
            select(Submission.item_id)
            .join(PlanItem, PlanItem.id == Submission.item_id)
            .where(PlanItem.plan_id == plan.id, Submission.no_evidence_reason != "")
        )
    )
    return tuple(
        Subject(item.id, _name_of(item))
        for item in inputs.items
        if TaskState.APPROVED in states[item.id]
        and not states[item.id] & (OUTSTANDING | {TaskState.SUBMITTED})
        and not item.evidence
        and item.id not in reasons
    )


def _falls(item: Item) -> bool:
    return any(
        score.before is not None and score.after is not None and float(score.after) < float(score.before)
        for score in item.scores
    )


def _personal(plan: Plan) -> tuple[Subject, ...]:
    return tuple(
        Subject(one.evidence.id, one.evidence.name)
        for one in evidence_of_plan(plan)
        if one.evidence.public and one.tells_of_a_person and one.evidence.checked_at is None
    )
