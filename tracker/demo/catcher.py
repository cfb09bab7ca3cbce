"""A mail server on this machine that keeps every mail as a file."""

from __future__ import annotations

import asyncio
import email
import re
import socket
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tracker.rules.moments import BANGKOK


class Catcher:
    """Takes mail on a free port of 127.0.0.1 while its context is open; each mail is an .eml in the folder.

    A file is named after the day and minute in the mail's Date, its first recipient and its Message-ID.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._controller = _Controller(self)

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Catcher:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the bytes as they came."""
        content = envelope.original_content or b""
        target = self.folder / _file_name(content, envelope.rcpt_tos[0])
        # A mail that is sent twice keeps both copies.
        copy = 1
        while target.exists():
            copy += 1
            target = target.with_name(f"{target.stem.partition('~')[0]}~{copy}.eml")
        target.write_bytes(content)
        return "250 kept"


class _Controller(Controller):
    """A controller on a port that the system chooses and that nobody else can take in between."""

    def __init__(self, catcher: Catcher) -> None:
        # With the protocol named, asyncio switches the delay of small answers off: 40 ms a mail.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        super().__init__(catcher, hostname="127.0.0.1", port=self._socket.getsockname()[1])

    def _create_server(self) -> asyncio.Future[asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)  # type: ignore[return-value]


def _file_name(content: bytes, recipient: str) -> str:
    told = email.message_from_bytes(content)
    moment = _moment(told["Date"])
    when = f"{moment:%Y-%m-%d_%H.%M}" if moment else "undated"
    mark = re.sub(r"[^0-9a-z]", "", str(told["Message-ID"] or "").lower())[:8]
    return f"{when}_{re.sub(r'[^0-9A-Za-z.-]', '-', recipient.partition('@')[0])}_{mark or 'mail'}.eml"


def _moment(header: str | None) -> datetime | None:
    if not header:
        return None
    try:
        return parsedate_to_datetime(header).astimezone(BANGKOK)
    except ValueError:
        return None
