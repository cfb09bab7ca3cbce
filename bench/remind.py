"""A day's round of reminders for 300 people, planned and sent, against a raw scan and raw smtplib of the same bytes."""

from __future__ import annotations

import smtplib
import sqlite3
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from sqlalchemy import select

from bench.floor import Ratio
from bench.installation import DUE_DAY, installation
from jobs.remind import remind
from jobs.send import send
from tracker.database import across_organisations, db
from tracker.demo.catcher import Catcher
from tracker.mail import Letter
from tracker.models import OutgoingMail

ORGANISATIONS, DIVISIONS, ITEMS = 60, 5, 8


def main() -> None:
    with ExitStack() as stack:
        mails = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(Catcher(mails)).port
        place = stack.enter_context(installation(ORGANISATIONS, DIVISIONS, ITEMS, port))
        begun = perf_counter()
        planned = remind(DUE_DAY)
        sent = send(lambda: DUE_DAY)
        ours = perf_counter() - begun
        again = remind(DUE_DAY) + send(lambda: DUE_DAY)
        taken = len(list(mails.glob("*.eml")))
        assert planned == sent == taken == ORGANISATIONS * DIVISIONS, (planned, sent, taken)
        with across_organisations("measuring"):
            letters = [
                (mail.to_address, Letter(mail, "floor", "tracker@localhost").as_bytes())
                for mail in db.session.scalars(select(OutgoingMail))
            ]
        db.session.rollback()
        begun = perf_counter()
        _floor(str(place.config.data / "tracker.db"), letters, port)
        floor = perf_counter() - begun
    print(Ratio(f"remind and send, {sent} people", ours, floor))
    print(f"second run the same day: {again} mails")


def _floor(database: str, letters: list[tuple[str, bytes]], port: int) -> None:
    """Read every task once and hand the same bytes to the same server, a connection a mail."""
    with sqlite3.connect(database) as connection:
        connection.execute("SELECT * FROM task WHERE state = 'open' AND due_on <= '2025-12-31'").fetchall()
    for address, letter in letters:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as server:
            server.sendmail("tracker@localhost", [address], letter)


if __name__ == "__main__":
    main()
