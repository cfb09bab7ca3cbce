"""Gives a division's due days an address for calendar programs, and takes it away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select

from tracker import journal
from tracker.access import new_token
from tracker.database import db
from tracker.models import CalendarFeed, Division
from tracker.rules.permissions import Actor


def current(division_id: int) -> CalendarFeed | None:
    """The feed of the division that can be read."""
    return db.session.scalars(
        select(CalendarFeed)
        .where(CalendarFeed.division_id == division_id, CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id.desc())
        .limit(1)
    ).one_or_none()


def is_open() -> ColumnElement[bool]:
    """Whether the division of a query has a feed that can be read."""
    return exists(
        select(CalendarFeed.id).where(
            CalendarFeed.division_id == Division.id, CalendarFeed.revoked_at.is_(None)
        )
    )


def open_feed(division_id: int, *, now: datetime, by: Actor) -> str:
    """The token of a new feed; the one before it ends."""
    end_feed(division_id, now=now, by=by)
    token, hashed = new_token()
    feed = CalendarFeed(division_id=division_id, token_hash=hashed, created_at=now, by_user_id=by.user_id)
    db.session.add(feed)
    db.session.flush()
    journal.record("calendar_feed.opened", "calendar_feed", feed.id, now=now, by=by, division=division_id)
    return token


def end_feed(division_id: int, *, now: datetime, by: Actor) -> bool:
    """Let nobody read the division's feed any more; whether there was one."""
    feed = current(division_id)
    if feed is None:
        return False
    feed.revoked_at = now
    db.session.flush()
    journal.record("calendar_feed.ended", "calendar_feed", feed.id, now=now, by=by, division=division_id)
    return True
