"""A year shaped like a real results report: seven topics, thirteen measures (docs/report-beside-a-real-one.md)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tracker.rules.annual import compose
from tracker.rules.cells import Score, Text
from tracker.rules.fiscal import Quarter
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Item, ReportInputs, Signed, Tally

OFFICE, FINANCE = "สำนักปลัด", "กองคลัง"
LAST = Quarter(2568, 4)


def item(
    topic: int,
    heading: str,
    measures: tuple[str, ...],
    steps: tuple[str, ...],
    result: str,
    scores: tuple[Score, ...],
    notes: tuple[str, ...] = (),
    division: str = OFFICE,
) -> Item:
    return Item(
        heading=heading,
        topic=topic,
        indicator=None,
        measures=tuple(enumerate(measures, 1)),
        steps=steps,
        divisions=(division,),
        everyone=False,
        window="ต.ค. 67 - ก.ย. 68",
        starts_on=date(2024, 10, 1),
        ends_on=date(2025, 9, 30),
        texts=(Text(division, LAST, "approved", result, "ไม่มี", "ไม่มี"),),
        scores=scores,
        outcome_notes=notes,
        evidence=(topic - 1,),
    )


def indicator(number: int, name: str, before: float, after: float) -> Score:
    return Score(f"ตัวชี้วัดที่ {number} {name}", 2567, before, 2568, after)


ITEMS = (
    item(
        1,
        "งานที่โปร่งใส",
        ("ทำคู่มืองานบริการ", "ประชุมทุกเดือน", "รับฟังความเห็นผู้มาติดต่อ"),
        ("ร่างคู่มือ", "จัดประชุม", "แจ้งเวียน", "ลงเว็บไซต์", "มอบหมายคน", "เปิดช่องทาง"),
        "1. ลงคู่มือในเว็บไซต์แล้ว\n2. แจ้งเวียนในที่ประชุม 12 ครั้ง\n3. ติดป้ายช่องทางความเห็น 4 จุด",
        (indicator(1, "การปฏิบัติหน้าที่", 96.26, 98.89),),
    ),
    item(
        2, "บริการออนไลน์", ("แนะนำบริการออนไลน์",), ("แนะนำในเวทีหมู่บ้าน",),
        "แนะนำบริการออนไลน์ 9 หมู่บ้าน", (indicator(8, "การปรับปรุงการทำงาน", 90.79, 98.88),),
    ),
    item(
        3, "การประชาสัมพันธ์", ("ปรับรูปแบบข่าว",), ("ทำภาพข่าว", "ลงเพจ", "ลงเว็บไซต์", "ติดป้าย"),
        "ลงข่าว 48 เรื่อง", (indicator(7, "ประสิทธิภาพการสื่อสาร", 97.92, 98.69),),
    ),
    item(
        4, "ทรัพย์สินของราชการ", ("ชี้แจงการยืมทรัพย์สิน",), ("ทำแบบยืม", "ชี้แจง"),
        "ทำแบบยืมและชี้แจงแล้ว", (indicator(4, "การใช้ทรัพย์สินของราชการ", 93.17, 97.78),),
    ),
    item(
        5, "งบประมาณ", ("ชี้แจงแผนการใช้เงิน", "ทำสื่อผลจัดซื้อ"), ("ประชุม", "ทำสื่อ", "เผยแพร่"),
        "ประชุมชี้แจงและเผยแพร่สื่อ 12 เดือน",
        (indicator(2, "การใช้งบประมาณ", 95.28, 100), Score("ข้อ o13", 2567, None, 2568, 100)),
        division=FINANCE,
    ),
    item(
        6, "การใช้อำนาจ", ("ซ้อมความเข้าใจจริยธรรม",), ("แจ้งประมวล", "ประชุม"),
        "แจ้งประมวลและประชุมแล้ว", (Score("ข้อ o21", 2567, None, 2568, 100),), ("ไม่มีเรื่องร้องเรียน",),
    ),
    item(
        7, "การป้องกันการทุจริต",
        ("ประกาศมาตรการ", "ทำข้อมูลกิจกรรม", "จัดการความเสี่ยง", "ตั้งคณะทำงาน"),
        ("ประกาศ", "รวบรวม", "ประเมิน", "ตั้ง"),
        "ประกาศ ประเมินความเสี่ยง และตั้งคณะทำงานแล้ว", (indicator(10, "การป้องกันการทุจริต", 100, 100),),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def report() -> AnnualReport:
    return compose(
        ReportInputs(
            organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
            kind="sao",
            district="เมือง",
            province="ตัวอย่าง",
            fiscal_year=2568,
            assessment_year=2567,
            items=ITEMS,
            tallies=(Tally(OFFICE, 44, 44), Tally(FINANCE, 8, 8)),
            unfinished=(),
            evidence=(),
            signed=Signed("", None, "", ""),
            thai_digits=False,
            draft=False,
            frozen_at=datetime(2025, 11, 3, 4, 0, tzinfo=UTC),
        )
    )


def test_the_table_has_the_seven_columns_and_a_row_a_topic(report: AnnualReport) -> None:
    assert report.results.columns == (
        "หัวข้อ",
        "มาตรการ/โครงการ/กิจกรรม",
        "ขั้นตอน/วิธีการปฏิบัติ",
        "ผู้รับผิดชอบ/ผู้ที่เกี่ยวข้อง",
        "ระยะเวลา",
        "ผลการดำเนินงาน",
        "ผลลัพธ์หรือความสำเร็จของการดำเนินงาน",
    )
    assert len(report.results.rows) == 7
    assert sum(len(row.measures.split("\n")) for row in report.results.rows) == 13
    assert sum(len(row.steps.split("\n")) for row in report.results.rows) == 22


def test_the_first_row_cell_by_cell(report: AnnualReport) -> None:
    row = report.results.rows[0]
    assert row.cells == (
        "ประเด็นที่ 1 งานที่โปร่งใส",
        "1. ทำคู่มืองานบริการ\n2. ประชุมทุกเดือน\n3. รับฟังความเห็นผู้มาติดต่อ",
        "1. ร่างคู่มือ\n2. จัดประชุม\n3. แจ้งเวียน\n4. ลงเว็บไซต์\n5. มอบหมายคน\n6. เปิดช่องทาง",
        "สำนักปลัด",
        "ต.ค. 67 - ก.ย. 68",
        "1. ลงคู่มือในเว็บไซต์แล้ว\n2. แจ้งเวียนในที่ประชุม 12 ครั้ง\n3. ติดป้ายช่องทางความเห็น 4 จุด",
        "คะแนน ITA ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่ ปี 2567 ได้ 96.26 คะแนน ปี 2568 ได้ 98.89 คะแนน เพิ่มขึ้น 2.63 คะแนน",
    )
    assert row.evidence == "หลักฐานที่ 1"


@pytest.mark.parametrize(("topic", "rise"), [(1, "2.63"), (2, "8.09"), (3, "0.77"), (4, "4.61"), (5, "4.72")])
def test_the_rises_are_those_of_the_real_report(report: AnnualReport, topic: int, rise: str) -> None:
    assert f"เพิ่มขึ้น {rise} คะแนน" in report.results.rows[topic - 1].outcome


def test_items_without_an_earlier_score_and_free_words_and_full_marks(report: AnnualReport) -> None:
    first_year = "ปี 2568 ได้ 100 คะแนน ประเมินเป็นปีแรก จึงไม่มีคะแนนเปรียบเทียบ"
    assert report.results.rows[4].outcome.split("\n")[1] == f"คะแนน ITA ข้อ o13 {first_year}"
    assert report.results.rows[5].outcome.split("\n") == [f"คะแนน ITA ข้อ o21 {first_year}", "ไม่มีเรื่องร้องเรียน"]
    assert report.results.rows[6].outcome == (
        "คะแนน ITA ตัวชี้วัดที่ 10 การป้องกันการทุจริต รักษาคะแนนเต็ม 100 คะแนนไว้ได้ ทั้งในปี 2567 และปี 2568"
    )


def test_what_the_real_report_does_not_have(report: AnnualReport) -> None:
    assert all(row[2:] == ("ไม่มี", "ไม่มี") for row in report.problems.rows)
    assert report.unfinished.rows == ()
