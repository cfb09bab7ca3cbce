"""The executive page as PDF: one sheet of A4, landscape."""

from __future__ import annotations

from dataclasses import asdict

from tracker.rules.executive import Executive
from tracker.writing import pdf, typeset

TEMPLATE = "executive.typ"


def write(told: Executive) -> bytes:
    """The page typeset; the same value gives the same bytes. Raises NotTypeset as `pdf.write` does."""
    page = typeset.printable(told)
    return pdf.typeset_apart(TEMPLATE, asdict(page) | {"frozen_at": int(page.frozen_at.timestamp())}, ())
