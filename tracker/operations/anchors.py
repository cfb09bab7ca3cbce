"""The ends of all journals, noted once a day in a file beside the data: a witness that a database cannot change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from tracker.database import across_organisations, db
from tracker.extensions import settings
from tracker.operations import chain
from tracker.operations.chain import Head

NAME = "anchors.jsonl"


def file() -> Path:
    """One line a day; it may be copied elsewhere, printed or mailed."""
    return settings().data / NAME


def note(today: date) -> bool:
    """Add the line of the day; False where it stands there already."""
    if any(name == _named(today) for name, _ in noted()):
        return False
    with across_organisations("noting the ends of the journals"), db.engine.connect() as connection:
        heads = chain.heads(connection)
    line = {"on": today.isoformat(), "heads": {key: [head.length, head.hash] for key, head in heads.items()}}
    with file().open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")
    return True


def noted() -> Iterator[tuple[str, Mapping[int, Head]]]:
    """Each line that can be read as a witness: its name, and the ends it notes."""
    if not file().exists():
        return
    for text in file().read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
            heads = {
                int(key): Head(int(length), str(hash_)) for key, (length, hash_) in line["heads"].items()
            }
            yield _named(date.fromisoformat(line["on"])), heads
        except (ValueError, KeyError, TypeError, AttributeError):
            # A line cut off by a crash; the next day writes a whole one.
            continue


def _named(day: date) -> str:
    return f"{NAME} {day.isoformat()}"
