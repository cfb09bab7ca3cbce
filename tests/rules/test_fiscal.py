"""Fiscal years and quarters, day by day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.fiscal import (
    Quarter,
    first_day,
    fiscal_year_of,
    last_day,
    quarters_between,
    quarters_of,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def test_every_day_of_2020_to_2040_lies_in_exactly_one_quarter() -> None:
    quarters = [quarter for year in range(2562, 2586) for quarter in quarters_of(year)]
    day = date(2020, 1, 1)
    while day <= date(2040, 12, 31):
        holding = [quarter for quarter in quarters if quarter.first_day <= day <= quarter.last_day]
        assert holding == [Quarter.of(day)]
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2025, 9, 30), "2568Q4"),
        (date(2025, 10, 1), "2569Q1"),
        (date(2025, 12, 31), "2569Q1"),
        (date(2026, 1, 1), "2569Q2"),
        (date(2028, 2, 29), "2571Q2"),
        (date(2026, 3, 31), "2569Q2"),
        (date(2026, 4, 1), "2569Q3"),
        (date(2026, 6, 30), "2569Q3"),
        (date(2026, 7, 1), "2569Q4"),
        (date(2026, 9, 30), "2569Q4"),
    ],
)
def test_days_at_the_edges_of_quarters(day: date, quarter: str) -> None:
    assert str(Quarter.of(day)) == quarter


def test_a_fiscal_year_goes_from_october_to_september() -> None:
    assert first_day(2569) == date(2025, 10, 1)
    assert last_day(2569) == date(2026, 9, 30)
    assert fiscal_year_of(date(2025, 10, 1)) == fiscal_year_of(date(2026, 9, 30)) == 2569


@given(st.integers(2400, 2700))
@settings(max_examples=50)
def test_the_quarters_of_a_year_follow_each_other_without_gap(year: int) -> None:
    quarters = quarters_of(year)
    assert quarters[0].first_day == first_day(year)
    assert quarters[-1].last_day == last_day(year)
    assert quarters == sorted(quarters)
    for quarter in quarters:
        assert quarter.next.first_day - quarter.last_day == timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "quarters"),
    [
        (date(2025, 10, 1), date(2026, 3, 31), ["2569Q1", "2569Q2"]),
        (date(2025, 10, 1), date(2026, 9, 30), ["2569Q1", "2569Q2", "2569Q3", "2569Q4"]),
        (date(2024, 10, 1), date(2025, 9, 30), ["2568Q1", "2568Q2", "2568Q3", "2568Q4"]),
        (date(2022, 10, 1), date(2023, 9, 30), ["2566Q1", "2566Q2", "2566Q3", "2566Q4"]),
        (date(2023, 3, 1), date(2023, 4, 30), ["2566Q2", "2566Q3"]),
        (date(2023, 3, 1), date(2023, 3, 31), ["2566Q2"]),
        (date(2023, 3, 1), date(2023, 9, 30), ["2566Q2", "2566Q3", "2566Q4"]),
        (date(2026, 9, 30), date(2026, 10, 1), ["2569Q4", "2570Q1"]),
        (date(2026, 5, 5), date(2026, 5, 5), ["2569Q3"]),
    ],
)
def test_the_quarters_that_a_window_touches(start: date, end: date, quarters: list[str]) -> None:
    assert [str(quarter) for quarter in quarters_between(start, end)] == quarters


@given(DAYS, st.integers(0, 1000))
@settings(max_examples=100)
def test_the_quarters_of_a_window_cover_it_and_no_more(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    quarters = quarters_between(start, end)
    assert quarters[0].first_day <= start <= quarters[0].last_day
    assert quarters[-1].first_day <= end <= quarters[-1].last_day
    assert all(one.next == other for one, other in pairwise(quarters))


def test_a_window_that_ends_before_it_starts_has_no_quarters() -> None:
    with pytest.raises(ValueError, match="ends before"):
        quarters_between(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.parametrize("number", [0, 5, -1])
def test_there_are_four_quarters(number: int) -> None:
    with pytest.raises(ValueError, match="no quarter"):
        Quarter(2569, number)
