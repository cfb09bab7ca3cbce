from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tracker.rules.report import AnnualReport
from tracker.writing import xlsx


def opened(written: bytes) -> Workbook:
    return load_workbook(io.BytesIO(written))


def cells(book: Workbook) -> Iterator[tuple[object, str]]:
    """(value, data type) of every cell that holds something."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield cell.value, cell.data_type


def test_the_sheets_hold_every_cell(report: AnnualReport) -> None:
    book = opened(xlsx.write(report))
    words, results, problems, unfinished, annex = list(book)
    assert words["A1"].value == report.title
    assert [cell.value for cell in results[2]] == list(report.results.columns)
    told = [list(row.cells) for row in report.results.rows]
    for texts, row in zip(told, report.results.rows, strict=True):
        texts[5] += f"\n{row.evidence}"
    assert [[cell.value for cell in row] for row in results.iter_rows(min_row=3)] == told
    assert problems.max_row == 2 + len(report.problems.rows)
    assert unfinished["A1"].value == report.unfinished.heading
    assert [row[4].value for row in annex.iter_rows(min_row=3)] == [
        proof.sha256 or "-" for proof in report.annex.proofs
    ]
    assert (results.page_setup.orientation, results.print_title_rows) == ("landscape", "$2:$2")
    assert results.freeze_panes == "A3"


def test_every_cell_is_text_in_the_font_of_the_organisation(report: AnnualReport) -> None:
    book = opened(xlsx.write(report, "TH SarabunIT๙"))
    assert {kind for _value, kind in cells(book)} == {"s"}
    assert {cell.font.name for cell in book.worksheets[1][2]} == {"TH SarabunIT๙"}


def test_the_same_value_gives_the_same_bytes_and_tells_its_own_moment(report: AnnualReport) -> None:
    written = xlsx.write(report)
    assert written == xlsx.write(report)
    assert opened(written).properties.modified == datetime(2026, 11, 4, 3, 42, 7)  # noqa: DTZ001


@settings(max_examples=25, deadline=None)
@given(
    st.one_of(
        st.sampled_from(['=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "{=1}"]), st.text(max_size=300)
    )
)
def test_no_text_becomes_a_formula(with_result: Callable[[str], AnnualReport], text: str) -> None:
    book = opened(xlsx.write(with_result(text)))
    assert {kind for _value, kind in cells(book)} == {"s"}
