"""A Word form to begin with: every name that a kind of document offers, in its place."""

from __future__ import annotations

from collections.abc import Sequence

from docx import Document

from tracker.rules.paper import Paper
from tracker.rules.wordform import LOOP, NAMES, ROW
from tracker.writing import typeset
from tracker.writing.wordfile import BODY, TABLE, describe, lay_out, saved, set_styles
from tracker.writing.wordxml import Face, cell, lines, paragraph, row, run, table

_BIG, _CENTRED = {"title"}, {"title", "lines", "as_of", "draft_mark", "summary"}
_LAST = {"signature"}
_NARROW = 12


def write(paper: Paper, columns: Sequence[str], font: str = "TH SarabunPSK") -> bytes:
    """The form as .docx; `paper` gives its kind, name and moment, `columns` the headings of the repeated row.

    The same values give the same bytes.
    """
    names = NAMES[paper.kind]
    body = Face(font, BODY)
    document = Document()
    set_styles(document, body)
    lay_out(document, paper)
    describe(document, paper)
    told = [_line(one.name, body) for one in names.anywhere if one.name not in _LAST]
    if names.row:
        told.append(_table([one.name for one in names.row], columns, body.but(size=TABLE), paper.title))
    told += [_line(one.name, body) for one in names.anywhere if one.name in _LAST]
    return saved(document, "".join(told))


def _line(name: str, face: Face) -> str:
    own = face.but(20, True) if name in _BIG else face
    return paragraph(run(f"{{{{ {name} }}}}", own), own, "center" if name in _CENTRED else "left")


def _table(names: Sequence[str], columns: Sequence[str], face: Face, title: str) -> str:
    width = (257 - _NARROW) / (len(names) - 1)
    widths = (_NARROW, *[width] * (len(names) - 1))

    def told(texts: Sequence[str], header: bool = False) -> str:
        own = face.but(bold=True) if header else face
        cells = (
            cell(lines(text, own), wide, fill=typeset.TINT if header else "")
            for text, wide in zip(texts, widths, strict=True)
        )
        return row(cells, header=header)

    def mark(text: str) -> str:
        return told([text, *[""] * (len(names) - 1)])

    rows = [
        told(columns, header=True),
        mark(f"{{%tr for {ROW} in {LOOP} %}}"),
        told([f"{{{{ {ROW}.{name} }}}}" for name in names]),
        mark("{%tr endfor %}"),
    ]
    return table(widths, rows, title)
