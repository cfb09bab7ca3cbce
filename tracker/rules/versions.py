"""Frozen versions of documents: how each comes back from its JSON, and what changed from one to the next."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.errors import Unreadable
from tracker.rules import report
from tracker.rules.frozen import FORMAT
from tracker.rules.paper import (
    Block,
    Chart,
    Comparison,
    Grid,
    Letterhead,
    Paper,
    PaperKind,
    Printable,
    Prose,
    of_values,
)
from tracker.rules.report import AnnualReport

KINDS: tuple[PaperKind, ...] = ("annual", "memo", "six-month", "plan")
_READABLE = frozenset({2, FORMAT})
# By which columns the rows of a table are the same row in two versions; the first column elsewhere.
_KEYS: dict[str, tuple[int, ...]] = {
    "results": (0, 1),
    "problems": (0, 1),
    "unfinished": (0, 1, 2),
    "annex": (2, 4),
    "scores": (1,),
    "measures": (0, 2),
    "progress": (0, 1),
}


@dataclass(frozen=True)
class Change:
    """What differs between two versions: in which part, which row and column of it, and both texts.

    An empty `before` was added, an empty `after` taken out. The head of the document has no `part`.
    """

    part: str
    row: str
    column: str
    before: str
    after: str


def read(kind: PaperKind, text: str) -> AnnualReport | Paper:
    """The value of a frozen document of a kind; Unreadable for anything but what `to_json` wrote."""
    if kind == "annual":
        return report.from_json(text)
    try:
        told = json.loads(text)
        if told.pop("format") not in _READABLE or told["kind"] != kind:
            raise ValueError("another format or document")
        return of_values(told)
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Unreadable("อ่านเอกสารที่เก็บไว้ไม่ได้ เพราะข้อมูลไม่ครบหรือเป็นรูปแบบอื่น") from wrong


def changes(older: Printable, newer: Printable) -> tuple[Change, ...]:
    """What the newer version says otherwise, in the order of the document; the moment of freezing is no change."""
    before, after = older.paper(), newer.paper()
    return (
        *_listed("", (before.title, *before.lines), (after.title, *after.lines)),
        *_of_blocks(before.every_block, after.every_block),
        *_listed("", *(tuple(map("\n".join, one.signatures)) for one in (before, after))),
    )


def _of_blocks(before: Sequence[Block], after: Sequence[Block]) -> Iterator[Change]:
    """Blocks are the same part by what they are and, of several of a kind, by their place among them."""
    left, right = _by_part(before), _by_part(after)
    for part in dict.fromkeys((*right, *left)):
        yield from _of_part(left.get(part), right.get(part))


def _by_part(blocks: Sequence[Block]) -> dict[tuple[str, int], Block]:
    found: defaultdict[str, list[Block]] = defaultdict(list)
    for each in blocks:
        block = each.grid() if isinstance(each, Comparison) else each
        found[block.name if isinstance(block, Grid) else block.block].append(block)
    return {(name, place): block for name, own in found.items() for place, block in enumerate(own)}


def _of_part(before: Block | None, after: Block | None) -> Iterator[Change]:
    one = after or before
    if isinstance(one, Grid):
        yield from _of_grids(*(block if isinstance(block, Grid) else None for block in (before, after)))
    elif isinstance(one, Letterhead):
        yield from _paired("", *(_heads(block) for block in (before, after)))
    elif isinstance(one, Chart):
        yield from _paired(one.heading, *(_bars(block) for block in (before, after)))
    elif isinstance(one, Prose):
        yield from _listed(
            one.heading, *(block.paragraphs if isinstance(block, Prose) else () for block in (before, after))
        )


def _heads(block: Block | None) -> dict[str, str]:
    return dict(block.lines) if isinstance(block, Letterhead) else {}


def _bars(block: Block | None) -> dict[str, str]:
    if not isinstance(block, Chart):
        return {}
    return {bar.division: bar.label for bar in block.bars} | {"": block.sentence}


def _paired(part: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*after, *before)):
        if before.get(name, "") != after.get(name, ""):
            yield Change(part, name, "", before.get(name, ""), after.get(name, ""))


def _listed(part: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for place in range(max(len(before), len(after))):
        left, right = (side[place] if place < len(side) else "" for side in (before, after))
        if left != right:
            yield Change(part, "", "", left, right)


def _of_grids(before: Grid | None, after: Grid | None) -> Iterator[Change]:
    shown = after or before
    assert shown is not None
    left, right = _rows(before), _rows(after)
    for key in dict.fromkeys((*right, *left)):
        old, new = left.get(key), right.get(key)
        row = " · ".join(key[0])
        if old is None or new is None:
            yield Change(shown.heading, row, "", _told(old), _told(new))
            continue
        for column, (was, now) in enumerate(zip(old, new, strict=False)):
            # The number of a proof moves with those before it and is no news of its own.
            if was != now and not (shown.name == "annex" and column == 0):
                yield Change(shown.heading, row, shown.columns[column], was, now)


def _rows(grid: Grid | None) -> dict[tuple[tuple[str, ...], int], tuple[str, ...]]:
    """The rows of a table by what names them, and by their place among those of the same name."""
    if grid is None:
        return {}
    found: dict[tuple[tuple[str, ...], int], tuple[str, ...]] = {}
    seen: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for row in grid.rows:
        name = tuple(row[column] for column in _KEYS.get(grid.name, (0,)))
        found[name, seen[name]] = row
        seen[name] += 1
    return found


def _told(row: tuple[str, ...] | None) -> str:
    return "\n".join(filter(None, row or ()))
