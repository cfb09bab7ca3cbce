"""Every document of the demo and every office form, as LibreOffice and poppler read them; part of `make long`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import docx
import pypdfium2
import pytest
from fontTools.ttLib import TTFont

from tests.conftest import make_config
from tests.rules.test_papers import memo
from tests.world import at
from tests.writing.conftest import inputs
from tests.writing.test_every_face import DOCUMENTS
from tracker.actions import wordforms
from tracker.demo import build
from tracker.rules.annual import compose
from tracker.rules.paper import Grid
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Person, Signed
from tracker.rules.thai import letters
from tracker.rules.wordform import NAMES
from tracker.writing import docx as docx_face
from tracker.writing import pdf, sarabun, wordform, wordstart

FONT = "TH SarabunPSK"
NOW = at("2026-10-07", "10:00")
# Sarabun at 12 points is as large as the faces that offices use are at 16.
SMALLER = 4 / 3
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>"""


def stand_in(source: Path, target: Path, smaller: float) -> None:
    """Sarabun under the name of the font that documents name, which no package has."""
    font = TTFont(source)
    font["head"].unitsPerEm = round(font["head"].unitsPerEm * smaller)
    for record in font["name"].names:
        if record.nameID in (1, 16):
            record.string = FONT
    font.save(target)


class Office:
    """LibreOffice with Sarabun, so much smaller, and nothing else, in a profile of its own."""

    def __init__(self, folder: Path, smaller: float = SMALLER) -> None:
        self._folder = folder
        for name in ("Sarabun-Regular.ttf", "Sarabun-Bold.ttf"):
            stand_in(sarabun.folder() / name, folder / name, smaller)
        fonts = folder / "fonts.conf"
        fonts.write_text(FONTS.format(folder=folder), encoding="utf-8")
        self._environment = os.environ | {"FONTCONFIG_FILE": str(fonts)}

    def to_pdf(self, *files: Path) -> list[Path]:
        """The files as PDF, in their order."""
        profile, target = (self._folder / "profile").as_uri(), self._folder / "pdf"
        subprocess.run(
            [
                "soffice",
                f"-env:UserInstallation={profile}",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                target,
                *files,
            ],
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=900,
        )
        return [target / f"{file.stem}.pdf" for file in files]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    for program in ("soffice", "pdftotext"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: LibreOffice and poppler read the documents here")
    return Office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every Word document that the demo makes of a value."""
    folder = tmp_path_factory.mktemp("demo")
    build.build(build.settings(make_config(folder / "data")), NOW, folder, print)
    return sorted(path for path in (folder / "documents").glob("*.docx") if path.with_suffix(".pdf").exists())


def pages(path: Path) -> list[str]:
    told = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True, timeout=120)
    return [letters(page) for page in told.stdout.decode().split("\f")]


def cells(path: Path) -> Iterator[str]:
    for table in docx.Document(str(path)).tables:
        for row in table.rows:
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    if letters(paragraph.text):
                        yield letters(paragraph.text)


def holds(found: list[str], text: str) -> bool:
    """Whether the text stands on a page, or begins on one and ends on the next."""
    if any(text in page for page in found):
        return True
    return any(
        text[:place] in here and text[place:] in there
        for here, there in pairwise(found)
        for place in range(1, len(text))
    )


def test_every_cell_of_every_document_is_read_exactly(office: Office, documents: list[Path]) -> None:
    assert len(documents) >= 6
    missing = []
    for document, converted in zip(documents, office.to_pdf(*documents), strict=True):
        for face in (converted, document.with_suffix(".pdf")):
            found = pages(face)
            missing += [
                (document.stem, face.parent.name, text)
                for text in set(cells(document))
                if not holds(found, text)
            ]
    assert missing == []


@pytest.mark.parametrize("kind", ["plan", "six-month", "annual"])
def test_a_signature_never_stands_alone_on_a_page(office: Office, tmp_path: Path, kind: str) -> None:
    paper = DOCUMENTS[kind].paper()
    last = paper.blocks[-1]
    assert isinstance(last, Grid)
    files = []
    for count in range(1, 25):
        rows = tuple(
            (f"แถวที่ {place} {'ยาว ' * (40 if place == count and count % 2 else 1)}", *last.rows[0][1:])
            for place in range(1, count + 1)
        )
        told = replace(paper, blocks=(*paper.blocks[:-1], replace(last, rows=rows, notes=())), annex=())
        files.append(tmp_path / f"{kind}-{count}.docx")
        files[-1].write_bytes(docx_face.write(told))
    for count, converted in enumerate(office.to_pdf(*files), 1):
        *before, end, after = pages(converted)
        assert after == ""
        assert letters("ลงชื่อ") in end
        assert letters(f"แถวที่ {count} ") in end, converted.stem
        assert not any(letters("ลงชื่อ") in page for page in before)


def test_a_memo_with_every_sentence_is_one_page(office: Office, tmp_path: Path) -> None:
    told = Signed("ตย 71001/123", date(2026, 11, 4), "", "")
    chief, clerk = (Person(f"{name}องค์การบริหารส่วนตำบล", "นายสมมุติ ดีงาม") for name in ("นายก", "ปลัด"))
    report = compose(inputs())
    memos = [
        memo(report=one, signed=signed, chief=chief, clerk=clerk)
        for one, signed in ((report, told), (replace(report, draft_mark="ฉบับร่าง"), None))
    ]
    files = [tmp_path / f"memo-{number}.docx" for number in range(len(memos))]
    for file, value in zip(files, memos, strict=True):
        file.write_bytes(docx_face.write(value))
        document = pypdfium2.PdfDocument(pdf.write(value))
        assert len(document) == 1
        document.close()
    for converted in office.to_pdf(*files):
        document = pypdfium2.PdfDocument(converted)
        assert len(document) == 1, converted.stem
        document.close()


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_a_filled_form_opens_and_holds_the_texts(
    office: Office, report: AnnualReport, tmp_path: Path, kind: str
) -> None:
    columns = [str(one.meaning) for one in NAMES[kind].row]
    empty = wordforms.empty_paper(kind, "แบบของหน่วยงาน", "องค์การบริหารส่วนตำบลตัวอย่าง")  # type: ignore[arg-type]
    form = wordstart.write(empty, columns, FONT)
    blank, filled = tmp_path / f"{kind}-form.docx", tmp_path / f"{kind}-filled.docx"
    blank.write_bytes(form)
    filled.write_bytes(wordform.fill(form, report.paper() if kind == "annual" else empty))
    converted = office.to_pdf(blank, filled)
    marks = re.findall(r"\{\{[a-z_.]+\}\}", "".join(pages(converted[0])))
    told = pages(converted[1])
    assert marks
    assert not any(mark in page for mark in marks for page in told)
    if kind == "annual":
        for row in report.results.rows:
            assert all(holds(told, letters(line)) for line in row.window.split("\n"))
