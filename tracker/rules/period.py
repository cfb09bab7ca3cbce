"""How far tasks had come when a period ended, told from what was written down by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tracker.rules.claims import REPORTING, Claim
from tracker.rules.states import TaskState

# What the journal tells of a task beside its reports: it was taken back or reopened, cancelled, or that was undone.
Turn = Literal["taken_back", "cancelled", "undone"]


@dataclass(frozen=True)
class Attempt:
    """A report that was handed in by the end of the period: its claims by task, and how it was judged since."""

    at: datetime
    claims: Mapping[int, Claim]
    approved: bool
    returned: bool


@dataclass(frozen=True)
class PeriodTask:
    """A task as it is now, and those of its measure and division in the quarters before, the earliest first.

    `newest` is when the latest report of it was handed in, also after the period; None without any.
    `cancelled_then` says whether a task that is cancelled now was so already.
    """

    id: int
    state: TaskState
    earlier: tuple[int, ...] = ()
    newest: datetime | None = None
    cancelled_then: bool = True


def states_then(
    tasks: Iterable[PeriodTask],
    attempts: Sequence[Attempt],
    turns: Mapping[int, Sequence[tuple[datetime, Turn]]],
) -> dict[int, TaskState]:
    """The state of each task at the end of the period, by its id.

    `attempts` and `turns` are those of the period, in the order in which they happened. A judgement of a report
    counts whenever it was given: it adds nothing to what had been handed in.
    """
    last: dict[int, Attempt] = {}
    for attempt in attempts:
        for task_id in attempt.claims:
            last[task_id] = attempt
    complete = {
        task_id
        for task_id, attempt in last.items()
        if attempt.claims[task_id] is Claim.COMPLETE and not attempt.returned
    }
    return {task.id: _state(task, last.get(task.id), turns.get(task.id, ()), complete) for task in tasks}


def _state(
    task: PeriodTask, last: Attempt | None, turns: Sequence[tuple[datetime, Turn]], complete: set[int]
) -> TaskState:
    turned = _standing_turn(turns, last.at if last else None)
    if turned == "cancelled" or (task.state is TaskState.CANCELLED and task.cancelled_then):
        return TaskState.CANCELLED
    if last is None:
        return TaskState.NOT_NEEDED if complete & set(task.earlier) else TaskState.OPEN
    word = last.claims[task.id]
    if word is Claim.STUCK:
        return TaskState.STUCK
    if word not in REPORTING or last.returned or turned == "taken_back":
        return TaskState.IN_PROGRESS
    if last.approved:
        return TaskState.APPROVED
    # A report that was neither judged nor is waiting any more was taken back by those who made it.
    waits = task.state is TaskState.SUBMITTED and task.newest == last.at
    return TaskState.SUBMITTED if waits else TaskState.IN_PROGRESS


def _standing_turn(turns: Sequence[tuple[datetime, Turn]], since: datetime | None) -> Turn | None:
    """The last turn after the last report that was not undone."""
    standing: list[Turn] = []
    for at, turn in turns:
        if since is not None and at < since and turn != "cancelled":
            continue
        if turn == "undone":
            standing = standing[:-1]
        else:
            standing.append(turn)
    return standing[-1] if standing else None
