"""Takes back the mails that wait for an address at which no position is reached any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from tracker import mail
from tracker.database import db
from tracker.decisions import UNDO
from tracker.models import MailState, OutgoingMail
from tracker.people import posts_on
from tracker.rules.moments import day_of

# What tells a position of its work; the links in it are over once the position is reached elsewhere.
_KINDS = ("digest", "returned", "link")
_WAITING = select(
    OutgoingMail.id,
    OutgoingMail.to_address,
    OutgoingMail.attempts,
    OutgoingMail.created_at,
    OutgoingMail.next_at,
).where(
    OutgoingMail.state == MailState.QUEUED,
    OutgoingMail.kind.in_(_KINDS),
    # A doubtful copy may have arrived: it is no longer ours to cancel.
    OutgoingMail.ambiguous == 0,
)


def any_misdirected(*, now: datetime) -> bool:
    """Whether there is something to take back in the organisation; reads only."""
    return bool(_misdirected(now))


def take_back_misdirected(*, now: datetime) -> int:
    """Cancel those mails and forget that their stages were told; returns how many. The caller commits.

    The next planning tells whoever holds the positions now. What a person has put back into the outbox goes.
    """
    ids = _misdirected(now, lock=True)
    mail.take_back(ids)
    return len(ids)


def _misdirected(now: datetime, lock: bool = False) -> list[int]:
    waiting = db.session.execute(_WAITING.with_for_update() if lock else _WAITING).all()
    if not waiting:
        return []
    posts = posts_on(day_of(now)).values()
    reached = {post.address.lower() for post in posts if post.address is not None}
    return [
        row.id
        for row in waiting
        if row.to_address.lower() not in reached and (row.attempts or row.next_at <= row.created_at + UNDO)
    ]
