"""A .docx file around its content: page, styles, properties, and the same bytes for the same content."""

from __future__ import annotations

import io
from datetime import UTC

from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm

from tracker.rules.paper import Paper
from tracker.writing import typeset
from tracker.writing.archive import repack
from tracker.writing.wordxml import Face, run_properties

BODY, TABLE = 16, 14


def spacing(before: int, after: int) -> str:
    """w:spacing in twentieths of a point, single lines."""
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="240" w:lineRule="auto"/>'


STYLES = {
    "Normal": (BODY, f"<w:widowControl/>{spacing(0, 0)}"),
    "Title": (20, spacing(0, 60)),
    "Heading 1": (18, f'<w:keepNext/>{spacing(280, 100)}<w:outlineLvl w:val="0"/>'),
    "Header": (TABLE, spacing(0, 0)),
    "Footer": (TABLE, spacing(0, 0)),
}


def lay_out(document: WordDocument, paper: Paper) -> None:
    """A landscape page; a memo is a letter: upright, with the margins that official letters have."""
    section = document.sections[0]
    section.header_distance = section.footer_distance = Mm(9)
    if paper.kind == "memo":
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(30), Mm(20)
        # Below the regulation's 20 mm, where only a font wider than the usual one ever reaches.
        section.top_margin, section.bottom_margin = Mm(15), Mm(10)
    else:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(typeset.MARGIN)
        section.top_margin = section.bottom_margin = Mm(13 if paper.kind == "meeting" else 18)
    if paper.thai_digits:
        numbers = parse_xml(f'<w:pgNumType {nsdecls("w")} w:fmt="thaiNumbers"/>')
        section._sectPr.find(qn("w:pgMar")).addnext(numbers)


def text_width(paper: Paper) -> int:
    """Millimetres between the margins."""
    return 160 if paper.kind == "memo" else 297 - 2 * typeset.MARGIN


def set_styles(document: WordDocument, face: Face) -> None:
    """Leave the few styles that are used, each with its font for Thai letters."""
    for style in list(document.styles):
        if style.name in STYLES:
            size, paragraph = STYLES[style.name]
            _replace(style.element, f"<w:pPr>{paragraph}</w:pPr>")
            _replace(style.element, run_properties(face.but(size, style.name in ("Title", "Heading 1"))))
        elif style.name not in ("Default Paragraph Font", "Normal Table", "No List"):
            style.delete()
    defaults = document.styles.element.find(qn("w:docDefaults"))
    _replace(defaults.find(qn("w:rPrDefault")), run_properties(face))
    _replace(defaults.find(qn("w:pPrDefault")), f"<w:pPr>{spacing(0, 0)}</w:pPr>")


def _replace(holder: BaseOxmlElement, properties: str) -> None:
    """Give a style these properties; they come last in it, the paragraph's before the run's."""
    new = parse_xml(properties.replace(">", f" {nsdecls('w')}>", 1))
    for old in holder.findall(new.tag):
        holder.remove(old)
    holder.append(new)


def fill(holder: BaseOxmlElement, content: str) -> None:
    """Put the content in the place of the paragraphs that a header or footer begins with."""
    for old in holder.findall(qn("w:p")):
        holder.remove(old)
    pieces = list(parse_xml(f"<w:body {nsdecls('w')}>{content}</w:body>"))
    for place, piece in enumerate(pieces):
        holder.insert(place, piece)


def describe(document: WordDocument, paper: Paper) -> None:
    moment = paper.frozen_at.astimezone(UTC)
    told = document.core_properties
    told.title = told.subject = paper.title[:255]
    told.author = told.last_modified_by = paper.organisation[:255]
    told.comments = told.keywords = ""
    told.language = "th-TH"
    told.created = told.modified = moment
    told.revision = 1
    # python-docx brings a picture of its own empty page.
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[key]


def saved(document: WordDocument, content: str) -> bytes:
    """The bytes of the document with this content in its empty body, without the time of writing."""
    written = io.BytesIO()
    document.save(written)

    def filled(name: str, told: bytes) -> bytes:
        if name != "word/document.xml":
            return told
        # As text: to hang a thousand rows into a living tree takes lxml most of a minute.
        return told.replace(b"<w:body>", b"<w:body>" + content.encode(), 1)

    return repack(written.getvalue(), filled)
