"""Each minute: settle the follow-ups that approved tasks have answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from jobs.remind import for_each_organisation
from tracker.actions import following
from tracker.database import db, writing
from tracker.models import Plan, PlanState
from tracker.rules.permissions import SYSTEM


def follow(now: datetime) -> int:
    """Settle what needs no prompt, in every organisation; returns how many follow-ups were settled."""
    return for_each_organisation(lambda: _settle(now))


def _settle(now: datetime) -> int:
    with writing():
        plans = db.session.scalars(select(Plan).where(Plan.state == PlanState.ADOPTED)).all()
        return sum(following.settle_answered(plan, now=now, by=SYSTEM) for plan in plans)
