"""Files that are not what they claim, or not safe, are refused with a sentence."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tracker.errors import Unreadable
from tracker.reading import plan
from tracker.reading.container import Limits, open_container

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/>%s</Types>'
)
BODY = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body>%s</w:body></w:document>"
)


def zipped(parts: Mapping[str, str | bytes], **extra: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": TYPES % "", **parts, **extra}.items():
            archive.writestr(name, content)
    return stream.getvalue()


GOOD = {"word/document.xml": BODY % "<w:p><w:r><w:t>ข้อความ</w:t></w:r></w:p>"}


def refusal(data: bytes, name: str = "แผน.docx", limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        open_container(data, name, limits) if limits else plan.read(data, name)
    return str(caught.value.message)


def test_a_plain_document_opens() -> None:
    assert open_container(zipped(GOOD), "แผน.docx").kind == "docx"


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.docx", "ว่างเปล่า"),
        (b"plain text", "a.docx", "เปลี่ยนนามสกุล"),
        (zipped(GOOD), "a.txt", "เปลี่ยนนามสกุล"),
        (b"%PDF-1.7 ...", "a.pdf", "PDF"),
        (b"%PDF-1.7 ...", "a.docx", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "รุ่นเก่า"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "รหัสผ่าน"),
        (zipped(GOOD), "a.docm", "มาโคร"),
        (zipped(GOOD), "a.odt", ".odt"),
        (zipped(GOOD), "no ending", "?"),
        (b"\x89PNG\r\n\x1a\n", "a.txt", "ไม่ใช่เอกสาร"),
        (b"a\0b\0c", "a.txt", "UTF-8"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(data: bytes, name: str, says: str) -> None:
    assert says in refusal(data, name)


def test_macros_are_found_whatever_the_file_is_called() -> None:
    assert "มาโคร" in refusal(zipped(GOOD, **{"word/vbaProject.bin": b"x"}))
    declared = TYPES % '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    assert "มาโคร" in refusal(zipped({"[Content_Types].xml": declared, **GOOD}))


def test_a_zip_that_is_no_document_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    assert "zip" in refusal(stream.getvalue())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_document_is_refused(share: float) -> None:
    data = zipped(GOOD)
    assert "ไม่ครบ" in refusal(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "name", ["../evil.xml", "word/../../evil.xml", "/etc/passwd", "C:/evil.xml", "WORD/DOCUMENT.XML"]
)
def test_names_that_leave_the_archive_are_refused(name: str) -> None:
    assert "ชื่อแฟ้ม" in refusal(zipped(GOOD, **{name: "x"}))


@pytest.mark.parametrize(
    "limits", [Limits(entries=1), Limits(unpacked=200), Limits(part=100), Limits(file=50)]
)
def test_a_file_over_a_limit_is_refused(limits: Limits) -> None:
    assert "ใหญ่" in refusal(zipped(GOOD), limits=limits)


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert "zip bomb" in refusal(zipped(GOOD, **{"word/media/a.bin": b"\0" * 3_000_000}))


def rewritten(data: bytes, signature: bytes, offset: int, value: int) -> bytes:
    """The zip with a size overwritten in the header of its last entry."""
    place = data.rindex(signature) + offset
    return data[:place] + struct.pack("<I", value) + data[place + 4 :]


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_a_directory_that_lies_about_sizes_is_refused(size: int) -> None:
    assert refusal(rewritten(zipped(GOOD), b"PK\x01\x02", 24, size))
    assert refusal(rewritten(zipped(GOOD), b"PK\x03\x04", 22, size))


def test_damaged_content_is_refused() -> None:
    data = zipped(GOOD)
    place = data.rindex(b"word/document.xml", 0, data.index(b"PK\x01\x02")) + 30
    assert refusal(data[:place] + b"\xff\xff\xff" + data[place + 3 :])


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE w:document>",
        '<!DOCTYPE d [<!ENTITY a "b">]>',
        '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_doctype_is_refused(doctype: str) -> None:
    assert "DOCTYPE" in refusal(zipped({"word/document.xml": doctype + BODY % "<w:p/>"}))


@pytest.mark.parametrize("xml", ["", "<w:document", "<a/>", BODY % "<w:p>"])
def test_broken_xml_is_refused(xml: str) -> None:
    assert refusal(zipped({"word/document.xml": xml}))


def test_tables_nested_without_end_are_refused() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 200 + "</w:tc></w:tr></w:tbl>" * 200
    assert "ซ้อนกัน" in refusal(zipped({"word/document.xml": BODY % deep}))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        plan.read(tmp_path / "nothing.docx")
