"""Pieces of WordprocessingML whose every run is told its Thai font, size and language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from tracker.writing.typeset import LINE, glued

Align = Literal["left", "center", "right"]
TWIPS_PER_MM = 1440 / 25.4
EMU_PER_MM = 36_000


@dataclass(frozen=True)
class Face:
    """How a run looks; `size` in points, `colour` as six hex digits or empty."""

    font: str
    size: float
    bold: bool = False
    colour: str = ""

    def but(self, size: float | None = None, bold: bool | None = None, colour: str | None = None) -> Face:
        return replace(
            self,
            size=self.size if size is None else size,
            bold=self.bold if bold is None else bold,
            colour=self.colour if colour is None else colour,
        )


def twips(millimetres: float) -> int:
    return round(millimetres * TWIPS_PER_MM)


def run_properties(face: Face) -> str:
    """w:rPr in the order of the schema; Thai letters obey only cs, bCs, szCs and the bidi language."""
    font = quoteattr(face.font)
    half_points = round(face.size * 2)
    return (
        f"<w:rPr><w:rFonts w:ascii={font} w:hAnsi={font} w:eastAsia={font} w:cs={font}/>"
        + f'<w:b w:val="{int(face.bold)}"/><w:bCs w:val="{int(face.bold)}"/>'
        + (f'<w:color w:val="{face.colour}"/>' if face.colour else "")
        + f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'
        + '<w:cs/><w:lang w:val="en-US" w:eastAsia="th-TH" w:bidi="th-TH"/></w:rPr>'
    )


def run(text: str, face: Face) -> str:
    return f'<w:r>{run_properties(face)}<w:t xml:space="preserve">{escape(glued(text))}</w:t></w:r>'


def tab(face: Face) -> str:
    return f"<w:r>{run_properties(face)}<w:tab/></w:r>"


def page_number(face: Face, shown: str) -> str:
    """The field of the page's number; `shown` stands there until Word has counted."""
    properties = run_properties(face)
    return (
        f'<w:r>{properties}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{properties}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f'<w:r>{properties}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"{run(shown, face)}"
        f'<w:r>{properties}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def drawing(relation: str, number: int, size: tuple[float, float], words: str) -> str:
    """A picture of the package in the line, `size` in millimetres; `words` are what a screen reader says."""
    wide, tall = (round(side * EMU_PER_MM) for side in size)
    told = quoteattr(words)
    return (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{tall}"/><wp:docPr id="{number}" name="{relation}" descr={told}/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic '
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="{relation}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        '<a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        f'r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def paragraph(
    runs: str,
    face: Face,
    align: Align = "left",
    style: str = "Normal",
    more: str = "",
    indent: str = "",
) -> str:
    """A paragraph; `more` goes before the alignment (keepNext, tabs, spacing), `indent` is a w:ind."""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}{indent}<w:jc w:val="{align}"/>'
        f"{run_properties(face)}</w:pPr>{runs}</w:p>"
    )


def lines(text: str, face: Face, align: Align = "left", more: str = "") -> str:
    """One paragraph for each line of a text; `more` as in `paragraph`."""
    return "".join(paragraph(run(line, face), face, align, more=more) for line in text.split("\n"))


def cell(
    content: str, width: float, span: int = 1, fill: str = "", borders: str = "", middle: bool = False
) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/>'
        + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
        + borders
        + (f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else "")
        + ('<w:vAlign w:val="center"/>' if middle else "")
        + f"</w:tcPr>{content}</w:tc>"
    )


def row(cells: Iterable[str], together: bool = True, header: bool = False) -> str:
    """A row; `together` keeps it on one page, `header` repeats it on every page."""
    properties = ("<w:cantSplit/>" if together else "") + ("<w:tblHeader/>" if header else "")
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def table(widths: Sequence[float], rows: Iterable[str], name: str, ruled: bool = True) -> str:
    """A table of fixed widths in millimetres; `name` is what a screen reader calls it."""
    line = f'w:val="single" w:sz="4" w:space="0" w:color="{LINE}"' if ruled else 'w:val="nil"'
    edges = "".join(
        f"<w:{edge} {line}/>" for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    tall = 40 if ruled else 0
    space = (("top", tall), ("left", 85), ("bottom", tall), ("right", 85))
    padding = "".join(f'<w:{edge} w:w="{width}" w:type="dxa"/>' for edge, width in space)
    grid = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(map(twips, widths))}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        f"<w:tblCellMar>{padding}</w:tblCellMar>"
        f'<w:tblLook w:val="0020" w:firstRow="1"/><w:tblCaption w:val={quoteattr(name)}/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
