"""Reminder stages: the literal table, whom they reach and which one is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.ladders import Kind, Recipient
from tracker.rules.stages import (
    Decision,
    Reason,
    Send,
    StageDue,
    Supersede,
    Suppress,
    approval_stages_until,
    decide,
    next_untold,
    recipients_of,
    stage_day,
    stages_for,
    stages_until,
    summaries_until,
)
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
LONG_AGO = date(2020, 1, 1)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
CALENDARS = st.builds(
    Calendar, st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20), st.just(frozenset())
)


def decided(
    today: date,
    due_on: date,
    recorded: Sequence[str] = (),
    since: date = LONG_AGO,
    reason: Reason = Reason.BEFORE_ADOPTION,
) -> list[Decision]:
    dues = stages_until(today, due_on, PLAIN)
    return decide(dues, recorded, today=today, since=since, calendar=PLAIN, reason=reason)


def sent(decisions: Sequence[Decision]) -> list[str]:
    return [decision.stage for decision in decisions if isinstance(decision, Send)]


@pytest.mark.parametrize(
    ("due_on", "stage", "day"),
    [
        # 31 December 2568 is a holiday.
        (date(2025, 12, 31), "before-14", date(2025, 12, 17)),
        (date(2025, 12, 31), "before-7", date(2025, 12, 24)),
        (date(2025, 12, 31), "before-1", date(2025, 12, 30)),
        (date(2025, 12, 31), "on", date(2025, 12, 30)),
        (date(2025, 12, 31), "late-1", date(2026, 1, 5)),
        (date(2025, 12, 31), "late-5", date(2026, 1, 9)),
        (date(2025, 12, 31), "weekly-01", date(2026, 1, 16)),
        # 6 April is Chakri Day, 13 to 15 April Songkran.
        (date(2026, 3, 31), "before-14", date(2026, 3, 17)),
        (date(2026, 3, 31), "before-7", date(2026, 3, 24)),
        (date(2026, 3, 31), "before-1", date(2026, 3, 30)),
        (date(2026, 3, 31), "on", date(2026, 3, 31)),
        (date(2026, 3, 31), "late-1", date(2026, 4, 1)),
        (date(2026, 3, 31), "late-5", date(2026, 4, 8)),
        (date(2026, 3, 31), "weekly-01", date(2026, 4, 16)),
        (date(2026, 3, 31), "weekly-02", date(2026, 4, 22)),
        # 31 March 2572 is a Saturday.
        (date(2029, 3, 31), "before-14", date(2029, 3, 16)),
        (date(2029, 3, 31), "before-7", date(2029, 3, 23)),
        (date(2029, 3, 31), "before-1", date(2029, 3, 30)),
        (date(2029, 3, 31), "on", date(2029, 3, 30)),
        (date(2029, 3, 31), "late-1", date(2029, 4, 2)),
    ],
)
def test_stages_of_a_task_fall_on_these_days(due_on: date, stage: str, day: date) -> None:
    assert stage_day(stage, due_on, PLAIN) == day
    assert StageDue(stage, day) in stages_until(day, due_on, PLAIN)
    assert StageDue(stage, day) not in stages_until(day - timedelta(days=1), due_on, PLAIN)


def test_the_six_month_round_of_2569_reminds_on_these_days() -> None:
    opens_on, due_on = date(2026, 4, 1), date(2026, 4, 16)
    assert stages_until(date(2026, 4, 30), due_on, PLAIN, "follow_up", opens_on) == [
        StageDue("open", date(2026, 4, 1)),
        StageDue("before-7", date(2026, 4, 9)),
        StageDue("before-1", date(2026, 4, 10)),
        StageDue("on", date(2026, 4, 16)),
        StageDue("late-1", date(2026, 4, 17)),
        StageDue("late-5", date(2026, 4, 23)),
        StageDue("weekly-01", date(2026, 4, 30)),
    ]


def test_a_follow_up_has_no_stage_before_the_one_that_opens_it() -> None:
    dues = stages_until(date(2026, 6, 9), date(2026, 6, 9), PLAIN, "follow_up", opens_on=date(2026, 6, 9))
    assert dues == [StageDue("open", date(2026, 6, 9)), StageDue("on", date(2026, 6, 9))]


@pytest.mark.parametrize("stage", ["", "open", "before", "late-x", "weekly-", "on-1", "monthly-2026-01"])
def test_other_stages_have_no_day(stage: str) -> None:
    with pytest.raises(ValueError, match="no such stage"):
        stage_day(stage, date(2026, 3, 31), PLAIN)


@given(DAYS, st.integers(0, 200), st.sampled_from(["task", "follow_up"]), CALENDARS)
@settings(max_examples=100)
def test_stages_are_in_order_once_each_and_on_working_days(
    due_on: date, ahead: int, kind: Kind, calendar: Calendar
) -> None:
    opens_on = due_on - timedelta(days=15) if kind == "follow_up" else None
    dues = stages_until(due_on + timedelta(days=ahead), due_on, calendar, kind, opens_on)
    assert all(calendar.is_working(due.on) for due in dues)
    assert all(one.on <= other.on for one, other in pairwise(dues))
    assert len({due.stage for due in dues}) == len(dues)
    for due in dues:
        assert stage_day(due.stage, due_on, calendar, opens_on) == due.on
        assert (due.on > due_on) == due.stage.startswith(("late", "weekly"))
    late = [due.on for due in dues if due.stage.startswith("late")]
    assert sorted(set(late)) == late


@given(DAYS, st.integers(-20, 400), st.integers(0, 60))
@settings(max_examples=50)
def test_a_later_day_only_adds_stages(due_on: date, ahead: int, more: int) -> None:
    day = due_on + timedelta(days=ahead)
    earlier = stages_until(day, due_on, PLAIN)
    later = stages_until(day + timedelta(days=more), due_on, PLAIN)
    assert later[: len(earlier)] == earlier
    assert all(due.on > day for due in later[len(earlier) :])


def test_on_speaks_for_before_1_where_both_fall_on_one_day() -> None:
    assert decided(date(2025, 12, 30), date(2025, 12, 31), ["before-14", "before-7"]) == [
        Supersede("before-1", by="on"),
        Send("on"),
    ]
    assert decided(date(2029, 3, 30), date(2029, 3, 31), ["before-14", "before-7"]) == [
        Supersede("before-1", by="on"),
        Send("on"),
    ]


def test_after_days_off_the_latest_missed_stage_is_sent() -> None:
    assert decided(date(2026, 3, 27), date(2026, 3, 31)) == [
        Supersede("before-14", by="before-7"),
        Send("before-7"),
    ]


def test_after_a_month_off_one_stage_speaks_for_all() -> None:
    decisions = decided(date(2026, 5, 5), date(2026, 3, 31), ["before-14"])
    assert decisions[-1] == Send("weekly-03")
    assert {decision.stage for decision in decisions[:-1]} == {
        "before-7", "before-1", "on", "late-1", "late-5", "weekly-01", "weekly-02"
    }  # fmt: skip
    assert all(isinstance(decision, Supersede) for decision in decisions[:-1])


def test_nothing_is_decided_twice() -> None:
    assert decided(date(2026, 3, 27), date(2026, 3, 31), ["before-14", "before-7"]) == []


def test_an_earlier_stage_is_never_sent_after_a_later_one() -> None:
    assert decided(date(2026, 3, 30), date(2026, 3, 31), ["before-14", "before-1"]) == [
        Supersede("before-7", by="before-1")
    ]


@pytest.mark.parametrize("today", [date(2026, 3, 28), date(2026, 4, 6), date(2026, 4, 14)])
def test_nothing_is_sent_on_a_day_on_which_nobody_works(today: date) -> None:
    assert decided(today, date(2026, 3, 31)) == []


def test_stages_before_adoption_are_suppressed() -> None:
    assert decided(date(2026, 3, 18), date(2026, 3, 31), since=date(2026, 3, 18)) == [
        Suppress("before-14", Reason.BEFORE_ADOPTION)
    ]
    assert decided(date(2026, 3, 24), date(2026, 3, 31), since=date(2026, 3, 18)) == [
        Suppress("before-14", Reason.BEFORE_ADOPTION),
        Send("before-7"),
    ]


def test_a_stage_on_the_day_of_adoption_is_sent() -> None:
    assert decided(date(2026, 3, 17), date(2026, 3, 31), since=date(2026, 3, 17)) == [Send("before-14")]


def test_a_new_due_day_does_not_remind_of_days_before_it_was_set() -> None:
    sent_back_on, due_on = date(2026, 4, 2), date(2026, 4, 10)
    reason = Reason.BEFORE_NEW_DUE_DAY
    assert decided(sent_back_on, due_on, since=sent_back_on, reason=reason) == [
        Suppress("before-14", Reason.BEFORE_NEW_DUE_DAY)
    ]
    assert sent(decided(date(2026, 4, 3), due_on, since=sent_back_on, reason=reason)) == ["before-7"]


def test_stages_of_later_days_are_left_alone() -> None:
    dues = stages_until(date(2026, 5, 1), date(2026, 3, 31), PLAIN)
    decisions = decide(dues, [], today=date(2026, 3, 24), since=LONG_AGO, calendar=PLAIN)
    assert decisions == [Supersede("before-14", by="before-7"), Send("before-7")]


@given(DAYS, st.lists(st.integers(1, 25), min_size=1, max_size=12), st.integers(-30, 30))
@settings(max_examples=100)
def test_whatever_days_the_server_is_off_each_stage_is_answered_once_and_at_most_one_sent_a_day(
    due_on: date, gaps: list[int], adopted_before_due: int
) -> None:
    since = due_on - timedelta(days=adopted_before_due)
    recorded: list[str] = []
    today = due_on - timedelta(days=20)
    for gap in gaps:
        today = PLAIN.on_or_after(today + timedelta(days=gap))
        decisions = decided(today, due_on, recorded, since)
        assert len(sent(decisions)) <= 1
        recorded += [decision.stage for decision in decisions]
        assert recorded == [due.stage for due in stages_until(today, due_on, PLAIN)]
        assert decided(today, due_on, recorded, since) == []


def test_late_5_also_tells_the_clerk_and_the_weekly_ones_the_division_alone() -> None:
    dues = stages_until(date(2026, 4, 30), date(2026, 3, 31), PLAIN)
    assert [due.stage for due in stages_for(Recipient.CLERK, dues)] == ["late-5"]
    assert stages_for(Recipient.DIVISION, dues) == dues
    assert stages_for(Recipient.CHIEF_EXECUTIVE, dues) == []
    assert recipients_of("weekly-01") == (Recipient.DIVISION,)
    assert recipients_of("open") == (Recipient.DIVISION,)


def test_the_clerk_is_told_of_late_5_even_when_the_division_is_past_it() -> None:
    today = date(2026, 4, 17)
    dues = stages_until(today, date(2026, 3, 31), PLAIN)
    clerk = decide(stages_for(Recipient.CLERK, dues), [], today=today, since=LONG_AGO, calendar=PLAIN)
    assert clerk == [Send("late-5")]
    assert sent(decide(dues, [], today=today, since=LONG_AGO, calendar=PLAIN)) == ["weekly-01"]


def test_a_submission_waits_three_working_days_before_the_coordinator_is_reminded_and_seven_the_clerk() -> (
    None
):
    submitted_on = date(2026, 3, 30)  # Monday; 6 April is a holiday
    assert approval_stages_until(date(2026, 4, 2), submitted_on, PLAIN) == []
    assert approval_stages_until(date(2026, 4, 30), submitted_on, PLAIN) == [
        StageDue("waiting-3", date(2026, 4, 3)),
        StageDue("waiting-7", date(2026, 4, 10)),
    ]
    assert recipients_of("waiting-3") == (Recipient.COORDINATOR,)
    assert recipients_of("waiting-7") == (Recipient.CLERK,)


def test_the_chief_executive_gets_a_summary_on_the_first_working_day_of_each_month_after_adoption() -> None:
    assert summaries_until(date(2026, 2, 2), date(2025, 11, 15), PLAIN) == [
        StageDue("monthly-2025-12", date(2025, 12, 1)),
        StageDue("monthly-2026-01", date(2026, 1, 5)),
        StageDue("monthly-2026-02", date(2026, 2, 2)),
    ]
    assert summaries_until(date(2026, 1, 5), date(2026, 1, 5), PLAIN) == []
    assert recipients_of("monthly-2026-01") == (Recipient.CHIEF_EXECUTIVE,)


def test_who_was_told_already_is_passed_over_upwards() -> None:
    assert (
        next_untold({"head@example.test"}, ["clerk@example.test", "chief@example.test"])
        == "clerk@example.test"
    )
    assert (
        next_untold({"clerk@example.test"}, ["clerk@example.test", "chief@example.test"])
        == "chief@example.test"
    )
    assert next_untold({"clerk@example.test"}, ["clerk@example.test", None]) is None
    assert next_untold(set(), []) is None
