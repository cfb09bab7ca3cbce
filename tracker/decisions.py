"""Keeps how tasks were before a decision, so that it can be taken back for ten minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from tracker.database import db
from tracker.models import Decision, Submission, Task
from tracker.rules.permissions import Actor
from tracker.rules.states import Deed, TaskState

UNDO = timedelta(minutes=10)
_OF_ATTEMPT = ("approved_at", "self_approved", "returned_note", "returned_at")


@contextmanager
def kept(
    deed: Deed, tasks: Sequence[Task], attempts: Sequence[Submission], *, now: datetime, by: Actor
) -> Iterator[list[int]]:
    """Keep what the block changes of these rows; a mail whose id it puts into the yielded list goes with it.

    What the system does is kept by nobody.
    """
    before = {task.id: columns_of(task) for task in tasks}
    words = {attempt.id: {name: getattr(attempt, name) for name in _OF_ATTEMPT} for attempt in attempts}
    mails: list[int] = []
    yield mails
    if by.user_id is None:
        return
    db.session.flush()
    db.session.add(
        Decision(
            deed=deed,
            at=now,
            by_user_id=by.user_id,
            tasks={
                str(task.id): {"before": before[task.id], "after": columns_of(task)}
                for task in tasks
                if columns_of(task) != before[task.id]
            },
            attempts={
                str(attempt_id): {name: _told(value) for name, value in values.items()}
                for attempt_id, values in words.items()
            },
            mail_id=mails[0] if mails else None,
        )
    )


def columns_of(task: Task) -> dict[str, Any]:
    """What decisions change of a task, as JSON holds it."""
    return {
        "state": task.state.value,
        "due_on": task.due_on.isoformat(),
        "due_set_on": task.due_set_on.isoformat(),
        "due_version": task.due_version,
        "reason": task.reason,
    }


def put_back_task(task: Task, before: dict[str, Any], told_until: date) -> None:
    """The columns as they were; the version of the due day only ever rises, for the ledger counts by it.

    A due day that comes back under another version counts as set on `told_until`, the last day of which all has
    been told: so no stage of it is told again.
    """
    task.state = TaskState(before["state"])
    task.due_on = date.fromisoformat(before["due_on"])
    moved = task.due_version != before["due_version"]
    task.due_set_on = told_until if moved else date.fromisoformat(before["due_set_on"])
    task.reason = before["reason"]


def put_back_attempt(attempt: Submission, before: dict[str, Any]) -> None:
    for name in _OF_ATTEMPT:
        value = before[name]
        setattr(attempt, name, datetime.fromisoformat(value) if name.endswith("_at") and value else value)


def _told(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
