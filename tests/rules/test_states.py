"""States of a task: every line of the table, nothing beside it, and due days of what goes back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import Refused
from tracker.rules.states import (
    OUTSTANDING,
    REPORTED,
    TRANSITIONS,
    Deed,
    TaskState,
    can,
    due_after_send_back,
    later_after_complete,
    on_time,
    state_after,
)
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
OPEN, IN_PROGRESS, STUCK, SUBMITTED, APPROVED, CANCELLED, NOT_NEEDED = TaskState

TABLE = [
    (OPEN, Deed.START, IN_PROGRESS),
    (IN_PROGRESS, Deed.START, IN_PROGRESS),
    (STUCK, Deed.START, IN_PROGRESS),
    (OPEN, Deed.REPORT_STUCK, STUCK),
    (IN_PROGRESS, Deed.REPORT_STUCK, STUCK),
    (STUCK, Deed.REPORT_STUCK, STUCK),
    (OPEN, Deed.SUBMIT, SUBMITTED),
    (IN_PROGRESS, Deed.SUBMIT, SUBMITTED),
    (STUCK, Deed.SUBMIT, SUBMITTED),
    (SUBMITTED, Deed.WITHDRAW, IN_PROGRESS),
    (SUBMITTED, Deed.APPROVE, APPROVED),
    (SUBMITTED, Deed.SEND_BACK, IN_PROGRESS),
    (APPROVED, Deed.REOPEN, IN_PROGRESS),
    (SUBMITTED, Deed.LOSE_EVIDENCE, IN_PROGRESS),
    (APPROVED, Deed.LOSE_EVIDENCE, IN_PROGRESS),
    (OPEN, Deed.MOVE_DUE_DAY, OPEN),
    (IN_PROGRESS, Deed.MOVE_DUE_DAY, IN_PROGRESS),
    (STUCK, Deed.MOVE_DUE_DAY, STUCK),
    (OPEN, Deed.CANCEL, CANCELLED),
    (IN_PROGRESS, Deed.CANCEL, CANCELLED),
    (STUCK, Deed.CANCEL, CANCELLED),
    (OPEN, Deed.RELEASE, NOT_NEEDED),
    (IN_PROGRESS, Deed.RELEASE, NOT_NEEDED),
    (STUCK, Deed.RELEASE, NOT_NEEDED),
    (NOT_NEEDED, Deed.RESTORE, OPEN),
]
ALLOWED = {(state, deed) for state, deed, _ in TABLE}


@pytest.mark.parametrize(("state", "deed", "after"), TABLE)
def test_each_line_of_the_table_leads_where_it_says(state: TaskState, deed: Deed, after: TaskState) -> None:
    assert can(deed, state)
    assert state_after(deed, state) is after


@pytest.mark.parametrize(
    ("state", "deed"), [(state, deed) for state in TaskState for deed in Deed if (state, deed) not in ALLOWED]
)
def test_what_the_table_does_not_hold_is_refused_with_a_sentence(state: TaskState, deed: Deed) -> None:
    assert not can(deed, state)
    with pytest.raises(Refused, match="งาน") as refused:
        state_after(deed, state)
    assert refused.value.message == TRANSITIONS[deed].refusal


def test_every_deed_has_its_line() -> None:
    assert set(TRANSITIONS) == set(Deed)
    assert OUTSTANDING | REPORTED | {CANCELLED, NOT_NEEDED} == set(TaskState)


@given(st.lists(st.sampled_from(Deed), max_size=30))
@settings(max_examples=200)
def test_however_a_task_goes_approval_is_left_only_by_reopening_or_losing_evidence(deeds: list[Deed]) -> None:
    state = OPEN
    for deed in deeds:
        if not can(deed, state):
            continue
        before, state = state, state_after(deed, state)
        if before is APPROVED:
            assert deed in (Deed.REOPEN, Deed.LOSE_EVIDENCE)
            assert state is IN_PROGRESS
        if state is APPROVED:
            assert (before, deed) == (SUBMITTED, Deed.APPROVE)
        assert before is not CANCELLED


def test_completing_early_makes_the_later_tasks_unneeded() -> None:
    assert later_after_complete([OPEN, IN_PROGRESS, STUCK, CANCELLED, NOT_NEEDED]) == [
        NOT_NEEDED, NOT_NEEDED, NOT_NEEDED, CANCELLED, NOT_NEEDED
    ]  # fmt: skip
    assert later_after_complete([]) == []


@pytest.mark.parametrize("reported", [SUBMITTED, APPROVED])
def test_completing_early_is_refused_once_a_later_task_is_reported(reported: TaskState) -> None:
    with pytest.raises(Refused, match="ไตรมาสถัดไป"):
        later_after_complete([OPEN, reported])


@pytest.mark.parametrize(
    ("due_on", "returned_on", "expected"),
    [
        (date(2026, 3, 31), date(2026, 4, 2), date(2026, 4, 10)),
        (date(2026, 3, 31), date(2026, 3, 2), date(2026, 3, 31)),
        (date(2025, 12, 31), date(2025, 12, 30), date(2026, 1, 9)),
        (date(2026, 3, 31), date(2026, 3, 24), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 3, 25), date(2026, 4, 1)),
    ],
)
def test_what_goes_back_has_five_working_days(due_on: date, returned_on: date, expected: date) -> None:
    assert due_after_send_back(due_on, returned_on, PLAIN) == expected


def test_a_first_submission_on_the_due_day_is_on_time_whatever_follows() -> None:
    assert on_time(date(2026, 3, 30), date(2026, 3, 31))
    assert on_time(date(2026, 3, 31), date(2026, 3, 31))
    assert not on_time(date(2026, 4, 1), date(2026, 3, 31))
