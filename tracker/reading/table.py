"""What every format is turned into: paragraphs and tables, in the order of the document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell of the grid; its lines are the paragraphs.

    `above` marks the lower part of a cell merged downwards and `left` the right part of one merged across: both
    are empty and continue that other cell. `tables` are the tables nested in the cell, whose text is in `text` too.
    """

    text: str = ""
    above: bool = False
    left: bool = False
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Table:
    """A grid of cells; rows may differ in length where the source is flattened text."""

    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Paragraph:
    """A line of running text; `level` is its heading level, 0 for body text."""

    text: str
    level: int = 0


@dataclass(frozen=True)
class Document:
    """A document's blocks in reading order; `rings_lost` says that its ำ were missing and are guessed."""

    blocks: tuple[Paragraph | Table, ...]
    rings_lost: bool = False
