"""The operator's commands: what they say where nothing is, what is broken, and what came back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.world import World, at
from tracker.app import create_app
from tracker.cli import main
from tracker.config import CHECKOUT, load
from tracker.database import db
from tracker.models import JournalEntry
from tracker.operations import backup, purging

Run = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command over a data folder; returns the exit code and the lines that were printed."""
    monkeypatch.setenv("TRACKER_URL", "http://127.0.0.1:8000")
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def run(data: Path, *arguments: str | Path) -> tuple[int, list[str]]:
        monkeypatch.setenv("TRACKER_DATA", str(data))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, [*told.out.splitlines(), *told.err.splitlines()]

    return run


@pytest.mark.parametrize(
    "command", [("doctor",), ("verify",), ("backup",), ("journal", "purge", "--years", "1")]
)
def test_a_data_folder_that_is_not_there_is_told_and_not_made(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, [line] = run(tmp_path / "away", *command)
    assert code == 1
    assert "TRACKER_DATA" in line
    assert not (tmp_path / "away").exists()


def test_verify_says_of_an_empty_folder_that_the_data_are_elsewhere(run: Run, tmp_path: Path) -> None:
    code, [line] = run(tmp_path, "verify")
    assert code == 1
    assert "TRACKER_DATA" in line


def test_the_last_line_of_verify_says_how_many_faults_were_found(run: Run, world: World) -> None:
    with world.write():
        for entry in db.session.scalars(select(JournalEntry).where(JournalEntry.number.in_([1, 3]))):
            entry.deed = "something.else"
    db.session.remove()
    db.engine.dispose()
    code, lines = run(world.app.extensions["tracker.config"].data, "verify", "--language", "th")
    assert code == 1
    assert [line[0] for line in lines] == ["!", "!", "!"]
    assert "พบข้อผิดพลาด 2 ข้อ" in lines[-1]


def test_a_cut_journal_comes_back_on_an_empty_machine_with_its_seal(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = world.app.extensions["tracker.config"].data
    db.session.remove()
    db.engine.dispose()
    monkeypatch.setenv("TRACKER_DATA", str(data))
    with create_app(load({"TRACKER_DATA": str(data)})).app_context():
        assert purging.purge(1, now=at("2035-01-01"))[world.slug]
        file, _ = backup.make(tmp_path / "kept", now=at("2035-01-02"))
        db.session.remove()
        db.engine.dispose()
    code, lines = run(tmp_path / "new", "restore", file)
    assert (code, [line for line in lines if line.startswith("!")]) == (0, [])


def test_a_place_that_is_taken_is_told_before_anything_runs(world: World) -> None:
    data = world.app.extensions["tracker.config"].data
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for listen in (f"127.0.0.1:{taken.getsockname()[1]}", "127.0.0.1:many"):
            done = subprocess.run(
                [sys.executable, "-m", "tracker.cli", "serve"],
                cwd=CHECKOUT,
                env={
                    "PATH": os.environ["PATH"],
                    "TRACKER_DATA": str(data),
                    "TRACKER_URL": "http://127.0.0.1:8000",
                    "TRACKER_LISTEN": listen,
                },
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert (done.returncode, done.stdout) == (1, "")
            [line] = done.stderr.splitlines()
            assert listen in line
            assert "TRACKER_LISTEN" in line
