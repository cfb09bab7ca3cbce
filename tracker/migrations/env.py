"""Runs migrations over the application's own engine."""

from __future__ import annotations

from alembic import context
from flask import current_app

from tracker.database import db, open_for_migration

with open_for_migration(), db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
