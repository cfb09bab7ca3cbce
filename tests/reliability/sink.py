"""A mail server as a process of its own that writes down each mail it takes before it says so."""

from __future__ import annotations

import email
import os
import sys
import zlib

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.sinks import listening


class Logging:
    """Logs Message-ID and recipient, synced to the disk, before its 250; answers one mail in twenty 451 at first."""

    def __init__(self, log: int) -> None:
        self._log = log
        self._put_off: set[str] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message_id = str(email.message_from_bytes(envelope.original_content or b"")["Message-ID"])
        if zlib.crc32(message_id.encode()) % 20 == 0 and message_id not in self._put_off:
            self._put_off.add(message_id)
            return "451 try later"
        os.write(self._log, f"{message_id} {envelope.rcpt_tos[0]}\n".encode())
        os.fsync(self._log)
        return "250 kept"


def main(file: str) -> None:
    """Serve until the standard input ends; the first line of the output is the port."""
    controller = listening(Logging(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)))
    controller.start()
    print(controller.port, flush=True)
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    main(sys.argv[1])
