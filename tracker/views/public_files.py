"""The documents and the data of a published version, made once and kept for as long as nothing changes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Semaphore

from werkzeug.exceptions import ServiceUnavailable

from tracker import storage
from tracker.actions import publishing, reporting
from tracker.actions.publishing import Edition, Served, Visible
from tracker.database import db
from tracker.locale import translate as _
from tracker.models import Plan
from tracker.rules.publication import Demanded
from tracker.views.listing import size_words
from tracker.views.public_door import Door, version_href
from tracker.writing import csv, faces, package, photos

# Made ahead by the jobs; of a short report also by whoever asks first.
AHEAD = ("pdf", "docx", "zip")
KEPT = (*AHEAD, "xlsx")
MEDIA_TYPES = {
    **{("report", ending): faces.MEDIA_TYPES[ending] for ending in ("pdf", "docx", "xlsx", "json")},
    ("report", "csv"): "text/csv",
    ("scores", "csv"): "text/csv",
    ("package", "zip"): "application/zip",
}
# Anybody may ask for a document: one is made at a time, and nobody waits long for another's.
_MAKING = Semaphore(1)
WAIT_SECONDS = 5
# Nor do strangers who wait take the threads that the office needs.
_WAITING = Semaphore(2)


@dataclass(frozen=True)
class Download:
    """What is offered, where it is, and how long it is in words; empty while it is not made yet."""

    label: str
    href: str
    size: str


def offered(door: Door, edition: Edition, seen: Visible) -> list[Download]:
    """The files of a version: the signed scan, where there is one, then the documents, then the data."""
    words = {
        ("report", "pdf"): _("รายงาน PDF"),
        ("report", "docx"): _("รายงาน Word"),
        ("report", "xlsx"): _("ตาราง Excel"),
        ("package", "zip"): _("ทั้งชุดพร้อมหลักฐาน ZIP"),
        ("report", "json"): _("ข้อมูล JSON"),
        ("report", "csv"): _("ผลรายมาตรการ CSV"),
        ("scores", "csv"): _("คะแนน ITA CSV"),
    }
    sizes = {
        ending: _size(publishing.made_path(edition, state, ending))
        for ending, state in states_of(edition, seen).items()
    }
    files = [
        Download(
            text, version_href("public.file", door, edition, name=name, ending=ending), sizes.get(ending, "")
        )
        for (name, ending), text in words.items()
    ]
    scan = publishing.scan_of(edition.report_id)
    if scan is None:
        return files
    label = _("สำเนาที่ลงนาม %(kind)s", kind=publishing.ending_of(scan).upper())
    return [Download(label, version_href("public.scan", door, edition), size_words(scan.size)), *files]


def _size(path: Path) -> str:
    return size_words(path.stat().st_size) if path.is_file() else ""


def bytes_of(
    told: Callable[[], Served], edition: Edition, state: str, name: str, ending: str, font: str
) -> bytes | Path:
    """The file of a version: light ones are made anew, heavy ones are kept by what they show.

    Those of a long report are made by the jobs: until then ServiceUnavailable.
    """
    if name == "scores":
        return scores_csv(told())
    if ending == "json":
        return told().data
    if ending == "csv":
        return results_csv(told())
    path = publishing.made_path(edition, state, ending)
    if path.is_file():
        return path
    served = told()
    if ending in AHEAD and served.report.paper().is_long:
        raise ServiceUnavailable(retry_after=WAIT_SECONDS)
    _wait_for_turn()
    try:
        if not path.is_file():
            _keep(path, _made(served, edition, ending, font))
    finally:
        _MAKING.release()
    return path


def _wait_for_turn() -> None:
    if not _WAITING.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=WAIT_SECONDS)
    try:
        if not _MAKING.acquire(timeout=WAIT_SECONDS):
            raise ServiceUnavailable(retry_after=WAIT_SECONDS)
    finally:
        _WAITING.release()


def _made(told: Served, edition: Edition, ending: str, font: str) -> bytes:
    if ending == "zip":
        packed = publishing.package_of_version(edition.report_id, demanded(edition), reporting.speaker())
        pictures = reporting.photo_files(packed.report)
        db.session.rollback()
        return package.write(
            packed.report,
            packed.manifest,
            packed.contents,
            packed.files,
            photos.shrink_all(pictures),
            packed.scan,
        )
    pictures = reporting.photo_files(told.report)
    db.session.rollback()
    return faces.write(told.report, ending, font, photos.shrink_all(pictures))


def demanded(edition: Edition) -> tuple[Demanded, ...]:
    plan = db.session.get(Plan, edition.plan_id)
    assert plan is not None
    return reporting.demanded_of(plan)


def states_of(edition: Edition, seen: Visible) -> dict[str, str]:
    """What each kept file shows, by its ending."""
    state = publishing.state_of(edition, seen)
    return dict.fromkeys(KEPT, state) | {"zip": publishing.state_of_package(state, demanded(edition))}


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{secrets.token_hex(4)}.part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
    storage.leave_only(path)


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
