"""An organisation's own stages: which there are, whom the last late one tells, and from which day they hold."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.ladders import USUAL, Escalation, Ladder, Recipient, StagePlan, changed, from_data, to_data
from tracker.rules.stages import (
    Reason,
    Send,
    StageDue,
    Supersede,
    Suppress,
    decide,
    recipients_of,
    stage_day,
    stages_for,
    stages_until,
)
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
DUE = date(2026, 3, 31)
LATER = date(2026, 12, 31)
SHORT = StagePlan(Ladder((10,), False, (2,), True), Ladder((3,), True, (), False), Escalation.CHIEF_EXECUTIVE)
NUMBERS = st.frozensets(st.integers(1, 60), max_size=5)
LADDERS = st.builds(
    lambda before, on, late, weekly: Ladder(
        tuple(sorted(before, reverse=True)), on, tuple(sorted(late)), weekly
    ),
    NUMBERS,
    st.booleans(),
    NUMBERS,
    st.booleans(),
)
PLANS = st.builds(StagePlan, LADDERS, LADDERS, st.sampled_from(Escalation))


def stages(plan: StagePlan, until: date = date(2026, 4, 30)) -> list[tuple[str, date]]:
    return [(due.stage, due.on) for due in stages_until(until, DUE, PLAIN, plan=plan)]


def test_own_stages_fall_on_their_own_working_days() -> None:
    assert stages(SHORT) == [
        ("before-10", date(2026, 3, 20)),
        ("late-2", date(2026, 4, 2)),
        ("weekly-01", date(2026, 4, 9)),
        ("weekly-02", date(2026, 4, 16)),
        ("weekly-03", date(2026, 4, 23)),
        ("weekly-04", date(2026, 4, 30)),
    ]


def test_without_late_stages_the_weeks_count_from_the_due_day() -> None:
    plan = StagePlan(Ladder((), True, (), True), USUAL.follow_up)
    assert stages(plan, date(2026, 4, 8)) == [("on", DUE), ("weekly-01", date(2026, 4, 7))]
    assert recipients_of("weekly-01", "task", plan) == (Recipient.DIVISION,)


def test_the_last_late_stage_tells_those_whom_the_organisation_chose() -> None:
    both = (Recipient.DIVISION, Recipient.CLERK, Recipient.CHIEF_EXECUTIVE)
    assert recipients_of("late-2", "task", SHORT) == both
    assert recipients_of("late-1", "task", SHORT) == (Recipient.DIVISION,)
    silent = StagePlan(USUAL.task, USUAL.follow_up, Escalation.NOBODY)
    assert recipients_of("late-5", "task", silent) == (Recipient.DIVISION,)


@given(PLANS, st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_any_stages_are_in_order_once_each_on_working_days(plan: StagePlan, due_on: date) -> None:
    dues = stages_until(due_on + timedelta(days=120), due_on, PLAIN, plan=plan)
    assert all(PLAIN.is_working(due.on) for due in dues)
    assert all(one.on <= other.on for one, other in pairwise(dues))
    assert len({due.stage for due in dues}) == len(dues)
    for due in dues:
        assert stage_day(due.stage, due_on, PLAIN, last_late=plan.task.last_late) == due.on


@given(PLANS, PLANS, st.dates(date(2026, 1, 1), LATER))
def test_what_a_row_keeps_is_the_plan_again(old: StagePlan, new: StagePlan, day: date) -> None:
    plan = changed(old, new, day)
    assert from_data(json.loads(json.dumps(to_data(plan)))) == plan


def test_where_nothing_was_set_the_usual_stages_hold() -> None:
    assert from_data(None) == from_data({}) == USUAL


def test_only_what_is_new_has_a_first_day() -> None:
    day = date(2026, 2, 2)
    new = StagePlan(Ladder((14, 10, 7), True, (1, 5), True), USUAL.follow_up)
    assert changed(USUAL, new, day).since == {"task:before-10": day}
    assert changed(USUAL, USUAL, day).since == {}
    # Weekly stages and those above count from the last late one.
    moved = StagePlan(Ladder((14, 7, 1), True, (1, 8), True), USUAL.follow_up)
    assert set(changed(USUAL, moved, day).since) == {"task:late-8", "task:weekly", "task:clerk"}
    up = StagePlan(USUAL.task, USUAL.follow_up, Escalation.CHIEF_EXECUTIVE)
    assert set(changed(USUAL, up, day).since) == {"task:chief_executive", "follow_up:chief_executive"}


def test_a_first_day_stays_while_its_stage_does_and_goes_with_it() -> None:
    first, second = date(2026, 2, 2), date(2026, 3, 2)
    new = StagePlan(Ladder((14, 10, 7), True, (1, 5), True), USUAL.follow_up)
    once = changed(USUAL, new, first)
    assert changed(once, new, second).since == {"task:before-10": first}
    assert changed(once, USUAL, second).since == {"task:before-1": second}


def test_a_new_stage_is_not_sent_for_a_day_that_has_passed() -> None:
    changed_on = date(2026, 3, 26)
    new = StagePlan(Ladder((14, 7, 6, 1), True, (1, 5), True), USUAL.follow_up)
    dues = stages_until(changed_on, DUE, PLAIN, plan=changed(USUAL, new, changed_on))
    told = decide(dues, {"before-14", "before-7"}, today=changed_on, since=date.min, calendar=PLAIN)
    assert told == [Suppress("before-6", Reason.BEFORE_STAGE)]


def test_an_old_stage_that_was_missed_is_sent_although_a_newer_one_is_held_back() -> None:
    changed_on = date(2026, 3, 26)
    new = StagePlan(Ladder((14, 7, 6, 1), True, (1, 5), True), USUAL.follow_up)
    dues = stages_until(changed_on, DUE, PLAIN, plan=changed(USUAL, new, changed_on))
    assert decide(dues, (), today=changed_on, since=date.min, calendar=PLAIN) == [
        Supersede("before-14", by="before-7"),
        Send("before-7"),
        Suppress("before-6", Reason.BEFORE_STAGE),
    ]


def test_who_is_newly_told_is_not_told_of_what_was_late_before() -> None:
    changed_on = date(2026, 4, 20)
    plan = changed(USUAL, StagePlan(USUAL.task, USUAL.follow_up, Escalation.CHIEF_EXECUTIVE), changed_on)
    dues = stages_until(changed_on, DUE, PLAIN, plan=plan)
    assert stages_for(Recipient.CLERK, dues, "task", plan) == [StageDue("late-5", date(2026, 4, 8))]
    [chief] = stages_for(Recipient.CHIEF_EXECUTIVE, dues, "task", plan)
    assert decide([chief], (), today=changed_on, since=date.min, calendar=PLAIN) == [
        Suppress("late-5", Reason.BEFORE_STAGE)
    ]
