"""Asks divisions what came of their measures, and takes the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select

from tracker import journal
from tracker.actions.following.lines import (
    AskedLine,
    LineAnswer,
    faults_of,
    lacks,
    lines_by,
    lines_of,
    merged,
    place_of,
    proofs_of,
    shown,
)
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.decisions import UNDO
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import (
    Completion,
    Decision,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Task,
)
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.rounds import FollowUpRule, Line, rounds_of, soonest
from tracker.rules.states import SET_ASIDE, TaskState
from tracker.rules.thai import clean, fold

__all__ = [
    "AskedLine", "LineAnswer", "Opening", "answer", "answered_by_tasks", "completed_rounds", "keep", "lacks",
    "lines_by", "lines_of", "merged", "open_rounds", "place_of", "proofs_of", "settle", "shown",
]  # fmt: skip


def answer(
    follow_up: FollowUp, answers: Mapping[int, LineAnswer], confirmed: bool, *, now: datetime, by: Actor
) -> None:
    """Take a division's answers by answer id; lines told by the tasks need one confirmation for all.

    FieldsRefused names what is missing: "<field>-<answer id>" or "confirmed".
    """
    _require_open(follow_up, day_of(now))
    if not follow_up.prompts:
        raise Refused("รอบนี้ตอบจากการอนุมัติงานรายไตรมาส ไม่ต้องส่งคำตอบ")
    lines = lines_of(follow_up)
    faults: dict[str, Message] = {}
    for line in lines:
        faults |= faults_of(line, answers.get(line.answer_id, LineAnswer()))
    told = [line for line in lines if line.line is Line.CONFIRM and not _written(line, answers)]
    if told and not confirmed:
        faults["confirmed"] = Message("กรุณายืนยันผลที่ดึงจากรายงานรายไตรมาส")
    if faults:
        raise FieldsRefused(faults)
    for line in lines:
        if line.line in {Line.ASK, Line.CONFIRM}:
            _write(line, answers.get(line.answer_id, LineAnswer()))
    follow_up.state, follow_up.answered_at, follow_up.by_user_id = FollowUpState.ANSWERED, now, by.user_id
    journal.record("follow_up.answered", "follow_up", follow_up.id, now=now, by=by, lines=len(lines))


def keep(follow_up: FollowUp, answers: Mapping[int, LineAnswer], *, now: datetime, by: Actor) -> None:
    """Keep what is written so far; the follow-up goes on waiting for its answer."""
    _require_open(follow_up, day_of(now))
    if follow_up.state is FollowUpState.ANSWERED:
        raise Refused("รอบนี้ส่งคำตอบแล้ว แก้ไขแล้วกด “ส่งคำตอบ” ได้เลย")
    for line in lines_of(follow_up):
        given = answers.get(line.answer_id)
        if line.line in {Line.ASK, Line.CONFIRM} and given is not None:
            _fill(line.saved, given)
    journal.record("follow_up.kept", "follow_up", follow_up.id, now=now, by=by)


def _require_open(follow_up: FollowUp, today: date) -> None:
    plan = db.session.scalars(select(Plan).where(Plan.id == follow_up.round.plan_id)).one()
    if plan.state is not PlanState.ADOPTED:
        raise Refused("แผนของปีนี้ปิดแล้ว จึงตอบการติดตามผลไม่ได้")
    if follow_up.round.opens_on > today:
        raise Refused("รอบติดตามนี้เปิดให้ตอบวันที่ %(day)s", day=follow_up.round.opens_on)


def _written(line: AskedLine, answers: Mapping[int, LineAnswer]) -> bool:
    """Whether the division wrote a text of its own into the line."""
    text = answers.get(line.answer_id, LineAnswer()).result
    return bool(clean(text)) and fold(text) != fold(line.told)


def _write(line: AskedLine, given: LineAnswer) -> None:
    row = line.saved
    if line.line is Line.CONFIRM and not clean(given.result):
        given = replace(given, completion=Completion.FULL, result=line.told)
    if line.line is Line.CONFIRM:
        given = replace(given, problems=line.problems, suggestions=line.suggestions)
    _fill(row, given)
    row.completion = row.completion or Completion.FULL
    row.confirmed = True
    row.changed = bool(clean(given.result)) and fold(given.result) != fold(line.told)


def _fill(row: FollowUpAnswer, given: LineAnswer) -> None:
    row.completion = given.completion
    row.result, row.outcome = given.result.strip(), given.outcome.strip()
    row.problems, row.suggestions = given.problems.strip(), given.suggestions.strip()


def answered_by_tasks(now: datetime) -> list[int]:
    """The follow-ups that have nothing to ask, by id: approved tasks answered them, or none is left; reads only.

    What was decided of a task counts once it cannot be taken back any more.
    """
    today = day_of(now)
    waiting = db.session.scalars(
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.state == FollowUpState.WAITING,
            or_(
                FollowUp.prompts.is_(False) & (Round.period_start <= today),
                FollowUp.prompts & (Round.asks_on <= today),
            ),
        )
        .order_by(FollowUp.id)
    ).all()
    if not waiting:
        return []
    unsettled = _may_be_undone(now)
    return [
        follow_up.id
        for follow_up in waiting
        if all(
            line.line in {Line.SETTLED, Line.NOT_ASKED}
            and unsettled.isdisjoint(task.id for task in line.tasks)
            for line in lines_of(follow_up)
        )
    ]


def _may_be_undone(now: datetime) -> set[int]:
    """The tasks of which a decision can still be taken back, by id."""
    rows = db.session.scalars(
        select(Decision.tasks).where(Decision.at > now - UNDO, Decision.undone_at.is_(None))
    )
    return {int(task_id) for tasks in rows for task_id in tasks}


def settle(follow_up_ids: Sequence[int], *, now: datetime, by: Actor) -> int:
    """Close follow-ups that need no answer of a person; returns how many."""
    for follow_up in db.session.scalars(select(FollowUp).where(FollowUp.id.in_(follow_up_ids))):
        follow_up.state, follow_up.answered_at = FollowUpState.ANSWERED, now
        journal.record("follow_up.settled", "follow_up", follow_up.id, now=now, by=by)
    return len(follow_up_ids)


@dataclass(frozen=True)
class Opening:
    """A round that is asked for earlier than planned, because its measures are complete."""

    round_id: int
    opens_on: date
    due_on: date


def completed_rounds(now: datetime) -> list[Opening]:
    """The rounds after completion whose tasks have all been approved before the window's end; reads only.

    An approval counts once it cannot be taken back any more.
    """
    today = day_of(now)
    candidates = db.session.execute(
        select(Round, Plan.fiscal_year)
        .join(Plan, Plan.id == Round.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Round.kind == "on_completion", Round.asks_on > today)
    ).all()
    if not candidates:
        return []
    unsettled, calendar = _may_be_undone(now), working_calendar()
    openings = []
    for asked, fiscal_year in candidates:
        measures = (
            select(FollowUpAnswer.measure_id)
            .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
            .where(FollowUp.round_id == asked.id)
        )
        tasks = db.session.execute(select(Task.id, Task.state).where(Task.measure_id.in_(measures))).all()
        telling = [state for _, state in tasks if state not in SET_ASIDE]
        if not telling or any(state is not TaskState.APPROVED for state in telling):
            continue
        if not unsettled.isdisjoint(task_id for task_id, _ in tasks):
            continue
        items = db.session.scalars(
            select(PlanItem).where(PlanItem.id.in_(select(Measure.item_id).where(Measure.id.in_(measures))))
        ).all()
        rules = [FollowUpRule("on_completion", item.follow_up_n) for item in items]
        window = asked.period_start, asked.period_end
        due = soonest(
            *(rounds_of(rule, fiscal_year, *window, calendar, completed_on=today)[0] for rule in rules)
        )
        openings.append(Opening(asked.id, due.opens_on, due.due_on))
    return openings


def open_rounds(openings: Sequence[Opening], *, now: datetime, by: Actor) -> int:
    """Ask for these rounds from the days given; returns how many."""
    for opening in openings:
        asked = db.session.scalars(select(Round).where(Round.id == opening.round_id)).one()
        asked.opens_on = asked.asks_on = opening.opens_on
        asked.due_on = opening.due_on
        asked.due_version += 1
        journal.record("round.opened", "round", asked.id, now=now, by=by)
    return len(openings)
