"""The scheduler as a process of its own: ended kindly, and killed while mails go out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from jobs.send import send
from tests.sinks import LONGEST_WAIT, Sink, Taken, point_to
from tests.world import World
from tracker import clock
from tracker.config import Config
from tracker.database import across_organisations, db
from tracker.mail import Rendered, enqueue
from tracker.models import MailState, OutgoingMail

ROOT = Path(__file__).resolve().parents[2]
KILLS = 4


@contextmanager
def scheduler(config: Config, port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m jobs` on the test's database and this mail server."""
    environment = os.environ | {
        "TRACKER_DATA": str(config.data),
        "DATABASE_URL": config.database_url,
        "TRACKER_URL": "http://127.0.0.1:8000",
        "TRACKER_SECRET_KEY": "a key for tests only",
        "TRACKER_SMTP_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "jobs"], cwd=ROOT, env=environment | settings)
    try:
        yield process
    finally:
        process.kill()
        process.wait(LONGEST_WAIT)


def queue(world: World, number: int) -> None:
    with world.write():
        for place in range(number):
            words = Rendered(f"เรื่องที่ {place}", "เนื้อความ\n", "<p>เนื้อความ</p>")
            enqueue("test", (f"p{place}@x.example", ""), words, f"test:{place}", now=clock.now())


def outbox() -> list[OutgoingMail]:
    with across_organisations("test"):
        db.session.rollback()
        rows = list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))
        db.session.expunge_all()
        db.session.rollback()
    return rows


def test_told_to_end_it_finishes_the_mail_in_hand_and_leaves_quietly(world: World, config: Config) -> None:
    queue(world, 60)
    processes: list[subprocess.Popen[bytes]] = []

    def end(_: Taken) -> str:
        processes[0].send_signal(signal.SIGTERM)
        return "250 kept"

    with Sink(end) as sink, scheduler(config, sink.port) as process:
        processes.append(process)
        assert process.wait(LONGEST_WAIT) == 0
    rows = outbox()
    assert {row.state for row in rows} == {MailState.SENT, MailState.QUEUED}
    assert {row.message_id for row in rows if row.state is MailState.SENT} == {
        taken.message_id for taken in sink.taken
    }
    assert 1 <= len(sink.taken) < 60


def test_without_its_address_it_does_not_begin(config: Config) -> None:
    with scheduler(config, 25, TRACKER_URL="") as process:
        assert process.wait(LONGEST_WAIT) == 2


def test_killed_while_mails_go_out_nothing_is_lost_and_every_copy_is_accounted_for(
    world: World, config: Config
) -> None:
    queue(world, 40)
    processes: list[subprocess.Popen[bytes]] = []
    seen = 0

    def kill_at_every_fourth(_: Taken) -> str:
        # The server takes the mail, but who sent it dies before the answer.
        nonlocal seen
        seen += 1
        if len(processes) <= KILLS and seen % 4 == 0:
            processes[-1].kill()
            processes[-1].wait(LONGEST_WAIT)
        return "250 kept"

    with Sink(kill_at_every_fourth) as sink:
        for _ in range(KILLS):
            # Short, so that the next one may take up what this one had in hand.
            times = {"TRACKER_HANDOVER_SECONDS": "1.5", "TRACKER_LEASE_SECONDS": "2"}
            with scheduler(config, sink.port, **times) as process:
                processes.append(process)
                assert process.wait(LONGEST_WAIT) == -signal.SIGKILL
        processes.append(processes[-1])
        assert MailState.HANDING in {row.state for row in outbox()}
        point_to(world.app, sink.port)
        while send(lambda: clock.now() + timedelta(hours=1)):
            pass
    rows = outbox()
    copies = Counter(taken.message_id for taken in sink.taken)
    assert {row.state for row in rows} <= {MailState.SENT, MailState.UNCERTAIN}
    assert [
        row.message_id for row in rows if row.state is MailState.SENT and not copies[row.message_id]
    ] == []
    assert max(copies.values()) == 2
    assert all(copies[row.message_id] - 1 <= row.ambiguous for row in rows)
    assert sum(row.ambiguous for row in rows) >= KILLS
