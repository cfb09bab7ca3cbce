"""Moves tasks: a division reports a group, the coordinator approves or sends it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from tracker import journal, links, mail
from tracker.calendar import held_on, working_calendar
from tracker.database import current_organisation, db
from tracker.decisions import UNDO, kept
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group, evidence_of, latest_submission, tasks_of
from tracker.models import (
    Claim,
    Evidence,
    EvidenceUse,
    OutgoingMail,
    Plan,
    PlanState,
    Step,
    StepTick,
    Submission,
    Task,
    User,
)
from tracker.people import Post, head_reached
from tracker.rules import claims as claim_rules
from tracker.rules.claims import Answers
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import (
    OUTSTANDING,
    Deed,
    TaskState,
    can,
    due_after_send_back,
    later_after_complete,
    on_time,
    state_after,
)
from tracker.rules.thai import clean_lines
from tracker.rules.workdays import Calendar

REPORTING = frozenset({ClaimWord.AS_PLANNED, ClaimWord.COMPLETE})


@dataclass(frozen=True)
class GroupReport:
    """What a division fills in for a group; `claims` by task id, `steps_done` are step ids."""

    result: str = ""
    problems: str = ""
    suggestions: str = ""
    no_evidence_reason: str = ""
    claims: Mapping[int, ClaimWord] = field(default_factory=dict)
    steps_done: frozenset[int] = frozenset()


def approval_on() -> bool:
    """Whether submissions wait for approval; off by default where the organisation has one user."""
    organisation = current_organisation()
    if organisation.approval is not None:
        return organisation.approval
    users = db.session.scalar(select(func.count(User.id)).where(User.active)) or 0
    return users > 1


def check(group: Group, report: GroupReport, new_evidence: int) -> None:
    """Raise FieldsRefused naming each field that lacks something; fields of claims are "claim-<task id>"."""
    tasks = tasks_of(group)
    _require_running(tasks[0].plan_id)
    outstanding = [task for task in tasks if task.state in OUTSTANDING]
    if not outstanding:
        raise Refused("งานนี้ส่งผลแล้วหรือปิดไปแล้ว จึงรายงานซ้ำไม่ได้")
    answers = Answers(
        result=report.result,
        problems=report.problems,
        suggestions=report.suggestions,
        evidence=len(evidence_of(group)) + new_evidence,
        no_evidence_reason=report.no_evidence_reason,
    )
    faults: dict[str, Message] = {}
    for task in outstanding:
        word = report.claims.get(task.id)
        if word is None:
            faults[f"claim-{task.id}"] = Message("กรุณาเลือกว่างานถึงไหนแล้ว")
            continue
        found = claim_rules.faults_of_claim(
            word, answers, completion=task.completion, later=[other.state for other in _later(task)]
        )
        if "claim" in found:
            found[f"claim-{task.id}"] = found.pop("claim")
        faults |= found
    if faults:
        raise FieldsRefused(faults)


def report_group(group: Group, report: GroupReport, *, now: datetime, by: Actor) -> Submission:
    """Record an attempt; every outstanding task of the group moves by its own claim."""
    check(group, report, new_evidence=0)
    approval = approval_on()
    previous = latest_submission(group)
    submission = Submission(
        item_id=group.item_id,
        division_id=group.division_id,
        quarter=group.quarter,
        number=previous.number + 1 if previous else 1,
        result=clean_lines(report.result),
        problems=clean_lines(report.problems),
        suggestions=clean_lines(report.suggestions),
        no_evidence_reason=clean_lines(report.no_evidence_reason),
        submitted_at=now,
        by_user_id=by.user_id,
        by_link_id=by.link_id,
    )
    db.session.add(submission)
    db.session.flush()
    for task in tasks_of(group):
        if task.state in OUTSTANDING:
            _claim(task, report.claims[task.id], submission, approval=approval, today=day_of(now))
    if not approval and not REPORTING.isdisjoint(report.claims.values()):
        submission.approved_at = now
    _tick(group, report.steps_done, now)
    journal.record(
        "group.reported",
        "submission",
        submission.id,
        now=now,
        by=by,
        item=group.item_id,
        division=group.division_id,
        quarter=group.quarter,
        claims={str(task_id): str(word) for task_id, word in sorted(report.claims.items())},
    )
    return submission


def _claim(task: Task, word: ClaimWord, submission: Submission, *, approval: bool, today: date) -> None:
    db.session.add(Claim(submission_id=submission.id, task_id=task.id, word=word))
    if word is ClaimWord.COMPLETE:
        later = _later(task)
        for other, state in zip(later, later_after_complete([row.state for row in later]), strict=True):
            other.state = state
    task.state = claim_rules.state_after_claim(task.state, word, task.completion, approval)
    if task.state in {TaskState.SUBMITTED, TaskState.APPROVED} and task.first_submitted_on is None:
        task.first_submitted_on = today
        task.on_time = on_time(today, task.due_on)


def _later(task: Task) -> list[Task]:
    """The tasks of the same measure and division in later quarters."""
    return list(
        db.session.scalars(
            select(Task)
            .where(
                Task.measure_id == task.measure_id,
                Task.division_id == task.division_id,
                Task.quarter > task.quarter,
            )
            .order_by(Task.quarter)
        )
    )


def _tick(group: Group, steps_done: frozenset[int], now: datetime) -> None:
    steps = set(
        db.session.scalars(select(Step.id).where(Step.item_id == group.item_id, Step.removed_in.is_(None)))
    )
    ticks = {
        tick.step_id: tick
        for tick in db.session.scalars(
            select(StepTick).where(StepTick.division_id == group.division_id, StepTick.step_id.in_(steps))
        )
    }
    for step_id in steps:
        if step_id in steps_done and step_id not in ticks:
            db.session.add(StepTick(step_id=step_id, division_id=group.division_id, ticked_at=now))
        elif step_id not in steps_done and step_id in ticks:
            db.session.delete(ticks[step_id])


def approve(group: Group, *, now: datetime, by: Actor) -> int:
    """Approve the group's submitted tasks; returns how many. Own work is allowed and marked."""
    tasks = _movable(group, Deed.APPROVE)
    attempts = _attempts_of(tasks)
    with kept(Deed.APPROVE, tasks, attempts, now=now, by=by):
        for attempt in attempts:
            attempt.approved_at = now
            attempt.self_approved = by.user_id is not None and by.user_id == attempt.by_user_id
        for task in tasks:
            task.state = state_after(Deed.APPROVE, task.state)
    journal.record(
        "group.approved", "submission", attempts[-1].id, now=now, by=by, tasks=[task.id for task in tasks]
    )
    return len(tasks)


def send_back(group: Group, note: str, *, now: datetime, by: Actor) -> int:
    """Send the group's submitted tasks back with a note; returns how many. A mail tells, in a pause the next digest."""
    tasks = _movable(group, Deed.SEND_BACK)
    note = clean_lines(note)
    if not note:
        raise FieldsRefused({"note": Message("กรุณาเขียนว่าต้องแก้ไขอะไร")})
    attempts = _attempts_of(tasks)
    submission = attempts[-1]
    with kept(Deed.SEND_BACK, _with_later(tasks), attempts, now=now, by=by) as mails:
        for attempt in attempts:
            attempt.returned_note, attempt.returned_at = note, now
        _return(tasks, Deed.SEND_BACK, today=day_of(now))
        post = head_reached(group.division_id, day_of(now))
        # A pause of the form alone holds its stages, no decisions.
        if post is not None and not held_on(day_of(now)).hold("", post.position_id):
            mails.append(_tell(post, group, submission, note, tasks, now=now))
    told = {"tasks": [task.id for task in tasks]} | ({} if mails else {"held": True})
    journal.record("group.sent_back", "submission", submission.id, now=now, by=by, **told)
    return len(tasks)


def withdraw(group: Group, *, now: datetime, by: Actor) -> int:
    """Take back the group's submitted tasks before they are approved; returns how many. Due days stay."""
    tasks = _movable(group, Deed.WITHDRAW)
    for task in tasks:
        task.state = state_after(Deed.WITHDRAW, task.state)
        _restore_later(task, today=day_of(now))
    journal.record("group.withdrawn", "task", tasks[0].id, now=now, by=by, tasks=[task.id for task in tasks])
    return len(tasks)


def reopen(group: Group, reason: str, *, now: datetime, by: Actor) -> int:
    """Reopen the group's approved tasks with a reason; returns how many."""
    tasks = _movable(group, Deed.REOPEN)
    reason = _reason(reason)
    with kept(Deed.REOPEN, _with_later(tasks), [], now=now, by=by):
        _return(tasks, Deed.REOPEN, today=day_of(now))
        for task in tasks:
            task.reason = reason
    journal.record("group.reopened", "task", tasks[0].id, now=now, by=by, tasks=[task.id for task in tasks])
    return len(tasks)


def move_due_day(group: Group, due_on: date, reason: str, *, now: datetime, by: Actor) -> int:
    """Give the group's outstanding tasks another due day, with a reason; returns how many."""
    tasks = _movable(group, Deed.MOVE_DUE_DAY)
    reason = _reason(reason)
    with kept(Deed.MOVE_DUE_DAY, tasks, [], now=now, by=by):
        for task in tasks:
            task.due_on, task.due_set_on, task.reason = due_on, day_of(now), reason
            task.due_version += 1
    told = {"due_on": due_on.isoformat(), "tasks": [task.id for task in tasks]}
    journal.record("group.due_day_moved", "task", tasks[0].id, now=now, by=by, **told)
    return len(tasks)


def cancel(task: Task, reason: str, *, now: datetime, by: Actor) -> None:
    """Cancel one task with a reason, which the report prints."""
    reason = _reason(reason)
    _require_running(task.plan_id)
    with kept(Deed.CANCEL, [task], [], now=now, by=by):
        task.state, task.reason = state_after(Deed.CANCEL, task.state), reason
    journal.record("task.cancelled", "task", task.id, now=now, by=by)


def withdraw_evidence(evidence: Evidence, reason: str, *, now: datetime, by: Actor) -> int:
    """Withdraw an evidence; tasks that were completed on it alone go back. Returns how many went back.

    A closed plan's tasks stay as they were reported.
    """
    reason = _reason(reason)
    if evidence.withdrawn_at is not None:
        raise Refused("หลักฐานนี้ถูกถอนไปแล้ว")
    evidence.withdrawn_at, evidence.withdrawn_reason = now, reason
    db.session.flush()
    returned = 0
    uses = db.session.scalars(select(EvidenceUse).where(EvidenceUse.evidence_id == evidence.id)).all()
    for use in uses:
        group = Group(use.item_id, use.division_id, use.quarter)
        submission = latest_submission(group)
        if evidence_of(group) or submission is None or submission.no_evidence_reason:
            continue
        tasks = [task for task in tasks_of(group) if _rests_on_evidence(task)]
        if not tasks or not _running(tasks[0].plan_id):
            continue
        _return(tasks, Deed.LOSE_EVIDENCE, today=day_of(now))
        returned += len(tasks)
    journal.record("evidence.withdrawn", "evidence", evidence.id, now=now, by=by, returned=returned)
    return returned


def _rests_on_evidence(task: Task) -> bool:
    """Whether the task was reported as completed: only that needs evidence."""
    return can(Deed.LOSE_EVIDENCE, task.state) and _latest_word(task) is ClaimWord.COMPLETE


def _attempts_of(tasks: Sequence[Task]) -> list[Submission]:
    """The attempts in which these tasks were last claimed, oldest first."""
    latest = (
        select(func.max(Claim.submission_id))
        .where(Claim.task_id.in_([task.id for task in tasks]))
        .group_by(Claim.task_id)
    )
    return list(
        db.session.scalars(select(Submission).where(Submission.id.in_(latest)).order_by(Submission.number))
    )


def _movable(group: Group, deed: Deed) -> list[Task]:
    """The group's tasks whose state allows the deed; Refused with the state's sentence where none does."""
    tasks = tasks_of(group)
    _require_running(tasks[0].plan_id)
    movable = [task for task in tasks if can(deed, task.state)]
    if not movable:
        state_after(deed, tasks[0].state)
    return movable


def _with_later(tasks: Sequence[Task]) -> list[Task]:
    """The tasks and the later ones of their measures, which may come back with them."""
    return [*tasks, *(later for task in tasks for later in _later(task))]


def _return(tasks: Sequence[Task], deed: Deed, *, today: date) -> None:
    """Give tasks back to their division: more time, and later tasks that an early completion had closed."""
    calendar = working_calendar()
    for task in tasks:
        task.state = state_after(deed, task.state)
        _give_time(task, today, calendar)
        _restore_later(task, today=today)


def _give_time(task: Task, today: date, calendar: Calendar) -> None:
    task.due_on, task.due_set_on = due_after_send_back(task.due_on, today, calendar), today
    task.due_version += 1


def _restore_later(task: Task, *, today: date) -> None:
    """Bring back the later tasks that an early completion had closed; nobody owed them until now."""
    if _latest_word(task) is not ClaimWord.COMPLETE:
        return
    calendar = working_calendar()
    for other in _later(task):
        if can(Deed.RESTORE, other.state):
            other.state = state_after(Deed.RESTORE, other.state)
            _give_time(other, today, calendar)


def _latest_word(task: Task) -> ClaimWord | None:
    return db.session.scalars(
        select(Claim.word).where(Claim.task_id == task.id).order_by(Claim.id.desc()).limit(1)
    ).one_or_none()


def _tell(
    post: Post, group: Group, submission: Submission, note: str, tasks: Sequence[Task], *, now: datetime
) -> OutgoingMail:
    assert post.address is not None
    organisation = current_organisation()
    words = mail.render(
        "returned",
        post.language,
        organisation=organisation.name,
        position=post.title,
        division=submission.division.name,
        heading=tasks[0].measure.title,
        quarter=group.quarter,
        note=note,
        due_on=tasks[0].due_on,
        url=links.form_address(post, group, now=now),
    )
    return mail.enqueue(
        "returned",
        (post.address, post.title),
        words,
        f"returned:{submission.id}:{tasks[0].due_version}",
        now=now,
        next_at=now + UNDO,
    )


def _running(plan_id: int) -> bool:
    return db.session.scalars(select(Plan.state).where(Plan.id == plan_id)).one() is PlanState.ADOPTED


def _require_running(plan_id: int) -> None:
    if not _running(plan_id):
        raise Refused("แผนของปีนี้ปิดแล้ว จึงแก้ไขงานไม่ได้")


def _reason(text: str) -> str:
    text = clean_lines(text)
    if not text:
        raise FieldsRefused({"reason": Message("กรุณาระบุเหตุผล")})
    return text
