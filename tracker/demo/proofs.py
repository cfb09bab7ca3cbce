"""Small files that prove something: pictures, a memo as PDF, minutes in Word, a register in Excel."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

import typst
from docx import Document
from openpyxl import Workbook
from PIL import Image, ImageDraw

from tracker.demo.office import NAME
from tracker.rules.fiscal import BUDDHIST_OFFSET
from tracker.rules.thai import long_date, short_date, thai_digits
from tracker.writing import sarabun

WIDTH, HEIGHT = 960, 640
_INKS = ("#1f6f5c", "#c9973a", "#2f5d8a", "#8a4b5f", "#5c7a2f", "#6b5b95")


@dataclass(frozen=True)
class Proof:
    """A file's name and its bytes."""

    name: str
    data: bytes


def make(key: str, caption: str, division: str, on: date, chance: Random) -> Proof:
    """A file that fits the row: what it shows is invented, what it is is real."""
    kind = _KINDS.get(key, _photo)
    ending, data = kind(caption, division, on, chance)
    return Proof(f"{caption} {on.year + BUDDHIST_OFFSET}-{on:%m-%d}.{ending}", data)


def _photo(caption: str, division: str, on: date, chance: Random) -> tuple[str, bytes]:
    """People before a building under a bunting, as such photographs are."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), chance.choice(("#cfe5f2", "#dbe9d5", "#f2ead8")))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 430, WIDTH, HEIGHT), fill="#b9ad94")
    pen.rectangle((110, 150, 850, 440), fill="#f4f0e6", outline="#9a917f", width=4)
    pen.polygon([(80, 150), (480, 60), (880, 150)], fill="#a5533f")
    for place in range(6):
        pen.rectangle(
            (150 + place * 115, 210, 225 + place * 115, 320), fill="#8fb4c9", outline="#6d8b9c", width=3
        )
    for place in range(24):
        left = place * 40
        pen.polygon([(left, 120), (left + 40, 120), (left + 20, 150)], fill=chance.choice(_INKS))
    for place in range(chance.randint(7, 12)):
        x, y = 90 + place * 70 + chance.randint(-12, 12), 400 + chance.randint(-15, 25)
        pen.rounded_rectangle((x - 28, y, x + 28, y + 170), 24, fill=chance.choice(_INKS))
        pen.ellipse((x - 22, y - 48, x + 22, y - 2), fill=chance.choice(("#e3b98f", "#c99a6b", "#d9a97c")))
    return _saved(picture, "jpg", "JPEG", quality=82)


def _screen(caption: str, division: str, on: date, chance: Random) -> tuple[str, bytes]:
    """A web page with a form, seen as a screenshot."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#f5f7f6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, WIDTH, 46), fill="#dfe5e3")
    for place, ink in enumerate(("#d9705f", "#d9b45f", "#74b06a")):
        pen.ellipse((18 + place * 30, 15, 34 + place * 30, 31), fill=ink)
    pen.rounded_rectangle((130, 10, 900, 36), 13, fill="#ffffff")
    pen.rectangle((0, 46, WIDTH, 120), fill=chance.choice(_INKS))
    for place in range(6):
        top = 160 + place * 66
        pen.rounded_rectangle((80, top, 80 + chance.randint(120, 320), top + 14), 6, fill="#9fb0aa")
        pen.rounded_rectangle((80, top + 22, 620, top + 54), 6, fill="#ffffff", outline="#b9c6c1", width=2)
    pen.rounded_rectangle((680, 160, 900, 420), 10, fill="#ffffff", outline="#b9c6c1", width=2)
    pen.rounded_rectangle((80, 570, 260, 614), 8, fill="#1f6f5c")
    return _saved(picture, "png", "PNG", optimize=False)


def _saved(picture: Image.Image, ending: str, kind: str, **how: object) -> tuple[str, bytes]:
    written = io.BytesIO()
    picture.save(written, kind, **how)
    return ending, written.getvalue()


def _register(caption: str, division: str, on: date, chance: Random) -> tuple[str, bytes]:
    """A register of what was borrowed and given back."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "ทะเบียน"
    sheet.append([f"{caption} {division} {NAME}"])
    sheet.append(["ลำดับ", "รายการ", "วันที่ยืม", "วันที่คืน", "ผู้อนุมัติ"])
    things = ("เครื่องฉายภาพ", "เครื่องขยายเสียง", "เก้าอี้ 50 ตัว", "เต็นท์", "กล้องถ่ายภาพ", "เลื่อยยนต์")
    for number in range(1, chance.randint(6, 12)):
        sheet.append([number, chance.choice(things), short_date(on), short_date(on), f"หัวหน้า{division}"])
    for column, width in zip("ABCDE", (8, 28, 16, 16, 34), strict=True):
        sheet.column_dimensions[column].width = width
    written = io.BytesIO()
    book.save(written)
    return "xlsx", written.getvalue()


def _minutes(caption: str, division: str, on: date, chance: Random) -> tuple[str, bytes]:
    """A page of minutes."""
    document = Document()
    document.add_heading(caption, 1)
    document.add_paragraph(f"{division} {NAME}")
    document.add_paragraph(f"วันที่ {long_date(on)} ผู้เข้าร่วม {chance.randint(6, 30)} คน")
    matters = ("เรื่องแจ้งเพื่อทราบ", "ผลการดำเนินงานตามมาตรการ", "ข้อเสนอแนะ", "มติที่ประชุม: รับทราบและเห็นชอบ")
    for number, line in enumerate(matters, 1):
        document.add_paragraph(f"วาระที่ {number} {line}")
    written = io.BytesIO()
    document.save(written)
    return "docx", written.getvalue()


_MEMO = """
#set page(paper: "a4", margin: (left: 3cm, rest: 2cm))
#set text(font: "Sarabun", size: 11pt, lang: "th", features: (mark: 0, mkmk: 0))
#set par(first-line-indent: (amount: 2.5cm, all: true), leading: 0.9em)
#let told = json(bytes(sys.inputs.told))
#align(center, text(20pt, weight: "bold")[บันทึกข้อความ])
#v(6pt)
*ส่วนราชการ* #told.division #told.name \\
*วันที่* #told.day \\
*เรื่อง* #told.caption
#line(length: 100%, stroke: 0.5pt)
เรียน นายกองค์การบริหารส่วนตำบลตัวอย่าง

ตามแผนมาตรการส่งเสริมคุณธรรมและความโปร่งใส #told.division ได้ดำเนินการเรียบร้อยแล้ว จึงเรียนมาเพื่อโปรดทราบ
และเห็นควรเผยแพร่ให้ประชาชนทราบต่อไป
#v(40pt)
#align(right, block(width: 50%, align(center)[(ลงชื่อ) #told.signer \\ #told.division]))
"""


def _memo(caption: str, division: str, on: date, chance: Random) -> tuple[str, bytes]:
    """A signed memo."""
    told = {
        "caption": caption,
        "division": division,
        "name": NAME,
        "day": thai_digits(long_date(on)),
        "signer": "หัวหน้าส่วนราชการ",
    }
    return "pdf", _typeset(told)


def _typeset(told: dict[str, str]) -> bytes:
    return typst.compile(
        _MEMO.encode(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[sarabun.folder()]),
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        format="pdf",
        timestamp=0,
    )


_KINDS: dict[str, Callable[[str, str, date, Random], tuple[str, bytes]]] = {
    "manuals": _photo,
    "budget": _memo,
    "assignment": _memo,
    "register": _register,
    "stocktaking": _minutes,
    "gifts": _photo,
    "e-service": _screen,
    "website": _screen,
    "hearing": _photo,
    "disclosure": _screen,
    "risk": _memo,
    "complaints": _minutes,
}
