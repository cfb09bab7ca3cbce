"""The Word face of a report, which an office can go on editing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docx import Document
from docx.document import Document as WordDocument

from tracker.rules.report import Annex, AnnualReport, Bar, Results, Row, Table
from tracker.rules.thai import thai_digits
from tracker.writing import typeset
from tracker.writing.wordfile import BODY, TABLE, describe, fill, lay_out, saved, set_styles, spacing
from tracker.writing.wordxml import Face, cell, lines, page_number, paragraph, row, run, tab, table, twips

SMALL, HASH = 12, 10
BAR_STEPS = 50


def write(report: AnnualReport, font: str = "TH SarabunPSK") -> bytes:
    """The report as .docx in the named font; the same value gives the same bytes.

    The font is named, not embedded: Word takes another one where it is not installed.
    """
    report = typeset.printable(report)
    body = Face(font, BODY)
    document = Document()
    set_styles(document, body)
    lay_out(document, report)
    _frame(document, report, body.but(size=TABLE, colour=typeset.QUIET))
    describe(document, report)
    return saved(document, _body(report, body))


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
            more=spacing(160, 0),
            indent=f'<w:ind w:firstLine="{twips(25)}"/>',
        ),
        _heading(report.summary.heading, face),
        _chart(report.summary.bars, report.summary.heading, face.but(size=TABLE)),
        paragraph(run(report.summary.sentence, face.but(bold=True)), face, "center", more=spacing(80, 0)),
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
    fill(section.footer._element, paragraph(footer, face, style="Footer", more=right_tab))
    if report.draft:
        mark = face.but(bold=True, colour=typeset.ACCENT)
        fill(section.header._element, paragraph(run(report.draft_mark, mark), mark, "right", "Header"))
