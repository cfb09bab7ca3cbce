"""An office's own Word form filled with a document's texts, in a process with limits and with names only."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tracker
from tracker.errors import TrackerError
from tracker.rules.paper import Paper
from tracker.rules.wordform import LOOP, ROW, texts_of
from tracker.writing import pdf, typeset
from tracker.writing.archive import repack

ROOT = Path(tracker.__file__).parents[1]
SECONDS = 60.0
MEMORY = 1024**3
# Word reads them as the signs themselves; docxtpl, which works on the XML as a text, no longer sees them.
_SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in "{}%#_&<>\"'"}


class NotFilled(TrackerError):
    """The form could not be filled."""


class NotAllowedHere(Exception):
    """The form holds more than names and one repeated row."""


def fill(form: bytes, paper: Paper, seconds: float = SECONDS) -> bytes:
    """The form with the document's texts in the place of its names; the same bytes for the same two.

    Texts stay what they are, whatever signs they hold. Raises NotFilled after `seconds`, or if memory or the
    form itself stands in the way; nothing is left running.
    """
    texts = texts_of(typeset.printable(paper))
    told = {"anywhere": dict(texts.anywhere), "rows": [dict(row) for row in texts.rows]}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "tracker.writing.wordform"],
            input=json.dumps(told).encode() + b"\n" + form,
            capture_output=True,
            timeout=seconds,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise NotFilled("เติมแบบของหน่วยงานไม่เสร็จในเวลาที่กำหนด กรุณาใช้แบบของระบบ") from slow
    if ended.returncode != 0 or not ended.stdout.startswith(b"PK"):
        raise NotFilled("เติมแบบของหน่วยงานไม่ได้ กรุณาตรวจแบบในหน้าตั้งค่าหรือใช้แบบของระบบ") from RuntimeError(
            ended.stderr.decode(errors="replace")[-2000:]
        )
    return ended.stdout


def _filled(form: bytes, told: Mapping[str, Any]) -> bytes:
    from docxtpl import DocxTemplate  # below the limits
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from markupsafe import Markup

    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    template = DocxTemplate(io.BytesIO(form))
    _require_names_only(template, environment)

    def literal(text: str) -> Markup:
        return Markup(text.translate(_SIGNS))

    context: dict[str, Any] = {name: literal(text) for name, text in told["anywhere"].items()}
    context[LOOP] = [{name: literal(text) for name, text in row.items()} for row in told["rows"]]
    template.render(context, environment, autoescape=True)
    made = io.BytesIO()
    template.save(made)
    return repack(made.getvalue(), lambda _name, data: data)


def _require_names_only(template: Any, environment: Any) -> None:
    """Refuse everything but names and one repeated row, as the template's own parser reads it."""
    from jinja2 import nodes

    document = template.get_docx()
    sources = [template.patch_xml(template.get_xml())]
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        sources += [
            template.patch_xml(template.get_part_xml(part)) for _, part in template.get_headers_footers(uri)
        ]
    silent = [
        str(getattr(document.core_properties, name) or "")
        for name in ("author", "comments", "identifier", "language", "subject", "title")
    ]
    silent += [
        part.blob.decode(errors="replace")
        for part in document.part.package.iter_parts()
        if part.content_type.endswith("footnotes+xml")
    ]
    if any(sign in text for text in silent for sign in ("{{", "{%", "{#")):
        raise NotAllowedHere("names in properties or footnotes")
    loops = 0
    for source in sources:
        for node in environment.parse(source).find_all(nodes.Node):
            match node:
                case nodes.Output() | nodes.TemplateData():
                    continue
                case nodes.Name():
                    continue
                case nodes.Getattr(node=nodes.Name(name=owner)) if owner == ROW:
                    continue
                case nodes.For(
                    target=nodes.Name(name=target),
                    iter=nodes.Name(name=rows),
                    else_=[],
                    test=None,
                    recursive=False,
                ) if (target, rows) == (ROW, LOOP):
                    loops += 1
                case _:
                    raise NotAllowedHere(type(node).__name__)
    if loops > 1:
        raise NotAllowedHere("more than one loop")


def main() -> None:
    """Reads the texts and the form on standard input, writes the filled form on standard output."""
    pdf.limit_memory(MEMORY)
    told = json.loads(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(_filled(sys.stdin.buffer.read(), told))


if __name__ == "__main__":
    main()
