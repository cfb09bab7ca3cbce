"""The unanswered follow-ups of a division that is merged: whole ones move, lines join those the successor has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from tracker.database import db
from tracker.models import (
    Division,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Plan,
    PlanState,
    Reminder,
    Round,
)

_TEXTS = ("result", "outcome", "problems", "suggestions")


def waiting_of(old: Division) -> Sequence[FollowUp]:
    """Its follow-ups of plans in force that wait for an answer, the round that is due first at the head."""
    return db.session.scalars(
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            FollowUp.division_id == old.id,
            FollowUp.state == FollowUpState.WAITING,
            Plan.state == PlanState.ADOPTED,
        )
        .order_by(Round.due_on, FollowUp.id)
    ).all()


def hand_over_questions(old: Division, successor: Division) -> list[int]:
    """Let the successor be asked what the old division was asked; returns the ids of the follow-ups.

    A successor that has answered the round is asked again only where there is something it has not told of.
    """
    moved = waiting_of(old)
    for follow_up in moved:
        own = db.session.scalars(
            select(FollowUp).where(
                FollowUp.round_id == follow_up.round_id, FollowUp.division_id == successor.id
            )
        ).one_or_none()
        if own is None:
            follow_up.division_id = successor.id
        else:
            _join(follow_up, own)
    ids = [follow_up.id for follow_up in moved]
    db.session.flush()
    return ids


def _join(follow_up: FollowUp, own: FollowUp) -> None:
    """Put its lines into the successor's follow-up of the same round; nothing that was written is lost."""
    lines = {line.measure_id: line for line in _lines(own)}
    for line in _lines(follow_up):
        there = lines.get(line.measure_id)
        if there is None:
            line.follow_up_id = own.id
            own.state = FollowUpState.WAITING
            continue
        if _written(line):
            for name in _TEXTS:
                texts = [text for text in (getattr(there, name), getattr(line, name)) if text]
                setattr(there, name, "\n".join(dict.fromkeys(texts)))
            there.completion = there.completion or line.completion
            own.state = FollowUpState.WAITING
        db.session.delete(line)
    own.prompts = own.prompts or follow_up.prompts
    db.session.flush()
    subject = f"follow-up:{follow_up.id}"
    if db.session.scalars(select(Reminder.id).where(Reminder.subject == subject).limit(1)).first():
        # The ledger knows it by its id.
        follow_up.state = FollowUpState.ANSWERED
    else:
        db.session.delete(follow_up)
    db.session.flush()


def _lines(follow_up: FollowUp) -> Sequence[FollowUpAnswer]:
    return db.session.scalars(
        select(FollowUpAnswer).where(FollowUpAnswer.follow_up_id == follow_up.id).order_by(FollowUpAnswer.id)
    ).all()


def _written(line: FollowUpAnswer) -> bool:
    return line.completion is not None or any(getattr(line, name) for name in _TEXTS)
