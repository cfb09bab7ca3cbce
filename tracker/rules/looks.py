"""How a task looks on a day: its stored state together with its due day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules.states import OUTSTANDING, TaskState

DUE_SOON = timedelta(days=14)  # from the first reminder stage on


class TaskLook(StrEnum):
    """The status that pages show, in the order in which they always list it."""

    OVERDUE = "overdue"
    STUCK = "stuck"
    DUE_SOON = "due_soon"
    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    NOT_YET = "not_yet"
    CANCELLED = "cancelled"
    NOT_NEEDED = "not_needed"


NOT_COUNTED = frozenset({TaskLook.CANCELLED, TaskLook.NOT_NEEDED})
_LOOKS = {
    TaskState.OPEN: TaskLook.NOT_YET,
    TaskState.IN_PROGRESS: TaskLook.IN_PROGRESS,
    TaskState.STUCK: TaskLook.STUCK,
    TaskState.SUBMITTED: TaskLook.WAITING,
    TaskState.APPROVED: TaskLook.DONE,
    TaskState.CANCELLED: TaskLook.CANCELLED,
    TaskState.NOT_NEEDED: TaskLook.NOT_NEEDED,
}

# A cell with one task done and one not begun is not done: here done comes after all that is still to do.
WORST_FIRST = (
    TaskLook.OVERDUE,
    TaskLook.STUCK,
    TaskLook.DUE_SOON,
    TaskLook.WAITING,
    TaskLook.IN_PROGRESS,
    TaskLook.NOT_YET,
    TaskLook.DONE,
    TaskLook.CANCELLED,
    TaskLook.NOT_NEEDED,
)


def overdue(state: TaskState, due_on: date, today: date) -> bool:
    """Whether the due day has passed without a report."""
    return state in OUTSTANDING and due_on < today


def due_soon(state: TaskState, due_on: date, today: date) -> bool:
    """Whether a report is still owed and its due day is today or within 14 days."""
    return state in OUTSTANDING and today <= due_on <= today + DUE_SOON


def look_of(state: TaskState, due_on: date, today: date) -> TaskLook:
    if overdue(state, due_on, today):
        return TaskLook.OVERDUE
    if state is not TaskState.STUCK and due_soon(state, due_on, today):
        return TaskLook.DUE_SOON
    return _LOOKS[state]


def looks_of(state: TaskState, due_on: date, today: date) -> frozenset[TaskLook]:
    """Every status under which people look for a task: a stuck one stays stuck when it is late."""
    look = look_of(state, due_on, today)
    return frozenset({look, TaskLook.STUCK}) if state is TaskState.STUCK else frozenset({look})


def worst_of(looks: Iterable[TaskLook]) -> TaskLook | None:
    """The look of a cell that stands for several tasks; None for an empty one."""
    return min(looks, key=WORST_FIRST.index, default=None)
