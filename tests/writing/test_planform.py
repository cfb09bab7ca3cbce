"""Our own form, filled in with Word and Excel, is read back as what was written in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook

from tracker.reading import plan
from tracker.reading.values import ReadPlan
from tracker.rules.thai import thai_digits
from tracker.writing.planform import COLUMNS, WRITERS

ORGANISATION = "องค์การบริหารส่วนตำบลบ้านสมมุติ"
DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง")
ROWS = (
    (
        "1",
        "กระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
        "ผู้รับบริการยังไม่ทราบขั้นตอน",
        "1. จัดทำคู่มือการให้บริการ\n2. เผยแพร่คู่มือทางเว็บไซต์",
        "1. แต่งตั้งคณะทำงาน\n2. ยกร่างคู่มือ\n3. เสนอผู้บริหาร",
        "ต.ค. 2569 - มี.ค. 2570",
        "สำนักปลัด / กองช่าง",
        "ทุกไตรมาส",
        "1. คู่มือ 1 เล่ม",
    ),
    (
        "2",
        "การใช้งบประมาณ",
        "",
        "1. เปิดเผยแผนการใช้จ่ายงบประมาณ",
        "",
        "ไตรมาส 1 - 4",
        "ทุกกอง",
        "รอบ 6 เดือน และ 12 เดือน",
        "",
    ),
    ("3", "การป้องกันการทุจริต", "", "จัดอบรมจริยธรรม", "", "15 ม.ค. 2570 - 20 ก.พ. 2570", "กองคลัง", "", ""),
)


def filled(ending: str, rows: Sequence[Sequence[str]] = ROWS) -> bytes:
    """The form with these rows written into it as a person would."""
    data, stream = WRITERS[ending](ORGANISATION, 2570, "TH SarabunPSK"), BytesIO()
    if ending == "docx":
        document = Document(BytesIO(data))
        for line, texts in zip(document.tables[0].rows[1:], rows, strict=False):
            for cell, text in zip(line.cells, texts, strict=True):
                cell.text = text
        document.save(stream)
    else:
        book = load_workbook(BytesIO(data))
        page = book.worksheets[0]
        for down, texts in enumerate(rows, 5):
            for across, text in enumerate(texts, 1):
                page.cell(down, across).value = text or None
        book.save(stream)
    return stream.getvalue()


def read(ending: str, data: bytes) -> ReadPlan:
    return plan.read(data, f"แผน.{ending}", divisions=DIVISIONS)


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_the_form_filled_in_is_read_back_exactly(ending: str) -> None:
    found = read(ending, filled(ending))
    assert (found.kind, found.fiscal_year, found.organisation) == ("plan", 2570, ORGANISATION)
    assert [problem.code for problem in found.problems if problem.code != "missing_topics"] == []
    assert [row.problems for row in found.rows] == [(), (), ()]
    assert [(row.topic, row.indicator) for row in found.rows] == [(1, None), (None, 2), (None, 10)]
    assert [row.heading for row in found.rows] == [texts[1] for texts in ROWS]
    assert [row.analysis for row in found.rows] == ["ผู้รับบริการยังไม่ทราบขั้นตอน", None, None]
    assert [[measure.title for measure in row.measures] for row in found.rows] == [
        ["จัดทำคู่มือการให้บริการ", "เผยแพร่คู่มือทางเว็บไซต์"],
        ["เปิดเผยแผนการใช้จ่ายงบประมาณ"],
        ["จัดอบรมจริยธรรม"],
    ]
    assert found.rows[0].steps == ("แต่งตั้งคณะทำงาน", "ยกร่างคู่มือ", "เสนอผู้บริหาร")
    assert [row.targets for row in found.rows] == [("คู่มือ 1 เล่ม",), (), ()]
    assert [row.everyone for row in found.rows] == [False, True, False]
    assert [[one.division for one in row.responsible] for row in found.rows] == [
        ["สำนักปลัด", "กองช่าง"],
        [],
        ["กองคลัง"],
    ]
    assert [(row.window.start, row.window.end) for row in found.rows if row.window] == [
        (date(2026, 10, 1), date(2027, 3, 31)),
        (date(2026, 10, 1), date(2027, 9, 30)),
        (date(2027, 1, 15), date(2027, 2, 20)),
    ]
    assert [row.follow_up.kind if row.follow_up else None for row in found.rows] == [
        "quarterly",
        "six_twelve",
        None,
    ]


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_the_blank_form_is_a_plan_without_rows(ending: str) -> None:
    found = read(ending, WRITERS[ending](ORGANISATION, 2570, "TH SarabunPSK"))
    assert found.rows == ()
    assert [problem.code for problem in found.problems] == ["no_plan_table"]
    assert found.fiscal_year == 2570


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_what_to_write_is_told_without_being_read_as_the_plan(ending: str) -> None:
    said = [f"{part.heading} {part.text}" for part in read(ending, filled(ending)).analysis]
    assert not any(words in text for text in said for _heading, _width, words in COLUMNS)
    assert thai_digits(2570) in "".join(said)


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
def test_a_form_filled_in_to_its_last_row_loses_none(ending: str) -> None:
    rows = [
        (str(number), "", "", f"{number}. มาตรการที่ตั้งขึ้นเอง", "", "ต.ค. 2569", "กองคลัง", "", "")
        for number in range(1, 13)
    ]
    assert len(read(ending, filled(ending, rows)).rows) == 12
