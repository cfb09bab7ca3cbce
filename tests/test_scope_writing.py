"""Ways of writing round an organisation's scope that a forgetful or a hostile hand may try, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    delete,
    exists,
    func,
    insert,
    lambda_stmt,
    select,
    update,
)
from sqlalchemy.orm import aliased

from tests.test_database import OWN_TASKS, Two, two
from tests.test_scope_reading import ALIVE, DAYS, KEPT_OUT, made_up
from tracker.database import db
from tracker.models import CalendarDay, Division, Task

__all__ = ["two"]


def foreign_name(two: Two) -> Any:
    return select(Division.name).where(Division.id == two.foreign_division).scalar_subquery()


# Each tries to write into a foreign row, or what a foreign row says into an own one.
WRITES: dict[str, Callable[[Two], Any]] = {
    "a value of a foreign row": lambda two: db.session.execute(update(Task).values(reason=foreign_name(two))),
    "a value of another table": lambda two: db.session.execute(
        update(Task).values(reason=Division.name).where(Division.id == two.foreign_division)
    ),
    "where a foreign row is": lambda two: db.session.execute(
        update(Task).values(reason="leak").where(Division.id == two.foreign_division)
    ),
    "where a foreign row exists": lambda two: db.session.execute(
        update(Task).values(reason="leak").where(exists().where(Division.id == two.foreign_division))
    ),
    "in what is foreign": lambda two: db.session.execute(
        update(Task)
        .values(reason="leak")
        .where(select(func.count(Division.id)).scalar_subquery() > len(two.own.division_ids))
    ),
    "from a lambda": lambda two: db.session.execute(
        lambda_stmt(lambda: update(Task).values(reason="leak").where(Task.id == two.foreign_task))
    ),
    "ordered values": lambda two: db.session.execute(
        update(CalendarDay).ordered_values((CalendarDay.organisation_id, two.foreign.organisation_id))
    ),
    "by the name of the column": lambda two: db.session.execute(
        update(CalendarDay).values({"organisation_id": two.foreign.organisation_id})
    ),
    "another name": lambda two: db.session.execute(update(aliased(Task)).values(reason="leak")),
    "deleting under another name": lambda two: db.session.execute(delete(aliased(CalendarDay))),
    "deleting where a foreign row is": lambda two: db.session.execute(
        delete(CalendarDay).where(exists().where(Division.id == two.foreign_division))
    ),
    "deleting beside another": lambda two: db.session.execute(
        delete(CalendarDay).where(Division.id == two.foreign_division)
    ),
    "inserting what is selected": lambda two: db.session.execute(
        insert(CalendarDay).from_select(["organisation_id", "day", "working", "name"], select(DAYS))
    ),
    "returning from an update": lambda two: db.session.scalars(
        select(Task).from_statement(
            update(Task).where(Task.id == two.foreign_task).values(reason="leak").returning(Task)
        )
    ).all(),
    "returning from an insert": lambda two: db.session.scalars(
        select(CalendarDay).from_statement(
            insert(CalendarDay)
            .values(
                organisation_id=two.foreign.organisation_id,
                day=func.current_date(),
                working=True,
                name="leak",
            )
            .returning(CalendarDay)
        )
    ).all(),
    "returning from a table": lambda two: db.session.scalars(
        select(CalendarDay).from_statement(update(DAYS).values(name="leak").returning(CalendarDay))
    ).all(),
    "an update inside a select": lambda two: db.session.execute(
        select(update(Task).values(reason="leak").returning(Task.id).cte().c.id)
    ).all(),
    "a row made up": lambda two: setattr(
        added(made_up(Division, two.foreign_division, organisation_id=two.own.organisation_id, name="x")),
        "name",
        "leak",
    ),
    "a row made up with a foreign owner": lambda two: setattr(
        added(made_up(Division, two.foreign_division, organisation_id=two.foreign.organisation_id)),
        "name",
        "leak",
    ),
    "a row made up and merged unread": lambda two: setattr(
        db.session.merge(
            made_up(Division, two.foreign_division, organisation_id=two.own.organisation_id, name="x"),
            load=False,
        ),
        "name",
        "leak",
    ),
    "a row made up and deleted": lambda two: db.session.delete(
        made_up(CalendarDay, two.foreign_day, organisation_id=two.own.organisation_id, name="x", working=True)
    ),
    "a kept row with another's key": lambda two: setattr(kept_own(two), "id", two.foreign_day),
}


def added(row: Any) -> Any:
    db.session.add(row)
    return row


def kept_own(two: Two) -> Any:
    return db.session.get(CalendarDay, two.own_day)


def own_words(two: Two) -> list[str]:
    db.session.expire_all()
    return [
        *db.session.scalars(select(Task.reason)),
        *db.session.scalars(select(CalendarDay.name)),
    ]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
@pytest.mark.parametrize("name", WRITES)
def test_no_way_of_writing_reaches_a_foreign_row(two: Two, name: str) -> None:
    before, own = two.told(), [*[""] * OWN_TASKS, two.own.slug]
    try:
        with two.own.write():
            WRITES[name](two)
            db.session.flush()
            assert own_words(two) == own
    except KEPT_OUT:
        pass
    finally:
        db.session.remove()
        ALIVE.clear()
    assert two.told() == before
    with two.own.write():
        db.session.execute(update(Task).values(reason=""))
