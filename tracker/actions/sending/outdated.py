"""Takes back the digests of earlier days that never left, so that one digest of today tells what still holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from tracker import mail
from tracker.database import db
from tracker.models import MailState, OutgoingMail
from tracker.rules.moments import day_of, moment_on


def is_outdated(now: datetime) -> ColumnElement[bool]:
    """Whether a mail is a digest of an earlier day of which surely no copy has left.

    One that a person has put back into the outbox is not: its tries begin anew, later than it was made. One that
    a sender holds is, however long its lease: nothing leaves before the sender has noted `handing`.
    """
    sent_again = (OutgoingMail.attempts == 0) & (OutgoingMail.next_at > OutgoingMail.created_at)
    return (
        (OutgoingMail.kind == "digest")
        & (OutgoingMail.created_at < moment_on(day_of(now), 0))
        & (OutgoingMail.ambiguous == 0)
        & ~sent_again
        & OutgoingMail.state.in_((MailState.QUEUED, MailState.CLAIMED))
    )


def any_outdated(*, now: datetime) -> bool:
    """Whether there is something to take back; reads only."""
    return db.session.scalars(select(OutgoingMail.id).where(is_outdated(now)).limit(1)).first() is not None


def take_back_outdated(*, now: datetime) -> int:
    """Cancel those digests and forget that their stages were told; returns how many. The caller commits.

    The next planning decides the stages again, for whoever holds the positions then: a relay that was away for
    days brings nobody more than one digest a day, as if the tracker itself had been off.
    """
    # Whoever comes second waits: a look while the first has not committed would still see these stages as told,
    # and today's digest would go out without them.
    ids = db.session.scalars(
        select(OutgoingMail.id).where(is_outdated(now)).order_by(OutgoingMail.id).with_for_update()
    ).all()
    mail.take_back(ids)
    return len(ids)
