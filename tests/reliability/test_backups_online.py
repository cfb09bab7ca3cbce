"""Backups made while somebody reports: each comes back whole, with everything answered well before it began."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import URL, func, select

from tests.conftest import make_config, postgres_database
from tests.reliability import writer
from tests.reliability.forks import forks
from tests.reliability.test_writer_kills import Told, faults, forms_of, lost
from tests.reliability.worker import Fate
from tests.sinks import LONGEST_WAIT
from tests.test_isolation import any_app
from tests.world import World, at
from tracker.app import Tracker, create_app
from tracker.database import across_organisations, db
from tracker.models import Evidence
from tracker.operations import backup
from tracker.operations.findings import any_bad

__all__ = ["any_app"]

BACKUPS = 100 if os.environ.get("TRACKER_LONG") else 2
NOW = at("2026-04-20")


@contextmanager
def reporting(world: World, forms: list[tuple[str, str]]) -> Iterator[Connection]:
    """Somebody reports, ten times a second at most, until the block is left; gives what tells of each report."""
    ours, theirs = forks.Pipe()
    config = world.app.extensions["tracker.config"]
    user = (world.users["coordinator"], world.organisation_id)
    process = forks.Process(target=writer.write, args=(config, user, forms, Fate(), 0.1, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        assert ours.poll(LONGEST_WAIT)
        yield ours
        ours.send("enough")
        process.join(LONGEST_WAIT)
        assert process.exitcode == 0
    finally:
        process.kill()
        ours.close()


def heard(boss: Connection) -> list[Told]:
    told = []
    while boss.poll():
        told.append(boss.recv())
    return told


@contextmanager
def empty_installation(folder: Path, server: URL | None) -> Iterator[None]:
    """Another one, with a database of its own of the same kind, in its context."""
    with ExitStack() as stack:
        changes = {} if server is None else {"database_url": stack.enter_context(postgres_database(server))}
        app = create_app(make_config(folder, **changes))
        with app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()
    shutil.rmtree(folder)


def files_kept() -> int:
    with across_organisations("test"):
        number = db.session.scalar(select(func.count()).select_from(Evidence)) or 0
        db.session.rollback()
    return number


def test_each_backup_made_while_somebody_reports_comes_back_whole(
    any_app: Tracker, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(any_app)
    world.adopted_plan([(1, range(5), date(2025, 10, 1), date(2026, 9, 30))] * 3)
    forms, kind, begun = forms_of(world), db.engine.dialect.name, time.monotonic()
    server: URL | None = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    before, during, restored = list[Told](), 0, 0
    for number in range(BACKUPS):
        folder = tmp_path / f"backup-{number}"
        with reporting(world, forms) as boss:
            before += heard(boss)
            file, findings = backup.make(folder, now=NOW + timedelta(minutes=number))
            meanwhile = heard(boss)
        assert not any_bad(findings), number
        with empty_installation(tmp_path / f"restored-{number}", server):
            backup.restore(file, force=False, now=NOW + timedelta(days=1))
            assert faults() == [], number
            assert lost(before) == [], number
            restored = files_kept()
        shutil.rmtree(folder)
        before += meanwhile
        during += len(meanwhile)
    # Reports came in while the copies were made, not only between them.
    assert during >= BACKUPS
    assert restored >= BACKUPS
    with capsys.disabled():
        print(
            f"\n{kind}: {BACKUPS} backups, {during} reports answered while they were made, "
            f"{restored} files in the last, {time.monotonic() - begun:.0f} s",
            end="",
        )
