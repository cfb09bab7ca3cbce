"""Running text in which each measure is followed by labelled lines, as tables of one row each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.reading import cells, columns, names
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.rules import thai

_TOLD = {"steps", "window", "responsible", "follow_up", "results", "outcome", "targets", "analysis"}
_LISTS = {"steps", "results", "targets"}
_LABEL = re.compile(
    r"\s*(?:[-•*]\s*|\(?[\d๐-๙.]{1,5}[.)]\s*)?(?P<label>[^:：]{3,60}?)\s*[:：]\s*(?P<value>.*)", re.S
)
_SPACED = re.compile(r"\s*(?:[-•*]\s*|\(?[\d๐-๙.]{1,5}[.)]\s*)?(?P<label>\S+)(?:\s+(?P<value>.+))?", re.S)
_CALLED = re.compile(r"^(?:มาตรการ|โครงการ|กิจกรรม)ที่\s*([\d๐-๙]{1,2})\s*[:.)]?\s+")
_STYLE = re.compile(r"\s*(\(?)[\d๐-๙]{1,2}\s*([.)]?)")
FEWEST = 2


@dataclass
class _Record:
    """A measure's title, its labels in order and what stands under each."""

    title: str
    fields: list[tuple[str, str, list[str]]] = field(default_factory=list)
    inline: bool = False

    @property
    def roles(self) -> set[str]:
        return {role for _, role, _ in self.fields}


def opened(document: Document) -> Document:
    """The document with each labelled measure as a table; as it was where there is none."""
    found: list[Paragraph | Table] = []
    waiting: list[str] = []
    record: _Record | None = None
    for line in _lines(document):
        label, role, value = _label(line)
        if role == "measure" or (role and (record is None or role in record.roles)):
            title = value if role == "measure" else waiting.pop() if waiting else _taken_back(record)
            found += _told(record)
            found += map(Paragraph, waiting)
            waiting, record = [], _Record(_CALLED.sub(r"\1. ", title))
        if role and record is not None:
            if role != "measure":
                record.fields.append((label, role, [value] if value else []))
                record.inline = bool(value)
        elif record is not None and record.fields and not _opens(line, record):
            record.fields[-1][2].append(line)
        else:
            found += _told(record)
            record = None
            waiting.append(line)
    return Document((*found, *_told(record), *map(Paragraph, waiting)))


def _taken_back(record: _Record | None) -> str:
    """The last line below a list of the record, where labels that begin again show it to be the next title."""
    lines = record.fields[-1][2] if record is not None and record.fields else []
    return lines.pop() if len(lines) > 1 else ""


def _lines(document: Document) -> Iterator[str]:
    for block in document.blocks:
        texts = [block.text] if isinstance(block, Paragraph) else [_flat(row) for row in block.rows]
        yield from (line.strip() for text in texts for line in text.split("\n") if line.strip())


def _flat(row: tuple[Cell, ...]) -> str:
    return " ".join(cell.text for cell in row if cell.text.strip())


def _label(line: str) -> tuple[str, str, str]:
    """The label that a line begins with, its role and what stands behind it; empty texts where it has none."""
    for pattern in (_LABEL, _SPACED):
        found = pattern.fullmatch(line)
        label = thai.clean(found["label"]) if found else ""
        roles = columns.candidates(label) if label else ()
        if found and roles and columns.reads_as_headings([label]):
            role = roles[0]
            if role in _TOLD or (role == "measure" and pattern is _LABEL):
                return label, role, (found["value"] or "").strip()
    return "", "", ""


def _opens(line: str, record: _Record) -> bool:
    """Whether a line without a label begins the next measure and does not go on with the last label."""
    number, before = cells.leading_number(line), cells.leading_number(record.title)
    counts_on = number is not None and before is not None and number == before + 1
    role = record.fields[-1][1]
    if names.is_name(line):
        return True
    if counts_on and _style(line) == _style(record.title):
        items = [cells.leading_number(one) for one in record.fields[-1][2] if _style(one) == _style(line)]
        return not items or items[-1] != before
    return record.inline and role not in _LISTS


def _style(text: str) -> tuple[str, ...]:
    found = _STYLE.match(text)
    return found.groups() if found else ()


def _told(record: _Record | None) -> list[Paragraph | Table]:
    """The record as a table, as lines where it tells too little to be a measure."""
    if record is None:
        return []
    told = {role for _, role, lines in record.fields if lines}
    if not record.title or columns.reads_as_headings([record.title]) or len(told) < FEWEST:
        texts = [record.title, *(" ".join([label, *lines]) for label, _, lines in record.fields)]
        return [Paragraph(text) for text in texts if text]
    heads = (Cell("มาตรการ"), *(Cell(label) for label, _, _ in record.fields))
    values = (Cell(record.title), *(Cell("\n".join(lines)) for _, _, lines in record.fields))
    return [Table((heads, values))]
