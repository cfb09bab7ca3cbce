"""Renders mails, puts them into the outbox, and hands them over with Flask-Mail mended."""

from __future__ import annotations

import base64
import re
import smtplib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.charset import BASE64, Charset
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from time import monotonic
from types import TracebackType

import flask_mail
from flask import Flask, current_app
from markupsafe import Markup, escape
from sqlalchemy import delete, update

from tracker.config import Config
from tracker.database import add_row, db
from tracker.extensions import settings
from tracker.locale import clock_time, long_date, short_date, speaking
from tracker.models import MailState, Outcome, OutgoingMail, Reminder
from tracker.rules import mailtext
from tracker.smtp import (
    WORD_JOINER,
    Ambiguous,
    Connection,
    Mail,
    NotAdmitted,
    TooLate,
    Unsendable,
    answered,
    code,
    deadline,
    one_line,
    told,
    words,
)

_NAMESPACE = uuid.UUID("5a2c3d6e-7f0b-5c7e-9a41-0f6b8b1d2e33")
_GLUE = re.compile(r"(?<=[0-9]) (?=[ก-๙])|(?<=[ก-๙.]) (?=[0-9])")
_ORDINAL = re.compile("(?<=[ก-๙])ที่\u00a0(?=[0-9])")
# Browsers break Thai by a list of words, which lacks these, and reads those as other words.
_ONE_WORD = re.compile("(?<=อัป)(?=โหลด)|(?<=สิ้น)(?=สุด)|(?<=อา)(?=รบิก)|(?<=เปิด)(?=ตอบ)|(?<=ส่ง)(?=ภายใน)")
_TWO_WORDS = re.compile("(?<=น้อย)(?=หนึ่ง)|(?<=ลงนาม)(?=ออก)|(?<=ผล)(?=อยู่)|(?<=ท่าน)(?=รายงาน)|(?<=หลัง)(?=ครบ)")
MAILS_A_CONNECTION = 100
# Answers to MAIL of a server that asks who we are (RFC 4954); they say nothing about the mail.
WANTS_CREDENTIALS = frozenset({530, 534, 535, 538})
# Servers cut longer ones, or refuse them (RFC 5321); in bytes.
_LONGEST_LINE = 998
# Base64 for headers: no line of a Thai text is then ever too long for a server.
_THAI = Charset("utf-8")
_THAI.header_encoding = BASE64


@dataclass(frozen=True)
class Rendered:
    """A mail's words in one language."""

    subject: str
    text: str
    html: str


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
        text=mailtext.wrapped(text.replace(WORD_JOINER, "").strip()) + "\n",
        html=html.replace(WORD_JOINER, ""),
    )


def enqueue(
    kind: str,
    to: tuple[str, str],
    words: Rendered,
    dedup_key: str,
    *,
    now: datetime,
    next_at: datetime | None = None,
) -> int:
    """Put a mail for (address, name) into the outbox; returns its id. Its Message-ID follows from the dedup key.

    The key never holds the number of a row that housekeeping deletes: SQLite gives such a number again.
    """
    domain = settings().mail_from.rpartition("@")[2]
    return add_row(
        OutgoingMail,
        {
            "dedup_key": dedup_key,
            "message_id": f"<{uuid.uuid5(_NAMESPACE, dedup_key)}@{domain}>",
            "kind": kind,
            "to_address": to[0],
            "to_name": one_line(to[1]),
            "subject": one_line(words.subject),
            "body_text": words.text,
            "body_html": words.html,
            "created_at": now,
            "next_at": next_at or now,
        },
    )


def take_back(mail_ids: Sequence[int]) -> None:
    """Cancel mails of which surely no copy has left, and forget that their stages were told; their rows are locked."""
    if not mail_ids:
        return
    for change in (
        delete(Reminder).where(Reminder.mail_id.in_(mail_ids), Reminder.outcome == Outcome.ENQUEUED),
        update(OutgoingMail)
        .where(OutgoingMail.id.in_(mail_ids))
        .values(state=MailState.CANCELLED, lease_token=None, lease_until=None),
    ):
        db.session.execute(change.execution_options(synchronize_session=False))


class Letter(flask_mail.Message):
    """A Flask-Mail message whose bytes every server takes: exact names, the row's id and date, no line too long.

    Its texts go out as they are where the server takes eight bits (`eight_bits`, RFC 6152), else in base64, which
    makes them a third longer.
    """

    def __init__(self, mail: OutgoingMail, sender_name: str, sender_address: str) -> None:
        # Not Flask-Mail's own beginning: it asks the system for its name for each mail, which can take long.
        self.subject, self.sender, self.recipients = mail.subject, sender_address, [mail.to_address]
        self.cc, self.bcc, self.reply_to = [], [], None
        self.date, self.mail_options, self.rcpt_options = mail.created_at.timestamp(), [], []
        # Flask-Mail sends 8-bit lines of any length, folds long Thai names wrongly and asks the time itself. The
        # standard library's messages would do, but take longer than handing the mail over.
        self._boundary = uuid.uuid5(_NAMESPACE, mail.message_id).hex[:20]
        self._texts = {"plain": mail.body_text, "html": mail.body_html}
        self._head = {
            "Content-Type": f'multipart/alternative; boundary="{self._boundary}"',
            "MIME-Version": "1.0",
            "From": _address(sender_name, sender_address, "From"),
            "To": _address(mail.to_name, mail.to_address, "To"),
            "Subject": _encoded(mail.subject, "Subject"),
            "Date": format_datetime(mail.created_at),
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",
        }

    @property
    def eight_bits(self) -> bool:
        return bool(self.mail_options)

    @eight_bits.setter
    def eight_bits(self, taken: bool) -> None:
        self.mail_options = ["BODY=8BITMIME"] if taken else []

    def as_bytes(self) -> bytes:
        edge = f"--{self._boundary}".encode()
        parts = [_part(text, subtype, edge, self.eight_bits) for subtype, text in self._texts.items()]
        return b"\r\n".join(
            [_lines(self._head), *(edge + b"\r\n" + part for part in parts), edge + b"--\r\n"]
        )


def _part(text: str, subtype: str, edge: bytes, eight_bits: bool) -> bytes:
    body = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    longest = max(map(len, body.split(b"\r\n")))
    as_it_is = eight_bits and longest <= _LONGEST_LINE and edge not in body and b"\0" not in body
    if not as_it_is:
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    head = {
        "Content-Type": f'text/{subtype}; charset="utf-8"',
        "MIME-Version": "1.0",
        "Content-Transfer-Encoding": "8bit" if as_it_is else "base64",
    }
    return _lines(head) + b"\r\n" + body


def _lines(head: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in head.items()).encode("ascii")


def _address(name: str, address: str, header: str) -> str:
    if any(sign.isspace() or sign < " " or sign in "<>,;" for sign in address) or not address.isascii():
        raise Unsendable(f"not an address: {address!r}")
    return f"{_encoded(name, header)}\r\n <{address}>" if name else address


@lru_cache(maxsize=500)
def _encoded(text: str, header: str) -> str:
    """The text as encoded words of at most 75 characters each, folded; a day's mails share most of theirs."""
    if any(sign < " " for sign in text):
        raise Unsendable(f"a control character in {header}")
    return Header(text, _THAI, header_name=header, maxlinelen=75).encode(linesep="\r\n")


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
        letter = Letter(mail, sender_name, settings().mail_from)
        ends = monotonic() + settings().handover_seconds
        if not self.opened:
            self._close()
        kept = self._connection
        try:
            return self._send(letter, ends, still_ours)
        except OSError as failure:  # smtplib's own exceptions are OSErrors
            # A server may end a connection between two mails, and tells it at the next one's first command.
            ended = code(failure) == 421 or isinstance(
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
            with deadline(server, ends):
                server.ehlo_or_helo_if_needed()
                letter.eight_bits = server.has_extn("8bitmime")
                connection.send(letter)
        except flask_mail.BadHeaderError as failure:
            raise Unsendable("a line break in a header") from failure
        except OSError as failure:
            # An answer that was cut off says nothing: half of one can look like a whole.
            clear = not server.overdue and code(failure) // 100 in (0, 4, 5)
            if answered(failure) and (clear or not server.message_out):
                if code(failure) in WANTS_CREDENTIALS:
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
        return words(*server.answer)

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


# Typed, because what is markup already is not escaped again.
@lru_cache(maxsize=2000, typed=True)
def nobreak(text: object) -> Markup:
    """Glue numbers to their words, and words together, so that no line breaks inside them; for HTML only."""
    worded = _TWO_WORDS.sub("\u200b", _ONE_WORD.sub("\u2060", str(escape(text))))
    return Markup(_ORDINAL.sub("\u2060ที่\u00a0", _GLUE.sub("\u00a0", worded)))


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
        "clock_time": clock_time,
        "short_name": mailtext.short_name,
        "shortened": mailtext.shortened,
    }
