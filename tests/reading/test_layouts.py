"""Layouts that offices use beside one big table with headings above."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from docx import Document as new_document
from openpyxl import Workbook

from tests.reading.conftest import OFFICIAL, saved
from tests.reading.remade import saved_book
from tracker.reading import plan
from tracker.reading.values import ReadPlan

TITLE = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
ROW = ("๑. การใช้อำนาจ", "๑. จัดทำคู่มือ", "๑. ร่าง ๒. แจก", "มี.ค. - เม.ย. ๖๙", "กองคลัง", "ทุกไตรมาส")
Make = Callable[..., bytes]


def titles(found: ReadPlan) -> list[list[str]]:
    return [[one.title for one in row.measures] for row in found.rows]


def codes(found: ReadPlan) -> set[str]:
    return {one.code for one in (*found.problems, *(one for row in found.rows for one in row.problems))}


def spans(found: ReadPlan) -> list[tuple[str, str] | None]:
    windows = [row.window for row in found.rows]
    return [(one.start.isoformat(), one.end.isoformat()) if one is not None else None for one in windows]


def test_forms_under_a_title_of_their_own(tsv: Make) -> None:
    def form(number: str, name: str, division: str) -> list[str | Sequence[str]]:
        return [
            f"มาตรการที่ {number} {name}",
            ("ขั้นตอนการดำเนินงาน", "๑. ร่าง ๒. แจก"),
            ("ระยะเวลา :", "ไตรมาส ๑ - ๔"),
            ("ผู้รับผิดชอบ", division),
            ("งบประมาณ", "๕,๐๐๐ บาท"),
        ]

    found = plan.read(
        tsv(TITLE, *form("๑", "จัดทำคู่มือ", "กองคลัง"), *form("๒", "รับฟังประชาชน", "ทุกกอง")), "a.txt"
    )
    assert titles(found) == [["จัดทำคู่มือ"], ["รับฟังประชาชน"]]
    assert [row.measures[0].number for row in found.rows] == [1, 2]
    assert [row.steps for row in found.rows] == [("ร่าง", "แจก")] * 2
    assert (found.rows[0].responsible[0].division, found.rows[1].everyone) == ("กองคลัง", True)
    assert "text_lost" in codes(found)


def test_forms_one_below_the_other_in_one_table(word: Make) -> None:
    rows = [("มาตรการ", "จัดทำคู่มือ"), ("วิธีการ", "ร่าง"), ("ระยะเวลา", "มี.ค. ๖๙"), ("ผู้รับผิดชอบ", "กองช่าง")]
    other = [("มาตรการ", "รับฟังประชาชน"), ("วิธีการ", "ตั้งกล่อง"), ("", "ทุกตลาด"), *rows[2:]]
    found = plan.read(word([*rows, *other], TITLE), "a.docx")
    assert titles(found) == [["จัดทำคู่มือ"], ["รับฟังประชาชน"]]
    assert found.rows[1].steps == ("ตั้งกล่อง ทุกตลาด",)


def test_forms_beside_each_other_and_pairs_in_a_row(word: Make) -> None:
    beside = [
        ("มาตรการ", "จัดทำคู่มือ", "รับฟังประชาชน", "ประชุม"),
        ("ขั้นตอน", "ร่าง", "ตั้งกล่อง", "เชิญ"),
        ("ระยะเวลา", "มี.ค. ๖๙", "เม.ย. ๖๙", "พ.ค. ๖๙"),
        ("ผู้รับผิดชอบ", "กองช่าง", "กองคลัง", "สำนักปลัด"),
    ]
    found = plan.read(word(beside, TITLE), "a.docx")
    assert titles(found) == [["จัดทำคู่มือ"], ["รับฟังประชาชน"], ["ประชุม"]]
    assert [row.responsible[0].division for row in found.rows] == ["กองช่าง", "กองคลัง", "สำนักปลัด"]
    pairs = [
        ("มาตรการ", "จัดทำคู่มือ", "ผู้รับผิดชอบ", "กองช่าง"),
        ("ขั้นตอน", "ร่าง", "ระยะเวลา", "มี.ค. ๖๙"),
        ("การติดตามผล", "ทุกเดือน", "เป้าหมาย", "๑ เล่ม"),
    ]
    row = plan.read(word(pairs, TITLE), "a.docx").rows[0]
    assert (row.measures[0].title, row.steps, row.targets) == ("จัดทำคู่มือ", ("ร่าง",), ("๑ เล่ม",))


@pytest.mark.parametrize(
    ("over", "months", "ticked", "expected"),
    [
        (
            ("พ.ศ. ๒๕๖๘", "", "", "พ.ศ. ๒๕๖๙", "", ""),
            ("ต.ค.", "พ.ย.", "ธ.ค.", "ม.ค.", "ก.พ.", "มี.ค."),
            (2, 3, 4),
            ("2025-12-01", "2026-02-28"),
        ),
        (
            ("ปีงบประมาณ พ.ศ. ๒๕๖๙", "", "", ""),
            ("ต.ค.", "พ.ย.", "ธ.ค.", "ม.ค."),
            (0, 1),
            ("2025-10-01", "2025-11-30"),
        ),
        (("ไตรมาส", "", "", ""), ("๑", "๒", "๓", "๔"), (1, 2, 3), ("2026-01-01", "2026-09-30")),
    ],
)
def test_marks_under_months_take_the_year_above_them(
    over: Sequence[str], months: Sequence[str], ticked: Sequence[int], expected: tuple[str, str], tsv: Make
) -> None:
    marks = ["✓" if place in ticked else "-" for place in range(len(months))]
    lines = (
        ("มาตรการ", "ขั้นตอน", *over, "ผู้รับผิดชอบ"),
        ("", "", *months, ""),
        ("จัดทำคู่มือ", "ร่าง", *marks, "กองคลัง"),
    )
    assert spans(plan.read(tsv(TITLE, *lines), "a.txt")) == [expected]


def test_marks_with_a_hole_are_told(tsv: Make) -> None:
    heads = ("มาตรการ", "ขั้นตอน", "ไตรมาส ๑", "ไตรมาส ๒", "ไตรมาส ๓", "ไตรมาส ๔", "ผู้รับผิดชอบ")
    found = plan.read(tsv(TITLE, heads, ("จัดทำคู่มือ", "ร่าง", "/", "", "/", "", "กองคลัง")), "a.txt")
    assert spans(found) == [("2025-10-01", "2026-06-30")]
    assert "window_gaps" in codes(found)


def test_an_arrow_across_merged_quarters_covers_them() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["มาตรการ", "ขั้นตอน", "ไตรมาส 1", "ไตรมาส 2", "ไตรมาส 3", "ไตรมาส 4", "ผู้รับผิดชอบ"])
    page.append(["จัดทำคู่มือ", "ร่าง", None, "<---->", None, None, "กองคลัง"])
    page.merge_cells("D2:F2")
    assert spans(plan.read(saved_book(book), "a.xlsx", 2569)) == [("2026-01-01", "2026-09-30")]


def test_a_paste_of_tab_text_is_read_like_a_page(tsv: Make) -> None:
    data = tsv(TITLE, OFFICIAL, ROW)
    assert plan.read(data, "paste.html").rows == plan.read(data, "paste.txt").rows != ()


def test_a_page_without_a_closed_head_is_read() -> None:
    cells = "".join(f"<td>{text}" for text in OFFICIAL)
    row = "".join(f"<td>{text}" for text in ROW)
    page = f"<html><head><title>x<body><p>{TITLE}<table><tr>{cells}<tr>{row}</table>"
    assert titles(plan.read(page.replace("<title>x", "").encode(), "a.htm")) == [["จัดทำคู่มือ"]]


def test_lists_of_a_page_are_numbered_as_the_browser_shows_them() -> None:
    steps = "<ol><li>ร่าง<ul><li>ฉบับแรก</li></ul></li><li><b>แจก</b></li></ol>"
    heads = "".join(f"<th>{text}</th>" for text in OFFICIAL)
    row = "".join(f"<td>{text}</td>" for text in (*ROW[:2], steps, *ROW[3:]))
    found = plan.read(f"<table><tr>{heads}</tr><tr>{row}</tr></table>".encode(), "paste.html", 2569)
    assert found.rows[0].steps == ("ร่าง - ฉบับแรก", "แจก")


def test_a_row_that_reads_like_headings_is_a_row(tsv: Make) -> None:
    row = (
        "มาตรการป้องกันการทุจริต",
        "กระบวนการดำเนินงาน",
        "ปีงบประมาณ ๒๕๖๙",
        "ทุกส่วนราชการ",
        "รายงานผลการดำเนินงานทุกไตรมาส",
    )
    found = plan.read(tsv(TITLE, OFFICIAL[1:], row, row), "a.txt")
    assert titles(found) == [["มาตรการป้องกันการทุจริต"]] * 2


def test_a_measure_alone_in_its_row_is_a_measure(tsv: Make) -> None:
    rows = (("๑. การใช้อำนาจ", *ROW[2:]), ("๒. ประสิทธิภาพการสื่อสาร", "", "", "", ""))
    found = plan.read(tsv(TITLE, OFFICIAL[1:], *rows), "a.txt")
    assert titles(found) == [["การใช้อำนาจ"], ["ประสิทธิภาพการสื่อสาร"]]
    assert {"window_missing", "responsible_missing"} <= codes(found)


def test_a_line_between_the_rows_does_not_end_the_table(tsv: Make) -> None:
    other = ("๒. การใช้งบประมาณ", "๑. ประชุม", *ROW[2:])
    found = plan.read(tsv(TITLE, OFFICIAL, ROW, "หมายเหตุ ปรับได้ตามสถานการณ์", other), "a.txt")
    assert [row.indicator for row in found.rows] == [3, 2]


def test_a_table_like_a_plan_that_was_not_read_is_told(tsv: Make) -> None:
    lines = ("ภาคผนวก", ("ก", "ข", "ค"), ("จัดทำคู่มือ", "ต.ค. ๖๘", "กองคลัง"))
    assert "rows_unread" in codes(plan.read(tsv(TITLE, OFFICIAL, ROW, *lines), "a.txt"))
    signed = ("", ("ลงชื่อ", "ผู้จัดทำ"), ("ตำแหน่ง", "นักวิเคราะห์"))
    assert "rows_unread" not in codes(plan.read(tsv(TITLE, OFFICIAL, ROW, "ขอรับรอง", *signed), "a.txt"))


def test_rows_below_broken_headings_are_read_by_the_next_ones(tsv: Make) -> None:
    broken = ("", "", *OFFICIAL[2:])
    other = ("๒. การใช้งบประมาณ", "๑. ประชุม", *ROW[2:])
    for between in ([], ["", "หน้า ๒", ""]):
        found = plan.read(tsv(TITLE, broken, ROW, *between, OFFICIAL, other), "a.txt")
        assert [row.indicator for row in found.rows] == [3, 2]


NUMBERED = ("ที่", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ")


def numbered(number: str, measure: str) -> tuple[str, ...]:
    return (number, measure, "ประชุม", "ไตรมาส ๑", "กองคลัง")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่\t\t\t\t", "ตัวชี้วัดที่ ๒ การใช้งบประมาณ\t\t\t\t"),
        ("การปฏิบัติหน้าที่\t\t\t\t", "๒. การใช้งบประมาณ\t\t\t\t"),
        ("\tตัวชี้วัดที่ ๑ การปฏิบัติหน้าที่\t\t\t", "\tตัวชี้วัดที่ ๒ การใช้งบประมาณ\t\t\t"),
        ("๑\tการปฏิบัติหน้าที่\t\t\t", "๒\tการใช้งบประมาณ\t\t\t"),
    ],
)
def test_a_line_that_names_an_indicator_heads_the_numbered_measures_below_it(
    tsv: Make, first: str, second: str
) -> None:
    rows = [first, numbered("๑", "ซักซ้อม"), numbered("๒", "อบรม"), second, numbered("๓", "เผยแพร่")]
    found = plan.read(tsv(TITLE, NUMBERED, *rows), "a.txt")
    assert titles(found) == [["ซักซ้อม"], ["อบรม"], ["เผยแพร่"]]
    assert [row.indicator for row in found.rows] == [1, 1, 2]


def test_numbers_with_two_parts_are_no_headings(tsv: Make) -> None:
    rows = ["๑\tการใช้งบประมาณ\t\t\t", numbered("๑.๑", "ซักซ้อม"), numbered("๑.๒", "อบรม")]
    found = plan.read(tsv(TITLE, NUMBERED, *rows), "a.txt")
    assert [row.heading for row in found.rows] == ["การใช้งบประมาณ"] * 2


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize(
    "quarters",
    [
        ("ต.ค.-ธ.ค. 68", "ม.ค.-มี.ค. 69", "เม.ย.-มิ.ย. 69", "ก.ค.-ก.ย. 69"),
        (
            "ไตรมาส 1 (ต.ค.-ธ.ค. 68)",
            "ไตรมาส 2 (ม.ค.-มี.ค. 69)",
            "ไตรมาส 3 (เม.ย.-มิ.ย. 69)",
            "ไตรมาส 4 (ก.ค.-ก.ย. 69)",
        ),
        (
            "ไตรมาสที่ ๑\n(ต.ค. - ธ.ค.)",
            "ไตรมาสที่ ๒\n(ม.ค. - มี.ค.)",
            "ไตรมาสที่ ๓\n(เม.ย. - มิ.ย.)",
            "ไตรมาสที่ ๔\n(ก.ค. - ก.ย.)",
        ),
    ],
)
def test_marks_under_quarters_that_are_headed_with_their_months(quarters: Sequence[str], split: bool) -> None:
    book = Workbook()
    sheet = book.create_sheet("แผน")
    sheet.append([TITLE])
    if split:
        sheet.append(["ประเด็น", "มาตรการ", "ระยะเวลาดำเนินการ", None, None, None, "ผู้รับผิดชอบ"])
        sheet.append([None, None, *quarters, None])
        sheet.merge_cells("C2:F2")
    else:
        sheet.append(["ประเด็น", "มาตรการ", *quarters, "ผู้รับผิดชอบ"])
    sheet.append(["การใช้อำนาจ", "ซักซ้อม", "X", None, None, None, "กองคลัง"])
    sheet.append(["การใช้งบประมาณ", "เผยแพร่", None, "✓", "✓", None, "กองช่าง"])
    found = plan.read(saved_book(book), "a.xlsx")
    assert titles(found) == [["ซักซ้อม"], ["เผยแพร่"]]
    assert spans(found) == [("2025-10-01", "2025-12-31"), ("2026-01-01", "2026-06-30")]


def test_a_division_in_brackets_behind_a_person_is_named_without_them(tsv: Make) -> None:
    row = ("การใช้อำนาจ", "ซักซ้อม", "ประชุม", "ไตรมาส ๑", "นายก้าวหน้า ตั้งใจ (สำนักปลัด)", "ทุกเดือน")
    found = plan.read(tsv(TITLE, OFFICIAL, row), "a.txt")
    assert [one.text for one in found.rows[0].responsible] == ["นายก้าวหน้า ตั้งใจ", "สำนักปลัด"]


def test_the_lines_of_a_frame_around_the_plan_are_read_too() -> None:
    made = new_document()
    frame = made.add_table(1, 1).cell(0, 0)
    frame.paragraphs[0].text = TITLE
    table = frame.add_table(2, len(OFFICIAL))
    for line, texts in zip(table.rows, (OFFICIAL, ROW), strict=True):
        for cell, text in zip(line.cells, texts, strict=True):
            cell.text = text
    frame.add_paragraph("คะแนนภาพรวม ๙๒.๐๐ คะแนน")
    found = plan.read(saved(made), "a.docx")
    assert titles(found) == [["จัดทำคู่มือ"]]
    assert (found.fiscal_year, found.scores.total) == (2569, 92.0)
