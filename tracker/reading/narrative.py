"""The analysis around the plan's table: what running text and other tables say, under their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.reading import names
from tracker.reading.table import Cell, Paragraph, Table
from tracker.rules import thai

_LABELS = (
    "ข้อบกพร่อง/ข้อปรับปรุง",
    "ข้อที่ต้องพัฒนา",
    "รักษาระดับ",
    "จุดแข็ง",
    "จุดอ่อน",
    "การพัฒนาหรือการแก้ไข",
    "ประเด็นที่ต้องแก้ไข/ปรับปรุง",
)
_LABEL = re.compile(rf"(?:(?<=\s)|^)({'|'.join(map(re.escape, _LABELS))})(?=[\s:\-]|$)")
_SCORE = re.compile(r"[\d๐-๙]{1,3}(?:\.[\d๐-๙]+)?")


def analysis(blocks: Sequence[Paragraph | Table]) -> list[tuple[str, str]]:
    """Heading and text of each part in reading order; the heading holds the section's and the label's."""
    teller = _Teller()
    for block in blocks:
        if isinstance(block, Paragraph):
            teller.line(block.text, block.level)
        else:
            teller.table(block)
    return teller.parts()


class _Teller:
    def __init__(self) -> None:
        self._parts: list[tuple[str, list[str]]] = []
        self._section = ""

    def parts(self) -> list[tuple[str, str]]:
        return [(heading, "\n".join(lines)) for heading, lines in self._parts if heading or lines]

    def line(self, text: str, level: int) -> None:
        text = thai.clean(text)
        if not text:
            return
        if _is_section(text, level):
            self._section = text
            self._parts.append((text, []))
            return
        pieces = _LABEL.split(text)
        if pieces[0].strip():
            self._add(pieces[0].strip())
        for label, said in zip(pieces[1::2], pieces[2::2], strict=True):
            heading = f"{self._section} · {label}" if self._section else label
            self._parts.append((heading, [said.strip(" :")] if said.strip(" :") else []))

    def _add(self, text: str) -> None:
        if not self._parts:
            self._parts.append(("", []))
        self._parts[-1][1].append(text)

    def table(self, table: Table) -> None:
        """Rows of one cell are lines; other rows are told cell by cell, scores beside what they score."""
        for row in table.rows:
            filled = [cell for cell in row if cell.text.strip()]
            if len(filled) == 1:
                for text in filled[0].text.split("\n"):
                    self.line(text, 0)
            elif filled:
                self._add(_told(filled))


def _told(cells: list[Cell]) -> str:
    return " | ".join(thai.clean(cell.text) for cell in cells)


def _is_section(text: str, level: int) -> bool:
    if len(text) > 150:
        return False
    if _LABEL.match(text):
        return False
    numbered = re.match(r"[\d๐-๙]{1,2}\.\s", text) is not None and len(text) < 90
    return level > 0 or numbered or (names.topic_of(text) is not None and not _SCORE.search(text[12:]))
