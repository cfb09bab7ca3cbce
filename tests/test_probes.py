"""Random statements from one organisation's scope reach no row of another, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, or_, select, text, union_all, update
from sqlalchemy.exc import DBAPIError, InvalidRequestError, StatementError
from sqlalchemy.orm import aliased
from sqlalchemy.orm.exc import StaleDataError

from tests.test_database import Two, two, undone
from tracker.database import ScopeViolation, across_organisations, db
from tracker.models import CalendarDay, Division, Measure, Plan, PlanItem, Position, Task, User

__all__ = ["two"]

PROBES = 10_000 if os.environ.get("TRACKER_LONG") else 300
SEED = 20690930
MODELS: tuple[Any, ...] = (CalendarDay, Division, Measure, Plan, PlanItem, Position, Task, User)
# What a probe that is kept out ends with.
KEPT_OUT = (ScopeViolation, DBAPIError, StatementError, InvalidRequestError, StaleDataError)


class Chance:
    """A random statement over random tables, ids and conditions."""

    def __init__(self, seed: int, ids: dict[Any, list[int]]) -> None:
        self.random = random.Random(seed)
        self.ids = ids

    def model(self) -> Any:
        return self.random.choice(MODELS)

    def condition(self, model: Any) -> Any:
        some = self.random.sample(self.ids[model], 2)
        return self.random.choice(
            (
                model.id > 0,
                model.id == some[0],
                model.id.in_(some),
                model.organisation_id != 0,
                or_(model.id == some[0], model.organisation_id == self.random.choice((1, 2))),
                model.id.in_(select(self.model().id)),
                select(aliased(self.model()).id).exists(),
            )
        )

    def read(self, foreign: int) -> list[int]:
        """The owners of the rows that a random query shows."""
        one, other = self.model(), self.model()
        ways: tuple[Callable[[], list[int]], ...] = (
            lambda: [
                row.organisation_id for row in db.session.scalars(select(one).where(self.condition(one)))
            ],
            lambda: list(db.session.scalars(select(one.organisation_id).where(self.condition(one)))),
            lambda: list(db.session.scalars(select((a := aliased(one)).organisation_id).where(a.id > 0))),
            lambda: [
                x
                for row in db.session.execute(
                    select(one.organisation_id, other.organisation_id).where(self.condition(one)).limit(50)
                )
                for x in row
            ],
            lambda: list(
                db.session.scalars(
                    select(other.organisation_id).select_from(one).join(other, other.id > 0).limit(50)
                )
            ),
            lambda: list(
                db.session.scalars(
                    select(
                        select(one.organisation_id).where(self.condition(one)).subquery().c.organisation_id
                    )
                )
            ),
            lambda: list(db.session.scalars(select(select(one.organisation_id).cte().c.organisation_id))),
            lambda: list(
                db.session.scalars(
                    select(
                        union_all(select(one.organisation_id), select(other.organisation_id))
                        .subquery()
                        .c.organisation_id
                    )
                )
            ),
            lambda: list(db.session.scalars(select(one.organisation_id).execution_options(yield_per=3))),
            lambda: [
                row.organisation_id for row in [db.session.get(one, self.random.choice(self.ids[one]))] if row
            ],
            lambda: [row.organisation_id for row in db.session.query(one).filter(self.condition(one))],
            lambda: [x for x in [db.session.scalar(select(func.max(one.organisation_id)))] if x],
            lambda: list(db.session.scalars(select(one.__table__.c.organisation_id))),
            lambda: list(db.session.scalars(select(one.__table__.alias().c.organisation_id))),
            lambda: list(db.session.scalars(text(f'SELECT organisation_id FROM "{one.__table__.name}"'))),
            lambda: list(db.session.scalars(select(text("organisation_id")).select_from(one))),
            lambda: list(db.session.scalars(select(one.organisation_id).where(text("1 = 1")))),
            lambda: list(db.session.connection().execute(select(one.organisation_id)).scalars()),
            lambda: [
                x
                for row in db.session.scalars(select(Task))
                for x in (row.item.organisation_id, row.division.organisation_id)
            ],
        )
        return self.random.choice(ways)()

    def write(self, foreign: int) -> None:
        """A random change, as far-reaching as may be."""
        one = self.model()
        table: Table = one.__table__
        number = self.random.choice(self.ids[one])
        ways: tuple[Callable[[], Any], ...] = (
            lambda: db.session.execute(delete(one).where(self.condition(one))),
            lambda: db.session.execute(delete(CalendarDay)),
            lambda: db.session.execute(update(one).where(self.condition(one)).values(id=one.id + 100_000)),
            lambda: db.session.execute(update(CalendarDay).values(name="taken")),
            lambda: db.session.execute(update(one).values(organisation_id=foreign)),
            lambda: db.session.execute(update(one), [{"id": number, "organisation_id": foreign}]),
            lambda: db.session.execute(
                update(Division), [{"id": n, "name": f"taken {n}"} for n in self.ids[Division]]
            ),
            lambda: db.session.execute(update(table).values(organisation_id=foreign)),
            lambda: db.session.execute(delete(table)),
            lambda: db.session.execute(text(f'DELETE FROM "{table.name}"')),
            lambda: db.session.execute(
                insert(CalendarDay).values(
                    organisation_id=foreign, day=func.current_date(), working=True, name="x"
                )
            ),
            lambda: db.session.query(one).filter(self.condition(one)).delete(),
            lambda: db.session.query(User).update({"name": "taken"}),
            lambda: db.session.delete(db.session.get(one, number) or self.kept(one, number)),
            lambda: setattr(self.kept(Division, self.random.choice(self.ids[Division])), "name", "taken"),
            lambda: setattr(self.kept(User, self.random.choice(self.ids[User])), "organisation_id", foreign),
            lambda: db.session.merge(one(id=number, organisation_id=self.random.choice((1, 2)))),
            lambda: db.session.add(
                CalendarDay(organisation_id=foreign, day=func.current_date(), working=True, name="x")
            ),
            lambda: db.session.bulk_update_mappings(one, [{"id": number, "organisation_id": foreign}]),
            lambda: db.session.bulk_insert_mappings(one, [{"id": 999_999, "organisation_id": foreign}]),
            lambda: db.session.connection().execute(delete(table)),
        )
        self.random.choice(ways)()
        db.session.flush()

    @staticmethod
    def kept(model: Any, number: int) -> Any:
        """A row that was read while the door was open, and kept."""
        with across_organisations("test"):
            return db.session.get(model, number)


def foreign_rows(two: Two) -> list[tuple[Any, ...]]:
    """Everything that the second organisation has in the tables that are reached for, within this transaction."""
    db.session.expire_all()
    with across_organisations("test"), db.session.no_autoflush:
        return [
            tuple(row)
            for model in MODELS
            for row in db.session.execute(
                select(*model.__table__.columns)
                .where(model.organisation_id == two.foreign.organisation_id)
                .order_by(model.id)
            )
        ]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_random_probes_read_and_write_no_foreign_row(two: Two) -> None:
    with across_organisations("test"):
        ids = {model: list(db.session.scalars(select(model.id))) for model in MODELS}
    db.session.remove()
    assert {two.own.organisation_id, two.foreign.organisation_id} == {1, 2}
    before = foreign_rows(two)
    db.session.remove()
    chance, ended = Chance(SEED, ids), Counter[str]()
    foreign = two.foreign.organisation_id
    for number in range(PROBES):
        if number % 2:
            try:
                with two.own.read():
                    seen = set(chance.read(foreign))
                assert seen <= {two.own.organisation_id}, number
                ended["read"] += bool(seen)
            except KEPT_OUT:
                ended["refused"] += 1
            db.session.remove()
            continue
        with undone(two):
            try:
                chance.write(foreign)
            except KEPT_OUT:
                ended["refused"] += 1
                db.session.rollback()
            else:
                ended["written"] += 1
                assert foreign_rows(two) == before, number
        db.session.remove()
    assert foreign_rows(two) == before
    # The probes are no mere failures: many are answered, with own rows.
    assert min(ended["read"], ended["written"], ended["refused"]) > PROBES // 20, ended
