"""The plan of measures of the fictional organisation, worded for each fiscal year."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.catalogue.assessment import INDICATORS
from tracker.demo.office import AUDIT, EDUCATION, FINANCE, OFFICE, WELFARE, WORKS
from tracker.demo.scores import told
from tracker.rules.thai import thai_digits

EVERYONE = "ทุกกอง"


@dataclass(frozen=True)
class Entry:
    """One row of the plan for any year.

    `windows` names the months or quarters with {a} and {b} for the two calendar years in two digits and {year}
    for the fiscal year; `weakness` is what the analysis finds beside the score.
    """

    key: str
    indicator: int
    weakness: str
    measures: tuple[str, ...]
    steps: tuple[str, ...]
    window: str
    responsible: tuple[str, ...]
    follow_up: str


@dataclass(frozen=True)
class Row:
    """One row of a year's plan, every cell as it stands in the document."""

    key: str
    heading: str
    analysis: str
    measures: tuple[str, ...]
    steps: tuple[str, ...]
    window: str
    responsible: str
    follow_up: str


SIX_TWELVE = "รายงานผลการดำเนินงานรอบ 6 เดือน และรอบ 12 เดือน"
QUARTERLY = "รายงานผลการดำเนินงานทุกไตรมาส"
AFTERWARDS = "รายงานผลหลังกิจกรรมแล้วเสร็จ"

ENTRIES = (
    Entry(
        "manuals",
        1,
        "ผู้ตอบแบบวัดบางส่วนเห็นว่าระยะเวลาให้บริการของแต่ละกองยังไม่ชัดเจน",
        ("ปรับปรุงคู่มือการปฏิบัติงานของแต่ละกองให้เป็นปัจจุบัน", "ติดแผนผังขั้นตอนและระยะเวลาให้บริการ ณ จุดให้บริการ"),
        (
            "รวบรวมงานบริการและงานประจำที่ต้องมีคู่มือ",
            "ยกร่างคู่มือพร้อมแผนผังขั้นตอน ระยะเวลา และผู้รับผิดชอบ",
            "เสนอผู้บริหารเห็นชอบ ติดแผนผัง ณ จุดให้บริการ และแจ้งเวียนให้ถือปฏิบัติ",
        ),
        "ต.ค. {a} - มี.ค. {b}",
        (EVERYONE,),
        SIX_TWELVE,
    ),
    Entry(
        "budget",
        2,
        "บุคลากรบางส่วนยังไม่ทราบแผนการใช้จ่ายงบประมาณของหน่วยงาน",
        ("เผยแพร่แผนและผลการใช้จ่ายงบประมาณ", "สรุปผลการจัดซื้อจัดจ้างรายเดือนเป็นภาษาที่ประชาชนเข้าใจง่าย"),
        (
            "จัดทำตารางสรุปแผนและผลการใช้จ่ายเป็นรายไตรมาส",
            "ติดประกาศ ณ ที่ทำการและลงเว็บไซต์ภายในวันที่ 10 ของเดือนถัดไป",
        ),
        "ไตรมาสที่ 1-4 (ปีงบประมาณ พ.ศ. {year})",
        (FINANCE,),
        QUARTERLY,
    ),
    Entry(
        "assignment",
        3,
        "การมอบหมายงานบางเรื่องยังไม่มีหลักเกณฑ์เป็นลายลักษณ์อักษร",
        ("กำหนดหลักเกณฑ์การมอบหมายงานและประเมินผลการปฏิบัติราชการที่เปิดเผยตรวจสอบได้",),
        (
            "รับฟังความเห็นของบุคลากรต่อหลักเกณฑ์เดิม",
            "ประกาศหลักเกณฑ์ให้ทราบก่อนเริ่มรอบการประเมิน",
            "ทบทวนผลการใช้หลักเกณฑ์เมื่อสิ้นรอบ",
        ),
        "ม.ค. - ก.ย. {b}",
        (OFFICE,),
        SIX_TWELVE,
    ),
    Entry(
        "register",
        4,
        "พบการยืมพัสดุโดยไม่ลงทะเบียนในบางกอง",
        ("จัดทำทะเบียนคุมการยืมและคืนทรัพย์สินของราชการ",),
        (
            "กำหนดแบบคำขอยืมและผู้อนุมัติของแต่ละกอง",
            "ลงทะเบียนทุกครั้งที่ยืมและคืน",
            "สรุปยอดค้างคืนเสนอหัวหน้าส่วนราชการทุกสิ้นไตรมาส",
        ),
        "ตลอดปีงบประมาณ พ.ศ. {year}",
        (EVERYONE,),
        QUARTERLY,
    ),
    Entry(
        "stocktaking",
        4,
        "การตรวจนับพัสดุประจำปียังไม่มีผู้สังเกตการณ์จากหน่วยตรวจสอบ",
        ("ตรวจนับทรัพย์สินประจำปีร่วมกับหน่วยตรวจสอบภายใน",),
        ("แต่งตั้งผู้ตรวจนับและผู้สังเกตการณ์", "ตรวจนับและบันทึกสภาพทรัพย์สิน", "รายงานผลและข้อเสนอแนะต่อผู้บริหาร"),
        "ม.ค. {b}",
        (FINANCE, AUDIT),
        "รายงานผลการดำเนินงานในการประชุมพนักงาน เดือน ก.พ. {b}",
    ),
    Entry(
        "gifts",
        5,
        "ควรย้ำเตือนบุคลากรให้ทราบแนวปฏิบัติเรื่องของขวัญตั้งแต่ต้นปีงบประมาณ",
        ("ประกาศเจตนารมณ์ไม่รับของขวัญและของกำนัลทุกชนิดจากการปฏิบัติหน้าที่ (No Gift Policy)",),
        (
            "จัดทำประกาศเจตนารมณ์เป็นภาษาไทยและภาษาอังกฤษ",
            "แจ้งเวียนให้บุคลากรทุกคนลงนามรับทราบ",
            "ติดป้ายประชาสัมพันธ์ ณ จุดให้บริการ",
        ),
        "ต.ค. {a}",
        (EVERYONE,),
        AFTERWARDS,
    ),
    Entry(
        "e-service",
        6,
        "ผู้รับบริการต้องการยื่นคำขอและติดตามผลได้โดยไม่ต้องเดินทางมาที่ทำการ",
        ("พัฒนาแบบคำขอรับบริการออนไลน์ (E-Service)", "สำรวจความพึงพอใจของผู้รับบริการและนำผลมาปรับปรุง"),
        (
            "คัดเลือกงานบริการที่ประชาชนใช้มากที่สุด",
            "จัดทำแบบคำขอออนไลน์และทดสอบกับผู้ใช้จริง",
            "เก็บแบบสำรวจหลังรับบริการ สรุปผล และปรับปรุง",
        ),
        "ไตรมาสที่ 1-4 (ปีงบประมาณ พ.ศ. {year})",
        (OFFICE, FINANCE, WORKS),
        SIX_TWELVE,
    ),
    Entry(
        "website",
        7,
        "ข้อมูลบนเว็บไซต์หลักบางหน้าไม่เป็นปัจจุบันและค้นหายาก",
        ("ปรับปรุงข้อมูลบนเว็บไซต์หลักและช่องทางสื่อสังคมออนไลน์ให้เป็นปัจจุบัน",),
        ("มอบหมายผู้ดูแลข้อมูลแต่ละหน้า", "ตรวจความถูกต้องของข้อมูลทุกไตรมาส", "เผยแพร่ข่าวกิจกรรมอย่างน้อยเดือนละ 4 เรื่อง"),
        "ต.ค. {a} - ก.ย. {b}",
        (OFFICE, EDUCATION),
        SIX_TWELVE,
    ),
    Entry(
        "hearing",
        8,
        "ประชาชนมีส่วนร่วมเสนอแนะการปรับปรุงงานน้อย โดยเฉพาะผู้สูงอายุและผู้ปกครองเด็กเล็ก",
        ("จัดเวทีรับฟังความคิดเห็นของประชาชนเพื่อปรับปรุงการให้บริการ",),
        (
            "ประกาศกำหนดการล่วงหน้าไม่น้อยกว่า 15 วัน",
            "จัดเวทีและบันทึกข้อเสนอแนะ",
            "แจ้งผลการนำข้อเสนอแนะไปใช้ให้ผู้เข้าร่วมทราบ",
        ),
        "พ.ย. {a}",
        (EDUCATION, WELFARE),
        AFTERWARDS,
    ),
    Entry(
        "disclosure",
        9,
        "ข้อมูลสาธารณะบางข้อเชื่อมโยงไปยังหน้าที่เปิดไม่ได้ในช่วงตรวจประเมิน",
        ("ตรวจทานการเปิดเผยข้อมูลสาธารณะทุกข้อก่อนวันปิดรับการประเมิน",),
        ("แบ่งผู้รับผิดชอบข้อมูลรายข้อ", "เปิดตรวจทุกลิงก์จากเครื่องนอกสำนักงาน", "แก้ไขและบันทึกผลการตรวจทาน"),
        "เม.ย. {b}",
        (OFFICE, FINANCE, WORKS),
        AFTERWARDS,
    ),
    Entry(
        "risk",
        10,
        "ควรประเมินความเสี่ยงให้ครอบคลุมงานอนุมัติอนุญาตและงานจัดซื้อจัดจ้าง",
        ("ประเมินความเสี่ยงการทุจริตและกำหนดมาตรการป้องกัน",),
        ("ระบุกระบวนงานที่มีความเสี่ยง", "ให้คะแนนโอกาสและผลกระทบ", "กำหนดมาตรการและผู้รับผิดชอบ เสนอผู้บริหาร"),
        "ก.ค. {b}",
        (AUDIT, OFFICE),
        AFTERWARDS,
    ),
    Entry(
        "complaints",
        10,
        "ผู้ร้องเรียนต้องการทราบความคืบหน้าของเรื่องโดยไม่ต้องสอบถามซ้ำ",
        ("พัฒนาช่องทางแจ้งและติดตามเรื่องร้องเรียนการทุจริตและประพฤติมิชอบ",),
        ("ทบทวนแนวปฏิบัติการจัดการเรื่องร้องเรียน", "แจ้งความคืบหน้าแก่ผู้ร้องภายใน 15 วัน", "เผยแพร่สถิติเรื่องร้องเรียนทุกไตรมาส"),
        "ตลอดปีงบประมาณ พ.ศ. {year}",
        (OFFICE, AUDIT),
        SIX_TWELVE,
    ),
)


def rows(fiscal_year: int, closed_year: int) -> list[Row]:
    """The year's plan row by row, in Thai digits; the scores are those of the year before."""
    values = {"a": fiscal_year % 100 - 1, "b": fiscal_year % 100, "year": fiscal_year}
    names = {indicator.number: indicator.name for indicator in INDICATORS}
    made = []
    for entry in ENTRIES:
        row = Row(
            key=entry.key,
            heading=f"ตัวชี้วัดที่ {entry.indicator} {names[entry.indicator]}",
            analysis=f"{told(entry.indicator, fiscal_year - 1, closed_year)} {entry.weakness}",
            measures=entry.measures,
            steps=entry.steps,
            window=entry.window.format_map(values),
            responsible="/ ".join(entry.responsible),
            follow_up=entry.follow_up.format_map(values),
        )
        made.append(_in_thai_digits(row))
    return made


def _in_thai_digits(row: Row) -> Row:
    return Row(
        key=row.key,
        heading=thai_digits(row.heading),
        analysis=thai_digits(row.analysis),
        measures=tuple(map(thai_digits, row.measures)),
        steps=tuple(map(thai_digits, row.steps)),
        window=thai_digits(row.window),
        responsible=row.responsible,
        follow_up=thai_digits(row.follow_up),
    )
