"""Takes evidence back: an evidence from all that it proves, or one group from what proves it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.progress.returning import latest_word, reason_of, return_tasks, running
from tracker.database import db
from tracker.errors import NotFound, Refused
from tracker.groups import Group, evidence_of, latest_submission, tasks_of
from tracker.models import Evidence, EvidenceRemoval, EvidenceUse, Task
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import Deed, can


def withdraw_evidence(evidence: Evidence, reason: str, *, now: datetime, by: Actor) -> int:
    """Withdraw an evidence; tasks that were completed on it alone go back. Returns how many went back.

    A closed plan's tasks stay as they were reported.
    """
    reason = reason_of(reason)
    if evidence.withdrawn_at is not None:
        raise Refused("หลักฐานนี้ถูกถอนไปแล้ว")
    evidence.withdrawn_at, evidence.withdrawn_reason = now, reason
    db.session.flush()
    uses = db.session.scalars(select(EvidenceUse).where(EvidenceUse.evidence_id == evidence.id)).all()
    returned = sum(_return_unproved(Group(use.item_id, use.division_id, use.quarter), now) for use in uses)
    journal.record("evidence.withdrawn", "evidence", evidence.id, now=now, by=by, returned=returned)
    return returned


def take_off(evidence: Evidence, group: Group, reason: str, *, now: datetime, by: Actor) -> int:
    """Let an evidence prove this group no more; its tasks that were completed on it alone go back.

    Returns how many went back. FieldsRefused without a reason; Refused where it proves nothing else, or the year
    is closed.
    """
    uses = {
        Group(use.item_id, use.division_id, use.quarter): use
        for use in db.session.scalars(select(EvidenceUse).where(EvidenceUse.evidence_id == evidence.id))
    }
    if group not in uses:
        raise NotFound("หลักฐานนี้ไม่ได้ใช้กับงานนี้")
    reason = reason_of(reason)
    if evidence.withdrawn_at is not None or evidence.newer_id is not None:
        raise Refused("หลักฐานนี้ถอนแล้วหรือมีฉบับใหม่กว่า")
    if len(uses) == 1:
        raise Refused("หลักฐานนี้ใช้กับงานนี้เรื่องเดียว ถอนหลักฐานทั้งฉบับแทน")
    if not running(tasks_of(group)[0].plan_id):
        raise Refused("แผนของปีนี้ปิดแล้ว จึงแก้ไขงานไม่ได้")
    db.session.delete(uses[group])
    db.session.add(
        EvidenceRemoval(
            evidence_id=evidence.id,
            item_id=group.item_id,
            division_id=group.division_id,
            quarter=group.quarter,
            reason=reason,
            at=now,
            by_user_id=by.user_id,
        )
    )
    db.session.flush()
    returned = _return_unproved(group, now)
    journal.record(
        "evidence.taken_off", "evidence", evidence.id, now=now, by=by, group=group.subject, returned=returned
    )
    return returned


def _return_unproved(group: Group, now: datetime) -> int:
    """Send back the group's tasks that were completed, where nothing proves them any more; returns how many."""
    submission = latest_submission(group)
    if evidence_of(group) or submission is None or submission.no_evidence_reason:
        return 0
    tasks = [task for task in tasks_of(group) if _rests_on_evidence(task)]
    if not tasks or not running(tasks[0].plan_id):
        return 0
    return_tasks(tasks, Deed.LOSE_EVIDENCE, today=day_of(now))
    return len(tasks)


def _rests_on_evidence(task: Task) -> bool:
    """Whether the task was reported as completed: only that needs evidence."""
    return can(Deed.LOSE_EVIDENCE, task.state) and latest_word(task) is ClaimWord.COMPLETE
