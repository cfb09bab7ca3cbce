"""Moves mails from the outbox to the server: claim, hand over, settle."""

from __future__ import annotations

import secrets
import smtplib
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import ColumnElement, or_, select, update

from tracker.database import db
from tracker.extensions import settings
from tracker.mail import Ambiguous, Unsendable, told
from tracker.models import MailState, OutgoingMail

MOST_TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


def claim(*, now: datetime) -> OutgoingMail | None:
    """Lease the next mail that is due, or None; the caller commits.

    A lease that ended in `claimed` was surely not sent; one that ended in `handing` is ambiguous: it is sent
    once more, and a second ambiguity is left to a person as `uncertain`.
    """
    _give_up_doubtful(now)
    chosen = db.session.scalars(
        select(OutgoingMail)
        .where(_due(now))
        .order_by(OutgoingMail.next_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if chosen is None:
        return None
    if chosen.state is MailState.HANDING:
        chosen.ambiguous += 1
    chosen.state = MailState.CLAIMED
    chosen.lease_token = secrets.token_hex(16)
    chosen.lease_until = now + timedelta(seconds=settings().lease_seconds)
    db.session.flush()
    return chosen


def _due(now: datetime) -> ColumnElement[bool]:
    over = OutgoingMail.lease_until <= now
    return or_(
        (OutgoingMail.state == MailState.QUEUED) & (OutgoingMail.next_at <= now),
        (OutgoingMail.state == MailState.CLAIMED) & over,
        (OutgoingMail.state == MailState.HANDING) & over & (OutgoingMail.ambiguous == 0),
    )


def _give_up_doubtful(now: datetime) -> None:
    db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.state == MailState.HANDING,
            OutgoingMail.lease_until <= now,
            OutgoingMail.ambiguous >= 1,
        )
        .values(
            state=MailState.UNCERTAIN,
            ambiguous=OutgoingMail.ambiguous + 1,
            lease_token=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )


def begin_handing(mail_id: int, lease_token: str, *, now: datetime) -> bool:
    """Note, before the first byte goes out, that it may; False where the lease was lost or ends too soon."""
    deadline = now + timedelta(seconds=settings().handover_seconds)
    return _move(
        mail_id,
        lease_token,
        MailState.CLAIMED,
        {"state": MailState.HANDING, "attempts": OutgoingMail.attempts + 1},
        OutgoingMail.lease_until > deadline,
    )


def settle(
    mail_id: int, lease_token: str, failure: Exception | None, answer: str, *, now: datetime
) -> MailState | None:
    """Write down how the hand-over ended; returns the new state, None where the lease was lost."""
    mail = db.session.scalars(
        select(OutgoingMail).where(
            OutgoingMail.id == mail_id,
            OutgoingMail.lease_token == lease_token,
            OutgoingMail.state == MailState.HANDING,
        )
    ).one_or_none()
    if mail is None:
        return None
    state, values = _outcome(mail, failure, answer, now)
    free = {"lease_token": None, "lease_until": None}
    return state if _move(mail_id, lease_token, MailState.HANDING, {"state": state} | free | values) else None


def _outcome(
    mail: OutgoingMail, failure: Exception | None, answer: str, now: datetime
) -> tuple[MailState, dict[str, object]]:
    if failure is None:
        return MailState.SENT, {"sent_at": now, "last_answer": answer}
    again: dict[str, object] = {"next_at": now + _pause(mail), "last_answer": told(failure)}
    if isinstance(failure, Ambiguous):
        doubtful = mail.ambiguous + 1
        return MailState.UNCERTAIN if doubtful > 1 else MailState.QUEUED, again | {"ambiguous": doubtful}
    if _final(failure) or mail.attempts >= MOST_TRIES:
        return MailState.DEAD, {"last_answer": told(failure)}
    return MailState.QUEUED, again


def _pause(mail: OutgoingMail) -> timedelta:
    pause = min(FIRST_PAUSE * 2.0 ** (mail.attempts - 1), LONGEST_PAUSE)
    # Jitter by the mail's own id, so that a hundred mails do not come back in the same second.
    return pause * Random(mail.message_id).uniform(0.5, 1.0)


def _final(failure: Exception) -> bool:
    """Whether the mail itself was refused for good (5xx) or cannot be sent at all."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in failure.recipients.values())
    if isinstance(failure, smtplib.SMTPResponseException):
        # An answer to the greeting is about us, not about the mail.
        return failure.smtp_code >= 500 and not isinstance(failure, smtplib.SMTPHeloError)
    return isinstance(failure, Unsendable)


def _move(
    mail_id: int,
    lease_token: str,
    expected: MailState,
    values: dict[str, object],
    *conditions: ColumnElement[bool],
) -> bool:
    """Change the row only while the lease is still ours."""
    changed = db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.id == mail_id,
            OutgoingMail.lease_token == lease_token,
            OutgoingMail.state == expected,
            *conditions,
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]
