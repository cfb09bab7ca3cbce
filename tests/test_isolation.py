"""The wall between organisations in the database itself: triggers on every owned table, row policies on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import (
    URL,
    Boolean,
    Connection,
    Date,
    Enum,
    Float,
    Integer,
    NullPool,
    Table,
    create_engine,
    func,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from jobs import schedule
from tests.client import Browser
from tests.conftest import make_config, postgres_database
from tests.world import FOUNDED, World, at
from tracker import isolation
from tracker.app import Tracker, create_app
from tracker.database import across_organisations, db, open_for_migration, organisation_scope, writing
from tracker.errors import Misconfigured
from tracker.models import Base, CalendarDay, JournalEntry, Organisation, Owned, Task, User
from tracker.models.base import UtcDateTime
from tracker.operations import upgrade

OWNED = sorted(
    (mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)),
    key=lambda table: str(table),
)
SENTENCE = "a row never moves to another organisation"
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request: pytest.FixtureRequest) -> Tracker:
    """The application on an empty migrated database of each kind, in its context."""
    found: Tracker = request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
    return found


def filled(table: Table) -> dict[str, Any]:
    """A row of the first organisation that fits the columns, though not the references."""
    row: dict[str, Any] = {}
    for column in table.columns:
        kind = column.type
        if column.nullable:
            row[column.name] = None
        elif isinstance(kind, Enum):
            row[column.name] = kind.enums[0]
        elif isinstance(kind, UtcDateTime):
            row[column.name] = FOUNDED
        elif isinstance(kind, Boolean):
            row[column.name] = False
        elif isinstance(kind, Date):
            row[column.name] = YEAR[0]
        elif isinstance(kind, Integer | Float):
            row[column.name] = 1
        else:
            row[column.name] = "x"
    return row


@contextmanager
def references_unwatched(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
    yield
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = origin")


@pytest.mark.parametrize("by", ["= 2", "= organisation_id + 1", "= -organisation_id"])
def test_no_row_of_any_owned_table_moves_to_another_organisation(any_app: Tracker, by: str) -> None:
    assert len(OWNED) >= 30
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[attr-defined]
    for table in OWNED:
        with open_for_migration(), db.engine.connect() as connection:
            with references_unwatched(connection):
                connection.execute(table.insert().values(filled(table)))
            with pytest.raises(IntegrityError, match=SENTENCE):
                connection.exec_driver_sql(f'UPDATE "{table.name}" SET organisation_id {by}')


def test_a_row_may_be_written_again_where_it_is(any_app: Tracker) -> None:
    world = World(any_app)
    with across_organisations("test"), writing():
        found = db.session.execute(update(User).values(organisation_id=User.organisation_id))
    assert found.rowcount == len(world.users)  # type: ignore[attr-defined]


def test_a_table_that_lost_its_guard_gets_it_back_with_the_next_upgrade(any_app: Tracker) -> None:
    with open_for_migration(), db.engine.begin() as connection:
        assert isolation.gaps(connection) == []
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER stays_in_its_organisation_task")
        else:
            connection.exec_driver_sql("ALTER TABLE task DISABLE ROW LEVEL SECURITY")
            connection.exec_driver_sql("DROP TRIGGER stays_in_its_organisation ON plan")
        assert isolation.gaps(connection) == (
            ["task"] if connection.dialect.name == "sqlite" else ["plan", "task"]
        )
    upgrade.migrate(FOUNDED)
    with db.engine.connect() as connection:
        assert isolation.gaps(connection) == []


class Limited:
    """Two organisations in a database whose application has a role of its own, neither owner nor superuser."""

    def __init__(self, app: Tracker, url: URL) -> None:
        self.app = app
        self.url = url
        self.own = World(app)
        self.foreign = World(app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
        for world in (self.own, self.foreign):
            world.adopted_plan([(1, range(2), *YEAR)])
            with world.write():
                db.session.add(CalendarDay(day=date(2026, 5, 5), working=True, name=world.slug))
        db.session.remove()

    @contextmanager
    def raw(self, role: str = "", organisation: int | None = None) -> Iterator[Connection]:
        """A connection that nobody has told anything, or only whose rows to show."""
        engine = create_engine(self.url.set(username=role or self.url.username), poolclass=NullPool)
        with engine.connect() as connection:
            if organisation is not None:
                connection.execute(
                    text("SELECT set_config('app.organisation', :id, true)"), {"id": str(organisation)}
                )
            yield connection
        engine.dispose()


@contextmanager
def roles(server: URL, *extra: str) -> Iterator[tuple[URL, URL]]:
    """A new database's address for the application's role and for its owner; all dropped at the end."""
    token = secrets.token_hex(6)
    app_role, owner = f"tracker_app_{token}", f"tracker_owner_{token}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {app_role} LOGIN")
        connection.exec_driver_sql(f"CREATE ROLE {owner} LOGIN {' '.join(extra)}")
    try:
        with postgres_database(server) as made:
            url = make_url(made)
            with engine.connect() as connection:
                connection.exec_driver_sql(f'ALTER DATABASE "{url.database}" OWNER TO {owner}')
            yield url.set(username=app_role), url.set(username=owner)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP ROLE {app_role}")
            connection.exec_driver_sql(f"DROP ROLE {owner}")
        engine.dispose()


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory, postgres_server: URL, drawn: Path) -> Iterator[Limited]:
    with roles(postgres_server) as (url, owner):
        app = create_app(
            make_config(
                tmp_path_factory.mktemp("limited"),
                database_url=url.render_as_string(hide_password=False),
                migration_database_url=owner.render_as_string(hide_password=False),
            )
        )
        with app.app_context():
            upgrade.migrate(FOUNDED)
            yield Limited(app, url)
            db.session.remove()
            db.engine.dispose()


def rows_of(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.exec_driver_sql(f'SELECT count(*) FROM "{table.name}"').scalar_one())
        for table in OWNED
    }


def test_sql_that_names_no_organisation_sees_no_row_of_any_table(limited: Limited) -> None:
    with across_organisations("test"):
        assert (db.session.scalar(select(func.count(Task.id))) or 0) > 0
    db.session.rollback()
    with limited.raw() as connection:
        assert set(rows_of(connection).values()) == {0}


def test_sql_sees_and_changes_the_own_rows_only(limited: Limited) -> None:
    own = limited.own.organisation_id
    with limited.raw(organisation=own) as connection:
        for table, number in rows_of(connection).items():
            owners = connection.exec_driver_sql(f'SELECT DISTINCT organisation_id FROM "{table}"')
            assert set(owners.scalars()) <= {own}, table
            assert number or not list(owners), table
        assert connection.exec_driver_sql("UPDATE calendar_day SET name = 'taken'").rowcount == 1
        assert connection.exec_driver_sql("DELETE FROM calendar_day").rowcount == 1
        foreign = limited.foreign.organisation_id
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.exec_driver_sql(
                f"INSERT INTO calendar_day (organisation_id, day, working, name) "
                f"VALUES ({foreign}, '2026-06-06', true, 'taken')"
            )


def test_a_pooled_connection_shows_nothing_when_its_transaction_is_over(limited: Limited) -> None:
    count = "SELECT count(*) FROM task"
    for end in ("commit", "rollback"):
        with limited.own.read():
            assert db.session.scalar(select(func.count(Task.id))) == 8
            getattr(db.session, end)()
        db.session.remove()
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql(count).scalar() == 0


def test_what_the_policies_are_told_follows_the_scope_within_one_transaction(limited: Limited) -> None:
    def seen() -> int:
        return db.session.scalar(select(func.count(Task.id))) or 0

    with writing():
        with organisation_scope(limited.own.organisation_id):
            assert seen() == 8
            with across_organisations("test"):
                assert seen() == 16
            assert seen() == 8
            with db.session.begin_nested() as savepoint:
                with across_organisations("test"):
                    assert seen() == 16
                savepoint.rollback()
            assert seen() == 8
        with organisation_scope(limited.foreign.organisation_id):
            assert seen() == 8
            assert set(db.session.scalars(select(Task.organisation_id))) == {limited.foreign.organisation_id}
    db.session.remove()


def test_reading_in_pieces_is_limited_too(limited: Limited) -> None:
    with limited.own.read():
        found = db.session.scalars(select(Task).execution_options(yield_per=2, stream_results=True))
        assert {task.organisation_id for task in found} == {limited.own.organisation_id}
        db.session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET deed = 'nothing'",
        "DELETE FROM journal_entry",
        "UPDATE journal_checkpoint SET number = 1",
        "DELETE FROM journal_checkpoint",
        "TRUNCATE task",
        "ALTER TABLE task DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE task DISABLE TRIGGER ALL",
        "DROP POLICY own_rows ON task",
        "CREATE TABLE kept_aside AS SELECT * FROM task",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET ROLE postgres",
    ],
)
def test_the_application_s_role_cannot_take_the_wall_down(limited: Limited, statement: str) -> None:
    with (
        limited.raw(organisation=limited.own.organisation_id) as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.exec_driver_sql(statement)


def test_the_owner_is_held_to_the_policies_too(limited: Limited) -> None:
    owner = make_url(limited.app.extensions["tracker.config"].migration_database_url).username
    with limited.raw(role=str(owner)) as connection:
        assert set(rows_of(connection).values()) == {0}


def test_the_application_works_in_its_own_role(limited: Limited) -> None:
    with time_machine.travel(at("2026-04-20"), tick=False):
        done = schedule.tick(limited.app, at("2026-04-20"))
        assert done["remind"] > 0
        browser = Browser(limited.app).enter(limited.own, "coordinator")
        for address in ("/plan/2569", "/work", "/reminders"):
            assert browser.open(address).status_code in {200, 303}, address
    with limited.own.read():
        numbers = list(db.session.scalars(select(JournalEntry.number).order_by(JournalEntry.number)))
        length = db.session.scalar(select(Organisation.journal_length).where(Organisation.slug == "tuayang"))
    db.session.remove()
    assert numbers == list(range(1, (length or 0) + 1))


def test_the_application_s_role_alone_is_told_whom_an_upgrade_needs(limited: Limited) -> None:
    data = limited.app.extensions["tracker.config"].data
    owner = str(make_url(limited.app.extensions["tracker.config"].migration_database_url).username)
    with limited.raw(role=owner) as connection:
        connection.exec_driver_sql("ALTER TABLE task NO FORCE ROW LEVEL SECURITY")
        connection.commit()
    app = create_app(make_config(data, database_url=limited.url.render_as_string(hide_password=False)))
    with app.app_context():
        with pytest.raises(Misconfigured, match="MIGRATION_DATABASE_URL"):
            upgrade.migrate(FOUNDED)
        db.session.remove()
        db.engine.dispose()
    upgrade.migrate(FOUNDED)
    with db.engine.connect() as connection:
        assert isolation.gaps(connection) == []


def test_a_move_is_refused_also_by_words_of_sql(limited: Limited) -> None:
    with (
        limited.raw(organisation=limited.own.organisation_id) as connection,
        pytest.raises(DBAPIError, match=SENTENCE),
    ):
        connection.exec_driver_sql("UPDATE calendar_day SET organisation_id = organisation_id + 1")
