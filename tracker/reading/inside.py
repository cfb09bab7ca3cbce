"""What a Word file would fetch, run or carry along when it is opened: nothing of it belongs into a form."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tracker.errors import Message, Unreadable
from tracker.reading.container import Container, parse_xml

# A link that waits for a click fetches nothing by itself.
_CLICKED, _SCHEMES = "hyperlink", ("http://", "https://", "mailto:", "tel:")
# Whole documents, programs and templates, inside or outside of the file; by the last word of the kind of relation.
_FOREIGN = frozenset(
    {
        "afchunk", "control", "externallink", "frame", "keymapcustomizations",
        "mailmergeheadersource", "mailmergesource", "oleobject", "package", "recipientdata", "subdocument", "xslt",
    }
)  # fmt: skip
_FIELDS = frozenset(
    {
        "AUTHOR", "CREATEDATE", "DATE", "EDITTIME", "FILENAME", "FORMCHECKBOX", "FORMDROPDOWN", "FORMTEXT",
        "HYPERLINK", "LISTNUM", "NOTEREF", "NUMCHARS", "NUMPAGES", "NUMWORDS", "PAGE", "PAGEREF", "PRINTDATE", "REF",
        "SAVEDATE", "SECTION", "SECTIONPAGES", "SEQ", "STYLEREF", "SUBJECT", "SYMBOL", "TC", "TIME", "TITLE", "TOC",
    }
)  # fmt: skip
_SHOWN = 60
_FETCHED = Message("มีภาพหรือเนื้อหาที่ดึงจากที่อื่น กรุณาฝังไว้ในไฟล์แทน")


def foreign(container: Container) -> Iterator[tuple[str, Message]]:
    """What is found, with its words, in every part of the file; Unreadable where a part is no safe XML."""
    for name in container.names():
        root = _xml(name, container.part(name) or b"")
        if root is None:
            continue
        yield from _relations(root)
        yield from _pictures(root)
        for instruction in _instructions(root):
            words = instruction.split()
            if not words or words[0].upper() not in _FIELDS:
                yield instruction[:_SHOWN], Message("มีฟิลด์ของ Word ที่ดึงข้อมูลจากที่อื่นหรือไม่รู้จัก กรุณาลบออก")


def _xml(name: str, data: bytes) -> Element | None:
    """The root of an XML part, also of one that does not say so in its name."""
    if name.lower().endswith((".xml", ".rels", ".vml", ".svg")):
        return parse_xml(data)
    if not data[:16].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        return None
    try:
        return parse_xml(data)
    except Unreadable:
        return None


def _relations(root: Element) -> Iterator[tuple[str, Message]]:
    for one in root.iter():
        if _local(one.tag) != "relationship":
            continue
        kind = (one.get("Type") or "").rpartition("/")[2].lower()
        target = one.get("Target") or ""
        if kind == "attachedtemplate":
            yield (
                target[:_SHOWN],
                Message("ผูกกับแม่แบบอื่น ใน Word เลือกแม่แบบ Normal ที่แท็บนักพัฒนา > แม่แบบเอกสาร แล้วบันทึก"),
            )
        elif kind in _FOREIGN:
            yield target[:_SHOWN], Message("มีเอกสารหรือโปรแกรมอื่นฝังหรือผูกอยู่ กรุณาลบออก")
        elif (one.get("TargetMode") or "").lower() == "external" and not (
            kind == _CLICKED and target.lower().startswith(_SCHEMES)
        ):
            yield target[:_SHOWN], _FETCHED


def _pictures(root: Element) -> Iterator[tuple[str, Message]]:
    """Old drawings and SVG name their pictures without a relation."""
    for one in root.iter():
        for key, text in one.attrib.items():
            if _local(key) in {"src", "href"} and ("//" in text or "\\\\" in text or ":" in text[:8]):
                yield text[:_SHOWN], _FETCHED


def _instructions(root: Element) -> Iterator[str]:
    """What each field says it does; a field inside another one is told by itself."""
    begun: list[str] = []
    for one in root.iter():
        match _local(one.tag):
            case "fldsimple":
                yield _attribute(one, "instr")
            case "instrtext" | "delinstrtext":
                if begun:
                    begun[-1] += one.text or ""
                elif (one.text or "").strip():
                    yield one.text or ""
            case "fldchar":
                kind = _attribute(one, "fldCharType")
                if kind == "begin":
                    begun.append("")
                elif kind == "end" and begun:
                    yield begun.pop()
            case _:
                continue
    yield from begun


def _attribute(element: Element, name: str) -> str:
    return next((text for key, text in element.attrib.items() if _local(key) == name.lower()), "")


def _local(name: object) -> str:
    """The name without its namespace, whatever that is, in small letters; comments have none."""
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""
