"""Rows of headings that are cut in two, numbered, or followed by the numbers of their columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.reading.test_unseen_offices import FIVE, TITLE, codes, read, row

Make = Callable[..., bytes]
ROW = row()[:5]


@pytest.mark.parametrize(
    "heads",
    [
        (tuple(f"({number}) {text}" for number, text in enumerate(FIVE, 1)),),
        (tuple(f"{number}. {text}" for number, text in enumerate(FIVE, 1)),),
        (FIVE, ("(๑)", "(๒)", "(๓)", "(๔)", "(๕)")),
        (FIVE, ("1", "2", "3", "4", "5")),
        (("ตัวชี้วัด", "มาตรการ/", "ขั้นตอน/", "ระยะเวลา", "ผู้รับ"), ("", "แนวทาง", "วิธีการ", "ดำเนินการ", "ผิดชอบ")),
        (("ตัวชี้", "มาตรการ", "ขั้น", "ระยะ", "ผู้รับ"), ("วัด", "", "ตอน", "เวลา", "ผิดชอบ")),
    ],
)
def test_numbered_and_cut_headings_are_headings(heads: Sequence[tuple[str, ...]], tsv: Make) -> None:
    found = read(tsv(TITLE, *heads, ROW))
    assert [(one.indicator, one.steps, len(one.responsible)) for one in found.rows] == [(3, ("ประชุม",), 1)]
    assert codes(found) == set()


def test_a_title_inside_the_table_is_joined_to_no_heading(tsv: Make) -> None:
    found = read(tsv(TITLE, ("ตารางมาตรการ", "", "", "", ""), FIVE, ROW))
    assert [one.indicator for one in found.rows] == [3]


def test_measures_numbered_across_a_row_stay(tsv: Make) -> None:
    numbered = ("๑. การใช้อำนาจ", "๒. ซักซ้อม", "๓. ประชุม", "ม.ค. ๖๙", "กองคลัง")
    assert [one.number for one in read(tsv(TITLE, FIVE, numbered)).rows[0].measures] == [2]


def test_measures_with_nobody_but_who_does_them_are_read_and_their_time_asked(tsv: Make) -> None:
    found = read(tsv(TITLE, ("ประเด็น", "มาตรการ", "ส่วนราชการ/หน่วยงาน"), ("การใช้อำนาจ", "ซักซ้อม", "กองคลัง")))
    assert [one.indicator for one in found.rows] == [3]
    assert codes(found) == {"window_missing"}


@pytest.mark.parametrize("heads", [("ลำดับ", "รายการ", "หน่วยงาน"), ("ที่", "ชื่อ - สกุล", "ผู้รับผิดชอบ")])
def test_lists_of_other_things_are_no_plan(heads: tuple[str, ...], tsv: Make) -> None:
    assert read(tsv(TITLE, heads, ("๑", "โต๊ะ", "กองคลัง"))).rows == ()


def test_labels_copied_without_what_belongs_to_them_are_no_measure(tsv: Make) -> None:
    cells = ("ที่", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "๑", "ซักซ้อม", "ประชุม", "ม.ค. ๖๙", "กองคลัง")
    assert {one.code for one in read(tsv(TITLE, *cells)).problems} == {"no_plan_table"}


def test_a_measure_left_alone_above_repeated_headings_is_told(tsv: Make) -> None:
    heads, first = FIVE[1:], ("๑) ซักซ้อม", "ประชุม", "ม.ค. ๖๙", "กองคลัง")
    found = read(
        tsv(TITLE, heads, first, "หมายเหตุ", ("๒) มอบหมาย", "", "", ""), heads, ("๓) อบรม", *first[1:]))
    )
    assert "rows_unread" in codes(found)


def test_a_summary_that_repeats_the_measures_is_told(tsv: Make) -> None:
    again = ("ตัวชี้วัด", "มาตรการ", "ระยะเวลา", "ผู้รับผิดชอบ")
    found = read(tsv(TITLE, FIVE, ROW, "สรุป", again, (*ROW[:2], *ROW[3:])))
    [problem] = [one for one in found.problems if one.code == "measure_repeated"]
    assert problem.message.values == {"title": "ซักซ้อมการมอบหมาย", "rows": "1, 2"}
    other = read(tsv(TITLE, FIVE, ROW, ("การใช้งบประมาณ", *ROW[1:])))
    assert codes(other) == set()
