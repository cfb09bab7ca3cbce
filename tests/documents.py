"""A small plan of our own wording, as text and as a Word document."""

from __future__ import annotations

from io import BytesIO

from docx import Document

LINES = ("มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. 2569", "องค์การบริหารส่วนตำบลตัวอย่าง")
COLUMNS = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
EVERYONE = (
    "1. การปฏิบัติหน้าที่",
    "จัดทำคู่มือการให้บริการ",
    "แต่งตั้งคณะทำงาน",
    "ต.ค. 2568 - ก.ย. 2569",
    "ทุกกอง",
    "ทุก 6 เดือน",
)
FINANCE = (
    "2. การใช้งบประมาณ",
    "เผยแพร่แผนการใช้จ่าย",
    "ประชุม",
    "ต.ค. 2568 - มี.ค. 2569",
    "กองคลัง",
    "ทุกไตรมาส",
)
NEW_DIVISION = "กองสาธารณสุข"
HEALTH = (
    "3. การใช้อำนาจ",
    "ซักซ้อมแนวทางมอบหมายงาน",
    "ประชุม",
    "ต.ค. 2568 - ก.ย. 2569",
    NEW_DIVISION,
    "",
)
ROWS = (EVERYONE, FINANCE, HEALTH)


def text(*rows: tuple[str, ...]) -> bytes:
    """The plan as lines with tabs between the cells."""
    return "\n".join([*LINES, *("\t".join(row) for row in (COLUMNS, *(rows or ROWS)))]).encode()


def word(*rows: tuple[str, ...]) -> bytes:
    """The plan as a Word document with one table."""
    document = Document()
    for line in LINES:
        document.add_paragraph(line)
    told = (COLUMNS, *(rows or ROWS))
    table = document.add_table(len(told), len(COLUMNS))
    for row, texts in zip(table.rows, told, strict=True):
        for cell, words in zip(row.cells, texts, strict=True):
            cell.text = words
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()
