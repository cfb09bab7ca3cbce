"""Keeps evidence files: bytes in, hash out."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Semaphore
from typing import IO

from tracker.config import MEGABYTE
from tracker.errors import Message, Refused, Unreadable
from tracker.extensions import settings
from tracker.reading.container import open_container
from tracker.reading.pictures import bare
from tracker.reading.preview import draw
from tracker.trouble import FileGone

CHUNK = 64 * 1024
NAME_LENGTH = 150
# Within so many last bytes a PDF says that it is over; readers look no further either.
PDF_END = 1024
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
_SIGNATURES = {
    "pdf": b"%PDF-",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
}
# A page with many files must not start as many processes at once.
_DRAWING = Semaphore(2)
_HEIC = Message("ภาพแบบ HEIC ยังแนบไม่ได้ ใน iPhone เลือก ตั้งค่า > กล้อง > รูปแบบ > ใช้งานร่วมกันได้ แล้วถ่ายใหม่")
_SLIDES = Message("แฟ้ม PowerPoint แนบไม่ได้ เปิดใน PowerPoint แล้วเลือก บันทึกเป็น > PDF แล้วแนบแฟ้ม PDF")
_ADVICE = {
    "heic": _HEIC,
    "heif": _HEIC,
    "doc": Message("แฟ้ม .doc แบบเก่าแนบไม่ได้ เปิดใน Word แล้วเลือก บันทึกเป็น > เอกสาร Word (.docx)"),
    "xls": Message("แฟ้ม .xls แบบเก่าแนบไม่ได้ เปิดใน Excel แล้วเลือก บันทึกเป็น > สมุดงาน Excel (.xlsx)"),
    "ppt": _SLIDES,
    "pptx": _SLIDES,
    "webp": Message("ภาพ .webp แนบไม่ได้ เปิดภาพแล้วเลือก บันทึกเป็น > JPG หรือจับภาพหน้าจอเป็น PNG"),
}


@dataclass(frozen=True)
class Stored:
    """A file that is safely on the disk; size in bytes."""

    name: str
    storage_name: str
    sha256: str
    size: int
    media_type: str


def display_name(name: str) -> str:
    """A file's own name as text: Thai kept, folders, control and direction characters dropped, at most 150."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C").strip() or "file"
    if len(name) <= NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: NAME_LENGTH - len(ending) - 1]}.{ending}" if dot else name[:NAME_LENGTH]


def store(stream: IO[bytes], name: str) -> Stored:
    """Write the upload to the evidence folder, flushed to disk; Refused with a sentence where it is not allowed."""
    name = display_name(name)
    ending = name.rpartition(".")[2].lower()
    if ending in _ADVICE:
        raise Refused(_ADVICE[ending].template)
    if ending not in MEDIA_TYPES:
        raise Refused(
            "แนบ “%(name)s” ไม่ได้ รับเฉพาะแฟ้ม PDF, Word (.docx), Excel (.xlsx), PNG และ JPG", name=name
        )
    storage_name = secrets.token_hex(16)
    path = path_of(storage_name)
    unfinished = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size = _write(stream, unfinished, name)
        _check(unfinished, ending, name)
        if MEDIA_TYPES[ending].startswith("image/"):
            digest, size = _lay_bare(unfinished, name)
        os.replace(unfinished, path)
    except OSError as failure:
        raise Refused("บันทึกแฟ้ม “%(name)s” ไม่ได้ พื้นที่เก็บแฟ้มอาจเต็ม โปรดแจ้งผู้ดูแลระบบ", name=name) from failure
    finally:
        # Without its folder there is no unfinished file either.
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return Stored(name, storage_name, digest, size, MEDIA_TYPES[ending])


@contextmanager
def storing() -> Iterator[Callable[[IO[bytes], str], Stored]]:
    """`store` for files that are taken away again where what is done with them inside fails."""
    names: list[str] = []

    def keep(stream: IO[bytes], name: str) -> Stored:
        stored = store(stream, name)
        names.append(stored.storage_name)
        return stored

    try:
        yield keep
    except BaseException:
        for storage_name in names:
            remove(storage_name)
        raise


def _write(stream: IO[bytes], path: Path, name: str) -> tuple[str, int]:
    limit = settings().upload_megabytes * MEGABYTE
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in _chunks(stream):
            size += len(chunk)
            if size > limit:
                raise Refused(
                    "แฟ้ม “%(name)s” ใหญ่เกิน %(limit)s MB", name=name, limit=settings().upload_megabytes
                )
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _check(path: Path, ending: str, name: str) -> None:
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(max(0, path.stat().st_size - PDF_END))
        tail = file.read()
    if not head.startswith(_SIGNATURES[ending]):
        raise Refused("เนื้อแฟ้ม “%(name)s” ไม่ตรงกับนามสกุล .%(ending)s", name=name, ending=ending)
    if ending == "pdf" and b"%%EOF" not in tail:
        raise Unreadable("ไฟล์ “%(name)s” เสียหายหรือมาไม่ครบ กรุณาส่งไฟล์ใหม่", name=name)
    if ending in {"docx", "xlsx"}:
        open_container(path.read_bytes(), name).check_parts()


def _lay_bare(path: Path, name: str) -> tuple[str, int]:
    """Take place, time and device out of a photograph before it is kept; the hash and size of what is left."""
    data = bare(path.read_bytes(), name)
    _write_through(data, path)
    return hashlib.sha256(data).hexdigest(), len(data)


def preview(storage_name: str, digest: str, side: int) -> Path | None:
    """The file's small picture, drawn once for its hash; None where it has none."""
    path = settings().cache_folder / "previews" / f"{digest}-{side}.webp"
    source = path_of(storage_name)
    if not path.exists():
        if not source.is_file():
            return None
        with _DRAWING:
            _draw(source, path, side)
    return path if path.stat().st_size else None


def _draw(source: Path, path: Path, side: int) -> None:
    """Keep the picture, empty where there is none, so that nobody waits for the same answer again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    unfinished.write_bytes(draw(source, side) or b"")
    os.replace(unfinished, path)


def forget_undrawn(before: datetime) -> int:
    """Let what had no picture at this moment be tried again: the machine may have been busy; how many."""
    gone = 0
    for path in (settings().cache_folder / "previews").glob("*.webp"):
        with suppress(FileNotFoundError):
            told = path.stat()
            if not told.st_size and told.st_mtime < before.timestamp():
                path.unlink()
                gone += 1
    return gone


def path_of(storage_name: str) -> Path:
    return settings().evidence_folder.joinpath(storage_name[:2], storage_name)


def kept_path(storage_name: str) -> Path:
    """Where a file lies that a row names; FileGone where it does not."""
    path = path_of(storage_name)
    if not path.is_file():
        raise FileGone(storage_name)
    return path


def document_path(organisation_id: int, key: str, ending: str) -> Path:
    """Where a file made of a document lies, or will lie; it can be made again, so no backup keeps it."""
    return settings().cache_folder / "documents" / str(organisation_id) / f"{key}.{ending}"


def published_path(organisation_id: int, report_id: int, state: str, ending: str) -> Path:
    """Where a file lies that the public may open; it can be made again as well."""
    return settings().cache_folder / "published" / f"{organisation_id}-{report_id}" / f"{state}.{ending}"


def leave_only(path: Path) -> None:
    """Let go of what lies beside the file with the same ending: it was made of an earlier state."""
    for old in path.parent.glob(f"*{path.suffix}"):
        if old != path:
            old.unlink(missing_ok=True)


def sweep_documents(before: datetime) -> int:
    """Take away what was made of documents before this moment, for offices and for the public; how many files.

    What was published and withdrawn does not stay for ever; what is still public is made anew when asked for.
    """
    gone = 0
    for folder in ("documents", "published"):
        for path in (settings().cache_folder / folder).glob("*/*"):
            # Somebody else may be quicker.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    gone += 1
    return gone


def remove(storage_name: str) -> None:
    """Take away a file whose row was never written."""
    path_of(storage_name).unlink(missing_ok=True)


def keep_source(data: bytes) -> str:
    """Keep an uploaded plan document under its hash until and after it is adopted; returns the hash.

    Refused with a sentence where it cannot be written.
    """
    digest = hashlib.sha256(data).hexdigest()
    path = path_of_source(digest)
    # What is uploaded again is not left over; where it was taken away in this moment, it is written anew.
    with suppress(OSError):
        os.utime(path)
        return digest
    unfinished = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(data, unfinished)
        os.replace(unfinished, path)
    except OSError as failure:
        raise Refused("บันทึกเอกสารแผนไม่ได้ พื้นที่เก็บแฟ้มอาจเต็ม โปรดแจ้งผู้ดูแลระบบ") from failure
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return digest


def path_of_source(digest: str) -> Path:
    return settings().data / "sources" / digest


def _write_through(data: bytes, path: Path) -> None:
    """Write and flush to the disk: a row will name this file."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def source(digest: str) -> bytes | None:
    """The plan document with this hash, None where it is gone."""
    try:
        return path_of_source(digest).read_bytes()
    except OSError:
        return None
