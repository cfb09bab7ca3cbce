"""What the faces of a document share: the shape of each table, which rows may break, what can be printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.rules.frozen import Value, each_text
from tracker.rules.thai import MONTHS, SHORT_MONTHS


@dataclass(frozen=True)
class Shape:
    """Column widths in millimetres, and what is special about columns, counted from 0.

    `bold` and `centred` list columns, `note` takes a row's note below its text, `code` holds hashes.
    """

    widths: tuple[int, ...]
    bold: tuple[int, ...] = ()
    centred: tuple[int, ...] = ()
    note: int | None = None
    code: int | None = None


MARGIN = 20
LOGO_HEIGHT = 18
# Each table fills the 257 mm between the margins of a landscape A4 page.
SHAPES = {
    "results": Shape((26, 36, 36, 26, 28, 60, 45), bold=(0,), note=5),
    "problems": Shape((45, 72, 70, 70)),
    "unfinished": Shape((100, 18, 60, 25, 54)),
    "annex": Shape((12, 65, 57, 29, 94), centred=(0,), code=4),
    "scores": Shape((20, 90, 60, 40, 47), centred=(0, 3, 4)),
    "comparison": Shape((137, 35, 35, 50), centred=(1, 2)),
    "analysis": Shape((70, 187), bold=(0,)),
    "measures": Shape((32, 42, 46, 55, 27, 27, 28), bold=(0,)),
    "amendments": Shape((24, 48, 60, 125), centred=(0,)),
    "meeting": Shape((37, 54, 50, 50, 66), bold=(0,)),
    "demanded": Shape((45, 20, 30, 90, 72), centred=(1, 2)),
    "enclosed": Shape((90, 130, 37)),
    "progress": Shape((32, 44, 28, 27, 66, 30, 30), bold=(0,)),
}
CHART_WIDTHS = (68, 120, 69)
PHOTOS_ABREAST, PHOTO_WIDTH, PHOTO_HEIGHT = 3, 81, 60

ACCENT = "1F6F5C"
TINT = "E6F0ED"
TRACK = "DDE5E2"
LINE = "8A9A95"
QUIET = "55625E"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LETTER_WIDTH = 1.75
_PADDING = 4
_TALL = 7

_NUMBER = "[0-9๐-๙]"
_MONTH = "|".join(month.replace(".", r"\.") for month in (*SHORT_MONTHS, *MONTHS))
# What stays on one line: years and shares, a month with its day and year, a number with what it counts. Typst reads
# these patterns too.
TOGETHER = (
    rf"พ\.ศ\. {_NUMBER}{{4}}|ร้อยละ [0-9๐-๙.]+|{_NUMBER}{{1,9}} ?- ?{_NUMBER}{{1,9}}",
    rf"(?:{_NUMBER}{{1,2}} )?(?:{_MONTH})(?: ?{_NUMBER}{{2,4}})?",
    rf"{_NUMBER}[0-9๐-๙.,]{{0,9}} (?:คน|ข้อ|ครั้ง|เล่ม|วัน|เดือน|จุด|แห่ง|เรื่อง|รายการ|ราย|ฉบับ|งาน|หมู่บ้าน|บาท|คะแนน)",
)


def printable(paper: Value) -> Value:
    """The document without the control characters and half surrogates that no format can hold."""
    return each_text(paper, lambda text, _: _FORBIDDEN.sub("", text))


def glued(text: str) -> str:
    """The text with no-break spaces within what stays on one line; copied and searched they are spaces."""
    for pattern in TOGETHER:
        text = re.sub(pattern, lambda found: found[0].replace(" ", "\u00a0"), text)
    return text


def may_break(cells: Sequence[str], widths: Sequence[int]) -> bool:
    """Whether a row is so tall that it may continue on the next page; a shorter one is kept together.

    Kept together, tall rows would leave up to half a page empty above them.
    """
    return max(_lines(text, width) for text, width in zip(cells, widths, strict=True)) > _TALL


def _lines(text: str, width: int) -> int:
    room = (width - _PADDING) / _LETTER_WIDTH
    return sum(1 + int(_letters(line) / room) for line in text.split("\n"))


def _letters(line: str) -> int:
    # Thai vowels and tones above or below a letter take no width.
    return sum(unicodedata.category(sign) != "Mn" for sign in line)
