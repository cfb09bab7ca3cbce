"""The connection to the mail server: Flask-Mail's, mended, with a deadline, and what its failures say."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from math import inf
from threading import Condition, Thread
from time import monotonic
from types import TracebackType
from typing import Any

import flask_mail
from flask import current_app

from tracker.extensions import settings

WORD_JOINER = "\u2060"


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


def one_line(text: str) -> str:
    """The text without line breaks, other control characters and doubled spaces, as a header takes it."""
    return " ".join(
        "".join(letter if letter >= " " else " " for letter in text).replace(WORD_JOINER, "").split()
    )


class WatchedServer(smtplib.SMTP):
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


class WatchedTlsServer(smtplib.SMTP_SSL, WatchedServer):
    """The same over TLS from the first byte."""


class Connection(flask_mail.Connection):
    """A Flask-Mail connection with a timeout for each wait, and opened before `ends` on the stopwatch or never."""

    host: WatchedServer

    def __init__(self, mail: flask_mail.Mail, ends: float) -> None:
        super().__init__(mail)
        self.ends = ends

    def configure_host(self) -> WatchedServer:
        config = settings()
        # Named, because else the system is asked for its name, which can take long.
        name = config.mail_from.rpartition("@")[2]
        server = (
            WatchedTlsServer(
                local_hostname=name, timeout=config.smtp_seconds, context=ssl.create_default_context()
            )
            if config.smtp_security == "tls"
            else WatchedServer(local_hostname=name, timeout=config.smtp_seconds)
        )
        try:
            with deadline(server, self.ends):
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
        with suppress(OSError), deadline(self.host, monotonic() + settings().handover_seconds):
            self.host.quit()
        self.host.close()


class _Watch:
    """Cuts off the servers whose time is over: one thread for all, because starting one for each mail costs more
    than the mail."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._ends: dict[WatchedServer, float] = {}
        self._wakes = inf
        self._thread: Thread | None = None

    def add(self, server: WatchedServer, ends: float) -> None:
        with self._changed:
            self._ends[server] = ends
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="hand-over deadline", daemon=True)
                self._thread.start()
            # It mostly sleeps until the end of an earlier mail's time, and looks again then.
            elif ends < self._wakes:
                self._changed.notify()

    def remove(self, server: WatchedServer) -> None:
        with self._changed:
            del self._ends[server]

    def _run(self) -> None:
        with self._changed:
            while True:
                now = monotonic()
                for server in [one for one, ends in self._ends.items() if ends <= now]:
                    server.cut()
                self._wakes = min((ends for ends in self._ends.values() if ends > now), default=inf)
                self._changed.wait(self._wakes - now if self._wakes < inf else None)


_watch = _Watch()


@contextmanager
def deadline(server: WatchedServer, ends: float) -> Iterator[None]:
    """Cut the server off at that point of the stopwatch: one that trickles bytes restarts every socket timeout."""
    _watch.add(server, ends)
    try:
        yield
    finally:
        _watch.remove(server)


class Mail(flask_mail.Mail):
    """Flask-Mail with our connection."""

    def connect(self, ends: float | None = None) -> Connection:
        if ends is None:
            ends = monotonic() + settings().handover_seconds
        return Connection(current_app.extensions["mail"], ends)


def code(failure: BaseException) -> int:
    """The code of the server's answer, 0 where there was none."""
    return failure.smtp_code if isinstance(failure, smtplib.SMTPResponseException) else 0


def answered(failure: BaseException) -> bool:
    return isinstance(failure, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)


def told(failure: BaseException) -> str:
    """The server's answer, or what went wrong before it could answer, in one line."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return words(*next(iter(failure.recipients.values())))
    if isinstance(failure, smtplib.SMTPResponseException):
        return words(failure.smtp_code, failure.smtp_error)
    return one_line(f"{type(failure).__name__}: {failure}")[:300]


def words(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}")[:300]
