"""Engine settings, transactions, and a session that shows one organisation's rows or none."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn, cast
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    BindParameter,
    Connection,
    CursorResult,
    Engine,
    Insert,
    Integer,
    NullPool,
    Select,
    bindparam,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.orm import Mapper, ORMExecuteState, UOWTransaction, attributes, with_loader_criteria

from tracker.isolation import CROSSING, SETTING
from tracker.models import Base, Organisation, Owned
from tracker.reach import OWNED_TABLES, beyond_criteria, touches_owned

_organisation: ContextVar[int | None] = ContextVar("organisation", default=None)
_crossing: ContextVar[str | None] = ContextVar("crossing", default=None)
_writing: ContextVar[bool] = ContextVar("writing", default=False)
_lasting: ContextVar[bool] = ContextVar("lasting", default=True)
# The queries whose every part was looked at, as they are limited: those that are kept need it once.
_limited: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


class ScopeViolation(RuntimeError):
    """A statement that could read or change another organisation's rows: a programming error."""


class ScopedSession(Session):
    """A session that adds the organisation to every query and refuses what it cannot limit.

    `by_key` is true while `get` asks for one row.
    """

    by_key = False

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        self.by_key = True
        try:
            found = super().get(entity, ident, **options)
        finally:
            self.by_key = False
        # An object already loaded is handed out without a query, so the criteria never saw it.
        if (
            isinstance(found, Owned)
            and _crossing.get() is None
            and found.organisation_id != _organisation.get()
        ):
            return None
        return found

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise ScopeViolation("this way around the organisation's scope is closed")

    connection = bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse


class ScopedQuery(Query):
    """A query without its own `get`, which would hand out what the session holds unseen."""

    get = ScopedSession._refuse


db = SQLAlchemy(model_class=Base, query_class=ScopedQuery, session_options={"class_": ScopedSession})


@contextmanager
def organisation_scope(organisation_id: int) -> Iterator[None]:
    """Show and change only the rows of this organisation."""
    token = _organisation.set(organisation_id)
    try:
        yield
    finally:
        _organisation.reset(token)


@contextmanager
def across_organisations(reason: str) -> Iterator[None]:
    """The one door between organisations; the reason says why it is opened."""
    token = _crossing.set(reason)
    try:
        yield
    finally:
        _crossing.reset(token)


def crosses() -> bool:
    """Whether the rows of all organisations are shown here."""
    return _crossing.get() is not None


def current_organisation_id() -> int:
    """The organisation in whose scope this runs; ScopeViolation where there is none."""
    organisation_id = _organisation.get()
    if organisation_id is None:
        raise ScopeViolation("no organisation in context")
    return organisation_id


def current_organisation(*, lock: bool = False) -> Organisation:
    """The organisation in whose scope this runs; with `lock`, nobody else may change it until the commit."""
    return db.session.scalars(_LOCKED if lock else _CURRENT, {"id": current_organisation_id()}).one()


_CURRENT = select(Organisation).where(Organisation.id == bindparam("id"))
# What was read before the lock may be old by now. Its key is not locked: every row that others write holds a share of
# that, and two who have written and then wait for the journal's head would wait for each other.
_LOCKED = _CURRENT.with_for_update(key_share=True).execution_options(populate_existing=True)


def add_rows(model: type[Owned], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert many rows of the organisation in scope at once, without an object for each."""
    if rows:
        organisation_id = current_organisation_id()
        _add(model, [{**row, "organisation_id": organisation_id} for row in rows])


def add_row(model: type[Owned], row: Mapping[str, object]) -> int:
    """Insert one row of the organisation in scope, without an object for it; returns its id."""
    key = _add(model, {**row, "organisation_id": current_organisation_id()}).inserted_primary_key
    assert key is not None
    return int(key[0])


def _add(model: Any, rows: Any) -> CursorResult[Any]:
    options = {"owned_by": _Stamp(current_organisation_id()), "dml_strategy": "raw"}
    return cast(CursorResult[Any], db.session.execute(_insert(model), rows, execution_options=options))


@cache
def _insert(model: Any) -> Insert:
    """Kept, because making the statement takes longer than running it."""
    return insert(model)


@dataclass(frozen=True)
class _Stamp:
    """Says of rows of values that each names this organisation."""

    organisation_id: int


@contextmanager
def writing(*, lasting: bool = True) -> Iterator[None]:
    """One transaction that may write: commits at the end, rolls back on any exception; edges only.

    A power cut may take back what is not `lasting`, until a lasting commit follows: for what is done again by itself.
    """
    db.session.rollback()
    token, lasts = _writing.set(True), _lasting.set(lasting)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _lasting.reset(lasts)
        _writing.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Look before the transaction that may write begins, so that slow work keeps nobody waiting; edges only.

    What was loaded inside is stale afterwards.
    """
    db.session.rollback()
    token = _writing.set(False)
    try:
        yield
    finally:
        db.session.rollback()
        _writing.reset(token)


@event.listens_for(ScopedSession, "do_orm_execute")
def _limit(state: ORMExecuteState) -> None:
    if not state.is_select and not _writing.get():
        raise ScopeViolation("rows are changed only inside database.writing()")
    if _crossing.get() is not None:
        return
    if not state.is_orm_statement:
        raise ScopeViolation("only ORM statements can be limited to an organisation")
    organisation_id = _organisation.get()
    if organisation_id is None:
        if touches_owned(state.statement):
            raise ScopeViolation("no organisation in context")
        return
    if state.is_relationship_load:
        # Loader criteria travel with the first query; adding them again would only repeat them. A row that was kept
        # from elsewhere, or made up, has none to lend.
        parent = state.lazy_loaded_from
        if parent is not None and getattr(parent.obj(), "organisation_id", None) != organisation_id:
            raise ScopeViolation("the row belongs to another organisation")
        return
    # SQLAlchemy's own statements for one row by its key name columns without their class.
    if state.is_column_load:
        # Loader criteria leave the refreshing of a row alone.
        table = cast(Mapper[Any], state.bind_mapper).local_table
        if table in OWNED_TABLES:
            statement = cast(Select[Any], state.statement)
            state.statement = statement.where(table.c.organisation_id == organisation_id)
        return
    if state.is_insert and state.execution_options.get("owned_by") == _Stamp(organisation_id):
        return
    limited = _limited.get(state.statement)
    if limited is None:
        reason = "" if cast(ScopedSession, state.session).by_key else beyond_criteria(state)
        if reason:
            raise ScopeViolation(reason)
        limited = state.statement.options(_CRITERIA)
        if isinstance(state.statement, Select):
            _limited[state.statement] = limited
    state.statement = limited


class _Scope(BindParameter[int]):
    """The organisation in scope, asked when a statement runs, so that a limited statement serves them all.

    SQLAlchemy compares the criteria's parameters for each statement, and would make an expression of each answer.
    """

    inherit_cache = True

    def __eq__(self, other: object) -> bool:  # type: ignore[override]
        return hash(self) == hash(other)

    __hash__ = BindParameter.__hash__


# By a name that no statement's own parameter has.
_SCOPE = _Scope(
    f"scope_{secrets.token_hex(8)}", type_=Integer(), callable_=current_organisation_id, unique=True
)
_CRITERIA = with_loader_criteria(Owned, lambda cls: cls.organisation_id == _SCOPE, include_aliases=True)


@event.listens_for(ScopedSession, "before_attach")
def _guard_attach(_session: Session, row: object) -> None:
    """Take in no row that claims to be in the database and was not read by this session."""
    if isinstance(row, Owned) and attributes.instance_state(row).key is not None:
        raise ScopeViolation("a row is read from the database, not made up")


@event.listens_for(ScopedSession, "before_flush")
def _guard_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    changed = [*session.new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
    if changed and not _writing.get():
        raise ScopeViolation("rows are changed only inside database.writing()")
    for row in changed:
        if not isinstance(row, Owned):
            continue
        scoped = _crossing.get() is None or _organisation.get() is not None
        if row in session.new and row.organisation_id is None and scoped:
            row.organisation_id = current_organisation_id()
        if attributes.get_history(row, "organisation_id").deleted:
            raise ScopeViolation("a row never moves to another organisation")
        if _crossing.get() is None and row.organisation_id != current_organisation_id():
            raise ScopeViolation("the row belongs to another organisation")


def set_up_engine(engine: Engine) -> None:
    """SQLite: WAL, full sync, foreign keys, immediate writers. PostgreSQL: read-only readers, row policies."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    else:
        event.listen(engine, "before_cursor_execute", _tell_scope)
        event.listen(engine, "rollback_savepoint", _forget_scope)
    event.listen(engine, "begin", _begin)


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if _writing.get():
            _wait_for_disk(connection, _lasting.get())
        # A deferred transaction that reads and then writes fails under other writers without waiting.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
        return
    _forget_scope(connection)
    if not _writing.get():
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    elif not _lasting.get():
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _wait_for_disk(connection: Connection, waits: bool) -> None:
    """Whether commits on SQLite wait for the disk; it must be said before the transaction, so only when it changes."""
    if connection.info.get("waits", True) != waits:
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if waits else 'NORMAL'}")
        connection.info["waits"] = waits


def _tell_scope(connection: Connection, *_: object) -> None:
    """Tell PostgreSQL's row policies whose rows may be seen, whenever that has changed; until the transaction ends."""
    scope = (str(_organisation.get() or ""), "on" if _crossing.get() is not None else "")
    if connection.info.get("scope") == scope:
        return
    # A cursor of its own: the statement's may be one that reads in pieces.
    with cast(Any, connection.connection).cursor() as cursor:
        cursor.execute(f"SELECT set_config('{SETTING}', %s, true), set_config('{CROSSING}', %s, true)", scope)
    connection.info["scope"] = scope


def _forget_scope(connection: Connection, *_: object) -> None:
    """What was told is over: it ends with the transaction, and with what a savepoint takes back."""
    connection.info.pop("scope", None)


@contextmanager
def open_for_migration() -> Iterator[None]:
    """Let migrations write, and move what all organisations have, over the engine without a session."""
    token = _writing.set(True)
    try:
        with across_organisations("migration"):
            yield
    finally:
        _writing.reset(token)


@contextmanager
def migration_engine(url: str) -> Iterator[Engine]:
    """The engine of the tables' owner: at `url`, or the application's own where that is empty."""
    if not url:
        yield db.engine
        return
    engine = create_engine(url, poolclass=NullPool)
    set_up_engine(engine)
    try:
        yield engine
    finally:
        engine.dispose()
