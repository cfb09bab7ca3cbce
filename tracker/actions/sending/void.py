"""Finds the digests that waited and have become void: everything they ask for is done by now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select, tuple_, update

from tracker.database import db
from tracker.models import (
    FollowUp,
    FollowUpState,
    Outcome,
    OutgoingMail,
    Plan,
    PlanState,
    Reminder,
    Round,
    Task,
)
from tracker.rules.states import OUTSTANDING

DONE_MEANWHILE = "done meanwhile"


def cancel_void(mails: Sequence[OutgoingMail]) -> set[int]:
    """Mark the ledger rows of the digests that are void as cancelled; returns the ids of those mails.

    A digest is void when every subject it tells of is a group without outstanding tasks or a follow-up that no
    longer waits. One line that still holds keeps the whole digest: its text is written.
    """
    subjects: dict[int | None, set[str]] = defaultdict(set)
    rows = db.session.execute(
        select(Reminder.mail_id, Reminder.subject).where(
            Reminder.mail_id.in_([mail.id for mail in mails]), Reminder.outcome == Outcome.ENQUEUED
        )
    )
    for mail_id, subject in rows:
        subjects[mail_id].add(subject)
    holds = _holding({subject for told in subjects.values() for subject in told})
    void = {mail_id for mail_id, told in subjects.items() if mail_id is not None and told.isdisjoint(holds)}
    if void:
        db.session.execute(
            update(Reminder)
            .where(Reminder.mail_id.in_(void), Reminder.outcome == Outcome.ENQUEUED)
            .values(outcome=Outcome.CANCELLED, reason=DONE_MEANWHILE)
            .execution_options(synchronize_session=False)
        )
    return void


def _holding(subjects: set[str]) -> set[str]:
    """Those of the subjects that still ask for something; what is no work (news, approvals) always does."""
    groups, follow_ups, others = set(), set(), set()
    for subject in subjects:
        match subject.split(":"):
            case ["group", item_id, division_id, quarter]:
                groups.add((int(item_id), int(division_id), int(quarter)))
            case ["follow-up", follow_up_id]:
                follow_ups.add(int(follow_up_id))
            case _:
                others.add(subject)
    place = (Task.item_id, Task.division_id, Task.quarter)
    open_groups = db.session.execute(
        select(*place)
        .join(Plan, Plan.id == Task.plan_id)
        .where(tuple_(*place).in_(groups), Task.state.in_(OUTSTANDING), Plan.state == PlanState.ADOPTED)
        .distinct()
    )
    waiting = db.session.scalars(
        select(FollowUp.id)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            FollowUp.id.in_(follow_ups),
            FollowUp.state == FollowUpState.WAITING,
            Plan.state == PlanState.ADOPTED,
        )
    )
    return (
        others
        | {f"group:{item_id}:{division_id}:{quarter}" for item_id, division_id, quarter in open_groups}
        | {f"follow-up:{follow_up_id}" for follow_up_id in waiting}
    )
