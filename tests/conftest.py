"""An application of its own for each test, on a migrated database that is copied, not made again."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from copy import copy
from io import BytesIO
from pathlib import Path

import flask_migrate
import hypothesis
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import URL, NullPool, create_engine, make_url

from tests.world import World
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import db
from tracker.locale import TRANSLATIONS
from tracker.writing.fonts import webfonts
from tracker.writing.icons import sprite

REAL_DOCUMENTS = "TRACKER_REAL_DOCUMENTS"

# The same examples on every run; `make long` sets TRACKER_LONG and explores. A busy machine fails no example.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.register_profile("exploring", deadline=None)
hypothesis.settings.load_profile("exploring" if os.environ.get("TRACKER_LONG") else "steady")
POSTGRES = "TRACKER_TEST_POSTGRES"


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


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the fonts and icons of the pages."""
    folder = tmp_path_factory.mktemp("drawn")
    webfonts(folder)
    sprite(folder)
    return folder


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """The templates as the first test that asked for them compiled them."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> tuple[Path, World]:
    """A database file with the small world in it, and that world."""
    folder = tmp_path_factory.mktemp("founded")
    shutil.copy(migrated, folder / "tracker.db")
    app = create_app(make_config(folder))
    with app.app_context():
        world = World(app)
        db.session.remove()
        db.engine.dispose()
    return folder / "tracker.db", world


@pytest.fixture
def config(tmp_path: Path, migrated: Path, drawn: Path) -> Config:
    shutil.copy(migrated, tmp_path / "tracker.db")
    shutil.copytree(drawn, tmp_path / "cache")
    return make_config(tmp_path)


@pytest.fixture
def app(config: Config, compiled: FileSystemBytecodeCache) -> Iterator[Tracker]:
    """The application, with its context entered."""
    app = create_app(config)
    app.jinja_env.bytecode_cache = compiled
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> URL:
    """A PostgreSQL database from which others can be made."""
    given = os.environ.get(POSTGRES)
    if not given:
        pytest.skip(
            f"set {POSTGRES} to postgresql+psycopg://USER@HOST:PORT/DATABASE, "
            "of a user who may create databases, to run this test"
        )
    return make_url(given)


@pytest.fixture(scope="session")
def postgres_migrated(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL) -> Iterator[str]:
    """The name of a PostgreSQL database at the head of the migrations; dropped at the end."""
    with postgres_database(postgres_server) as url:
        app = create_app(make_config(tmp_path_factory.mktemp("postgres"), database_url=url))
        with app.app_context():
            flask_migrate.upgrade()
            db.session.remove()
            db.engine.dispose()
        yield make_url(url).database or ""


@pytest.fixture
def postgres_app(tmp_path: Path, postgres_server: URL, postgres_migrated: str) -> Iterator[Tracker]:
    """The application on a PostgreSQL database of its own, with its context entered; dropped afterwards."""
    with postgres_database(postgres_server, copy_of=postgres_migrated) as url:
        app = create_app(make_config(tmp_path, database_url=url))
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@contextmanager
def postgres_database(server: URL, copy_of: str = "template1") -> Iterator[str]:
    """The address of a new database, dropped at the end."""
    name = f"tracker_test_{secrets.token_hex(8)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{copy_of}"')
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def world(app: Tracker, config: Config, founded: tuple[Path, World]) -> World:
    """The small world of tests/world.py: one organisation with people and five divisions."""
    file, made = founded
    # Nobody has connected yet: what a test writes before it asks for the world would be lost.
    assert db.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    shutil.copy(file, config.data / "tracker.db")
    world = copy(made)
    # Whom one test adds, another does not know.
    world.app, world.users = app, dict(made.users)
    return world


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
