"""Files of evidence and of uploaded plans that no row of any organisation names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import CompoundSelect, Connection, select, union

from tracker.database import ScopeViolation, crosses
from tracker.models import (
    Amendment,
    Evidence,
    Organisation,
    Plan,
    PlanAttachment,
    PlanReading,
    ReportScan,
    WordTemplate,
)

# A file is written before its row, and a form may stay open for long.
TOLD_AFTER = timedelta(days=1)
# So long after it was written a file is set aside, and so long after that it is removed: a database that was brought
# back from an old copy, or another one beside the same files, must not lose at once what it does not name.
REMOVED_AFTER = timedelta(days=30)
ASIDE, UNFINISHED = ".aside", ".part"
SOURCES: CompoundSelect[Any] = union(
    select(Plan.source_sha256),
    select(Amendment.source_sha256),
    select(PlanReading.sha256),
    select(PlanAttachment.sha256),
    select(WordTemplate.sha256),
    select(Organisation.logo).where(Organisation.logo.is_not(None)),
)
EVIDENCE: CompoundSelect[Any] = union(
    select(Evidence.storage_name).where(Evidence.storage_name.is_not(None)),
    select(ReportScan.storage_name),
)


def leftovers(connection: Connection, data: Path, before: datetime) -> list[Path]:
    """The files last written before a moment that no row names, unfinished ones among them, by name."""
    # First the files, then the rows: a row that is written meanwhile saves its file.
    old = [path for path in _files(data) if _older(path, before)]
    named = _named(connection)
    return sorted(path for path in old if _kept_as(path) not in named)


def remove(connection: Connection, data: Path, now: datetime) -> int:
    """Set aside what no row names, and delete what was set aside long ago; returns how many files were deleted.

    A file that is taken up again stays, and one set aside that a row names again goes back to its place.
    """
    before, gone = now - REMOVED_AFTER, 0
    _bring_back(connection, data)
    for path in leftovers(connection, data, before):
        if not _older(path, before):
            continue
        if path.suffix in (ASIDE, UNFINISHED):
            path.unlink(missing_ok=True)
            gone += 1
        else:
            os.utime(path, (now.timestamp(), now.timestamp()))
            os.replace(path, path.with_name(path.name + ASIDE))
    return gone


def _bring_back(connection: Connection, data: Path) -> None:
    aside = [path for path in _files(data) if path.suffix == ASIDE]
    named = _named(connection) if aside else set()
    for path in aside:
        place = path.with_suffix("")
        if place.name in named and not place.exists():
            os.replace(path, place)


def _named(connection: Connection) -> set[str]:
    """The names of the files of all organisations; ScopeViolation where the rows of some would not be shown."""
    if not crosses():
        raise ScopeViolation("files are judged by the rows of all organisations")
    return set(connection.scalars(EVIDENCE)) | set(connection.scalars(SOURCES))


def _kept_as(path: Path) -> str:
    """The name by which a row would know the file."""
    return path.name.removesuffix(ASIDE)


def _files(data: Path) -> Iterator[Path]:
    yield from (data / "evidence").glob("*/*")
    yield from (data / "sources").glob("*")


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except OSError:
        return False
