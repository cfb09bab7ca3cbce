"""What a file is, and whether the zip inside it is safe to open."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tracker.errors import Unreadable

DOCX = "docx"
TEXT = "txt"
XLSX = "xlsx"
CSV = "csv"
HTML = "html"


@dataclass(frozen=True)
class Limits:
    """How much a file may hold: sizes in bytes, `ratio` of unpacked to packed for parts over 1 MB."""

    file: int = 30_000_000
    entries: int = 3_000
    part: int = 60_000_000
    unpacked: int = 300_000_000
    ratio: int = 200


LIMITS = Limits()

_ENDINGS = {
    "docx": DOCX,
    "txt": TEXT,
    "tsv": TEXT,
    "tab": TEXT,
    "md": TEXT,
    "xlsx": XLSX,
    "csv": CSV,
    "html": HTML,
    "htm": HTML,
}
_MAIN_TYPES = {
    "wordprocessingml.document.main+xml": DOCX,
    "wordprocessingml.template.main+xml": DOCX,
    "spreadsheetml.sheet.main+xml": XLSX,
    "spreadsheetml.template.main+xml": XLSX,
}
# The end of a zip: how many entries, where their directory begins, how long the comment is.
_END = struct.Struct("<10xH4xLH")
# What makes programs of a document: in names of parts and kinds of content, without regard to case.
_MACROS = ("macroenabled", "vbaproject", "vbadata", "macrosheet", "activex")
_PIECE = 1_000_000
_NO_MEMORY = 1  # XML_ERROR_NO_MEMORY of expat
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Container:
    """A file whose kind is sure; a zip of checked entries gives its parts by name."""

    kind: str
    data: bytes
    limits: Limits = LIMITS

    def check_parts(self) -> None:
        """Unreadable where a part does not unpack to just what the directory says; unpacks each and keeps none."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            if not all(_is_as_told(entry, self.data) for entry in archive.infolist()):
                raise Unreadable("เนื้อหาในไฟล์เสียหายหรือมาไม่ครบ กรุณาส่งไฟล์ใหม่")

    def part(self, name: str) -> bytes | None:
        """The bytes of a part, None when there is no such; Unreadable when it is damaged or longer than it says."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            try:
                entry = archive.getinfo(name)
            except KeyError:
                return None
            return _unpacked(archive, entry, self.limits)

    def xml(self, name: str) -> Element | None:
        """The root of an XML part, None when there is no such; Unreadable for a doctype, an entity or broken XML."""
        data = self.part(name)
        return None if data is None else parse_xml(data)


def parse_xml(data: bytes) -> Element:
    """The root element; Unreadable for a doctype, an entity or broken XML."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable("ไฟล์มีคำสั่ง XML ที่ไม่ปลอดภัย (DOCTYPE หรือ ENTITY) จึงไม่เปิดอ่าน") from error
    except (ParseError, ValueError, LookupError) as error:
        if getattr(error, "code", None) == _NO_MEMORY:
            raise MemoryError from error
        raise Unreadable("เนื้อหาในไฟล์เสียหาย อ่านไม่ได้ กรุณาบันทึกไฟล์ใหม่แล้วลองอีกครั้ง") from error
    return root


def open_container(data: bytes, name: str, limits: Limits = LIMITS) -> Container:
    """The file with its kind made sure; Unreadable with a sentence when name and content disagree or are unsafe."""
    if not data:
        raise Unreadable("ไฟล์ “%(name)s” ว่างเปล่า", name=name)
    if len(data) > limits.file:
        raise Unreadable("ไฟล์ “%(name)s” ใหญ่เกิน %(limit)s เมกะไบต์", name=name, limit=limits.file // 1_000_000)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    _refuse_known_others(data, name, ending)
    claimed = _ENDINGS.get(ending)
    if claimed is None:
        raise Unreadable("ยังอ่านไฟล์ชนิด .%(ending)s ไม่ได้ กรุณาบันทึกเป็น .docx", ending=ending or "?")
    if claimed in (DOCX, XLSX):
        actual = _kind_of_zip(data, name, limits)
        if actual != claimed:
            raise Unreadable("ไฟล์ “%(name)s” เป็นชนิด .%(kind)s แต่ใช้นามสกุลอื่น", name=name, kind=actual)
        return Container(actual, data, limits)
    if data.startswith(b"PK\x03\x04"):
        raise Unreadable("ไฟล์ “%(name)s” ไม่ใช่ไฟล์ข้อความ น่าจะถูกเปลี่ยนนามสกุล", name=name)
    return Container(claimed, data, limits)


def _refuse_known_others(data: bytes, name: str, ending: str) -> None:
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("ไฟล์ “%(name)s” ตั้งรหัสผ่านไว้ กรุณายกเลิกรหัสผ่านแล้วบันทึกใหม่", name=name)
        raise Unreadable(
            "ไฟล์ “%(name)s” เป็น Word หรือ Excel รุ่นเก่า กรุณาเปิดแล้วบันทึกเป็น .docx หรือ .xlsx", name=name
        )
    if data.startswith(b"%PDF"):
        raise Unreadable("อ่านตารางภาษาไทยจาก PDF ให้ถูกต้องไม่ได้ กรุณาใช้ไฟล์ Word ต้นฉบับ (.docx)")
    if ending in ("docm", "dotm", "xlsm", "xltm"):
        raise Unreadable("ไฟล์ “%(name)s” เป็นชนิดที่มีมาโคร กรุณาบันทึกเป็น .docx หรือ .xlsx", name=name)
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"MZ", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable("ไฟล์ “%(name)s” ไม่ใช่เอกสารชนิดที่อ่านได้ กรุณาใช้ไฟล์ .docx", name=name)


def _kind_of_zip(data: bytes, name: str, limits: Limits) -> str:
    if not data.startswith(b"PK\x03\x04"):
        raise Unreadable("ไฟล์ “%(name)s” ไม่ใช่เอกสาร Word หรือ Excel จริง น่าจะถูกเปลี่ยนนามสกุล", name=name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_frame(archive, data, name)
            _check_entries(entries, data, name, limits)
            types = (
                _unpacked(archive, archive.getinfo("[Content_Types].xml"), limits)
                if "[Content_Types].xml" in archive.namelist()
                else None
            )
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable("ไฟล์ “%(name)s” เสียหายหรือมาไม่ครบ กรุณาส่งไฟล์ใหม่", name=name) from error
    if types is None:
        raise Unreadable("ไฟล์ “%(name)s” ไม่ใช่เอกสาร Word หรือ Excel น่าจะเป็นไฟล์ zip ที่เปลี่ยนนามสกุล", name=name)
    return _kind_of_types(parse_xml(types), entries, name)


def _kind_of_types(types: Element, entries: list[zipfile.ZipInfo], name: str) -> str:
    declared = [(one.get("PartName") or "", (one.get("ContentType") or "").strip()) for one in types]
    told = [kind.lower() for _, kind in declared] + [entry.filename.lower() for entry in entries]
    if any(word in one for one in told for word in _MACROS):
        raise Unreadable("ไฟล์ “%(name)s” มีมาโครอยู่ภายใน กรุณาบันทึกเป็นไฟล์ที่ไม่มีมาโคร", name=name)
    for _, kind in declared:
        for suffix, found in _MAIN_TYPES.items():
            if kind.endswith(suffix):
                return found
    raise Unreadable("ไฟล์ “%(name)s” ไม่ใช่เอกสาร Word หรือ Excel ที่อ่านได้", name=name)


def _check_frame(archive: zipfile.ZipFile, data: bytes, name: str) -> None:
    """Nothing hangs behind the zip or in its comment, and no PDF begins where readers of PDF look for one."""
    end = data[-_END.size :]
    if not end.startswith(b"PK\x05\x06") or b"%PDF-" in data[:1024]:
        raise Unreadable("ไฟล์ “%(name)s” มีข้อมูลอื่นแฝงอยู่ กรุณาเปิดแล้วบันทึกใหม่", name=name)
    number, start, comment = _END.unpack(end)
    told = number in (0xFFFF, len(archive.infolist())) and start in (0xFFFFFFFF, archive.start_dir)
    if comment or not told:
        raise Unreadable("สารบัญภายในไฟล์ “%(name)s” ไม่ตรงกับเนื้อหา จึงไม่เปิดอ่าน", name=name)


def _check_entries(entries: list[zipfile.ZipInfo], data: bytes, name: str, limits: Limits) -> None:
    if len(entries) > limits.entries or sum(entry.file_size for entry in entries) > limits.unpacked:
        raise Unreadable("ไฟล์ “%(name)s” ขยายตัวใหญ่ผิดปกติ (zip bomb) จึงไม่เปิดอ่าน", name=name)
    seen: set[str] = set()
    occupied = 0
    for entry in entries:
        _check_name(entry, seen, name)
        if entry.flag_bits & 0x1:
            raise Unreadable("ไฟล์ “%(name)s” ตั้งรหัสผ่านไว้ กรุณายกเลิกรหัสผ่านแล้วบันทึกใหม่", name=name)
        bomb = entry.file_size > 1_000_000 and entry.file_size > limits.ratio * max(entry.compress_size, 1)
        if bomb or entry.file_size > limits.part:
            raise Unreadable("ไฟล์ “%(name)s” ขยายตัวใหญ่ผิดปกติ (zip bomb) จึงไม่เปิดอ่าน", name=name)
        _check_local_header(entry, data, name)
        occupied += 30 + len(entry.filename) + entry.compress_size
    if occupied > len(data):
        raise Unreadable("สารบัญภายในไฟล์ “%(name)s” ไม่ตรงกับเนื้อหา จึงไม่เปิดอ่าน", name=name)


def _check_name(entry: zipfile.ZipInfo, seen: set[str], name: str) -> None:
    inner = entry.orig_filename
    tricky = inner.startswith(("/", "\\")) or "\\" in inner or ":" in inner or "\0" in inner
    folded = entry.filename.casefold()
    if tricky or ".." in inner.split("/") or folded in seen:
        raise Unreadable("ชื่อแฟ้มภายในไฟล์ “%(name)s” ผิดปกติ จึงไม่เปิดอ่าน", name=name)
    seen.add(folded)


def _check_local_header(entry: zipfile.ZipInfo, data: bytes, name: str) -> None:
    """The directory and the header before the content must tell the same sizes, unless they follow the content."""
    header = data[entry.header_offset : entry.header_offset + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Unreadable("ไฟล์ “%(name)s” เสียหายหรือมาไม่ครบ กรุณาส่งไฟล์ใหม่", name=name)
    flags, method = struct.unpack("<HH", header[6:10])
    packed, unpacked = struct.unpack("<II", header[18:26])
    told_later = flags & 0x8 or 0xFFFFFFFF in (packed, unpacked)
    lies = method != entry.compress_type or (
        not told_later and (packed != entry.compress_size or unpacked != entry.file_size)
    )
    if lies:
        raise Unreadable("สารบัญภายในไฟล์ “%(name)s” ไม่ตรงกับเนื้อหา จึงไม่เปิดอ่าน", name=name)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("ไฟล์ใช้วิธีบีบอัดที่ไม่รองรับ กรุณาบันทึกใหม่ด้วย Word หรือ Excel")
    try:
        with archive.open(entry) as stream:
            data = stream.read(limits.part + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("เนื้อหาในไฟล์เสียหายหรือมาไม่ครบ กรุณาส่งไฟล์ใหม่") from error
    if len(data) > limits.part or len(data) != entry.file_size:
        raise Unreadable("เนื้อหาในไฟล์ไม่ตรงกับขนาดที่ระบุไว้ จึงไม่เปิดอ่าน")
    return data


def _is_as_told(entry: zipfile.ZipInfo, data: bytes) -> bool:
    """Whether name, size and checksum of an entry are those of its content, to the last byte."""
    names, extras = struct.unpack_from("<HH", data, entry.header_offset + 26)
    start = entry.header_offset + 30
    name = data[start : start + names].decode("utf-8" if entry.flag_bits & 0x800 else "cp437", "replace")
    start += names + extras
    packed = data[start : start + entry.compress_size]
    if name != entry.orig_filename:
        return False
    if entry.compress_type == zipfile.ZIP_STORED:
        return len(packed) == entry.file_size and zlib.crc32(packed) == entry.CRC
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        return False
    stream, size, sum_ = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
    try:
        while not stream.eof and size <= entry.file_size:
            piece = stream.decompress(packed, _PIECE)
            if not piece and not stream.eof:
                return False
            packed, size, sum_ = stream.unconsumed_tail, size + len(piece), zlib.crc32(piece, sum_)
    except zlib.error:
        return False
    return stream.eof and not stream.unused_data and (size, sum_) == (entry.file_size, entry.CRC)
