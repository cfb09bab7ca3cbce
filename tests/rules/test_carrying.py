from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules import follow_ups, windows
from tracker.rules.carrying import follow_up_text, later_month, later_window, window_text
from tracker.rules.windows import Window

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
MONTHS = st.lists(
    st.builds("{}-{:02}".format, st.integers(2026, 2028), st.integers(1, 12)),
    min_size=1,
    max_size=4,
    unique=True,
).map(sorted)


@given(DAYS, st.integers(0, 360))
@settings(max_examples=150)
def test_a_window_that_was_written_reads_back_as_the_same_days(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    read = windows.read(window_text(start, end))
    assert isinstance(read, Window)
    assert (read.start, read.end, read.year_written, read.notes) == (start, end, True, ())


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2025, 10, 1), date(2026, 9, 30), "ต.ค. 2568 - ก.ย. 2569"),
        (date(2026, 2, 1), date(2026, 2, 28), "ก.พ. 2569"),
        (date(2026, 1, 5), date(2026, 3, 20), "5 ม.ค. 2569 - 20 มี.ค. 2569"),
        (date(2026, 1, 5), date(2026, 1, 5), "5 ม.ค. 2569"),
    ],
)
def test_windows_are_written_in_months_where_they_are_whole(start: date, end: date, text: str) -> None:
    assert window_text(start, end) == text


@pytest.mark.parametrize(
    ("window", "years", "later"),
    [
        ((date(2025, 10, 1), date(2026, 9, 30)), 1, (date(2026, 10, 1), date(2027, 9, 30))),
        ((date(2027, 1, 1), date(2027, 2, 28)), 1, (date(2028, 1, 1), date(2028, 2, 29))),
        ((date(2028, 2, 29), date(2028, 2, 29)), 1, (date(2029, 2, 28), date(2029, 2, 28))),
        ((date(2025, 11, 15), date(2026, 1, 20)), 2, (date(2027, 11, 15), date(2028, 1, 20))),
    ],
)
def test_a_window_moves_by_whole_years(
    window: tuple[date, date], years: int, later: tuple[date, date]
) -> None:
    assert later_window(*window, years) == later


@given(
    st.one_of(
        st.sampled_from(["quarterly", "six_twelve", "six_months", "twelve_months", "monthly"]).map(
            lambda kind: (kind, None, [])
        ),
        st.integers(1, 12).map(lambda n: ("at_least_per_year", n, [])),
        st.one_of(st.none(), st.integers(1, 365)).map(lambda n: ("on_completion", n, [])),
        MONTHS.map(lambda months: ("months", None, months)),
        st.one_of(st.just([]), MONTHS.map(lambda months: months[:1])).map(
            lambda months: ("once", None, months)
        ),
    )
)
@settings(max_examples=150)
def test_a_rule_that_was_written_reads_back_as_the_same_rule(rule: tuple[str, int | None, list[str]]) -> None:
    kind, n, months = rule
    read = follow_ups.read(follow_up_text(kind, n, months))
    assert (read.kind, read.n, list(read.months)) == (kind, n, months)


def test_the_organisations_own_rule_is_written_as_nothing() -> None:
    assert follow_up_text("unspecified", None, []) == ""


def test_a_month_moves_by_whole_years() -> None:
    assert later_month("2025-10", 1) == "2026-10"
