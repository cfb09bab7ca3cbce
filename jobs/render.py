"""Every few seconds: make the files of long documents that people asked for, one after the other."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from tracker.actions import publishing, rendering, reporting
from tracker.actions.rendering import Claimed
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.errors import Message, TrackerError
from tracker.models import Plan, Report
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
        making, told = _making(claimed), moment()
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


def _making(claimed: Claimed) -> Generator[tuple[int, int], None, None]:
    if claimed.ending == "zip":
        return packing(json.loads(claimed.paper)["report_id"], claimed.path)
    paper = from_json(claimed.paper)
    files = reporting.photo_files(paper)
    db.session.rollback()
    return apart.make(paper, claimed.ending, claimed.font, files, claimed.path)


def packing(report_id: int, target: Path) -> Generator[tuple[int, int], None, None]:
    """Packs a closed version with what the public may see at this moment."""
    row = db.session.scalars(select(Report).where(Report.id == report_id)).one()
    plan = db.session.scalars(select(Plan).where(Plan.id == row.plan_id)).one()
    told = publishing.package_of_version(report_id, reporting.demanded_of(plan), reporting.speaker())
    files = reporting.photo_files(told.report)
    db.session.rollback()
    return apart.pack(told.report, told.manifest, told.contents, told.files, told.scan, files, target)


def _sentence(failure: Exception) -> Message:
    return failure.message if isinstance(failure, TrackerError) else rendering.UNFORESEEN
