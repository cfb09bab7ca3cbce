"""Every document in every face: the same bytes, the standards and fonts of its PDF, and any text held as a text."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import pypdfium2
import pytest
import time_machine
from docx import Document
from docx.oxml.ns import qn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.rules.test_papers import INPUTS, memo
from tests.writing.conftest import HOSTILE, inputs
from tracker.rules.annual import compose
from tracker.rules.frozen import each_text
from tracker.rules.paper import Paper
from tracker.rules.plan_paper import compose_plan
from tracker.rules.publication import Demanded, Enclosed, Manifest, contents_of
from tracker.rules.report_inputs import PlanInputs, ScoreLine, Signed
from tracker.rules.six_month import compose_six_month
from tracker.writing import docx, faces, html, package, pdf, xlsx
from tracker.writing.faces import DocumentValue
from tracker.writing.typeset import printable

FONT = "TH SarabunPSK"
MANIFEST = Manifest(
    "องค์การบริหารส่วนตำบลตัวอย่าง", 2569, 1, "2026-11-04", "ตย 1", "0" * 64,
    (Demanded("annual", 2569, "o26", ("https://www.example.go.th/ita",), "อยู่ในเมนู ITA"),),
    (Enclosed("evidence/001.pdf", "คู่มือ", "๑ ม.ค. ๒๕๖๙", "1" * 64),), (),
)  # fmt: skip


def documents() -> dict[str, DocumentValue]:
    """One of each kind, and the contents of the package."""
    told = PlanInputs(
        INPUTS,
        analysis=(("การปฏิบัติหน้าที่", "ควรพัฒนา"),),
        scores=(ScoreLine("IIT", "1. การปฏิบัติหน้าที่", 88.0),),
        total=92.42,
        level="ผ่านดี",
    )
    report = compose(inputs())
    return {
        "annual": report,
        "memo": memo(signed=Signed("ตย 71001/123", date(2026, 11, 4), "", "")),
        "plan": compose_plan(told),
        "six-month": compose_six_month(INPUTS, date(2026, 3, 31)),
        "contents": contents_of(MANIFEST, report),
    }


DOCUMENTS = documents()
HARD = (
    HOSTILE,
    "<script>alert(1)</script><&{{ {% raw %} #panic()",
    '=HYPERLINK("http://x";"y")',
    "+1-1@SUM(A1)",
    "\x00\x0b\x1fก\ud800\uffff\u202eข",
    "😀 👩‍👩‍👧 ก็ ญี่ปุ่น ปิ่นโต",
    "ดำเนินการแล้ว " * 700,
    "ก" * 10_000,
)
TEXTS = st.one_of(st.sampled_from(HARD), st.text(max_size=200))


def filled(value: DocumentValue, text: str) -> Paper:
    """The document with this text in the place of every other, but for the foot, where a face puts numbers."""
    return each_text(value.paper(), lambda old, verbatim: old if verbatim or "{page" in old else text)


def letters(text: str) -> str:
    return re.sub(r"\s", "", text.replace("\ufffe", "-"))


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("ending", faces.MEDIA_TYPES)
def test_the_same_value_gives_the_same_bytes_on_any_day(kind: str, ending: str) -> None:
    with time_machine.travel(datetime(2026, 11, 4, tzinfo=UTC)):
        once = faces.write(DOCUMENTS[kind], ending, FONT, {})
    with time_machine.travel(datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)):
        again = faces.write(documents()[kind], ending, FONT, {})
    assert once == again


def test_the_package_of_the_same_value_is_the_same_on_any_day(tmp_path: Path) -> None:
    file = tmp_path / "คู่มือ.pdf"
    file.write_bytes(b"%PDF-1.7 %%EOF")
    report = compose(inputs())
    given = (report, MANIFEST, contents_of(MANIFEST, report), {"evidence/001.pdf": file}, {})
    with time_machine.travel(datetime(2026, 11, 4, tzinfo=UTC)):
        once = package.write(*given)  # type: ignore[arg-type]
    with time_machine.travel(datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)):
        assert package.write(*given) == once  # type: ignore[arg-type]
    with zipfile.ZipFile(io.BytesIO(once)) as archive:
        assert archive.testzip() is None


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_pdf_claims_its_standards_and_carries_its_fonts(kind: str) -> None:
    written = pdf.write(DOCUMENTS[kind])
    for claim in (b"<pdfuaid:part>1<", b"<pdfaid:part>2<", b"<pdfaid:conformance>A<"):
        assert claim in written
    document = pypdfium2.PdfDocument(written)
    fonts = [
        pypdfium2.raw.FPDFTextObj_GetFont(one)
        for page in document
        for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
    ]
    assert fonts
    assert all(pypdfium2.raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)
    document.close()


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_word_holds_any_text_in_every_document(kind: str, text: str) -> None:
    value = filled(DOCUMENTS[kind], text)
    document = Document(io.BytesIO(docx.write(value)))
    told = "".join(node.text or "" for node in document.element.iter(qn("w:t")))
    assert letters(printable(value).title) in letters(told)
    plain = Document(io.BytesIO(docx.write(filled(DOCUMENTS[kind], "ก"))))
    assert names(document.element) <= names(plain.element)


def names(element: object) -> set[str]:
    return {str(node.tag) for node in element.iter()}  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_excel_holds_any_text_and_makes_nothing_of_it(kind: str, text: str) -> None:
    value = filled(DOCUMENTS[kind], text)
    book = load_workbook(io.BytesIO(xlsx.write(value)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s"}
    wanted = letters(printable(value).title)
    assert not wanted or any(letters(str(cell.value)) == wanted for cell in cells)


class Seen(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(f"{tag} {sorted(name for name, _ in attrs)}")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("kind", DOCUMENTS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=TEXTS)
def test_the_web_page_holds_any_text_and_makes_nothing_of_it(kind: str, text: str) -> None:
    value = filled(DOCUMENTS[kind], text)
    seen, plain = Seen(html.write(value)), Seen(html.write(filled(DOCUMENTS[kind], "ก")))
    assert seen.tags <= plain.tags
    assert letters(printable(value).title) in letters(seen.text)


@pytest.mark.parametrize("kind", ["memo", "plan"])
@pytest.mark.parametrize("text", [*HARD[:6], HARD[6][:2_000]])
def test_a_pdf_holds_hard_texts(kind: str, text: str) -> None:
    paper = DOCUMENTS[kind].paper()
    value = replace(paper, organisation=text, signatures=((text,),))
    document = pypdfium2.PdfDocument(pdf.write(value))
    told = letters("".join(page.get_textpage().get_text_range() for page in document))
    document.close()
    shown = letters(printable(value).signatures[0][0])
    # What the font lacks has no shape, and the order of signs written from the right is the reader's.
    known = [sign for sign in shown if sign.isascii() or "ก" <= sign <= "๛"]
    assert sorted(set(known)) == sorted(set(known) & set(told))


def test_a_memo_has_its_number_and_day_on_one_line_and_no_colour(tmp_path: Path) -> None:
    value = DOCUMENTS["memo"]
    document = Document(io.BytesIO(docx.write(value)))
    lines = [paragraph.text.replace("\u00a0", " ") for paragraph in document.paragraphs]
    assert lines[:3] == [
        "บันทึกข้อความ",
        "ส่วนราชการ  สำนักปลัด องค์การบริหารส่วนตำบลตัวอย่าง",
        "ที่  ตย ๗๑๐๐๑/๑๒๓\tวันที่  ๔ พฤศจิกายน ๒๕๖๙",
    ]
    assert not list(document.element.iter(qn("w:color")))
    page = html.write(value).decode()
    assert "<b>ที่</b> ตย ๗๑๐๐๑/๑๒๓ &emsp; <b>วันที่</b> ๔ พฤศจิกายน ๒๕๖๙</p>" in page
    document = pypdfium2.PdfDocument(pdf.write(value))
    assert len(document) == 1
    [line] = [one for one in document[0].get_textpage().get_text_range().splitlines() if "วันที่" in one[5:30]][
        :1
    ]
    assert "๗๑๐๐๑" in line
    document.close()
