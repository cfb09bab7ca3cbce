"""The seven topics of the analysis, and the questions each of them gathers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One of the seven topics of the analysis (ประเด็น); `spellings` are other forms met in documents."""

    number: int
    title: str
    spellings: tuple[str, ...] = ()


TOPICS = (
    Topic(1, "กระบวนการปฏิบัติงานที่โปร่งใสและมีประสิทธิภาพ"),
    Topic(2, "การให้บริการและระบบ E-Service"),
    Topic(
        3,
        "ช่องทางและรูปแบบการประชาสัมพันธ์เผยแพร่ข้อมูลข่าวสารภาครัฐ",
        ("แผนผังข้อมูลข่าวสารภาครัฐ", "ช่องทางและรูปแบบการประชาสัมพันธ์"),
    ),
    Topic(4, "กระบวนการกำกับดูแลการใช้ทรัพย์สินของราชการ", ("การกำกับดูแลการใช้ทรัพย์สินของราชการ",)),
    Topic(5, "กระบวนการสร้างความโปร่งใสในการใช้งบประมาณและการจัดซื้อจัดจ้าง"),
    Topic(6, "กระบวนการควบคุม ตรวจสอบการใช้อำนาจและการบริหารงานบุคคล"),
    Topic(7, "กลไกและมาตรการในการแก้ไขและป้องกันการทุจริตภายในหน่วยงาน"),
)

_SURVEY = {
    1: ("i1", "i2", "i3"),
    2: ("e1", "e2", "e3", "e7", "e8", "e9"),
    3: ("e4", "e5", "e6"),
    4: ("i10", "i11", "i12"),
    5: ("i4", "i5", "i6"),
    6: ("i7", "i8", "i9"),
    7: ("i13", "i14", "i15"),
}


def _items(*parts: int | tuple[int, int]) -> tuple[str, ...]:
    numbers = [
        n for part in parts for n in ([part] if isinstance(part, int) else range(part[0], part[1] + 1))
    ]
    return tuple(f"o{number}" for number in numbers)


# 2568 is inferred from its item titles; no form of that year names the topics.
_ITEMS = {
    2567: {
        1: _items((7, 10)),
        2: _items((11, 13), 25),
        3: _items((1, 6)),
        4: (),
        5: _items((14, 17)),
        6: _items((18, 21)),
        7: _items((22, 24), (26, 35)),
    },
    2568: {
        1: _items((5, 8)),
        2: _items((9, 11), 20),
        3: _items((1, 4)),
        4: (),
        5: _items(12, 13),
        6: _items((14, 16)),
        7: _items((17, 19), (21, 28)),
    },
}


def questions_of(topic: int, year: int) -> tuple[str, ...]:
    """Codes of the questions and items of a topic in an assessment year; empty where the year had no topics."""
    if year not in _ITEMS:
        return ()
    return _SURVEY[topic] + _ITEMS[year][topic]


def topic_of(code: str, year: int) -> int | None:
    """The topic that gathers the question `code` in that year, else None."""
    return next((topic.number for topic in TOPICS if code in questions_of(topic.number, year)), None)
