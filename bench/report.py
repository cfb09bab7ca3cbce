"""The annual report of 1,000 rows as PDF and Word against bare typst and bare python-docx."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import UTC, date, datetime

from docx import Document

from bench.floor import measure
from tracker.rules.annual import compose
from tracker.rules.cells import Score, Text
from tracker.rules.fiscal import Quarter
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Item, ReportInputs, Tally
from tracker.writing import docx, pdf

ROWS = 1000
REPEAT = 3
DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน")

BARE_TYPST = """
import sys, typst
from importlib.util import find_spec
from pathlib import Path
fonts = Path(find_spec("fontpkg_sarabun").origin).parent / "files"
source = b'''
#set page(paper: "a4", flipped: true, margin: 20mm)
#set text(font: "Sarabun", size: 9.5pt, lang: "th", features: (mark: 0, mkmk: 0))
#for rows in json(bytes(sys.inputs.tables)) { table(columns: rows.first().len(), ..rows.flatten()) }
'''
sys.stdout.buffer.write(typst.compile(source, font_paths=[str(fonts)], ignore_system_fonts=True,
    sys_inputs={"tables": sys.stdin.buffer.read().decode()}))
"""


def sample(rows: int) -> AnnualReport:
    """A report whose rows all differ, as an organisation of five divisions would write it."""
    return compose(
        ReportInputs(
            organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
            kind="sao",
            district="เมือง",
            province="ตัวอย่าง",
            fiscal_year=2569,
            assessment_year=2568,
            items=tuple(_item(number) for number in range(rows)),
            tallies=tuple(Tally(division, 700, rows) for division in DIVISIONS),
            unfinished=(),
            evidence=(),
            signed=None,
            thai_digits=True,
            draft=False,
            frozen_at=datetime(2026, 11, 4, tzinfo=UTC),
        )
    )


def _item(number: int) -> Item:
    quarter = Quarter(2569, 4)
    texts = [f"ดำเนินการครั้งที่ {number} ครบถ้วนตามขั้นตอนที่กำหนดและเผยแพร่ทางเว็บไซต์แล้ว", f"จัดทำคู่มือ {number} เล่ม"]
    return Item(
        heading=f"กระบวนการปฏิบัติงานเรื่องที่ {number}",
        topic=number % 7 + 1,
        indicator=None,
        measures=((1, f"จัดทำคู่มือการปฏิบัติงานฉบับที่ {number}"), (2, f"ประชุมชี้แจงครั้งที่ {number}")),
        steps=("แต่งตั้งคณะทำงาน", f"จัดประชุมเพื่อกำหนดแนวทางเรื่องที่ {number}", "ติดตามและรายงานผล"),
        divisions=DIVISIONS,
        everyone=True,
        window="ต.ค. 68 - ก.ย. 69",
        starts_on=date(2025, 10, 1),
        ends_on=date(2026, 9, 30),
        texts=tuple(
            Text(division, quarter, "approved", texts[place % 2], "ไม่มี", f"ควรอบรมซ้ำในเรื่องที่ {number}")
            for place, division in enumerate(DIVISIONS)
        ),
        scores=(Score("ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่", 2568, 90 + number % 7, 2569, 93),),
    )


def tables(report: AnnualReport) -> list[list[list[str]]]:
    """The same cells for the floors: results, then problems."""
    results = [list(report.results.columns), *(list(row.cells) for row in report.results.rows)]
    return [results, [list(report.problems.columns), *map(list, report.problems.rows)]]


def bare_typst(report: AnnualReport) -> bytes:
    told = json.dumps(tables(report), ensure_ascii=False).encode()
    return subprocess.run(
        [sys.executable, "-c", BARE_TYPST], input=told, capture_output=True, check=True
    ).stdout


def bare_docx(report: AnnualReport) -> bytes:
    document = Document()
    for rows in tables(report):
        table = document.add_table(0, len(rows[0]))
        for told in rows:
            for cell, text in zip(table.add_row().cells, told, strict=True):
                cell.text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def main() -> None:
    report = sample(ROWS)
    measure(f"report of {ROWS} rows, PDF", lambda: pdf.write(report), lambda: bare_typst(report), REPEAT)
    measure(f"report of {ROWS} rows, Word", lambda: docx.write(report), lambda: bare_docx(report), REPEAT)


if __name__ == "__main__":
    main()
