"""Stops all senders while the mail server refuses us, and lets them go on when it does no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from tracker.database import db
from tracker.extensions import settings
from tracker.models import Relay
from tracker.smtp import NoServer, NotAdmitted, told

MOST_REFUSALS = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True)
class RelayPause:
    """Nothing is sent until `until`; the server has refused us since `since`, the last time with `answer`."""

    until: datetime
    since: datetime
    answer: str


def relay_pause(*, now: datetime) -> RelayPause | None:
    """The pause of the whole queue, or None while mails may go out; reads only."""
    row = db.session.scalars(select(Relay)).one()
    if row.server != _server() or row.paused_until is None or row.since_at is None or row.paused_until <= now:
        return None
    return RelayPause(row.paused_until, row.since_at, row.answer)


def note_refusal(failure: NoServer, *, now: datetime) -> None:
    """Count it; the fifth in a row, or a single one for our credentials, pauses the queue of all senders.

    After the pause each sender tries one mail: the next refusal begins a longer pause.
    """
    row = db.session.scalars(select(Relay).with_for_update().execution_options(populate_existing=True)).one()
    if row.server != _server():
        row.server, row.refusals, row.since_at = _server(), 0, None
    row.refusals += 1
    row.since_at = row.since_at or now
    row.answer = told(failure.__cause__ or failure)
    if isinstance(failure, NotAdmitted):
        # A server may lock an account that tries often.
        row.paused_until = now + LONGEST_PAUSE
    elif row.refusals >= MOST_REFUSALS:
        more = min(row.refusals - MOST_REFUSALS, 10)
        row.paused_until = now + min(FIRST_PAUSE * 2**more, LONGEST_PAUSE)


def note_welcome() -> None:
    """Forget the refusals: the server has dealt with a mail."""
    db.session.execute(
        update(Relay)
        .where(Relay.refusals > 0)
        .values(refusals=0, since_at=None, paused_until=None, answer="")
        .execution_options(synchronize_session=False)
    )


def _server() -> str:
    """Which server the refusals are about: with other settings they are forgotten."""
    config = settings()
    return f"{config.smtp_user}@{config.smtp_host}:{config.smtp_port}"
