"""Our own form of a plan to fill in, as Word and as Excel, with the headings that the reader knows."""

from __future__ import annotations

import io
from collections.abc import Callable

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from tracker.rules.thai import thai_digits
from tracker.writing import typeset
from tracker.writing.wordfile import BODY, TABLE, fill, saved, set_styles
from tracker.writing.wordxml import Face, cell, lines, paragraph, row, run, table

TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน"
# Heading, width in millimetres of the 257 between the margins, and what belongs below it.
COLUMNS = (
    ("ที่", 10, "หนึ่งแถวต่อหนึ่งรายการ"),
    ("ประเด็น/ตัวชี้วัด", 32, "ชื่อประเด็นการวิเคราะห์ ๗ ประเด็น หรือชื่อตัวชี้วัด ๑๐ ตัวชี้วัด"),
    ("ผลการวิเคราะห์", 34, "สิ่งที่ผลการประเมินบอก เว้นว่างได้"),
    ("มาตรการ", 44, "ใส่เลขหน้าทุกเรื่อง แล้วขึ้นบรรทัดใหม่"),
    ("ขั้นตอนการดำเนินการ", 44, "ใส่เลขหน้าทุกขั้น แล้วขึ้นบรรทัดใหม่ เว้นว่างได้"),
    ("ระยะเวลาดำเนินการ", 27, "เดือนแรก - เดือนสุดท้าย พร้อมปี พ.ศ. หรือไตรมาส"),
    ("ผู้รับผิดชอบ", 24, "ชื่อกองตามทะเบียน คั่นด้วย / หรือเขียนว่า ทุกกอง"),
    ("การติดตามผล", 22, "เช่น ทุกไตรมาส หรือ รอบ ๖ เดือน และ ๑๒ เดือน"),
    ("เป้าหมาย", 20, "สิ่งที่ใช้วัดความสำเร็จ เว้นว่างได้"),
)
WORD_ROWS, SHEET_ROWS = 12, 40
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _lines(organisation: str, fiscal_year: int) -> tuple[str, str]:
    return f"{TITLE} ประจำปีงบประมาณ พ.ศ. {thai_digits(fiscal_year)}", organisation


def as_word(organisation: str, fiscal_year: int, font: str) -> bytes:
    """The form as .docx: an empty table on a landscape page, what to write told in the page's header."""
    face = Face(font, BODY)
    small = face.but(size=TABLE)
    document = Document()
    set_styles(document, face)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(typeset.MARGIN)
    section.top_margin = section.bottom_margin = Mm(18)
    section.header_distance = section.footer_distance = Mm(9)
    # In the header, since what stands on the page would be read as part of the plan.
    hint = " · ".join(f"{heading}: {words}" for heading, _width, words in COLUMNS)
    quiet = face.but(size=11, colour=typeset.QUIET)
    fill(section.header._element, paragraph(run(hint, quiet), quiet, style="Header"))
    document.core_properties.title = _lines(organisation, fiscal_year)[0]
    document.core_properties.author = organisation[:255]
    widths = [width for _heading, width, _words in COLUMNS]
    bold = small.but(bold=True)
    heads = row(
        (
            cell(lines(heading, bold, "center"), width, fill=typeset.TINT, middle=True)
            for heading, width, _words in COLUMNS
        ),
        header=True,
    )
    blank = row((cell(lines("", small), width) for width in widths), together=False)
    title = "".join(
        paragraph(run(line, face.but(bold=True)), face, "center")
        for line in _lines(organisation, fiscal_year)
    )
    return saved(document, title + table(widths, [heads, *[blank] * WORD_ROWS], TITLE))


def as_sheet(organisation: str, fiscal_year: int, font: str) -> bytes:
    """The form as .xlsx: the same table, what to write told in the notes of the headings."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = f"แผน {fiscal_year}"
    across = get_column_letter(len(COLUMNS))
    for place, line in enumerate(_lines(organisation, fiscal_year), 1):
        page.merge_cells(f"A{place}:{across}{place}")
        top = page.cell(place, 1, line)
        top.font, top.alignment = Font(name=font, size=18, bold=True), Alignment(horizontal="center")
    first = 4
    edge = Side(style="thin", color=typeset.LINE)
    frame = Border(left=edge, right=edge, top=edge, bottom=edge)
    for place, (heading, width, words) in enumerate(COLUMNS, 1):
        head = page.cell(first, place, heading)
        head.font, head.fill = Font(name=font, size=16, bold=True), PatternFill("solid", fgColor=typeset.TINT)
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        head.comment = Comment(words, organisation)
        page.column_dimensions[get_column_letter(place)].width = width * 0.62
        for down in range(first, first + SHEET_ROWS + 1):
            cell_below = page.cell(down, place)
            cell_below.border = frame
            if down > first:
                cell_below.font = Font(name=font, size=16)
                cell_below.alignment = Alignment(vertical="top", wrap_text=True)
                cell_below.number_format = "@"
    page.freeze_panes = f"A{first + 1}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{first}:{first}"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Callable[[str, int, str], bytes]] = {"docx": as_word, "xlsx": as_sheet}
