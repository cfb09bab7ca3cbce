"""Moves mails from the outbox to the server: claim, hand over, settle."""

from __future__ import annotations

import secrets
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import cast

from sqlalchemy import ColumnElement, Table, Update, bindparam, case, or_, select, update

from tracker.actions.sending.misdirected import any_misdirected, take_back_misdirected
from tracker.actions.sending.outdated import any_outdated, is_outdated, take_back_outdated
from tracker.actions.sending.relay import note_refusal, note_welcome, relay_pause
from tracker.actions.sending.void import cancel_void
from tracker.database import db
from tracker.extensions import settings
from tracker.models import MailState, Organisation, OutgoingMail
from tracker.rules.mailtext import disarmed
from tracker.smtp import Ambiguous, NoServer, Unsendable, told

__all__ = [
    "Claimed", "any_misdirected", "any_outdated", "begin_handing", "claim", "note_refusal", "note_welcome",
    "relay_pause", "release", "settle", "take_back_misdirected", "take_back_outdated",
]  # fmt: skip

MOST_TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# What was planned so lately needs no second look at what it tells of.
FRESH = timedelta(minutes=10)
EVER = datetime.min.replace(tzinfo=UTC)
_FREE: dict[str, object] = {"lease_token": None, "lease_until": None}


@dataclass(frozen=True)
class Claimed:
    """A mail, apart from the session, that is ours until the lease is over, and in whose name it goes out."""

    mail: OutgoingMail
    sender: str
    token: str
    until: datetime


def claim(*, now: datetime, most: int = 1) -> list[Claimed]:
    """Lease the next mails that are due, the oldest first; none while the server refuses us. The caller commits.

    A lease that ended in `claimed` was surely not sent; one that ended in `handing` is ambiguous: it is sent
    once more, and a second ambiguity is left to a person as `uncertain`. Digests that became void while they
    waited are cancelled on the way; those of an earlier day are left to `take_back_outdated`.
    """
    if relay_pause(now=now) is not None:
        return []
    _give_up_doubtful(now)
    chosen = db.session.execute(
        select(OutgoingMail, Organisation.name)
        .join(Organisation, Organisation.id == OutgoingMail.organisation_id)
        .where(_due(now), ~is_outdated(now))
        .order_by(OutgoingMail.next_at, OutgoingMail.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=OutgoingMail)
        .execution_options(populate_existing=True)
    ).all()
    if not chosen:
        return []
    void = _cancel_void([mail for mail, _ in chosen], now)
    token, until = secrets.token_hex(16), now + timedelta(seconds=settings().lease_seconds)
    doubtful = OutgoingMail.state == MailState.HANDING
    db.session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id.in_([mail.id for mail, _ in chosen if mail.id not in void]))
        .values(
            state=MailState.CLAIMED,
            ambiguous=case((doubtful, OutgoingMail.ambiguous + 1), else_=OutgoingMail.ambiguous),
            lease_token=token,
            lease_until=until,
        )
        .execution_options(synchronize_session=False)
    )
    claimed = []
    for mail, sender in chosen:
        db.session.expunge(mail)
        if mail.id not in void:
            mail.ambiguous += mail.state is MailState.HANDING
            claimed.append(Claimed(mail, sender, token, until))
    return claimed or claim(now=now, most=most)


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
        .values(state=MailState.UNCERTAIN, ambiguous=OutgoingMail.ambiguous + 1, **_FREE)
        .execution_options(synchronize_session=False)
    )


def _cancel_void(mails: list[OutgoingMail], now: datetime) -> set[int]:
    """Cancel those of the mails that are void; what may have been sent already is no longer ours to cancel."""
    old = [
        mail
        for mail in mails
        if mail.kind == "digest"
        and mail.created_at <= now - FRESH
        and mail.state is not MailState.HANDING
        and mail.ambiguous == 0
    ]
    void = cancel_void(old) if old else set()
    if void:
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id.in_(void))
            .values(state=MailState.CANCELLED, **_FREE)
            .execution_options(synchronize_session=False)
        )
    return void


def begin_handing(claimed: Claimed, *, now: datetime) -> bool:
    """Note, before the first byte goes out, that it may; False where the lease was lost or ends too soon."""
    deadline = now + timedelta(seconds=settings().handover_seconds)
    values = {"state": MailState.HANDING, "attempts": claimed.mail.attempts + 1}
    return _move(claimed, MailState.CLAIMED, values, deadline)


def settle(claimed: Claimed, failure: Exception | None, answer: str, *, now: datetime) -> MailState | None:
    """Write down how the hand-over ended; returns the new state, None where the lease was lost."""
    state, values = _outcome(claimed.mail, failure, answer, now)
    # However late: the answer is there.
    ours = _move(claimed, MailState.HANDING, {"state": state} | _FREE | values, EVER)
    return state if ours else None


def release(token: str) -> None:
    """Give back those mails of a claim that were not begun."""
    db.session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.lease_token == token, OutgoingMail.state == MailState.CLAIMED)
        .values(state=MailState.QUEUED, **_FREE)
        .execution_options(synchronize_session=False)
    )


def _outcome(
    mail: OutgoingMail, failure: Exception | None, answer: str, now: datetime
) -> tuple[MailState, dict[str, object]]:
    """The new state and values of a mail as it was claimed, so before the try that has just ended."""
    if failure is None:
        # The recipient has the links now; at rest there is only their hash.
        parts = {"body_text": disarmed(mail.body_text), "body_html": disarmed(mail.body_html)}
        return MailState.SENT, {"sent_at": now, "last_answer": answer} | parts
    if isinstance(failure, NoServer):
        # It says nothing about the mail, so it does not count as one of its tries.
        return MailState.QUEUED, {"attempts": mail.attempts, "last_answer": told(failure)}
    tries = mail.attempts + 1
    again: dict[str, object] = {"next_at": now + _pause(mail.message_id, tries), "last_answer": told(failure)}
    if isinstance(failure, Ambiguous):
        doubtful = mail.ambiguous + 1
        return MailState.UNCERTAIN if doubtful > 1 else MailState.QUEUED, again | {"ambiguous": doubtful}
    if _final(failure) or tries >= MOST_TRIES:
        return MailState.DEAD, {"last_answer": told(failure)}
    return MailState.QUEUED, again


def _pause(message_id: str, tries: int) -> timedelta:
    pause = min(FIRST_PAUSE * 2.0 ** (tries - 1), LONGEST_PAUSE)
    # Jitter by the mail's own id, so that a hundred mails do not come back in the same second.
    return pause * Random(message_id).uniform(0.5, 1.0)


def _final(failure: Exception) -> bool:
    """Whether the mail itself was refused for good (5xx) or cannot be sent at all."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in failure.recipients.values())
    if isinstance(failure, smtplib.SMTPResponseException):
        # An answer to the greeting is about us, not about the mail.
        return failure.smtp_code >= 500 and not isinstance(failure, smtplib.SMTPHeloError)
    return isinstance(failure, Unsendable)


def _move(claimed: Claimed, expected: MailState, values: Mapping[str, object], beyond: datetime) -> bool:
    """Change the row only while the lease is still ours and reaches beyond that moment."""
    changed = db.session.execute(
        _change(tuple(values)),
        {
            "mail": claimed.mail.id,
            "token": claimed.token,
            "expected": expected,
            "beyond": beyond,
            **{f"new_{column}": value for column, value in values.items()},
        },
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


@cache
def _change(columns: tuple[str, ...]) -> Update:
    """Kept, because making the statement takes longer than running it; of the table, because the session's
    own way to change rows takes longer than all else that is done for a mail."""
    table = cast(Table, OutgoingMail.__table__)
    return (
        update(table)
        .where(
            table.c.id == bindparam("mail"),
            table.c.lease_token == bindparam("token"),
            table.c.state == bindparam("expected"),
            table.c.lease_until > bindparam("beyond"),
        )
        .values({column: bindparam(f"new_{column}") for column in columns})
    )
