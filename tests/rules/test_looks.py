"""How tasks look on a day, and the look of a cell that stands for several."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.looks import TaskLook, due_soon, look_of, overdue, worst_of
from tracker.rules.states import OUTSTANDING, TaskState

DUE = date(2026, 3, 31)
SOON = date(2026, 3, 17)
EARLY = date(2026, 3, 16)
PAST = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("state", "early", "soon", "past"),
    [
        (TaskState.OPEN, TaskLook.NOT_YET, TaskLook.DUE_SOON, TaskLook.OVERDUE),
        (TaskState.IN_PROGRESS, TaskLook.IN_PROGRESS, TaskLook.DUE_SOON, TaskLook.OVERDUE),
        (TaskState.STUCK, TaskLook.STUCK, TaskLook.STUCK, TaskLook.OVERDUE),
        (TaskState.SUBMITTED, TaskLook.WAITING, TaskLook.WAITING, TaskLook.WAITING),
        (TaskState.APPROVED, TaskLook.DONE, TaskLook.DONE, TaskLook.DONE),
        (TaskState.CANCELLED, TaskLook.CANCELLED, TaskLook.CANCELLED, TaskLook.CANCELLED),
        (TaskState.NOT_NEEDED, TaskLook.NOT_NEEDED, TaskLook.NOT_NEEDED, TaskLook.NOT_NEEDED),
    ],
)
def test_the_look_follows_state_and_due_day(
    state: TaskState, early: TaskLook, soon: TaskLook, past: TaskLook
) -> None:
    assert [look_of(state, DUE, today) for today in (EARLY, SOON, DUE, PAST)] == [early, soon, soon, past]


@given(st.sampled_from(TaskState), st.integers(-400, 400))
@settings(max_examples=100)
def test_only_what_is_owed_can_be_overdue_or_due_soon_and_never_both(state: TaskState, ahead: int) -> None:
    today = DUE + timedelta(days=ahead)
    late, soon = overdue(state, DUE, today), due_soon(state, DUE, today)
    assert not (late and soon)
    assert late == (state in OUTSTANDING and ahead > 0)
    assert soon == (state in OUTSTANDING and -14 <= ahead <= 0)


def test_looks_are_listed_in_the_order_of_all_pages() -> None:
    assert [str(look) for look in TaskLook] == [
        "overdue", "stuck", "due_soon", "waiting", "in_progress", "done", "not_yet", "cancelled", "not_needed"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("looks", "worst"),
    [
        ([TaskLook.DONE, TaskLook.OVERDUE, TaskLook.STUCK], TaskLook.OVERDUE),
        ([TaskLook.DUE_SOON, TaskLook.STUCK], TaskLook.STUCK),
        ([TaskLook.WAITING, TaskLook.DUE_SOON], TaskLook.DUE_SOON),
        ([TaskLook.IN_PROGRESS, TaskLook.WAITING], TaskLook.WAITING),
        ([TaskLook.DONE, TaskLook.NOT_YET], TaskLook.NOT_YET),
        ([TaskLook.DONE, TaskLook.CANCELLED], TaskLook.DONE),
        ([TaskLook.NOT_NEEDED, TaskLook.CANCELLED], TaskLook.CANCELLED),
        ([], None),
    ],
)
def test_a_cell_shows_its_worst_task(looks: list[TaskLook], worst: TaskLook | None) -> None:
    assert worst_of(looks) is worst


@given(st.lists(st.sampled_from(TaskLook), min_size=1))
@settings(max_examples=100)
def test_a_cell_is_done_only_where_nothing_is_left_to_do(looks: list[TaskLook]) -> None:
    settled = {TaskLook.DONE, TaskLook.CANCELLED, TaskLook.NOT_NEEDED}
    assert (worst_of(looks) in settled) == (set(looks) <= settled)
