"""Photographs are kept without what a camera wrote into them, and not a pixel is lost."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tracker.errors import Unreadable
from tracker.reading.pictures import ORIENTATION, bare

PLACE = b"13.7563N"
GPS, MAKE = 0x8825, 0x010F


def photo(turned: int = 1, kind: str = "JPEG", **how: object) -> bytes:
    """A picture of two colours with a maker, a place and how it is to be turned."""
    picture = Image.new("RGB", (24, 16), "#cc3311")
    picture.paste("#1133cc", (0, 0, 12, 16))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = turned, "A telephone"
    exif.get_ifd(GPS).update({1: "N", 2: (13.0, 45.0, 22.0), 29: "2025:12:01"})
    exif[0x9286] = PLACE
    stream = io.BytesIO()
    picture.save(stream, kind, exif=exif, **how)
    return stream.getvalue()


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("turned", [1, 3, 6, 8])
def test_place_maker_and_texts_go_and_the_pixels_and_the_turn_stay(kind: str, turned: int) -> None:
    data = photo(turned, kind)
    assert PLACE in data
    clean = bare(data, "ภาพ")
    assert pixels(clean) == pixels(data)
    with Image.open(io.BytesIO(clean)) as picture:
        assert dict(picture.getexif()) == ({} if turned == 1 else {ORIENTATION: turned})
        assert dict(picture.getexif().get_ifd(GPS)) == {}
    for told in (PLACE, b"A telephone", b"2025:12:01"):
        assert told not in clean


@pytest.mark.parametrize(
    "how", [{"progressive": True}, {"comment": PLACE}, {"quality": 100, "subsampling": 0}]
)
def test_every_kind_of_jpeg_keeps_its_pixels(how: dict[str, object]) -> None:
    data = photo(**how)
    clean = bare(data, "ภาพ")
    assert pixels(clean) == pixels(data)
    assert PLACE not in clean


def test_a_colour_profile_stays_and_what_hangs_behind_the_picture_goes() -> None:
    profile = b"a profile " * 20
    data = photo(icc_profile=profile) + b"a moving picture of " + PLACE
    clean = bare(data, "ภาพ")
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.info["icc_profile"] == profile
    assert clean.endswith(b"\xff\xd9")
    assert PLACE not in clean


def test_the_texts_and_the_time_of_a_screenshot_go() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "somebody")
    texts.add_itxt("XML:com.adobe.xmp", "somewhere")
    data = photo(1, "PNG", pnginfo=texts)
    clean = bare(data, "ภาพ")
    assert pixels(clean) == pixels(data)
    assert b"somebody" in data
    for told in (b"somebody", b"somewhere", b"tEXt", b"iTXt", b"eXIf"):
        assert told not in clean


def test_a_picture_without_metadata_is_kept_byte_for_byte_and_cleaning_twice_changes_nothing() -> None:
    for kind in ("JPEG", "PNG"):
        stream = io.BytesIO()
        Image.new("RGB", (8, 8)).save(stream, kind)
        assert bare(stream.getvalue(), "ภาพ") == stream.getvalue()
        once = bare(photo(6, kind), "ภาพ")
        assert bare(once, "ภาพ") == once


def test_an_exif_that_cannot_be_read_leaves_the_picture_upright() -> None:
    data = photo()
    start = data.index(b"Exif\0\0") + 6
    broken = data[:start] + b"\xff" * 20 + data[start + 20 :]
    with Image.open(io.BytesIO(bare(broken, "ภาพ"))) as picture:
        assert dict(picture.getexif()) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\xff\xd8\xff\xe1\x00\x00rest",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31) + b"IHDR",
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"tEXt" + struct.pack(">I", zlib.crc32(b"tEXt")),
    ],
)
def test_a_broken_picture_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(Unreadable, match="เสียหาย"):
        bare(data, "ภาพ.jpg")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=300))
def test_any_bytes_are_cleaned_or_refused(head: bytes, rest: bytes) -> None:
    try:
        clean = bare(head + rest, "ภาพ")
    except Unreadable:
        return
    assert clean.startswith(head[:2])
