"""Word's automatic numbering, whose digits stand nowhere in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tracker.reading.xmlnames import attribute, child, local
from tracker.rules import thai

_THAI_LETTERS = "กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ".replace("ฃ", "").replace("ฅ", "")


@dataclass
class _Level:
    format: str = "decimal"
    text: str = "%1."
    start: int = 1


@dataclass
class Numbering:
    """The lists of a document and how far each has counted."""

    _levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _abstract: dict[str, str] = field(default_factory=dict)
    _restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    _styles: dict[str, Element] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, numbering: Element | None, styles: Element | None) -> Numbering:
        """The lists of numbering.xml and the styles that use them; either part may be absent."""
        lists = cls()
        for element in numbering if numbering is not None else ():
            if local(element) == "abstractNum":
                levels = {_index(level): _level(level) for level in element if local(level) == "lvl"}
                lists._levels[attribute(element, "abstractNumId") or ""] = levels
            elif local(element) == "num":
                lists._add(element)
        for style in styles if styles is not None else ():
            if local(style) == "style":
                lists._styles[attribute(style, "styleId") or ""] = style
        return lists

    def _add(self, element: Element) -> None:
        number = attribute(element, "numId") or ""
        abstract = child(element, "abstractNumId")
        self._abstract[number] = (attribute(abstract, "val") or "") if abstract is not None else ""
        for override in element:
            if local(override) != "lvlOverride":
                continue
            start = child(override, "startOverride")
            if start is not None:
                self._restarts.setdefault(number, {})[_index(override)] = _int(attribute(start, "val"), 1)
            level = child(override, "lvl")
            if level is not None:
                key = f"override {number}"
                self._levels[key] = {
                    **self._levels.get(self._abstract[number], {}),
                    _index(override): _level(level),
                }
                self._abstract[number] = key

    def mark(self, properties: Element | None) -> str:
        """The next number or bullet of the paragraph's list, with a space after it; empty outside lists."""
        number, index = self._list_of(properties)
        if number is None or number == "0" or number not in self._abstract:
            return ""
        abstract = self._abstract[number]
        level = self._levels.get(abstract, {}).get(index)
        if level is None:
            return ""
        counts = self._counts.setdefault(abstract, {})
        if number not in self._begun:
            self._begun.add(number)
            for place, start in self._restarts.get(number, {}).items():
                counts[place] = start - 1
        counts[index] = counts.get(index, level.start - 1) + 1
        for deeper in [place for place in counts if place > index]:
            del counts[deeper]
        if level.format == "bullet":
            return "- "
        if level.format == "none":
            return ""
        written = re.sub(r"%(\d)", lambda found: self._count(abstract, int(found[1]) - 1), level.text).strip()
        inside = index - 1 in counts and f"%{index}" not in level.text
        return (
            re.sub(r"\.$", ")", written) if inside else written
        ) + " "  # an item of an item looks like one

    def _count(self, abstract: str, index: int) -> str:
        level = self._levels[abstract].get(index, _Level())
        return _written(self._counts[abstract].get(index, level.start), level.format)

    def heading_level(self, properties: Element | None) -> int:
        """1 to 9 for a paragraph in a heading or title style, else 0."""
        style = child(properties, "pStyle") if properties is not None else None
        name = (attribute(style, "val") or "") if style is not None else ""
        found = re.fullmatch(r"(?:Heading|heading|หัวเรื่อง|หัวข้อ)\s?(\d)", name)
        if found:
            return int(found[1])
        return 1 if name in ("Title", "Subtitle") else 0

    def _list_of(self, properties: Element | None) -> tuple[str | None, int]:
        """The list and level of a paragraph, its own or inherited from its style."""
        if properties is None:
            return None, 0
        own = child(properties, "numPr")
        if own is not None:
            return _list(own)
        style = child(properties, "pStyle")
        name = attribute(style, "val") if style is not None else None
        for _ in range(20):
            found = self._styles.get(name or "")
            if found is None:
                break
            inner = child(found, "pPr")
            numbered = child(inner, "numPr") if inner is not None else None
            if numbered is not None:
                return _list(numbered)
            based = child(found, "basedOn")
            name = attribute(based, "val") if based is not None else None
        return None, 0


def _list(element: Element) -> tuple[str | None, int]:
    number, level = child(element, "numId"), child(element, "ilvl")
    return (
        attribute(number, "val") if number is not None else None,
        _int(attribute(level, "val") if level is not None else None, 0),
    )


def _level(element: Element) -> _Level:
    def value(name: str) -> str | None:
        found = child(element, name)
        return attribute(found, "val") if found is not None else None

    return _Level(value("numFmt") or "decimal", value("lvlText") or "", _int(value("start"), 1))


def _index(element: Element) -> int:
    return _int(attribute(element, "ilvl"), 0)


def _int(value: str | None, default: int) -> int:
    return int(value) if value and re.fullmatch(r"\d{1,6}", value, re.ASCII) else default


def _written(count: int, number_format: str) -> str:
    if number_format in ("thaiNumbers", "thaiCounting"):
        return thai.thai_digits(count)
    if number_format == "thaiLetters":
        return _THAI_LETTERS[(count - 1) % len(_THAI_LETTERS)]
    if number_format in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (count - 1) % 26)
        return letter if number_format == "lowerLetter" else letter.upper()
    if number_format in ("lowerRoman", "upperRoman"):
        roman = _roman(count)
        return roman.lower() if number_format == "lowerRoman" else roman
    return str(count)


def _roman(count: int) -> str:
    written = ""
    for value, sign in ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        while count >= value and len(written) < 40:
            written, count = written + sign, count - value
    return written
