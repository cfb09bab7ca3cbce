from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from PIL import Image

from tracker.rules.report import AnnualReport
from tracker.writing import docx, html, pdf, photos, xlsx
from tracker.writing.photos import Picture


def photograph(
    width: int = 1600, height: int = 1200, kind: str = "JPEG", mode: str = "RGB", turned: bool = False
) -> bytes:
    picture = Image.new(mode, (width, height), (200, 80, 40, 0)[: len(mode)])
    written = io.BytesIO()
    if turned:
        exif = Image.Exif()
        exif[0x0112] = 6
        exif[0x013B] = "ชื่อผู้ถ่าย"
        picture.save(written, kind, exif=exif)
    else:
        picture.save(written, kind)
    return written.getvalue()


@pytest.fixture
def illustrated(report: AnnualReport) -> AnnualReport:
    """The report with four photographs, one of which has no file any more."""
    proofs = tuple(
        replace(proof, photo=place in (1, 2, 3, 4)) for place, proof in enumerate(report.annex.proofs)
    )
    annex = replace(report.annex, proofs=proofs, photos_heading="๖. ภาพถ่ายประกอบ")
    return replace(report, annex=annex)


@pytest.fixture
def pictures(illustrated: AnnualReport) -> dict[str, Picture]:
    made = photos.shrink(photograph())
    assert made is not None
    return {proof.sha256: made for proof in illustrated.annex.proofs[1:4]}


def test_a_photograph_is_made_small_upright_and_silent() -> None:
    data = photograph(turned=True)
    made = photos.shrink(data)
    assert made is not None
    assert (made.width, made.height) == (750, 1000)
    assert made == photos.shrink(data)
    with Image.open(io.BytesIO(made.data)) as opened:
        assert not opened.getexif()
    assert "ผู้ถ่าย".encode() not in made.data


def test_what_is_seen_through_stands_on_white() -> None:
    made = photos.shrink(photograph(40, 30, "PNG", "RGBA"))
    assert made is not None
    with Image.open(io.BytesIO(made.data)) as opened:
        assert opened.getpixel((20, 15)) == (255, 255, 255)
        assert opened.size == (40, 30)


def test_what_is_no_picture_is_left_out(tmp_path: Path) -> None:
    assert photos.shrink(b"\xff\xd8\xff not a picture") is None
    assert photos.shrink(photograph()[:200]) is None
    assert photos.shrink(b"") is None
    there = tmp_path / "a"
    there.write_bytes(photograph(10, 10))
    assert set(photos.shrink_all({"a": there, "b": tmp_path / "missing"})) == {"a"}


def test_a_picture_of_too_many_points_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "MOST_PIXELS", 99)
    assert photos.shrink(photograph(10, 10)) is None


def test_word_holds_the_pictures_with_their_captions(
    illustrated: AnnualReport, pictures: dict[str, Picture]
) -> None:
    written = docx.write(illustrated, pictures=pictures)
    assert written == docx.write(illustrated, pictures=pictures)
    document = Document(io.BytesIO(written))
    assert len(document.inline_shapes) == 3
    assert all(
        shape.height / shape.width == pytest.approx(0.75, abs=0.01) for shape in document.inline_shapes
    )
    grid = document.tables[-1]
    told = [cell.text.replace("\u00a0", " ") for row in grid.rows for cell in row.cells]
    assert "๒. ภาพการประชุม ครั้งที่ ๑" in told[0]
    assert "๕. ภาพการประชุม ครั้งที่ ๔\n๕ ก.พ. ๒๕๖๙" in told[3]
    with zipfile.ZipFile(io.BytesIO(written)) as package:
        assert [name for name in package.namelist() if name.startswith("word/media/")] == [
            "word/media/image1.jpg"
        ]


def test_pdf_shows_the_pictures_and_keeps_its_standards(
    illustrated: AnnualReport, pictures: dict[str, Picture]
) -> None:
    written = pdf.write(illustrated, pictures)
    assert written == pdf.write(illustrated, pictures)
    document = pypdfium2.PdfDocument(written)
    shown = [
        item
        for page in document
        for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5)
    ]
    assert len(shown) == 3
    assert b"<pdfuaid:part>1<" in written
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "ภาพถ่ายประกอบ" in text.replace("\r", "").replace("\n", "").replace(" ", "")


def test_the_web_page_carries_the_pictures_and_excel_their_list(
    illustrated: AnnualReport, pictures: dict[str, Picture]
) -> None:
    assert html.write(illustrated, pictures).count(b'src="data:image/jpeg;base64,') == 3
    assert xlsx.write(illustrated) == xlsx.write(illustrated)


def test_hostile_captions_stay_text(illustrated: AnnualReport, pictures: dict[str, Picture]) -> None:
    proofs = tuple(replace(proof, caption='"><script>&{{x}}') for proof in illustrated.annex.proofs)
    hostile = replace(illustrated, annex=replace(illustrated.annex, proofs=proofs))
    assert b"<script>" not in html.write(hostile, pictures)
    assert len(Document(io.BytesIO(docx.write(hostile, pictures=pictures))).inline_shapes) == 3
    assert pdf.write(hostile, pictures).startswith(b"%PDF")


def test_a_tall_first_row_begins_on_the_first_page(
    with_result: Callable[[str], AnnualReport],
) -> None:
    tall = with_result("\n".join(f"ข้อที่ {number} ดำเนินการแล้ว" for number in range(20)))
    first = pypdfium2.PdfDocument(pdf.write(tall))[0].get_textpage().get_text_range()
    assert "ข้อที่0ดำเนินการแล้ว" in first.replace(" ", "").replace("\r", "").replace("\n", "")
