"""Real plans and reports, read fact by fact as a person read them, from text and from every other format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reading import remade
from tests.reading.expectations import DOCUMENTS, check, facts_of, source_of
from tests.reading.remade import Sheet
from tracker.reading import plan

Blocks = list[str | Sheet]
Facts = dict[str, Any]

WRITINGS: dict[str, tuple[str, Callable[[Blocks, Facts], bytes]]] = {
    "Word, pages with repeated headings": ("a.docx", lambda b, _: remade.word(b)),
    "Word, automatic numbers": ("a.docx", lambda b, _: remade.word(b, numbered=True)),
    "Word, merged cells": ("a.docx", lambda b, _: remade.word(b, merged=True)),
    "Word, merged cells and automatic numbers": (
        "a.docx",
        lambda b, _: remade.word(b, numbered=True, merged=True),
    ),
    "Word, a form a measure": ("a.docx", lambda b, _: remade.forms(b)),
    "Word, text boxes": ("a.docx", lambda b, _: remade.in_text_boxes(b)),
    "Excel, a sheet a table": ("a.xlsx", lambda b, _: remade.workbook(b, remade.merged_down)),
    "Excel, one sheet": ("a.xlsx", lambda b, _: remade.workbook(b, remade.merged_down, sheets=False)),
    "Excel, real dates": ("a.xlsx", lambda b, f: remade.workbook(b, remade.with_dates(f))),
    "web page with spans": ("a.html", lambda b, _: remade.page(b)),
    "paste with lists": ("paste.html", lambda b, _: remade.page(b, lists=True)),
    "csv": ("a.csv", lambda b, _: remade.comma_separated(b, "utf-8")),
    "csv of the old code page": ("a.csv", lambda b, _: remade.comma_separated(b, "tis-620")),
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_real_document_is_read_with_every_known_fact(document: str, real_documents: Path) -> None:
    check(plan.read(source_of(document, real_documents)), facts_of(document, real_documents))


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_format_tells_the_same_facts(document: str, writing: str, real_documents: Path) -> None:
    expected = facts_of(document, real_documents)
    blocks = remade.blocks(source_of(document, real_documents).read_text(encoding="utf-8"))
    name, write = WRITINGS[writing]
    check(plan.read(write(blocks, expected), name), expected)


@pytest.mark.parametrize("sign", ["X", "✓", "/"])
@pytest.mark.parametrize("document", DOCUMENTS)
def test_marks_in_columns_tell_the_windows(document: str, sign: str, real_documents: Path) -> None:
    expected = facts_of(document, real_documents)
    blocks = remade.blocks(source_of(document, real_documents).read_text(encoding="utf-8"))
    months = document == "004"  # whose windows begin and end within quarters
    data = remade.workbook(blocks, remade.with_ticks(expected, sign, months=months), sheets=sign == "X")
    check(plan.read(data, "a.xlsx"), expected)
