"""Copies a whole database into a file and back: SQLite by its backup interface, PostgreSQL by pg_dump."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, MetaData, NullPool, create_engine, make_url
from sqlalchemy.exc import ProgrammingError

from tracker import isolation
from tracker.database import across_organisations, db, open_for_migration, set_up_engine
from tracker.errors import Misconfigured, Refused
from tracker.extensions import settings
from tracker.isolation import CROSSING

ENDINGS = {"sqlite": ".db", "postgresql": ".dump"}
_DENIED = "42501"

Seen = TypeVar("Seen")


def owner_url() -> URL:
    """The address of the database for whoever may do everything to it."""
    return make_url(settings().migration_database_url or settings().database_url)


def save_and_look(target: Path, look: Callable[[Connection], Seen]) -> tuple[Path, Seen]:
    """A copy as by `save`, and what a look at the database found at the moment of that copy."""
    if db.engine.dialect.name == "sqlite":
        file = save(target)
        with _engine(_sqlite(file)) as engine, engine.connect() as connection:
            return file, look(connection)
    with (
        _engine(owner_url()) as engine,
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
    ):
        shared = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        return save(target, f"--snapshot={shared}"), look(connection)


def save(target: Path, *options: str) -> Path:
    """A consistent copy made while others may write; `target` without ending, returns the file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    file = target.with_name(target.name + ENDINGS[db.engine.dialect.name])
    file.touch(mode=0o600)
    try:
        if db.engine.dialect.name == "sqlite":
            _save_sqlite(file)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", *options)
        # What is only in the system's memory would be lost with the power.
        with file.open("rb+") as written:
            os.fsync(written.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return file


def _save_sqlite(file: Path) -> None:
    with closing(db.engine.raw_connection()) as connection, closing(sqlite3.connect(file)) as copy:
        source: sqlite3.Connection = connection.driver_connection  # type: ignore[assignment]
        # In one step: page by page it would begin anew with every write of others.
        source.backup(copy, pages=-1)
        # One file, without the log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def opened(file: Path) -> Iterator[Engine | None]:
    """The copy as a database of its own, taken away afterwards; None where the owner may make no database."""
    if file.suffix == ENDINGS["sqlite"]:
        with _engine(_sqlite(file)) as engine:
            yield engine
        return
    name = f"tracker_check_{secrets.token_hex(6)}"
    maker = create_engine(owner_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with maker.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    except ProgrammingError as failure:
        if getattr(failure.orig, "sqlstate", None) != _DENIED:
            raise
        _run("pg_restore", "--file", os.devnull, str(file), connected=False)
        yield None
        return
    try:
        url = owner_url().set(database=name)
        _restore_dump(file, url)
        with _engine(url) as engine:
            yield engine
    finally:
        with maker.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def load(file: Path, aside: Path) -> None:
    """Put the copy in the place of the installation's database; what was there goes into the folder `aside`."""
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        place = Path(str(db.engine.url.database))
        for old in (place, *(place.with_name(place.name + ending) for ending in ("-wal", "-shm"))):
            if old.exists():
                aside.mkdir(parents=True, exist_ok=True)
                shutil.move(old, aside / old.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place.with_name(place.name + ".part"))
        place.with_name(place.name + ".part").chmod(0o600)
        os.replace(place.with_name(place.name + ".part"), place)
        return
    with _engine(owner_url()) as engine, open_for_migration(), engine.begin() as connection:
        found = MetaData()
        found.reflect(connection)
        if found.tables:
            save(aside / "database")
            found.drop_all(connection)
            isolation.let_go(connection)
    _restore_dump(file, owner_url())


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    found = MetaData()
    found.reflect(connection)
    quote = connection.dialect.identifier_preparer.quote
    return {
        name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one())
        for name in sorted(found.tables)
    }


def keep_newest(folder: Path, pattern: str, number: int) -> None:
    """Delete all but the newest files of that name, whose names sort by their time."""
    for old in sorted(folder.glob(pattern))[:-number]:
        old.unlink()


def _sqlite(file: Path) -> URL:
    return URL.create("sqlite", database=str(file))


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url, poolclass=NullPool)
    if engine.dialect.name != "sqlite":
        # A copy stays one file as it is; only row policies have to be told who asks.
        set_up_engine(engine)
    try:
        with across_organisations("backup and restore"):
            yield engine
    finally:
        engine.dispose()


def _restore_dump(file: Path, url: URL) -> None:
    _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(file), url=url)


def _run(program: str, *arguments: str, url: URL | None = None, connected: bool = True) -> None:
    """Run one of PostgreSQL's programs; Refused with its own words where it fails."""
    path = shutil.which(program)
    if path is None:
        raise Misconfigured("ไม่พบโปรแกรม %(program)s โปรดติดตั้งชุด postgresql-client", program=program)
    url = url or owner_url()
    # The password goes through the environment: the list of processes shows every argument.
    environment = {**os.environ, "PGOPTIONS": f"-c {CROSSING}=on"}
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    address = [f"--dbname={plain}"] if connected else []
    own = ["--enable-row-security"] if program == "pg_dump" else []
    done = subprocess.run(
        [path, *own, *address, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused("%(program)s ทำไม่สำเร็จ: %(told)s", program=program, told=done.stderr.strip()[-500:])
