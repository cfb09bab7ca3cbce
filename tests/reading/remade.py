"""The real documents written again as Word, Excel and web pages, the way offices lay such tables out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from docx import Document as new_document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.reading.conftest import saved
from tracker.rules import thai

WINDOWS = ("ช่วงระยะเวลา", "ระยะเวลา")
LISTED = ("มาตรการ/โครงการ", "ขั้นตอน", "วิธีการ", "ผลการดำเนินงาน")
# Headings as another page words them; between their words stands a line break.
REWORDED = {
    "มาตรการ/แนวทาง": "มาตรการ /\nแนวทาง",
    "มาตรการ/โครงการ/กิจกรรม": "มาตรการ\n/กิจกรรม",
    "ขั้นตอน/วิธีการปฏิบัติ": "วิธีการ/\nขั้นตอนการดำเนินการ",
    "วิธีการดำเนินการ": "ขั้นตอน\nการดำเนินการ",
    "ผู้รับผิดชอบ": "ผู้รับ\nผิดชอบ",
    "ผู้รับผิดชอบ/ผู้ที่เกี่ยวข้อง": "ผู้ที่รับผิดชอบ/\nผู้เกี่ยวข้อง",
    "ระยะเวลา": "ช่วง\nระยะเวลา",
    "ระยะเวลาดำเนินการ": "ระยะ\nเวลา",
    "หัวข้อ": "ประเด็น",
    "การติดตามผล": "การกำกับ\nติดตามผล",
}
_MARK = re.compile(r"(?<!\S)(?:(?P<n>[0-9๐-๙]{1,2})(?P<dot>\.\s*|\s(?=\D))|-\s(?=[ก-๙]))")


@dataclass
class Sheet:
    """A table of texts whose paragraphs are lines; `page` rows repeat the headings."""

    rows: list[list[str]]
    headings: set[int] = field(default_factory=set)

    @property
    def is_plan(self) -> bool:
        return any("มาตรการ" in cell for cell in self.rows[0]) and len(self.rows[0]) >= 5

    @property
    def width(self) -> int:
        return max(map(len, self.rows))

    def window(self) -> int:
        """The place of the column of windows."""
        return next(place for place, cell in enumerate(self.rows[0]) if cell.startswith(WINDOWS))

    def columns(self, *words: str) -> list[int]:
        return [place for place, cell in enumerate(self.rows[0]) if any(word in cell for word in words)]

    def data(self) -> list[int]:
        return [place for place in range(1, len(self.rows)) if place not in self.headings]


def blocks(text: str) -> list[str | Sheet]:
    """Lines and tables of a flattened text; tables that a page break parts are one again."""
    found: list[str | Sheet] = []
    blank = False
    for line in text.split("\n"):
        if re.fullmatch(r"[\s\-]*-{2,}[\s\-]*", line):
            continue
        if "\t" not in line:
            blank = blank or not line.strip()
            if _plain(line):
                found.append(_plain(line))
                blank = False
            continue
        row = [_plain(cell) for cell in line.split("\t")]
        last = found[-1] if found else None
        if isinstance(last, Sheet) and (not blank or _same(row, last.rows[0])):
            if _same(row, last.rows[0]):
                last.headings.add(len(last.rows))
            last.rows.append(row)
        else:
            found.append(Sheet([row]))
        blank = False
    return found


def _plain(text: str) -> str:
    text = re.sub(r"</p>|</li>|<br\s*/?>", "\n", text)
    text = re.sub(r"</?[a-z][^>]*>", "", text)
    text = re.sub(r"\\([*_#-])", r"\1", text).replace("**", "")
    lines = (re.sub(r"^#{1,6}\s", "", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _same(row: Sequence[str], other: Sequence[str]) -> bool:
    return [thai.letters(cell) for cell in row] == [thai.letters(cell) for cell in other]


def items(text: str) -> tuple[list[tuple[int | None, str]], str]:
    """The numbered or dashed items of a cell and what stands before them; no items where it has none."""
    flat = " ".join(text.split("\n"))
    found: list[tuple[int | None, int, int]] = []
    for mark in _MARK.finditer(flat):
        number = int(thai.arabic_digits(mark["n"])) if mark["n"] else None
        begins = not found or (number is None) == (found[0][0] is None)
        follows = not found or number is None or number == (found[-1][0] or 0) + 1
        if begins and follows and (found or not mark.start() or number is None):
            found.append((number, mark.start(), mark.end()))
    if not found:
        return [], flat
    ends = [begin for _, begin, _ in found[1:]] + [len(flat)]
    listed = [(number, flat[start:end].strip()) for (number, _, start), end in zip(found, ends, strict=True)]
    return listed, flat[: found[0][1]].strip()


# Word


def word(document: list[str | Sheet], *, numbered: bool = False, merged: bool = False) -> bytes:
    """A Word document: pages that repeat reworded headings, or one long table with merged cells."""
    made = new_document()
    made.sections[0].header.paragraphs[0].text = "เอกสารหน้าที่ของเทศบาลตำบลหัวกระดาษ พ.ศ. 2550"
    lists = _Lists(made)
    for block in document:
        if isinstance(block, str):
            for line in block.split("\n"):
                made.add_paragraph(line)
            continue
        sheet = _one_long(block) if merged else _reworded(block)
        table = made.add_table(len(sheet.rows), sheet.width)
        own: dict[int, int] = {}
        for place, row in enumerate(sheet.rows):
            for column, text in enumerate(row):
                cell = table.cell(place, column)
                data = numbered and sheet.is_plan and place and place not in sheet.headings
                if data and column == 0:
                    lists.heading(cell, text, own)
                elif data and column in sheet.columns(*LISTED):
                    lists.fill(cell, text)
                else:
                    _fill(cell, text)
        if merged:
            for top, left, bottom, right in _areas(sheet):
                first = table.cell(top, left)
                kept = first.text
                area = first.merge(table.cell(bottom, right))
                _fill(area, kept)
            table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    return saved(made)


def _fill(cell: WordCell, text: str) -> list[WordParagraph]:
    lines = text.split("\n")
    for extra in cell.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    cell.paragraphs[0].text = lines[0]
    return [cell.paragraphs[0], *(cell.add_paragraph(line) for line in lines[1:])]


class _Lists:
    """Word's automatic numbering: each list counts by itself, its digits stand nowhere in the text."""

    def __init__(self, document: Any) -> None:
        self._part = document.part.numbering_part.element
        self._next = 500

    def _new(self, number_format: str, text: str, start: int) -> int:
        self._next += 1
        self._part.insert(
            0,
            parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{self._next}">'
                f'<w:lvl w:ilvl="0"><w:start w:val="{start}"/>'
                f'<w:numFmt w:val="{number_format}"/><w:lvlText w:val="{text}"/></w:lvl></w:abstractNum>'
            ),
        )
        self._part.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{self._next}"><w:abstractNumId w:val="{self._next}"/></w:num>'
            )
        )
        return self._next

    def _mark(self, paragraph: WordParagraph, number: int) -> None:
        marks = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(marks))

    def fill(self, cell: WordCell, text: str) -> None:
        """The items of a cell as an automatic list of its own."""
        listed, before = items(text)
        if not listed:
            _fill(cell, text)
            return
        thai_digits = re.search("[๐-๙][.]", text) is not None
        style = "bullet" if listed[0][0] is None else "thaiNumbers" if thai_digits else "decimal"
        number = self._new(style, "•" if style == "bullet" else "%1.", listed[0][0] or 1)
        paragraphs = _fill(cell, "\n".join([*([before] if before else []), *(one for _, one in listed)]))
        for paragraph in paragraphs[bool(before) :]:
            self._mark(paragraph, number)

    def heading(self, cell: WordCell, text: str, own: dict[int, int]) -> None:
        """The headings down the table as one list."""
        listed, _ = items(re.sub(r"^([0-9๐-๙]{1,2})\s?\.?\s*", r"\1. ", text))
        if not listed or listed[0][0] is None:
            _fill(cell, text)
            return
        if 0 not in own:
            own[0] = self._new("thaiNumbers", "%1.", listed[0][0])
        self._mark(_fill(cell, listed[0][1])[0], own[0])


def _reworded(sheet: Sheet) -> Sheet:
    """The table with headings of other words and line breaks on every page but the first."""
    rows = [list(row) for row in sheet.rows]
    if sheet.is_plan:
        for place in sheet.headings:
            rows[place] = [_other_words(cell) for cell in rows[place]]
    return Sheet(rows, sheet.headings)


def _other_words(heading: str) -> str:
    return REWORDED.get(heading.replace(" ", ""), heading.replace(" ", "\n"))


def _one_long(sheet: Sheet) -> Sheet:
    """The table as it was before pages cut it."""
    if not sheet.is_plan:
        return sheet
    rows = [row for place, row in enumerate(sheet.rows) if place not in sheet.headings]
    return Sheet([["" if cell == "(ต่อ)" else cell for cell in row] for row in rows])


def _areas(sheet: Sheet) -> Iterator[tuple[int, int, int, int]]:
    """Cells that an office merges: equal ones down, empty ones under their heading, lone ones across."""
    across = {
        place
        for place, row in enumerate(sheet.rows)
        if not sheet.is_plan and row[0] and not any(row[1:]) and len(row) > 1
    }
    for place in across:
        yield place, 0, place, sheet.width - 1
    places = [place for place in range(1, len(sheet.rows)) if place not in across]
    for column in range(sheet.width if sheet.is_plan else 1):
        down = sheet.is_plan and column in sheet.columns(*WINDOWS, "ผู้รับผิดชอบ")
        for run in _runs(sheet, places, column, down):
            if len(run) > 1:
                yield run[0], column, run[-1], column


def _runs(sheet: Sheet, places: list[int], column: int, equal: bool) -> Iterator[list[int]]:
    """Rows next to each other of which all but the first are empty in a column, or say the same."""
    run: list[int] = []
    for place in places:
        text = sheet.rows[place][column] if column < len(sheet.rows[place]) else ""
        above = sheet.rows[run[0]][column] if run else None
        joins = not text if column == 0 else equal and text in ("", above)
        if run and place == run[-1] + 1 and joins and above:
            run.append(place)
            continue
        yield run
        run = [place]
    yield run


# Excel


def workbook(
    document: list[str | Sheet], fill: Callable[[Worksheet, int, Sheet], int], *, sheets: bool = True
) -> bytes:
    """A workbook with a sheet for each table or one for all; `fill` writes the plan's table from a row on."""
    book = Workbook()
    page: Any = book.active
    row = 1
    for block in document:
        if isinstance(block, str):
            page.cell(row, 1, block)
            page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=8)
            row += 1
            continue
        row = fill(page, row, block) if block.is_plan else _lay(page, row, block.rows)
        if sheets:
            page, row = book.create_sheet(), 1
        else:
            row += 1
    return saved_book(book)


def saved_book(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _lay(page: Any, top: int, rows: Sequence[Sequence[object]]) -> int:
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            number = isinstance(value, str) and re.fullmatch(r"\d{1,3}(\.\d+)?", thai.arabic_digits(value))
            page.cell(top + place, column + 1, float(thai.arabic_digits(value)) if number else value or None)
    return top + len(rows)


def merged_down(page: Any, top: int, sheet: Sheet) -> int:
    """The plan in one table with merged cells."""
    long = _one_long(sheet)
    after = _lay(page, top, [[cell if isinstance(cell, str) else "" for cell in row] for row in long.rows])
    for first, left, bottom, right in _areas(long):
        page.merge_cells(
            start_row=top + first, start_column=left + 1, end_row=top + bottom, end_column=right + 1
        )
    return after


def with_dates(expected: dict[str, Any]) -> Callable[[Any, int, Sheet], int]:
    """Writes windows as real dates under "เริ่มต้น" and "สิ้นสุด"."""

    def fill(page: Any, top: int, sheet: Sheet) -> int:
        def cells(window: dict[str, Any]) -> list[object]:
            return [date.fromisoformat(window["start"]), date.fromisoformat(window["end"])]

        return _with_windows(page, top, sheet, expected, ["วันเริ่มต้น", "วันสิ้นสุด"], cells)

    return fill


def with_ticks(
    expected: dict[str, Any], sign: str, *, months: bool = False
) -> Callable[[Any, int, Sheet], int]:
    """Marks windows in four columns of quarters or twelve of months."""
    numbers = [10, 11, 12, *range(1, 10)]
    heads = [thai.SHORT_MONTHS[number - 1] for number in numbers]
    quarters = [f"ไตรมาส {number}" for number in range(1, 5)]

    def fill(page: Any, top: int, sheet: Sheet) -> int:
        def cells(window: dict[str, Any]) -> list[object]:
            if not months:
                return [
                    sign if any(one.endswith(f"Q{n}") for one in window["quarters"]) else ""
                    for n in (1, 2, 3, 4)
                ]
            first, last = (numbers.index(int(window[key][5:7])) for key in ("start", "end"))
            return [sign if first <= place <= last else "" for place in range(12)]

        return _with_windows(page, top, sheet, expected, heads if months else quarters, cells)

    return fill


def _with_windows(
    page: Any,
    top: int,
    sheet: Sheet,
    expected: dict[str, Any],
    heads: list[str],
    cells: Callable[[dict[str, Any]], list[object]],
) -> int:
    """The plan's table with its column of windows split into several under one merged heading."""
    long, place = _one_long(sheet), sheet.window()
    head, *data = long.rows
    year = expected["fiscal_year"]
    over = [f"{head[place]} ปีงบประมาณ พ.ศ. {year}", *[""] * (len(heads) - 1)]
    rows: list[list[object]] = [
        [*head[:place], *over, *head[place + 1 :]],
        [*[""] * place, *heads, *[""] * (len(head) - place - 1)],
    ]
    known = iter(expected["rows"])
    for row in data:
        own = cells(next(known)["window"]) if row[place] and row[0] else [""] * len(heads)
        rows.append([*row[:place], *own, *row[place + 1 :]])
    after = _lay(page, top, rows)
    page.merge_cells(start_row=top, end_row=top, start_column=place + 1, end_column=place + len(heads))
    for column in range(1, len(rows[0]) + 1):
        if not place < column <= place + len(heads):
            page.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
    return after


# Web pages


def page(document: list[str | Sheet], *, lists: bool = False) -> bytes:
    """A web page with rowspan and colspan; `lists` writes items as <ol> and <ul>."""
    written = []
    for block in document:
        if isinstance(block, str):
            written.append("".join(f"<p>{escape(line)}</p>" for line in block.split("\n")))
            continue
        sheet = _one_long(block)
        spans = {(top, left): (down - top + 1, right - left + 1) for top, left, down, right in _areas(sheet)}
        hidden = {
            (row, column)
            for top, left, down, right in _areas(sheet)
            for row in range(top, down + 1)
            for column in range(left, right + 1)
            if (row, column) != (top, left)
        }
        rows = []
        for place, row in enumerate(sheet.rows):
            cells = []
            for column, text in enumerate(row):
                if (place, column) in hidden:
                    continue
                down, across = spans.get((place, column), (1, 1))
                inside = lists and sheet.is_plan and place > 0 and column in sheet.columns(*LISTED)
                told = _listed(text) if inside else _broken(text)
                cells.append(f'<td rowspan="{down}" colspan={across} style="border:1px solid">{told}</td>')
            rows.append(f"<tr>{''.join(cells)}</tr>")
        written.append(f"<table><tbody>{''.join(rows)}</tbody></table>")
    return ("<html><head><meta charset=utf-8><style>p {}</style></head><body>" + "".join(written)).encode()


def _broken(text: str) -> str:
    return "<br>\n".join(escape(line) for line in text.split("\n"))


def _listed(text: str) -> str:
    listed, before = items(text)
    if not listed:
        return _broken(text)
    tag = "ul" if listed[0][0] is None else f'ol start="{listed[0][0]}"'
    told = "".join(f"<li><p>{escape(one)}</p></li>" for _, one in listed)
    return f"{escape(before)}<{tag}>{told}</{tag[:2]}>"


# The rest


def comma_separated(document: list[str | Sheet], encoding: str) -> bytes:
    """A spreadsheet saved as text; what the old Thai code page lacks becomes a question mark."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    for block in document:
        writer.writerows([[block]] if isinstance(block, str) else block.rows)
    return stream.getvalue().encode(encoding, "replace")


def forms(document: list[str | Sheet]) -> bytes:
    """A Word document with a small table of labels and values for each row of the plan."""
    made = new_document()
    for block in document:
        if isinstance(block, str):
            made.add_paragraph(block)
            continue
        if not block.is_plan:
            _table(made, block.rows)
            continue
        for row in _joined(_one_long(block).rows[1:]):
            _table(made, [[f"{label} :", text] for label, text in zip(block.rows[0], row, strict=True)])
            made.add_paragraph("")
    return saved(made)


def _table(document: Any, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows), max(map(len, rows)))
    for place, row in enumerate(rows):
        for column, text in enumerate(row):
            _fill(table.cell(place, column), text)


def _joined(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows whose continuations, which have no first cell, are part of them."""
    joined: list[list[str]] = []
    for row in rows:
        if row[0]:
            joined.append(list(row))
            continue
        for column, text in enumerate(row):
            if text and text not in joined[-1][column]:
                joined[-1][column] += f"\n{text}"
    return joined


def in_text_boxes(document: list[str | Sheet]) -> bytes:
    """A Word document of which every line and table stands in a text box, written twice as Word does."""
    made = new_document()
    inner = new_document()
    for block in document:
        if isinstance(block, str):
            inner.add_paragraph(block)
        else:
            _table(inner, block.rows)
            inner.add_paragraph("")
        content = "".join(
            etree.tostring(element, encoding="unicode")
            for element in inner.element.body
            if "sectPr" not in element.tag
        )
        box = f"<w:txbxContent>{content}</w:txbxContent>"
        made.add_paragraph()._p.append(
            parse_xml(
                f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
                ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
                ' xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
                f"<wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox>"
                "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            )
        )
        for element in list(inner.element.body):
            if "sectPr" not in element.tag:
                inner.element.body.remove(element)
    return saved(made)
