"""Every few seconds: hand the mails of the outbox to the server, one at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from tracker.actions import sending
from tracker.database import across_organisations, db, writing
from tracker.mail import Ambiguous, hand_over
from tracker.models import Organisation, OutgoingMail

log = logging.getLogger("tracker.send")


def send(moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due until nothing is left or `stop` says so; returns how many mails the server took."""
    sent = 0
    with across_organisations("claiming and handing over mail"):
        while not stop():
            taken = _send_one(moment)
            if taken is None:
                break
            sent += taken
    return sent


def _send_one(moment: Callable[[], datetime]) -> bool | None:
    """Claim, commit; note the hand-over, commit; SMTP; settle, commit. None where nothing is due."""
    with writing():
        mail = sending.claim(now=moment())
        if mail is None:
            return None
        mail_id, token = mail.id, str(mail.lease_token)
        sender = db.session.scalars(
            select(Organisation.name).where(Organisation.id == mail.organisation_id)
        ).one()
    with writing():
        ours = sending.begin_handing(mail_id, token, now=moment())
    if not ours:
        return False
    mail = db.session.scalars(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()
    db.session.expunge(mail)
    db.session.rollback()
    failure: Exception | None = None
    answer = ""
    try:
        answer = hand_over(mail, sender)
    except (Ambiguous, OSError) as error:  # smtplib's own exceptions are OSErrors
        failure = error
        log.warning("mail %s: %s", mail_id, sending.told(error))
    with writing():
        sending.settle(mail_id, token, failure, answer, now=moment())
    return failure is None
