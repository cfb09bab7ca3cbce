"""Rows of headings as they were meant: cut ones joined, numbered ones without their numbers."""

from __future__ import annotations

import re
from dataclasses import replace

from tracker.reading import columns
from tracker.reading.table import Cell, Table
from tracker.rules import thai

FEWEST = 3
_NUMBERED = re.compile(r"\s*\(?([\d๐-๙]{1,2})\s*[.)]\s*(.*)", re.S)

Row = tuple[Cell, ...]


def whole(table: Table) -> Table:
    """The table with each row of headings in one row and without the numbers of its columns."""
    rows: list[Row] = []
    last: Row | None = None
    for row in map(_unnumbered, table.rows):
        joined = _joined(last, row) if last is not None else None
        if joined is not None:
            rows[-1] = last = joined
        elif last is None or not _numbers_columns(row, last):
            rows.append(row)
            last = row
    return Table(tuple(rows))


def _texts(row: Row) -> list[str]:
    return [cell.text for cell in row]


def _counted(row: Row) -> list[re.Match[str]]:
    """What stands in the filled cells of a row behind 1, 2, 3 and so on; nothing where it is not so numbered."""
    texts = [cell.text for cell in row if cell.text.strip()]
    found = [match for text in texts if (match := _NUMBERED.fullmatch(text))]
    numbers = [int(match[1]) for match in found]
    return found if numbers == list(range(1, len(texts) + 1)) and len(texts) >= FEWEST else []


def _unnumbered(row: Row) -> Row:
    """A row of headings such as "(1) ตัวชี้วัด", "(2) มาตรการ" without their numbers."""
    found = _counted(row)
    if not found or not all(match[2] for match in found):
        return row
    bare = tuple(
        replace(cell, text=match[2] if (match := _NUMBERED.fullmatch(cell.text)) else "") for cell in row
    )
    return bare if columns.reads_as_headings(_texts(bare)) else row


def _numbers_columns(row: Row, above: Row) -> bool:
    """Whether a row only numbers the headings above it: (1), (2), (3)."""
    texts = [thai.letters(cell.text).strip("().") for cell in row if cell.text.strip()]
    numbered = len(texts) >= FEWEST and texts == [str(number) for number in range(1, len(texts) + 1)]
    below_each = [bool(cell.text.strip()) for cell in row] == [bool(cell.text.strip()) for cell in above]
    return numbered and below_each and columns.recognise(_texts(above)) is not None


def _joined(row: Row, below: Row) -> Row | None:
    """Two rows as one row of headings, where only together they name what neither names alone."""
    if len(row) != len(below) or any(_name_apart(*cells) for cells in zip(row, below, strict=True)):
        return None
    both = tuple(
        replace(cell, text=f"{cell.text}\n{under.text}".strip())
        for cell, under in zip(row, below, strict=True)
    )
    if not columns.reads_as_headings(_texts(both)):
        return None
    found = columns.recognise(_texts(both))
    own = columns.recognise(_texts(below))
    if found is None or not found.is_plan or (own is not None and own.is_plan):
        return None
    return both if _unknown(both) < _unknown(row) else None


def _name_apart(cell: Cell, under: Cell) -> bool:
    """Whether two cells are headings of different things, as the labels of a form are."""
    roles, below = columns.candidates(cell.text), columns.candidates(under.text)
    return bool(roles and below) and roles[0] != below[0]


def _unknown(row: Row) -> int:
    return sum(1 for text in _texts(row) if text.strip() and not columns.candidates(text))
