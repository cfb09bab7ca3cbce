"""Renders mails, puts them into the outbox, and hands them over with Flask-Mail mended."""

from __future__ import annotations

import smtplib
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from threading import Timer
from types import TracebackType
from typing import Any

import flask_mail
from flask import current_app, render_template

from tracker.config import Config
from tracker.database import db
from tracker.extensions import settings
from tracker.locale import speaking
from tracker.models import OutgoingMail

_NAMESPACE = uuid.UUID("5a2c3d6e-7f0b-5c7e-9a41-0f6b8b1d2e33")


@dataclass(frozen=True)
class Rendered:
    """A mail's words in one language."""

    subject: str
    text: str
    html: str


class Ambiguous(Exception):
    """The connection broke after the whole message was out: nobody knows whether it was taken."""


def render(name: str, spoken: str, /, **values: object) -> Rendered:
    """The words of templates/emails/<name>/ in the recipient's language."""
    with speaking(spoken):
        subject, text, html = (
            render_template(f"emails/{name}/{part}", **values)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Rendered(" ".join(subject.split()), text.strip() + "\n", html)


def enqueue(
    kind: str,
    to: tuple[str, str],
    words: Rendered,
    dedup_key: str,
    *,
    now: datetime,
    next_at: datetime | None = None,
) -> OutgoingMail:
    """Put a mail for (address, name) into the outbox; its Message-ID follows from the dedup key."""
    domain = settings().mail_from.rpartition("@")[2]
    mail = OutgoingMail(
        dedup_key=dedup_key,
        message_id=f"<{uuid.uuid5(_NAMESPACE, dedup_key)}@{domain}>",
        kind=kind,
        to_address=to[0],
        to_name=to[1],
        subject=words.subject,
        body_text=words.text,
        body_html=words.html,
        created_at=now,
        next_at=next_at or now,
    )
    db.session.add(mail)
    return mail


class Letter(flask_mail.Message):
    """A Flask-Mail message whose bytes every server takes: base64 bodies, exact names, the row's id and date."""

    def __init__(self, mail: OutgoingMail, sender_name: str, sender_address: str) -> None:
        super().__init__(
            subject=mail.subject, recipients=[mail.to_address], body=mail.body_text, sender=sender_address
        )
        self._mail = mail
        self._sender_name = sender_name

    def as_bytes(self) -> bytes:
        mail = self._mail
        # Flask-Mail sends 8-bit lines of any length, folds long Thai names wrongly and asks the time itself.
        letter = EmailMessage(policy=SMTP)
        letter["From"] = Address(self._sender_name, addr_spec=str(self.sender))
        letter["To"] = Address(mail.to_name, addr_spec=mail.to_address)
        letter["Subject"] = mail.subject
        letter["Date"] = format_datetime(mail.created_at)
        letter["Message-ID"] = mail.message_id
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(mail.body_text, cte="base64")
        letter.add_alternative(mail.body_html, subtype="html", cte="base64")
        return letter.as_bytes()


class _WatchedServer(smtplib.SMTP):
    """An SMTP client that knows whether the whole message has left."""

    begun = False
    message_out = False

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        self.begun = self.begun or code == 354
        return code, text

    def send(self, s: Any) -> None:
        super().send(s)
        self.message_out = self.message_out or self.begun


class _WatchedTlsServer(_WatchedServer, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


class Connection(flask_mail.Connection):
    """A Flask-Mail connection with a timeout for each wait and a deadline for the whole hand-over."""

    host: _WatchedServer | None

    def configure_host(self) -> _WatchedServer:
        config = settings()
        server_class = _WatchedTlsServer if config.smtp_security == "tls" else _WatchedServer
        server = server_class(timeout=config.smtp_seconds)
        # A server that trickles bytes restarts every socket timeout; only closing the socket ends it.
        self._deadline = Timer(config.handover_seconds, _cut, [server])
        self._deadline.daemon = True
        self._deadline.start()
        try:
            server._host = config.smtp_host  # type: ignore[attr-defined]  # STARTTLS checks the name
            server.connect(config.smtp_host, config.smtp_port)
            if config.smtp_security == "starttls":
                server.starttls()
            if config.smtp_user:
                server.login(config.smtp_user, config.smtp_password)
        except BaseException:
            self._deadline.cancel()
            server.close()
            raise
        return server

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._deadline.cancel()
        # The message is settled by now: a server that will not say goodbye changes nothing.
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


def _cut(server: smtplib.SMTP) -> None:
    sock = server.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class Mail(flask_mail.Mail):
    """Flask-Mail with our connection."""

    def connect(self) -> Connection:
        return Connection(current_app.extensions["mail"])


def hand_over(mail: OutgoingMail, sender_name: str) -> str:
    """Give the mail to the SMTP server; returns its answer.

    Raises Ambiguous when the connection broke after the last byte, smtplib.SMTPException or OSError before.
    """
    extension: Mail = current_app.extensions["tracker.mail"]
    with extension.connect() as connection:
        try:
            connection.send(Letter(mail, sender_name, settings().mail_from))
        except (smtplib.SMTPServerDisconnected, OSError) as failure:
            if connection.host is not None and connection.host.message_out and not _answered(failure):
                raise Ambiguous(str(failure)) from failure
            raise
    return "250"


def _answered(failure: Exception) -> bool:
    return isinstance(failure, smtplib.SMTPResponseException)


def set_up(app: Any, config: Config) -> None:
    """Bind the mended Flask-Mail to the application."""
    app.config.update(
        MAIL_SERVER=config.smtp_host, MAIL_PORT=config.smtp_port, MAIL_DEFAULT_SENDER=config.mail_from
    )
    extension = Mail()
    extension.init_app(app)
    app.extensions["tracker.mail"] = extension
