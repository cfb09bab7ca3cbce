"""A Word form that would fetch, run or carry along something else is refused, wherever that hides."""

from __future__ import annotations

import pytest

from tests.writing.test_wordform import LOOPED, faults, repacked
from tracker.errors import Unreadable
from tracker.reading.wordform import look_over

RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"{}/></Relationships>'
)
OUTSIDE = ' TargetMode="External"'
FIELD = (
    '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r>'
    '<w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{}</w:instrText></w:r><w:r><w:instrText>{}</w:instrText>'
    '</w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:hdr>'
)


@pytest.mark.parametrize(
    ("part", "inside", "said"),
    [
        ("word/_rels/x.xml.rels", RELATION.format("image", "http://x.example/a.png", OUTSIDE), "ดึงจากที่อื่น"),
        ("word/_rels/x.xml.rels", RELATION.format("image", r"\\\\x.example\\a.png", OUTSIDE), "ดึงจากที่อื่น"),
        ("word/_rels/x.xml.rels", RELATION.format("hyperlink", "file:///etc/passwd", OUTSIDE), "ดึงจากที่อื่น"),
        ("word/_rels/x.xml.rels", RELATION.format("attachedTemplate", "http://x.example/a.dotx", OUTSIDE), "แม่แบบ"),
        ("word/_rels/x.xml.rels", RELATION.format("aFChunk", "afchunk.mht", ""), "ฝังหรือผูกอยู่"),
        ("word/_rels/x.xml.rels", RELATION.format("oleObject", "embeddings/a.bin", ""), "ฝังหรือผูกอยู่"),
        ("other/_RELS/X.RELS", RELATION.format("subDocument", "b.docx", OUTSIDE), "ฝังหรือผูกอยู่"),
        ("word/header9.xml", FIELD.format("DDE", "AUTO c:\\\\cmd.exe"), "ฟิลด์ของ Word"),
        ("word/header9.xml", FIELD.format(" includepicture ", "http://x.example/a"), "ฟิลด์ของ Word"),
        ("word/anything.bin", FIELD.format(" QUOTE ", "68 68 69"), "ฟิลด์ของ Word"),
        ("word/drawings/a.vml", '<v:imagedata xmlns:v="urn:v" src="http://x.example/a.png"/>', "ดึงจากที่อื่น"),
    ],
)  # fmt: skip
def test_what_fetches_runs_or_carries_something_else_is_refused(part: str, inside: str, said: str) -> None:
    found = faults(repacked(LOOPED, {part: inside.encode()}))
    assert any(said in one for _, one in found), found


def test_links_that_wait_for_a_click_and_page_numbers_stay_allowed() -> None:
    allowed = {
        "word/_rels/x.xml.rels": RELATION.format("hyperlink", "https://x.example", OUTSIDE).encode(),
        "word/header9.xml": FIELD.format(" PA", "GE ").encode(),
        "word/fonts/font1.odttf": b"<\x00\x01 no XML",
    }
    assert faults(repacked(LOOPED, allowed)) == []


def test_no_part_of_a_form_declares_entities() -> None:
    with pytest.raises(Unreadable, match="DOCTYPE"):
        look_over(
            repacked(LOOPED, {"word/comments.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
            "a.docx",
            "annual",
        )
