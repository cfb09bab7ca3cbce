"""A day's round of reminders for 300 people with 10,000 overdue tasks, against a raw scan and raw smtplib.

`python -m bench.remind [ORGANISATIONS DIVISIONS]`, 60 organisations of 5 divisions where nothing is said.
"""

from __future__ import annotations

import email
import json
import smtplib
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from email.utils import parseaddr
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import update

from bench.floor import Ratio
from bench.installation import installation
from jobs.remind import remind
from tracker.database import across_organisations, db, writing
from tracker.models import MailState, OutgoingMail
from tracker.rules.moments import moment_on

PEOPLE, ITEMS, MEASURES = 300, 17, 2
OVERDUE = PEOPLE * ITEMS * MEASURES
EARLIER = (date(2025, 12, 17), date(2025, 12, 24), date(2025, 12, 30))
LATE_DAY = moment_on(date(2026, 1, 5), 8 * 60 + 30)
REPEAT = 3


def main(organisations: int = 60, divisions: int = 5) -> None:
    assert organisations * divisions == PEOPLE
    with ExitStack() as stack:
        kept_mails = stack.enter_context(tempfile.TemporaryDirectory())
        port = stack.enter_context(sink(kept_mails))
        with installation(organisations, divisions, ITEMS, port, MEASURES) as place:
            for day in EARLIER:
                remind(moment_on(day, 8 * 60 + 30))
            with across_organisations("measuring"), writing():
                db.session.execute(update(OutgoingMail).values(state=MailState.SENT))
            kept = place.config.data / "tracker.db"
            before = _copy(kept)
            measured = []
            for _ in range(REPEAT):
                _restore(before, kept)
                measured.append(_round(place.config.data, port, LATE_DAY))
            again, _ = _round(place.config.data, port, LATE_DAY)
            letters = _letters(Path(kept_mails))
            floor = min(_floor(str(kept), letters, port, kept=True) for _ in range(REPEAT))
            apart = min(_floor(str(kept), letters, port, kept=False) for _ in range(REPEAT))
    best, whole = min(measured, key=lambda one: one[1])
    assert best["planned"] == best["sent"] == len(letters), (best, len(letters))
    work = best["plan"] + best["send"]
    name = f"{OVERDUE} overdue tasks of {organisations} organisations, {best['sent']} mails"
    print(Ratio(f"{name}, to one connection", work, floor))
    print(Ratio(f"{name}, to a connection a mail", work, apart))
    print(f"plan {best['plan']:.2f} s, send {best['send']:.2f} s", end="")
    print(f", whole process {whole:.2f} s, {best['mebibytes']:.0f} MiB")
    print(
        f"processor: {best['processor']:.2f} s of the work, {best['processor of all']:.2f} s of the process"
    )
    print(f"second run the same day: {again['planned'] + again['sent']} mails")


@contextmanager
def sink(folder: str) -> Iterator[int]:
    """The port of a mail server that is a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout
        yield int(process.stdout.readline())


def _round(data: Path, port: int, now: datetime) -> tuple[dict[str, Any], float]:
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bench.round", str(data), str(port), now.isoformat()],
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout), perf_counter() - begun


def _copy(file: Path) -> Path:
    db.session.remove()
    db.engine.dispose()
    copy = file.with_name("before.db")
    with sqlite3.connect(file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    return copy


def _restore(copy: Path, file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).unlink(missing_ok=True)
    file.write_bytes(copy.read_bytes())


def _letters(folder: Path) -> list[tuple[str, bytes]]:
    """The mails of one round as the server took them, with their addresses; the copies of the others are the same."""
    letters = [file.read_bytes() for file in sorted(folder.glob("*.eml")) if "~" not in file.name]
    return [(parseaddr(email.message_from_bytes(letter)["To"])[1], letter) for letter in letters]


def _floor(database: str, letters: list[tuple[str, bytes]], port: int, kept: bool) -> float:
    """Read every overdue task once and hand the same bytes to the same server; seconds."""
    begun = perf_counter()
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT * FROM task WHERE state = 'open' AND due_on <= '2025-12-31'")
        assert len(rows.fetchall()) == OVERDUE
    server = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=30)
    for address, letter in letters:
        server.sendmail("tracker@localhost", [address], letter)
        if not kept:
            server.quit()
            server = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=30)
    server.quit()
    return perf_counter() - begun


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
