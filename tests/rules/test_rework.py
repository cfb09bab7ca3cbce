"""What an amendment does to tasks: reported ones stay, the others follow the amended items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from tracker.rules.grouping import PlannedItem
from tracker.rules.rework import Rework, TaskNow, rework
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.workdays import Calendar

Q1, Q2, Q3, Q4 = date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)
START = date(2025, 10, 1)
CALENDAR = Calendar()
NONE: Mapping[str, str] = {}
JANUARY = date(2026, 1, 5)


def item(
    *measures: str, end: date = Q4, start: date = START, divisions: tuple[str, ...] = ("a",), key: str = "i1"
) -> PlannedItem[str]:
    return PlannedItem(key, measures, divisions, start, end)


def tasks(plan: PlannedItem[str], *states: TaskState) -> list[TaskNow]:
    """The tasks of an item with one window from the year's start, with these states by quarter."""
    ends = [day for day in (Q1, Q2, Q3, Q4) if day < plan.end] + [plan.end]
    return [
        TaskNow(
            task_id=100 * place + 10 * other + quarter,
            item=plan.key,
            measure=measure,
            division=division,
            quarter=quarter,
            state=states[quarter - 1] if quarter <= len(states) else TaskState.OPEN,
            completion=day == plan.end,
            due_on=day,
            version=1,
        )
        for place, measure in enumerate(plan.measures, 1)
        for other, division in enumerate(plan.divisions)
        for quarter, day in enumerate(ends, 1)
    ]


def run(
    now: list[TaskNow],
    before: PlannedItem[str],
    after: list[PlannedItem[str]],
    moved: Mapping[str, str] = NONE,
    on: date = JANUARY,
) -> Rework:
    return rework(now, [before], after, moved, on, CALENDAR)


def test_an_unchanged_item_changes_no_task() -> None:
    plan = item("m1", "m2", divisions=("a", "b"))
    work = run(tasks(plan), plan, [plan])
    assert (work.added, work.changed, work.cancelled) == ((), (), ())


@pytest.mark.parametrize("state", list(TaskState))
def test_only_outstanding_tasks_of_a_removed_item_are_cancelled(state: TaskState) -> None:
    plan = item("m1")
    work = run(tasks(plan, state), plan, [])
    assert (101 in work.cancelled) == (state in OUTSTANDING)
    assert work.cancelled[-3:] == (102, 103, 104)


def test_a_new_division_gets_tasks_and_past_quarters_look_back() -> None:
    plan = item("m1")
    work = run(tasks(plan), plan, [item("m1", divisions=("a", "b"))])
    assert [(new.planned.division, new.planned.quarter.number) for new in work.added] == [
        ("b", n) for n in (1, 2, 3, 4)
    ]
    assert [new.planned.look_back for new in work.added] == [True, False, False, False]
    assert work.added[0].planned.due_on == CALENDAR.add(JANUARY, 15)


def test_a_longer_window_adds_quarters_and_the_old_last_task_is_no_longer_the_completion() -> None:
    plan = item("m1", end=Q2)
    work = run(tasks(plan, TaskState.APPROVED), plan, [item("m1")])
    assert [new.planned.quarter.number for new in work.added] == [3, 4]
    [second] = work.changed
    assert (second.task_id, second.completion, second.moved) == (102, False, False)
    assert work.reported == 1


def test_a_shorter_window_cancels_later_quarters_and_moves_the_last_due_day() -> None:
    plan, shorter = item("m1"), item("m1", end=date(2026, 2, 28))
    work = run(tasks(plan), plan, [shorter])
    assert work.cancelled == (103, 104)
    [second] = work.changed
    assert (second.task_id, second.due_on, second.version, second.completion, second.moved) == (
        102, date(2026, 2, 28), 2, True, True,
    )  # fmt: skip


@pytest.mark.parametrize("state", [TaskState.SUBMITTED, TaskState.APPROVED, TaskState.CANCELLED])
def test_tasks_that_are_reported_or_cancelled_keep_their_due_day(state: TaskState) -> None:
    plan = item("m1", end=Q2)
    work = run(tasks(plan, TaskState.OPEN, state), plan, [item("m1", end=date(2026, 2, 28))])
    assert work.changed == ()
    assert work.cancelled == ()


def test_who_is_late_gets_no_more_time_from_an_earlier_day() -> None:
    plan = item("m1", end=Q1)
    assert run(tasks(plan), plan, [item("m1", end=date(2025, 12, 15))], on=date(2026, 1, 5)).changed == ()


def test_a_day_that_was_moved_by_hand_stays_where_the_window_does() -> None:
    plan = item("m1")
    moved = [
        replace(task, due_on=date(2026, 4, 10), version=2) if task.quarter == 2 else task
        for task in tasks(plan)
    ]
    assert run(moved, plan, [item("m1", divisions=("a", "b"))]).changed == ()


def test_what_an_earlier_amendment_cancelled_opens_again_and_what_a_person_cancelled_does_not() -> None:
    plan = item("m1", end=Q2)
    away = [
        replace(task, task_id=task.task_id, state=TaskState.CANCELLED, amended_away=task.quarter == 3)
        if task.quarter > 2
        else task
        for task in tasks(item("m1"))
    ]
    work = run(away, plan, [item("m1")])
    assert [(one.task_id, one.version) for one in work.changed if one.reopened] == [(103, 2)]
    assert work.added == ()


def test_a_measure_reported_complete_needs_no_tasks_in_new_later_quarters() -> None:
    plan = item("m1", end=Q2)
    done = [replace(task, state=TaskState.APPROVED, complete=task.quarter == 2) for task in tasks(plan)]
    work = run(done, plan, [item("m1", divisions=("a", "b"))])
    assert {(new.planned.division, new.planned.quarter.number, new.needed) for new in work.added} >= {
        ("a", 3, False), ("a", 4, False), ("b", 3, True),
    }  # fmt: skip


def test_a_measure_that_went_to_another_item_is_not_asked_for_reported_quarters() -> None:
    plan = item("m1", "m2")
    now = [replace(task, state=TaskState.APPROVED) if task.quarter == 1 else task for task in tasks(plan)]
    work = run(now, plan, [item("m1"), item("n1", key="n2")], {"n1": "m2"})
    assert [new.planned.quarter.number for new in work.added] == [2, 3, 4]
    assert work.cancelled == (202, 203, 204)


def test_a_new_task_in_a_group_with_another_due_day_gets_a_version_of_its_own() -> None:
    plan = item("m1")
    work = run(tasks(plan, TaskState.APPROVED), plan, [item("m1", "n1")])
    assert [new.version for new in work.added] == [2, 1, 1, 1]
