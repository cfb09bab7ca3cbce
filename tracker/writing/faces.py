"""Every face that a document value has, by the ending of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tracker.rules.frozen import Frozen
from tracker.rules.paper import Printable
from tracker.writing import docx, html, json, pdf, xlsx
from tracker.writing.photos import Picture

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "json": "application/json",
}
# Faces that are laid out, with the photographs.
PRINTED = frozenset({"docx", "pdf", "html"})


class DocumentValue(Printable, Frozen, Protocol):
    """A frozen value of finished texts that can be printed, and hashed."""


def write(value: DocumentValue, ending: str, font: str, pictures: Mapping[str, Picture]) -> bytes:
    """The value as a file with one of the endings of MEDIA_TYPES; KeyError for another one."""
    writers = {
        "docx": lambda: docx.write(value, font, pictures),
        "pdf": lambda: pdf.write(value, pictures),
        "xlsx": lambda: xlsx.write(value, font),
        "html": lambda: html.write(value, pictures),
        "json": lambda: json.write(value),
    }
    return writers[ending]()
