"""The Word face of a report, which an office can go on editing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm

from tracker.rules.report import Annex, AnnualReport, Bar, Results, Row, Table
from tracker.rules.thai import thai_digits
from tracker.writing import typeset
from tracker.writing.wordxml import (
    Face,
    cell,
    lines,
    page_number,
    paragraph,
    row,
    run,
    run_properties,
    tab,
    table,
    twips,
)

BODY, TABLE, SMALL, HASH = 16, 14, 12, 10
BAR_STEPS = 50
ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def _spacing(before: int, after: int) -> str:
    return f'<w:spacing w:before="{before}" w:after="{after}" w:line="240" w:lineRule="auto"/>'


STYLES = {
    "Normal": (BODY, _spacing(0, 0)),
    "Title": (20, _spacing(0, 60)),
    "Heading 1": (18, f'<w:keepNext/>{_spacing(280, 100)}<w:outlineLvl w:val="0"/>'),
    "Header": (TABLE, _spacing(0, 0)),
    "Footer": (TABLE, _spacing(0, 0)),
}


def write(report: AnnualReport, font: str = "TH SarabunPSK") -> bytes:
    """The report as .docx in the named font; the same value gives the same bytes.

    The font is named, not embedded: Word takes another one where it is not installed.
    """
    report = typeset.printable(report)
    body = Face(font, BODY)
    document = Document()
    _style(document, body)
    _lay_out(document, report)
    _frame(document, report, body.but(size=TABLE, colour=typeset.QUIET))
    _fill(document.element.body, _body(report, body))
    _describe(document, report)
    written = io.BytesIO()
    document.save(written)
    return _repacked(written.getvalue())


def _body(report: AnnualReport, face: Face) -> str:
    quiet = face.but(size=TABLE, colour=typeset.QUIET)
    parts = [
        paragraph(run(report.title, face.but(20, True)), face.but(20, True), "center", "Title"),
        paragraph(run(report.organisation, face), face, "center"),
        paragraph(run(report.document, face), face, "center") if report.document else "",
        paragraph(run(report.as_of, quiet), quiet, "center"),
        paragraph(
            run(report.opening, face),
            face,
            more=_spacing(160, 0),
            indent=f'<w:ind w:firstLine="{twips(25)}"/>',
        ),
        _heading(report.summary.heading, face),
        _chart(report.summary.bars, report.summary.heading, face.but(size=TABLE)),
        paragraph(run(report.summary.sentence, face.but(bold=True)), face, "center", more=_spacing(80, 0)),
        _heading(report.results.heading, face),
        _results(report.results, face.but(size=TABLE)),
        _plain(report.problems, typeset.PROBLEM_WIDTHS, face),
        _plain(report.unfinished, typeset.UNFINISHED_WIDTHS, face),
        _annex(report.annex, face),
        _signature(report.signature, face),
    ]
    return "".join(parts)


def _heading(text: str, face: Face) -> str:
    face = face.but(18, True, typeset.ACCENT)
    return paragraph(run(text, face), face, style="Heading1")


def _chart(bars: Sequence[Bar], name: str, face: Face) -> str:
    label, bar, words = typeset.CHART_WIDTHS
    step = bar / BAR_STEPS
    white = "".join(
        f'<w:{edge} w:val="single" w:sz="36" w:space="0" w:color="FFFFFF"/>' for edge in ("top", "bottom")
    )
    edges = f"<w:tcBorders>{white}</w:tcBorders>"
    tiny = face.but(size=4)

    def stripe(steps: int, fill: str) -> str:
        return cell(paragraph("", tiny), step * steps, steps, fill, edges) if steps else ""

    def told(bar: Bar) -> Iterable[str]:
        full = -(-bar.percent * BAR_STEPS // 100)
        yield cell(lines(bar.division, face, "right"), label, middle=True)
        yield stripe(full, typeset.ACCENT) + stripe(BAR_STEPS - full, typeset.TRACK)
        yield cell(lines(bar.label, face), words, middle=True)

    widths = (label, *[step] * BAR_STEPS, words)
    return table(widths, (row(told(bar)) for bar in bars), name, ruled=False) if bars else ""


def _results(results: Results, face: Face) -> str:
    widths = typeset.RESULT_WIDTHS
    small = face.but(size=SMALL, colour=typeset.QUIET)

    def contents(told: Row) -> Iterable[str]:
        for text in told.cells:
            if text is told.heading:
                yield lines(text, face.but(bold=True))
            elif text is told.result and told.evidence:
                yield lines(text, face) + lines(told.evidence, small)
            else:
                yield lines(text, face)

    rows = (
        row(map(cell, contents(told), widths), together=not typeset.may_break(told.cells, widths))
        for told in results.rows
    )
    return table(widths, [_header(results.columns, widths, face), *rows], results.heading)


def _plain(section: Table, widths: Sequence[int], face: Face) -> str:
    heading = _heading(section.heading, face)
    if not section.rows:
        return heading + paragraph(run(section.empty, face), face)
    face = face.but(size=TABLE)
    rows = (
        row(
            (cell(lines(text, face), width) for text, width in zip(told, widths, strict=True)),
            together=not typeset.may_break(told, widths),
        )
        for told in section.rows
    )
    return heading + table(widths, [_header(section.columns, widths, face), *rows], section.heading)


def _annex(annex: Annex, face: Face) -> str:
    heading = _heading(annex.heading, face)
    if not annex.proofs:
        return heading + paragraph(run(annex.empty, face), face)
    face, widths = face.but(size=TABLE), typeset.ANNEX_WIDTHS
    rows = []
    for proof in annex.proofs:
        contents = [lines(text, face) for text in (proof.number, proof.caption, proof.file_name, proof.day)]
        contents.append(lines(proof.sha256 or "-", face.but(size=HASH)))
        rows.append(row(map(cell, contents, widths)))
    return heading + table(widths, [_header(annex.columns, widths, face), *rows], annex.heading)


def _header(columns: Sequence[str], widths: Sequence[int], face: Face) -> str:
    bold = face.but(bold=True)
    return row(
        (
            cell(lines(name, bold, "center"), width, fill=typeset.TINT, middle=True)
            for name, width in zip(columns, widths, strict=True)
        ),
        header=True,
    )


def _signature(told: Sequence[str], face: Face) -> str:
    indent = f'<w:ind w:left="{twips(150)}"/>'
    together = '<w:keepNext/><w:keepLines/><w:spacing w:before="240"/>'
    return "".join(paragraph(run(line, face), face, "center", more=together, indent=indent) for line in told)


def _frame(document: WordDocument, report: AnnualReport, face: Face) -> None:
    section = document.sections[0]
    before, after = report.page.split("{page}")
    number = page_number(face, thai_digits(1) if report.thai_digits else "1")
    right_tab = f'<w:tabs><w:tab w:val="right" w:pos="{twips(sum(typeset.RESULT_WIDTHS))}"/></w:tabs>'
    footer = run(report.organisation, face) + tab(face) + run(before, face) + number
    footer += run(after, face) if after else ""
    _fill(section.footer._element, paragraph(footer, face, style="Footer", more=right_tab))
    if report.draft:
        mark = face.but(bold=True, colour=typeset.ACCENT)
        _fill(section.header._element, paragraph(run(report.draft_mark, mark), mark, "right", "Header"))


def _lay_out(document: WordDocument, report: AnnualReport) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(typeset.MARGIN)
    section.top_margin = section.bottom_margin = Mm(18)
    section.header_distance = section.footer_distance = Mm(9)
    if report.thai_digits:
        numbers = parse_xml(f'<w:pgNumType {nsdecls("w")} w:fmt="thaiNumbers"/>')
        section._sectPr.find(qn("w:pgMar")).addnext(numbers)


def _style(document: WordDocument, face: Face) -> None:
    for style in list(document.styles):
        if style.type is not None and not style.builtin:
            style.delete()
    for style in list(document.styles):
        if style.name in STYLES:
            size, spacing = STYLES[style.name]
            _replace(style.element, f"<w:pPr>{spacing}</w:pPr>")
            _replace(style.element, run_properties(face.but(size, style.name in ("Title", "Heading 1"))))
        elif style.name not in ("Default Paragraph Font", "Normal Table", "No List"):
            style.delete()
    defaults = document.styles.element.find(qn("w:docDefaults"))
    _replace(defaults.find(qn("w:rPrDefault")), run_properties(face))
    _replace(defaults.find(qn("w:pPrDefault")), f"<w:pPr>{_spacing(0, 0)}</w:pPr>")


def _replace(holder: BaseOxmlElement, properties: str) -> None:
    """Give a style these paragraph or run properties; they come last in it, the paragraph's before the run's."""
    new = parse_xml(properties.replace(">", f" {nsdecls('w')}>", 1))
    for old in holder.findall(new.tag):
        holder.remove(old)
    holder.append(new)


def _fill(holder: BaseOxmlElement, content: str) -> None:
    """Put the content in the place of the paragraphs that python-docx begins with."""
    for old in holder.findall(qn("w:p")):
        holder.remove(old)
    pieces = list(parse_xml(f"<w:body {nsdecls('w')}>{content}</w:body>"))
    for place, piece in enumerate(pieces):
        holder.insert(place, piece)


def _describe(document: WordDocument, report: AnnualReport) -> None:
    moment = report.frozen_at.astimezone(UTC)
    told = document.core_properties
    told.title = told.subject = report.title[:255]
    told.author = told.last_modified_by = report.organisation[:255]
    told.comments = told.keywords = ""
    told.language = "th-TH"
    told.created = told.modified = moment
    told.revision = 1
    # python-docx brings a picture of its own empty page.
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[key]


def _repacked(written: bytes) -> bytes:
    """The same archive without the time of writing."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, ZIP_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, old.read(name))
    return target.getvalue()
