"""Every document in every face: the same bytes, and the standards and fonts of its PDF."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pypdfium2
import pytest
import time_machine
from docx import Document
from docx.oxml.ns import qn

from tests.packages import unpacked
from tests.rules.test_papers import INPUTS, memo
from tests.writing.conftest import inputs
from tests.writing.test_pdf import pages, squeezed
from tracker.rules.annual import compose
from tracker.rules.frozen import each_text
from tracker.rules.plan_paper import compose_plan
from tracker.rules.publication import Demanded, Enclosed, Manifest, contents_of
from tracker.rules.report_inputs import PlanInputs, ScoreLine, Signed
from tracker.rules.six_month import compose_six_month
from tracker.writing import docx, faces, html, package, pdf
from tracker.writing.faces import DocumentValue

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
    assert "evidence/001.pdf" in unpacked(once)


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
def test_every_text_that_the_web_page_tells_can_be_copied_from_the_pdf(kind: str) -> None:
    told = squeezed(unescape(re.sub(r"<[^>]+>", "", html.write(DOCUMENTS[kind]).decode())))
    # Between two lines a tall row may go on behind the foot and the head of a page.
    copied = squeezed("".join(pages(pdf.write(DOCUMENTS[kind]))))
    lines: set[str] = set()

    def read(text: str, verbatim: bool) -> str:
        lines.update(() if verbatim else map(squeezed, text.split("\n")))
        return text

    each_text(DOCUMENTS[kind].paper(), read)
    told_lines = {line for line in lines if line in told}
    assert len(told_lines) > 20
    assert {line for line in told_lines if line not in copied} == set()


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
