"""Tasks and groups of a plan: the counts of three real shapes, due days, completion and looking back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.fiscal import Quarter, quarters_between
from tracker.rules.grouping import (
    Group,
    PlannedItem,
    PlannedTask,
    late_due_on,
    plan_tasks,
)
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
OFFICE, TREASURY, WORKS, SCHOOLS, AUDIT = "สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน"
EVERYONE = (OFFICE, TREASURY, WORKS, SCHOOLS, AUDIT)
YEAR_2569 = (date(2025, 10, 1), date(2026, 9, 30))
HALF_2569 = (date(2025, 10, 1), date(2026, 3, 31))
YEAR_2568 = (date(2024, 10, 1), date(2025, 9, 30))
YEAR_2566 = (date(2022, 10, 1), date(2023, 9, 30))
FROM_MARCH_2566 = (date(2023, 3, 1), date(2023, 9, 30))

Shape = tuple[int, tuple[date, date], tuple[str, ...]]
PLAN_2569: tuple[Shape, ...] = (
    (5, HALF_2569, EVERYONE),
    (2, YEAR_2569, (TREASURY,)),
    (1, YEAR_2569, (OFFICE,)),
    (1, YEAR_2569, EVERYONE),
    (3, HALF_2569, (OFFICE, AUDIT)),
    (1, HALF_2569, EVERYONE),
    (1, YEAR_2569, EVERYONE),
    (1, YEAR_2569, EVERYONE),
    (2, YEAR_2569, EVERYONE),
    (3, YEAR_2569, (OFFICE,)),
)
PLAN_2568: tuple[Shape, ...] = (
    (3, YEAR_2568, (OFFICE,)),
    (1, YEAR_2568, (OFFICE,)),
    (1, YEAR_2568, (OFFICE,)),
    (1, YEAR_2568, (OFFICE,)),
    (2, YEAR_2568, (TREASURY,)),
    (1, YEAR_2568, (OFFICE,)),
    (4, YEAR_2568, (OFFICE,)),
)
PLAN_2566: tuple[Shape, ...] = (
    (1, YEAR_2566, EVERYONE),
    (1, YEAR_2566, EVERYONE),
    (1, (date(2023, 3, 1), date(2023, 4, 30)), (OFFICE, TREASURY)),
    (1, (date(2023, 3, 1), date(2023, 3, 31)), (AUDIT,)),
    (1, FROM_MARCH_2566, EVERYONE),
    (1, FROM_MARCH_2566, EVERYONE),
    (1, FROM_MARCH_2566, EVERYONE),
)


def items_of(shapes: tuple[Shape, ...]) -> list[PlannedItem[str]]:
    return [
        PlannedItem(f"{row}", tuple(f"{row}.{number}" for number in range(count)), divisions, *window)
        for row, (count, window, divisions) in enumerate(shapes)
    ]


def by_quarter(quarters: Iterable[Quarter]) -> tuple[int, ...]:
    """How many there are of each quarter, in order."""
    return tuple(number for _, number in sorted(Counter(quarters).items()))


@pytest.mark.parametrize(
    ("shapes", "adopted_on", "tasks", "groups"),
    [
        (PLAN_2569, date(2025, 9, 1), (67, 67, 31, 31), (35, 35, 23, 23)),
        (PLAN_2568, date(2024, 9, 2), (13, 13, 13, 13), (7, 7, 7, 7)),
        (PLAN_2566, date(2022, 9, 1), (10, 28, 27, 25), (10, 28, 27, 25)),
        (PLAN_2569, date(2026, 5, 15), (67, 67, 31, 31), (35, 35, 23, 23)),
    ],
)
def test_three_real_shapes_of_plans_give_these_tasks_and_forms(
    shapes: tuple[Shape, ...], adopted_on: date, tasks: tuple[int, ...], groups: tuple[int, ...]
) -> None:
    planned = plan_tasks(items_of(shapes), adopted_on, PLAIN)
    assert by_quarter(task.quarter for task in planned) == tasks
    assert by_quarter(group.quarter for group in {task.group for task in planned}) == groups
    assert len(planned) == sum(tasks)


def test_the_sums_are_those_of_the_design() -> None:
    sums = []
    for shapes in (PLAN_2569, PLAN_2568, PLAN_2566):
        planned = plan_tasks(items_of(shapes), date(2022, 9, 1), PLAIN)
        sums.append((len(planned), len({task.group for task in planned})))
    assert sums == [(196, 116), (52, 28), (90, 90)]


def test_a_division_with_only_the_items_of_everyone_answers_the_first_quarter_in_six_forms() -> None:
    planned = plan_tasks(items_of(PLAN_2569), date(2025, 9, 1), PLAIN)
    first = {task.group for task in planned if task.division == WORKS and task.quarter.number == 1}
    assert first == {Group(item, WORKS, Quarter(2569, 1)) for item in ("0", "3", "5", "6", "7", "8")}


def one_item(start: date, end: date, adopted_on: date) -> list[PlannedTask[str]]:
    return plan_tasks([PlannedItem("item", ("measure",), (WORKS,), start, end)], adopted_on, PLAIN)


def test_progress_is_due_at_the_quarters_end_and_completion_at_the_windows_end() -> None:
    tasks = one_item(date(2025, 11, 1), date(2026, 5, 15), date(2025, 9, 1))
    assert [(str(task.quarter), task.due_on, task.completion, task.look_back) for task in tasks] == [
        ("2569Q1", date(2025, 12, 31), False, False),
        ("2569Q2", date(2026, 3, 31), False, False),
        ("2569Q3", date(2026, 5, 15), True, False),
    ]


@pytest.mark.parametrize(
    ("adopted_on", "due_on", "look_back"),
    [
        (date(2025, 12, 20), date(2026, 1, 14), True),
        (date(2026, 2, 15), date(2026, 3, 9), True),
        (date(2025, 12, 17), date(2026, 1, 12), True),  # 14 days before
        (date(2025, 12, 16), date(2025, 12, 31), False),  # 15 days before
    ],
)
def test_what_is_due_before_or_within_14_days_of_adoption_looks_back(
    adopted_on: date, due_on: date, look_back: bool
) -> None:
    first = one_item(*YEAR_2569, adopted_on)[0]
    assert (first.due_on, first.look_back) == (due_on, look_back)


def test_a_plan_adopted_in_the_middle_of_the_year_looks_back_on_two_quarters() -> None:
    tasks = one_item(*YEAR_2569, date(2026, 5, 15))
    assert [(task.due_on, task.look_back) for task in tasks] == [
        (date(2026, 6, 9), True),
        (date(2026, 6, 9), True),
        (date(2026, 6, 30), False),
        (date(2026, 9, 30), False),
    ]


def test_a_division_named_twice_gets_its_tasks_once() -> None:
    item = PlannedItem("item", ("measure",), (WORKS, AUDIT, WORKS), *HALF_2569)
    planned = plan_tasks([item], date(2025, 9, 1), PLAIN)
    assert Counter(task.division for task in planned) == {WORKS: 2, AUDIT: 2}


def test_a_window_that_ends_before_it_starts_gives_no_plan() -> None:
    with pytest.raises(ValueError, match="ends before"):
        one_item(date(2026, 3, 31), date(2025, 10, 1), date(2025, 9, 1))


STARTS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
ITEMS = st.builds(
    lambda key, measures, divisions, start, length: PlannedItem(
        key, tuple(key * 100 + n for n in range(measures)), tuple(range(divisions)), start, start + length
    ),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 4),
    STARTS,
    st.timedeltas(timedelta(0), timedelta(days=500)),
)


@given(st.lists(ITEMS, max_size=4, unique_by=lambda item: item.key), STARTS)
@settings(max_examples=100)
def test_every_measure_and_division_has_each_quarter_once_and_one_completion(
    items: list[PlannedItem[int]], adopted_on: date
) -> None:
    planned = plan_tasks(items, adopted_on, PLAIN)
    expected = {
        (measure, division, quarter)
        for item in items
        for measure in item.measures
        for division in item.divisions
        for quarter in quarters_between(item.start, item.end)
    }
    assert {(task.measure, task.division, task.quarter) for task in planned} == expected
    assert len(planned) == len(expected)
    completions = Counter((task.measure, task.division) for task in planned if task.completion)
    assert completions == dict.fromkeys({(measure, division) for measure, division, _ in expected}, 1)
    windows = {item.key: (item.start, item.end) for item in items}
    for task in planned:
        start, end = windows[task.item]
        if task.look_back:
            assert task.due_on == late_due_on(adopted_on, PLAIN)
            assert min(task.quarter.last_day, end) - adopted_on <= timedelta(days=14)
            continue
        assert start <= task.due_on <= end
        assert task.due_on - adopted_on > timedelta(days=14)
        assert Quarter.of(task.due_on) == task.quarter
        assert task.completion == (task.due_on == end)
