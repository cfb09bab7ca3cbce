"""Each hour: forget what is over, such as ended sessions and old failed tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from tracker.database import across_organisations, db, writing
from tracker.models import LinkPress, Throttle, WebSession

KEPT = timedelta(days=30)


def clean_up(now: datetime) -> int:
    """Delete sessions that ended, tries that failed and keys of links' forms used 30 days ago; returns how many."""
    with across_organisations("removing what is over"), writing():
        sessions = db.session.execute(delete(WebSession).where(WebSession.expires_at < now - KEPT))
        tries = db.session.execute(delete(Throttle).where(Throttle.since_at < now - KEPT))
        presses = db.session.execute(delete(LinkPress).where(LinkPress.at < now - KEPT))
    return int(sessions.rowcount + tries.rowcount + presses.rowcount)  # type: ignore[attr-defined]
