"""A Word document as paragraphs and tables, the way a person sees it with every tracked change accepted."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tracker.errors import Unreadable
from tracker.reading.container import Container
from tracker.reading.numbering import Numbering
from tracker.reading.table import Cell, Document, Paragraph, Table
from tracker.reading.xmlnames import attribute, child, local

DEEPEST = 60
_DELETED = {"del", "moveFrom"}
_WRAPPERS = {
    "ins",
    "moveTo",
    "sdt",
    "sdtContent",
    "customXml",
    "smartTag",
    "hyperlink",
    "fldSimple",
    "dir",
    "bdo",
}


def read(container: Container) -> Document:
    """The blocks of the document's body; Unreadable when it has none."""
    main = _main_part(container)
    root = container.xml(main)
    body = child(root, "body") if root is not None else None
    if body is None:
        raise Unreadable("ไม่พบเนื้อหาในไฟล์ Word กรุณาบันทึกใหม่แล้วลองอีกครั้ง")
    folder = main.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    reader = _Reader(
        Numbering.of(container.xml(prefix + "numbering.xml"), container.xml(prefix + "styles.xml"))
    )
    return Document(tuple(reader.blocks(body, 0)))


def _main_part(container: Container) -> str:
    relations = container.xml("_rels/.rels")
    for relation in relations if relations is not None else ():
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").lstrip("/")
    return "word/document.xml"


class _Reader:
    """Walks the body once, because automatic numbers count in reading order."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering

    def blocks(self, parent: Element, depth: int) -> Iterator[Paragraph | Table]:
        if depth > DEEPEST:
            raise Unreadable("ตารางในไฟล์ Word ซ้อนกันลึกผิดปกติ จึงไม่เปิดอ่าน")
        carried = ""
        for element in parent:
            name = local(element)
            if name == "p":
                boxes: list[Element] = []
                text = carried + "".join(_inline(element, boxes, depth))
                properties = child(element, "pPr")
                carried = text if _end_is_deleted(properties) else ""
                if not carried:
                    mark = self._numbering.mark(properties) if text.strip() else ""
                    yield Paragraph(mark + text, self._numbering.heading_level(properties))
                for box in boxes:
                    yield from self.blocks(box, depth + 1)
            elif name == "tbl":
                yield self._table(element, depth + 1)
            elif name in _WRAPPERS:
                yield from self.blocks(element, depth + 1)
        if carried:
            yield Paragraph(carried)

    def _table(self, table: Element, depth: int) -> Table:
        rows = []
        for row in _within(table, "tr"):
            properties = child(row, "trPr")
            if properties is not None and any(local(mark) in _DELETED for mark in properties):
                continue
            rows.append(self._row(row, properties, depth))
        return Table(tuple(row for row in rows if row))

    def _row(self, row: Element, properties: Element | None, depth: int) -> tuple[Cell, ...]:
        before = child(properties, "gridBefore") if properties is not None else None
        cells = [Cell()] * min(_number(before, 0), 60)
        for cell in _within(row, "tc"):
            marks = child(cell, "tcPr")
            if marks is not None and child(marks, "cellDel") is not None:
                continue
            span = _number(child(marks, "gridSpan") if marks is not None else None, 1)
            down = child(marks, "vMerge") if marks is not None else None
            above = down is not None and attribute(down, "val") != "restart"
            across = child(marks, "hMerge") if marks is not None else None
            left = across is not None and attribute(across, "val") != "restart"
            read = self._cell(cell, depth)
            cells.append(Cell(read.text, above and not read.text, left and not read.text, read.tables))
            cells += [Cell(above=above and not read.text, left=True)] * (min(max(span, 1), 60) - 1)
        return tuple(cells)

    def _cell(self, cell: Element, depth: int) -> Cell:
        lines: list[str] = []
        tables: list[Table] = []
        for block in self.blocks(cell, depth):
            if isinstance(block, Paragraph):
                lines.append(block.text)
                continue
            tables.append(block)
            lines += [" ".join(one.text for one in row if one.text) for row in block.rows]
        text = "\n".join(line.strip() for line in "\n".join(lines).split("\n") if line.strip())
        return Cell(text, tables=tuple(tables))


def _end_is_deleted(properties: Element | None) -> bool:
    """Whether a tracked deletion joins the paragraph to the next one."""
    marks = child(properties, "rPr") if properties is not None else None
    return marks is not None and any(local(mark) in _DELETED for mark in marks)


def _within(parent: Element, wanted: str, depth: int = 0) -> Iterator[Element]:
    """Rows of a table or cells of a row, also where a control or an insertion wraps them."""
    for element in parent:
        name = local(element)
        if name == wanted:
            yield element
        elif name in _WRAPPERS and depth < DEEPEST:
            yield from _within(element, wanted, depth + 1)


def _inline(parent: Element, boxes: list[Element], depth: int) -> Iterator[str]:
    """The visible text of a paragraph or run; text boxes anchored in it are put into `boxes`."""
    if depth > DEEPEST:
        raise Unreadable("เนื้อหาในไฟล์ Word ซ้อนกันลึกผิดปกติ จึงไม่เปิดอ่าน")
    for element in parent:
        name = local(element)
        if name == "t":
            yield element.text or ""
        elif name in ("tab", "ptab"):
            yield " "
        elif name in ("br", "cr"):
            yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name == "r":
            properties = child(element, "rPr")
            hidden = child(properties, "vanish") if properties is not None else None
            if hidden is None or attribute(hidden, "val") in ("0", "false"):
                yield from _inline(element, boxes, depth + 1)
        elif name == "AlternateContent":
            chosen = child(element, "Choice")
            yield from _inline(chosen if chosen is not None else element, boxes, depth + 1)
        elif name == "txbxContent":
            boxes.append(element)
        elif name not in _DELETED and name not in ("pPr", "rPr", "instrText", "Fallback"):
            yield from _inline(element, boxes, depth + 1)


def _number(element: Element | None, default: int) -> int:
    value = attribute(element, "val") if element is not None else None
    return int(value) if value and value.isascii() and value.isdigit() else default
