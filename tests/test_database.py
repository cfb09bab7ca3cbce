"""No statement reads or changes another organisation's rows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Text,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
    union,
    update,
)
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlalchemy.orm import aliased, joinedload, selectinload
from sqlalchemy.orm.exc import ObjectDeletedError
from sqlalchemy.orm.session import make_transient_to_detached

from tests.conftest import make_config, postgres_database
from tests.world import World, at
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import (
    ScopeViolation,
    across_organisations,
    current_organisation_id,
    db,
    organisation_scope,
    reading,
    writing,
)
from tracker.models import (
    CalendarDay,
    Division,
    Holding,
    Measure,
    Organisation,
    PlanItem,
    Position,
    Task,
    Throttle,
    User,
    WebSession,
)

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
OWN_TASKS = 2 * 4  # one measure, two divisions, four quarters
KEPT_OUT = (ScopeViolation, DatabaseError, StatementError)


class Two:
    """Two organisations; the tests stand in the first and reach for the rows of the second."""

    def __init__(self, app: Tracker) -> None:
        self.app = app
        self.own = World(app)
        self.foreign = World(app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
        for world in (self.own, self.foreign):
            world.adopted_plan([(1, range(2), *YEAR)])
            with world.write():
                db.session.add(CalendarDay(day=date(2026, 5, 5), working=True, name=world.slug))
        self.own_tasks = self._ids(self.own, Task)
        self.foreign_task = min(self._ids(self.foreign, Task))
        self.foreign_division = min(self._ids(self.foreign, Division))
        self.foreign_day = min(self._ids(self.foreign, CalendarDay))
        self.own_day = min(self._ids(self.own, CalendarDay))

    @staticmethod
    def _ids(world: World, model: Any) -> set[int]:
        with world.read():
            found = set(db.session.scalars(select(model.id)))
        db.session.remove()
        return found

    def told(self) -> list[tuple[Any, ...]]:
        """What the second organisation has, as it sees it itself."""
        db.session.remove()
        with self.foreign.read():
            rows: list[tuple[Any, ...]] = [
                (task.id, task.organisation_id, task.reason, task.state, task.division_id)
                for task in db.session.scalars(select(Task).order_by(Task.id))
            ]
            for model in (Division, CalendarDay, User):
                rows += [
                    (row.id, row.organisation_id, row.name)
                    for row in db.session.scalars(select(model).order_by(model.id))
                ]
        db.session.remove()
        return rows


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def two(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated: Path
) -> Iterator[Two]:
    """Both organisations, made once for each database; every test leaves the rows as they were."""
    folder = tmp_path_factory.mktemp("two")
    with ExitStack() as stack:
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server")
            copy_of = request.getfixturevalue("postgres_migrated")
            url = stack.enter_context(postgres_database(server, copy_of))
            config = make_config(folder, database_url=url)
        else:
            shutil.copy(migrated, folder / "tracker.db")
            config = make_config(folder)
        app = create_app(config)
        with app.app_context():
            yield Two(app)
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(autouse=True)
def fresh_session(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "two" in request.fixturenames:
        db.session.remove()


class Undo(Exception):
    """Ends a transaction without keeping what it did."""


@contextmanager
def undone(two: Two) -> Iterator[None]:
    """The first organisation's scope in a writing transaction that is rolled back at the end."""
    with suppress(Undo), two.own.write():
        yield
        raise Undo


def tasks_of_a_subquery() -> Any:
    inner = select(Task.id, Task.measure_id).subquery()
    return select(inner.c.id)


def tasks_of_a_cte() -> Any:
    inner = select(Task.id).cte("inner_tasks")
    return select(inner.c.id)


def tasks_of_an_aliased_subquery() -> Any:
    return select(aliased(Task, select(Task).subquery()).id)


# Each gives ids of tasks; only those of the own organisation may come.
READS: dict[str, Callable[[], Any]] = {
    "entity": lambda: [task.id for task in db.session.scalars(select(Task))],
    "column": lambda: db.session.scalars(select(Task.id)),
    "alias": lambda: db.session.scalars(select(aliased(Task).id)),
    "aliased entity": lambda: [task.id for task in db.session.scalars(select(aliased(Task)))],
    "from an aliased entity": lambda: db.session.scalars(
        select((other := aliased(Task)).id).select_from(other)
    ),
    "join": lambda: db.session.scalars(select(Task.id).join(Measure, Measure.id == Task.measure_id)),
    "join on anything": lambda: db.session.scalars(
        select(Task.id).join(Division, Division.id > 0).distinct()
    ),
    "join to an alias": lambda: db.session.scalars(
        select(Task.id).join(other := aliased(Division), other.id > 0).distinct()
    ),
    "outer join": lambda: db.session.scalars(
        select(Task.id).select_from(Division).outerjoin(Task, Task.id > 0).distinct()
    ),
    "subquery": lambda: db.session.scalars(tasks_of_a_subquery()),
    "scalar subquery": lambda: db.session.scalars(
        select(Task.id).where(Task.id >= select(func.min(Task.id)).scalar_subquery())
    ),
    "aliased subquery": lambda: db.session.scalars(tasks_of_an_aliased_subquery()),
    "common table": lambda: db.session.scalars(tasks_of_a_cte()),
    "union": lambda: db.session.scalars(
        select(Task.id).where(Task.id.in_(union(select(Task.id), select(Task.id))))
    ),
    "exists": lambda: db.session.scalars(
        select(Task.id).where(exists().where(Division.id == Task.division_id))
    ),
    "in": lambda: db.session.scalars(select(Task.id).where(Task.division_id.in_(select(Division.id)))),
    "relationship": lambda: [
        measure.item_id and task.id for task in db.session.scalars(select(Task)) for measure in [task.measure]
    ],
    "selectin load": lambda: [
        task.id
        for task in db.session.scalars(select(Task).options(selectinload(Task.division)))
        if task.division.id
    ],
    "joined load": lambda: [
        task.id
        for task in db.session.scalars(select(Task).options(joinedload(Task.division)))
        if task.division.id
    ],
    "query": lambda: [task.id for task in db.session.query(Task)],
    "in pieces": lambda: db.session.scalars(select(Task.id).execution_options(yield_per=3)),
}


@pytest.mark.parametrize("name", READS)
def test_a_query_sees_the_own_rows_only(two: Two, name: str) -> None:
    with two.own.read():
        assert set(READS[name]()) == two.own_tasks


def test_counting_counts_the_own_rows_only(two: Two) -> None:
    with two.own.read():
        assert db.session.scalar(select(func.count(Task.id))) == OWN_TASKS
        assert db.session.scalar(select(func.count()).select_from(Task)) == OWN_TASKS
        assert db.session.scalar(select(select(Task.id).exists())) is True
        assert not db.session.scalar(select(select(Task.id).where(Task.id == two.foreign_task).exists()))
        assert db.session.query(Task).count() == OWN_TASKS


def test_related_rows_of_an_own_row_are_own_rows(two: Two) -> None:
    with two.own.read():
        items = db.session.scalars(select(PlanItem)).all()
        found = {division.organisation_id for item in items for division in item.divisions}
        found |= {measure.organisation_id for item in items for measure in item.measures}
        found |= {task.item.organisation_id for task in db.session.scalars(select(Task))}
    assert found == {two.own.organisation_id}


def test_a_row_of_another_organisation_is_not_found_by_its_id(two: Two) -> None:
    with two.own.read():
        assert db.session.get(Task, two.foreign_task) is None
        assert db.session.get(Task, min(two.own_tasks)) is not None
        assert db.session.scalars(select(Task).where(Task.id == two.foreign_task)).all() == []


def test_a_row_that_is_in_the_session_already_is_not_handed_out(two: Two) -> None:
    with two.foreign.read():
        kept = db.session.get(Task, two.foreign_task)
        assert kept is not None
    with two.own.read():
        assert db.session.get(Task, two.foreign_task) is None
    assert db.session.get(Task, two.foreign_task) is None


def test_a_row_that_was_kept_is_not_read_again_elsewhere(two: Two) -> None:
    with two.foreign.read():
        kept = db.session.get(Task, two.foreign_task)
        assert kept is not None
    db.session.expire(kept)
    with two.own.read(), pytest.raises(ObjectDeletedError):
        _ = kept.reason


def test_an_own_row_is_read_again(two: Two) -> None:
    with two.own.read():
        kept = db.session.get(Task, min(two.own_tasks))
        assert kept is not None
        db.session.expire(kept)
        assert kept.quarter == 1
        db.session.refresh(kept)
        db.session.rollback()
        assert kept.division.name == "สำนักปลัด"


def test_a_row_made_up_from_an_id_is_not_filled_in(two: Two) -> None:
    made_up = Task(id=two.foreign_task)
    make_transient_to_detached(made_up)
    with two.own.read(), pytest.raises(ScopeViolation):
        db.session.add(made_up)


# Each is a way around the session's criteria.
CLOSED: dict[str, Callable[[Two], Any]] = {
    "a table": lambda two: db.session.execute(select(Task.__table__)),
    "a column of a table": lambda two: db.session.execute(
        select(Division.id, Task.__table__.c.id).where(Division.id == Task.__table__.c.division_id)
    ),
    "a table in a subquery": lambda two: db.session.execute(
        select(Division.id).join(inner := select(Task.__table__).subquery(), inner.c.id > 0)
    ),
    "a table to count": lambda two: db.session.execute(
        select(func.count(Division.id)).select_from(Task.__table__, Division)
    ),
    "a table made up": lambda two: db.session.execute(
        select(Division.id).join(made := table("task", column("id")), made.c.id > 0)
    ),
    "a table in a condition": lambda two: db.session.execute(
        select(Division.id).where(exists(select(Task.__table__.c.id)))
    ),
    "a table that is joined": lambda two: db.session.execute(
        select(Division.id).join(Task.__table__, Task.__table__.c.id > 0)
    ),
    "a table under another name": lambda two: db.session.execute(
        select(Division.id).join(other := Task.__table__.alias(), other.c.id > 0)
    ),
    "text": lambda two: db.session.execute(text("SELECT id FROM task")),
    "text for an entity": lambda two: db.session.execute(
        select(Task).from_statement(text("SELECT * FROM task"))
    ),
    "text in a condition": lambda two: db.session.execute(select(Task.id).where(text("1=1 OR 1=1"))),
    "text of columns": lambda two: db.session.execute(
        select(Division.id).join(
            inner := text("SELECT id FROM task").columns(Task.id).subquery(), inner.c.id > 0
        )
    ),
    "words of SQL as a column": lambda two: db.session.execute(
        select(Division.id, literal_column("(SELECT min(id) FROM task)", Text))
    ),
    "the connection": lambda two: db.session.connection(),
    "bulk objects": lambda two: db.session.bulk_save_objects([]),
    "bulk inserts": lambda two: db.session.bulk_insert_mappings(Task, []),
    "bulk updates": lambda two: db.session.bulk_update_mappings(Task, []),
    "update by primary key": lambda two: db.session.execute(
        update(Task), [{"id": two.foreign_task, "reason": "taken"}]
    ),
    "update of a table": lambda two: db.session.execute(update(Task.__table__).values(reason="taken")),
    "delete from a table": lambda two: db.session.execute(delete(CalendarDay.__table__)),
    "insert into a table": lambda two: db.session.execute(
        insert(CalendarDay.__table__).values(
            organisation_id=two.foreign.organisation_id, day=date(2026, 5, 6), working=True, name="taken"
        )
    ),
    "insert": lambda two: db.session.execute(
        insert(CalendarDay).values(
            organisation_id=two.foreign.organisation_id, day=date(2026, 5, 6), working=True, name="taken"
        )
    ),
    "insert of rows": lambda two: db.session.execute(
        insert(CalendarDay),
        [
            {
                "organisation_id": two.foreign.organisation_id,
                "day": date(2026, 5, 6),
                "working": True,
                "name": "x",
            }
        ],
    ),
    "moving an own row": lambda two: db.session.execute(
        update(CalendarDay)
        .where(CalendarDay.id == two.own_day)
        .values(organisation_id=two.foreign.organisation_id, day=date(2026, 5, 6))
    ),
    "moving an own row by an expression": lambda two: db.session.execute(
        update(CalendarDay).values(
            {CalendarDay.organisation_id: CalendarDay.organisation_id + 1, "day": date(2026, 5, 6)}
        )
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_way_around_the_scope_is_closed(two: Two, name: str) -> None:
    before = two.told()
    with undone(two), pytest.raises(ScopeViolation):
        CLOSED[name](two)
    assert two.told() == before


def test_updates_and_deletes_touch_the_own_rows_only(two: Two) -> None:
    before = two.told()
    with undone(two):
        assert db.session.execute(update(Task).values(reason="changed")).rowcount == OWN_TASKS
        assert db.session.execute(delete(CalendarDay)).rowcount == 1
        assert db.session.query(Task).update({"reason": "again"}) == OWN_TASKS
        changed = update(Task).where(Task.id == two.foreign_task).values(reason="taken")
        assert db.session.execute(changed).rowcount == 0
        removed = delete(CalendarDay).where(CalendarDay.id == two.foreign_day)
        assert db.session.execute(removed).rowcount == 0
    with two.own.write():
        db.session.execute(update(Task).values(reason="changed"))
    assert two.told() == before
    with two.own.write():
        db.session.execute(update(Task).values(reason=""))


def change_a_kept_row(two: Two) -> None:
    with across_organisations("test"):
        kept = db.session.get(Task, two.foreign_task)
    assert kept is not None
    kept.reason = "taken"


def delete_a_kept_row(two: Two) -> None:
    with across_organisations("test"):
        kept = db.session.get(CalendarDay, two.foreign_day)
    db.session.delete(kept)


def move_a_row(two: Two) -> None:
    row = db.session.get(CalendarDay, two.own_day)
    assert row is not None
    row.organisation_id = two.foreign.organisation_id


FLUSHES: dict[str, Callable[[Two], Any]] = {
    "adding a foreign row": lambda two: db.session.add(
        CalendarDay(organisation_id=two.foreign.organisation_id, day=date(2026, 5, 6), working=True, name="x")
    ),
    "changing a foreign row": change_a_kept_row,
    "deleting a foreign row": delete_a_kept_row,
    "moving a row": move_a_row,
    "merging over a foreign row": lambda two: db.session.merge(
        CalendarDay(
            id=two.foreign_day,
            organisation_id=two.own.organisation_id,
            day=date(2026, 5, 6),
            working=True,
            name="x",
        )
    ),
}


@pytest.mark.parametrize("name", FLUSHES)
def test_a_flush_that_would_touch_another_organisation_is_refused(two: Two, name: str) -> None:
    before = two.told()
    with pytest.raises(KEPT_OUT), two.own.write():
        FLUSHES[name](two)
    assert two.told() == before


def test_a_new_row_belongs_to_the_organisation_of_the_scope(two: Two) -> None:
    with undone(two):
        row = CalendarDay(day=date(2026, 5, 6), working=True, name="ours")
        db.session.add(row)
        db.session.flush()
        assert row.organisation_id == two.own.organisation_id


def test_a_new_row_belongs_to_it_also_where_a_look_across_organisations_flushes_it(two: Two) -> None:
    with undone(two):
        row = CalendarDay(day=date(2026, 5, 6), working=True, name="ours")
        db.session.add(row)
        with across_organisations("test"):
            assert db.session.scalar(select(func.count(User.id))) == len(two.own.users) + len(
                two.foreign.users
            )
        assert row.organisation_id == two.own.organisation_id


@pytest.mark.parametrize(
    "ask",
    [
        lambda: db.session.scalars(select(Task)).all(),
        lambda: db.session.scalars(select(Organisation.id).where(exists(select(Task.id)))).all(),
        lambda: db.session.scalar(select(func.count(Task.id))),
        lambda: db.session.get(Task, 1),
        lambda: db.session.scalars(select(aliased(Task))).all(),
        lambda: db.session.execute(text("SELECT 1")),
        lambda: db.session.scalars(select(select(User.id).subquery())).all(),
        current_organisation_id,
    ],
)
def test_without_an_organisation_nothing_owned_is_read(two: Two, ask: Callable[[], Any]) -> None:
    with pytest.raises(ScopeViolation):
        ask()


def test_without_an_organisation_nothing_owned_is_written(two: Two) -> None:
    for statement in (update(Task).values(reason="x"), delete(CalendarDay)):
        with pytest.raises(ScopeViolation), writing():
            db.session.execute(statement)
    with pytest.raises(ScopeViolation), writing():
        db.session.add(CalendarDay(day=date(2026, 5, 6), working=True, name="nobody's"))


def test_tables_of_no_organisation_are_read_without_one(two: Two) -> None:
    assert db.session.scalars(select(Throttle)).all() == []
    assert len(db.session.scalars(select(Organisation)).all()) == 2


def test_the_door_between_organisations_shows_both_and_closes_again(two: Two) -> None:
    with across_organisations("test"):
        assert db.session.scalar(select(func.count(Task.id))) == 2 * OWN_TASKS
    with pytest.raises(ScopeViolation):
        db.session.scalar(select(func.count(Task.id)))


def test_a_scope_ends_where_it_ends_and_the_inner_one_counts(two: Two) -> None:
    with two.own.read():
        with two.foreign.read():
            assert current_organisation_id() == two.foreign.organisation_id
        assert current_organisation_id() == two.own.organisation_id
    with pytest.raises(ScopeViolation):
        current_organisation_id()


def test_another_thread_has_no_organisation_of_its_own(two: Two) -> None:
    seen: list[type[BaseException] | None] = []

    def look() -> None:
        try:
            current_organisation_id()
        except ScopeViolation as refused:
            seen.append(type(refused))

    with two.own.read():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [ScopeViolation]


def test_a_reading_transaction_cannot_write(two: Two) -> None:
    with two.own.read():
        with pytest.raises(ScopeViolation):
            db.session.execute(update(Task).values(reason="x"))
        db.session.add(CalendarDay(day=date(2026, 5, 6), working=True, name="x"))
        with pytest.raises(ScopeViolation):
            db.session.flush()
        db.session.rollback()
        with pytest.raises(ScopeViolation):
            db.session.execute(delete(CalendarDay))


def test_what_fails_in_a_writing_transaction_leaves_nothing(two: Two) -> None:
    def fail_halfway() -> None:
        with two.own.write():
            db.session.add(CalendarDay(day=date(2026, 5, 6), working=True, name="half"))
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with two.own.read():
        assert [row.name for row in db.session.scalars(select(CalendarDay))] == [two.own.slug]


REFERENCES: dict[str, Callable[[Two], Any]] = {
    "a task of a foreign division": lambda two: update(Task).values(division_id=two.foreign_division),
    "a position in a foreign division": lambda two: update(Position).values(division_id=two.foreign_division),
    "a session of a foreign user": lambda two: update(WebSession).values(
        user_id=two.foreign.users["coordinator"]
    ),
    "a holding of a foreign user": lambda two: update(Holding).values(
        user_id=two.foreign.users["coordinator"]
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_the_database_itself_refuses_a_reference_into_another_organisation(two: Two, name: str) -> None:
    with two.own.write():
        token = WebSession(
            user_id=two.own.users["clerk"],
            token_hash="x" * 64,
            created_at=at("2026-01-01"),
            expires_at=at("2026-01-02"),
        )
        db.session.add(token)
    with undone(two), pytest.raises(IntegrityError):
        db.session.execute(REFERENCES[name](two))
    with two.own.write():
        db.session.execute(delete(WebSession))


@pytest.mark.parametrize("sign", [+1, -1])
def test_the_database_itself_keeps_rows_where_they_are(two: Two, sign: int) -> None:
    before = two.told()
    with (
        pytest.raises(DatabaseError),
        across_organisations("test"),
        writing(),
    ):
        db.session.execute(
            update(Division).values(organisation_id=Division.organisation_id + sign * two.own.organisation_id)
        )
    assert two.told() == before


def test_moments_come_back_aware_and_in_utc(two: Two) -> None:
    bangkok = datetime(2026, 1, 1, 9, 30, tzinfo=timezone(timedelta(hours=7)))
    with two.own.write():
        db.session.execute(update(User).values(created_at=bangkok))
    with two.own.read():
        told = db.session.scalars(select(User.created_at)).first()
        assert told == bangkok
        assert told is not None
        assert told.tzinfo is UTC
        newest = db.session.scalar(select(func.max(User.created_at)))
        assert newest == bangkok
        assert newest is not None
        assert newest.tzinfo is UTC
        assert db.session.scalars(select(User).where(User.created_at < bangkok)).all() == []


def test_a_moment_without_a_zone_is_refused(two: Two) -> None:
    with undone(two), pytest.raises(StatementError, match="time zone"):
        db.session.execute(update(User).values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    with two.own.read(), pytest.raises(StatementError, match="time zone"):
        db.session.scalars(select(User).where(User.created_at < datetime(2026, 1, 1))).all()  # noqa: DTZ001


def test_eight_writers_that_read_first_wait_for_each_other(app: Tracker) -> None:
    writers, times = 8, 25
    with writing():
        db.session.add(Throttle(key="counted", failures=0, since_at=at("2026-01-01")))
    db.session.remove()
    failures: list[BaseException] = []
    together = threading.Barrier(writers)

    def count() -> None:
        try:
            with app.app_context():
                together.wait(10)
                for _ in range(times):
                    with writing():
                        row = db.session.get(Throttle, "counted")
                        assert row is not None
                        row.failures = row.failures + 1
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=count) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert db.session.scalars(select(Throttle.failures)).one() == writers * times


def test_a_reader_neither_waits_for_a_writer_nor_sees_half_of_its_work(app: Tracker) -> None:
    with writing():
        db.session.add(Throttle(key="seen", failures=1, since_at=at("2026-01-01")))
    begun, looked = threading.Event(), threading.Event()

    def write() -> None:
        with app.app_context(), writing():
            row = db.session.get(Throttle, "seen")
            assert row is not None
            row.failures = 2
            db.session.flush()
            begun.set()
            looked.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    assert db.session.scalars(select(Throttle.failures)).one() == 1
    looked.set()
    writer.join()
    db.session.rollback()
    assert db.session.scalars(select(Throttle.failures)).one() == 2


def test_a_connection_to_sqlite_is_set_up_to_lose_nothing(app: Tracker) -> None:
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with db.engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert told == ["wal", 2, 1, 15000]


def test_one_scope_inside_another_thread_s_scope_does_not_leak(two: Two) -> None:
    seen: dict[str, int] = {}
    ready = threading.Barrier(2)

    def stand_in(world: World) -> None:
        with organisation_scope(world.organisation_id):
            ready.wait(10)
            seen[world.slug] = current_organisation_id()
            ready.wait(10)

    threads = [threading.Thread(target=stand_in, args=(world,)) for world in (two.own, two.foreign)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {world.slug: world.organisation_id for world in (two.own, two.foreign)}


def test_looking_first_takes_no_lock_and_changes_nothing(world: World, config: Config) -> None:
    with world.write():
        with reading():
            assert db.session.scalars(select(Division.id)).all()
            other = sqlite3.connect(config.data / "tracker.db", timeout=0, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            with pytest.raises(ScopeViolation):
                db.session.execute(update(Division).values(place=9))
        db.session.scalars(select(Division)).first().place = 9  # type: ignore[union-attr]
        db.session.flush()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    with world.read():
        assert 9 in db.session.scalars(select(Division.place)).all()
        db.session.rollback()
