"""Asks divisions what came of their measures, and takes the answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, or_, select

from tracker import journal
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import (
    Completion,
    Division,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    PlanState,
    Round,
    Submission,
    Task,
)
from tracker.people import answers_for
from tracker.rules.fiscal import Quarter
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.rounds import FollowUpRule, Line, answered_from_tasks, rounds_of
from tracker.rules.states import TaskState
from tracker.rules.thai import clean, fold


@dataclass(frozen=True)
class AskedLine:
    """One measure in a follow-up: what is still asked, and what the quarters have told so far."""

    answer_id: int
    number: int
    title: str
    line: Line
    tasks: tuple[Task, ...]
    told: str
    told_quarter: int | None
    problems: str
    suggestions: str
    saved: FollowUpAnswer


@dataclass(frozen=True)
class LineAnswer:
    """What a division writes in one line."""

    completion: Completion | None = None
    result: str = ""
    outcome: str = ""
    problems: str = ""
    suggestions: str = ""


def lines_of(follow_up: FollowUp) -> list[AskedLine]:
    """The lines of a follow-up in the order of the plan."""
    asked = follow_up.round
    answers = db.session.execute(
        select(FollowUpAnswer, Measure)
        .join(Measure, Measure.id == FollowUpAnswer.measure_id)
        .where(FollowUpAnswer.follow_up_id == follow_up.id)
        .order_by(Measure.item_id, Measure.number)
    ).all()
    measure_ids = [measure.id for _, measure in answers]
    tasks: dict[int, list[Task]] = defaultdict(list)
    for task in db.session.scalars(
        select(Task)
        .where(Task.measure_id.in_(measure_ids), Task.division_id.in_(_telling(follow_up)))
        .order_by(Task.quarter)
    ):
        if _inside(task.quarter, asked):
            tasks[task.measure_id].append(task)
    texts = _latest_texts({measure.item_id for _, measure in answers}, follow_up)
    lines = []
    for number, (answer, measure) in enumerate(answers, 1):
        text = texts.get(measure.item_id)
        lines.append(
            AskedLine(
                answer_id=answer.id,
                number=number,
                title=measure.title,
                line=answered_from_tasks([task.state for task in tasks[measure.id]], follow_up.prompts),
                tasks=tuple(tasks[measure.id]),
                told=text.result if text else "",
                told_quarter=text.quarter if text else None,
                problems=text.problems if text else "",
                suggestions=text.suggestions if text else "",
                saved=answer,
            )
        )
    return lines


def _telling(follow_up: FollowUp) -> Select[int]:
    """Whose quarters tell of it: its division's and, while it waits, those of the divisions merged into that one."""
    if follow_up.state is FollowUpState.WAITING:
        return answers_for(follow_up.division_id)
    return select(Division.id).where(Division.id == follow_up.division_id)


def _inside(quarter: int, asked: Round) -> bool:
    year = Quarter.of(asked.period_start).fiscal_year
    span = Quarter(year, quarter)
    return span.first_day <= asked.period_end and asked.period_start <= span.last_day


def _latest_texts(item_ids: set[int], follow_up: FollowUp) -> dict[int, Submission]:
    """The latest quarter's reported text of each item in the period."""
    latest: dict[int, Submission] = {}
    rows = db.session.scalars(
        select(Submission)
        .where(
            Submission.item_id.in_(item_ids),
            Submission.division_id.in_(_telling(follow_up)),
            Submission.returned_at.is_(None),
            Submission.result != "",
        )
        .order_by(Submission.quarter, Submission.number)
    )
    for submission in rows:
        if _inside(submission.quarter, follow_up.round):
            latest[submission.item_id] = submission
    return latest


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
        faults |= _faults(line, answers.get(line.answer_id, LineAnswer()))
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


def _faults(line: AskedLine, given: LineAnswer) -> dict[str, Message]:
    if line.line is not Line.ASK:
        return {}
    number = {"number": line.number}
    faults: dict[str, Message] = {}
    if given.completion is None:
        faults[f"completion-{line.answer_id}"] = Message("ข้อ %(number)s กรุณาเลือกความสำเร็จ", number)
    if not clean(given.result):
        faults[f"result-{line.answer_id}"] = Message("ข้อ %(number)s กรุณาเขียนผลการดำเนินงาน", number)
    if not clean(given.problems):
        faults[f"problems-{line.answer_id}"] = Message(
            "ข้อ %(number)s กรุณาตอบเรื่องปัญหา/อุปสรรค หากไม่มีให้เลือก “ไม่มี”", number
        )
    if not clean(given.suggestions):
        faults[f"suggestions-{line.answer_id}"] = Message(
            "ข้อ %(number)s กรุณาตอบเรื่องข้อเสนอแนะ หากไม่มีให้เลือก “ไม่มี”", number
        )
    return faults


def _write(line: AskedLine, given: LineAnswer) -> None:
    row = line.saved
    if line.line is Line.CONFIRM and not clean(given.result):
        given = LineAnswer(Completion.FULL, line.told, given.outcome, line.problems, line.suggestions)
    _fill(row, given)
    row.completion = row.completion or Completion.FULL
    row.confirmed = True
    row.changed = bool(clean(given.result)) and fold(given.result) != fold(line.told)


def _fill(row: FollowUpAnswer, given: LineAnswer) -> None:
    row.completion = given.completion
    row.result, row.outcome = given.result.strip(), given.outcome.strip()
    row.problems, row.suggestions = given.problems.strip(), given.suggestions.strip()


def answered_by_tasks(today: date) -> list[int]:
    """The follow-ups that have nothing to ask, by id: approved tasks answered them, or none is left; reads only."""
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
    return [
        follow_up.id
        for follow_up in waiting
        if all(line.line in {Line.SETTLED, Line.NOT_ASKED} for line in lines_of(follow_up))
    ]


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


def completed_rounds(today: date) -> list[Opening]:
    """The rounds after completion whose tasks have all been approved before the window's end; reads only."""
    openings = []
    candidates = db.session.execute(
        select(Round, Plan.fiscal_year)
        .join(Plan, Plan.id == Round.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Round.kind == "on_completion", Round.asks_on > today)
    ).all()
    for asked, fiscal_year in candidates:
        measures = (
            select(FollowUpAnswer.measure_id)
            .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
            .where(FollowUp.round_id == asked.id)
        )
        states = db.session.scalars(select(Task.state).where(Task.measure_id.in_(measures))).all()
        telling = [state for state in states if state not in {TaskState.CANCELLED, TaskState.NOT_NEEDED}]
        if not telling or any(state is not TaskState.APPROVED for state in telling):
            continue
        item = db.session.scalars(
            select(PlanItem)
            .join(Measure, Measure.item_id == PlanItem.id)
            .where(Measure.id.in_(measures))
            .limit(1)
        ).one()
        rule = FollowUpRule("on_completion", item.follow_up_n)
        due = rounds_of(
            rule, fiscal_year, asked.period_start, asked.period_end, working_calendar(), completed_on=today
        )[0]
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
