"""Each minute: open the rounds of what is complete, settle the follow-ups that approved tasks have answered."""

from __future__ import annotations

from datetime import datetime

from jobs.remind import for_each_organisation
from tracker.actions import following
from tracker.database import writing
from tracker.rules.permissions import SYSTEM


def follow(now: datetime) -> int:
    """Open and settle in every organisation; returns how many rounds and follow-ups moved."""
    return for_each_organisation(lambda: _move(now))


def _move(now: datetime) -> int:
    # A look first: whoever writes keeps all others from writing.
    complete = following.completed_rounds(now)
    answered = following.answered_by_tasks(now)
    if not complete and not answered:
        return 0
    with writing():
        moved = following.open_rounds(complete, now=now, by=SYSTEM)
        return moved + following.settle(answered, now=now, by=SYSTEM)
