"""Files of evidence and of uploaded plans that no row of any organisation names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import CompoundSelect, Connection, select, union

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
# A database that was brought back from an old copy must not lose at once what was attached since.
REMOVED_AFTER = timedelta(days=30)
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
    named = set(connection.scalars(EVIDENCE)) | set(connection.scalars(SOURCES))
    return sorted(path for path in old if path.name not in named)


def remove(connection: Connection, data: Path, before: datetime) -> int:
    """Delete those files; returns how many. One that is taken up again in this moment stays."""
    gone = 0
    for path in leftovers(connection, data, before):
        if _older(path, before):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _files(data: Path) -> Iterator[Path]:
    yield from (data / "evidence").glob("*/*")
    yield from (data / "sources").glob("*")


def _older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except OSError:
        return False
