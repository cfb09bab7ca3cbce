"""Photographs for the annex: small, upright, and without what a camera writes into them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

LONGEST_SIDE = 1000
QUALITY = 80
# More pixels than any telephone takes; what unfolds to more is not opened.
MOST_PIXELS = 120_000_000


@dataclass(frozen=True)
class Picture:
    """A JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


def shrink(data: bytes) -> Picture | None:
    """The picture made small; the same bytes give the same picture. None where it cannot be opened."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return None
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(opened)
                picture = _on_white(upright)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=QUALITY)
    return Picture(written.getvalue(), picture.width, picture.height)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        seen = picture.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    return picture.convert("RGB")


def shrink_all(files: Mapping[str, Path]) -> dict[str, Picture]:
    """The pictures that can be opened, by the same keys."""
    pictures = {}
    for key, path in files.items():
        picture = shrink(path.read_bytes()) if path.is_file() else None
        if picture is not None:
            pictures[key] = picture
    return pictures
