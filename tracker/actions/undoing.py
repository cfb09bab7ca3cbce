"""Takes decisions back within ten minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from tracker import journal
from tracker.calendar import reminding_times
from tracker.database import db
from tracker.decisions import UNDO, columns_of, put_back_attempt, put_back_task
from tracker.errors import Refused
from tracker.models import Decision, MailState, OutgoingMail, Plan, PlanState, Submission, Task
from tracker.rules.permissions import Actor
from tracker.rules.reminders import told_from


def latest(*, now: datetime, by: Actor) -> Sequence[Decision]:
    """The person's last decisions, made in one press, as long as they can be taken back."""
    own = (
        select(Decision)
        .where(Decision.by_user_id == by.user_id, Decision.undone_at.is_(None), Decision.at > now - UNDO)
        .order_by(Decision.at.desc(), Decision.id)
    )
    found = db.session.scalars(own).all()
    return [decision for decision in found if decision.at == found[0].at]


def undo(at: datetime, *, now: datetime, by: Actor) -> int:
    """Take back the person's decisions of this moment, all or none; returns the number of tasks put back.

    Refused where ten minutes have passed, or a task or the mail about it has moved on.
    """
    decisions = [decision for decision in latest(now=now, by=by) if decision.at == at]
    if not decisions:
        raise Refused("เลิกทำได้ภายใน 10 นาทีหลังจากกดเท่านั้น")
    return sum(_take_back(decision, now, by) for decision in decisions)


def _take_back(decision: Decision, now: datetime, by: Actor) -> int:
    told_until = told_from(now, reminding_times()[0]) - timedelta(days=1)
    tasks = {
        task.id: task
        for task in db.session.scalars(select(Task).where(Task.id.in_(map(int, decision.tasks))))
    }
    for task_id, columns in decision.tasks.items():
        task = tasks[int(task_id)]
        if columns_of(task) != columns["after"]:
            raise Refused("“%(title)s” เปลี่ยนไปแล้วหลังจากนั้น จึงเลิกทำไม่ได้", title=task.measure.title)
        if (
            db.session.scalars(select(Plan.state).where(Plan.id == task.plan_id)).one()
            is not PlanState.ADOPTED
        ):
            raise Refused("แผนของปีนี้ปิดแล้ว จึงแก้ไขงานไม่ได้")
        put_back_task(task, columns["before"], told_until)
    for attempt in db.session.scalars(
        select(Submission).where(Submission.id.in_(map(int, decision.attempts)))
    ):
        put_back_attempt(attempt, decision.attempts[str(attempt.id)])
    if decision.mail_id is not None:
        _stop(decision.mail_id)
    decision.undone_at = now
    journal.record(
        "decision.undone", "decision", decision.id, now=now, by=by,
        undone=decision.deed.value, tasks=sorted(tasks),
    )  # fmt: skip
    return len(tasks)


def _stop(mail_id: int) -> None:
    stopped = db.session.execute(
        update(OutgoingMail)
        # It was cancelled already where the account that it was for has been closed.
        .where(OutgoingMail.id == mail_id, OutgoingMail.state.in_((MailState.QUEUED, MailState.CANCELLED)))
        .values(state=MailState.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    if not stopped.rowcount:  # type: ignore[attr-defined]
        raise Refused("จดหมายถึงกองออกไปแล้ว จึงเลิกทำไม่ได้")
