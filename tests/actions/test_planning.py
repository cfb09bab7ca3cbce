from datetime import date

import pytest
from sqlalchemy import select

from tests.world import World, at
from tracker.actions import planning
from tracker.database import db
from tracker.models import FollowUp, Round, Task

Q = {1: date(2025, 10, 1), 4: date(2026, 9, 30)}


def test_adoption_makes_a_task_for_each_measure_division_and_quarter(world: World) -> None:
    world.adopted_plan()
    with world.read():
        tasks = db.session.scalars(select(Task)).all()
    assert len(tasks) == 2 * 5 * 4
    assert {task.due_on for task in tasks if task.quarter == 1} == {date(2025, 12, 31)}
    assert all(task.completion == (task.quarter == 4) for task in tasks)


def test_rounds_open_and_fall_due_as_the_rules_say(world: World) -> None:
    world.adopted_plan()
    with world.read():
        rounds = [(row.kind, row.opens_on, row.due_on) for row in db.session.scalars(select(Round))]
        follow_ups = db.session.scalars(select(FollowUp)).all()
    assert rounds == [
        ("six_months", date(2026, 4, 1), date(2026, 4, 16)),
        ("twelve_months", date(2026, 10, 1), date(2026, 10, 16)),
    ]
    assert len(follow_ups) == 10


@pytest.mark.parametrize(
    ("adopted", "due_on"), [("2025-12-20", date(2026, 1, 14)), ("2026-02-15", date(2026, 3, 9))]
)
def test_tasks_of_the_past_look_back_after_late_adoption(world: World, adopted: str, due_on: date) -> None:
    world.adopted_plan(now=at(adopted))
    with world.read():
        first = db.session.scalars(select(Task).where(Task.quarter == 1)).all()
    assert {(task.look_back, task.due_on) for task in first} == {(True, due_on)}


def test_late_round_opens_after_adoption_and_waits_for_look_back_tasks(world: World) -> None:
    world.adopted_plan(now=at("2026-05-15"))
    with world.read():
        first = db.session.scalars(select(Round).where(Round.kind == "six_months")).one()
    assert (first.opens_on, first.asks_on, first.due_on) == (
        date(2026, 5, 18),
        date(2026, 6, 9),
        date(2026, 6, 9),
    )


def test_the_forecast_is_what_adoption_then_makes(world: World) -> None:
    items = [(5, range(5), Q[1], date(2026, 3, 31)), (2, [1], Q[1], Q[4])]
    with world.write():
        plan = world.add_plan(items)
        forecast = planning.forecast(planning.planned_items(planning.items_of(plan)), date(2025, 10, 3))
        planning.adopt(plan, now=at("2025-10-03"), by=world.actor("coordinator"))
        tasks = db.session.scalars(select(Task)).all()
        forms = {(task.item_id, task.division_id, task.quarter) for task in tasks}
    assert forecast.tasks == len(tasks) == 5 * 5 * 2 + 2 * 4
    assert forecast.forms == len(forms) == 14
