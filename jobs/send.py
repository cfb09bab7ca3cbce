"""Every few seconds: hand the mails of the outbox to the server, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.actions import sending
from tracker.database import across_organisations, db, writing
from tracker.mail import Ambiguous, NoServer, Unsendable, hand_over, told
from tracker.models import Organisation, OutgoingMail

log = logging.getLogger("tracker.send")


@dataclass(frozen=True)
class _Claimed:
    """A mail that is ours for a while, apart from the session."""

    mail: OutgoingMail
    token: str
    sender: str


def send(moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due until nothing is left, the server is not there or `stop` says so.

    Returns how many mails the server took.
    """
    sent = 0
    with across_organisations("claiming and handing over mail"):
        while not stop() and (claimed := _claim(moment())) is not None:
            try:
                sent += _hand(claimed, moment)
            except NoServer:
                # The next mail would fare no better, and each try counts.
                break
    return sent


def _claim(now: datetime) -> _Claimed | None:
    with writing():
        mail = sending.claim(now=now)
        if mail is None:
            return None
        sender = db.session.scalars(
            select(Organisation.name).where(Organisation.id == mail.organisation_id)
        ).one()
        db.session.expunge(mail)
        return _Claimed(mail, str(mail.lease_token), sender)


def _hand(claimed: _Claimed, moment: Callable[[], datetime]) -> bool:
    """Note the hand-over, commit; SMTP; settle, commit. Raises NoServer after settling."""
    mail_id = claimed.mail.id
    with writing():
        ours = sending.begin_handing(mail_id, claimed.token, now=moment())
    if not ours:
        return False
    failure: Exception | None = None
    answer = ""
    try:
        answer = hand_over(claimed.mail, claimed.sender)
    except (Ambiguous, NoServer, Unsendable, OSError) as error:  # smtplib's own exceptions are OSErrors
        failure = error
        log.warning("mail %s: %s", mail_id, told(error))
    with writing():
        sending.settle(mail_id, claimed.token, failure, answer, now=moment())
    if isinstance(failure, NoServer):
        raise failure
    return failure is None
