"""What a report still lacks before it may be closed or published, told as findings that can be mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tracker.errors import Message
from tracker.rules.cells import Cell
from tracker.rules.thai import fold

Level = Literal["must", "look", "ready"]
Code = Literal[
    "late", "open", "waiting", "follow_ups", "unsaid", "unproved", "fallen",
    "awaited", "stale", "personal", "website",
]  # fmt: skip
SHOWN = 6

# What a reason in writing settles: the report then prints "ไม่แล้วเสร็จ" or "ไม่ได้รายงาน".
REASONED: frozenset[Code] = frozenset({"late", "open", "follow_ups", "unsaid", "unproved"})

_IDENTITY = re.compile(r"(?<!\d)\d(?:[- ]?\d){12}(?!\d)")
_PHONE = re.compile(r"(?<!\d)0[689]\d(?:[- ]?\d){7}(?!\d)")
_PRIVATE = (
    "สำเนาบัตร", "บัตรประชาชน", "บัตรประจำตัว", "ทะเบียนบ้าน", "สมุดบัญชี", "เลขบัญชี", "หนังสือเดินทาง",
    "ใบรับรองแพทย์", "ประวัติส่วนตัว", "เบอร์โทร", "id card", "passport", "bookbank",
)  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One thing that a finding is about: its id, and the division or the heading it is told by.

    `cell` names the cell of the report where it is mended.
    """

    id: int
    name: str
    cell: Cell | None = None


@dataclass(frozen=True)
class Answered:
    """What the coordinator wrote to a finding, and the ids it was about."""

    text: str
    subjects: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Wanted:
    """An OIT item that wants a document of the plan, and the addresses where it can be seen, a line each.

    `item` is its code ("o26"), blank where the list of that assessment `year` is not known.
    """

    item: str
    year: int
    addresses: str = ""


@dataclass(frozen=True)
class ReadinessInputs:
    """The subjects of each check, empty where there is nothing to find, and the answers given so far."""

    subjects: Mapping[Code, tuple[Subject, ...]]
    answers: Mapping[str, Answered] = field(default_factory=dict)
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One check: what was found, who or what it is about, and what was answered to it."""

    code: Code
    level: Level
    title: Message
    names: tuple[tuple[str, int], ...] = ()
    more: int = 0
    subjects: tuple[Subject, ...] = ()
    answer: str = ""

    @property
    def answerable(self) -> bool:
        return self.code in REASONED


@dataclass(frozen=True)
class Readiness:
    """The findings in three groups, each in the order in which they should be mended."""

    must: tuple[Finding, ...]
    look: tuple[Finding, ...]
    ready: tuple[Finding, ...]

    @property
    def checks(self) -> int:
        return len(self.must) + len(self.look) + len(self.ready)


@dataclass(frozen=True)
class _Check:
    code: Code
    level: Level
    found: Callable[[int], Message]
    fine: Message


_CHECKS = (
    _Check(
        "late",
        "must",
        lambda n: Message("งานเกินกำหนด %(number)s งาน ยังไม่มีผลหรือเหตุผลที่ไม่แล้วเสร็จ", {"number": n}),
        Message("ไม่มีงานเกินกำหนด"),
    ),
    _Check(
        "open",
        "must",
        lambda n: Message("งานที่ยังไม่มีผล %(number)s งาน", {"number": n}),
        Message("ไม่มีงานที่ยังไม่ถึงกำหนดเหลืออยู่"),
    ),
    _Check(
        "waiting",
        "must",
        lambda n: Message("งานที่รออนุมัติ %(number)s งาน", {"number": n}),
        Message("อนุมัติครบทุกงานที่ส่ง"),
    ),
    _Check(
        "follow_ups",
        "must",
        lambda n: Message("การติดตามผลที่ยังไม่ตอบ %(number)s แบบ", {"number": n}),
        Message("ตอบการติดตามผลครบ"),
    ),
    _Check(
        "unsaid",
        "must",
        lambda n: Message("ยังไม่ได้ตอบปัญหาหรือข้อเสนอแนะ %(number)s ช่อง ถ้าไม่มีต้องเขียนว่า “ไม่มี”", {"number": n}),
        Message("ตอบปัญหาและข้อเสนอแนะครบ แม้ไม่มีก็เขียนว่า “ไม่มี”"),
    ),
    _Check(
        "unproved",
        "must",
        lambda n: Message("รายการที่รายงานแล้วแต่ไม่มีหลักฐาน %(number)s รายการ", {"number": n}),
        Message("ทุกรายการที่รายงานมีหลักฐานหรือเหตุผลที่ไม่มี"),
    ),
    _Check(
        "fallen",
        "must",
        lambda n: Message("คะแนนที่ลดลง %(number)s รายการ ยังไม่มีคำอธิบายหรือไม่ได้เขียนว่า “ลดลง”", {"number": n}),
        Message("คะแนนที่ลดลงเขียนว่า “ลดลง” และมีคำอธิบายครบ"),
    ),
    _Check(
        "awaited",
        "look",
        lambda n: Message("คะแนน ITA ที่รอประกาศผลหรือยังไม่ได้กรอก %(number)s รายการ", {"number": n}),
        Message("ทุกรายการมีคะแนน ITA เทียบปีก่อน"),
    ),
    _Check(
        "stale",
        "look",
        lambda n: Message("ข้อความที่แก้ไว้ %(number)s ช่อง ที่มาเปลี่ยนหลังแก้ไข", {"number": n}),
        Message("ข้อความที่แก้ไว้ตรงกับที่มาล่าสุด"),
    ),
    _Check(
        "personal",
        "look",
        lambda n: Message("หลักฐานสาธารณะ %(number)s รายการ อาจมีข้อมูลส่วนบุคคล และยังไม่มีคนตรวจ", {"number": n}),
        Message("ไม่พบข้อมูลส่วนบุคคลในชื่อหลักฐานสาธารณะ หรือมีคนตรวจแล้ว"),
    ),
)


def assess(inputs: ReadinessInputs) -> Readiness:
    """Every check of the report; a written reason makes what must be mended something to look at."""
    findings = [_finding(check, inputs) for check in _CHECKS]
    findings.append(_website(inputs))
    return Readiness(
        *(tuple(one for one in findings if one.level == level) for level in ("must", "look", "ready"))
    )


def holds(code: Code, subjects: Iterable[Subject], answers: Mapping[str, Answered]) -> str:
    """The answer to a finding, empty where there is none or it was about less than is found now."""
    answer = answers.get(code)
    if answer is None or not {subject.id for subject in subjects} <= answer.subjects:
        return ""
    return answer.text


def _finding(check: _Check, inputs: ReadinessInputs) -> Finding:
    subjects = inputs.subjects.get(check.code, ())
    if not subjects:
        return Finding(check.code, "ready", check.fine)
    answer = holds(check.code, subjects, inputs.answers)
    level: Level = "look" if answer else check.level
    counted = Counter(subject.name for subject in subjects).most_common()
    return Finding(
        code=check.code,
        level=level,
        title=check.found(len(subjects)),
        names=tuple(counted[:SHOWN]),
        more=len(counted[SHOWN:]),
        subjects=subjects,
        answer=answer,
    )


def _website(inputs: ReadinessInputs) -> Finding:
    missing = [one for one in inputs.wanted if not one.addresses]
    if missing:
        return Finding(
            "website",
            "look",
            Message("ยังไม่มี URL บนเว็บไซต์หลักสำหรับ%(items)s", {"items": _items(missing)}),
        )
    return Finding(
        "website",
        "ready",
        Message("มี URL บนเว็บไซต์หลักสำหรับ%(items)s", {"items": _items(inputs.wanted)}),
        answer="\n".join(one.addresses for one in inputs.wanted),
    )


def _items(wanted: Sequence[Wanted]) -> Message:
    """ "ข้อ o25, o26", or which year's list is not known yet."""
    known = ", ".join(one.item for one in wanted if one.item)
    years = ", ".join(str(one.year) for one in wanted if not one.item)
    if not years:
        return Message("ข้อ %(codes)s", {"codes": known})
    if not known:
        return Message("รายการของ OIT ปี %(years)s", {"years": years})
    return Message("ข้อ %(codes)s และรายการของ OIT ปี %(years)s", {"codes": known, "years": years})


def tells_of_a_person(text: str) -> bool:
    """Whether a file name or caption looks like personal data: an identity card's number, a telephone, a word."""
    folded = fold(text)
    if any(word in folded for word in _PRIVATE) or _PHONE.search(folded):
        return True
    return any(_is_identity(found[0]) for found in _IDENTITY.finditer(folded))


def _is_identity(text: str) -> bool:
    """Whether thirteen digits end in the check digit that an identity number has; a camera's numbers rarely do."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    weighted = sum(digit * weight for digit, weight in zip(digits[:12], range(13, 1, -1), strict=True))
    return (11 - weighted % 11) % 10 == digits[12]


def explains_the_fall(outcome: str, sentences: Collection[str]) -> bool:
    """Whether an outcome calls a fall a fall and says more than the sentences of the scores."""
    said = fold(outcome)
    told = "ลดลง" in said
    for sentence in map(fold, sentences):
        told = told or sentence in said
        said = said.replace(sentence, "")
    return told and bool(said.strip(" \n.-"))
