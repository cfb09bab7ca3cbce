"""What a person decides about mails that the sender could not bring to an end."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select, update

from tracker import journal, mail
from tracker.database import current_organisation_id, db
from tracker.errors import Refused
from tracker.models import MailState, OutgoingMail
from tracker.rules.mailtext import disarmed
from tracker.rules.permissions import Actor

LEFT_TO_PEOPLE = frozenset({MailState.UNCERTAIN, MailState.DEAD})


def send_again(mail_id: int, *, now: datetime, by: Actor) -> None:
    """Put an uncertain or dead mail back into the outbox, with its Message-ID.

    The tries count anew; earlier doubts stay, so that another one is shown at once and nothing is repeated by
    itself.
    """
    _move(mail_id, {"state": MailState.QUEUED, "next_at": now, "attempts": 0})
    journal.record("mail.sent_again", "outgoing_mail", mail_id, now=now, by=by)


def settle_by_hand(mail_id: int, *, now: datetime, by: Actor) -> None:
    """Take an uncertain or dead mail as received; the server's last answer stays beside it."""
    words = select(OutgoingMail.body_text, OutgoingMail.body_html).where(OutgoingMail.id == mail_id)
    text, html = db.session.execute(words).one_or_none() or ("", "")
    parts = {"body_text": disarmed(text), "body_html": disarmed(html)}
    _move(mail_id, {"state": MailState.SENT, "sent_at": now} | parts)
    journal.record("mail.taken_as_sent", "outgoing_mail", mail_id, now=now, by=by)


def _move(mail_id: int, values: dict[str, object]) -> None:
    """Change the row only while it is left to people: a sender or somebody else may have been quicker."""
    changed = db.session.execute(
        update(OutgoingMail)
        .where(
            OutgoingMail.id == mail_id,
            OutgoingMail.organisation_id == current_organisation_id(),
            OutgoingMail.state.in_(LEFT_TO_PEOPLE),
        )
        .values(values | {"lease_token": None, "lease_until": None})
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Refused("จดหมายนี้มีผู้จัดการไปแล้ว หรือยังไม่ต้องตัดสินใจ")
    db.session.expire_all()


def send_test(address: str, name: str, organisation: str, language: str, *, now: datetime, by: Actor) -> None:
    """Put a mail into the outbox that only says that mails arrive; to the person who asks."""
    words = mail.render("test", language, organisation=organisation, at=now)
    key = f"test:{by.user_id}:{secrets.token_hex(8)}"
    mail_id = mail.enqueue("test", (address, name), words, key, now=now)
    journal.record("mail.tested", "outgoing_mail", mail_id, now=now, by=by)
