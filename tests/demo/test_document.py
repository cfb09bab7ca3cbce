"""The plan's own document in the official form."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT

from tracker.demo import document
from tracker.demo.plan import ENTRIES, EVERYONE, rows
from tracker.reading import plan as reader

SIGNED = date(2026, 9, 21)
WRITTEN = datetime(2026, 9, 21, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fiscal_year", "closed_year"), [(2569, 2569), (2570, 2569), (2571, 2569), (2599, 2598)]
)
def test_the_document_is_read_without_a_doubt(fiscal_year: int, closed_year: int) -> None:
    read = reader.read(document.write(fiscal_year, closed_year, SIGNED, WRITTEN), "plan.docx")

    assert (read.kind, read.fiscal_year, read.assessment_year) == ("plan", fiscal_year, fiscal_year - 1)
    assert read.problems == ()
    assert [row.problems for row in read.rows] == [()] * len(ENTRIES)


def test_every_cell_comes_back_as_it_was_written() -> None:
    written = rows(2570, 2569)

    read = reader.read(document.write(2570, 2569, SIGNED, WRITTEN), "plan.docx").rows

    assert [row.heading for row in read] == [row.heading for row in written]
    assert [row.analysis for row in read] == [row.analysis for row in written]
    assert [tuple(measure.title for measure in row.measures) for row in read] == [
        row.measures for row in written
    ]
    assert [row.steps for row in read] == [row.steps for row in written]
    assert [row.window and row.window.text for row in read] == [row.window for row in written]
    assert [row.follow_up and row.follow_up.text for row in read] == [row.follow_up for row in written]
    assert [tuple(one.division for one in row.responsible) for row in read] == [
        () if entry.responsible == (EVERYONE,) else entry.responsible for entry in ENTRIES
    ]


def test_months_of_one_month_windows_are_among_the_measures() -> None:
    read = reader.read(document.write(2570, 2569, SIGNED, WRITTEN), "plan.docx").rows

    months = {
        row.window.start.month for row in read if row.window and (row.window.end - row.window.start).days < 31
    }

    assert months == {10, 11, 1, 4, 7}


def test_the_header_of_the_table_is_repeated_on_every_page() -> None:
    word = Document(io.BytesIO(document.write(2570, 2569, SIGNED, WRITTEN)))

    plan = word.tables[-1]

    assert plan.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert [cell.text for cell in plan.rows[0].cells] == list(document.COLUMNS)
    assert word.sections[0].orientation == WD_ORIENT.LANDSCAPE


def test_the_same_values_give_the_same_bytes() -> None:
    assert document.write(2570, 2569, SIGNED, WRITTEN) == document.write(2570, 2569, SIGNED, WRITTEN)
