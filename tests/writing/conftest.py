"""A report with everything that is hard to print."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tracker.rules.annual import compose
from tracker.rules.cells import Answer, Score, Text
from tracker.rules.fiscal import Quarter
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Item, Proved, ReportInputs, Signed, Tally, Unfinished

# They need LibreOffice and poppler, and minutes: `make long` sets TRACKER_LONG.
collect_ignore = [] if os.environ.get("TRACKER_LONG") else ["test_office.py"]
DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน")
HOSTILE = "#panic() *x* @ref $x$ <b>หนา</b> & {{7*7}} \\n `raw` = หัวข้อ // ไม่ใช่หมายเหตุ"
WORDS = (
    "ดำเนินการประชุมชี้แจงครบทั้ง 4 ครั้ง ที่ห้องประชุมใหญ่ ซึ่งได้รับความร่วมมือเป็นอย่างดีจากเจ้าหน้าที่ทุกคน",
    "จัดทำคู่มือป้องกันการทุจริตและเผยแพร่ทางเว็บไซต์ "
    "https://www.example.go.th/public/2569/manual-no-gift-policy-2569.pdf แล้ว",
    "ตรวจน้ำประปาหมู่บ้านตามที่กำหนดไว้ 12 หมู่บ้าน พบว่าน้ำสะอาด ผู้ใช้น้ำพึงพอใจร้อยละ 97.50",
    HOSTILE,
    "ซ่อมบำรุงรถยนต์ส่วนกลางและทำทะเบียนคุมการยืม-คืนพัสดุ ชื่อผู้ยืม เบี้ยปรับ และค่าเสียหายครบถ้วน",
    "ปรับปรุงช่องทางร้องเรียน ฟื้นฟูจิตสำนึก สร้างความเชื่อมั่น ปิ่นโต ฝั่งซ้าย ฟ้าผ่า ญี่ปุ่น ฐานข้อมูล กฎ ฎีกา",
)


def item(place: int) -> Item:
    quarter = Quarter(2569, 4)
    return Item(
        heading="กระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ",
        topic=place + 1 if place < 7 else None,
        indicator=None if place < 7 else 10,
        measures=((1, "จัดทำคู่มือการปฏิบัติงานของเจ้าหน้าที่"), (2, "ป้องกันการนำทรัพย์สินของราชการไปใช้ส่วนตัว")),
        steps=("แต่งตั้งคณะทำงาน", "จัดประชุมเพื่อกำหนดขั้นตอน", "เผยแพร่ทางเว็บไซต์และติดตามทุกไตรมาส"),
        divisions=DIVISIONS,
        everyone=place % 2 == 0,
        window="ไตรมาสที่ 1-4 (ปีงบประมาณ พ.ศ. 2569)" if place % 3 else "",
        starts_on=date(2025, 10, 1),
        ends_on=date(2026, 9, 30),
        texts=(
            Text("สำนักปลัด", quarter, "approved", WORDS[place % 6], "ไม่มี", "ไม่มี"),
            Text("กองคลัง", quarter, "approved", WORDS[place % 6], "ไม่มี", "ควรจัดอบรมซ้ำอย่างน้อยปีละ 2 ครั้ง"),
            Text("กองช่าง", quarter, "waiting", WORDS[(place + 1) % 6], "บุคลากรโอนย้าย 3 ราย", "ไม่มี"),
            Text("หน่วยตรวจสอบภายใน", quarter, "withdrawn", "ไม่ควรพิมพ์ข้อความนี้", "ไม่มี", "ไม่มี"),
        ),
        answers=(Answer(2, "กองการศึกษา", f'จัดกิจกรรม "ไม่รับ ไม่ให้" ครั้งที่ {place + 1}', True, "ไม่มี", "ไม่มี"),),
        scores=(
            Score("ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่", 2568, 96.26, 2569, 98.89),
            Score("ข้อ o13 รายงานผลการจัดซื้อจัดจ้าง", 2568, 100.0, 2569, None, "ข้อ o17"),
        ),
        outcome_notes=("ไม่มีเรื่องร้องเรียน",),
        evidence=(0, place),
    )


def inputs() -> ReportInputs:
    return ReportInputs(
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        kind="sao",
        district="เมือง",
        province="ตัวอย่าง",
        fiscal_year=2569,
        assessment_year=2568,
        items=tuple(item(place) for place in range(8)),
        tallies=tuple(
            Tally(division, done, 16) for division, done in zip(DIVISIONS, (16, 12, 9, 5, 0), strict=True)
        ),
        unfinished=(
            Unfinished("จัดทำคู่มือการปฏิบัติงาน", "กองช่าง", Quarter(2569, 3), "cancelled", "งบประมาณไม่เพียงพอ"),
            Unfinished("จัดทำคู่มือการปฏิบัติงาน", "กองคลัง", Quarter(2569, 3), "cancelled", "งบประมาณไม่เพียงพอ"),
            Unfinished("ป้องกันการนำทรัพย์สินไปใช้", "กองการศึกษา", Quarter(2569, 4), "unfinished"),
        ),
        evidence=tuple(
            Proved(
                f"ภาพการประชุม ครั้งที่ {number}",
                f"ภาพประชุมครั้งที่ {number} (ฉบับเต็ม).pdf"
                if number
                else "https://www.example.go.th/news/1234567890?id=2569",
                date(2026, 2, 5),
                f"{number:02d}" + "3af9" * 15 + "0c" if number else "",
            )
            for number in range(8)
        ),
        signed=Signed("ตย 71001/123", date(2026, 11, 4), "นายตัวอย่าง สมมติ", "นายกองค์การบริหารส่วนตำบลตัวอย่าง"),
        thai_digits=True,
        draft=False,
        frozen_at=datetime(2026, 11, 4, 3, 42, 7, tzinfo=UTC),
    )


@pytest.fixture(scope="session")
def report() -> AnnualReport:
    return compose(inputs())


@pytest.fixture(scope="session")
def draft() -> AnnualReport:
    return compose(replace(inputs(), draft=True, signed=None))


@pytest.fixture(scope="session")
def with_result(report: AnnualReport) -> Callable[[str], AnnualReport]:
    """A report of one row whose result is the given text."""

    def make(text: str) -> AnnualReport:
        row = replace(report.results.rows[0], result=text)
        return replace(report, results=replace(report.results, rows=(row,)))

    return make
