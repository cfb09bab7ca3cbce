"""Each hour: forget what is over, such as ended sessions and old failed tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from tracker.actions import rendering
from tracker.database import across_organisations, db, writing
from tracker.models import (
    AddressChange,
    Decision,
    LinkPress,
    LinkToken,
    MailState,
    OutgoingMail,
    Throttle,
    WebSession,
)

KEPT = timedelta(days=30)


def clean_up(now: datetime) -> int:
    """Delete what was over 30 days ago; returns how many rows went or were emptied.

    That is sessions that ended, tries that failed, decisions that stood, keys of links' forms that were used, links
    for passwords and addresses, and the words of mails that went out: links stand in them. Whom a mail went to and
    when stays. Files made of documents go after a week.
    """
    over = now - KEPT
    rows = (
        delete(WebSession).where(WebSession.expires_at < over),
        delete(Throttle).where(Throttle.since_at < over),
        delete(Decision).where(Decision.at < over),
        delete(LinkPress).where(LinkPress.at < over),
        delete(LinkToken).where(LinkToken.expires_at < over),
        delete(AddressChange).where(AddressChange.expires_at < over),
        update(OutgoingMail)
        .where(
            OutgoingMail.state.in_((MailState.SENT, MailState.CANCELLED)),
            OutgoingMail.created_at < over,
            OutgoingMail.body_text != "",
        )
        .values(body_text="", body_html=""),
    )
    with across_organisations("removing what is over"), writing():
        return rendering.throw_away(now=now) + sum(db.session.execute(row).rowcount for row in rows)  # type: ignore[attr-defined]
