"""Comma-separated text as paragraphs and tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tracker.errors import Unreadable
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.reading.text import decode, unmarked

_DELIMITERS = ",;\t|"


def read(data: bytes) -> Document:
    """The rows of the file, split at whichever usual sign its lines hold most of; raises Unreadable."""
    content = decode(data)
    delimiter = max(_DELIMITERS, key=content.count)
    try:
        lines = list(csv.reader(io.StringIO(content), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable("ไฟล์ CSV เสียหาย อ่านไม่ได้ กรุณาบันทึกใหม่") from error
    return sheet(tuple(Cell(unmarked(text)) for text in line) for line in lines)


def sheet(lines: Iterable[tuple[Cell, ...]]) -> Document:
    """Rows of a sheet: those of one cell before the first full row are its title lines."""
    titles: list[Paragraph] = []
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        filled = [cell for cell in line if cell.text.strip()]
        if not rows and len(filled) < 2:
            titles += [Paragraph(cell.text, 1) for cell in filled]
        elif filled:
            rows.append(line)
    return Document((*titles, Table(tuple(rows))) if rows else tuple(titles))
