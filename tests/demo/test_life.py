"""The years that the demo has lived through, on the days on which it is hardest to tell them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import select

from tests.world import at
from tracker.app import Tracker
from tracker.database import across_organisations, db
from tracker.demo.life import Life
from tracker.demo.years import SURELY_CLOSED
from tracker.models import (
    Base,
    Plan,
    PlanState,
    Report,
    Round,
    Task,
)
from tracker.models.base import UtcDateTime
from tracker.rules.moments import day_of
from tracker.rules.states import OUTSTANDING, TaskState

MOMENTS = (
    at("2026-10-01", "08:15"),
    at("2026-11-02", "09:30"),
    at("2026-11-21", "14:00"),
    at("2027-01-01", "00:10"),
    at("2028-02-29", "12:00"),
    at("2026-09-30", "23:50"),
)
# What lies ahead on purpose: when something is tried again, or is over.
AHEAD = {"next_at", "expires_at", "lease_until"}
DEEDS_ON = {"adopted_on", "signed_on", "first_submitted_on", "about_on", "due_set_on", "stage_on"}


class QuietLife(Life):
    """A life without the daily reminders and the hand-over of mails, which take most of the time."""

    def _remind(self, now: datetime) -> None:
        pass

    def _end_day(self, now: datetime) -> None:
        pass


@pytest.fixture(params=MOMENTS, ids=lambda moment: str(day_of(moment)))
def life(request: pytest.FixtureRequest, app: Tracker) -> Life:
    lived = QuietLife(request.param, lambda line: None)
    lived.live()
    return lived


def test_a_year_is_closed_another_has_work_in_every_state_and_nothing_lies_in_the_future(life: Life) -> None:
    # One life a day for all three questions: each takes seconds to live.
    check_years(life)
    assert happened_after(life) == []


def check_years(life: Life) -> None:
    """A closed year with its report, and running years with something in every state."""
    today = life.today
    with life.office.reading():
        plans = {plan.fiscal_year: plan for plan in db.session.scalars(select(Plan))}
        assert sorted(plans) == list(life.years)
        closed = plans.pop(life.closed_year)
        assert closed.state is PlanState.CLOSED
        assert plans
        assert {plan.state for plan in plans.values()} == {PlanState.ADOPTED}
        [report] = db.session.scalars(select(Report))
        assert report.plan_id == closed.id
        due_on = db.session.scalars(
            select(Round.due_on).where(Round.plan_id == closed.id, Round.kind == "twelve_months")
        ).one()
        assert due_on + SURELY_CLOSED <= today

        running = db.session.scalars(select(Task).where(Task.plan_id != closed.id)).all()
        states = Counter(task.state for task in running)
        late = [task for task in running if task.state in OUTSTANDING and task.due_on < today]
        assert set(states) >= set(TaskState) - {TaskState.CANCELLED, TaskState.NOT_NEEDED}
        assert late
        assert any(task.due_on >= today for task in running)


def happened_after(life: Life) -> list[tuple[str, object]]:
    """Every moment and every day of a deed that is later than now."""
    ahead: list[tuple[str, object]] = []
    with across_organisations("every table of the demo"):
        for mapper in Base.registry.mappers:
            columns = mapper.local_table.c
            for column in columns:
                value = db.session.scalar(select(db.func.max(column)))
                moment = isinstance(column.type, UtcDateTime) and column.name not in AHEAD
                if moment and value is not None and value > life.now:
                    ahead.append((str(column), value))
                if column.name in DEEDS_ON and value is not None and value > life.today:
                    ahead.append((str(column), value))
        db.session.rollback()
    return ahead
