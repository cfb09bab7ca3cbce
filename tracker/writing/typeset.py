"""What the Word and the PDF face share: column widths, which rows may break, what can be printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from tracker.rules.frozen import each_text
from tracker.rules.report import AnnualReport

# Millimetres; each table fills the 257 mm between the margins of a landscape A4 page.
MARGIN = 20
RESULT_WIDTHS = (28, 37, 37, 28, 26, 65, 36)
PROBLEM_WIDTHS = (45, 72, 70, 70)
UNFINISHED_WIDTHS = (100, 18, 60, 25, 54)
ANNEX_WIDTHS = (12, 68, 58, 24, 95)
CHART_WIDTHS = (70, 130, 57)

ACCENT = "1F6F5C"
TINT = "E6F0ED"
TRACK = "DDE5E2"
LINE = "8A9A95"
QUIET = "55625E"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LETTER_WIDTH = 1.75
_PADDING = 4
_TALL = 22


def printable(report: AnnualReport) -> AnnualReport:
    """The report without the control characters and half surrogates that no document format can hold."""
    return each_text(report, lambda text, _: _FORBIDDEN.sub("", text))


def may_break(cells: Sequence[str], widths: Sequence[int]) -> bool:
    """Whether a row is so tall that it may continue on the next page; a shorter one is kept together."""
    return max(_lines(text, width) for text, width in zip(cells, widths, strict=True)) > _TALL


def _lines(text: str, width: int) -> int:
    room = (width - _PADDING) / _LETTER_WIDTH
    return sum(1 + int(_letters(line) / room) for line in text.split("\n"))


def _letters(line: str) -> int:
    # Thai vowels and tones above or below a letter take no width.
    return sum(unicodedata.category(sign) != "Mn" for sign in line)
