"""Takes out of a photograph what a camera wrote into it: place, time, device, and every comment."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tracker.errors import Unreadable

ORIENTATION = 0x0112
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_ALONE = frozenset({0x01, 0xD8})
_SCAN, _END, _EXIF, _COLOURS, _COMMENT = 0xDA, 0xD9, 0xE1, 0xE2, 0xFE
_JFIF, _ADOBE = 0xE0, 0xEE
# What draws the picture; dates, texts and whatever is private to a program are not among it.
_PNG_KEPT = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"bKGD",
        b"pHYs",
    }
)
# More pixels than any telephone takes.
MOST_PIXELS = 120_000_000
_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


class _TooManyPixels(Exception):
    """A picture that would unfold to more than any camera takes."""


def bare(data: bytes, name: str) -> bytes:
    """The same JPEG or PNG, not a pixel changed, without metadata; how it is to be turned stays.

    Raises Unreadable where the parts of the file do not hang together, or would unfold to too many pixels.
    """
    try:
        return b"".join(_png(data) if data.startswith(_PNG_HEAD) else _jpeg(data))
    except _TooManyPixels as large:
        raise Unreadable("ภาพ “%(name)s” มีจุดภาพมากผิดปกติ โปรดย่อภาพแล้วแนบใหม่", name=name) from large
    except (struct.error, IndexError, ValueError, SyntaxError) as broken:
        raise Unreadable("ภาพ “%(name)s” เสียหาย ลองเปิดภาพแล้วบันทึกใหม่ หรือถ่ายใหม่", name=name) from broken


def _jpeg(data: bytes) -> Iterator[bytes]:
    """The segments that draw the picture, up to its end: what telephones hang behind it is left out."""
    at, turned = 2, 1
    body: list[bytes] = []
    while (found := _MARKER.match(data, at)) is not None and found[1][0] != _END:
        kind, at = found[1][0], found.end()
        if kind in _ALONE:
            continue
        (length,) = struct.unpack_from(">H", data, at)
        content = data[at + 2 : at + length]
        if length < 2 or len(content) != length - 2:
            raise ValueError("a segment that is cut off")
        at += length
        if kind == _EXIF and content.startswith(b"Exif\0\0"):
            turned = _orientation(content)
        if _draws(kind, content):
            body.append(bytes((0xFF, kind)) + struct.pack(">H", length) + content)
        if kind == _SCAN:
            end = _end_of_scan(data, at)
            body.append(data[at:end])
            at = end
        if kind in _SIZED:
            _check_size(*struct.unpack_from(">HH", content, 1))
    if found is None or not any(part[1] == _SCAN for part in body if part[0] == 0xFF):
        raise ValueError("no picture, or no end")
    yield b"\xff\xd8"
    if turned != 1:
        exif = b"Exif\0\0" + _tiff(turned)
        yield bytes((0xFF, _EXIF)) + struct.pack(">H", len(exif) + 2) + exif
    yield from body
    yield b"\xff\xd9"


def _draws(kind: int, content: bytes) -> bool:
    if kind == _COLOURS:
        return content.startswith(b"ICC_PROFILE\0")
    if kind == _JFIF:
        return content.startswith(b"JFIF\0")
    return kind == _ADOBE or not (_JFIF <= kind <= 0xEF or kind == _COMMENT)


def _end_of_scan(data: bytes, start: int) -> int:
    """Where the next segment begins: inside a scan FF is followed by 00 or by a restart."""
    found = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]").search(data, start)
    return found.start() if found else len(data)


def _png(data: bytes) -> Iterator[bytes]:
    at, drawn = len(_PNG_HEAD), False
    yield _PNG_HEAD
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise ValueError("a chunk that is cut off")
        if zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise ValueError("a chunk that is not what it was")
        if (kind == b"IHDR") != (at == len(_PNG_HEAD)):
            raise ValueError("no head, or one more")
        drawn = drawn or kind == b"IDAT"
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">II", chunk, 8))
        if kind == b"eXIf" and (turned := _orientation(chunk[8:-4])) != 1:
            told = _tiff(turned)
            yield struct.pack(">I", len(told)) + kind + told + struct.pack(">I", zlib.crc32(kind + told))
        if kind in _PNG_KEPT:
            yield chunk
        if kind == b"IEND" and drawn:
            return
        at += len(chunk)


def _check_size(height: int, width: int) -> None:
    if height * width > MOST_PIXELS:
        raise _TooManyPixels
    if not height * width:
        raise ValueError("a picture without pixels")


def _orientation(exif: bytes) -> int:
    """1 to 8; 1, upright, also where the camera wrote nothing that can be read."""
    read = Image.Exif()
    try:
        read.load(exif)
        turned = read.get(ORIENTATION, 1)
    except Exception:  # a camera's own mistakes must not keep its picture out
        return 1
    return turned if turned in range(2, 9) else 1


def _tiff(turned: int) -> bytes:
    """The smallest directory that holds nothing but how the picture is to be turned."""
    return b"MM\0\x2a\0\0\0\x08" + struct.pack(">HHHIHHI", 1, ORIENTATION, 3, 1, turned, 0, 0)
