"""Runs migrations over the engine of the tables' owner, then keeps the organisations' rows apart."""

from __future__ import annotations

from alembic import context
from flask import current_app

from tracker.database import db, migration_engine, open_for_migration
from tracker.extensions import settings
from tracker.isolation import keep_apart

with open_for_migration(), migration_engine(settings().migration_database_url) as engine:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
    # After every run: a table that is new, or that SQLite had to make again, has no guards.
    with engine.begin() as connection:
        keep_apart(connection)
