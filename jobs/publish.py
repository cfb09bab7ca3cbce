"""Every half minute: make the files of published reports ahead, so that nobody outside waits for them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from jobs.render import packing
from tracker import storage
from tracker.actions import publishing, reporting
from tracker.actions.publishing import Edition, Visible
from tracker.database import across_organisations, current_organisation, db, organisation_scope
from tracker.models import Publication
from tracker.views import public_files
from tracker.writing import apart

log = logging.getLogger("tracker.publish")

# What could not be made is not tried again sooner.
PATIENCE = timedelta(hours=1)


def publish(moment: Callable[[], datetime], stop: Callable[[], bool] = lambda: False) -> int:
    """Make what is missing of the published versions, until `stop` says so; returns how many files were made."""
    made = 0
    for organisation_id in _organisations():
        with organisation_scope(organisation_id):
            live = [one for one in publishing.editions() if one.withdrawn_at is None]
            for edition, ending, path in [missing for one in live for missing in _missing(one, moment())]:
                if stop():
                    return made
                made += _make(edition, ending, path, stop)
            db.session.rollback()
    return made


def _organisations() -> list[int]:
    with across_organisations("finding what is published"):
        found = db.session.scalars(
            select(Publication.organisation_id).where(Publication.withdrawn_at.is_(None)).distinct()
        ).all()
        db.session.rollback()
    return list(found)


def _missing(edition: Edition, now: datetime) -> list[tuple[Edition, str, Path]]:
    states = public_files.states_of(edition, publishing.visible(edition.plan_id))
    paths = {ending: publishing.made_path(edition, states[ending], ending) for ending in public_files.AHEAD}
    return [
        (edition, ending, path)
        for ending, path in paths.items()
        if not path.is_file() and not _failed_lately(path, now)
    ]


def _make(edition: Edition, ending: str, path: Path, stop: Callable[[], bool]) -> bool:
    try:
        with closing(_making(edition, ending, path)) as making:
            for _told in making:
                if stop():
                    return False
    except Exception:
        log.exception("version %s of %s: its %s could not be made", edition.version, edition.year, ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        _mark(path).touch()
        return False
    _mark(path).unlink(missing_ok=True)
    storage.leave_only(path)
    return True


def _making(edition: Edition, ending: str, path: Path) -> Generator[tuple[int, int], None, None]:
    if ending == "zip":
        return packing(edition.report_id, path)
    seen: Visible = publishing.visible(edition.plan_id)
    report, font = (
        publishing.served(edition, seen, reporting.speaker()).report,
        current_organisation().document_font,
    )
    files = reporting.photo_files(report)
    db.session.rollback()
    return apart.make(report.paper(), ending, font, files, path)


def _mark(path: Path) -> Path:
    return path.with_name(f"{path.name}-failed")


def _failed_lately(path: Path, now: datetime) -> bool:
    mark = _mark(path)
    return mark.is_file() and mark.stat().st_mtime > (now - PATIENCE).timestamp()
