"""A document whose ำ a program lost, as copying out of a PDF does, with ำ in the words in which it is sure."""

from __future__ import annotations

from dataclasses import replace

from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.rules import thai

FEWEST = 3


def mended(document: Document) -> Document:
    """The document with its ำ where it has none at all and words that need it; `rings_lost` then says so."""
    texts = [text for block in document.blocks for text in _texts(block)]
    lost = sum(thai.with_rings(text) != text for text in texts)
    if lost < FEWEST or any("ำ" in thai.clean(text) for text in texts):
        return document
    return Document(tuple(map(_with_rings, document.blocks)), rings_lost=True)


def _texts(block: Paragraph | Table) -> list[str]:
    if isinstance(block, Paragraph):
        return [block.text]
    return [cell.text for row in block.rows for cell in row if cell.text]


def _with_rings(block: Paragraph | Table) -> Paragraph | Table:
    if isinstance(block, Paragraph):
        return replace(block, text=thai.with_rings(block.text))
    return _table(block)


def _table(table: Table) -> Table:
    return Table(tuple(tuple(map(_cell, row)) for row in table.rows))


def _cell(cell: Cell) -> Cell:
    return replace(cell, text=thai.with_rings(cell.text), tables=tuple(map(_table, cell.tables)))
