"""Which years the demo tells of, and the scores they had."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.demo import scores, years
from tracker.rules.workdays import Calendar

CALENDAR = Calendar()


@pytest.mark.parametrize(
    ("today", "closed_year"),
    [
        (date(2026, 10, 1), 2568),
        (date(2026, 10, 30), 2568),
        (date(2026, 10, 31), 2569),
        (date(2026, 11, 2), 2569),
        (date(2026, 11, 21), 2569),
        (date(2027, 1, 1), 2569),
        (date(2028, 2, 29), 2570),
        (date(2027, 9, 30), 2569),
    ],
)
def test_the_closed_year_was_due_fifteen_days_ago(today: date, closed_year: int) -> None:
    assert years.closed_year_on(today, CALENDAR) == closed_year


@given(st.dates(date(2022, 1, 1), date(2040, 12, 31)))
def test_the_closed_year_is_the_latest_that_can_be(today: date) -> None:
    year = years.closed_year_on(today, CALENDAR)

    assert years.last_due_on(year, CALENDAR) + timedelta(days=15) <= today
    assert years.last_due_on(year + 1, CALENDAR) + timedelta(days=15) > today
    assert years.last_due_on(year, CALENDAR) < years.closed_on(year, CALENDAR) <= today
    assert years.founded_on(year, CALENDAR) < years.adopted_on(year, CALENDAR)


def test_scores_rise_but_for_one_fall_and_one_full_mark_that_is_kept() -> None:
    before, after = (scores.assessment(year, 2569).scores for year in (2568, 2569))

    numbers = [str(number) for number in range(1, 11)]
    assert [number for number in numbers if after[number] < before[number]] == ["7"]
    assert [number for number in numbers if after[number] == before[number]] == ["10"]
    assert after["10"] == 100


def test_a_total_follows_from_the_indicators() -> None:
    result = scores.assessment(2568, 2569)

    # (93.18 + 91.30 + 92.44 + 88.91 + 94.03) / 5, (91.85 + 92.27 + 87.62) / 3 and (87.50 + 100) / 2
    assert result.total == pytest.approx(0.3 * 91.972 + 0.3 * 90.58 + 0.4 * 93.75, abs=0.005)
    assert result.level == "ผ่านดี"
