"""Documents that the reader's tests make for themselves."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from docx import Document as new_document
from docx.document import Document

OFFICIAL = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")


def saved(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.fixture
def word() -> Callable[..., bytes]:
    """Makes a Word document of a title line and one table of texts."""

    def make(rows: Sequence[Sequence[str]], *lines: str) -> bytes:
        document = new_document()
        for line in lines:
            document.add_paragraph(line)
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        return saved(document)

    return make


@pytest.fixture
def tsv() -> Callable[..., bytes]:
    """Makes tab-separated text of lines of prose and rows of cells."""

    def make(*lines: str | Sequence[str]) -> bytes:
        return "\n".join(line if isinstance(line, str) else "\t".join(line) for line in lines).encode()

    return make
