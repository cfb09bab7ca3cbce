"""What `tracker remind --dry-run` tells of the days it was asked about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tracker.rules.digest import Digest, Line
from tracker.rules.reminders import Day
from tracker.rules.stages import Reason


def tell(days: Sequence[tuple[str, Day]], as_json: bool) -> None:
    """Print it: as JSON, or a line for each digest."""
    if as_json:
        print(json.dumps(told(days), ensure_ascii=False, indent=2))
        return
    for slug, day in days:
        for digest in day.digests:
            print(f"{slug}  {digest.address}  {len(digest.lines)}")


def told(days: Iterable[tuple[str, Day]]) -> list[dict[str, Any]]:
    """A value for each digest of (organisation, day), and for each address that a pause silences entirely."""
    return [
        {
            "organisation": slug,
            "on": day.day.isoformat(),
            "to": digest.address,
            "positions": list(digest.titles),
            "lines": [_line(line) for line in digest.lines],
            "paused": _paused(day, digest.address),
        }
        for slug, day in days
        for digest in (*day.digests, *_silenced(day))
    ]


def _line(line: Line) -> dict[str, Any]:
    return {
        "section": line.section,
        "stage": line.stage,
        "title": line.title or line.round_kind or (str(line.summary.fiscal_year) if line.summary else None),
        "division": line.division,
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "path": line.path,
    }


def _paused(day: Day, address: str) -> list[dict[str, str]]:
    """The stages that a pause keeps from an address on a day."""
    return [
        {"subject": entry.subject, "stage": entry.stage}
        for entry in day.entries
        if entry.recipient == address and entry.reason == Reason.PAUSED
    ]


def _silenced(day: Day) -> list[Digest]:
    """Those who get nothing at all because of a pause, each with a digest without lines."""
    reached = {digest.address for digest in day.digests}
    held = {entry.recipient for entry in day.entries if entry.reason == Reason.PAUSED} - reached
    return [Digest(address, "th", (), ()) for address in sorted(held)]
