"""Moves mails from the outbox to the server: claim, hand over, settle."""

from __future__ import annotations

import secrets
import smtplib
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import or_, select, update

from tracker.database import db
from tracker.extensions import settings
from tracker.mail import Ambiguous
from tracker.models import MailState, OutgoingMail

MOST_TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
DUE = (MailState.QUEUED, MailState.CLAIMED, MailState.HANDING)


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


def _due(now: datetime):  # type: ignore[no-untyped-def]
    return or_(
        (OutgoingMail.state == MailState.QUEUED) & (OutgoingMail.next_at <= now),
        (OutgoingMail.state == MailState.CLAIMED) & (OutgoingMail.lease_until <= now),
        (OutgoingMail.state == MailState.HANDING)
        & (OutgoingMail.lease_until <= now)
        & (OutgoingMail.ambiguous == 0),
    )


def _give_up_doubtful(now: datetime) -> None:
    db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.state == MailState.HANDING,
            OutgoingMail.lease_until <= now,
            OutgoingMail.ambiguous >= 1,
        )
        .values(state=MailState.UNCERTAIN, ambiguous=OutgoingMail.ambiguous + 1, lease_token=None)
    )


def begin_handing(mail_id: int, lease_token: str, *, now: datetime) -> bool:
    """Note, before the first byte goes out, that it may; False where the lease was lost."""
    deadline = now + timedelta(seconds=settings().handover_seconds)
    return _move(
        mail_id,
        lease_token,
        MailState.CLAIMED,
        OutgoingMail.lease_until > deadline,
        state=MailState.HANDING,
        attempts=OutgoingMail.attempts + 1,
    )


def settle(
    mail_id: int, lease_token: str, failure: Exception | None, answer: str, *, now: datetime
) -> MailState | None:
    """Write down how the hand-over ended; returns the new state, None where the lease was lost."""
    mail = db.session.scalars(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()
    values: dict[str, object]
    if failure is None:
        values = {"state": MailState.SENT, "sent_at": now, "last_answer": answer}
    elif isinstance(failure, Ambiguous):
        doubtful = mail.ambiguous + 1
        values = {"ambiguous": doubtful, "last_answer": str(failure)}
        values |= {"state": MailState.UNCERTAIN} if doubtful > 1 else _again(mail, now)
    elif _final(failure) or mail.attempts >= MOST_TRIES:
        values = {"state": MailState.DEAD, "last_answer": told(failure)}
    else:
        values = {"last_answer": told(failure)} | _again(mail, now)
    moved = _move(mail_id, lease_token, MailState.HANDING, lease_token=None, **values)
    return mail.state if not moved else MailState(str(values["state"]))


def _again(mail: OutgoingMail, now: datetime) -> dict[str, object]:
    pause = min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    # Jitter by the mail's own id, so that a hundred mails do not come back in the same second.
    return {"state": MailState.QUEUED, "next_at": now + pause * Random(mail.message_id).uniform(0.5, 1.0)}


def _final(failure: Exception) -> bool:
    """Whether the server refused for good (5xx)."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in failure.recipients.values())
    return isinstance(failure, smtplib.SMTPResponseException) and failure.smtp_code >= 500


def told(failure: Exception) -> str:
    """The server's answer, or what went wrong before it could answer, in one line."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(failure.recipients.values()))
    elif isinstance(failure, smtplib.SMTPResponseException):
        code, text = failure.smtp_code, failure.smtp_error
    else:
        return f"{type(failure).__name__}: {failure}"[:300]
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {words}".split())[:300]


def _move(mail_id: int, lease_token: str, expected: MailState, *more: object, **values: object) -> bool:
    """Change the row only while the lease is still ours."""
    changed = db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.id == mail_id,
            OutgoingMail.lease_token == lease_token,
            OutgoingMail.state == expected,
            *more,  # type: ignore[arg-type]
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return bool(changed.rowcount)  # type: ignore[attr-defined]
