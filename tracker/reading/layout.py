"""Tables as they were meant: layout tables opened, shifted rows put back under their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.reading import cells, columns, divisions, forms, headings, names
from tracker.reading.columns import Columns
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.rules import windows

_SIGNED = re.compile(
    r"\(?\s*ลงชื่อ\s*(?:[.…_(:)].*)?|ผู้(?:จัดทำ|เสนอ|ตรวจสอบ|เห็นชอบ|อนุมัติ|รายงาน|รับรอง)(?:แผน|รายงาน|เอกสาร|ข้อมูล|มาตรการ)?"
    r"|\(\s*(?:นาย|นาง|นางสาว|น\.ส\.|ว่าที่|พ\.?จ|จ\.?ส|ส\.?ต|[.…_])[^()]{2,60}\).*",
    re.S,
)


def flattened(document: Document) -> Iterator[Paragraph | Table]:
    """The blocks; a table that is only there for layout is replaced by the plan's table nested in it."""
    line = ""
    for block in document.blocks:
        if isinstance(block, Paragraph):
            line = block.text if block.text.strip() else line
            yield block
            continue
        block = headings.whole(block)
        if _has_plan(block):
            yield block
            continue
        nested = [inner for row in block.rows for cell in row for inner in _nested(cell)]
        if any(_has_plan(inner) for inner in nested):
            for row in block.rows:
                for cell in row:
                    yield from _opened(cell)
            continue
        yield from forms.opened(block, line) or [block]
        line = ""


def _opened(cell: Cell) -> Iterator[Paragraph | Table]:
    """What a cell of a layout holds: its own lines, and the tables nested in it between them."""
    nested = {
        line.strip()
        for table in cell.tables
        for row in table.rows
        for line in " ".join(one.text for one in row if one.text).split("\n")
    }
    lines = cell.text.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip() in nested), len(lines))
    yield from map(Paragraph, lines[:first])
    yield from _nested(cell)
    yield from (Paragraph(line) for line in lines[first:] if line.strip() not in nested)


def _nested(cell: Cell) -> Iterator[Table]:
    for table in cell.tables:
        if _has_plan(table):
            yield table
        else:
            inner = [one for row in table.rows for below in row for one in _nested(below)]
            yield from inner or [table]


def _has_plan(table: Table) -> bool:
    return any(
        (found := columns.recognise(texts_of(row))) is not None and found.is_plan for row in table.rows
    )


def texts_of(row: tuple[Cell, ...]) -> list[str]:
    """The texts of a row's cells."""
    return [cell.text for cell in row]


def aligned(row: tuple[Cell, ...], header: Columns) -> tuple[Cell, ...]:
    """The row shifted so that windows and divisions stand under their headings, where flattening moved them."""
    width = len(header.roles)
    best, best_score = row, fits(row, header)
    filled = tuple(cell for cell in row if cell.text.strip())
    gaps = [place for place, heading in enumerate(header.headings) if not heading and place < len(row)]
    choices = [(*row[:place], Cell(), *row[place:]) for place in gaps]
    choices += [(Cell(),) * shift + row for shift in (1, 2)]
    choices += [(*row[:place], Cell(), *row[place:]) for place in range(1, len(row))]
    choices += [row[shift:] for shift in (1, 2) if not any(cell.text.strip() for cell in row[:shift])]
    if len(row) > width == len(filled):
        choices.insert(0, filled)
    for choice in choices:
        lost = any(cell.text.strip() for cell in choice[width:])
        if not lost and fits(choice, header) > best_score:
            best, best_score = choice, fits(choice, header)
    return best


def _is_window(text: str) -> bool:
    """Whether a cell says when, and is no step that is done "ทุกเดือน"."""
    if cells.begins_an_item(text) and not windows.months_in(text) and "ไตรมาส" not in text:
        return False
    return isinstance(windows.read(text, 2569), windows.Window)


def is_signed(row: tuple[Cell, ...]) -> bool:
    """Whether a row holds only places for signatures: no measure stands in it nor below it."""
    filled = [cell.text.strip() for cell in row if cell.text.strip()]
    return bool(filled) and all(_SIGNED.fullmatch(text) for text in filled)


def fits(row: tuple[Cell, ...], header: Columns) -> int:
    """How many cells of a row are the window, the division or the indicator that their heading asks for."""
    score = 0
    for place, cell in enumerate(row[: len(header.roles)]):
        if not cell.text.strip() or len(cell.text) > 200:
            continue
        role = header.roles[place]
        if role == "window":
            score += _is_window(cell.text)
        elif role == "responsible":
            score += divisions.is_name(cell.text)
        elif role == "heading":
            score += names.indicator_of(cell.text) is not None or names.topic_of(cell.text) is not None
    return score
