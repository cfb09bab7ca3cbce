"""The Word face of a document, which an office can go on editing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.parts.image import ImagePart

from tracker.rules.paper import (
    LOGO,
    Bar,
    Block,
    Chart,
    Comparison,
    Grid,
    Letterhead,
    Paper,
    Photo,
    Photos,
    Printable,
    Prose,
)
from tracker.rules.thai import thai_digits
from tracker.writing import typeset, wordmemo
from tracker.writing.photos import Picture
from tracker.writing.typeset import SHAPES
from tracker.writing.wordfile import (
    BODY,
    TABLE,
    describe,
    fill,
    lay_out,
    saved,
    set_styles,
    spacing,
    text_width,
)
from tracker.writing.wordxml import (
    Face,
    cell,
    drawing,
    lines,
    page_number,
    paragraph,
    row,
    run,
    tab,
    table,
    twips,
)

SMALL, HASH = 12, 9
BAR_STEPS = 50
KEPT = "<w:keepNext/>"
ENDING = '<w:spacing w:before="0" w:after="0" w:line="14" w:lineRule="exact"/>'
_UNFRAMED = (
    "<w:tcBorders>" + "".join(f'<w:{e} w:val="nil"/>' for e in ("left", "bottom", "right")) + "</w:tcBorders>"
)
# Between the signature of a memo and those below it, in points.
GAP = 6


def write(
    told: Printable, font: str = "TH SarabunPSK", pictures: Mapping[str, Picture] | None = None
) -> bytes:
    """The document as .docx in the named font; the same value gives the same bytes.

    The font is named, not embedded: Word takes another one where it is not installed. `pictures` are the
    photographs by the hash of their files; one that is missing leaves its caption.
    """
    paper = typeset.printable(told.paper())
    body = Face(font, BODY)
    document = Document()
    set_styles(document, body)
    lay_out(document, paper)
    _frame(document, paper, body.but(size=TABLE, colour=typeset.QUIET))
    describe(document, paper)
    return saved(document, "".join(_body(document, paper, body, pictures or {})))


def _body(document: WordDocument, paper: Paper, face: Face, pictures: Mapping[str, Picture]) -> Iterator[str]:
    memo = paper.kind == "memo"
    if (logo := pictures.get(LOGO)) is not None:
        relation, _ = document.part.get_or_add_image(BytesIO(logo.data))
        size = (logo.width * typeset.LOGO_HEIGHT / logo.height, typeset.LOGO_HEIGHT)
        yield paragraph(drawing(relation, int(relation[3:]), size, paper.organisation), face, "center")
    big = face.but(wordmemo.TITLE if memo else 20, True)
    yield paragraph(run(paper.title, big), big, "center", "Title")
    for line in paper.lines:
        yield paragraph(run(line, face), face, "center")
    if paper.as_of and not memo:
        quiet = face.but(size=TABLE, colour=typeset.QUIET)
        yield paragraph(run(paper.as_of, quiet), quiet, "center")
    for place, block in enumerate(paper.blocks, 1):
        if memo and isinstance(block, Prose):
            yield wordmemo.prose(block, face)
        elif place == len(paper.blocks) and _takes_signature(paper):
            assert isinstance(block, Grid)
            yield _heading(block.heading, face)
            yield _grid(block, face, _signature(paper.signatures[0], face, 150))
            # A document ends in a paragraph, which may not take a page of its own.
            yield paragraph("", face.but(size=1), more=ENDING)
        else:
            yield _block(document, block, face, pictures)
    told = paper.signatures[1:] if _takes_signature(paper) else paper.signatures
    first, rest = told[:1], told[1:]
    for signature in first:
        yield _signature(signature, face, 70 if memo else 150, 0 if memo else 240)
    if rest:
        yield _side_by_side(rest, face, text_width(paper))
    for place, block in enumerate(paper.annex):
        yield _block(document, block, face, pictures, new_page=place == 0)


def _takes_signature(paper: Paper) -> bool:
    """Whether the signature is the last row of the last table, without a frame.

    LibreOffice keeps a row with the next row, never with a paragraph below the table: there the signature would
    stand alone on a page.
    """
    last = paper.blocks[-1] if paper.blocks else None
    return bool(paper.signatures) and isinstance(last, Grid) and bool(last.rows)


def _block(
    document: WordDocument,
    block: Block,
    face: Face,
    pictures: Mapping[str, Picture],
    new_page: bool = False,
) -> str:
    if isinstance(block, Letterhead):
        return wordmemo.letterhead(block, face)
    heading = _heading(block.heading, face, new_page)
    if isinstance(block, Prose):
        return heading + "".join(
            paragraph(
                run(text, face), face, more=spacing(160 if place == 0 else 60, 0), indent=wordmemo.INDENT
            )
            for place, text in enumerate(block.paragraphs)
        )
    if isinstance(block, Chart):
        chart = _chart(block.bars, block.heading, face.but(size=TABLE))
        sentence = run(block.sentence, face.but(bold=True))
        return heading + chart + paragraph(sentence, face, "center", more=spacing(80, 0))
    if isinstance(block, Comparison):
        sentence = run(block.sentence, face.but(bold=True))
        return heading + _grid(block.grid(), face) + paragraph(sentence, face, "center", more=spacing(80, 0))
    if isinstance(block, Photos):
        return heading + _photos(document, block, face.but(size=TABLE), pictures)
    return heading + _grid(block, face)


def _heading(text: str, face: Face, new_page: bool = False) -> str:
    if not text:
        return ""
    face = face.but(18, True, typeset.ACCENT)
    more = "<w:pageBreakBefore/>" if new_page else ""
    return paragraph(run(text, face), face, style="Heading1", more=more)


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


def _grid(grid: Grid, face: Face, signature: str = "") -> str:
    if not grid.rows:
        # What follows may be a signature, which never stands alone on a page.
        return paragraph(run(grid.empty, face), face, more=KEPT)
    # The sheet of a meeting is to stay one page.
    face, shape = face.but(size=SMALL if grid.name == "meeting" else TABLE), SHAPES[grid.name]
    small = face.but(size=SMALL, colour=typeset.QUIET)
    rows = []
    for place, texts in enumerate(grid.rows):
        contents, kept = [], KEPT if signature and place == len(grid.rows) - 1 else ""
        for column, text in enumerate(texts):
            own = face.but(
                size=HASH if column == shape.code else None, bold=True if column in shape.bold else None
            )
            content = lines(text, own, "center" if column in shape.centred else "left", kept)
            if column == shape.note and grid.notes and grid.notes[place]:
                content += lines(grid.notes[place], small, more=kept)
            contents.append(content)
        together = not typeset.may_break(texts, shape.widths)
        rows.append(row(map(cell, contents, shape.widths), together=together))
    if signature:
        rows.append(row([cell(signature, sum(shape.widths), len(shape.widths), borders=_UNFRAMED)]))
    return table(shape.widths, [_header(grid.columns, shape.widths, face), *rows], grid.heading)


def _photos(document: WordDocument, block: Photos, face: Face, pictures: Mapping[str, Picture]) -> str:
    """A grid of photographs, each above its number, caption and day; a row stays together."""
    abreast = typeset.PHOTOS_ABREAST
    widths = (sum(SHAPES["annex"].widths) / abreast,) * abreast
    quiet = face.but(colour=typeset.QUIET)
    relations: dict[bytes, str] = {}

    def one(photo: Photo) -> str:
        picture = pictures.get(photo.sha256)
        shown = ""
        if picture is not None:
            digest = hashlib.sha256(picture.data).digest()
            if digest not in relations:
                relations[digest] = _embedded(document, picture, len(relations) + 1)
            relation = relations[digest]
            scale = min(typeset.PHOTO_WIDTH / picture.width, typeset.PHOTO_HEIGHT / picture.height)
            size = (picture.width * scale, picture.height * scale)
            shown = paragraph(drawing(relation, int(relation[3:]), size, photo.caption), face, "center")
        caption = lines(f"{photo.number}. {photo.caption}", face, "center")
        return shown + caption + lines(photo.day, quiet, "center", spacing(0, 160))

    rows = []
    for start in range(0, len(block.photos), abreast):
        told = [one(photo) for photo in block.photos[start : start + abreast]]
        told += [paragraph("", face)] * (abreast - len(told))
        rows.append(row(map(cell, told, widths)))
    return table(widths, rows, block.heading, ruled=False)


def _embedded(document: WordDocument, picture: Picture, number: int) -> str:
    # python-docx compares each new picture with the bytes of all before it, which takes minutes for thousands.
    name = PackURI(f"/word/media/image{number}.jpg")
    part = ImagePart.from_image(Image.from_blob(picture.data), name)
    return str(document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE))


def _header(columns: Sequence[str], widths: Sequence[int], face: Face) -> str:
    bold = face.but(bold=True)
    return row(
        (
            cell(lines(name, bold, "center"), width, fill=typeset.TINT, middle=True)
            for name, width in zip(columns, widths, strict=True)
        ),
        header=True,
    )


def _signature(told: Sequence[str], face: Face, left: int, before: int = 240) -> str:
    indent = f'<w:ind w:left="{twips(left)}"/>'

    def line(place: int, text: str) -> str:
        # Kept with the next line but for the last, so that two signatures may stand on two pages.
        keep = KEPT if place < len(told) - 1 else ""
        more = f'{keep}<w:keepLines/><w:spacing w:before="{before}"/>'
        return paragraph(run(text, face), face, "center", more=more, indent=indent)

    return "".join(line(place, text) for place, text in enumerate(told))


def _side_by_side(signatures: Sequence[Sequence[str]], face: Face, room: int) -> str:
    widths = (room / len(signatures),) * len(signatures)
    told = row(
        cell(_signature(lines, face, 0, 0), width) for lines, width in zip(signatures, widths, strict=True)
    )
    # A document ends in a paragraph: an office program adds a line of the usual height where there is none.
    gap, end = (paragraph("", face.but(size=size)) for size in (GAP, 1))
    return gap + table(widths, [told], signatures[0][0], ruled=False) + end


def _frame(document: WordDocument, paper: Paper, face: Face) -> None:
    section = document.sections[0]
    if paper.kind != "memo":
        before, after = paper.page.split("{page}")
        number = page_number(face, thai_digits(1) if paper.thai_digits else "1")
        right_tab = f'<w:tabs><w:tab w:val="right" w:pos="{twips(text_width(paper))}"/></w:tabs>'
        footer = run(paper.organisation, face) + tab(face) + run(before, face) + number
        footer += run(after, face) if after else ""
        fill(section.footer._element, paragraph(footer, face, style="Footer", more=right_tab))
    if paper.draft:
        mark = face.but(bold=True, colour=typeset.ACCENT)
        fill(section.header._element, paragraph(run(paper.draft_mark, mark), mark, "right", "Header"))
