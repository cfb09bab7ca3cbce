"""A long document made in a process of its own, which tells how far it is and may be ended at any time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import tracker
from tracker.errors import Message, TrackerError
from tracker.rules.frozen import to_json
from tracker.rules.paper import Paper, from_json
from tracker.writing import pdf
from tracker.writing.photos import Album, side_for

ROOT = Path(tracker.__file__).parents[1]
SECONDS = 1800.0
# Of the typesetting of thousands of photographs on a busy machine.
TYPESETTING = 900.0
# How often it tells that it still works, where there is nothing new to tell.
BEAT = 20.0
# Typst asks for more in a process of its own; see pdf.py.
MEMORY = 2500 * 1024**2
_END = b"\n"


class NotMade(TrackerError):
    """The document could not be made."""


def make(
    paper: Paper,
    ending: str,
    font: str,
    files: Mapping[str, Path],
    target: Path,
    seconds: float = SECONDS,
    beat: float = BEAT,
) -> Generator[tuple[int, int], None, None]:
    """Make the file at `target`, telling now and then (photographs done, all photographs).

    It tells the same again every `beat` seconds. Whoever stops listening ends the work, with nothing at `target`.
    Raises NotMade with a sentence, also after `seconds`.
    """
    asked = {
        "paper": to_json(paper),
        "ending": ending,
        "font": font,
        "beat": beat,
        "files": {digest: str(path) for digest, path in files.items()},
    }
    with tempfile.TemporaryDirectory(prefix="tracker-making-") as folder:
        Path(folder, "asked.json").write_text(json.dumps(asked), encoding="utf-8")
        with _process(folder, seconds) as (process, lines):
            answer: dict[str, Any] = {}
            for line in lines:
                told = json.loads(line)
                if "done" in told:
                    yield told["done"], len(files)
                else:
                    answer = told
            process.wait()
        if answer:
            raise _told(**answer)
        if process.returncode != 0:
            raise NotMade("ทำไฟล์ไม่เสร็จภายในเวลาหรือหน่วยความจำที่กำหนด กรุณาลองใหม่ หรือเลือกภาพให้น้อยลง")
        target.parent.mkdir(parents=True, exist_ok=True)
        made = target.with_name(f"{target.name}.{os.getpid()}.part")
        made.write_bytes(Path(folder, "made").read_bytes())
        os.replace(made, target)


def _told(template: str, values: Mapping[str, object]) -> NotMade:
    return NotMade(template, **values)


@contextmanager
def _process(folder: str, seconds: float) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The process at its work; ended when the time is over, or when we leave."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker.writing.apart", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield process, process.stdout
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def main() -> None:
    """Reads what is asked from the folder, tells of it line by line, writes the file into the same folder."""
    folder = Path(sys.argv[1])
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    pdf.limit_memory(MEMORY)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _make(folder, asked)
    except TrackerError as failure:
        _tell(_sentence(failure.message))


def _end_with_parent() -> None:
    # Nobody writes to it: it ends when the one who asked is gone, also by a kill.
    os.read(0, 1)
    os._exit(1)


def _sentence(message: Message) -> dict[str, object]:
    return {
        "template": message.template,
        "values": {key: str(value) for key, value in message.values.items()},
    }


def _make(folder: Path, asked: dict[str, Any]) -> None:
    from tracker.writing import faces  # below the limits

    paper = from_json(str(asked["paper"]))
    files = asked["files"]
    assert isinstance(files, dict)
    album, side = Album(folder), side_for(len(files))
    threading.Thread(target=_beat, args=(album, asked["beat"]), daemon=True).start()
    for digest, path in files.items():
        album.put(digest, Path(path), side)
        _tell({"done": album.looked_at})
    if asked["ending"] == "pdf":
        data = pdf.write(paper, album, TYPESETTING)
    else:
        data = faces.write(paper, str(asked["ending"]), str(asked["font"]), album)
    (folder / "made").write_bytes(data)


def _beat(album: Album, seconds: float) -> None:
    while True:
        time.sleep(seconds)
        _tell({"done": album.looked_at})


def _tell(told: Mapping[str, object]) -> None:
    # At once, so that the lines of two threads do not mix.
    os.write(1, json.dumps(told).encode() + _END)


if __name__ == "__main__":
    main()
