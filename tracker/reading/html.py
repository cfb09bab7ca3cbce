"""A saved web page as paragraphs and tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tracker.errors import Unreadable
from tracker.reading import text
from tracker.reading.cells import begins_an_item
from tracker.reading.table import Cell, Document, Paragraph, Table

_SILENT = {"script", "style", "head", "template", "noscript"}
_BREAKS = {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
_TAG = re.compile(r"<(?:!|/?[a-zA-Z])")
_TABLE = re.compile(r"(<table\b.*?</table\s*>)", re.I | re.S)
DEEPEST = 30
MOST_CELLS = 200_000


def read(data: bytes) -> Document:
    """The blocks of the page's body, or of plain text that was pasted in its place; raises Unreadable."""
    content = text.decode(data)
    if not _TAG.search(content):
        return text.read(data)
    page = _Page()
    page.feed(content)
    page.close()
    return Document(tuple(page.finish()))


def read_in_text(data: bytes) -> Document:
    """The blocks of a text, with the tables that stand in it as tags; raises Unreadable."""
    pieces = _TABLE.split(text.decode(data))
    if len(pieces) == 1:
        return text.read(data)
    blocks: list[Paragraph | Table] = []
    for place, piece in enumerate(pieces):
        blocks += (read if place % 2 else text.read)(piece.encode()).blocks
    return Document(tuple(blocks))


class _Grid:
    """A table being read: its finished rows, and the cells that reach down from them."""

    def __init__(self) -> None:
        self.rows: list[tuple[Cell, ...]] = []
        self.row: list[Cell] | None = None
        self.cell: list[str] | None = None
        self.spans = (1, 1)
        self.nested: list[Table] = []
        self.down: dict[int, int] = {}

    def fill(self) -> None:
        """Puts the cells that reach down from above where the row now stands."""
        if self.row is None:
            self.row = []
        while self.down.get(len(self.row), 0) > 0:
            self.down[len(self.row)] -= 1
            self.row.append(Cell(above=True))

    def end_cell(self) -> None:
        if self.cell is None:
            return
        self.fill()
        assert self.row is not None
        down, across = self.spans
        told = _lines("".join(self.cell))
        for place in range(across):
            self.down[len(self.row)] = down - 1
            self.row.append(Cell(told, tables=tuple(self.nested)) if place == 0 else Cell(left=True))
        self.cell, self.nested = None, []

    def end_row(self) -> None:
        self.end_cell()
        if self.row is not None:
            self.fill()
            self.rows.append(tuple(self.row))
        self.row = None


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Paragraph | Table] = []
        self._grids: list[_Grid] = []
        self._text: list[str] = []
        self._silent = 0
        self._level = 0
        self._cells = 0
        self._lists: list[int | None] = []
        self._waiting = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_paragraph()
            if len(self._grids) >= DEEPEST:
                raise Unreadable("ตารางในหน้าเว็บซ้อนกันลึกผิดปกติ จึงไม่เปิดอ่าน")
            self._grids.append(_Grid())
        elif tag == "tr" and self._grids:
            self._grids[-1].end_row()
            self._grids[-1].fill()
        elif tag in ("td", "th") and self._grids:
            self._begin_cell(dict(attrs))
        elif tag == "body":
            self._silent = 0  # a head need not be closed
        elif tag in _BREAKS:
            self._break()
            self._level = int(tag[1]) if tag[0] == "h" and tag[1:].isdigit() else 0
            if tag in ("ol", "ul"):
                self._lists.append(_span(dict(attrs).get("start")) if tag == "ol" else None)
            elif tag == "li":
                self._number_item()

    def _number_item(self) -> None:
        """What the browser writes before an item: its number, a dash for bullets and for lists inside lists."""
        number = self._lists[-1] if len(self._lists) == 1 else None
        self._waiting = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        grid = self._grids[-1]
        grid.end_cell()
        grid.cell = []
        grid.spans = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))
        self._cells += grid.spans[1]
        if self._cells > MOST_CELLS:
            raise Unreadable("ตารางในหน้าเว็บใหญ่ผิดปกติ จึงไม่เปิดอ่าน")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table" and self._grids:
            self._end_table()
        elif tag == "tr" and self._grids:
            self._grids[-1].end_row()
        elif tag in ("td", "th") and self._grids:
            self._grids[-1].end_cell()
        elif tag in _BREAKS:
            self._break()
            if tag in ("ol", "ul") and self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._waiting and data.strip():
            data = data.lstrip()
            data = data if begins_an_item(data) else self._waiting + data
            self._waiting = ""
        if self._grids and self._grids[-1].cell is not None:
            self._grids[-1].cell.append(" ".join(data.split("\n")))
        else:
            self._text.append(" ".join(data.split("\n")))

    def _break(self) -> None:
        if self._grids and self._grids[-1].cell is not None:
            self._grids[-1].cell.append("\n")
        else:
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        told = _lines("".join(self._text))
        self._text = []
        if told:
            self._blocks.append(Paragraph(told, self._level))
        self._level = 0

    def _end_table(self) -> None:
        grid = self._grids.pop()
        grid.end_row()
        table = Table(tuple(grid.rows))
        outer = self._grids[-1] if self._grids else None
        if outer is None or outer.cell is None:
            self._blocks.append(table)
            return
        outer.nested.append(table)
        outer.cell += ["\n" + " ".join(cell.text for cell in row if cell.text) for row in table.rows]

    def finish(self) -> list[Paragraph | Table]:
        while self._grids:
            self._end_table()
        self._end_paragraph()
        return self._blocks


def _span(value: str | None) -> int:
    return min(max(int(value), 1), 100) if value and value.isascii() and value.isdigit() else 1


def _lines(told: str) -> str:
    return "\n".join(line for line in (" ".join(line.split()) for line in told.split("\n")) if line)
