"""Each hour: forget what is over, such as ended sessions and old failed tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from tracker.database import across_organisations, db, writing
from tracker.models import Throttle, WebSession

KEPT = timedelta(days=30)


def clean_up(now: datetime) -> int:
    """Delete sessions that ended and tries that failed 30 days ago; returns how many rows went."""
    with across_organisations("removing what is over"), writing():
        sessions = db.session.execute(delete(WebSession).where(WebSession.expires_at < now - KEPT))
        tries = db.session.execute(delete(Throttle).where(Throttle.since_at < now - KEPT))
    return int(sessions.rowcount + tries.rowcount)  # type: ignore[attr-defined]
