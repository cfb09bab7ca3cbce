"""Every few seconds: make the files of long documents that people asked for, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

from tracker.actions import rendering, reporting
from tracker.actions.rendering import Claimed
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.errors import Message, TrackerError
from tracker.rules.paper import from_json
from tracker.writing import apart

log = logging.getLogger("tracker.render")

# Each telling is a write to the disk, and nobody looks more often.
BETWEEN = timedelta(seconds=2)


def render(moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Make what is waiting until nothing is left or `stop` says so; returns how many files were made."""
    made = 0
    while not stop() and (claimed := _claim(moment())):
        with organisation_scope(claimed.organisation_id):
            made += _make(claimed, moment, stop)
    return made


def _claim(now: datetime) -> Claimed | None:
    with across_organisations("claiming files to make"):
        # A look first: nearly always nothing waits, and whoever writes keeps all others from writing.
        waiting = rendering.is_waiting(now=now)
        db.session.rollback()
        if not waiting:
            return None
        with writing():
            return rendering.claim(now=now)


def _make(claimed: Claimed, moment: Callable[[], datetime], stop: Callable[[], bool]) -> bool:
    try:
        paper = from_json(claimed.paper)
        files = reporting.photo_files(paper)
        db.session.rollback()
        told = moment()
        making = apart.make(paper, claimed.ending, claimed.font, files, claimed.path)
        with closing(making):
            for done, total in making:
                if stop():
                    with writing():
                        rendering.give_back(claimed)
                    return False
                if done < total and moment() - told < BETWEEN:
                    continue
                told = moment()
                with writing():
                    ours = rendering.tell(claimed, done, total, now=told)
                if not ours:
                    return False
    except Exception as failure:
        log.exception("file %s could not be made", claimed.id)
        with writing():
            rendering.fail(claimed, _sentence(failure), now=moment())
        return False
    with writing():
        return rendering.finish(claimed, claimed.path.stat().st_size, now=moment())


def _sentence(failure: Exception) -> Message:
    return failure.message if isinstance(failure, TrackerError) else rendering.UNFORESEEN
