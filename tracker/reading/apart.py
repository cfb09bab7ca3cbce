"""A document read in a process of its own, which may take neither long nor much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import tracker
from tracker.errors import Message, Unreadable
from tracker.reading.divisions import Responsible
from tracker.reading.limits import limit_process
from tracker.reading.values import Analysis, Problem, ReadMeasure, ReadPlan, ReadRow
from tracker.rules.follow_ups import ReadFollowUp
from tracker.rules.scoring import Scores
from tracker.rules.windows import Window

SECONDS = 20.0
MEGABYTES = 512
ROOT = Path(tracker.__file__).parents[1]


@dataclass(frozen=True)
class Opened:
    """A document for a page: what it says, its rows' cells word for word, the lines of one without rows."""

    plan: ReadPlan
    cells: tuple[Mapping[str, str], ...] = ()
    lines: tuple[str, ...] = ()


_VALUES = {
    kind.__name__: kind
    for kind in (
        Analysis,
        Message,
        Opened,
        Problem,
        ReadFollowUp,
        ReadMeasure,
        ReadPlan,
        ReadRow,
        Responsible,
        Scores,
        Window,
    )
}


def read_apart(
    data: bytes,
    name: str,
    year: int | None = None,
    divisions: Collection[str] | None = None,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> ReadPlan:
    """What `plan.read` says of the bytes, found out by a process that is ended after `seconds`.

    `megabytes` limit its address space where the system knows such a limit (not Windows). Raises Unreadable as
    `plan.read` does, and for a document that needs more time or memory than that; nothing is left running.
    """
    answer = _ask("plan", data, name, year, divisions, seconds, megabytes)
    assert isinstance(answer, ReadPlan)
    return answer


def open_apart(
    data: bytes,
    name: str,
    year: int | None = None,
    divisions: Collection[str] | None = None,
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
) -> Opened:
    """As `read_apart`, with the cells and lines that a page shows beside it."""
    answer = _ask("page", data, name, year, divisions, seconds, megabytes)
    assert isinstance(answer, Opened)
    return answer


def _ask(
    what: str,
    data: bytes,
    name: str,
    year: int | None,
    divisions: Collection[str] | None,
    seconds: float,
    megabytes: int,
) -> object:
    asked = {
        "what": what,
        "name": name,
        "year": year,
        "divisions": None if divisions is None else list(divisions),
        "seconds": seconds,
        "megabytes": megabytes,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "tracker.reading.apart"],
            input=json.dumps(asked).encode() + b"\n" + data,
            capture_output=True,
            timeout=seconds,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise _too_slow(name, seconds) from slow
    if ended.returncode == 0:
        return _answer(ended.stdout)
    said = RuntimeError(f"{ended.returncode}: {ended.stderr.decode(errors='replace')[-2000:]}")
    if ended.returncode < 0 or b"MemoryError" in ended.stderr:  # a system that ends a process gives no reason
        raise _too_large(name) from said
    raise Unreadable(
        "อ่านไฟล์ “%(name)s” ไม่สำเร็จ กรุณาบันทึกใหม่เป็น .docx แล้วลองอีกครั้ง หรือแจ้งผู้ดูแลระบบ", name=name
    ) from said


def _too_slow(name: str, seconds: float) -> Unreadable:
    return Unreadable(
        "อ่านไฟล์ “%(name)s” ใช้เวลานานเกิน %(seconds)s วินาที กรุณาแยกเฉพาะตารางมาตรการเป็นไฟล์ที่เล็กลง",
        name=name,
        seconds=f"{seconds:g}",
    )


def _too_large(name: str) -> Unreadable:
    return Unreadable(
        "เนื้อหาในไฟล์ “%(name)s” ใหญ่เกินกว่าจะอ่านได้ กรุณาแยกเฉพาะตารางมาตรการเป็นไฟล์ที่เล็กลง", name=name
    )


def _answer(written: bytes) -> object:
    answer = value_of(json.loads(written))
    if isinstance(answer, Message):
        raise Unreadable(answer.template, **answer.values)
    return answer


def written(value: object) -> Any:
    """A value as JSON of which `value_of` makes the same value: what JSON has no word for is [kind, content]."""
    if is_dataclass(value) and not isinstance(value, type):
        return [
            type(value).__name__,
            {one.name: written(getattr(value, one.name)) for one in fields(value)},
        ]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, Mapping):
        return ["map", [[written(key), written(one)] for key, one in value.items()]]
    if isinstance(value, tuple | list):
        return [type(value).__name__, [written(one) for one in value]]
    return value


def value_of(told: Any) -> Any:
    """The value that `written` wrote; ValueError for a kind that a plan does not hold."""
    if not isinstance(told, list):
        return told
    kind, content = told
    if kind == "date":
        return date.fromisoformat(content)
    if kind == "map":
        return {value_of(key): value_of(one) for key, one in content}
    if kind == "tuple":
        return tuple(value_of(one) for one in content)
    if kind == "list":
        return [value_of(one) for one in content]
    if kind not in _VALUES:
        raise ValueError(f"no value of a plan: {kind}")
    return _VALUES[kind](**{field: value_of(one) for field, one in content.items()})


def main() -> None:
    """Reads what is asked on standard input and writes the answer on standard output."""
    asked = json.loads(sys.stdin.buffer.readline())
    limit_process(asked["seconds"], asked["megabytes"])
    try:
        from tracker.reading import plan, sources  # below the limits

        data, name = sys.stdin.buffer.read(), asked["name"]
        answer: object = plan.read(data, name, asked["year"], asked["divisions"])
        if asked["what"] == "page" and isinstance(answer, ReadPlan):
            lines = () if answer.rows else tuple(sources.lines_of(data, name))
            answer = Opened(answer, sources.cells_of(data, name), lines)
    except Unreadable as error:
        answer = error.message
    except MemoryError:
        answer = _too_large(asked["name"]).message
    sys.stdout.buffer.write(json.dumps(written(answer), ensure_ascii=False).encode())


if __name__ == "__main__":
    main()
