"""The PDF face of a report, typeset by typst in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tracker
from tracker.errors import TrackerError
from tracker.rules.report import AnnualReport
from tracker.writing import sarabun, typeset

ROOT = Path(tracker.__file__).parents[1]
TEMPLATES = ROOT / "templates" / "documents"
SECONDS = 120
ADDRESS_SPACE = 4 * 1024**3


class NotTypeset(TrackerError):
    """The PDF could not be made; the Word face of the same report may still be."""


def write(report: AnnualReport) -> bytes:
    """The report as PDF (UA-1 and A-2a); the same value gives the same bytes.

    Letters that the font lacks, such as emoji, are kept as text without a shape, and the file then claims no
    standard. Typst's cache grows with every document, so it lives only as long as one.
    Raises NotTypeset after two minutes, or if memory or the document itself stands in the way.
    """
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "tracker.writing.pdf"],
            input=json.dumps(_told(typeset.printable(report)), ensure_ascii=False).encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise NotTypeset(
            "ทำไฟล์ PDF ไม่เสร็จใน %(seconds)s วินาที กรุณาลองใหม่หรือใช้ไฟล์ Word", seconds=SECONDS
        ) from slow
    if ended.returncode != 0 or not ended.stdout.startswith(b"%PDF"):
        raise NotTypeset("ทำไฟล์ PDF ไม่ได้ กรุณาใช้ไฟล์ Word แทนและแจ้งผู้ดูแลระบบ") from RuntimeError(
            ended.stderr.decode(errors="replace")[-2000:]
        )
    return ended.stdout


def _told(report: AnnualReport) -> dict[str, Any]:
    told = asdict(report) | {"frozen_at": int(report.frozen_at.timestamp())}
    told["results"] |= {
        "widths": typeset.RESULT_WIDTHS,
        "breakable": [typeset.may_break(row.cells, typeset.RESULT_WIDTHS) for row in report.results.rows],
    }
    for name, widths in (("problems", typeset.PROBLEM_WIDTHS), ("unfinished", typeset.UNFINISHED_WIDTHS)):
        told[name] |= {
            "widths": widths,
            "breakable": [typeset.may_break(row, widths) for row in told[name]["rows"]],
        }
    told["annex"]["widths"] = typeset.ANNEX_WIDTHS
    return told


def _main() -> None:
    _limit_memory()
    sys.stdout.buffer.write(_typeset(sys.stdin.buffer.read().decode()))


def _limit_memory() -> None:
    # Windows has no such limit, and macOS refuses to set one.
    if sys.platform != "linux":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = ADDRESS_SPACE if hard == resource.RLIM_INFINITY else min(ADDRESS_SPACE, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _typeset(told: str) -> bytes:
    import typst

    compiler = typst.Compiler(
        TEMPLATES / "annual.typ",
        root=TEMPLATES,
        font_paths=[sarabun.folder()],
        ignore_system_fonts=True,
        sys_inputs={"report": told},
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
