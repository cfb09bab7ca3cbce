"""Each minute: decide and write the reminders of every organisation that are due today."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tracker.actions import reminding
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.models import Kind, Organisation


def organisation_ids() -> list[int]:
    """Every organisation that has people to remind."""
    with across_organisations("listing organisations for the jobs"):
        ids = list(
            db.session.scalars(
                select(Organisation.id).where(Organisation.kind != Kind.SYSTEM).order_by(Organisation.id)
            )
        )
    db.session.rollback()
    return ids


def remind(now: datetime) -> int:
    """Plan today's digests for every organisation; returns how many mails were put into the outbox."""
    mails = 0
    for organisation_id in organisation_ids():
        with organisation_scope(organisation_id), writing():
            mails += len(reminding.plan_day(now=now).digests)
    return mails
