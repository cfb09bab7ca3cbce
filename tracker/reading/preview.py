"""A small picture of a picture or of a page of a PDF, drawn in a process with limits."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from pathlib import Path

import tracker
from tracker.reading.limits import limit_process

SECONDS = 15.0
# The drawing may take so many seconds of a core; on a busy machine that lasts longer.
PATIENCE = 4
MEGABYTES = 900
QUALITY = 78
# More pixels than any telephone takes; what unfolds to more is not opened.
MOST_PIXELS = 120_000_000
ROOT = Path(tracker.__file__).parents[1]


def draw(
    path: Path, side: int, seconds: float = SECONDS, megabytes: int = MEGABYTES, page: int = 1
) -> bytes | None:
    """A WebP of the file, `side` pixels at its longest; None where it cannot be opened within the limits.

    `page` is counted from 1.
    """
    drawn = _ask(path, seconds, megabytes, side, page)
    return drawn if drawn and drawn.startswith(b"RIFF") else None


def count_pages(path: Path) -> int | None:
    """How many pages a PDF has; None where it cannot be opened within the limits."""
    told = _ask(path, SECONDS, MEGABYTES)
    return int(told) if told else None


def _ask(path: Path, seconds: float, megabytes: int, *what: int) -> bytes | None:
    asked = [str(seconds), str(megabytes), *map(str, what)]
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "tracker.reading.preview", *asked],
            input=path.read_bytes(),
            capture_output=True,
            timeout=PATIENCE * seconds,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return ended.stdout if ended.returncode == 0 else None


def _drawn(data: bytes, side: int, number: int) -> bytes:
    from PIL import Image, ImageOps  # below the limits

    if data.startswith(b"%PDF-"):
        import pypdfium2

        page = pypdfium2.PdfDocument(data)[number - 1]
        opened = page.render(scale=side / max(page.get_size())).to_pil()
    else:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        opened.draft("RGB", (side, side))
        opened = ImageOps.exif_transpose(opened)
    seen = opened.convert("RGBA")
    seen.thumbnail((side, side))
    picture = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()


def _counted(data: bytes) -> bytes:
    import pypdfium2  # below the limits

    return str(len(pypdfium2.PdfDocument(data))).encode()


def main() -> None:
    """Reads the file on standard input, writes a picture or the number of pages on standard output.

    The exit code is 1 where it has none.
    """
    seconds, megabytes, *what = sys.argv[1:]
    limit_process(float(seconds), int(megabytes))
    data = sys.stdin.buffer.read()
    try:
        answer = _drawn(data, int(what[0]), int(what[1])) if what else _counted(data)
    except Exception:  # whatever a broken file breaks
        sys.exit(1)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
