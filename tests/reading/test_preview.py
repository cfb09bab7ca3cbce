"""Small pictures of files, drawn in a process that may take neither long nor much memory."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tracker.reading.preview import draw


def drawn(data: bytes, folder: Path, side: int = 100, **limits: float) -> Image.Image | None:
    path = folder / "file"
    path.write_bytes(data)
    picture = draw(path, side, **limits)  # type: ignore[arg-type]
    return None if picture is None else Image.open(io.BytesIO(picture))


def saved(kind: str, size: tuple[int, int] = (800, 400), **how: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "#cc3311").save(stream, kind, **how)
    return stream.getvalue()


def pdf() -> bytes:
    document = pypdfium2.PdfDocument.new()
    document.new_page(200, 400)
    document.new_page(400, 200)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_made_small_and_stands_upright(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = drawn(saved(kind, exif=exif), tmp_path)
    assert picture is not None
    assert (picture.format, picture.size) == ("WEBP", (50, 100))


def test_the_first_page_of_a_pdf_is_drawn(tmp_path: Path) -> None:
    picture = drawn(pdf(), tmp_path)
    assert picture is not None
    assert picture.size == (50, 100)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF\n", b"\xff\xd8\xff\xd9", b"GIF89a", b"<svg/>"])
def test_what_cannot_be_opened_has_no_picture(tmp_path: Path, data: bytes) -> None:
    assert drawn(data, tmp_path) is None


def test_a_picture_that_unfolds_too_large_has_none(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(stream, "PNG")
    assert drawn(stream.getvalue(), tmp_path) is None


def test_a_drawing_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    assert drawn(saved("PNG"), tmp_path, seconds=0.01) is None


def test_a_drawing_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    assert drawn(saved("PNG"), tmp_path, megabytes=30) is None
