"""Files that offices attach, and what accidents and strangers make of them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import docx
import openpyxl
import pypdfium2
from PIL import Image, PngImagePlugin

ENDINGS = ("pdf", "docx", "xlsx", "png", "jpg")
WORDS = ("ประชุมชี้แจง", "คู่มือการให้บริการ", "คำสั่งแต่งตั้ง", "ภาพกิจกรรม", "ทะเบียนพัสดุ", "minutes", "scan 0001")
MAIN = {
    "docx": b"wordprocessingml.document.main+xml",
    "xlsx": b"spreadsheetml.sheet.main+xml",
}
SCRIPT = b"<html><script>alert(document.domain)</script>"


@dataclass(frozen=True)
class Upload:
    """A file with its name; `wanted` is False where it must be refused, None where either is harmless."""

    kind: str
    name: str
    data: bytes
    wanted: bool | None


# What offices attach


def good(chance: Random) -> Upload:
    """A file in order of any kind, with a name as people give them."""
    ending = chance.choice(ENDINGS)
    data = {"pdf": paper, "docx": letter, "xlsx": table, "png": screenshot, "jpg": photo}[ending](chance)
    told = chance.choice((ending, ending.upper(), "jpeg" if ending == "jpg" else ending))
    name = f"{chance.choice(WORDS)} {chance.choice(('', '(1)', '๒๕๖๙', 'ครั้งที่ 3', '📄', 'a.b'))}.{told}"
    return Upload(f"good {ending}", name, data, True)


def image(chance: Random, *modes: str) -> Image.Image:
    size = (chance.randint(1, 200), chance.randint(1, 200))
    return Image.frombytes("L", size, chance.randbytes(size[0] * size[1])).convert(chance.choice(modes))


def photo(chance: Random) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = chance.randint(1, 8), "A telephone"
    stream = io.BytesIO()
    image(chance, "L", "RGB", "CMYK").save(
        stream,
        "JPEG",
        quality=chance.randint(5, 100),
        progressive=chance.random() < 0.5,
        **({"exif": exif} if chance.random() < 0.7 else {}),
        **({"comment": b"taken"} if chance.random() < 0.3 else {}),
    )
    behind = chance.choice((b"", b"", b"\0" * 40, b"a moving picture" * 9))
    return stream.getvalue() + behind


def screenshot(chance: Random) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Software", "a window")
    stream = io.BytesIO()
    image(chance, "L", "RGB", "RGBA", "P", "1", "LA").save(
        stream, "PNG", pnginfo=texts, compress_level=chance.randint(0, 9)
    )
    return stream.getvalue()


def paper(chance: Random) -> bytes:
    stream = io.BytesIO()
    if chance.random() < 0.5:
        image(chance, "RGB").save(stream, "PDF", title=chance.choice(WORDS))
    else:
        document = pypdfium2.PdfDocument.new()
        for _ in range(chance.randint(1, 4)):
            document.new_page(595, 842).close()
        document.save(stream)
        document.close()
    return stream.getvalue() + chance.choice((b"", b"\n", b"\r\n", b"\0" * 300))


def letter(chance: Random) -> bytes:
    document = docx.Document()
    for _ in range(chance.randint(1, 8)):
        document.add_paragraph(chance.choice(WORDS) * chance.randint(1, 40))
    if chance.random() < 0.4:
        document.add_picture(io.BytesIO(screenshot(chance)))
    stream = io.BytesIO()
    document.save(stream)
    return packed_anew(stream.getvalue(), chance)


def table(chance: Random) -> bytes:
    book = openpyxl.Workbook()
    for _ in range(chance.randint(1, 20)):
        book.active.append([chance.choice(WORDS), chance.random(), chance.randint(1, 9)])
    stream = io.BytesIO()
    book.save(stream)
    return packed_anew(stream.getvalue(), chance)


def packed_anew(data: bytes, chance: Random) -> bytes:
    """The same parts as another program would pack them: stored or deflated, sizes before or behind them."""
    told_later = chance.random() < 0.3
    target: io.BytesIO = Unseekable() if told_later else io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            method = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
            new.writestr(entry.filename, old.read(entry), method)
    return target.getvalue()


class Unseekable(io.BytesIO):
    """A stream to which sizes cannot be written when they are known."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


# What strangers make of them


def mutated(chance: Random) -> Upload:
    """A file as no office sends it; whether it must be refused stands in it."""
    base = good(chance)
    ending = base.kind.removeprefix("good ")
    ways: list[Callable[[Random, bytes, str], Upload]] = [
        truncated, truncated, disguised, forbidden, headed, hung_behind, flipped, named, emptied,
    ]  # fmt: skip
    if ending in MAIN:
        ways += [macro, macro, bomb, lying, lying, lying, leading_out, doctype, locked, another_zip]
    if ending in ("png", "jpg"):
        ways += [unfolding, unfolding]
    return chance.choice(ways)(chance, base.data, ending)


def truncated(chance: Random, data: bytes, ending: str) -> Upload:
    kept = stripped(data, ending)
    return Upload("truncated", f"a.{ending}", kept[: int(len(kept) * chance.uniform(0.01, 0.95))], False)


def stripped(data: bytes, ending: str) -> bytes:
    """Without what hangs behind it, which may be cut off without harm."""
    if ending == "jpg":
        return data[: data.rindex(b"\xff\xd9") + 2]
    return data[: data.rindex(b"%%EOF") + 5] if ending == "pdf" else data


def disguised(chance: Random, data: bytes, ending: str) -> Upload:
    other = chance.choice([one for one in ENDINGS if one != ending])
    return Upload("of another kind", f"a.{other}", data, False)


def forbidden(chance: Random, data: bytes, ending: str) -> Upload:
    endings = (
        "exe", "html", "svg", "js", "docm", "xlsm", "doc", "zip", "pdf.exe", "php", "pdf.", "heic",
        "\u202efdp.exe", "jpg\u200b.scr", "dotx",
    )  # fmt: skip
    return Upload("of a kind that is not taken", f"a.{chance.choice(endings)}", data, False)


def headed(chance: Random, data: bytes, ending: str) -> Upload:
    before = chance.choice(
        (SCRIPT, b"MZ\x90\0", b"GIF89a", b"#!/bin/sh\n", b"\n", b"\xef\xbb\xbf", b"PK\3\4")
    )
    # The signature of a zip makes no difference to whoever looks for one, but everything is elsewhere then.
    return Upload("behind another head", f"a.{ending}", before + data, False)


def hung_behind(chance: Random, data: bytes, ending: str) -> Upload:
    """Two kinds in one: of pictures only the picture is kept, all others are refused."""
    with zipfile.ZipFile(stream := io.BytesIO(), "w") as other:
        other.writestr("run.jar", chance.randbytes(3_000))
    behind = chance.choice((stream.getvalue(), SCRIPT * 60, chance.randbytes(3_000)))
    return Upload(
        "with another behind", f"a.{ending}", data + behind, None if ending in ("png", "jpg") else False
    )


def flipped(chance: Random, data: bytes, ending: str) -> Upload:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return Upload("with flipped bits", f"a.{ending}", bytes(changed), None)


def named(chance: Random, data: bytes, ending: str) -> Upload:
    names = (
        "../../etc/passwd", "C:\\Windows\\a", "a\0b", "a\r\nSet-Cookie: x", "ก" * 5_000, "\u202e", " ", "%00", "=1+1",
        "'; DROP TABLE evidence; --", "<script>", "{{7*7}}", "con", "\ud7ff", "a/" * 300,
    )  # fmt: skip
    return Upload("of a bad name", f"{chance.choice(names)}.{ending}", data, None)


def emptied(chance: Random, data: bytes, ending: str) -> Upload:
    left = chance.choice((b"", data[: chance.randint(1, 10)], data[:10] + chance.randbytes(900)))
    return Upload("emptied", f"a.{ending}", left, False)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    with zipfile.ZipFile(stream := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def macro(chance: Random, data: bytes, ending: str) -> Upload:
    parts, types, folder = parts_of(data), "[Content_Types].xml", "word" if ending == "docx" else "xl"
    way = chance.randrange(4)
    if way == 0:
        parts[f"{folder}/{chance.choice(('vbaProject.bin', 'VBAPROJECT.BIN', 'vbaData.xml'))}"] = b"x"
    elif way == 1:
        kind = b"application/vnd.ms-office.vbaProject"
        parts[f"{folder}/harmless.bin"] = b"x"
        parts[types] = parts[types].replace(
            b"</Types>", b'<Default Extension="bin" ContentType="%s"/></Types>' % kind
        )
    elif way == 2:
        plain, enabled = MAIN[ending], b"ms-" + MAIN[ending].replace(b".main", b".macroEnabled.main")
        parts[types] = parts[types].replace(plain, enabled)
    else:
        parts[f"{folder}/{chance.choice(('macrosheets/sheet1.xml', 'activeX/activeX1.xml'))}"] = b"<x/>"
    return Upload("with macros", f"a.{ending}", zipped(parts), False)


def bomb(chance: Random, data: bytes, ending: str) -> Upload:
    extra = (
        {"media/a.bin": b"\0" * chance.randint(2_000_000, 5_000_000)}
        if chance.random() < 0.6
        else {f"media/{number}": b"" for number in range(3_001)}
    )
    return Upload("bomb", f"a.{ending}", zipped(parts_of(data) | extra), False)


def lying(chance: Random, data: bytes, ending: str) -> Upload:
    """A directory, a header or the end of a zip with one number changed."""
    whole = zipped(parts_of(data))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entry = chance.choice(archive.infolist())
        directory = archive.start_dir
    central = directory + whole[directory:].index(entry.filename.encode(), 46) - 46
    while whole[central : central + 4] != b"PK\1\2":
        central = whole.index(entry.filename.encode(), central + 47) - 46
    local, end = entry.header_offset, len(whole) - 22
    place, length = chance.choice(
        (
            (central + 24, 4), (central + 20, 4), (central + 16, 4), (local + 22, 4), (local + 18, 4),
            (central + 42, 4), (central + 10, 2), (local + 8, 2), (end + 10, 2), (end + 16, 4), (end + 12, 4),
        )
    )  # fmt: skip
    number = int.from_bytes(whole[place : place + length], "little")
    other = chance.choice((number + 1, number + 1_000, max(0, number - 1), 7, 2 ** (8 * length) - 2))
    told = (other if other != number else number + 1) % 2 ** (8 * length)
    changed = whole[:place] + told.to_bytes(length, "little") + whole[place + length :]
    return Upload("with a lying directory", f"a.{ending}", changed, False)


def leading_out(chance: Random, data: bytes, ending: str) -> Upload:
    names = ("../evil.xml", "/etc/passwd", "C:/evil", "a\\b", "word/../../x", "[CONTENT_TYPES].XML")
    return Upload(
        "with a name that leads out",
        f"a.{ending}",
        zipped(parts_of(data) | {chance.choice(names): b"x"}),
        False,
    )


def doctype(chance: Random, data: bytes, ending: str) -> Upload:
    parts, types = parts_of(data), "[Content_Types].xml"
    entities = chance.choice((b'<!ENTITY a "b">', b'<!ENTITY a SYSTEM "file:///etc/passwd">', b""))
    start = parts[types].index(b"<Types")
    parts[types] = b"<!DOCTYPE Types [" + entities + b"]>" + parts[types][start:]
    return Upload("with a doctype", f"a.{ending}", zipped(parts), False)


def locked(chance: Random, data: bytes, ending: str) -> Upload:
    whole = bytearray(zipped(parts_of(data)))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        whole[archive.start_dir + 8] |= 1
    return Upload("locked", f"a.{ending}", bytes(whole), False)


def another_zip(chance: Random, data: bytes, ending: str) -> Upload:
    parts = chance.choice(
        ({"a.txt": b"x"}, {"[Content_Types].xml": b"<Types/>"}, {"META-INF/MANIFEST.MF": b"x"})
    )
    return Upload("another zip", f"a.{ending}", zipped(parts), False)


def unfolding(chance: Random, data: bytes, ending: str) -> Upload:
    """A picture that says it has billions of pixels."""
    side = chance.randint(20_000, 60_000)
    if ending == "png":
        head = b"IHDR" + struct.pack(">II", side, side) + data[24:29]
        changed = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
    else:
        place = next(data.find(mark) for mark in (b"\xff\xc0\x00", b"\xff\xc2\x00") if mark in data)
        changed = data[: place + 5] + struct.pack(">HH", side, side) + data[place + 9 :]
    return Upload("unfolding", f"a.{ending}", changed, False)
