"""Ways of reading round an organisation's scope that a forgetful or a hostile hand may try, on both databases."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Table,
    case,
    exists,
    func,
    lambda_stmt,
    literal,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy import join as joined
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError
from sqlalchemy.orm import Bundle, joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.orm.session import make_transient_to_detached

from tests.test_database import OWN_TASKS, Two, two
from tracker import database
from tracker.database import ScopeViolation, across_organisations, db
from tracker.models import CalendarDay, Division, Measure, Organisation, PlanItem, Task

__all__ = ["two"]

KEPT_OUT = (ScopeViolation, DBAPIError, StatementError, InvalidRequestError, StaleDataError)
TASKS, DAYS = Task.__table__, CalendarDay.__table__
STRANGE = Table("task", MetaData(), Column("id", Integer), Column("organisation_id", Integer))


ALIVE: list[Any] = []


def kept(model: Any, number: int) -> Any:
    """A row that was read while the door was open, and is held so that the session does not forget it."""
    with across_organisations("test"):
        found = db.session.get(model, number)
    assert found is not None
    ALIVE.append(found)
    return found


def made_up(model: Any, number: int, **values: Any) -> Any:
    """An object that looks as if it had been loaded, and never was."""
    row = model(id=number, **values)
    make_transient_to_detached(row)
    return row


def recursive() -> Any:
    begun = select(Task.id).where(Task.id > 0).cte("walk", recursive=True)
    return select(begun.union(select(Task.id).join(begun, begun.c.id == Task.id)).c.id)


# Each gives ids of tasks; none of the foreign ones may come, nor more than there are of the own.
READS: dict[str, Callable[[Two], Any]] = {
    "a union at the top": lambda two: db.session.scalars(union(select(Task.id), select(Task.id))),
    "a union of entities": lambda two: [
        one.id
        for one in db.session.scalars(
            select(Task).from_statement(union_all(select(Task), select(Task).where(Task.id < 0)))
        )
    ],
    "from a statement": lambda two: db.session.scalars(select(Task.id).from_statement(select(Task.id))),
    "from a statement for entities": lambda two: [
        one.id for one in db.session.scalars(select(Task).from_statement(select(Task)))
    ],
    "from a statement of a table": lambda two: [
        one.id for one in db.session.scalars(select(Task).from_statement(select(TASKS)))
    ],
    "a lambda": lambda two: db.session.scalars(lambda_stmt(lambda: select(Task.id))),
    "a lambda with more": lambda two: db.session.scalars(
        lambda_stmt(lambda: select(Task.id)) + (lambda one: one.where(Task.id > 0))
    ),
    "a bundle": lambda two: [row.some.id for row in db.session.execute(select(Bundle("some", Task.id)))],
    "a recursive table": lambda two: db.session.scalars(recursive()),
    "two of one expression": lambda two: db.session.scalars(
        select(func.min(Division.id) * 0 + Task.id).group_by(Task.id)
    ),
    "the first of one expression": lambda two: db.session.scalars(
        select(Task.id + func.min(Division.id) * 0).group_by(Task.id)
    ),
    "inside a function": lambda two: db.session.scalars(
        select(func.coalesce(func.min(Task.id), func.min(Division.id)))
    ),
    "a label": lambda two: db.session.scalars(
        select(Task.id.label("x")).select_from(Division, Task).distinct()
    ),
    "a case": lambda two: [
        one
        for one in db.session.scalars(
            select(case((Task.id == two.foreign_task, two.foreign_task), else_=None)).distinct()
        )
        if one
    ],
    "in a condition alone": lambda two: [
        two.foreign_task
        for _ in db.session.scalars(select(Division.id).where(Task.id == two.foreign_task).distinct())
    ],
    "in a condition of a constant": lambda two: db.session.scalars(
        select(literal(two.foreign_task)).where(Task.id == two.foreign_task)
    ),
    "in what exists": lambda two: [
        two.foreign_task
        for _ in db.session.scalars(select(Division.id).where(exists().where(Task.id == two.foreign_task)))
    ],
    "in what exists for a table of nobody": lambda two: [
        two.foreign_task
        for _ in db.session.scalars(
            select(Organisation.id).where(exists().where(Task.id == two.foreign_task))
        )
    ],
    "a scalar of a condition": lambda two: [
        one
        for one in db.session.scalars(
            select(select(Task.id).where(Task.id == two.foreign_task).scalar_subquery()).select_from(Division)
        )
        if one
    ],
    "ordered by": lambda two: db.session.scalars(
        select(Task.id).order_by(
            select(Division.name).where(Division.id == two.foreign_division).scalar_subquery()
        )
    ),
    "an alias of an alias": lambda two: db.session.scalars(
        select(Division.id - Division.id + twice().c.id).distinct()
    ),
    "an alias of an alias that is joined": lambda two: db.session.scalars(
        select((other := twice()).c.id).select_from(Division).join(other, true()).distinct()
    ),
    "a table of another catalogue": lambda two: db.session.scalars(
        select(STRANGE.c.id).select_from(Division, STRANGE).distinct()
    ),
    "a table of another catalogue that is joined": lambda two: db.session.scalars(
        select(STRANGE.c.id).select_from(Division).join(STRANGE, STRANGE.c.id > 0).distinct()
    ),
    "a table that is joined on anything": lambda two: (
        [two.foreign_task]
        * (
            (db.session.scalar(select(func.count(Division.id)).join(TASKS, true())) or 0)
            > OWN_TASKS * len(two.own.division_ids)
        )
    ),
    "tables that are joined apart": lambda two: (
        [two.foreign_task]
        * (
            (
                db.session.scalar(
                    select(func.count(Division.id)).select_from(Division, joined(TASKS, DAYS, true()))
                )
                or 0
            )
            > OWN_TASKS * len(two.own.division_ids)
        )
    ),
    "a table in pieces": lambda two: db.session.scalars(
        select((some := TASKS.tablesample(100)).c.id).select_from(Division, some).distinct()
    ),
    "populating again": lambda two: db.session.scalars(
        select(Task.id).execution_options(populate_existing=True)
    ),
    "an entity that is kept, again": lambda two: [
        one.id
        for row in [kept(Task, two.foreign_task)]
        for one in db.session.scalars(
            select(Task).where(Task.id == row.id).execution_options(populate_existing=True)
        )
    ],
    "an old way to get": lambda two: [
        one.id
        for row in [kept(Task, two.foreign_task)]
        for one in [db.session.query(Task).get(row.id)]
        if one
    ],
    "an old way to get what is not kept": lambda two: [
        one.id for one in [db.session.query(Task).get(two.foreign_task)] if one
    ],
    "getting one": lambda two: [db.session.get_one(Task, two.foreign_task).id],
    "getting one that is kept": lambda two: [
        db.session.get_one(Task, row.id).id for row in [kept(Task, two.foreign_task)]
    ],
    "getting with its relations": lambda two: [
        one.id for one in [db.session.get(Task, two.foreign_task, options=[joinedload(Task.division)])] if one
    ],
    "getting anew": lambda two: [
        one.id
        for row in [kept(Task, two.foreign_task)]
        for one in [db.session.get(Task, row.id, populate_existing=True)]
        if one
    ],
    "a row made up with its owner": lambda two: [
        two.foreign_task
        for row in [made_up(Task, two.foreign_task, organisation_id=two.own.organisation_id)]
        if db.session.add(row) or row.due_on
    ],
    "a refreshed relation": lambda two: [
        two.foreign_task
        for row in [kept(Task, two.foreign_task)]
        if db.session.refresh(row, ["division"]) or row.division
    ],
    "a refreshed row": lambda two: [
        two.foreign_task for row in [kept(Task, two.foreign_task)] if not db.session.refresh(row)
    ],
    "a relation of a kept row": lambda two: [
        two.foreign_task for row in [kept(Task, two.foreign_task)] if row.division.name
    ],
    "relations of a kept row": lambda two: [
        two.foreign_task for row in [kept(PlanItem, foreign_item(two))] if row.measures
    ],
    "relations across a table of a kept row": lambda two: [
        two.foreign_task for row in [kept(PlanItem, foreign_item(two))] if row.divisions
    ],
    "a relation of a row made up": lambda two: [
        two.foreign_task
        for row in [
            made_up(
                Task,
                999_999,
                organisation_id=two.foreign.organisation_id,
                division_id=two.foreign_division,
            )
        ]
        if db.session.add(row) or row.division
    ],
    "relations loaded with a join": lambda two: [
        item.id - item.id + task.id
        for item in db.session.scalars(select(Measure).options(selectinload("*")))
        for task in db.session.scalars(select(Task).where(Task.measure_id == item.id))
    ],
}


def twice() -> Any:
    return TASKS.alias("one").alias("other")


def foreign_item(two: Two) -> int:
    with across_organisations("test"):
        return (
            db.session.scalars(
                select(PlanItem.id).where(PlanItem.organisation_id == two.foreign.organisation_id)
            ).first()
            or 0
        )


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::sqlalchemy.exc.LegacyAPIWarning")
@pytest.mark.parametrize("name", READS)
def test_no_way_of_reading_shows_a_foreign_row(two: Two, name: str) -> None:
    try:
        with two.own.read():
            found = {one for one in READS[name](two) if one}
    except KEPT_OUT:
        return
    finally:
        ALIVE.clear()
    assert found <= two.own_tasks


def test_one_statement_serves_every_organisation_in_turn(two: Two) -> None:
    statement, seen = select(Task.id).where(Task.id > 0), []
    for world in (two.own, two.foreign, two.own):
        with world.read():
            seen.append(set(db.session.scalars(statement)))
    assert seen[0] == seen[2] == two.own_tasks
    assert seen[1]
    assert not seen[1] & two.own_tasks
    with across_organisations("test"):
        assert set(db.session.scalars(statement)) == seen[0] | seen[1]


def test_the_name_of_the_limiting_parameter_cannot_be_guessed(two: Two) -> None:
    statement = select(Task.id).where(Task.id > 0)
    guesses = dict.fromkeys(("scope", "scope_1", "organisation_id_1"), two.foreign_task)
    with two.own.read():
        assert set(db.session.scalars(statement, guesses)) == two.own_tasks


def test_what_limits_a_statement_is_forgotten_with_the_statement(two: Two) -> None:
    statement = select(Task.id).where(Task.id > 0)
    with two.own.read():
        db.session.scalars(statement).all()
        assert statement in database._limited
        gone = weakref.ref(statement)
        del statement
        gc.collect()
        assert gone() is None


def test_a_row_of_a_scope_leads_nowhere_where_there_is_none(two: Two) -> None:
    with two.own.read():
        task = db.session.scalars(select(Task).limit(1)).one()
    with across_organisations("test"), pytest.raises(KEPT_OUT, match="no organisation in context"):
        _ = task.division


def test_a_row_of_one_scope_leads_nowhere_in_another(two: Two) -> None:
    with two.foreign.read():
        task = db.session.get(Task, two.foreign_task)
        assert task is not None
    with two.own.read(), pytest.raises(ScopeViolation):
        _ = task.division
    with two.foreign.read():
        assert task.division.id == task.division_id
