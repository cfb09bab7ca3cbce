"""Word documents as people make them: merged cells, repeated headings, automatic numbers, tracked changes."""

from __future__ import annotations

from collections.abc import Callable

from docx import Document as new_document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.reading.conftest import OFFICIAL, saved
from tracker.reading import plan
from tracker.reading.values import ReadPlan

TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
FULL = ("๑. การปฏิบัติหน้าที่", "๑. จัดทำคู่มือบริการ", "๑. ร่างคู่มือ", "ต.ค. ๖๘ - มี.ค. ๖๙", "กองคลัง", "ทุกไตรมาส")


def titles(read: ReadPlan, row: int = 0) -> list[str]:
    return [measure.title for measure in read.rows[row].measures]


def divisions(read: ReadPlan, row: int = 0) -> list[str | None]:
    return [one.division for one in read.rows[row].responsible]


def test_the_official_form_is_read(word: Callable[..., bytes]) -> None:
    read = plan.read(word([OFFICIAL, FULL], TITLE, "องค์การบริหารส่วนตำบลบ้านสมมุติ"), "แผน.docx")
    row = read.rows[0]
    assert (read.kind, read.fiscal_year, read.organisation) == ("plan", 2569, "องค์การบริหารส่วนตำบลบ้านสมมุติ")
    assert (row.indicator, titles(read), row.steps, divisions(read)) == (
        1,
        ["จัดทำคู่มือบริการ"],
        ("ร่างคู่มือ",),
        ["กองคลัง"],
    )
    assert row.window is not None
    assert [str(quarter) for quarter in row.window.quarters] == ["2569Q1", "2569Q2"]
    assert row.follow_up is not None
    assert row.follow_up.kind == "quarterly"
    assert row.problems == ()


def test_rows_under_one_merged_heading_are_rows_of_it() -> None:
    document = new_document()
    table = document.add_table(3, 6)
    second = ("", "๒. อบรมบุคลากร", "๑. กำหนดหลักสูตร", "ม.ค. - มี.ค. ๖๙", "สำนักปลัด", "รอบ ๖ เดือน")
    for row, texts in zip(table.rows, (OFFICIAL, FULL, second), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    read = plan.read(saved(document), "แผน.docx")
    assert [row.indicator for row in read.rows] == [1, 1]
    assert [divisions(read, place) for place in (0, 1)] == [["กองคลัง"], ["สำนักปลัด"]]
    assert [row.follow_up.kind for row in read.rows if row.follow_up] == ["quarterly", "six_months"]


def test_measures_that_share_everything_merged_beside_them_are_one_row() -> None:
    document = new_document()
    table = document.add_table(3, 6)
    second = ("", "๒. อบรมบุคลากร", "๒. กำหนดหลักสูตร", "", "", "")
    for row, texts in zip(table.rows, (OFFICIAL, FULL, second), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for column in (0, 3, 4, 5):
        table.cell(1, column).merge(table.cell(2, column))
    read = plan.read(saved(document), "แผน.docx")
    assert len(read.rows) == 1
    assert titles(read) == ["จัดทำคู่มือบริการ", "อบรมบุคลากร"]
    assert read.rows[0].steps == ("ร่างคู่มือ", "กำหนดหลักสูตร")


def test_steps_of_one_merged_measure_gather_their_divisions() -> None:
    document = new_document()
    heads = ("มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ")
    table = document.add_table(3, 4)
    rows = (
        heads,
        ("จัดทำคู่มือบริการ", "ร่าง", "ต.ค. - ธ.ค. ๖๘", "กองคลัง"),
        ("", "เผยแพร่", "ม.ค. - มี.ค. ๖๙", "สำนักปลัด"),
    )
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    read = plan.read(saved(document), "แผน.docx")
    assert len(read.rows) == 1
    assert divisions(read) == ["กองคลัง", "สำนักปลัด"]
    window = read.rows[0].window
    assert window is not None
    assert (window.start.isoformat(), window.end.isoformat()) == ("2025-10-01", "2026-03-31")
    assert "window_varies" in [problem.code for problem in read.rows[0].problems]


def test_cells_merged_across_keep_their_columns() -> None:
    document = new_document()
    table = document.add_table(3, 6)
    for row, texts in zip(
        table.rows,
        (OFFICIAL, ("ประเด็นที่ ๒ การให้บริการและระบบ E-Service", *[""] * 5), ("", *FULL[1:])),
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(1, 5))
    read = plan.read(saved(document), "แผน.docx")
    assert len(read.rows) == 1
    assert read.rows[0].topic == 2
    assert divisions(read) == ["กองคลัง"]


def test_headings_repeated_with_other_line_breaks_are_no_rows(word: Callable[..., bytes]) -> None:
    again = ("ตัวชี้ วัด", "มาตรการ", "ขั้นตอน\nการดำเนินการ", "ระยะ\nเวลา", "ผู้รับ\nผิดชอบ", "การติดตาม\nผล")
    other = ("๒. การใช้งบประมาณ", *FULL[1:])
    read = plan.read(word([OFFICIAL, FULL, again, other]), "แผน.docx")
    assert [row.indicator for row in read.rows] == [1, 2]


def test_a_cell_cut_by_the_page_is_joined(word: Callable[..., bytes]) -> None:
    first = ("๑. การปฏิบัติหน้าที่", "๑. จัดทำคู่มือ", "๑. ร่างคู่มือและนำเสนอต่อ", *FULL[3:])
    rest = ("", "", "ที่ประชุมหัวหน้าส่วน ๒. เผยแพร่", "", "", "")
    read = plan.read(word([OFFICIAL, first, OFFICIAL, rest]), "แผน.docx")
    assert len(read.rows) == 1
    assert read.rows[0].steps == ("ร่างคู่มือและนำเสนอต่อ ที่ประชุมหัวหน้าส่วน", "เผยแพร่")


def numbered(document: object, number_format: str, text: str) -> None:
    """Gives the document a list of its own and every paragraph of a marked cell its number."""
    part = document.part.numbering_part.element  # type: ignore[attr-defined]
    part.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{number_format}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
        ),
    )
    part.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))


def test_automatic_numbers_are_part_of_what_is_seen() -> None:
    for number_format, text in (("decimal", "%1."), ("thaiNumbers", "%1)"), ("bullet", "•")):
        document = new_document()
        numbered(document, number_format, text)
        table = document.add_table(2, 6)
        for row, texts in zip(table.rows, (OFFICIAL, FULL), strict=True):
            for cell, words in zip(row.cells, texts, strict=True):
                cell.text = words
        cell = table.cell(1, 2)
        cell.text = "ร่างคู่มือ"
        cell.add_paragraph("เสนอผู้บริหาร")
        cell.add_paragraph("เผยแพร่")
        for paragraph in cell.paragraphs:
            marks = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>'
            paragraph._p.get_or_add_pPr().append(parse_xml(marks))
        read = plan.read(saved(document), "แผน.docx")
        assert read.rows[0].steps == ("ร่างคู่มือ", "เสนอผู้บริหาร", "เผยแพร่")


def test_tracked_changes_are_read_as_accepted() -> None:
    document = new_document()
    table = document.add_table(3, 6)
    for row, texts in zip(table.rows, (OFFICIAL, FULL, ("๒. การใช้งบประมาณ", *FULL[1:])), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    paragraph = table.cell(1, 4).paragraphs[0]
    paragraph.clear()
    by = 'w:id="1" w:author="a" w:date="2026-01-01T00:00:00Z"'
    paragraph._p.append(
        parse_xml(f"<w:del {nsdecls('w')} {by}><w:r><w:delText>กองช่าง</w:delText></w:r></w:del>")
    )
    paragraph._p.append(parse_xml(f"<w:ins {nsdecls('w')} {by}><w:r><w:t>สำนักปลัด</w:t></w:r></w:ins>"))
    table.rows[2]._tr.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')} {by}/>"))
    read = plan.read(saved(document), "แผน.docx")
    assert len(read.rows) == 1
    assert divisions(read) == ["สำนักปลัด"]


def test_a_plan_inside_a_layout_table_is_found() -> None:
    document = new_document()
    outer = document.add_table(1, 1)
    inner = outer.cell(0, 0).add_table(2, 6)
    for row, texts in zip(inner.rows, (OFFICIAL, FULL), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    read = plan.read(saved(document), "แผน.docx")
    assert titles(read) == ["จัดทำคู่มือบริการ"]


def test_a_table_inside_a_cell_is_text_of_the_cell() -> None:
    document = new_document()
    table = document.add_table(2, 6)
    for row, texts in zip(table.rows, (OFFICIAL, FULL), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    nested = table.cell(1, 2).add_table(1, 2)
    nested.cell(0, 0).text, nested.cell(0, 1).text = "ส่วนที่เพิ่ม", "ในตารางย่อย"
    read = plan.read(saved(document), "แผน.docx")
    assert "ส่วนที่เพิ่ม ในตารางย่อย" in " ".join(read.rows[0].steps)
