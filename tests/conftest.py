"""An application of its own for each test, on a migrated database that is copied, not made again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from io import BytesIO
from pathlib import Path

import flask_migrate
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.world import World
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import db
from tracker.locale import TRANSLATIONS

REAL_DOCUMENTS = "TRACKER_REAL_DOCUMENTS"


def make_config(data: Path, **changes: object) -> Config:
    """Settings of a test installation below `data`."""
    values: dict[str, object] = {
        "data": data,
        "database_url": f"sqlite:///{data / 'tracker.db'}",
        "url": "http://127.0.0.1:8000",
        "secret_key": "a key for tests only, of no use elsewhere",
        "testing": True,
        "smtp_seconds": 2.0,
        "handover_seconds": 5.0,
        "lease_seconds": 60.0,
    }
    return Config(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session", autouse=True)
def catalogues() -> None:
    """The compiled translations beside their sources, where `start.py` puts them too."""
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        made = BytesIO()
        with source.open("rb") as file:
            write_mo(made, read_po(file, locale=source.parts[-3]))
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != made.getvalue():
            # Several workers may do this at a time; whoever reads must find a whole file.
            unfinished = source.with_suffix(f".{os.getpid()}")
            unfinished.write_bytes(made.getvalue())
            os.replace(unfinished, compiled)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the head of the migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    app = create_app(make_config(folder))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()
    return folder / "tracker.db"


@pytest.fixture
def config(tmp_path: Path, migrated: Path) -> Config:
    shutil.copy(migrated, tmp_path / "tracker.db")
    return make_config(tmp_path)


@pytest.fixture
def app(config: Config) -> Iterator[Tracker]:
    """The application, with its context entered."""
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def world(app: Tracker) -> World:
    """The small world of tests/world.py: one organisation with people and five divisions."""
    return World(app)


@pytest.fixture
def real_documents() -> Path:
    """The folder of real documents; they do not belong to the project."""
    folder = os.environ.get(REAL_DOCUMENTS)
    if not folder:
        pytest.skip(f"set {REAL_DOCUMENTS} to a folder with real plan documents to run this test")
    return Path(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TRACKER_NO_SKIPS set, a test that skips has failed."""
    report = yield
    if report.skipped and os.environ.get("TRACKER_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but nothing may skip here: {report.longrepr}"
    return report
