"""Moves tasks: a division reports a group, the coordinator approves or sends it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from tracker import journal, links, mail
from tracker.actions.progress.losing import take_off, withdraw_evidence
from tracker.actions.progress.returning import (
    later_of,
    next_version,
    reason_of,
    require_running,
    restore_later,
    return_tasks,
)
from tracker.calendar import held_on
from tracker.database import current_organisation, current_organisation_id, db
from tracker.decisions import UNDO, kept
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group, evidence_of, latest_submission, tasks_of
from tracker.models import (
    Claim,
    Organisation,
    Step,
    StepTick,
    Submission,
    Task,
    User,
)
from tracker.people import Post, head_of, posts_on, reached
from tracker.rules import claims as claim_rules
from tracker.rules.claims import REPORTING, Answers
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import (
    OUTSTANDING,
    Deed,
    TaskState,
    can,
    later_after_complete,
    on_time,
    state_after,
)
from tracker.rules.thai import clean_lines

__all__ = [
    "GroupReport",
    "approval_on",
    "approve",
    "cancel",
    "check",
    "move_due_day",
    "reopen",
    "report_group",
    "send_back",
    "take_off",
    "withdraw",
    "withdraw_evidence",
]  # fmt: skip


@dataclass(frozen=True)
class GroupReport:
    """What a division fills in for a group; `claims` by task id, `steps_done` are step ids."""

    result: str = ""
    problems: str = ""
    suggestions: str = ""
    no_evidence_reason: str = ""
    claims: Mapping[int, ClaimWord] = field(default_factory=dict)
    steps_done: frozenset[int] = frozenset()


_APPROVAL = select(
    Organisation.approval, select(func.count(User.id)).where(User.active).scalar_subquery()
).where(Organisation.id == bindparam("organisation_id"))


def approval_on() -> bool:
    """Whether submissions wait for approval; off by default where the organisation has one user."""
    chosen, number = db.session.execute(_APPROVAL, {"organisation_id": current_organisation_id()}).one()
    return bool(number > 1 if chosen is None else chosen)


def check(group: Group, report: GroupReport, new_evidence: int) -> None:
    """Raise FieldsRefused naming each field that lacks something; fields of claims are "claim-<task id>"."""
    tasks = tasks_of(group)
    require_running(tasks[0].plan_id)
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
            word, answers, completion=task.completion, later=[other.state for other in later_of(task)]
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
        later = later_of(task)
        for other, state in zip(later, later_after_complete([row.state for row in later]), strict=True):
            other.state = state
    task.state = claim_rules.state_after_claim(task.state, word, task.completion, approval)
    if task.state in {TaskState.SUBMITTED, TaskState.APPROVED} and task.first_submitted_on is None:
        task.first_submitted_on = today
        task.on_time = on_time(today, task.due_on)


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
        return_tasks(tasks, Deed.SEND_BACK, today=day_of(now))
        posts = posts_on(day_of(now))
        head = head_of(posts.values(), group.division_id)
        post = reached(posts, head)
        # A pause of the form alone holds its stages, no decisions.
        if head and post and not held_on(day_of(now)).hold("", head.position_id, post.position_id):
            mails.append(_tell(post, group, submission, note, tasks, now=now))
    told = {"tasks": [task.id for task in tasks]} | ({} if mails else {"held": True})
    journal.record("group.sent_back", "submission", submission.id, now=now, by=by, **told)
    return len(tasks)


def withdraw(group: Group, *, now: datetime, by: Actor) -> int:
    """Take back the group's submitted tasks before they are approved; returns how many. Due days stay."""
    tasks = _movable(group, Deed.WITHDRAW)
    for task in tasks:
        task.state = state_after(Deed.WITHDRAW, task.state)
        restore_later(task, today=day_of(now))
    journal.record("group.withdrawn", "task", tasks[0].id, now=now, by=by, tasks=[task.id for task in tasks])
    return len(tasks)


def reopen(group: Group, reason: str, *, now: datetime, by: Actor) -> int:
    """Reopen the group's approved tasks with a reason; returns how many."""
    tasks = _movable(group, Deed.REOPEN)
    reason = reason_of(reason)
    with kept(Deed.REOPEN, _with_later(tasks), [], now=now, by=by):
        return_tasks(tasks, Deed.REOPEN, today=day_of(now))
        for task in tasks:
            task.reason = reason
    journal.record("group.reopened", "task", tasks[0].id, now=now, by=by, tasks=[task.id for task in tasks])
    return len(tasks)


def move_due_day(group: Group, due_on: date, reason: str, *, now: datetime, by: Actor) -> int:
    """Give the group's outstanding tasks another due day, with a reason; returns how many."""
    tasks = _movable(group, Deed.MOVE_DUE_DAY)
    reason = reason_of(reason)
    version = next_version(tasks[0])
    with kept(Deed.MOVE_DUE_DAY, tasks, [], now=now, by=by):
        for task in tasks:
            task.due_on, task.due_set_on, task.reason = due_on, day_of(now), reason
            task.due_version = version
    told = {"due_on": due_on.isoformat(), "tasks": [task.id for task in tasks]}
    journal.record("group.due_day_moved", "task", tasks[0].id, now=now, by=by, **told)
    return len(tasks)


def cancel(task: Task, reason: str, *, now: datetime, by: Actor) -> None:
    """Cancel one task with a reason, which the report prints."""
    reason = reason_of(reason)
    require_running(task.plan_id)
    with kept(Deed.CANCEL, [task], [], now=now, by=by):
        task.state, task.reason = state_after(Deed.CANCEL, task.state), reason
    journal.record("task.cancelled", "task", task.id, now=now, by=by)


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
    require_running(tasks[0].plan_id)
    movable = [task for task in tasks if can(deed, task.state)]
    if not movable:
        state_after(deed, tasks[0].state)
    return movable


def _with_later(tasks: Sequence[Task]) -> list[Task]:
    """The tasks and the later ones of their measures, which may come back with them."""
    return [*tasks, *(later for task in tasks for later in later_of(task))]


def _tell(
    post: Post, group: Group, submission: Submission, note: str, tasks: Sequence[Task], *, now: datetime
) -> int:
    assert post.address is not None
    organisation = current_organisation()
    url, until = links.form_address(post, group, now=now)
    words = mail.render(
        "returned",
        post.language,
        organisation=organisation.name,
        contact=organisation.contact,
        position=post.title,
        division=submission.division.name,
        heading=tasks[0].measure.title,
        quarter=group.quarter,
        note=note,
        due_on=tasks[0].due_on,
        url=url,
        until=until,
    )
    return mail.enqueue(
        "returned",
        (post.address, post.title),
        words,
        f"returned:{submission.id}:{tasks[0].due_version}",
        now=now,
        next_at=now + UNDO,
    )
