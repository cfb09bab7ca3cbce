"""Who is responsible: the divisions that a cell names, everyone, or the organisation as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tracker.rules import thai

# Usual names; one that holds another stands before it.
_NAMES = (
    "สำนักปลัดองค์การบริหารส่วนตำบล",
    "สำนักปลัดองค์การบริหารส่วนจังหวัด",
    "สำนักปลัดเทศบาล",
    "สำนักปลัด",
    "กองการศึกษา ศาสนาและวัฒนธรรม",
    "กองการศึกษา ศาสนา และวัฒนธรรม",
    "กองการศึกษา",
    "กองสาธารณสุขและสิ่งแวดล้อม",
    "กองสาธารณสุข",
    "กองสวัสดิการสังคม",
    "กองส่งเสริมการเกษตร",
    "กองยุทธศาสตร์และงบประมาณ",
    "กองวิชาการและแผนงาน",
    "กองทรัพยากรบุคคล",
    "กองการเจ้าหน้าที่",
    "กองการประปา",
    "กองช่าง",
    "กองคลัง",
    "หน่วยตรวจสอบภายใน",
    "สถานธนานุบาล",
)
_OTHER_SPELLINGS = {
    "ตรวจสอบภายใน": "หน่วยตรวจสอบภายใน",
    "หน่วยงานตรวจสอบภายใน": "หน่วยตรวจสอบภายใน",
    "งานตรวจสอบภายใน": "หน่วยตรวจสอบภายใน",
    "นักวิชาการตรวจสอบภายใน": "หน่วยตรวจสอบภายใน",
    "สำนักงานปลัดเทศบาล": "สำนักปลัดเทศบาล",
    "สำนักงานปลัด": "สำนักปลัด",
    "สำนักปลัดอบต.": "สำนักปลัด",
    "สำนักปลัดอบจ.": "สำนักปลัด",
    "สำนักปลัดองค์การบริหารส่วนตำบล": "สำนักปลัด",
    "สำนักปลัดองค์การบริหารส่วนจังหวัด": "สำนักปลัด",
    "กองการศึกษาศาสนาและวัฒนธรรม": "กองการศึกษา ศาสนาและวัฒนธรรม",
    "กองสธ.": "กองสาธารณสุขและสิ่งแวดล้อม",
    "ส่วนการคลัง": "กองคลัง",
    "ส่วนโยธา": "กองช่าง",
}
# So short that they are known only where nothing else stands beside them.
_SHORT = {"สป.": "สำนักปลัด", "สป": "สำนักปลัด", "ตสน.": "หน่วยตรวจสอบภายใน", "ตสน": "หน่วยตรวจสอบภายใน"}
_PART = re.compile(
    r"(?:(?:หน่วยงาน|ผู้รับผิดชอบ|ส่วนราชการ|เจ้าภาพ)\s*(?:ผู้รับผิดชอบ)?\s*(?:หลัก|รอง|ร่วม|สนับสนุน)(?=[\s:\0])\s*:?"
    r"|(?<![ก-๙])(?:หลัก|รอง|ร่วม|สนับสนุน)\s*:)\s*"
)
_POST = re.compile(r"^(?:หัวหน้า|หน\.|ผู้อำนวยการ|ผอ\.?)(?=สำนัก|กอง|หน่วย|ส่วน|สป)")
_EVERYONE = re.compile(
    r"(?:ทุก(?:ๆ)?|ทั้งหมดทุก)(?:สำนัก|กอง|ส่วน|หน่วย|ฝ่าย|งาน|กลุ่ม|แผนก|ภาคส่วน)|(?:กอง|ส่วนราชการ|หน่วยงาน|สำนัก/กอง)ทั้งหมด"
)
_EVERYONE_EXACTLY = (
    "สำนัก/กอง/ฝ่าย",
    "สำนัก/กอง",
    "สำนัก/กอง/หน่วย",
    "สำนักกอง",
    "กอง/สำนัก",
    "ทุกคน",
    "ทั้งหมด",
    "บุคลากรทุกคน",
    "เจ้าหน้าที่ทุกคน",
    "พนักงานทุกคน",
)
_WHOLE = re.compile(
    r"(?:องค์การบริหารส่วน(?:ตำบล|จังหวัด)|เทศบาล(?:ตำบล|เมือง|นคร)?|อบต|อบจ|ทต|ทม|ทน)\.?(?P<name>[ก-๙]*)$"
)
_STARTS = (
    r"(?:สำนัก|กอง|หน่วย|ส่วน|ฝ่าย|งาน|ตรวจสอบ|ทุก|คณะ|ผู้|นัก|ปลัด|รองปลัด|หัวหน้า|ผอ|นายก|นิติกร|เจ้า"
    r"|สถาน|ศูนย์|องค์การ|เทศบาล|อบต|อบจ)"
)
_SEPARATOR = re.compile(
    rf"[/\\,;\n|+]|\s*(?:และ|กับ|ร่วมกับ)\s*(?={_STARTS})"
    rf"|(?<!ปลัด)(?<!นายก)(?<!ปลัดฯ)\s+(?={_STARTS})|(?:^|\s)(?:[-•]|\d{{1,2}}[.)])\s*"
)
_CLOSING = re.compile(r"^[\s.…:*-]+|[\s…:*-]+$")


@dataclass(frozen=True)
class Responsible:
    """One name in the cell as written, and the division it means; None for a person, a committee or the unknown."""

    text: str
    division: str | None


@dataclass(frozen=True)
class Answer:
    """Who a cell makes responsible; `parts` is empty for everyone and for the whole organisation."""

    everyone: bool = False
    whole: bool = False
    parts: tuple[Responsible, ...] = ()


def read(text: str, organisation: str | None = None, known: Iterable[str] | None = None) -> Answer:
    """Who `text` names; `known` are the organisation's own divisions and their other names."""
    own = list(known or ())
    letters = thai.letters(re.sub(r"^\s*(?:ผู้รับผิดชอบ|หน่วยงานที่รับผิดชอบ)(?:หลัก)?\s*:?", "", text))
    if not re.search("[ก-๙a-z]", letters):
        return Answer()
    if _EVERYONE.search(letters) or letters.strip("().") in _EVERYONE_EXACTLY:
        return Answer(everyone=True)
    if _is_whole(letters, organisation):
        return Answer(whole=True)
    parts: dict[str, Responsible] = {}
    for part in _split(text, own):
        division = division_of(part, own if known is not None else None)
        parts.setdefault(division or thai.letters(part), Responsible(part, division))
    return Answer(parts=tuple(parts.values()))


def division_of(text: str, known: Iterable[str] | None = None) -> str | None:
    """The division that a single name means: one of `known` when given, else the usual full name."""
    letters = re.sub(r"\(.*?\)|ฯ", "", thai.letters(text))
    letters = re.sub(r"(?<=.)โดย.*", "", _POST.sub("", letters))
    if known is not None:
        return _among(letters, list(known))
    if letters in _USUAL:
        return _USUAL[letters]
    if re.match(r"(?:กอง(?!ทุน)|สำนัก|หน่วย(?!งาน))[ก-๙]{2,}", letters):
        return thai.clean(re.sub(r"^(?:หัวหน้า|ผู้อำนวยการ|ผอ\.?)\s*", "", re.sub(r"\(.*?\)", "", text)))
    return None


def is_name(text: str) -> bool:
    """Whether a cell names divisions, to tell a column of them from others."""
    answer = read(text)
    return (
        answer.everyone or answer.whole or (bool(answer.parts) and all(one.division for one in answer.parts))
    )


def _usual() -> dict[str, str]:
    usual = {thai.letters(name): name for name in _NAMES}
    return usual | {thai.letters(spelling): name for spelling, name in (_OTHER_SPELLINGS | _SHORT).items()}


_USUAL = _usual()


def _among(letters: str, known: list[str]) -> str | None:
    by_letters = {re.sub(r"ฯ", "", thai.letters(name)): name for name in known}
    if letters in by_letters:
        return by_letters[letters]
    meant = _USUAL.get(letters)
    for spelling, name in by_letters.items():
        if meant is not None and _USUAL.get(spelling) == meant:
            return name
    beginning = [
        name
        for spelling, name in by_letters.items()
        if (len(letters) > 5 or letters in _SHORT) and spelling.startswith(_SHORT.get(letters, letters))
    ]
    return beginning[0] if len(beginning) == 1 else None


def _is_whole(letters: str, organisation: str | None) -> bool:
    found = _WHOLE.match(letters.strip("()."))
    if not found:
        return letters in ("หน่วยงาน", "ทั้งองค์กร", "องค์กร")
    name = found["name"]
    own = thai.letters(organisation or "")
    return not name or not own or own.endswith(name)


def _split(text: str, known: list[str]) -> list[str]:
    """The names in a cell; a known name keeps the spaces, slashes and "และ" inside it."""
    pattern = _any_of(frozenset((*known, *_NAMES, *_OTHER_SPELLINGS)))
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(re.sub(r"\s+", " ", found[0]))
        return f" \0{len(kept) - 1}\0"

    shielded = re.sub(
        r"\([^()]*\)", lambda found: found[0].replace("/", "\1").replace(",", "\2").replace(" ", "\3"), text
    )
    shielded = re.sub(r"(?<=[ก-๙])\s+(?=ฯ)", "", pattern.sub(keep, _PART.sub("\n", shielded)))
    shielded = re.sub(r"(หัวหน้า|ผู้อำนวยการ|ผอ\.?|ผู้อำนวยการกลุ่ม) \0", "\\1\0", shielded)
    parts = []
    for piece in _SEPARATOR.split(re.sub(r"(?: |และ|ร่วมกับ|กับ)+(?=\S*\0\d+\0)", "\n", shielded)):
        whole = re.sub(r"\0(\d+)\0", lambda found: kept[int(found[1])], piece or "")
        whole = whole.replace("\1", "/").replace("\2", ",").replace("\3", " ")
        whole = _CLOSING.sub("", _without_half_brackets(thai.clean(whole)))
        if re.search("[ก-๙A-Za-z]", whole):
            parts.append(whole)
    return parts


def _without_half_brackets(name: str) -> str:
    """A name without the bracket that stood between it and the person or division before it."""
    if name.count("(") == name.count(")"):
        return name
    return name.removesuffix("(").removesuffix(")").strip()


@lru_cache(64)
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names, the longest first, with spaces between any of its letters."""
    return re.compile("|".join(_spaced(name) for name in sorted(names, key=lambda name: (-len(name), name))))


def _spaced(name: str) -> str:
    return r"\s*".join(re.escape(letter) for letter in name if letter != " ")
