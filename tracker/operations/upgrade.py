"""Brings the database to the newest tables: one process at a time, with a copy first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, make_url

from tracker import isolation
from tracker.database import db, migration_engine, open_for_migration
from tracker.errors import Message, Misconfigured, Refused
from tracker.extensions import settings
from tracker.operations import databases

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK_SECONDS = 600
# One number for all upgrades of one PostgreSQL database, whatever host they start from.
_ADVISORY = 20_690_010


def migrate(now: datetime) -> None:
    """Bring the database to the newest tables; where they are to change it is copied first.

    Of several processes that start together one migrates and the others wait. Raises Misconfigured where the
    application's role would have to do what belongs to the owner of the tables, Refused where no copy can be made.
    """
    if not _behind():
        return
    with alone():
        # Another process may have done it while this one waited.
        if _behind():
            _migrate(now)


def _migrate(now: datetime) -> None:
    _require_owner()
    if revision() is not None:
        databases.save(settings().backup_folder / f"before-migration-{now:%Y%m%d-%H%M%S}")
        databases.keep_newest(settings().backup_folder, "before-migration-*", settings().backups_kept)
    flask_migrate.upgrade()
    grant()
    db.session.remove()
    db.engine.dispose()


def revision() -> str | None:
    """The migration that the database is at; None where it has no table yet."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The migration that this version of the product needs."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def known(number: str) -> bool:
    """Whether this version of the product has that migration."""
    return number in {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def unfit() -> Message | None:
    """Why this version of the product cannot read the tables; None where it can."""
    at, needed = revision(), newest()
    if at is None:
        return Message(
            "ฐานข้อมูลยังไม่มีตาราง หากเคยมีข้อมูล โปรดตรวจ TRACKER_DATA, DATABASE_URL และการต่อดิสก์ "
            "หากเริ่มใหม่ โปรดสั่ง tracker migrate"
        )
    if at != needed and not known(at):
        return Message("ฐานข้อมูลอยู่ที่รุ่น %(at)s ซึ่งใหม่กว่าโปรแกรม โปรดปรับปรุงโปรแกรม", {"at": at})
    if at != needed:
        return Message(
            "ฐานข้อมูลอยู่ที่รุ่น %(at)s ต้องเป็น %(newest)s โปรดสั่ง tracker migrate", {"at": at, "newest": needed}
        )
    return None


def _behind() -> bool:
    """Whether migrations wait to be run, or a table lacks what keeps its rows apart."""
    if revision() != newest():
        return True
    with db.engine.connect() as connection:
        return bool(isolation.gaps(connection))


def _require_owner() -> None:
    if db.engine.dialect.name == "sqlite" or settings().migration_database_url or revision() is None:
        return
    with db.engine.connect() as connection:
        owner, role = connection.exec_driver_sql(
            "SELECT pg_get_userbyid(relowner), current_user FROM pg_class WHERE oid = 'alembic_version'::regclass"
        ).one()
        superuser = connection.exec_driver_sql("SHOW is_superuser").scalar() == "on"
    if owner != role and not superuser:
        raise Misconfigured(
            "ตารางเป็นของ %(owner)s แต่ DATABASE_URL ใช้ %(role)s โปรดกำหนด MIGRATION_DATABASE_URL แล้วสั่ง tracker migrate",
            owner=owner,
            role=role,
        )


def grant() -> None:
    """Where the application's role is not the owner's, give it what it needs and no more."""
    if not settings().migration_database_url:
        return
    role = make_url(settings().database_url).username
    owner = make_url(settings().migration_database_url).username
    if role is None or role == owner:
        return
    with (
        open_for_migration(),
        migration_engine(settings().migration_database_url) as engine,
        engine.begin() as connection,
    ):
        isolation.grant(connection, role)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the installation's lock; the system lets go of it when a process dies. Refused after ten minutes."""
    settings().data.mkdir(parents=True, exist_ok=True)
    # A lock that every system has: that of an SQLite file of its own.
    with closing(sqlite3.connect(settings().data / "upgrade.lock", timeout=LOCK_SECONDS)) as lock:
        lock.isolation_level = None
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as failure:
            raise Refused("มีการปรับปรุงหรือกู้คืนอีกชุดหนึ่งทำงานค้างอยู่ โปรดรอให้เสร็จแล้วลองใหม่") from failure
        if db.engine.dialect.name == "sqlite":
            yield
            return
        # A connection of its own: its lock ends with it.
        server = create_engine(settings().database_url, poolclass=NullPool)
        with server.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY})")
            yield
