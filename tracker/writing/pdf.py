"""The PDF face of a document, typeset by typst in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tracker
from tracker.errors import TrackerError
from tracker.rules.paper import LOGO, Grid, Paper, Photos, Printable
from tracker.writing import sarabun, typeset
from tracker.writing.photos import Picture

ROOT = Path(tracker.__file__).parents[1]
TEMPLATES = ROOT / "templates" / "documents"
TEMPLATE = "paper.typ"
SECONDS = 120
ADDRESS_SPACE = 4 * 1024**3


class NotTypeset(TrackerError):
    """The PDF could not be made; the Word face of the same report may still be."""


def write(told: Printable, pictures: Mapping[str, Picture] | None = None, seconds: float = SECONDS) -> bytes:
    """The document as PDF (UA-1 and A-2a); the same value gives the same bytes.

    Letters that the font lacks, such as emoji, are kept as text without a shape, and the file then claims no
    standard. `pictures` are the photographs by the hash of their files; one that is missing leaves its caption.
    Typst's cache grows with every document, so it lives only as long as one.
    Raises NotTypeset after `seconds`, or if memory or the document itself stands in the way.
    """
    paper, pictures = typeset.printable(told.paper()), pictures or {}
    # One at a time: all together may not fit into memory.
    there = ((digest, pictures[digest].data) for digest in _digests(paper) if digest in pictures)
    return typeset_apart(TEMPLATE, _told(paper, pictures), there, seconds)


def typeset_apart(
    template: str, told: Mapping[str, Any], pictures: Iterable[tuple[str, bytes]], seconds: float = SECONDS
) -> bytes:
    """A template with its values, `frozen_at` in seconds among them, as PDF; raises as `write` does."""
    # Typst reads pictures only below its root, and its cache names them by their place there.
    with tempfile.TemporaryDirectory(prefix="tracker-pdf-") as folder:
        shutil.copy(TEMPLATES / template, folder)
        for digest, data in pictures:
            Path(folder, f"{digest}.jpg").write_bytes(data)
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "tracker.writing.pdf", str(Path(folder, template))],
                input=json.dumps(told, ensure_ascii=False).encode(),
                capture_output=True,
                timeout=seconds,
                cwd=ROOT,
                check=False,
            )
        except subprocess.TimeoutExpired as slow:
            raise NotTypeset(
                "ทำไฟล์ PDF ไม่เสร็จใน %(seconds)s วินาที กรุณาลองใหม่หรือใช้ไฟล์ Word", seconds=f"{seconds:g}"
            ) from slow
    if ended.returncode != 0 or not ended.stdout.startswith(b"%PDF"):
        raise NotTypeset("ทำไฟล์ PDF ไม่ได้ กรุณาใช้ไฟล์ Word แทนและแจ้งผู้ดูแลระบบ") from RuntimeError(
            ended.stderr.decode(errors="replace")[-2000:]
        )
    return ended.stdout


def _digests(paper: Paper) -> set[str]:
    return {LOGO} | {photo.sha256 for photo in paper.photographs}


def _told(paper: Paper, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    told = asdict(paper) | {"frozen_at": int(paper.frozen_at.timestamp()), "logo": LOGO in pictures}
    for block, its in zip(paper.every_block, [*told["blocks"], *told["annex"]], strict=True):
        if isinstance(block, Grid):
            shape = typeset.SHAPES[block.name]
            its |= asdict(shape) | {
                "breakable": [typeset.may_break(row, shape.widths) for row in block.rows],
                "notes": block.notes or [""] * len(block.rows),
            }
        elif isinstance(block, Photos):
            for photo in its["photos"]:
                photo["there"] = photo["sha256"] in pictures
    return told


def _main() -> None:
    limit_memory(ADDRESS_SPACE)
    sys.stdout.buffer.write(_typeset(Path(sys.argv[1]), sys.stdin.buffer.read().decode()))


def limit_memory(most: int) -> None:
    """Let this process have so many bytes at most."""
    # Windows has no such limit, and macOS refuses to set one.
    if sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _typeset(template: Path, told: str) -> bytes:
    import typst

    compiler = typst.Compiler(
        template,
        root=template.parent,
        font_paths=[sarabun.folder()],
        ignore_system_fonts=True,
        sys_inputs={"paper": told},
    )
    moment = json.loads(told)["frozen_at"]
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=moment)
    except typst.TypstError as refused:
        if "could not be displayed" not in refused.message:
            raise
        made = compiler.compile(format="pdf", timestamp=moment)
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    _main()
