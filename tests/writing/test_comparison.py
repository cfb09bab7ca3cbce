"""The scores of two years in every face: the same figures and words, bars where a face can draw them."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdfium2
import pytest
from docx import Document
from openpyxl import load_workbook

from tests.writing.conftest import inputs
from tracker.rules.annual import compose
from tracker.rules.appraisal import appraise
from tracker.rules.report import AnnualReport
from tracker.rules.scoring import Scores
from tracker.writing import docx, html, pdf, xlsx

BEFORE = Scores(total=88.42, indicators={1: 93.2, 5: 94.35})
AFTER = Scores(total=93.17, level="ผ่านดี", indicators={1: 96.05, 5: 93.1})
ROW = ("5. การแก้ไขปัญหาการทุจริต", "94.35", "93.10", "ลดลง 1.25")


@pytest.fixture(scope="module")
def compared() -> AnnualReport:
    return compose(replace(inputs(), thai_digits=False, result=appraise(AFTER, 2569, BEFORE)))


def test_the_pdf_holds_every_score_and_the_same_value_gives_the_same_bytes(compared: AnnualReport) -> None:
    written = pdf.write(compared)
    document = pypdfium2.PdfDocument(written)
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert compared.scores is not None
    for row in compared.scores.rows:
        assert all(told in text for told in row.told)
    assert pdf.write(compared) == written


def test_the_web_page_draws_a_bar_for_each_year(compared: AnnualReport) -> None:
    text = html.write(compared).decode()
    assert '<i style="width:94.35%"></i></div><div class="bar"><i style="width:93.10%"></i>' in text
    assert "<td>94.35</td><td>93.10</td><td>ลดลง 1.25</td>" in text


def test_word_and_excel_hold_the_same_table(compared: AnnualReport) -> None:
    tables = Document(io.BytesIO(docx.write(compared))).tables
    assert ROW in [tuple(cell.text for cell in row.cells) for table in tables[1:2] for row in table.rows]
    book = load_workbook(io.BytesIO(xlsx.write(compared)))
    assert ROW in [tuple(row) for sheet in book for row in sheet.iter_rows(values_only=True)]
