"""The cells of a plan's rows word for word, to be shown beside what was understood of them."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.reading.layout import flattened
from tracker.reading.plan import document, gathered_of
from tracker.reading.rawrow import RawRow
from tracker.reading.table import Paragraph

SHOWN = ("analysis", "measure", "steps", "responsible", "follow_up", "targets", "results", "outcome")
LINES = 60


def cells_of(data: bytes, name: str) -> tuple[Mapping[str, str], ...]:
    """The texts of each row by what their column is: SHOWN, "heading", "window" and "lost"; raises Unreadable."""
    gathered, _ = gathered_of(document(data, name))
    return tuple(_cells(raw) for raw in gathered.rows)


def lines_of(data: bytes, name: str) -> list[str]:
    """The first lines of a document in which no plan was found; raises Unreadable."""
    lines: list[str] = []
    for block in flattened(document(data, name)):
        if isinstance(block, Paragraph):
            lines.append(block.text.strip())
        else:
            lines += [" | ".join(cell.text.strip() for cell in row) for row in block.rows]
    return [line for line in lines if line][:LINES]


def _cells(raw: RawRow) -> dict[str, str]:
    window = [raw.text(role) for role in ("window", "window_start", "window_end")]
    marked = [raw.ticks[place] for place in sorted(raw.ticks)]
    texts = {"heading": "\n".join(text for text in (raw.section, raw.heading) if text)}
    texts |= {role: raw.text(role) for role in SHOWN}
    texts["window"] = "\n".join(text for text in (*window, *marked) if text)
    texts["lost"] = "\n".join(f"{column}: {text}" if column else text for column, text in raw.lost)
    return {role: text for role, text in texts.items() if text.strip()}
