"""Writers killed at random and at each numbered point: whatever was answered well is there, whole, afterwards."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from tests.reliability import writer
from tests.reliability.forks import forks
from tests.reliability.worker import Fate
from tests.sinks import LONGEST_WAIT
from tests.test_isolation import any_app
from tests.world import World
from tracker import storage
from tracker.app import Tracker
from tracker.config import Config
from tracker.database import across_organisations, db
from tracker.models import Evidence, Submission, Task
from tracker.operations import leftovers, verifying
from tracker.operations.findings import Level

__all__ = ["any_app"]

KILLS = 1000 if os.environ.get("TRACKER_LONG") else 6
WRITERS = 2
SEED = 2569


Told = tuple[str, str]


def forms_of(world: World) -> list[tuple[str, str]]:
    """The address of each group's form, and the field of its only claim."""
    with world.read():
        tasks = db.session.scalars(select(Task).order_by(Task.id)).all()
        found = [(f"/work/{one.item_id}/{one.division_id}/{one.quarter}", f"claim-{one.id}") for one in tasks]
        db.session.rollback()
    return found


def live_and_die(
    config: Config, user: tuple[int, int], forms: Sequence[tuple[str, str]], random: Random
) -> list[Told]:
    """Writers at work until every one of them was killed; what they had been told was kept."""
    started, told = [], list[Told]()
    for _ in range(WRITERS):
        ours, theirs = forks.Pipe()
        by_time = random.random() < 0.5
        fate = Fate() if by_time else Fate(random.choice(writer.POINTS), random.randint(1, 6))
        process = forks.Process(
            target=writer.write, args=(config, user, forms, fate, 0.0, theirs), daemon=True
        )
        process.start()
        theirs.close()
        started.append((process, ours, random.uniform(0.0, 0.5) if by_time else LONGEST_WAIT))
    for process, ours, delay in started:
        # Whoever dies by the clock has first been answered once.
        if ours.poll(LONGEST_WAIT):
            threading.Timer(delay, process.kill).start() if delay < LONGEST_WAIT else None
    for process, ours, _ in started:
        try:
            while ours.poll(LONGEST_WAIT):
                told.append(ours.recv())
        except EOFError:
            pass
        process.join(LONGEST_WAIT)
        assert process.exitcode == -signal.SIGKILL, f"a writer ended by itself: {process.exitcode}"
        ours.close()
    return told


def faults() -> list[str]:
    """Of the whole installation: tables, references, journal, files."""
    return [str(finding.message) for finding in verifying.verify() if finding.level is Level.BAD]


def lost(told: Sequence[Told]) -> list[Told]:
    """What was answered well and is not there: a report, or a file with its hash."""
    with across_organisations("test"):
        words = set(db.session.scalars(select(Submission.result)))
        files = dict(db.session.execute(select(Evidence.sha256, Evidence.storage_name)).all())
        db.session.rollback()
    return [
        (said, digest)
        for said, digest in told
        if said not in words or verifying.hash_of(storage.path_of(str(files.get(digest)))) != digest
    ]


def test_whatever_was_answered_well_outlives_the_writer(
    any_app: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(any_app)
    world.adopted_plan([(1, range(5), date(2025, 10, 1), date(2026, 9, 30))] * 3)
    forms, user = forms_of(world), (world.users["coordinator"], world.organisation_id)
    config: Config = any_app.extensions["tracker.config"]
    kind, random, told, killed, begun = (
        db.engine.dialect.name,
        Random(SEED),
        list[Told](),
        0,
        time.monotonic(),
    )
    while killed < KILLS:
        # Nobody else has the database open: what the dead leave behind is mended by whoever comes next.
        db.session.remove()
        db.engine.dispose()
        new = live_and_die(config, user, forms, random)
        killed += WRITERS
        told += new
        assert lost(new) == [], killed
        if killed % 20 == 0 or killed >= KILLS:
            assert faults() == [], killed
            assert lost(told) == [], killed
            with capsys.disabled():
                print(f"\n{kind}: {killed} killed, {len(told)} answered well, 0 lost", end="", flush=True)
    assert len(told) > KILLS / 2
    with across_organisations("test"), db.engine.connect() as connection:
        old = leftovers.leftovers(connection, config.data, datetime.now(UTC) + timedelta(minutes=1))
    orphans = [path for path in old if path.suffix != ".part"]
    # Of a file whose row was never written the operator is told.
    assert len(orphans) <= killed
    with capsys.disabled():
        print(f", {len(orphans)} files without a row, {time.monotonic() - begun:.0f} s")
