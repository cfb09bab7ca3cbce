"""What an operator needs done to an installation: bring its database to the newest tables, with a copy first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tracker.database import db
from tracker.extensions import settings


def migrate(now: datetime) -> None:
    """Bring the database to the newest tables; where tables are to change, an SQLite file is copied first."""
    path = Path(db.engine.url.database or "")
    if db.engine.dialect.name == "sqlite" and path.is_file() and _behind():
        _copy(settings().backup_folder / f"before-migration-{now:%Y%m%d-%H%M%S}.db")
    flask_migrate.upgrade()
    db.session.remove()
    db.engine.dispose()


def _behind() -> bool:
    """Whether migrations wait to be run."""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    folder = Path(__file__).parent / "migrations"
    return current != ScriptDirectory(str(folder)).get_current_head()


def _copy(target: Path) -> None:
    """A consistent copy of the SQLite database, made while others may write."""
    target.parent.mkdir(parents=True, exist_ok=True)
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()
