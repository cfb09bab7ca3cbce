"""How far tasks had come when a period ended, whatever happened to them since."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.world import at
from tracker.rules.claims import Claim
from tracker.rules.period import Attempt, PeriodTask, Turn, states_then
from tracker.rules.states import TaskState

MARCH, LATER = at("2026-03-20"), at("2026-03-25")


def attempt(
    word: Claim, *, approved: bool = False, returned: bool = False, when: datetime = MARCH
) -> Attempt:
    return Attempt(when, {1: word}, approved, returned)


def state(
    now: TaskState,
    *attempts: Attempt,
    turns: tuple[tuple[datetime, Turn], ...] | None = None,
    newest: datetime | None = MARCH,
    cancelled_then: bool = True,
) -> TaskState:
    task = PeriodTask(1, now, (), newest, cancelled_then)
    return states_then([task], attempts, {} if turns is None else {1: turns})[1]


@pytest.mark.parametrize(
    "now", [TaskState.APPROVED, TaskState.IN_PROGRESS, TaskState.SUBMITTED, TaskState.STUCK]
)
def test_what_was_not_reported_by_then_was_open_whatever_came_later(now: TaskState) -> None:
    assert state(now) is TaskState.OPEN


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (Claim.NOT_YET, TaskState.IN_PROGRESS),
        (Claim.STUCK, TaskState.STUCK),
        (Claim.AS_PLANNED, TaskState.APPROVED),
        (Claim.COMPLETE, TaskState.APPROVED),
    ],
)
def test_the_last_report_of_the_period_speaks(word: Claim, expected: TaskState) -> None:
    earlier = attempt(Claim.STUCK, when=at("2026-01-10"))
    assert state(TaskState.IN_PROGRESS, earlier, attempt(word, approved=True)) is expected


def test_a_judgement_counts_whenever_it_was_given() -> None:
    assert state(TaskState.IN_PROGRESS, attempt(Claim.AS_PLANNED, approved=True)) is TaskState.APPROVED
    assert state(TaskState.APPROVED, attempt(Claim.AS_PLANNED, returned=True)) is TaskState.IN_PROGRESS


def test_a_report_waits_only_while_it_is_the_newest_and_the_task_waits() -> None:
    assert state(TaskState.SUBMITTED, attempt(Claim.AS_PLANNED)) is TaskState.SUBMITTED
    assert state(TaskState.SUBMITTED, attempt(Claim.AS_PLANNED), newest=LATER) is TaskState.IN_PROGRESS
    assert state(TaskState.IN_PROGRESS, attempt(Claim.AS_PLANNED)) is TaskState.IN_PROGRESS


def test_what_was_reopened_in_the_period_was_in_progress_unless_that_was_undone() -> None:
    approved = attempt(Claim.AS_PLANNED, approved=True)
    reopened: tuple[tuple[datetime, Turn], ...] = ((LATER, "taken_back"),)
    assert state(TaskState.IN_PROGRESS, approved, turns=reopened) is TaskState.IN_PROGRESS
    assert state(TaskState.APPROVED, approved, turns=(*reopened, (LATER, "undone"))) is TaskState.APPROVED
    again = attempt(Claim.AS_PLANNED, approved=True, when=at("2026-03-30"))
    assert state(TaskState.APPROVED, approved, again, turns=reopened) is TaskState.APPROVED


def test_a_cancellation_counts_in_its_own_time() -> None:
    told = attempt(Claim.AS_PLANNED, approved=True)
    assert state(TaskState.CANCELLED, told) is TaskState.CANCELLED
    assert state(TaskState.CANCELLED, told, cancelled_then=False) is TaskState.APPROVED
    assert state(TaskState.CANCELLED, told, turns=((at("2026-01-05"), "cancelled"),)) is TaskState.CANCELLED
    undone: tuple[tuple[datetime, Turn], ...] = ((MARCH, "cancelled"), (MARCH, "undone"))
    assert state(TaskState.OPEN, turns=undone) is TaskState.OPEN


def test_a_quarter_is_not_needed_where_the_measure_was_complete_before() -> None:
    tasks = [PeriodTask(1, TaskState.APPROVED), PeriodTask(2, TaskState.NOT_NEEDED, (1,))]
    complete = attempt(Claim.COMPLETE, approved=True)
    assert states_then(tasks, [complete], {})[2] is TaskState.NOT_NEEDED
    assert states_then(tasks, [attempt(Claim.COMPLETE, returned=True)], {})[2] is TaskState.OPEN
    assert states_then(tasks, [], {})[2] is TaskState.OPEN
