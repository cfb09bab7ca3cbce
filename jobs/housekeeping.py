"""Each hour: forget what is over, such as ended sessions and old failed tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from tracker.database import across_organisations, db, writing
from tracker.models import Decision, LinkPress, Throttle, WebSession

KEPT = timedelta(days=30)


def clean_up(now: datetime) -> int:
    """Delete what was over 30 days ago; returns how many rows went.

    That is sessions that ended, tries that failed, decisions that stood, and keys of links' forms that were used.
    """
    over = now - KEPT
    rows = (
        delete(WebSession).where(WebSession.expires_at < over),
        delete(Throttle).where(Throttle.since_at < over),
        delete(Decision).where(Decision.at < over),
        delete(LinkPress).where(LinkPress.at < over),
    )
    with across_organisations("removing what is over"), writing():
        return sum(db.session.execute(row).rowcount for row in rows)  # type: ignore[attr-defined]
