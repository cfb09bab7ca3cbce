"""Each minute: settle the follow-ups that approved tasks have answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from jobs.remind import organisation_ids
from tracker.actions import following
from tracker.database import db, organisation_scope, writing
from tracker.models import Plan, PlanState
from tracker.rules.permissions import SYSTEM


def follow(now: datetime) -> int:
    """Settle what needs no prompt, in every organisation; returns how many follow-ups were settled."""
    settled = 0
    for organisation_id in organisation_ids():
        with organisation_scope(organisation_id), writing():
            for plan in db.session.scalars(select(Plan).where(Plan.state == PlanState.ADOPTED)):
                settled += following.settle_answered(plan, now=now, by=SYSTEM)
    return settled
