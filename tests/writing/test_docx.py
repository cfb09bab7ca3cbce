from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table
from docx.text.paragraph import Paragraph
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.report import AnnualReport, sha256_of
from tracker.writing import docx, json
from tracker.writing.typeset import ACCENT

SCHEMA_ORDER = ["rFonts", "b", "bCs", "color", "sz", "szCs", "cs", "lang"]


@pytest.fixture(scope="module")
def written(report: AnnualReport) -> bytes:
    return docx.write(report)


def parts(written: bytes) -> Iterator[BaseOxmlElement]:
    document = Document(io.BytesIO(written))
    yield document.element
    yield document.styles.element
    for section in document.sections:
        yield section.header._element
        yield section.footer._element


def cells(table: Table) -> list[list[str]]:
    return [["\n".join(map(plain, cell.paragraphs)) for cell in row.cells] for row in table.rows]


def plain(paragraph: Paragraph) -> str:
    """Its text as it is found and compared: with spaces for the no-break spaces of dates and numbers."""
    return paragraph.text.replace("\u00a0", " ")


def assert_thai(properties: BaseOxmlElement, font: str) -> None:
    names = [child.tag.removeprefix(qn("w:")) for child in properties]
    assert names == [name for name in SCHEMA_ORDER if name in names]
    assert {"rFonts", "b", "bCs", "sz", "szCs", "cs", "lang"} <= set(names)
    fonts = properties.find(qn("w:rFonts")).attrib
    assert fonts == {qn(f"w:{half}"): font for half in ("ascii", "hAnsi", "eastAsia", "cs")}
    assert properties.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"
    for latin, thai in (("b", "bCs"), ("sz", "szCs")):
        assert properties.find(qn(f"w:{latin}")).attrib == properties.find(qn(f"w:{thai}")).attrib


@pytest.mark.parametrize("font", ["TH SarabunPSK", "TH SarabunIT๙"])
def test_every_run_and_style_carries_its_complex_script_properties(draft: AnnualReport, font: str) -> None:
    runs = styles = 0
    for part in parts(docx.write(draft, font)):
        for run in part.iter(qn("w:r")):
            assert_thai(run.find(qn("w:rPr")), font)
            runs += 1
        for properties in part.iter(qn("w:rPr")):
            assert_thai(properties, font)
            styles += 1
    assert runs > 300
    assert styles > runs


def test_the_tables_hold_every_cell(report: AnnualReport, written: bytes) -> None:
    chart, results, problems, unfinished, annex = Document(io.BytesIO(written)).tables
    assert [(row[0], row[-1]) for row in cells(chart)] == [
        (bar.division, bar.label) for bar in report.summary.bars
    ]
    expected = [list(row.cells) for row in report.results.rows]
    for told, row in zip(expected, report.results.rows, strict=True):
        told[5] = f"{row.result}\n{row.evidence}"
    assert cells(results) == [list(report.results.columns), *expected]
    assert cells(problems) == [list(report.problems.columns), *map(list, report.problems.rows)]
    signed = ["\n".join(report.signature)] * len(report.unfinished.columns)
    assert cells(unfinished) == [list(report.unfinished.columns), *map(list, report.unfinished.rows), signed]
    assert [row[2:] for row in cells(annex)[1:]] == [
        [proof.file_name, proof.day, proof.sha256 or "-"] for proof in report.annex.proofs
    ]


def test_what_stands_outside_the_tables(report: AnnualReport, written: bytes) -> None:
    document = Document(io.BytesIO(written))
    told = [plain(paragraph) for paragraph in document.paragraphs]
    assert told[:5] == [report.title, report.organisation, report.document, report.as_of, report.opening]
    assert told[-2:] == ["", report.annex.heading]
    assert [plain(p) for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"] == [
        report.summary.heading,
        report.results.heading,
        report.problems.heading,
        report.unfinished.heading,
        report.annex.heading,
    ]


def test_months_and_counted_numbers_never_break(with_result: Callable[[str], AnnualReport]) -> None:
    told = "ต.ค. ๒๕๖๘ - ก.ย. ๖๙ ณ วันที่ ๑๒ มกราคม ๒๕๖๙ รวม 40 คน ปี พ.ศ. 2569 ระยะที่สอง"
    cell = Document(io.BytesIO(docx.write(with_result(told)))).tables[1].rows[1].cells[5]
    assert cell.paragraphs[0].text.split(" ") == [
        "ต.ค.\u00a0๒๕๖๘",
        "-",
        "ก.ย.\u00a0๖๙",
        "ณ",
        "วันที่",
        "๑๒\u00a0มกราคม\u00a0๒๕๖๙",
        "รวม",
        "40\u00a0คน",
        "ปี",
        "พ.ศ.\u00a02569",
        "ระยะที่สอง",
    ]


def test_headers_repeat_and_short_rows_stay_together(report: AnnualReport, written: bytes) -> None:
    tables = Document(io.BytesIO(written)).tables[1:]
    for table in tables:
        heads = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
        assert heads == [True] + [False] * (len(heads) - 1)
        for row in table.rows:
            tall = any(len("".join(cell.text.split())) > 350 for cell in row.cells)
            together = row._tr.find(f".//{qn('w:cantSplit')}") is not None
            assert not (tall and together)
            assert together or any(cell.text.count("\n") > 1 or len(cell.text) > 100 for cell in row.cells)
    row = replace(report.results.rows[0], result="ครั้งที่ ๑\n" * 60)
    tall = docx.write(replace(report, results=replace(report.results, rows=(row,))))
    assert Document(io.BytesIO(tall)).tables[1].rows[1]._tr.find(f".//{qn('w:cantSplit')}") is None


def test_the_signature_takes_the_last_row_to_its_page(report: AnnualReport, written: bytes) -> None:
    unfinished = Document(io.BytesIO(written)).tables[-2]
    kept = [
        [paragraph.paragraph_format.keep_with_next for cell in row.cells for paragraph in cell.paragraphs]
        for row in unfinished.rows[:-1]
    ]
    assert cells(unfinished)[0] == list(report.unfinished.columns)
    assert all(kept[-1])
    assert not any(kept[-2])
    signed = unfinished.rows[-1]._tr
    assert signed.find(f".//{qn('w:cantSplit')}") is not None
    frame = signed.find(f".//{qn('w:tcBorders')}")
    assert {edge.tag: edge.get(qn("w:val")) for edge in frame} == dict.fromkeys(
        map(qn, ("w:left", "w:bottom", "w:right")), "nil"
    )


def test_the_signature_takes_the_sentence_of_an_empty_table_to_its_page(report: AnnualReport) -> None:
    empty = replace(report, unfinished=replace(report.unfinished, rows=()))
    told = Document(io.BytesIO(docx.write(empty))).paragraphs
    [place] = [place for place, paragraph in enumerate(told) if plain(paragraph) == report.unfinished.empty]
    assert told[place].paragraph_format.keep_with_next
    assert tuple(plain(paragraph) for paragraph in told[place + 1 : place + 5]) == report.signature


def test_the_page_is_landscape_and_numbered_in_thai(report: AnnualReport, written: bytes) -> None:
    section = Document(io.BytesIO(written)).sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width is not None
    assert section.page_height is not None
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    assert section._sectPr.find(qn("w:pgNumType")).get(qn("w:fmt")) == "thaiNumbers"
    assert section.footer.paragraphs[0].text == f"{report.organisation}\tหน้า ๑"
    assert " PAGE " in [instruction.text for instruction in section.footer._element.iter(qn("w:instrText"))]
    plain = Document(io.BytesIO(docx.write(replace(report, thai_digits=False)))).sections[0]
    assert plain._sectPr.find(qn("w:pgNumType")) is None


def test_only_a_draft_is_marked(draft: AnnualReport, written: bytes) -> None:
    def header(file: bytes) -> str:
        return "".join(p.text for p in Document(io.BytesIO(file)).sections[0].header.paragraphs)

    assert header(docx.write(draft)) == "ฉบับร่าง"
    assert header(written) == ""


def test_a_bar_is_as_long_as_its_share(written: bytes) -> None:
    def steps(row: BaseOxmlElement) -> int:
        filled = [cell for cell in row.iter(qn("w:tc")) if f'w:fill="{ACCENT}"' in cell.xml]
        return sum(cell.grid_span for cell in filled)

    chart = Document(io.BytesIO(written)).tables[0]
    assert [steps(row._tr) for row in chart.rows] == [50, 38, 28, 16, 0]


def test_the_same_value_gives_the_same_bytes_and_the_properties_its_time(
    report: AnnualReport, written: bytes
) -> None:
    assert docx.write(report) == written
    told = Document(io.BytesIO(written)).core_properties
    assert told.created == told.modified == datetime(2026, 11, 4, 3, 42, 7, tzinfo=UTC)
    assert (told.title, told.author) == (report.title, report.organisation)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "thumbnail" in name]


def test_a_table_without_rows_says_so(report: AnnualReport) -> None:
    empty = replace(
        report,
        unfinished=replace(report.unfinished, rows=()),
        annex=replace(report.annex, proofs=()),
        summary=replace(report.summary, bars=()),
    )
    told = [paragraph.text for paragraph in Document(io.BytesIO(docx.write(empty))).paragraphs]
    assert {"ไม่มีงานที่ยกเลิกหรือไม่แล้วเสร็จ", "ไม่มีหลักฐาน"} <= set(told)


def test_control_characters_are_left_out(with_result: Callable[[str], AnnualReport]) -> None:
    document = Document(io.BytesIO(docx.write(with_result("ก\x00\x0b\x1f\ud800\uffff<b>&ข"))))
    assert cells(document.tables[1])[1][5].split("\n")[0] == "ก<b>&ข"


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=80))
def test_any_text_opens_and_is_held(with_result: Callable[[str], AnnualReport], text: str) -> None:
    report = with_result(text)
    shown = cells(Document(io.BytesIO(docx.write(report))).tables[1])[1][5]
    assert shown == text.replace("\u00a0", " ") + f"\n{report.results.rows[0].evidence}"


def test_the_json_face_is_what_is_hashed(report: AnnualReport) -> None:
    assert hashlib.sha256(json.write(report)).hexdigest() == sha256_of(report)
