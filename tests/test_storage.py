"""Files of evidence: what is taken, what is refused with a sentence, and that a refusal leaves nothing behind."""

from __future__ import annotations

import errno
import hashlib
import io
import unicodedata
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from tracker import storage
from tracker.app import Tracker
from tracker.errors import Refused, TrackerError, Unreadable
from tracker.reading.container import Limits, open_container


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def picture(kind: str) -> bytes:
    return saved(lambda stream: Image.new("RGB", (8, 8)).save(stream, kind))


PDF = b"%PDF-1.7\n%%EOF\n"
DOCX = saved(Document().save)
XLSX = saved(Workbook().save)
MACRO = (
    b'<Types><Override PartName="/word/document.xml"'
    b' ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)
TAKEN = {
    "รายงานผล ปี 2568.pdf": PDF,
    "คำสั่งแต่งตั้ง.docx": DOCX,
    "ทะเบียนคุม.xlsx": XLSX,
    "ภาพกิจกรรม.png": picture("PNG"),
    "ภาพกิจกรรม.jpg": picture("JPEG"),
    "ภาพกิจกรรม.JPEG": picture("JPEG"),
}
REFUSED = {
    "IMG_0001.heic": (b"\x00\x00\x00 ftypheic", "HEIC"),
    "หนังสือ.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
    "ทะเบียน.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xlsx"),
    "โปรแกรม.exe": (b"MZ\x90\x00", "PDF"),
    "ภาพ.svg": (b"<svg onload='alert(1)'/>", "PDF"),
    "หน้าเว็บ.html": (b"<script>alert(1)</script>", "PDF"),
    "ไม่มีนามสกุล": (PDF, "PDF"),
    "มาโคร.docm": (DOCX, "PDF"),
    "โปรแกรม.pdf": (b"MZ\x90\x00", ".pdf"),
    "หน้าเว็บ.pdf": (b"<html>%PDF-1.7", ".pdf"),
    "เอกสาร.png": (PDF, ".png"),
    "ภาพ.docx": (picture("PNG"), ".docx"),
    "ตาราง.docx": (XLSX, ".xlsx"),
    "เอกสาร.xlsx": (DOCX, ".docx"),
    "แฟ้มบีบอัด.docx": (zipped(**{"readme.txt": b"hello"}), "zip"),
    "มาโคร.docx": (zipped(**{"[Content_Types].xml": MACRO, "word/document.xml": b"<x/>"}), "มาโคร"),
    "เสีย.docx": (DOCX[: len(DOCX) // 2], "เสียหาย"),
    "ว่าง.pdf": (b"", ".pdf"),
    "ว่าง.docx": (b"", ".docx"),
}


def files(app: Tracker) -> list[Path]:
    return [path for path in app.extensions["tracker.config"].evidence_folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_kept_under_a_random_name_with_its_hash(app: Tracker, name: str) -> None:
    stored = storage.store(io.BytesIO(TAKEN[name]), name)
    assert stored.name == name
    assert (stored.size, stored.sha256) == (len(TAKEN[name]), hashlib.sha256(TAKEN[name]).hexdigest())
    assert stored.media_type == storage.MEDIA_TYPES[name.rpartition(".")[2].lower()]
    [path] = files(app)
    assert path == storage.path_of(stored.storage_name)
    assert path.read_bytes() == TAKEN[name]
    assert path.name.isalnum()
    assert path.name.isascii()


def test_the_same_file_twice_is_two_files(app: Tracker) -> None:
    names = {storage.store(io.BytesIO(PDF), "รายงาน.pdf").storage_name for _ in range(2)}
    assert len(names) == len(files(app)) == 2


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_allowed_is_refused_with_a_sentence_and_leaves_no_file(app: Tracker, name: str) -> None:
    data, told = REFUSED[name]
    with pytest.raises((Refused, Unreadable)) as refused:
        storage.store(io.BytesIO(data), name)
    assert told in str(refused.value)
    assert "%(" not in str(refused.value)
    assert files(app) == []


def test_a_zip_that_unpacks_too_large_is_refused(app: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(part=10_000, unpacked=20_000)
    monkeypatch.setattr(storage, "open_container", partial(open_container, limits=limits))
    bomb = zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b" " * 30_000})
    with pytest.raises(Unreadable, match="zip bomb"):
        storage.store(io.BytesIO(bomb), "ระเบิด.docx")
    assert files(app) == []


def test_a_file_over_the_limit_is_refused_while_it_comes_in(app: Tracker) -> None:
    class Endless(io.RawIOBase):
        """A stream that would never end."""

        given = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"%PDF-" + b"x" * (size - 5)

    stream = Endless()
    with pytest.raises(Refused, match="20 MB"):
        storage.store(stream, "ใหญ่.pdf")  # type: ignore[arg-type]
    assert stream.given <= 21 * 1024 * 1024
    assert files(app) == []


def test_a_full_disk_is_told_and_leaves_no_file(app: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Refused, match="พื้นที่"):
        storage.store(io.BytesIO(PDF), "รายงาน.pdf")
    assert files(app) == []


@pytest.mark.parametrize("failure", [Refused("ไม่รับ"), KeyboardInterrupt()])
def test_what_was_stored_goes_with_the_deed_that_failed(app: Tracker, failure: BaseException) -> None:
    def fail() -> None:
        with storage.storing() as store:
            store(io.BytesIO(PDF), "รายงาน.pdf")
            store(io.BytesIO(PDF), "สรุป.pdf")
            assert len(files(app)) == 2
            raise failure

    with pytest.raises(type(failure)):
        fail()
    assert files(app) == []
    with storage.storing() as store:
        kept = store(io.BytesIO(PDF), "รายงาน.pdf")
    assert files(app) == [storage.path_of(kept.storage_name)]


def test_a_file_that_is_gone_already_may_be_removed(app: Tracker) -> None:
    stored = storage.store(io.BytesIO(PDF), "รายงาน.pdf")
    storage.remove(stored.storage_name)
    assert files(app) == []
    storage.remove(stored.storage_name)


def test_a_plan_document_is_kept_under_its_hash_once(app: Tracker) -> None:
    digest = storage.keep_source(PDF)
    assert digest == storage.keep_source(PDF) == hashlib.sha256(PDF).hexdigest()
    assert storage.source(digest) == PDF
    assert storage.source("0" * 64) is None


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("รายงานผล ปี ๒๕๖๙.pdf", "รายงานผล ปี ๒๕๖๙.pdf"),
        ("C:\\Users\\me\\รายงาน.pdf", "รายงาน.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("\u202egpj.exe.pdf", "gpj.exe.pdf"),
        ("", "file"),
        ("โฟลเดอร์/", "file"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_a_name_is_kept_as_text(given_name: str, shown: str) -> None:
    assert storage.display_name(given_name) == shown


def test_a_long_name_is_cut_before_its_ending() -> None:
    cut = storage.display_name("ก" * 400 + ".docx")
    assert len(cut) == storage.NAME_LENGTH
    assert cut.endswith("ก.docx")


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=300))
def test_a_name_never_leaves_its_line_or_folder(name: str) -> None:
    shown = storage.display_name(name)
    assert 0 < len(shown) <= storage.NAME_LENGTH
    assert "/" not in shown
    assert "\\" not in shown
    assert all(unicodedata.category(sign)[0] != "C" for sign in shown)
    assert storage.display_name(shown) == shown


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from(["pdf", "docx", "xlsx", "png", "jpg"]))
def test_any_bytes_are_kept_or_refused_and_never_half_kept(app: Tracker, data: bytes, ending: str) -> None:
    before = len(files(app))
    try:
        stored = storage.store(io.BytesIO(data), f"แฟ้ม.{ending}")
    except TrackerError:
        assert len(files(app)) == before
    else:
        assert storage.path_of(stored.storage_name).read_bytes() == data
