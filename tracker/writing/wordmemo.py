"""The parts of a Word memo as the regulation on official letters wants them: large labels, black headings, one page."""

from __future__ import annotations

from tracker.rules.paper import Letterhead, Prose
from tracker.writing.wordfile import spacing
from tracker.writing.wordxml import Face, paragraph, run, tab, twips

TITLE, LABEL = 29, 20
# Where the second of two labels on a line begins, and how far a paragraph's first line stands in; in millimetres.
SECOND, FIRST = 80, 25
INDENT = f'<w:ind w:firstLine="{twips(FIRST)}"/>'
_TAB = f'<w:tabs><w:tab w:val="left" w:pos="{twips(SECOND)}"/></w:tabs>'


def letterhead(block: Letterhead, face: Face) -> str:
    """The labels, each with what stands behind it."""
    bold = face.but(size=LABEL, bold=True)
    told = [run(f"{label}  ", bold) + run(text, face) for label, text in block.lines]
    for place in reversed(block.beside):
        told[place - 1 : place + 1] = [told[place - 1] + tab(face) + told[place]]
    return "".join(paragraph(line, face, more=_TAB + spacing(0, 0)) for line in told)


def prose(block: Prose, face: Face) -> str:
    """A heading in the size of the text, and its paragraphs."""
    bold = face.but(bold=True)
    more = f"<w:keepNext/>{spacing(80, 0)}"
    heading = paragraph(run(block.heading, bold), bold, style="Heading1", more=more) if block.heading else ""
    before = 0 if block.heading else 80
    return heading + "".join(
        paragraph(run(text, face), face, more=spacing(0 if place else before, 0), indent=INDENT)
        for place, text in enumerate(block.paragraphs)
    )
