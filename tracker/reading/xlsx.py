"""An Excel workbook as paragraphs and tables, sheet by sheet, hidden sheets left out."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tracker.errors import Unreadable
from tracker.reading import names
from tracker.reading.container import Container, parse_xml
from tracker.reading.csv import sheet
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.rules import thai
from tracker.rules.windows import PLAUSIBLE_YEARS

MOST_ROWS = 20_000
MOST_COLUMNS = 200


def read(container: Container) -> Document:
    """The visible sheets in order; raises Unreadable for a damaged or enormous workbook."""
    with zipfile.ZipFile(io.BytesIO(container.data)) as archive:
        inner = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    for name in inner:
        parse_xml(container.part(name) or b"")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of every extension it leaves out
            book = load_workbook(io.BytesIO(container.data), data_only=True, keep_links=False)
    except (
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OSError,
        zipfile.BadZipFile,
    ) as error:
        raise Unreadable("ไฟล์ Excel เสียหาย อ่านไม่ได้ กรุณาบันทึกใหม่แล้วลองอีกครั้ง") from error
    blocks: list[Paragraph | Table] = []
    for page in book.worksheets:
        if page.sheet_state == "visible":
            blocks += _headed(page.title, sheet(_rows(page)).blocks)
    return Document(tuple(blocks))


def _headed(title: str, blocks: Sequence[Paragraph | Table]) -> list[Paragraph | Table]:
    """The blocks of a sheet; its name stands above its table where it, and no line, names a topic or indicator."""
    place = next((place for place, block in enumerate(blocks) if isinstance(block, Table)), 0)
    lines = [block.text for block in blocks[:place] if isinstance(block, Paragraph)]
    if not _names_a_subject(title) or any(_names_a_subject(line) for line in lines):
        return list(blocks)
    return [*blocks[:place], Paragraph(title), *blocks[place:]]


def _names_a_subject(text: str) -> bool:
    return names.topic_of(text) is not None or names.indicator_of(text) is not None


def _rows(page: Worksheet) -> Iterator[tuple[Cell, ...]]:
    if (page.max_row or 0) > MOST_ROWS or (page.max_column or 0) > MOST_COLUMNS:
        raise Unreadable("แผ่นงาน “%(title)s” ใหญ่ผิดปกติ กรุณาลบแถวหรือคอลัมน์ที่ไม่ใช้", title=page.title)
    above: set[tuple[int, int]] = set()
    left: set[tuple[int, int]] = set()
    for area in page.merged_cells.ranges:
        for row in range(area.min_row, min(area.max_row, MOST_ROWS) + 1):
            for column in range(area.min_col, min(area.max_col, MOST_COLUMNS) + 1):
                if row > area.min_row:
                    above.add((row, column))
                if column > area.min_col:
                    left.add((row, column))
    for number, row_values in enumerate(page.iter_rows(values_only=True), 1):
        yield tuple(
            Cell(_text(value), (number, place) in above, (number, place) in left)
            for place, value in enumerate(row_values, 1)
        )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        if value.year in PLAUSIBLE_YEARS:
            # Who types 5/1/2569 into a cell gets a day five centuries ahead: the Buddhist year was meant.
            return f"{value.day} {thai.SHORT_MONTHS[value.month - 1]} {value.year}"
        return thai.short_date(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "\n".join(line.strip() for line in str(value).splitlines() if line.strip())
