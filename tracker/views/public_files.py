"""The documents and the data of a published version, made once and kept for as long as nothing changes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from threading import Semaphore

from werkzeug.exceptions import ServiceUnavailable

from tracker.actions import publishing, reporting
from tracker.actions.publishing import Edition, Served
from tracker.database import current_organisation_id, db
from tracker.extensions import settings
from tracker.models import Plan
from tracker.views.package import demanded
from tracker.writing import csv, faces, package, photos

DOCUMENTS = frozenset({"pdf", "docx", "xlsx"})
MEDIA_TYPES = {
    **{("report", ending): faces.MEDIA_TYPES[ending] for ending in (*sorted(DOCUMENTS), "json")},
    ("report", "csv"): "text/csv",
    ("scores", "csv"): "text/csv",
    ("package", "zip"): "application/zip",
}
# Anybody may ask for a document: one is made at a time, and nobody waits long for another's.
_MAKING = Semaphore(1)
WAIT_SECONDS = 5


def bytes_of(
    told: Callable[[], Served], edition: Edition, state: str, name: str, ending: str, font: str
) -> bytes | Path:
    """The file of a version: light ones are made anew, heavy ones are kept in the cache folder by their state."""
    if name == "scores":
        return scores_csv(told())
    if ending == "json":
        return told().data
    if ending == "csv":
        return results_csv(told())
    folder = settings().cache_folder / "published" / f"{current_organisation_id()}-{edition.report_id}"
    path = folder / f"{state}.{ending}"
    if path.is_file():
        return path
    if not _MAKING.acquire(timeout=WAIT_SECONDS):
        raise ServiceUnavailable(retry_after=WAIT_SECONDS)
    try:
        if not path.is_file():
            _keep(path, _made(told(), edition, ending, font))
    finally:
        _MAKING.release()
    return path


def _made(told: Served, edition: Edition, ending: str, font: str) -> bytes:
    if ending == "zip":
        plan = db.session.get(Plan, edition.plan_id)
        assert plan is not None
        packed = publishing.package_served(edition, demanded(plan), reporting.speaker())
        pictures = reporting.photo_files(packed.report)
        db.session.rollback()
        return package.write(
            packed.report, packed.manifest, packed.files, photos.shrink_all(pictures), packed.scan
        )
    pictures = reporting.photo_files(told.report)
    db.session.rollback()
    return faces.write(told.report, ending, font, photos.shrink_all(pictures))


def _keep(path: Path, data: bytes) -> None:
    """Keep the file, and let go of what was made of an earlier state."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{secrets.token_hex(4)}.part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
    for old in path.parent.glob(f"*{path.suffix}"):
        if old != path:
            old.unlink(missing_ok=True)


def results_csv(told: Served) -> bytes:
    """The seven columns, the problems and the suggestions, a row an item."""
    results, problems = told.report.results, told.report.problems
    head = (*results.columns, *problems.columns[2:], told.report.annex.columns[1])
    rows = [
        (*row.cells, *problem[2:], row.evidence)
        for row, problem in zip(results.rows, problems.rows, strict=True)
    ]
    return csv.write([head, *rows])


def scores_csv(told: Served) -> bytes:
    """What was scored, of what kind, with which weight, in both years; Arabic digits, empty where there is none."""
    scores = told.report.scores
    if scores is None:
        return csv.write([("kind", "name", "weight")])
    before, after = scores.years
    head = ("kind", "name", "weight", str(before), str(after), "change")
    rows = [
        (
            row.kind,
            row.name,
            "" if row.weight is None else row.weight,
            _number(row.before),
            _number(row.after),
            _number(None if row.before is None or row.after is None else round(row.after - row.before, 2)),
        )
        for row in scores.rows
    ]
    return csv.write([head, *rows])


def _number(score: float | None) -> float | str:
    return "" if score is None else score
