"""Follow-up rounds: the literal table, every kind of rule, late adoption and answers from tasks."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.fiscal import first_day, last_day
from tracker.rules.grouping import PlannedItem, late_due_on, plan_tasks
from tracker.rules.rounds import (
    FollowUpRule,
    Line,
    RoundDue,
    RuleKind,
    adopted_late,
    answered_from_tasks,
    rounds_of,
)
from tracker.rules.stages import Send, decide, stages_until
from tracker.rules.states import TaskState
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
YEAR_2569 = (date(2025, 10, 1), date(2026, 9, 30))


def rounds(
    rule: FollowUpRule, fiscal_year: int = 2569, window: tuple[date, date] | None = None
) -> list[RoundDue]:
    start, end = window or (first_day(fiscal_year), last_day(fiscal_year))
    return rounds_of(rule, fiscal_year, start, end, PLAIN)


@pytest.mark.parametrize(
    ("kind", "fiscal_year", "period_end", "opens_on", "due_on"),
    [
        ("six_months", 2569, date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 16)),
        ("six_months", 2568, date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 17)),
        ("twelve_months", 2569, date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 16)),
    ],
)
def test_six_and_twelve_month_rounds_open_and_are_due_on_these_days(
    kind: RuleKind, fiscal_year: int, period_end: date, opens_on: date, due_on: date
) -> None:
    expected = RoundDue(kind, first_day(fiscal_year), period_end, opens_on, due_on)
    assert rounds(FollowUpRule(kind), fiscal_year) == [expected]
    assert expected in rounds(FollowUpRule("six_twelve"), fiscal_year)
    assert expected in rounds(FollowUpRule("unspecified"), fiscal_year)


def test_an_unspecified_rule_follows_the_organisations_policy() -> None:
    asked = rounds_of(FollowUpRule("unspecified"), 2569, *YEAR_2569, PLAIN, policy="twelve_months")
    assert [due.kind for due in asked] == ["twelve_months"]


def test_six_and_twelve_months_count_from_the_fiscal_year_and_not_from_the_window() -> None:
    asked = rounds(FollowUpRule("six_twelve"), 2566, (date(2023, 3, 1), date(2023, 9, 30)))
    assert [(due.kind, due.period_end) for due in asked] == [
        ("six_months", date(2023, 3, 31)),
        ("twelve_months", date(2023, 9, 30)),
    ]


def test_a_measure_whose_window_does_not_touch_the_period_is_not_asked() -> None:
    asked = rounds(FollowUpRule("six_twelve"), 2569, (date(2026, 4, 1), date(2026, 6, 30)))
    assert [due.kind for due in asked] == ["twelve_months"]
    edge = rounds(FollowUpRule("six_twelve"), 2569, (date(2026, 3, 31), date(2026, 6, 30)))
    assert [due.kind for due in edge] == ["six_months", "twelve_months"]


def test_quarterly_rounds_are_answered_by_the_approval_and_prompt_nobody() -> None:
    asked = rounds(FollowUpRule("quarterly"), 2566)
    assert [due.period_end for due in asked] == [
        date(2022, 12, 31),
        date(2023, 3, 31),
        date(2023, 6, 30),
        date(2023, 9, 30),
    ]
    assert asked[0].opens_on == date(2023, 1, 4)  # 2 and 3 January are substitutes
    assert not any(due.prompts for due in asked)
    march_and_april = rounds(FollowUpRule("quarterly"), 2566, (date(2023, 3, 1), date(2023, 4, 30)))
    assert [due.period_end for due in march_and_april] == [date(2023, 3, 31), date(2023, 6, 30)]


def test_named_months_ask_about_the_time_since_the_last_round() -> None:
    asked = rounds(FollowUpRule("months", months=("2023-10", "2023-04")), 2566)
    assert asked == [
        RoundDue("months", date(2022, 10, 1), date(2023, 3, 31), date(2023, 4, 3), date(2023, 4, 28)),
        RoundDue("months", date(2023, 4, 1), date(2023, 9, 30), date(2023, 10, 2), date(2023, 10, 31)),
    ]


def test_october_at_the_years_start_belongs_to_the_previous_year() -> None:
    asked = rounds(FollowUpRule("months", months=("2022-10", "2023-04")), 2566)
    assert [due.period_end for due in asked] == [date(2023, 3, 31)]


def test_a_single_report_is_asked_for_in_its_month() -> None:
    window = (date(2023, 3, 1), date(2023, 4, 30))
    assert rounds(FollowUpRule("once", months=("2023-04",)), 2566, window) == [
        RoundDue("once", date(2022, 10, 1), date(2023, 3, 31), date(2023, 4, 3), date(2023, 4, 28))
    ]
    assert rounds(FollowUpRule("once", months=("2022-04",)), 2566, window) == []


def test_a_single_report_in_the_month_in_which_the_window_begins_is_about_that_month() -> None:
    window = (date(2026, 3, 2), date(2026, 3, 31))
    assert rounds(FollowUpRule("once", months=("2026-03",)), 2569, window) == [
        RoundDue("once", date(2025, 10, 1), date(2026, 3, 31), date(2026, 3, 2), date(2026, 3, 31))
    ]


def test_a_single_report_without_a_month_is_asked_for_on_completion() -> None:
    window = (date(2023, 3, 1), date(2023, 9, 30))
    assert rounds(FollowUpRule("once"), 2566, window) == rounds(FollowUpRule("on_completion"), 2566, window)


def test_monthly_rounds_ask_in_each_month_about_the_one_before() -> None:
    asked = rounds(FollowUpRule("monthly"), 2569)
    assert len(asked) == 12
    assert asked[0] == RoundDue(
        "monthly", date(2025, 10, 1), date(2025, 10, 31), date(2025, 11, 3), date(2025, 11, 28)
    )
    assert asked[2].opens_on == date(2026, 1, 5)
    assert asked[-1].period_end == date(2026, 9, 30)
    one_month = rounds(FollowUpRule("monthly"), 2569, (date(2026, 3, 1), date(2026, 3, 31)))
    assert [due.period_start for due in one_month] == [date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("times", "ends"),
    [
        (1, [date(2026, 9, 30)]),
        (2, [date(2026, 3, 31), date(2026, 9, 30)]),
        (3, [date(2026, 1, 31), date(2026, 5, 31), date(2026, 9, 30)]),
        (4, [date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)]),
        (5, [date(2025, 12, 12), date(2026, 2, 23), date(2026, 5, 7), date(2026, 7, 19), date(2026, 9, 30)]),
    ],
)
def test_times_a_year_are_equal_parts_of_the_year(times: int, ends: list[date]) -> None:
    asked = rounds(FollowUpRule("at_least_per_year", n=times))
    assert [due.period_end for due in asked] == ends
    assert all(due.prompts for due in asked)


@pytest.mark.parametrize(
    ("n", "completed_on", "opens_on", "due_on"),
    [
        (None, None, date(2023, 3, 31), date(2023, 4, 18)),  # 15 April is a Saturday, 17 April a substitute
        (None, date(2023, 3, 18), date(2023, 3, 20), date(2023, 4, 4)),  # a Saturday
        (None, date(2023, 5, 2), date(2023, 3, 31), date(2023, 4, 18)),
        (30, None, date(2023, 3, 31), date(2023, 5, 1)),  # 30 April is a Sunday
        (30, date(2023, 3, 17), date(2023, 3, 17), date(2023, 4, 18)),
    ],
)
def test_completion_opens_a_round_at_the_latest_when_the_window_ends(
    n: int | None, completed_on: date | None, opens_on: date, due_on: date
) -> None:
    window = (date(2023, 3, 1), date(2023, 3, 31))
    asked = rounds_of(FollowUpRule("on_completion", n=n), 2566, *window, PLAIN, completed_on=completed_on)
    assert asked == [RoundDue("on_completion", *window, opens_on, due_on, prompts=False)]


def test_completion_of_a_measure_of_several_quarters_prompts() -> None:
    [asked] = rounds(FollowUpRule("on_completion"), 2566, (date(2023, 3, 1), date(2023, 4, 30)))
    assert asked.prompts


def test_a_round_that_opened_before_adoption_opens_after_it() -> None:
    adopted_on = date(2026, 5, 15)
    [natural] = rounds(FollowUpRule("six_months"))
    late = adopted_late(natural, adopted_on, PLAIN)
    assert (late.opens_on, late.due_on) == (date(2026, 5, 18), date(2026, 6, 9))
    assert late.asks_on == date(2026, 5, 18)
    waiting = adopted_late(natural, adopted_on, PLAIN, tasks_look_back=True)
    assert (waiting.opens_on, waiting.due_on) == (date(2026, 5, 18), date(2026, 6, 9))
    assert waiting.asks_on == date(2026, 6, 9)


def test_a_round_that_opens_after_adoption_is_left_alone() -> None:
    six, twelve = rounds(FollowUpRule("six_twelve"))
    assert adopted_late(six, date(2026, 4, 1), PLAIN) == six
    assert adopted_late(twelve, date(2026, 5, 15), PLAIN) == twelve


def test_a_round_with_nothing_but_look_back_tasks_waits_until_they_are_due() -> None:
    adopted_on = date(2026, 3, 31)
    tasks = plan_tasks(
        [PlannedItem("item", ("measure",), ("division",), date(2025, 10, 1), date(2026, 3, 31))],
        adopted_on,
        PLAIN,
    )
    assert all(task.look_back for task in tasks)
    [six] = rounds(FollowUpRule("six_months"))
    waiting = adopted_late(six, adopted_on, PLAIN, tasks_look_back=True)
    assert waiting.opens_on == date(2026, 4, 1)
    assert waiting.asks_on == waiting.due_on == tasks[0].due_on == date(2026, 4, 27)


def test_a_waiting_round_sends_nothing_before_its_tasks_are_due() -> None:
    adopted_on = date(2026, 5, 15)
    [six] = rounds(FollowUpRule("six_months"))
    waiting = adopted_late(six, adopted_on, PLAIN, tasks_look_back=True)
    dues = stages_until(date(2026, 6, 30), waiting.due_on, PLAIN, "follow_up", waiting.asks_on)
    assert dues[0].on == date(2026, 6, 9)
    decisions = decide(dues, [], today=date(2026, 6, 9), since=adopted_on, calendar=PLAIN)
    assert [decision for decision in decisions if isinstance(decision, Send)] == [Send("on")]


OPEN, STARTED, STUCK, SENT, APPROVED, CANCELLED, UNNEEDED = TaskState


@pytest.mark.parametrize(
    ("states", "prompts", "line"),
    [
        ([APPROVED, APPROVED], True, Line.CONFIRM),
        ([APPROVED, SENT], True, Line.ASK),
        ([APPROVED, OPEN], True, Line.ASK),
        ([STUCK], True, Line.ASK),
        ([STARTED, APPROVED], True, Line.ASK),
        ([APPROVED, UNNEEDED], True, Line.CONFIRM),
        ([APPROVED, CANCELLED], True, Line.CONFIRM),
        ([CANCELLED, CANCELLED], True, Line.NOT_ASKED),
        ([UNNEEDED], False, Line.NOT_ASKED),
        ([], True, Line.ASK),
        ([APPROVED], False, Line.SETTLED),
        ([SENT], False, Line.AWAIT_APPROVAL),
        ([OPEN], False, Line.AWAIT_APPROVAL),
    ],
)
def test_a_line_asks_only_what_the_tasks_have_not_told(
    states: list[TaskState], prompts: bool, line: Line
) -> None:
    assert answered_from_tasks(states, prompts) is line


PLAIN_KINDS: tuple[RuleKind, ...] = (
    "quarterly", "six_twelve", "six_months", "twelve_months", "monthly", "unspecified"
)  # fmt: skip
RULES = st.one_of(
    st.builds(FollowUpRule, st.sampled_from(PLAIN_KINDS)),
    st.builds(FollowUpRule, st.just("at_least_per_year"), st.integers(1, 24)),
    st.builds(
        lambda months: FollowUpRule("months", months=tuple(f"2026-{month:02}" for month in months)),
        st.sets(st.integers(1, 12)),
    ),
)


@given(RULES, st.dates(*YEAR_2569), st.dates(*YEAR_2569), st.dates(date(2025, 8, 1), date(2026, 12, 31)))
@settings(max_examples=150)
def test_every_round_touches_the_window_and_opens_and_is_due_on_working_days(
    rule: FollowUpRule, one: date, other: date, adopted_on: date
) -> None:
    start, end = min(one, other), max(one, other)
    asked = rounds(rule, 2569, (start, end))
    assert len({(due.kind, due.period_start, due.period_end) for due in asked}) == len(asked)
    for due in asked:
        assert due.kind not in ("six_twelve", "unspecified")
        assert first_day(2569) <= due.period_start <= due.period_end <= last_day(2569)
        assert due.period_start <= end
        assert start <= due.period_end
        assert due.period_end < due.opens_on <= due.due_on
        for late in (adopted_late(due, adopted_on, PLAIN), adopted_late(due, adopted_on, PLAIN, True)):
            assert PLAIN.is_working(late.opens_on)
            assert PLAIN.is_working(late.due_on)
            assert late.opens_on <= late.asks_on <= late.due_on
            assert late.opens_on >= min(adopted_on, due.opens_on)
            assert late.due_on in (due.due_on, late_due_on(adopted_on, PLAIN))


@given(st.integers(1, 52))
@settings(max_examples=52)
def test_parts_of_a_year_follow_each_other_and_fill_it(times: int) -> None:
    asked = rounds(FollowUpRule("at_least_per_year", n=times))
    assert len(asked) == times
    assert asked[0].period_start == first_day(2569)
    assert asked[-1].period_end == last_day(2569)
    for one, other in pairwise(asked):
        assert other.period_start - one.period_end == timedelta(days=1)
