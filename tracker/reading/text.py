"""Tab-separated or Markdown text as paragraphs and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.errors import Unreadable
from tracker.reading.table import Cell, Document, Paragraph, Table

MOST_LINES = 60  # of one quoted cell
_ENCODINGS = ("utf-8-sig", "cp874")
_RULE = re.compile(r"[\s|:-]*-{2,}[\s|:-]*")
_PIPED = re.compile(r"\s*\|.*\|\s*")
_TAG_ITEM = re.compile(r"<li\b[^<>]*>", re.I)
_TAG_BREAK = re.compile(r"</?(?:p|div|br|ol|ul|li|tr|h\d)\b[^<>]*>", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITIES = {"&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}


def read(data: bytes) -> Document:
    """The blocks of a text; Unreadable when it is in no encoding that Thai texts use."""
    lines = decode(data).splitlines()
    blocks: list[Paragraph | Table] = []
    rows: list[tuple[Cell, ...]] = []
    for line in _joined(lines):
        if _RULE.fullmatch(line):
            continue
        cells = _cells(line)
        if cells is not None:
            rows.append(cells)
            continue
        if rows:
            blocks.append(Table(tuple(rows)))
            rows = []
        blocks += _paragraphs(line)
    if rows:
        blocks.append(Table(tuple(rows)))
    return Document(tuple(blocks))


def decode(data: bytes) -> str:
    """The text of the bytes: UTF-8, UTF-16 with its mark, else the old Thai code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("อ่านตัวอักษรในไฟล์ข้อความไม่ได้ กรุณาบันทึกเป็น UTF-8")


def unmarked(text: str) -> str:
    """The text without tags and Markdown marks; paragraphs and list items of HTML become lines."""
    text = _TAG.sub(" ", _TAG_BREAK.sub("\n", _TAG_ITEM.sub("\n- ", text)))
    for name, letter in _ENTITIES.items():
        text = text.replace(name, letter)
    text = re.sub(r"\\([*_#\-.>()\[\]+!])", r"\1", text).replace("**", "").replace("__", "")
    lines = (re.sub(r"^\s*#{1,6}\s+", "", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _joined(lines: list[str]) -> Iterator[str]:
    """Lines of which a quoted cell with line breaks is one, as spreadsheets paste it."""
    begins = 0
    while begins < len(lines):
        ends = begins + 1
        text = lines[begins]
        while _has_open(text) and ends < len(lines) and ends - begins < MOST_LINES:
            text, ends = f"{text}\n{lines[ends]}", ends + 1
        if _has_open(text) or "\t" not in text:
            text, ends = lines[begins], begins + 1
        yield text
        begins = ends


def _has_open(text: str) -> bool:
    return any(_is_open(cell) for cell in text.split("\t"))


def _is_open(cell: str) -> bool:
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _cells(line: str) -> tuple[Cell, ...] | None:
    if "\t" in line:
        return tuple(Cell(unmarked(_unquoted(cell))) for cell in line.split("\t"))
    if _PIPED.fullmatch(line):
        return tuple(Cell(unmarked(cell)) for cell in line.strip().strip("|").split("|"))
    return None


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell.startswith('"') and cell.endswith('"'):
        return cell[1:-1].replace('""', '"')
    return cell


def _paragraphs(line: str) -> list[Paragraph]:
    marks = re.match(r"\s*(#{1,6})\s", line)
    level = len(marks[1]) if marks else int(re.fullmatch(r"\s*\*\*.+\*\*\s*", line) is not None)
    texts = [text for text in unmarked(line).split("\n") if text.strip("* \t\u00a0")]
    return [Paragraph(text, level) for text in texts] or [Paragraph("")]
