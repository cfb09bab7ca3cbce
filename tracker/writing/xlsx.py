"""The Excel face of a document: a sheet of its words, then a sheet for each table; no text is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from datetime import UTC

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from tracker.rules.paper import Chart, Comparison, Grid, Letterhead, Paper, Photos, Printable, Prose
from tracker.writing import typeset
from tracker.writing.archive import repack

SIZE = 14
# An Excel column is as wide as so many digits; one takes about 1.6 mm at this size.
PER_MM = 0.62
LONGEST_NAME = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write(told: Printable, font: str = "TH SarabunPSK") -> bytes:
    """The document as .xlsx in the named font; the same value gives the same bytes."""
    paper = typeset.printable(told.paper())
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    _words(first, paper, font)
    names = {first.title}
    for block in paper.every_block:
        table = block.grid() if isinstance(block, Comparison) else block
        if isinstance(table, Grid):
            name = _sheet_name(table.heading, names)
            names.add(name)
            sheet = book.create_sheet(name)
            _table(sheet, table, paper, font)
            if isinstance(block, Comparison):
                said = _put(
                    sheet, sheet.max_row + 2, 1, block.sentence, Font(name=font, size=SIZE, bold=True)
                )
                said.alignment = Alignment()
    book.properties.creator = paper.organisation
    book.properties.title = paper.title
    moment = paper.frozen_at.astimezone(UTC)
    book.properties.created = moment.replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def dated(name: str, content: bytes) -> bytes:
        # openpyxl writes the moment of saving.
        return (
            _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content) if name == "docProps/core.xml" else content
        )

    return repack(written.getvalue(), dated)


def _sheet_name(heading: str, taken: Iterable[str]) -> str:
    plain = _NOT_IN_NAMES.sub(" ", heading).strip()[:LONGEST_NAME] or "ตาราง"
    name, number = plain, 2
    while name.casefold() in {one.casefold() for one in taken}:
        name = f"{plain[: LONGEST_NAME - 3]} {number}"
        number += 1
    return name


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = text
    # A text that begins with "=" would be taken for a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    cell.font = font
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _words(sheet: Worksheet, paper: Paper, font: str) -> None:
    """The head, the paragraphs, the chart's figures and the signatures, one below the other."""
    sheet.title = _sheet_name(paper.draft_mark or {"memo": "บันทึกข้อความ"}.get(paper.kind, "สรุป"), ())
    plain, bold = Font(name=font, size=SIZE), Font(name=font, size=SIZE, bold=True)
    row = 1

    def line(text: str, face: Font, *, centred: bool = False) -> None:
        nonlocal row
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        cell = _put(sheet, row, 1, text, face)
        if centred:
            cell.alignment = Alignment(horizontal="center", vertical="top", wrap_text=True)
        # A merged cell does not grow with its text.
        sheet.row_dimensions[row].height = 21 * (1 + len(text) // 110)
        row += 1

    line(paper.title, Font(name=font, size=18, bold=True), centred=True)
    for text in filter(None, (*paper.lines, paper.as_of, paper.draft_mark)):
        line(text, plain, centred=True)
    for block in paper.blocks:
        # Tables have sheets of their own, photographs have none.
        if isinstance(block, Grid | Photos | Comparison):
            continue
        row += 1
        if isinstance(block, Prose | Chart) and block.heading:
            line(block.heading, bold)
        if isinstance(block, Prose):
            for text in block.paragraphs:
                line(text, plain)
            continue
        pairs = (
            block.lines
            if isinstance(block, Letterhead)
            else tuple((bar.division, bar.label) for bar in block.bars)
        )
        for left, right in pairs:
            _put(sheet, row, 1, left, bold if isinstance(block, Letterhead) else plain)
            _put(sheet, row, 2, right, plain)
            row += 1
        if isinstance(block, Chart):
            line(block.sentence, bold)
    for signature in paper.signatures:
        row += 2
        for text in signature:
            _put(sheet, row, 2, text, plain).alignment = Alignment(horizontal="center")
            row += 1
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 42, 90
    _page(sheet)


def _table(sheet: Worksheet, grid: Grid, paper: Paper, font: str) -> None:
    shape = typeset.SHAPES[grid.name]
    edge = Side(style="thin", color=typeset.LINE)
    frame = Border(left=edge, right=edge, top=edge, bottom=edge)
    plain, bold = Font(name=font, size=SIZE), Font(name=font, size=SIZE, bold=True)
    head = _put(sheet, 1, 1, grid.heading, Font(name=font, size=16, bold=True))
    head.alignment = Alignment()
    if not grid.rows:
        _put(sheet, 2, 1, grid.empty, plain).alignment = Alignment()
        return
    for place, (name, width) in enumerate(zip(grid.columns, shape.widths, strict=True), 1):
        cell = _put(sheet, 2, place, name, bold)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.fill, cell.border = PatternFill("solid", fgColor=typeset.TINT), frame
        sheet.column_dimensions[get_column_letter(place)].width = width * PER_MM
    for down, texts in enumerate(grid.rows):
        for place, text in enumerate(texts):
            if place == shape.note and grid.notes and grid.notes[down]:
                text = f"{text}\n{grid.notes[down]}"
            cell = _put(sheet, down + 3, place + 1, text, bold if place in shape.bold else plain)
            cell.border = frame
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "2:2"
    footer = sheet.oddFooter
    assert footer is not None
    for part, text in ((footer.left, paper.organisation.replace("&", "&&")), (footer.right, "&P / &N")):
        assert part is not None
        # In headers and footers a single ampersand begins a code.
        part.text = text
    _page(sheet)


def _page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
