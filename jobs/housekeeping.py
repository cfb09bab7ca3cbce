"""Each hour: forget what is over, such as ended sessions and old failed tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, exists, or_, select, update

from tracker import storage
from tracker.actions import rendering
from tracker.database import across_organisations, db, writing
from tracker.extensions import settings
from tracker.models import (
    AddressChange,
    Amendment,
    Decision,
    LinkPress,
    LinkToken,
    MailState,
    OutgoingMail,
    Plan,
    PlanReading,
    Throttle,
    WebSession,
)
from tracker.operations import leftovers
from tracker.rules.mailtext import SECRET_PATHS, disarmed

KEPT = timedelta(days=30)


def clean_up(now: datetime) -> int:
    """Delete what was over 30 days ago; returns how many rows went or were emptied.

    That is sessions that ended, tries that failed, decisions that stood, keys of links' forms that were used, links
    for passwords and addresses, and the words of mails that went out or were cancelled. Whom a mail went to and
    when stays. The secrets of links that stand in cancelled mails go at once: nobody was given them. Uploaded plans
    that became none go after the days of the setting, and files that no row names, which are set aside for as long
    first. Files made of documents go after a week, and pictures that could not be drawn are tried again after a day.
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
        _stale_readings(now - timedelta(days=settings().readings_days)),
    )
    with across_organisations("removing what is over"), writing():
        _disarm_cancelled()
        done: int = rendering.throw_away(now=now) + sum(db.session.execute(row).rowcount for row in rows)  # type: ignore[attr-defined]
    done += storage.forget_undrawn(now - timedelta(days=1))
    # The rows are gone for good before a file of theirs is touched.
    with across_organisations("removing files that no row names"), db.engine.connect() as connection:
        return done + leftovers.remove(connection, settings().data, now)


def _disarm_cancelled() -> None:
    words = OutgoingMail.body_text
    armed = or_(*(words.like(f"%/{path}/%") & ~words.like(f"%/{path}/…%") for path in SECRET_PATHS))
    cancelled = OutgoingMail.state == MailState.CANCELLED
    for mail in db.session.scalars(select(OutgoingMail).where(cancelled, armed)):
        mail.body_text, mail.body_html = disarmed(mail.body_text), disarmed(mail.body_html)


def _stale_readings(before: datetime) -> Delete:
    """The documents uploaded before a moment that made no plan and no amendment."""
    used = [
        exists().where(
            made.organisation_id == PlanReading.organisation_id, made.source_sha256 == PlanReading.sha256
        )
        for made in (Plan, Amendment)
    ]
    return delete(PlanReading).where(PlanReading.created_at < before, *(~one for one in used))
