"""Each minute: settle the follow-ups that approved tasks have answered."""

from __future__ import annotations

from datetime import datetime

from jobs.remind import for_each_organisation
from tracker.actions import following
from tracker.database import writing
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM


def follow(now: datetime) -> int:
    """Settle what needs no prompt, in every organisation; returns how many follow-ups were settled."""
    return for_each_organisation(lambda: _settle(now))


def _settle(now: datetime) -> int:
    # A look first: whoever writes keeps all others from writing.
    answered = following.answered_by_tasks(day_of(now))
    if not answered:
        return 0
    with writing():
        return following.settle(answered, now=now, by=SYSTEM)
