"""The web face of a document: one file that needs nothing else, and in which no text becomes markup."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape

from tracker.rules.paper import (
    LOGO,
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
from tracker.writing import typeset
from tracker.writing.photos import Picture

_STYLE = f"""
body {{ font-family: Sarabun, "TH Sarabun New", "TH SarabunPSK", "Leelawadee UI", Thonburi, sans-serif; color: #1c2420;
  line-height: 1.6; max-width: 1200px; margin: 1.5rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.35rem; text-align: center; line-height: 1.45; margin: 0 0 .25rem; }}
h2 {{ font-size: 1.1rem; color: #{typeset.ACCENT}; margin: 1.6rem 0 .5rem; }}
.logo {{ height: 18mm; }}
.head, .sum {{ text-align: center; margin: 0; }} .quiet {{ color: #{typeset.QUIET}; font-size: .9rem; }}
.mark {{ text-align: right; font-weight: bold; color: #{typeset.ACCENT}; }}
.wide {{ overflow-x: auto; }} table {{ border-collapse: collapse; width: 100%; font-size: .92rem; }}
th, td {{ border: 1px solid #{typeset.LINE}; padding: .3rem .5rem; vertical-align: top; text-align: left; }}
thead th {{ background: #{typeset.TINT}; text-align: center; }}
th, td, .prose {{ white-space: pre-line; overflow-wrap: anywhere; }} .prose {{ text-indent: 2.5em; margin: .3rem 0; }}
.chart td {{ border: 0; white-space: normal; }}
.bar {{ background: #{typeset.TRACK}; border-radius: .5rem; height: .8rem; overflow: hidden; min-width: 8rem; }}
.bar i {{ display: block; height: 100%; background: #{typeset.ACCENT}; }}
.two .bar {{ height: .5rem; margin: .2rem 0; }} .two .bar:first-child i {{ background: #{typeset.LINE}; }}
.photos {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 1rem; }}
figure {{ margin: 0; text-align: center; break-inside: avoid; }} figure img {{ max-width: 100%; max-height: 15rem; }}
.sign {{ margin: 2rem 0 0 auto; width: min(100%, 26rem); text-align: center; break-inside: avoid; }}
@page {{ size: A4 landscape; margin: 18mm 20mm; }}
@media print {{ body {{ max-width: none; margin: 0; padding: 0; font-size: 11pt; }}
  thead {{ display: table-header-group; }} }}
"""


def write(told: Printable, pictures: Mapping[str, Picture] | None = None) -> bytes:
    """The document as a self-contained .html in UTF-8; the same value gives the same bytes."""
    paper = typeset.printable(told.paper())
    parts = [
        f'<!doctype html>\n<html lang="th"><head><meta charset="utf-8"><title>{escape(paper.title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body>",
        "<main>",
        f'<p class="mark">{escape(paper.draft_mark)}</p>' if paper.draft else "",
        _logo(paper, pictures or {}),
        f"<h1>{escape(paper.title)}</h1>",
        *(f'<p class="head">{escape(line)}</p>' for line in paper.lines),
        f'<p class="head quiet">{escape(paper.as_of)}</p>' if paper.as_of else "",
        *(_block(block, pictures or {}) for block in paper.blocks),
        *_signatures(paper),
        *(_block(block, pictures or {}) for block in paper.annex),
        "</main>",
        "</body></html>\n",
    ]
    return "\n".join(filter(None, parts)).encode()


def _logo(paper: Paper, pictures: Mapping[str, Picture]) -> str:
    if LOGO not in pictures:
        return ""
    data = b64encode(pictures[LOGO].data).decode()
    told = f'src="data:image/jpeg;base64,{data}" alt="{escape(paper.organisation)}"'
    return f'<p class="head"><img class="logo" {told}></p>'


def _block(block: Block, pictures: Mapping[str, Picture]) -> str:
    if isinstance(block, Letterhead):
        told = [f"<b>{escape(label)}</b> {escape(text)}" for label, text in block.lines]
        for place in reversed(block.beside):
            told[place - 1 : place + 1] = [" &emsp; ".join(told[place - 1 : place + 1])]
        return f"<p>{'</p><p>'.join(told)}</p><hr>"
    heading = f"<h2>{escape(block.heading)}</h2>" if block.heading else ""
    if isinstance(block, Prose):
        return heading + "".join(f'<p class="prose">{escape(text)}</p>' for text in block.paragraphs)
    if isinstance(block, Chart):
        bars = "".join(
            f"<tr><td>{escape(bar.division)}</td>"
            f'<td><div class="bar"><i style="width:{int(bar.percent)}%"></i></div></td>'
            f"<td>{escape(bar.label)}</td></tr>"
            for bar in block.bars
        )
        chart = f'<table class="chart"><tbody>{bars}</tbody></table>' if bars else ""
        return f'{heading}{chart}<p class="sum"><b>{escape(block.sentence)}</b></p>'
    if isinstance(block, Comparison):
        return f'{heading}{_comparison(block)}<p class="sum"><b>{escape(block.sentence)}</b></p>'
    if isinstance(block, Photos):
        return f'{heading}<div class="photos">{"".join(_photo(one, pictures) for one in block.photos)}</div>'
    return heading + _table(block)


def _comparison(block: Comparison) -> str:
    """The scores as a table; below each name a bar for each year, the earlier one grey."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in block.columns)
    rows = "".join(
        f'<tr><th scope="row">{escape(row.name)}'
        + "".join(
            f'<div class="bar"><i style="width:{score:.2f}%"></i></div>'
            for score in (row.before or 0, row.after or 0)
        )
        + f"</th>{''.join(f'<td>{escape(text)}</td>' for text in row.told)}</tr>"
        for row in block.rows
    )
    return (
        f'<div class="wide"><table class="two" aria-label="{escape(block.heading)}">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _table(grid: Grid) -> str:
    if not grid.rows:
        return f"<p>{escape(grid.empty)}</p>"
    shape = typeset.SHAPES[grid.name]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in grid.columns)
    rows = []
    for place, texts in enumerate(grid.rows):
        cells = []
        for column, text in enumerate(texts):
            note = ""
            if column == shape.note and grid.notes and grid.notes[place]:
                note = f'\n<span class="quiet">{escape(grid.notes[place])}</span>'
            tag = 'th scope="row"' if column in shape.bold else "td"
            cells.append(f"<{tag}>{escape(text)}{note}</{tag[:2]}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="wide"><table aria-label="{escape(grid.heading)}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _photo(photo: Photo, pictures: Mapping[str, Picture]) -> str:
    picture = pictures.get(photo.sha256)
    shown = ""
    if picture is not None:
        data = b64encode(picture.data).decode()
        shown = f'<img src="data:image/jpeg;base64,{data}" alt="{escape(photo.caption)}">'
    words = (
        f'{escape(photo.number)}. {escape(photo.caption)}<br><span class="quiet">{escape(photo.day)}</span>'
    )
    return f"<figure>{shown}<figcaption>{words}</figcaption></figure>"


def _signatures(paper: Paper) -> list[str]:
    return [
        f'<div class="sign">{"".join(f"<p>{escape(line)}</p>" for line in signature)}</div>'
        for signature in paper.signatures
    ]
