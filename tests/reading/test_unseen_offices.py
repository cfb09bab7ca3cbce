"""Plans in the styles of offices that nobody tuned for: nothing guessed, nothing lost, nothing shouted falsely."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Sequence

import pytest
from openpyxl import Workbook

from tests.reading.conftest import OFFICIAL
from tracker.reading import cells, plan
from tracker.reading.values import ReadPlan
from tracker.rules import follow_ups, windows
from tracker.rules.windows import Unclear, Window

Make = Callable[..., bytes]
TITLE = "แผนมาตรการส่งเสริมคุณธรรมและความโปร่งใส เทศบาลตำบลตัวอย่าง ประจำปีงบประมาณ พ.ศ. ๒๕๖๙"
FIVE = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ")


def read(data: bytes, name: str = "แผน.txt") -> ReadPlan:
    return plan.read(data, name)


def row(
    heading: str = "การใช้อำนาจ",
    measure: str = "ซักซ้อมการมอบหมาย",
    window: str = "ไตรมาส ๑",
    who: str = "สำนักปลัด",
    follow_up: str = "ทุกไตรมาส",
) -> tuple[str, ...]:
    return (heading, measure, "ประชุม", window, who, follow_up)


def codes(found: ReadPlan) -> set[str]:
    return {one.code for one in (*found.problems, *(one for each in found.rows for one in each.problems))}


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title)
        for values in rows:
            page.append(list(values))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_year_at_the_end_of_a_line_does_not_run_into_the_number_of_the_next(tsv: Make) -> None:
    found = read(
        tsv(TITLE, "1. การใช้อำนาจ", OFFICIAL[1:], row()[1:], "2. การใช้งบประมาณ", OFFICIAL[1:], row()[1:])
    )
    assert found.fiscal_year == 2569
    assert [one.indicator for one in found.rows] == [3, 2]


def test_the_years_of_a_plan_of_five_years_do_not_say_which_one_it_is(tsv: Make) -> None:
    found = read(tsv("แผนปฏิบัติการส่งเสริมคุณธรรม มาตรการ ปี ๒๕๖๖ - ๒๕๗๐", OFFICIAL, row()))
    assert found.fiscal_year is None
    assert "year_missing" in codes(found)
    assert found.rows[0].window is None


@pytest.mark.parametrize("year", [2026, 2569])
def test_a_date_cell_means_the_same_day_in_both_eras(year: int) -> None:
    heads = ("ที่", "มาตรการ", "วิธีการ", "วันเริ่ม", "วันสิ้นสุด", "ผู้รับผิดชอบ")
    day = datetime.date(year, 1, 5)
    found = read(workbook(("แผน", [(TITLE,), heads, (1, "อบรม", "เชิญ", day, day, "กองช่าง")])), "แผน.xlsx")
    [one] = found.rows
    assert one.window is not None
    assert (one.window.start, one.window.end) == (datetime.date(2026, 1, 5), datetime.date(2026, 1, 5))


def test_the_name_of_a_sheet_tells_the_topic_of_its_rows_also_where_excel_cut_it() -> None:
    heads = ("ที่", "มาตรการ", "วิธีการ", "ระยะเวลา", "ผู้รับผิดชอบ")
    rows = [(TITLE,), (), heads, (1, "อบรม", "เชิญ", "ไตรมาส 1", "กองช่าง")]
    found = read(
        workbook(("ประเด็นที่ 1", rows), ("ประเด็นที่ 2 การให้บริการและระบบ E-Service"[:31], rows)), "แผน.xlsx"
    )
    assert [one.topic for one in found.rows] == [1, 2]


def test_a_line_above_the_headings_of_its_table_heads_the_rows(tsv: Make) -> None:
    across = ("ประเด็นที่ 4 กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ", "", "", "")
    found = read(tsv(TITLE, across, OFFICIAL[1:5], row()[1:5]))
    assert [one.topic for one in found.rows] == [4]


def test_a_heading_cut_in_two_is_one_heading_and_no_shifted_row(word: Make) -> None:
    cut = ("การทุจริต", "", "", "", "", "")
    found = read(word([OFFICIAL, row("การแก้ไขปัญหา"), cut, row()], TITLE), "แผน.docx")
    assert [one.indicator for one in found.rows] == [5, 3]
    assert codes(found) == set()


def test_a_measure_cut_in_two_below_a_full_row_is_no_shifted_row(tsv: Make) -> None:
    found = read(tsv(TITLE, OFFICIAL[1:5], ("1. อบรมให้ความรู้แก่", *row()[2:5]), ("บุคลากรในสังกัด", "", "", "")))
    assert [one.measures[0].title for one in found.rows] == ["อบรมให้ความรู้แก่ บุคลากรในสังกัด"]
    assert codes(found) == {"topics_unsaid"}


@pytest.mark.parametrize("measure", ["๑.", "๑. อบรม ๒.", "- อบรม -"])
def test_a_lone_first_cell_below_a_number_that_numbers_nothing_is_told(tsv: Make, measure: str) -> None:
    found = read(tsv(TITLE, FIVE, ("การใช้อำนาจ", measure, *row()[2:5]), "", FIVE, ("เชิญวิทยากร", "", "", "")))
    assert "row_shifted" in codes(found)


def test_a_lone_first_cell_below_a_row_that_lacks_something_is_told(tsv: Make) -> None:
    found = read(
        tsv(TITLE, OFFICIAL[1:5], ("1. อบรมให้ความรู้แก่", "", "ไตรมาส 1", "กองคลัง"), ("เชิญวิทยากร", "", "", ""))
    )
    assert "row_shifted" in codes(found)


def test_rows_flattened_under_a_merged_cell_keep_every_text_and_say_that_they_moved(tsv: Make) -> None:
    found = read(
        tsv(
            TITLE,
            FIVE,
            ("การใช้อำนาจ", "1. ซักซ้อม", "ประชุม", "ไตรมาส 1-4", "สำนักปลัด"),
            ("2. มอบหมายงาน", "ทำคำสั่ง", "ไตรมาส 1-2"),
            ("3. ประเมินผล", "ทำแบบประเมิน"),
            ("การใช้งบประมาณ", "เผยแพร่", "ลงเว็บ", "ไตรมาส 1", "กองคลัง"),
        )
    )
    titles = [measure.title for one in found.rows for measure in one.measures]
    assert titles == ["ซักซ้อม", "มอบหมายงาน", "ประเมินผล", "เผยแพร่"]
    assert {one.heading for one in found.rows} == {"การใช้อำนาจ", "การใช้งบประมาณ"}
    assert "ทำแบบประเมิน" in " ".join(step for one in found.rows for step in one.steps)
    assert {"row_shifted", "responsible_missing"} <= codes(found)


def test_a_step_flattened_alone_goes_on_with_the_steps(tsv: Make) -> None:
    first = ("การใช้อำนาจ", "ซักซ้อม", "๑. ประชุม ๒. เวียน", "ไตรมาส 1", "สำนักปลัด")
    found = read(tsv(TITLE, FIVE, first, ("๓. สรุปผล", "", "", "", ""), ("การใช้งบประมาณ", *first[1:])))
    assert [one.steps for one in found.rows] == [("ประชุม", "เวียน", "สรุปผล"), ("ประชุม", "เวียน")]
    assert "row_shifted" in codes(found)


def test_fourteen_rows_of_one_indicator_shout_nothing(tsv: Make) -> None:
    heads = ("ลำดับ", *OFFICIAL[1:5])
    rows = [(str(place // 3 + 1), f"อบรมรุ่นที่สำคัญหมู่ {place}", *row()[2:5]) for place in range(14)]
    found = read(
        tsv(TITLE, "ตัวชี้วัดที่ 10 การป้องกันการทุจริต", "ประเด็นที่ 1", "ประเด็นที่ 7", "ตารางมาตรการ", heads, *rows)
    )
    assert len(found.rows) == 14
    assert codes(found) == set()


def test_a_row_that_sums_up_is_no_measure() -> None:
    heads = ("ที่", "มาตรการ", "วิธีการ", "ระยะเวลา", "ผู้รับผิดชอบ", "งบประมาณ")
    rows = [
        (TITLE,),
        heads,
        (1, "อบรม", "เชิญ", "ไตรมาส 1", "กองช่าง", 500),
        (None, "รวมทั้งสิ้น", None, None, None, 500),
    ]
    [one] = read(workbook(("แผน", rows)), "แผน.xlsx").rows
    assert [measure.title for measure in one.measures] == ["อบรม"]


def test_headings_in_other_words_and_another_order_are_known(tsv: Make) -> None:
    heads = (
        "เจ้าภาพหลัก",
        "กรอบเวลา",
        "ประเด็นการพัฒนา",
        "แนวทาง/มาตรการ",
        "กระบวนการดำเนินงาน",
        "ผลผลิต",
        "ระบบติดตาม",
    )
    texts = ("กองคลัง", "ไตรมาส 2", "การใช้งบประมาณ", "เผยแพร่", "ลงเว็บ", "รายงาน 1 ฉบับ", "รายไตรมาส")
    [one] = read(tsv(TITLE, heads, texts)).rows
    assert one.indicator == 2
    assert one.follow_up is not None
    assert (one.follow_up.kind, one.targets, one.steps) == ("quarterly", ("รายงาน 1 ฉบับ",), ("ลงเว็บ",))
    assert one.problems == ()


def test_budgets_and_units_have_no_place_and_are_told(tsv: Make) -> None:
    heads = (
        "ที่",
        "โครงการ/กิจกรรม",
        "ตัวชี้วัดความสำเร็จ (KPI)",
        "หน่วยนับ",
        "งบประมาณ (บาท)",
        "วิธีดำเนินการ",
        "ระยะเวลา",
        "ผู้รับผิดชอบ",
    )
    [one] = read(
        tsv(TITLE, heads, ("1", "อบรม", "ร้อยละ 80", "คน", "20,000", "เชิญ", "ไตรมาส 1", "กองช่าง"))
    ).rows
    assert one.targets == ("ร้อยละ 80",)
    assert [problem.message.values["text"] for problem in one.problems] == ["คน", "20,000"]


@pytest.mark.parametrize("encoding", ["cp874", "utf-8-sig"])
@pytest.mark.parametrize("sign", [";", "\t", ","])
def test_every_kind_of_csv_is_read_alike(encoding: str, sign: str) -> None:
    text = "\n".join([TITLE, sign.join(OFFICIAL), sign.join(row())])
    [one] = read(text.encode(encoding), "แผน.csv").rows
    assert (one.indicator, one.steps, one.problems) == (3, ("ประชุม",), ())


@pytest.mark.parametrize(
    "text", ["ต.ค. 2025 - Sep 2026", "ภายใน ๓๐ วันหลังเสร็จสิ้น", "ภายใน ๙๐ วัน", "ตามแผน", "30 วัน"]
)
def test_a_window_that_names_no_day_is_not_guessed(text: str) -> None:
    found = windows.read(text, 2569)
    assert isinstance(found, Unclear)
    assert (found.code, found.proposal) == ("window_unreadable", None)


@pytest.mark.parametrize(
    "text", ["สิ้นไตรมาสที่ 2", "จนถึง มี.ค. 69", "ภายในไตรมาส 2", "ภายในเดือน มี.ค.", "สิ้นเดือนมีนาคม 2569"]
)
def test_a_deadline_says_that_its_start_is_assumed(text: str) -> None:
    found = windows.read(text, 2569)
    assert isinstance(found, Window)
    assert (found.end, found.notes) == (datetime.date(2026, 3, 31), ("start_assumed",))


@pytest.mark.parametrize("text", ["รอบ ๖,๙,๑๒ เดือน", "ไตรมาส 2 และ 4", "ทุกสัปดาห์", "รายงานผู้บริหาร"])
def test_a_frequency_that_no_kind_means_is_left_open(text: str) -> None:
    assert follow_ups.read(text, None, 2569).kind == "unspecified"


def test_an_empty_box_is_no_mark(word: Make) -> None:
    heads = ("ที่", "มาตรการ", "ไตรมาส 1", "ไตรมาส 2", "ไตรมาส 3", "ไตรมาส 4", "ผู้รับผิดชอบ")
    found = read(word([heads, ("1", "อบรม", "☑", "☑", "☐", "☐", "กองช่าง")], TITLE), "แผน.docx")
    window = found.rows[0].window
    assert window is not None
    assert (window.start, window.end) == (datetime.date(2025, 10, 1), datetime.date(2026, 3, 31))


@pytest.mark.parametrize("text", ["ก. ประชุม ข. เวียน ค. สรุปผล", "ก) ประชุม\nข) เวียน\nค) สรุปผล"])
def test_items_marked_with_letters_are_items(text: str) -> None:
    assert [entry.text for entry in cells.entries(text)] == ["ประชุม", "เวียน", "สรุปผล"]
    assert len(cells.entries("ภายใน ก.ย. ถึง ก.พ. ประชุม")) == 1


def test_the_steps_of_measures_under_one_merged_heading_stay_apart(word: Make) -> None:
    rows = [
        FIVE,
        ("การใช้อำนาจ", "1. ซักซ้อม", "จัดประชุมหัวหน้าส่วนราชการ", "ไตรมาส 1", "สำนักปลัด"),
        ("", "2. มอบหมาย", "จัดทำคำสั่งมอบหมายงาน", "", ""),
    ]
    [one] = read(word(rows, TITLE), "แผน.docx").rows
    assert [measure.title for measure in one.measures] == ["ซักซ้อม", "มอบหมาย"]
    assert one.steps == ("จัดประชุมหัวหน้าส่วนราชการ", "จัดทำคำสั่งมอบหมายงาน")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("มาตรการที่ ๑ จัดทำคู่มือ มาตรการที่ ๒ จัดอบรม", [(1, "จัดทำคู่มือ"), (2, "จัดอบรม")]),
        ("กิจกรรมที่ 1: ประชุม\nกิจกรรมที่ 2: สรุปผล", [(1, "ประชุม"), (2, "สรุปผล")]),
        ("ประชุมเรื่องมาตรการที่ ๑", [(None, "ประชุมเรื่องมาตรการที่ ๑")]),
        ("จัดอบรมตามมาตรการที่ ๒ และมาตรการที่ ๓", [(None, "จัดอบรมตามมาตรการที่ ๒ และมาตรการที่ ๓")]),
    ],
)
def test_items_that_are_called_by_number_are_items(text: str, items: list[tuple[int | None, str]]) -> None:
    assert [(one.number, one.text) for one in cells.entries(text)] == items


def test_a_list_left_as_tags_in_a_text_is_a_list(tsv: Make) -> None:
    steps = "<ol><li>แต่งตั้ง</li><li>อบรม</li></ol>"
    found = read(tsv(TITLE, FIVE, ("การใช้อำนาจ", "1. ซักซ้อม", steps, "ไตรมาส 1", "สำนักปลัด")))
    assert [one.steps for one in found.rows] == [("แต่งตั้ง", "อบรม")]


@pytest.mark.parametrize(
    ("window", "proposed"),
    [
        ("ม.ค. 2668", {"start": "2026-01-01", "end": "2026-01-31"}),
        ("ต.ค. 2668 - ก.ย. 2569", {"start": "2025-10-01", "end": "2026-09-30"}),
    ],
)
def test_a_proposed_window_lies_in_the_plans_year(tsv: Make, window: str, proposed: dict[str, str]) -> None:
    found = read(tsv(TITLE, FIVE, ("การใช้อำนาจ", "1. ซักซ้อม", "ประชุม", window, "สำนักปลัด")))
    [problem] = found.rows[0].problems
    assert (found.rows[0].window, problem.code, problem.proposal) == (None, "window_unreadable", proposed)
