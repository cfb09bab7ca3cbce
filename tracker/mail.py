"""Renders mails, puts them into the outbox, and hands them over with Flask-Mail mended."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.charset import BASE64, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from threading import Timer
from time import monotonic
from types import TracebackType
from typing import Any

import flask_mail
from flask import Flask, current_app
from markupsafe import Markup, escape

from tracker.config import Config
from tracker.database import db
from tracker.extensions import settings
from tracker.locale import long_date, short_date, speaking
from tracker.models import OutgoingMail
from tracker.rules import mailtext

_NAMESPACE = uuid.UUID("5a2c3d6e-7f0b-5c7e-9a41-0f6b8b1d2e33")
_WORD_JOINER = "\u2060"
_GLUE = re.compile(r"(?<=[0-9]) (?=[ก-๙])|(?<=[ก-๙.]) (?=[0-9])")
_ORDINAL = re.compile("(?<=[ก-๙])ที่\u00a0(?=[0-9])")
MAILS_A_CONNECTION = 100
# Answers to MAIL of a server that asks who we are (RFC 4954); they say nothing about the mail.
WANTS_CREDENTIALS = frozenset({530, 534, 535, 538})
# Base64 for headers and bodies: no line of a Thai text is then ever too long for a server.
_THAI = Charset("utf-8")
_THAI.header_encoding = _THAI.body_encoding = BASE64


@dataclass(frozen=True)
class Rendered:
    """A mail's words in one language."""

    subject: str
    text: str
    html: str


class Ambiguous(Exception):
    """The connection broke after the whole message was out: nobody knows whether it was taken."""


class Unsendable(Exception):
    """The mail cannot be put on the wire as it is; trying again changes nothing."""


class NoServer(Exception):
    """The server could not be reached or did not let us in; it says nothing about the mail."""


class NotAdmitted(NoServer):
    """The server wants other credentials than ours: no mail will get in before somebody mends that."""


class TooLate(Exception):
    """The time in which the mail was ours to send was over before its text had left; nothing was sent."""


def render(kind: str, spoken: str, /, **values: object) -> Rendered:
    """The words of templates/emails/<kind>/ in the recipient's language."""
    with speaking(spoken):
        # Not render_template: what pages have around them asks for a request.
        subject, text, html = (
            current_app.jinja_env.get_template(f"emails/{kind}/{part}").render(values, spoken=spoken)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Rendered(
        subject=one_line(subject),
        text=mailtext.wrapped(text.replace(_WORD_JOINER, "").strip()) + "\n",
        html=html.replace(_WORD_JOINER, ""),
    )


def one_line(text: str) -> str:
    """The text without line breaks, other control characters and doubled spaces, as a header takes it."""
    return " ".join(
        "".join(letter if letter >= " " else " " for letter in text).replace(_WORD_JOINER, "").split()
    )


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
        to_name=one_line(to[1]),
        subject=one_line(words.subject),
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
        # Flask-Mail sends 8-bit lines of any length, folds long Thai names wrongly and asks the time itself; the
        # newer half of the standard library loses or adds spaces where it folds a name that is part Thai.
        letter = MIMEMultipart(
            "alternative",
            boundary=uuid.uuid5(_NAMESPACE, mail.message_id).hex[:20],
            # Our lines are folded already.
            policy=policy.compat32.clone(linesep="\r\n", max_line_length=None),
        )
        letter["From"] = _address(sender_name, sender_address, "From")
        letter["To"] = _address(mail.to_name, mail.to_address, "To")
        letter["Subject"] = _encoded(mail.subject, "Subject")
        letter["Date"] = format_datetime(mail.created_at)
        letter["Message-ID"] = mail.message_id
        letter["Auto-Submitted"] = "auto-generated"
        letter.attach(_part(mail.body_text, "plain"))
        letter.attach(_part(mail.body_html, "html"))
        self._bytes = letter.as_bytes()

    def as_bytes(self) -> bytes:
        return self._bytes


def _part(text: str, subtype: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(re.sub("\r\n|\r|\n", "\r\n", text), _THAI)
    return part


def _address(name: str, address: str, header: str) -> str:
    if any(sign.isspace() or sign < " " or sign in "<>,;" for sign in address) or not address.isascii():
        raise Unsendable(f"not an address: {address!r}")
    return f"{_encoded(name, header)}\r\n <{address}>" if name else address


def _encoded(text: str, header: str) -> str:
    """The text as encoded words of at most 75 characters each, folded."""
    if any(sign < " " for sign in text):
        raise Unsendable(f"a control character in {header}")
    return Header(text, _THAI, header_name=header, maxlinelen=75).encode(linesep="\r\n")


class _WatchedServer(smtplib.SMTP):
    """An SMTP client that can be cut off, and knows whether the whole message has left and what was answered."""

    line: socket.socket | None = None
    overdue = False
    named = False
    begun = False
    message_out = False
    answer: tuple[int, bytes] = (0, b"")
    in_time: Callable[[], bool]

    def begin(self, in_time: Callable[[], bool]) -> None:
        """Forget the mail before; the next one's text leaves only while `in_time` says so."""
        self.named = self.begun = self.message_out = False
        self.in_time = in_time

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        answer = super().mail(sender, options)
        self.named = answer[0] != 421
        return answer

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connected: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        # A second handle: TLS takes the first one away while it shakes hands.
        self.line = connected.dup()
        if self.overdue:
            self.cut()
        return connected

    def cut(self) -> None:
        """End the connection from another thread, whatever it is waiting for."""
        self.overdue = True
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)

    def getreply(self) -> tuple[int, bytes]:
        self.answer = super().getreply()
        self.begun = self.begun or self.answer[0] == 354
        return self.answer

    def send(self, s: Any) -> None:
        if self.begun and not self.message_out and not self.in_time():
            raise TooLate("the lease or the time for the hand-over is over")
        super().send(s)
        self.message_out = self.message_out or self.begun

    def close(self) -> None:
        super().close()
        if self.line is not None:
            self.line.close()


class _WatchedTlsServer(smtplib.SMTP_SSL, _WatchedServer):
    """The same over TLS from the first byte."""


class Connection(flask_mail.Connection):
    """A Flask-Mail connection with a timeout for each wait, and opened before `ends` on the stopwatch or never."""

    host: _WatchedServer

    def __init__(self, mail: flask_mail.Mail, ends: float) -> None:
        super().__init__(mail)
        self.ends = ends

    def configure_host(self) -> _WatchedServer:
        config = settings()
        # Named, because else the system is asked for its name, which can take long.
        name = config.mail_from.rpartition("@")[2]
        server = (
            _WatchedTlsServer(
                local_hostname=name, timeout=config.smtp_seconds, context=ssl.create_default_context()
            )
            if config.smtp_security == "tls"
            else _WatchedServer(local_hostname=name, timeout=config.smtp_seconds)
        )
        try:
            with _deadline(server, self.ends):
                server._host = config.smtp_host  # type: ignore[attr-defined]  # TLS checks the name
                code, words = server.connect(config.smtp_host, config.smtp_port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, words)
                if config.smtp_security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if config.smtp_user:
                    server.login(config.smtp_user, config.smtp_password)
        except BaseException as failure:
            server.close()
            if isinstance(failure, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
                raise NotAdmitted(told(failure)) from failure
            if isinstance(failure, OSError):
                raise NoServer(told(failure)) from failure
            raise
        return server

    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, tb: TracebackType | None
    ) -> None:
        # Every message is settled by now: a server that will not say goodbye changes nothing.
        with suppress(OSError), _deadline(self.host, monotonic() + settings().handover_seconds):
            self.host.quit()
        self.host.close()


@contextmanager
def _deadline(server: _WatchedServer, ends: float) -> Iterator[None]:
    """Cut the server off at that point of the stopwatch: one that trickles bytes restarts every socket timeout."""
    timer = Timer(max(0.0, ends - monotonic()), server.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class Mail(flask_mail.Mail):
    """Flask-Mail with our connection."""

    def connect(self, ends: float | None = None) -> Connection:
        if ends is None:
            ends = monotonic() + settings().handover_seconds
        return Connection(current_app.extensions["mail"], ends)


class Line:
    """The way to the mail server: opened for the first mail, kept for the next ones, closed with its context."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._mails = 0

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def opened(self) -> bool:
        """Whether the next mail needs no new connection."""
        return self._connection is not None and self._mails < MAILS_A_CONNECTION

    def open(self) -> None:
        """Connect, unless it is done; NoServer where we are not let in."""
        if not self.opened:
            self._close()
            self._connection = self._connected(monotonic() + settings().handover_seconds)

    def hand_over(
        self, mail: OutgoingMail, sender_name: str, still_ours: Callable[[], bool] = lambda: True
    ) -> str:
        """Give the mail to the SMTP server within the time for a hand-over; returns its answer.

        `still_ours` is asked last before the text leaves. Raises Unsendable before the first byte, NoServer
        where it never came to the mail, TooLate before the text, Ambiguous when the connection broke after the
        last byte, and smtplib.SMTPException or OSError else.
        """
        ends = monotonic() + settings().handover_seconds
        letter = Letter(mail, sender_name, settings().mail_from)
        if not self.opened:
            self._close()
        kept = self._connection
        try:
            return self._send(letter, ends, still_ours)
        except OSError as failure:  # smtplib's own exceptions are OSErrors
            # A server may end a connection between two mails, and tells it at the next one's first command.
            ended = _code(failure) == 421 or isinstance(
                failure, smtplib.SMTPServerDisconnected | ConnectionError
            )
            if kept is None or kept.host.named or kept.host.overdue or not ended:
                raise
        self._close()
        return self._send(letter, ends, still_ours)

    def _send(self, letter: Letter, ends: float, still_ours: Callable[[], bool]) -> str:
        connection = self._connection = self._connection or self._connected(ends)
        server = connection.host
        server.begin(lambda: monotonic() < ends and still_ours())
        try:
            with _deadline(server, ends):
                connection.send(letter)
        except flask_mail.BadHeaderError as failure:
            raise Unsendable("a line break in a header") from failure
        except OSError as failure:
            # An answer that was cut off says nothing: half of one can look like a whole.
            clear = not server.overdue and _code(failure) // 100 in (0, 4, 5)
            if _answered(failure) and (clear or not server.message_out):
                if _code(failure) in WANTS_CREDENTIALS:
                    raise NotAdmitted(told(failure)) from failure
                raise
            self._drop()
            if server.message_out:
                raise Ambiguous(told(failure)) from failure
            raise
        except TooLate:
            self._drop()
            raise
        finally:
            # smtplib closes it after 421.
            if server.sock is None:
                self._drop()
        self._mails += 1
        return _words(*server.answer)

    def _connected(self, ends: float) -> Connection:
        extension: Mail = current_app.extensions["tracker.mail"]
        connection = extension.connect(ends)
        connection.__enter__()
        self._mails = 0
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.__exit__(None, None, None)

    def _drop(self) -> None:
        """End the connection without a word."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.host.close()


def hand_over(mail: OutgoingMail, sender_name: str) -> str:
    """Give one mail to the SMTP server over a line of its own; returns its answer, raises as Line.hand_over."""
    with Line() as line:
        return line.hand_over(mail, sender_name)


def _code(failure: BaseException) -> int:
    """The code of the server's answer, 0 where there was none."""
    return failure.smtp_code if isinstance(failure, smtplib.SMTPResponseException) else 0


def _answered(failure: BaseException) -> bool:
    return isinstance(failure, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)


def told(failure: BaseException) -> str:
    """The server's answer, or what went wrong before it could answer, in one line."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return _words(*next(iter(failure.recipients.values())))
    if isinstance(failure, smtplib.SMTPResponseException):
        return _words(failure.smtp_code, failure.smtp_error)
    return one_line(f"{type(failure).__name__}: {failure}")[:300]


def _words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}")[:300]


def nobreak(text: object) -> Markup:
    """Glue numbers to their words, so that a line never breaks between them; for HTML only."""
    glued = _GLUE.sub("\u00a0", str(escape(text)))
    return Markup(_ORDINAL.sub("\u2060ที่\u00a0", glued))


def set_up(app: Flask, config: Config) -> None:
    """Bind the mended Flask-Mail and the filters of mails, which pages use too, to the application."""
    app.config.update(
        MAIL_SERVER=config.smtp_host,
        MAIL_PORT=config.smtp_port,
        MAIL_DEFAULT_SENDER=config.mail_from,
        # Flask-Mail would keep silent in tests, where the mails are what is tested.
        MAIL_SUPPRESS_SEND=False,
    )
    extension = Mail()
    extension.init_app(app)
    app.extensions["tracker.mail"] = extension
    app.jinja_env.filters |= {
        "nobreak": nobreak,
        "long_date": long_date,
        "short_date": short_date,
        "short_name": mailtext.short_name,
        "shortened": mailtext.shortened,
    }
