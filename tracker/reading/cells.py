"""The items of a cell: numbered, dashed, one a line or only one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.rules import thai

_NUMBER = re.compile(
    r"(?<![\d.,/:])(?P<open>\()?(?P<n>\d{1,2})(?P<sub>(?:\.\d{1,2})*)(?P<close>\s?[.)]+|(?=\s))(?!\d)\s*(?=[^\s\d.,/:%)–-])"
)
_CALLED = re.compile(r"(?:^|(?<=\s))(?:มาตรการ|โครงการ|กิจกรรม|ขั้นตอน)ที่\s?(?P<n>\d{1,2})\s?[.:)]?\s*(?=\S)")
_BULLETS = "•●▪■○►➢❖✓✔·◆–—"
_BULLET = re.compile(rf"(?:-|\*|o(?=\s)|[{_BULLETS}])[ \t]*(?=[^\s\d-])")
_LETTERS = "กขคงจฉช"
_LETTER = re.compile(rf"(?<!\S)\(?([{_LETTERS}])\s?[.)]\s*(?=[^\s.])(?![ก-ฮ]\.)")
_BEFORE_A_REFERENCE = re.compile(
    r"(?:(?:ข้อ|มาตรา|หมวด|วรรค)(?:\s*\d{1,3})?(?:\s*\(\d{1,2}\))*|จำนวน|เวลา|ม\.|พ\.ศ\."
    r"|(?:ข้อ|ครั้ง|รอบ|ระดับ|เล่ม|ส่วน|ไตรมาส|ฉบับ|ลำดับ|หมู่|ชุด|ประเด็น|ตัวชี้วัด|มาตรการ|งวด|วัน|รุ่น|บท|ปี)ที่)\s*$"
)
_UNIT = re.compile(
    r"(?:ช่องทาง|ครั้ง|วัน|เดือน|ปี|คน|ข้อ|ด้าน|โครงการ|เล่ม|ประเภท|ชั่วโมง|บาท|ตัวชี้วัด|ประเด็น|ไตรมาส|กิจกรรม|แห่ง|หมู่|ระดับ|รอบ|ท่าน|ราย|ฉบับ|นาที|คะแนน|หน่วย)"
)
_LABEL = re.compile(
    r"(?:รายละเอียด)?(?:ขั้นตอน|วิธีการ|วิธี|แนวทาง|มาตรการ|โครงการ|กิจกรรม|ผล|การ)[^\s]{0,40}$|.*(?::|ดังนี้|ประกอบด้วย|ได้แก่|ดังต่อไปนี้)\s*$",
    re.S,
)
_NEW_SENTENCE = re.compile(
    r"(?:การ|จัด|ส่งเสริม|มาตรการ|โครงการ|กิจกรรม|พัฒนา|กำหนด|ประชาสัมพันธ์|เผยแพร่|สร้าง|แต่งตั้ง|ออก|ประกาศ|รายงาน|ติดตาม|ดำเนินการ"
    r"|ปรับปรุง|เพิ่ม|ประชุม|แจ้ง|อบรม|ทบทวน|วิเคราะห์|กำกับ|ตรวจสอบ|เสริมสร้าง|ให้ความรู้|รวบรวม|ศึกษา|สำรวจ|ประเมิน|จัดทำ|มีการ|ผู้บริหาร)"
)
_MONTH_OR_LATIN = re.compile(r"[A-Za-z0-9๐-๙.]\s*$")


@dataclass(frozen=True)
class Entry:
    """One item of a cell with the number written before it, if any."""

    number: int | None
    text: str


@dataclass(frozen=True)
class _Mark:
    begins: int
    ends: int
    number: int | None


def entries(text: str) -> tuple[Entry, ...]:
    """The items of a cell in order; every letter of the cell but the marks before items is in one of them."""
    text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
    if not re.search(r"[^\s\-–—.…_*]", text):
        return ()
    marks = _called(text) or _numbered(text) or _lettered(text) or _dashed(text)
    if not marks:
        return tuple(Entry(None, thai.clean(part)) for part in _by_line(text))
    found = []
    for place, mark in enumerate(marks):
        end = marks[place + 1].begins if place + 1 < len(marks) else len(text)
        found.append(Entry(mark.number, thai.clean(text[mark.ends : end])))
    before = thai.clean(text[: marks[0].begins])
    if before and (_LABEL.match(before) or not found[0].text):
        found[0] = Entry(found[0].number, f"{before} {found[0].text}".strip())
    elif before:
        found.insert(0, Entry(None, before))
    return tuple(entry for entry in found if entry.text)


def begins_an_item(text: str) -> bool:
    """Whether the text opens with a number or a dash and so does not continue the sentence before it."""
    plain = thai.arabic_digits(text).lstrip()
    return _NUMBER.match(plain) is not None or _BULLET.match(plain) is not None


def leading_number(text: str) -> int | None:
    """The number written before a text, as in "๒.การมอบหมายงาน"."""
    found = _NUMBER.match(thai.arabic_digits(text).lstrip())
    return int(found["n"]) if found and not found["sub"] else None


def _called(text: str) -> list[_Mark]:
    """Where items begin that are called "มาตรการที่ ๑", "มาตรการที่ ๒" and so on; a single one is no list."""
    found = list(_CALLED.finditer(thai.arabic_digits(text)))
    numbers = [int(one["n"]) for one in found]
    if len(numbers) < 2 or numbers != list(range(1, len(numbers) + 1)):
        return []
    return [_Mark(one.start(), one.end(), number) for number, one in zip(numbers, found, strict=True)]


def _numbered(text: str) -> list[_Mark]:
    """Where the numbered items begin; numbers of another style or level inside an item stay in its text."""
    plain = thai.arabic_digits(text)
    marks: list[_Mark] = []
    style = ""
    current: int | None = None
    parent = 0
    nested = False
    for found in _NUMBER.finditer(plain):
        number, subs = int(found["n"]), [int(one) for one in found["sub"].split(".") if one]
        own_style = _style(found)
        if not marks and subs and _stands_alone(plain, found.start(), found.end()):
            style, parent = "sub", number
        if style == "sub":
            begins = len(subs) == 1 and _sub_begins(plain, found, number, subs[0], parent, current)
            parent = number if begins else parent
            number = subs[0] if subs else number
        elif subs:
            begins = False
        elif not marks:
            begins = _first_begins(plain, found, number, own_style)
            style = own_style if begins else style
        else:
            begins = _next_begins(plain, found, number, current or 0, own_style, style, nested)
            nested = nested or (not begins and number == 1 and own_style != style)
        if begins:
            marks.append(_Mark(found.start(), found.end(), number))
            current, nested = number, False
    return marks


def _style(found: re.Match[str]) -> str:
    close = found["close"].strip()
    return ("(" if found["open"] else "") + (")" if ")" in close else "." if close else "")


def _at_line(plain: str, begins: int) -> bool:
    return begins == 0 or _before(plain, begins).rstrip(" \t").endswith("\n")


def _before(plain: str, begins: int) -> str:
    """What stands just before a place, as much as any rule looks at."""
    return plain[max(0, begins - 40) : begins]


def _stands_alone(plain: str, begins: int, ends: int) -> bool:
    return _at_line(plain, begins) and ends < len(plain)


def _first_begins(plain: str, found: re.Match[str], number: int, style: str) -> bool:
    before = _before(plain, found.start())
    if _at_line(plain, found.start()):
        return bool(style) or (found.start() == 0 and not _UNIT.match(plain, found.end()))
    spaced = before.endswith((" ", "\t"))
    return bool(style) and spaced and number == 1 and not _BEFORE_A_REFERENCE.search(before)


def _next_begins(
    plain: str, found: re.Match[str], number: int, current: int, own_style: str, style: str, nested: bool
) -> bool:
    before = _before(plain, found.start())
    at_line = _at_line(plain, found.start())
    follows = number == current + 1
    if own_style != style:
        switched = bool(own_style) and follows and not nested
        return switched and (at_line or before.endswith(" ")) and not _BEFORE_A_REFERENCE.search(before)
    if not own_style:
        return follows and (at_line or before.endswith(" ")) and not _UNIT.match(plain, found.end())
    if at_line:
        return True
    if _BEFORE_A_REFERENCE.search(before):
        return False
    if before.endswith((" ", "\t")):
        return current <= number <= current + 3 or number == 1
    return follows and re.search(r"[ก-๎)”\"]$", before) is not None


def _sub_begins(
    plain: str, found: re.Match[str], number: int, sub: int, parent: int, current: int | None
) -> bool:
    spaced = _at_line(plain, found.start()) or _before(plain, found.start()).endswith(" ")
    follows = sub == (current or 0) + 1 if number == parent else (number == parent + 1 and sub == 1)
    return spaced and (current is None or follows or _at_line(plain, found.start()))


def _lettered(text: str) -> list[_Mark]:
    """Where items marked ก. ข. ค. begin: in that order, two at least, as "ก." alone may be a month."""
    marks: list[_Mark] = []
    for found in _LETTER.finditer(text):
        if len(marks) < len(_LETTERS) and found[1] == _LETTERS[len(marks)]:
            marks.append(_Mark(found.start(), found.end(), None))
    return marks if len(marks) > 1 else []


def _dashed(text: str) -> list[_Mark]:
    """Where the dashed items begin: at lines where lines have dashes, else after spaces where the first has one."""
    found = list(_BULLET.finditer(text))
    at_lines = [_Mark(one.start(), one.end(), None) for one in found if _at_line(text, one.start())]
    if len(at_lines) > 1 or (at_lines and at_lines[0].begins > 0):
        return at_lines
    labelled = bool(found) and _LABEL.match(text[: found[0].start()].strip()) is not None
    if not at_lines and not labelled:
        return []
    marks = []
    for one in found:
        before = _before(text, one.start())
        if one.start() and not before.endswith((" ", "\n")):
            continue
        between_words = _MONTH_OR_LATIN.search(before) and re.match(r"[A-Za-z0-9๐-๙]", text[one.end() :])
        if not between_words:
            marks.append(_Mark(one.start(), one.end(), None))
    return marks


def _by_line(text: str) -> list[str]:
    """Lines without any mark: an item each where each reads like the start of one, else one item."""
    lines = text.split("\n")
    if len(lines) > 1 and all(len(line) >= 12 and _NEW_SENTENCE.match(line) for line in lines):
        return lines
    return [" ".join(lines)]
