"""The tables that migrations make: equal to the models, keys that stay in one organisation, indexes in use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Dialect,
    ForeignKeyConstraint,
    Select,
    UniqueConstraint,
    inspect,
    or_,
    select,
)
from sqlalchemy.dialects import sqlite

from tests.conftest import make_config, postgres_database
from tests.world import World, at
from tracker.app import Tracker, create_app
from tracker.config import CHECKOUT
from tracker.database import db, open_for_migration
from tracker.models import (
    Base,
    JournalEntry,
    MailState,
    OutgoingMail,
    Owned,
    Plan,
    Reminder,
    Submission,
    Task,
    WebSession,
)
from tracker.rules.states import TaskState

FOLDER = CHECKOUT / "tracker" / "migrations"
OWNED = sorted(
    (mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)),
    key=lambda table: table.name,
)
# What is looked for without knowing the organisation: the next mail, the next file to make, the throttle's old rows.
ACROSS = {"ix_outgoing_mail_state_next_at", "ix_rendering_state_asked_at", "ix_throttle_since_at"}
NOW = at("2026-03-20")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tracker]:
    """The application on a database without a single table, in its context."""
    if request.param == "sqlite":
        yield from in_context(create_app(make_config(tmp_path)))
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield from in_context(create_app(make_config(tmp_path, database_url=url)))


def in_context(app: Tracker) -> Iterator[Tracker]:
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def differences(connection: Connection) -> list[Any]:
    options = {"compare_type": True, "compare_server_default": True, "render_as_batch": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata))


def test_an_empty_database_is_brought_to_what_the_models_say(empty_app: Tracker) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == ScriptDirectory(str(FOLDER)).get_current_head()
    assert tables() == {table.name for table in db.metadata.sorted_tables} | {"alembic_version"}


def test_migrating_twice_changes_nothing(empty_app: Tracker) -> None:
    flask_migrate.upgrade()
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_every_migration_can_be_taken_back(empty_app: Tracker) -> None:
    flask_migrate.upgrade()
    World(empty_app).adopted_plan([(1, range(2), date(2025, 10, 1), date(2026, 9, 30))])
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert tables() == {"alembic_version"}
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert differences(connection) == []


def test_a_missing_column_would_be_noticed(empty_app: Tracker) -> None:
    flask_migrate.upgrade()
    with open_for_migration(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE calendar_day DROP COLUMN name")
        assert [found[0] for found in differences(connection)] == ["add_column"]


def test_migrations_are_numbered_one_after_the_other() -> None:
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert all(re.fullmatch(r"[0-9]{4}_[a-z0-9_]+\.py", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    scripts = ScriptDirectory(str(FOLDER))
    assert len(scripts.get_heads()) == 1
    assert [script.revision for script in scripts.walk_revisions()] == [name[:4] for name in reversed(names)]


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_an_owned_table_refers_only_within_its_organisation(table: Any) -> None:
    keys = [
        tuple(constraint.columns.keys())
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    assert ("organisation_id", "id") in keys
    names = {other.name for other in OWNED}
    for constraint in table.constraints:
        if isinstance(constraint, ForeignKeyConstraint) and constraint.referred_table.name in names:
            assert constraint.column_keys[0] == "organisation_id", constraint.name
            referred = [element.column.name for element in constraint.elements]
            assert referred == ["organisation_id", "id"], constraint.name
    assert not table.c.organisation_id.nullable


def test_a_column_that_names_a_row_is_a_reference() -> None:
    referring = {
        (table.name, key)
        for table in OWNED
        for constraint in table.foreign_key_constraints
        for key in constraint.column_keys
    }
    named = {
        (table.name, column.name)
        for table in OWNED
        for column in table.columns
        if column.name.endswith("_id")
    }
    # The journal names rows of any table, also of such as are gone; a Message-ID is a word of mail.
    others = {("journal_entry", "subject_id"), ("outgoing_mail", "message_id")}
    assert named - referring == others


def test_every_table_without_an_organisation_is_known() -> None:
    others = {table.name for table in db.metadata.sorted_tables} - {table.name for table in OWNED}
    assert others == {"organisation", "job_run", "relay", "throttle"}


def test_every_index_begins_with_the_organisation() -> None:
    indexes = [index for table in db.metadata.sorted_tables for index in table.indexes]
    astray = {str(index.name) for index in indexes if next(iter(index.columns)).name != "organisation_id"}
    assert astray == ACROSS


def test_unique_keys_without_the_organisation_are_secrets_or_names_of_the_installation() -> None:
    astray = {
        (table.name, *constraint.columns.keys())
        for table in OWNED
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and "organisation_id" not in constraint.columns
    }
    assert astray == {
        ("address_change", "token_hash"),
        ("calendar_feed", "token_hash"),
        ("link_token", "token_hash"),
        ("mail_link", "token_hash"),
        ("outgoing_mail", "dedup_key"),
        ("outgoing_mail", "message_id"),
        ("user_account", "address"),
        ("web_session", "token_hash"),
    }


def test_every_constraint_has_a_name() -> None:
    for table in db.metadata.sorted_tables:
        assert [constraint for constraint in table.constraints if not constraint.name] == []


# The questions that pages and jobs ask most, and the index that must answer each.
QUESTIONS: dict[str, tuple[Callable[[], Select[Any]], str]] = {
    "the tasks of a division": (
        lambda: (
            select(Task)
            .where(Task.organisation_id == 1, Task.division_id == 1, Task.state == TaskState.OPEN)
            .order_by(Task.due_on)
        ),
        "ix_task_organisation_id_division_id_state_due_on",
    ),
    "the tasks of a group": (
        lambda: select(Task).where(
            Task.organisation_id == 1, Task.item_id == 1, Task.division_id == 1, Task.quarter == 1
        ),
        "ix_task_organisation_id_item_id_division_id_quarter",
    ),
    "the tasks of a year": (
        lambda: (
            select(Task)
            .join(Plan, Plan.id == Task.plan_id)
            .where(Plan.fiscal_year == 2569, Plan.organisation_id == 1, Task.organisation_id == 1)
        ),
        "ix_task_organisation_id_plan_id_quarter",
    ),
    "what is due": (
        lambda: select(Task).where(
            Task.organisation_id == 1,
            Task.state.in_([TaskState.OPEN, TaskState.STUCK]),
            Task.due_on <= date(2026, 3, 31),
        ),
        "ix_task_organisation_id_state_due_on",
    ),
    "the next mails to send": (
        lambda: (
            select(OutgoingMail.id)
            .where(OutgoingMail.state == MailState.QUEUED, OutgoingMail.next_at <= NOW)
            .order_by(OutgoingMail.next_at)
            .limit(1)
        ),
        "ix_outgoing_mail_state_next_at",
    ),
    "the reminders of a subject": (
        lambda: select(Reminder).where(
            Reminder.organisation_id == 1, Reminder.subject == "group:1:1:1", Reminder.due_version == 1
        ),
        "ix_reminder_organisation_id_subject_due_version",
    ),
    "the journal of a thing": (
        lambda: select(JournalEntry).where(
            JournalEntry.organisation_id == 1,
            JournalEntry.subject_kind == "task",
            JournalEntry.subject_id == 1,
        ),
        "ix_journal_entry_organisation_id_subject_kind_subject_id",
    ),
    "the journal in its order": (
        lambda: (
            select(JournalEntry)
            .where(JournalEntry.organisation_id == 1, JournalEntry.number > 10)
            .order_by(JournalEntry.number)
        ),
        "sqlite_autoindex_journal_entry",
    ),
    "the attempts of a group": (
        lambda: (
            select(Submission)
            .where(
                Submission.organisation_id == 1,
                Submission.item_id == 1,
                Submission.division_id == 1,
                Submission.quarter == 1,
            )
            .order_by(Submission.number.desc())
        ),
        "sqlite_autoindex_submission",
    ),
    "who holds a session": (
        lambda: select(WebSession).where(or_(WebSession.token_hash == "x" * 64)),
        "sqlite_autoindex_web_session",
    ),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_index_answers_a_frequent_question(app: Tracker, name: str) -> None:
    statement, wanted = QUESTIONS[name]
    dialect: Dialect = sqlite.dialect(paramstyle="named")
    sql = str(statement().compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    with db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert any(step.startswith("SEARCH") and wanted in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
