"""The logo of an organisation: drawn anew, small, with nothing in it but what is seen."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tracker.errors import Refused
from tracker.reading.seal import LONGEST_SIDE, MOST_BYTES, seal

ORIENTATION, PLACE = 0x0112, 0x8825


def saved(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB", **how: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 200 if mode in {"L", "P"} else "#cc3311").save(written, kind, **how)  # type: ignore[arg-type]
    return written.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("size", "kept"), [((100, 80), (100, 80)), ((2000, 1000), (LONGEST_SIDE, LONGEST_SIDE // 2))]
)
def test_a_picture_becomes_a_small_png(kind: str, size: tuple[int, int], kept: tuple[int, int]) -> None:
    made = Image.open(io.BytesIO(seal(saved(size, kind))))
    assert (made.format, made.size) == ("PNG", kept)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_kind_of_colour_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    written = io.BytesIO()
    Image.new(mode, (90, 90)).save(written, kind)
    assert Image.open(io.BytesIO(seal(written.getvalue()))).mode == "RGBA"


def test_what_a_camera_or_a_program_wrote_into_it_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "SECRET CAMERA"
    photo = seal(saved((200, 100), "JPEG", exif=exif))
    assert Image.open(io.BytesIO(photo)).size == (100, 200)
    notes = PngInfo()
    notes.add_text("Author", "SECRET NAME")
    drawing = seal(saved((200, 100), pnginfo=notes, exif=exif))
    for data in (photo, drawing):
        assert b"SECRET" not in data
        assert dict(Image.open(io.BytesIO(data)).getexif()) == {}
        assert Image.open(io.BytesIO(data)).info == {}


def test_what_is_hidden_behind_the_picture_is_gone() -> None:
    assert b"<script>" not in seal(saved((100, 100)) + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "PNG หรือ JPG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG หรือ JPG"),
        (saved((100, 100), "GIF"), "PNG หรือ JPG"),
        (saved((100, 100))[:80], "เปิดภาพนี้ไม่ได้"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "เปิดภาพนี้ไม่ได้"),
        (saved((63, 400)), "เล็กเกินไป"),
        (saved((6000, 6000), mode="1"), "ใหญ่เกินไป"),
        (b"\xff\xd8\xff" + b"x" * MOST_BYTES, "ใหญ่เกิน"),
    ],
    ids=["empty", "svg", "gif", "cut", "broken", "small", "many points", "many bytes"],
)
def test_what_is_no_logo_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        seal(data)
