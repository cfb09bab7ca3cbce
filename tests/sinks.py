"""Mail servers for tests: a real aiosmtpd that keeps what it takes, and small ones that misbehave."""

from __future__ import annotations

import asyncio
import dataclasses
import email
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tracker.app import Tracker
from tracker.mail import Line
from tracker.models import OutgoingMail

LONGEST_WAIT = 30.0


def hand_over(mail: OutgoingMail, sender_name: str) -> str:
    """Give one mail to the SMTP server over a line of its own; returns its answer, raises as Line.hand_over."""
    with Line() as line:
        return line.hand_over(mail, sender_name)


def point_to(app: Tracker, port: int, **changes: object) -> None:
    """Let the application hand its mails to this port."""
    app.extensions["tracker.config"] = dataclasses.replace(
        app.extensions["tracker.config"],
        smtp_host="127.0.0.1",
        smtp_port=port,
        **changes,  # type: ignore[arg-type]
    )


@dataclasses.dataclass(frozen=True)
class Taken:
    """A mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> Message:
        return email.message_from_bytes(self.content)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def text(self, subtype: str) -> str:
        """The decoded part, with line ends as Python writes them."""
        [part] = [part for part in self.message.walk() if part.get_content_type() == f"text/{subtype}"]
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        return payload.decode().replace("\r\n", "\n")


class Sink:
    """A real SMTP server on a free port; `answer` may refuse a mail, and is asked before the mail is kept."""

    def __init__(
        self, answer: Callable[[Taken], str] = lambda _: "250 kept", recipient: str = "250 OK"
    ) -> None:
        self.taken: list[Taken] = []
        self.arrived = threading.Condition()
        self._answer = answer
        self._recipient = recipient
        self._controller = listening(self)
        self.port = self._controller.port

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    def wait_for(self, number: int) -> None:
        """Until so many mails have arrived."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.taken) >= number, LONGEST_WAIT), len(self.taken)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self._recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        taken = Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content or b"")
        answer = self._answer(taken)
        if answer.startswith("250"):
            with self.arrived:
                self.taken.append(taken)
                self.arrived.notify_all()
        return answer


def listening(handler: object) -> Controller:
    """A controller of aiosmtpd on a port that the system chose; the caller starts and stops it."""
    return _Controller(handler)


class _Controller(Controller):
    def __init__(self, handler: object) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self._socket.getsockname()[1])

    def _create_server(self) -> asyncio.Future[asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)  # type: ignore[return-value]


@contextmanager
def misbehaving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does to each connection what `serve` says, then closes it."""
    listening = socket.create_server(("127.0.0.1", 0))
    connections: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                connections.append(connection)
                threading.Thread(target=handle, args=[connection], daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        accepting.join(LONGEST_WAIT)


def talk(connection: socket.socket, until: bytes) -> None:
    """Greet and agree to every command up to the one that begins with `until`, which is read but not answered."""
    connection.sendall(b"220 here\r\n")
    with connection.makefile("rb") as lines:
        for line in lines:
            if line.upper().startswith(until):
                return
            connection.sendall(b"250 yes\r\n")


def read_message(connection: socket.socket) -> bytes:
    """Ask for the message and read it, the final dot included."""
    connection.sendall(b"354 go on\r\n")
    content = b""
    while not content.endswith(b"\r\n.\r\n"):
        more = connection.recv(65536)
        if not more:
            break
        content += more
    return content
