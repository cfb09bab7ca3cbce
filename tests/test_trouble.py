"""A full disk, a database that takes nothing, a folder that is gone: answered in words, nothing half written."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
import time_machine
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests import documents
from tests.client import Browser
from tests.deeds import PDF, group_of, prove
from tests.world import World, at
from tracker import trouble
from tracker.config import CHECKOUT
from tracker.database import db
from tracker.models import Evidence, JournalEntry, Submission, Task
from tracker.operations import backup
from tracker.views import assets

NOW = at("2026-01-05")
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


@pytest.fixture
def lived(world: World) -> Iterator[World]:
    world.adopted_plan([(1, range(2), *YEAR)])
    with time_machine.travel(NOW, tick=False):
        yield world


def counted(world: World) -> tuple[int, ...]:
    db.session.remove()
    with world.read():
        found = tuple(
            db.session.scalar(select(func.count(model.id))) or 0
            for model in (Submission, Evidence, JournalEntry)
        )
    db.session.remove()
    return found


def files(world: World) -> list[Path]:
    folder = world.app.extensions["tracker.config"].evidence_folder
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


@contextmanager
def every_connection(pragma: str) -> Iterator[None]:
    """Each connection to the database begins with this."""
    db.session.remove()
    db.engine.dispose()

    def begin(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(pragma)

    event.listen(db.engine, "connect", begin)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", begin)
        db.session.remove()
        db.engine.dispose()


def pages(world: World) -> int:
    with sqlite3.connect(world.app.extensions["tracker.config"].data / "tracker.db") as connection:
        number = int(connection.execute("PRAGMA page_count").fetchone()[0])
    connection.close()
    return number


def report(world: World, browser: Browser, result: str = "ทำแล้ว") -> tuple[int, str]:
    with world.read():
        task = db.session.scalars(
            select(Task).where(Task.division_id == world.division_ids[0]).order_by(Task.id)
        ).first()
        assert task is not None
        address = f"/work/{task.item_id}/{task.division_id}/{task.quarter}"
        claim = f"claim-{task.id}"
        db.session.remove()
    answer = browser.post(
        address,
        {
            "result": result, "problems": "ไม่มี", "suggestions": "ไม่มี", claim: "as_planned",
            "files": (BytesIO(PDF), "คู่มือ.pdf"),
        },
    )  # fmt: skip
    return answer.status_code, answer.get_data(as_text=True)


def test_a_report_goes_through_where_nothing_is_in_the_way(lived: World) -> None:
    before = counted(lived)
    status, _ = report(lived, Browser(lived.app).enter(lived, "head0"))
    assert status == 303
    assert counted(lived)[:2] == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize(
    ("pragma", "words"),
    [("max_page_count={pages}", "พื้นที่ดิสก์เต็ม"), ("query_only=ON", "เขียนไม่ได้")],
    ids=["full", "read-only"],
)
def test_a_database_that_takes_nothing_is_told_on_the_page(lived: World, pragma: str, words: str) -> None:
    browser = Browser(lived.app).enter(lived, "head0")
    assert browser.token
    before, kept = counted(lived), files(lived)
    with every_connection(f"PRAGMA {pragma.format(pages=pages(lived))}"):
        # More than the free room of the pages that are there already.
        status, page = report(lived, browser, "ก" * 8_000)
        assert (status, words in page) == (503, True), page[-3000:]
        assert browser.open("/sign-in").status_code in {200, 303}
    assert counted(lived) == before
    assert files(lived) == kept


def test_a_full_disk_takes_no_page_away_because_fonts_and_icons_could_not_be_made(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_folder: Path) -> dict[str, Path]:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(assets, "webfonts", full)
    assets._generated.cache_clear()
    assets._address.cache_clear()
    browser = Browser(lived.app).enter(lived, "head0")
    for address in ("/work", "/assets/bootstrap.min.css"):
        assert browser.open(address).status_code == 200, address
    answer = browser.open("/assets/sarabun-regular.woff2")
    assert (answer.status_code, "พื้นที่ดิสก์เต็ม" in answer.get_data(as_text=True)) == (503, True)


def test_an_evidence_folder_that_is_away_is_told_where_a_file_of_it_is_asked_for(lived: World) -> None:
    number = prove(lived, group_of(lived))
    folder = lived.app.extensions["tracker.config"].evidence_folder
    browser = Browser(lived.app).enter(lived, "coordinator")
    folder.rename(folder.with_name("away"))
    answer = browser.open(f"/evidence/{number}")
    assert (answer.status_code, "ไม่พบแฟ้มนี้ในที่เก็บ" in answer.get_data(as_text=True)) == (503, True)
    folder.with_name("away").rename(folder)
    assert browser.open(f"/evidence/{number}").status_code == 200


@pytest.mark.parametrize("place", ["evidence", "sources"])
def test_a_folder_that_cannot_be_made_is_told_on_the_page(lived: World, place: str) -> None:
    folder = lived.app.extensions["tracker.config"].data / place
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file stands where the folder should be")
    browser = Browser(lived.app).enter(lived, "head0" if place == "evidence" else "coordinator")
    before = counted(lived)
    if place == "evidence":
        status, page = report(lived, browser)
    else:
        answer = browser.post("/plan/upload", {"plan": (BytesIO(documents.text()), "แผน.txt")})
        status, page = answer.status_code, answer.get_data(as_text=True)
    assert status in {422, 503}
    assert "แจ้งผู้ดูแลระบบ" in page
    assert counted(lived) == before


def test_a_database_that_is_gone_is_told_on_every_page(lived: World) -> None:
    data = lived.app.extensions["tracker.config"].data
    browser = Browser(lived.app).enter(lived, "head0")
    db.session.remove()
    db.engine.dispose()
    for path in data.glob("tracker.db*"):
        path.unlink()
    (data / "tracker.db").mkdir()
    for address in ("/", "/work", "/healthz"):
        answer = browser.open(address)
        assert answer.status_code == 503, address
        assert "เปิดฐานข้อมูลไม่ได้" in answer.get_data(as_text=True), address
    db.session.remove()
    db.engine.dispose()


def run(data: Path, *arguments: str, largest: int | None = None) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, no file of which may grow beyond so many bytes.

    Without compiled modules: the limit would cut those off too, for everybody who shares them.
    """

    def limit() -> None:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return subprocess.run(
        [sys.executable, "-m", "tracker.cli", *arguments],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "TRACKER_DATA": str(data),
            "TRACKER_URL": "http://127.0.0.1:8000",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_ends_a_backup_with_words_and_leaves_no_file(lived: World, tmp_path: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    data = lived.app.extensions["tracker.config"].data
    done = run(data, "backup", "--to", str(tmp_path / "kept"), largest=100_000)
    assert done.returncode == 1
    assert "พื้นที่ดิสก์เต็ม" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_full_disk_ends_a_restore_before_anything_is_replaced(lived: World, tmp_path: Path) -> None:
    before = counted(lived)
    file, _ = backup.make(tmp_path / "kept", now=NOW)
    db.session.remove()
    db.engine.dispose()
    data = lived.app.extensions["tracker.config"].data
    done = run(data, "restore", str(file), "--force", "--language", "en", largest=100_000)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert counted(lived) == before


def test_a_place_that_takes_no_backup_is_told(lived: World, tmp_path: Path) -> None:
    db.session.remove()
    db.engine.dispose()
    done = run(lived.app.extensions["tracker.config"].data, "backup", "--to", "/proc/no-such-place")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (OSError(errno.ENOSPC, "full"), "ดิสก์เต็ม"),
        (OSError(errno.EROFS, "read-only"), "เขียนไม่ได้"),
        (FileNotFoundError(errno.ENOENT, "ours"), None),
        (ValueError("ours"), None),
        (OperationalError("", {}, psycopg.errors.DiskFull()), "ดิสก์เต็ม"),
        (OperationalError("", {}, psycopg.errors.ReadOnlySqlTransaction()), "เขียนไม่ได้"),
        (OperationalError("", {}, psycopg.errors.AdminShutdown()), "เปิดฐานข้อมูลไม่ได้"),
        (OperationalError("", {}, psycopg.OperationalError("connection refused")), "เปิดฐานข้อมูลไม่ได้"),
        (ProgrammingError("", {}, psycopg.errors.UndefinedTable()), None),
    ],
)
def test_a_failure_of_the_machine_has_a_sentence_and_one_of_ours_has_none(
    failure: Exception, words: str | None
) -> None:
    told = trouble.told(failure)
    assert (told is None) if words is None else (told is not None and words in str(told))
