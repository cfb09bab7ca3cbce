"""The plan of one year as a Word document in the official form."""

from __future__ import annotations

from datetime import date, datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm

from tracker.catalogue.assessment import INDICATORS
from tracker.demo import scores
from tracker.demo.office import DISTRICT, NAME, PROVINCE
from tracker.demo.plan import Row, rows
from tracker.rules.thai import long_date, thai_digits
from tracker.writing.typeset import TINT
from tracker.writing.wordfile import BODY, TABLE, fill, saved, set_styles, spacing
from tracker.writing.wordxml import Face, cell, lines, page_number, paragraph, row, run, table, twips

FONT = "TH SarabunPSK"
COLUMNS = (
    "ตัวชี้วัด",
    "ผลการวิเคราะห์",
    "มาตรการ/โครงการ/กิจกรรม",
    "ขั้นตอน/วิธีการปฏิบัติ",
    "ระยะเวลา",
    "ผู้รับผิดชอบ",
    "การติดตามผล",
)
WIDTHS = (30, 43, 48, 53, 27, 30, 26)
SCORE_COLUMNS = ("ที่", "ตัวชี้วัด", "เครื่องมือ", "คะแนน")
SCORE_WIDTHS = (15, 110, 30, 30)
SIGNER, SIGNER_POSITION = "นายสมมุติ นำชุมชน", "นายกองค์การบริหารส่วนตำบลตัวอย่าง"


def title(fiscal_year: int) -> tuple[str, str]:
    return (
        "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน",
        thai_digits(f"ประจำปีงบประมาณ พ.ศ. {fiscal_year}"),
    )


def write(fiscal_year: int, closed_year: int, signed_on: date, written_at: datetime) -> bytes:
    """The plan as .docx; the same values give the same bytes."""
    document = Document()
    face = Face(FONT, BODY)
    set_styles(document, face)
    _lay_out(document)
    number = page_number(face.but(size=TABLE), thai_digits(1))
    fill(document.sections[0].footer._element, paragraph(number, face, "center", "Footer"))
    properties = document.core_properties
    properties.title, properties.author, properties.language = " ".join(title(fiscal_year)), NAME, "th-TH"
    properties.created = properties.modified = written_at
    properties.comments = ""
    parts = (
        _opening(fiscal_year, closed_year, face),
        _results(fiscal_year - 1, closed_year, face),
        _plan(fiscal_year, closed_year, face),
        _signature(signed_on, face),
    )
    return saved(document, "".join(parts))


def _lay_out(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin = section.bottom_margin = Mm(18)
    numbers = parse_xml(f'<w:pgNumType {nsdecls("w")} w:fmt="thaiNumbers"/>')
    section._sectPr.find(qn("w:pgMar")).addnext(numbers)


def _opening(fiscal_year: int, closed_year: int, face: Face) -> str:
    result = scores.assessment(fiscal_year - 1, closed_year)
    bold = face.but(20, True)
    opening = (
        f"ตามที่{NAME}ได้รับแจ้งผลการประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ (ITA) "
        f"ประจำปีงบประมาณ พ.ศ. {fiscal_year - 1} ได้คะแนนรวม {result.total:.2f} คะแนน อยู่ในระดับ {result.level} นั้น "
        "คณะทำงานได้วิเคราะห์ผลเป็นรายตัวชี้วัด และกำหนดมาตรการเพื่อรักษาเรื่องที่ทำได้ดีและแก้ไขเรื่องที่เป็นจุดอ่อน "
        "โดยมีรายละเอียดดังต่อไปนี้"
    )
    return "".join(
        (
            *(paragraph(run(line, bold), bold, "center", "Title") for line in title(fiscal_year)),
            paragraph(run(f"{NAME} อำเภอ{DISTRICT} จังหวัด{PROVINCE}", face), face, "center"),
            paragraph(
                run(thai_digits(opening), face),
                face,
                more=spacing(160, 120),
                indent=f'<w:ind w:firstLine="{twips(25)}"/>',
            ),
        )
    )


def _results(year: int, closed_year: int, face: Face) -> str:
    told = [
        (
            thai_digits(one.number),
            one.name,
            one.instrument,
            thai_digits(f"{scores.indicator_score(one.number, year, closed_year):.2f}"),
        )
        for one in INDICATORS
    ]
    body = [
        row(cell(lines(text, face.but(TABLE)), width) for text, width in zip(line, SCORE_WIDTHS, strict=True))
        for line in told
    ]
    heading = thai_digits(f"1. ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. {year}")
    made = table(SCORE_WIDTHS, [_header(SCORE_COLUMNS, SCORE_WIDTHS, face), *body], heading)
    return _heading(heading, face) + made + _weakest(year, closed_year, face)


def _weakest(year: int, closed_year: int, face: Face) -> str:
    """The finding in words: what is strong and what is to be mended first."""
    by_score = sorted(INDICATORS, key=lambda one: scores.indicator_score(one.number, year, closed_year))
    low, high = by_score[0], by_score[-1]
    text = (
        f"ตัวชี้วัดที่ได้คะแนนสูงสุด คือ {high.name} ควรรักษาระดับไว้ ส่วนตัวชี้วัดที่ได้คะแนนน้อยที่สุด คือ {low.name} ต้องเร่งปรับปรุงก่อน"
    )
    return paragraph(run(thai_digits(text), face), face, more=spacing(120, 0))


def _plan(fiscal_year: int, closed_year: int, face: Face) -> str:
    heading = thai_digits("2. มาตรการ ผู้รับผิดชอบ และการติดตามผล")
    body = [
        row(
            cell(lines(text, face.but(TABLE)), width) for text, width in zip(_cells(one), WIDTHS, strict=True)
        )
        for one in rows(fiscal_year, closed_year)
    ]
    return _heading(heading, face) + table(WIDTHS, [_header(COLUMNS, WIDTHS, face), *body], heading)


def _cells(one: Row) -> tuple[str, ...]:
    return (
        one.heading,
        one.analysis,
        _numbered(one.measures),
        _numbered(one.steps),
        one.window,
        one.responsible,
        one.follow_up,
    )


def _numbered(texts: tuple[str, ...]) -> str:
    return "\n".join(f"{thai_digits(number)}. {text}" for number, text in enumerate(texts, 1))


def _header(columns: tuple[str, ...], widths: tuple[int, ...], face: Face) -> str:
    bold = face.but(TABLE, bold=True)
    return row(
        (
            cell(lines(name, bold, "center"), width, fill=TINT, middle=True)
            for name, width in zip(columns, widths, strict=True)
        ),
        header=True,
    )


def _heading(text: str, face: Face) -> str:
    face = face.but(18, True)
    return paragraph(run(text, face), face, style="Heading1")


def _signature(signed_on: date, face: Face) -> str:
    told = (
        f"(ลงชื่อ) {SIGNER}",
        f"({SIGNER})",
        SIGNER_POSITION,
        thai_digits(f"วันที่ {long_date(signed_on)}"),
    )
    together = f"<w:keepNext/><w:keepLines/>{spacing(60, 0)}"
    indent = f'<w:ind w:left="{twips(150)}"/>'
    return "".join(paragraph(run(line, face), face, "center", more=together, indent=indent) for line in told)
