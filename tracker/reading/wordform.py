"""Looks over an office's own Word form: which names it uses, and what in it is not allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tracker.errors import Message, Unreadable
from tracker.reading.container import DOCX, Container, Limits, open_container
from tracker.rules.wordform import LOOP, NAMES, ROW

# A form holds a letterhead and one table; nothing in it is long.
LIMITS = Limits(file=5_000_000, entries=500, part=8_000_000, unpacked=30_000_000)
MAIN = "word/document.xml"
MOST_FAULTS = 20
END = "{%tr endfor %}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_HALF = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_NAME = re.compile(r"\{\{\s*([A-Za-z_]+(?:\.[A-Za-z_]+)?)\s*\}\}")
_BEGIN = re.compile(rf"\{{%tr\s+for\s+{ROW}\s+in\s+{LOOP}\s*%\}}")
_END = re.compile(r"\{%tr\s+endfor\s*%\}")
_SHOWN = 60


@dataclass(frozen=True)
class Fault:
    """What is not allowed, in which paragraph of the form (counted from 1, as text); 0 is no paragraph."""

    paragraph: int
    text: str
    message: Message


def look_over(data: bytes, name: str, kind: str) -> tuple[Fault, ...]:
    """What keeps the file from being the form of this kind of document; nothing where it may be used.

    Unreadable where it is no safe .docx at all.
    """
    container = open_container(data, name, LIMITS)
    if container.kind != DOCX:
        raise Unreadable("แบบเอกสารต้องเป็นไฟล์ Word (.docx)")
    look = _Look(kind)
    parts = _parts(container)
    for part in parts:
        root = container.xml(part)
        if root is not None:
            look.part(root, part == MAIN)
    return tuple(look.faults[:MOST_FAULTS])


def _parts(container: Container) -> list[str]:
    """The parts with words in them, the body first."""
    types = container.xml("[Content_Types].xml")
    named = [(one.get("PartName") or "").lstrip("/") for one in types] if types is not None else []
    words = [one for one in named if one.startswith("word/") and one.endswith(".xml") and one != MAIN]
    return [MAIN, *sorted(words), "docProps/core.xml", "docProps/app.xml"]


class _Look:
    def __init__(self, kind: str) -> None:
        names = NAMES[kind]
        self.faults: list[Fault] = []
        self._anywhere = {one.name for one in names.anywhere}
        self._row = {one.name for one in names.row}
        self._paragraph = 0
        self._inside = self._looped = False

    def part(self, root: Element, body: bool) -> None:
        seen: set[Element] = set()
        in_rows = {one for row in root.iter(f"{_W}tr") for one in row.iter(f"{_W}p")}
        for paragraph in root.iter(f"{_W}p"):
            if body:
                self._paragraph += 1
            self._look(paragraph, body and paragraph in in_rows, seen)
        if self._inside:
            self._inside = False
            self._blame("", Message("ไม่พบ “%(tag)s” ที่ปิดแถวซ้ำ", {"tag": END}))
        # What a page does not show as text, such as a picture's description, is no place for a name.
        for element in root.iter():
            hidden = [
                *element.attrib.values(),
                "" if element in seen else element.text or "",
                element.tail or "",
            ]
            for text in hidden:
                if _HALF.search(text):
                    self._blame(
                        text, Message("มีเครื่องหมายของชื่ออยู่ในส่วนที่ซ่อน กรุณาพิมพ์ในเนื้อความเท่านั้น"), anywhere=True
                    )

    def _look(self, paragraph: Element, row: bool, seen: set[Element]) -> None:
        own = [one for one in _own(paragraph) if one.tag == f"{_W}t"]
        seen.update(own)
        text = "".join(one.text or "" for one in own)
        if _HALF.search(_TAG.sub("", text)):
            self._blame(text, Message("เครื่องหมายปีกกาของชื่อไม่ครบคู่ในย่อหน้าเดียวกัน"))
        for tag in _TAG.findall(text):
            message = self._tag(tag, row)
            if message is not None:
                self._blame(text, message)

    def _tag(self, tag: str, row: bool) -> Message | None:
        if _BEGIN.fullmatch(tag):
            return self._begin(row)
        if _END.fullmatch(tag):
            if not self._inside:
                return Message("“%(tag)s” ไม่มีแถวซ้ำที่เปิดไว้", {"tag": END})
            self._inside = False
            return None
        named = _NAME.fullmatch(tag)
        if named is None:
            return Message("ใช้ “%(tag)s” ไม่ได้ ใช้ได้เฉพาะชื่อในรายการและแถวซ้ำหนึ่งชุด", {"tag": tag[:_SHOWN]})
        name = named[1]
        owner, dot, field = name.partition(".")
        if dot and owner == ROW and field in self._row:
            return None if self._inside else Message("“%(name)s” ใช้ได้เฉพาะในแถวซ้ำ", {"name": name})
        if not dot and name in self._anywhere:
            return None
        return Message("ไม่รู้จักชื่อ “%(name)s”", {"name": name})

    def _begin(self, row: bool) -> Message | None:
        if not row or not self._row:
            return Message("แถวซ้ำใช้ได้เฉพาะในแถวของตาราง และเฉพาะเอกสารที่มีตารางมาตรการ")
        if self._looped:
            return Message("ใช้แถวซ้ำได้เพียงชุดเดียว")
        self._inside = self._looped = True
        return None

    def _blame(self, text: str, message: Message, anywhere: bool = False) -> None:
        self.faults.append(Fault(0 if anywhere else self._paragraph, text.strip()[:_SHOWN], message))


def _own(paragraph: Element) -> Iterator[Element]:
    """The elements of a paragraph without those of paragraphs inside it, as in a text box."""
    for child in paragraph:
        if child.tag == f"{_W}p":
            continue
        yield child
        yield from _own(child)
