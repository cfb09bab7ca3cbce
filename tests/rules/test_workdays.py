"""Working days: literal holidays, substitutes, and the organisation's own days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.workdays import Calendar, office_holidays

PLAIN = Calendar()
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 4, 16), "ชดเชยวันสงกรานต์"),
        (date(2025, 12, 31), "วันสิ้นปี"),
        (date(2026, 1, 1), "วันขึ้นปีใหม่"),
        (date(2026, 1, 2), "วันหยุดพิเศษ (เพิ่มเติม)"),
        (date(2026, 3, 3), "วันมาฆบูชา"),
        (date(2026, 4, 6), "วันพระบาทสมเด็จพระพุทธยอดฟ้าจุฬาโลกมหาราช และวันที่ระลึกมหาจักรีบรมราชวงศ์"),
        (date(2026, 4, 13), "วันสงกรานต์"),
        (date(2026, 4, 14), "วันสงกรานต์"),
        (date(2026, 4, 15), "วันสงกรานต์"),
        (date(2026, 5, 13), "วันพืชมงคล"),
        (date(2026, 6, 1), "ชดเชยวันวิสาขบูชา"),
    ],
)
def test_holidays_of_government_offices_have_their_names(day: date, name: str) -> None:
    assert PLAIN.holiday_name(day) == name
    assert not PLAIN.is_working(day)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 5, 1),  # Labour Day, a Friday
        date(2025, 5, 1),  # Labour Day, a Thursday
        date(2027, 5, 3),  # substitute of Labour Day
        date(2026, 1, 5),
        date(2026, 3, 31),
        date(2026, 4, 16),
    ],
)
def test_offices_work_on_labour_day_its_substitutes_and_ordinary_days(day: date) -> None:
    assert PLAIN.is_working(day)
    assert PLAIN.holiday_name(day) is None


def test_no_year_keeps_childrens_day_or_labour_day() -> None:
    names = {name for year in range(2020, 2041) for name in office_holidays(year).values()}
    assert names
    assert not [name for name in names if "แรงงาน" in name or "วันเด็ก" in name]


def test_a_saturday_without_holiday_has_no_name_and_is_no_working_day() -> None:
    assert PLAIN.holiday_name(date(2026, 1, 10)) is None
    assert not PLAIN.is_working(date(2026, 1, 10))


def test_the_organisations_own_days_are_added_and_taken_away() -> None:
    own = Calendar(added=frozenset({date(2026, 3, 30)}), removed=frozenset({date(2026, 4, 6)}))
    assert not own.is_working(date(2026, 3, 30))
    assert own.holiday_name(date(2026, 3, 30)) == "วันหยุดของหน่วยงาน"
    assert own.is_working(date(2026, 4, 6))
    assert own.holiday_name(date(2026, 4, 6)) is None
    assert own.on_or_before(date(2026, 3, 30)) == date(2026, 3, 27)


def test_a_day_both_added_and_removed_is_a_holiday() -> None:
    day = date(2026, 4, 6)
    both = Calendar(added=frozenset({day}), removed=frozenset({day}))
    assert not both.is_working(day)
    assert both.holiday_name(day) == PLAIN.holiday_name(day)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2025, 12, 20), 15, date(2026, 1, 14)),
        (date(2026, 2, 15), 15, date(2026, 3, 9)),
        (date(2026, 5, 15), 15, date(2026, 6, 9)),
        (date(2026, 4, 2), 5, date(2026, 4, 10)),
        (date(2025, 12, 31), 1, date(2026, 1, 5)),
    ],
)
def test_counting_working_days_leaves_out_the_day_itself(day: date, count: int, expected: date) -> None:
    assert PLAIN.add(day, count) == expected


@pytest.mark.parametrize("count", [0, -1])
def test_only_days_that_follow_can_be_counted(count: int) -> None:
    with pytest.raises(ValueError, match="follow"):
        PLAIN.add(date(2026, 1, 5), count)


@pytest.mark.parametrize(
    ("year", "month", "first", "last"),
    [
        (2026, 1, date(2026, 1, 5), date(2026, 1, 30)),
        (2026, 4, date(2026, 4, 1), date(2026, 4, 30)),
        (2025, 12, date(2025, 12, 1), date(2025, 12, 30)),
        (2028, 2, date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_first_and_last_working_day_of_a_month(year: int, month: int, first: date, last: date) -> None:
    assert PLAIN.first_of_month(year, month) == first
    assert PLAIN.last_of_month(year, month) == last


@given(DAYS, st.frozensets(DAYS, max_size=5), st.frozensets(DAYS, max_size=5))
@settings(max_examples=100)
def test_moving_to_a_working_day_moves_as_little_as_possible(
    day: date, added: frozenset[date], removed: frozenset[date]
) -> None:
    calendar = Calendar(added, removed)
    before, after = calendar.on_or_before(day), calendar.on_or_after(day)
    assert before <= day <= after
    assert calendar.is_working(before)
    assert calendar.is_working(after)
    between = (before + timedelta(days=ahead) for ahead in range(1, (after - before).days))
    assert not [other for other in between if calendar.is_working(other)]
    assert (before == day == after) == calendar.is_working(day)


@given(DAYS, st.integers(1, 30), st.integers(1, 30))
@settings(max_examples=50)
def test_counting_in_two_steps_reaches_the_same_day(day: date, first: int, second: int) -> None:
    assert PLAIN.add(PLAIN.add(day, first), second) == PLAIN.add(day, first + second)
