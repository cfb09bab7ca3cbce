"""Reading a plan of 27 rows in Word and of 1,000 rows in Excel against bare python-docx and bare openpyxl."""

from __future__ import annotations

import io

from docx import Document
from openpyxl import Workbook, load_workbook

from bench.floor import measure
from tracker.reading import plan
from tracker.reading.apart import read_apart

HEADINGS = ("ตัวชี้วัด", "มาตรการ/โครงการ/กิจกรรม", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
INDICATORS = ("การปฏิบัติหน้าที่", "การใช้งบประมาณ", "การใช้อำนาจ", "การป้องกันการทุจริต")
WINDOWS = ("ต.ค. ๖๘ - ก.ย. ๖๙", "ไตรมาสที่ ๑-๒ (ปีงบประมาณ พ.ศ. ๒๕๖๙)", "มี.ค. ๖๙")
DIVISIONS = ("สำนักปลัด/กองคลัง", "ทุกกอง", "กองช่าง")
REPEAT = 5


def rows(count: int) -> list[tuple[str, ...]]:
    """A table as offices write it, whose rows all differ."""
    return [HEADINGS, *(_row(number) for number in range(count))]


def _row(number: int) -> tuple[str, ...]:
    return (
        f"{number % 4 + 1}. {INDICATORS[number % 4]}",
        f"๑. จัดทำคู่มือการปฏิบัติงานเรื่องที่ {number} ๒. ซักซ้อมความเข้าใจแก่บุคลากรรุ่นที่ {number}",
        "๑. แต่งตั้งคณะทำงานและกำหนดแนวทาง ๒. จัดทำร่างและเสนอผู้บริหาร ๓. เผยแพร่ทางเว็บไซต์และสื่อสังคมออนไลน์",
        WINDOWS[number % 3],
        DIVISIONS[number % 3],
        "รายงานผลการดำเนินงานรอบ ๖ เดือน และรอบ ๑๒ เดือน",
    )


def word(count: int) -> bytes:
    document = Document()
    table = document.add_table(0, len(HEADINGS))
    for told in rows(count):
        for cell, text in zip(table.add_row().cells, told, strict=True):
            cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def excel(count: int) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet()
    for told in rows(count):
        page.append(told)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bare_docx(data: bytes) -> int:
    tables = Document(io.BytesIO(data)).tables
    return sum(len(cell.text) for table in tables for row in table.rows for cell in row.cells)


def bare_openpyxl(data: bytes) -> int:
    page = load_workbook(io.BytesIO(data), data_only=True).active
    assert page is not None
    return sum(len(str(value)) for row in page.iter_rows(values_only=True) for value in row)


def main() -> None:
    small, large = word(27), excel(1000)
    measure("plan of 27 rows, Word", lambda: plan.read(small, "a.docx"), lambda: bare_docx(small), REPEAT)
    measure(
        "the same in a process apart", lambda: read_apart(small, "a.docx"), lambda: bare_docx(small), REPEAT
    )
    measure(
        "plan of 1,000 rows, Excel", lambda: plan.read(large, "a.xlsx"), lambda: bare_openpyxl(large), REPEAT
    )


if __name__ == "__main__":
    main()
