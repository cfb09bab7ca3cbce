"""Photographs for the annex: small, upright, and without what a camera writes into them."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

LONGEST_SIDE, SHORTEST_SIDE = 1000, 400
# All pictures of a document together: typst unfolds each of them, three bytes a pixel.
PIXELS_OF_ALL = 300_000_000
QUALITY = 80
# More pixels than any telephone takes; what unfolds to more is not opened.
MOST_PIXELS = 120_000_000


@dataclass(frozen=True)
class Picture:
    """A JPEG and its size in pixels."""

    data: bytes
    width: int
    height: int


def side_for(number: int) -> int:
    """The longest side, in pixels, of each of so many photographs: 1,000, and less where they are very many."""
    return max(SHORTEST_SIDE, min(LONGEST_SIDE, math.isqrt(PIXELS_OF_ALL * 4 // (3 * max(number, 1)))))


def shrink(data: bytes, side: int = LONGEST_SIDE) -> Picture | None:
    """The picture made small; the same bytes give the same picture. None where it cannot be opened."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return None
                opened.draft("RGB", (side, side))
                upright = ImageOps.exif_transpose(opened)
                picture = _on_white(upright)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    picture.thumbnail((side, side))
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
    side, pictures = side_for(len(files)), {}
    for key, path in files.items():
        picture = shrink(path.read_bytes(), side) if path.is_file() else None
        if picture is not None:
            pictures[key] = picture
    return pictures


class Album(Mapping[str, Picture]):
    """Pictures that lie in a folder until they are wanted, so that many of them take no memory.

    `looked_at` counts the photographs, also those that could not be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.looked_at = 0
        self._sizes: dict[str, tuple[int, int]] = {}

    def put(self, key: str, path: Path, side: int) -> None:
        """Add the photograph at `path`, made small; nothing where it cannot be opened."""
        picture = shrink(path.read_bytes(), side) if path.is_file() else None
        if picture is not None:
            (self._folder / f"{key}.jpg").write_bytes(picture.data)
            self._sizes[key] = picture.width, picture.height
        self.looked_at += 1

    def __getitem__(self, key: str) -> Picture:
        width, height = self._sizes[key]
        return Picture((self._folder / f"{key}.jpg").read_bytes(), width, height)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)
