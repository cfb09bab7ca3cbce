"""Thai digits, Buddhist dates and folding for search."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from tracker.rules.fiscal import BUDDHIST_OFFSET

MONTHS = (
    "มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน",
    "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม",
)  # fmt: skip
SHORT_MONTHS = (
    "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.",
    "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.",
)  # fmt: skip
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์")
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TO_THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_TO_ARABIC = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_SPLIT_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")  # ํ, perhaps a tone mark, า
# Older fonts keep marks in other places, of private letters, and programs copy those out of a PDF.
_TONES = "\u0e48\u0e49\u0e4a\u0e4b\u0e4c"
_PRIVATE = str.maketrans(
    "".join(map(chr, range(0xF700, 0xF71B))),
    f"ฐ\u0e34\u0e35\u0e36\u0e37{_TONES}{_TONES}ญ\u0e31\u0e4d\u0e47{_TONES}\u0e38\u0e39\u0e3a",
)
_MARK = "[\u0e31\u0e33-\u0e3a\u0e47-\u0e4e]"
# Words in which ำ is sure where a program lost its ring, or copied it out as a space.
_WITH_AM = (
    "ดำเนิน", "กำหนด", "กำกับ", "กำลัง", "สำนัก", "สำเร็จ", "สำคัญ", "สำหรับ", "สำรวจ", "ลำดับ", "ประจำ", "ตำบล", "ตำแหน่ง",
    "อำนาจ", "อำนวย", "อำเภอ", "จำนวน", "จำเป็น", "จำหน่าย", "จัดทำ", "กระทำ", "ทำงาน", "ทำให้", "แนะนำ", "นำไป", "นำเสนอ",
    "นำมา", "ผู้นำ", "คำสั่ง", "คำถาม", "คำร้อง", "คำนวณ", "ชำนาญ", "ชำระ", "บำรุง", "บำบัด",
)  # fmt: skip
_RING_AS_SPACE = re.compile("|".join(word.replace("ำ", " +า") for word in _WITH_AM))
_RING_LOST = re.compile("|".join(word.replace("ำ", "า") for word in _WITH_AM))
_WITH_RING = {word.replace("ำ", "า"): word for word in _WITH_AM}
_LOOSE_MARK = re.compile(f"(?<=[ก-ฮ]) +(?={_MARK})|(?<=[ัิ-ู่-๎]) +(?=[ัำ-ู่-๎])")
_TONE_FIRST = re.compile("([่-๋])([ัิ-ื])")
_TONE_LAST = re.compile("ำ([่-๋])")
_TWICE = re.compile("([ัำ-ู่-์])\\1+")
# Whatever is mended holds one of these; most texts hold none.
_BROKEN = re.compile("[\uf700-\uf71a\u0e4d]|เเ| [ัา-ฺ็-๎]|[่-๋][ัิ-ื]|ำ[่-๋]|([ัำ-ู่-์])\\1")
_SPACES = re.compile(r"[\s\u00a0]+")


def thai_digits(text: object) -> str:
    return str(text).translate(_TO_THAI)


def arabic_digits(text: object) -> str:
    return str(text).translate(_TO_ARABIC)


def clean(text: str) -> str:
    """The text without invisible characters, with ํ + า as ำ, เ + เ as แ, marks in their order and single spaces."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text)))
    while _BROKEN.search(text):
        known, text = text, _mended(text)
        if text == known:
            break
    return text.strip()


def _mended(text: str) -> str:
    text = _RING_AS_SPACE.sub(
        lambda found: with_rings(found[0]), _LOOSE_MARK.sub("", text.translate(_PRIVATE))
    )
    text = _SPLIT_AM.sub("\\1\u0e33", text).replace("เเ", "แ")
    text = _TWICE.sub(r"\1", _TONE_LAST.sub("\\1\u0e33", _TONE_FIRST.sub(r"\2\1", text)))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def with_rings(text: str) -> str:
    """The text with ำ in the words in which it is sure, for texts of which a program lost all its rings."""
    return _RING_LOST.sub(lambda found: _WITH_RING[found[0]], _RING_AS_SPACE.sub(_unspaced, text))


def _unspaced(found: re.Match[str]) -> str:
    return found[0].replace(" ", "")


def clean_lines(text: str) -> str:
    """The text with each line cleaned and empty lines at the ends dropped."""
    return "\n".join(clean(line) for line in text.strip().splitlines())


def fold(text: str) -> str:
    """The form in which texts are searched: cleaned, Arabic digits, lower case."""
    return arabic_digits(clean(text)).casefold()


def letters(text: str) -> str:
    """The folded text without any space, to compare names whose spaces are unsure."""
    return fold(text).replace(" ", "")


def long_date(day: date) -> str:
    """30 กันยายน 2569."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year + BUDDHIST_OFFSET}"


def short_date(day: date) -> str:
    """30 ก.ย. 2569."""
    return f"{day.day} {SHORT_MONTHS[day.month - 1]} {day.year + BUDDHIST_OFFSET}"


@dataclass(frozen=True)
class PrintedDay:
    """A day among the values of a sentence, which `locale` prints in the language of its reader."""

    on: date
    whole: bool = False
    """Whether the month's whole name is printed."""

    def __str__(self) -> str:
        return long_date(self.on) if self.whole else short_date(self.on)


def full_year(written: int) -> int:
    """The Buddhist year meant by a written one: 69 is 2569, 2569 itself, 2026 is 2569."""
    if written < 100:
        return 2500 + written
    if written < 2400:
        return written + BUDDHIST_OFFSET
    return written


def _skeleton(text: str) -> str:
    return re.sub(r"[.\s]", "", text)


_MONTH_NAMES = {_skeleton(name): number for number, name in enumerate(MONTHS, 1)}
_MONTH_NAMES |= {_skeleton(name): number for number, name in enumerate(SHORT_MONTHS, 1)}


_ENGLISH_NUMBERS = {
    short.lower(): number for number, name in enumerate(ENGLISH_MONTHS, 1) for short in (name, name[:3])
}


def month_number(name: str) -> int | None:
    """1 to 12 for a Thai month in any usual spelling (มี.ค., มีค, มีนาคม), else None."""
    return _MONTH_NAMES.get(_skeleton(clean(name)))


def parse_date(text: str) -> date | None:
    """The day written as "5 ต.ค. 65", "๕ ตุลาคม พ.ศ. ๒๕๖๕", "5/10/2565", "5 Oct 2565" or "2022-10-05", else None."""
    text = arabic_digits(clean(text)).replace("พ.ศ.", " ").replace("พ.ศ", " ")
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    if iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
        return _day(year - BUDDHIST_OFFSET if year > 2400 else year, month, day)
    slashed = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{2}|\d{4})", text.strip())
    if slashed:
        return _day(full_year(int(slashed[3])) - BUDDHIST_OFFSET, int(slashed[2]), int(slashed[1]))
    english = re.fullmatch(r"(\d{1,2})\s*([A-Za-z]+)\.?\s*(\d{4})(?:\s*B\.?E\.?)?", text.strip())
    if english:
        month = _ENGLISH_NUMBERS.get(english[2].lower(), 0)
        return _day(full_year(int(english[3])) - BUDDHIST_OFFSET, month, int(english[1]))
    worded = re.fullmatch(r"(?:วันที่\s*)?(\d{1,2})\s*([ก-๎.\s]+?)\s*(\d{2}|\d{4})", text.strip())
    if worded:
        month_of_name = month_number(worded[2])
        if month_of_name:
            return _day(full_year(int(worded[3])) - BUDDHIST_OFFSET, month_of_name, int(worded[1]))
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
