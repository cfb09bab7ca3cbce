"""The office's own Word forms: kept when they hold names only, filled on the report's page, removed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import docx
import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.deeds import approve, group_of, report
from tests.world import World, at
from tracker.database import db
from tracker.models import JournalEntry, WordTemplate

SignedIn = Callable[[str], Browser]
PAGE = "/settings/word-forms"


def form(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    report(world, group_of(world), result="จัดทำ {{ 7*7 }} <b>&")
    approve(world, group_of(world))


def kept(world: World) -> list[str]:
    with world.read():
        names = list(db.session.scalars(select(WordTemplate.name)))
        db.session.rollback()
    return names


def upload(person: Browser, data: bytes, name: str = "แบบรายงาน.docx", kind: str = "annual"):  # type: ignore[no-untyped-def]
    return person.post(f"{PAGE}/{kind}", {"form": (BytesIO(data), name)})


def test_the_form_to_begin_with_is_uploaded_filled_and_removed(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    start = person.open(f"{PAGE}/annual/start.docx").data
    assert upload(person, start).status_code == 303
    assert kept(world) == ["แบบรายงาน.docx"]
    assert person.open(f"{PAGE}/annual/form.docx").data == start
    assert "/report/2569/annual/own.docx" in person.get("/report/2569").links
    made = docx.Document(BytesIO(signed_in("chief").open("/report/2569/annual/own.docx").data))
    assert "จัดทำ {{ 7*7 }} <b>&" in [cell.text for row in made.tables[0].rows for cell in row.cells]
    assert upload(person, form("{{ title }}"), "ใหม่.docx").status_code == 303
    assert kept(world) == ["ใหม่.docx"]
    assert person.post(f"{PAGE}/annual/remove").status_code == 303
    assert kept(world) == []
    assert person.open("/report/2569/annual/own.docx").status_code == 404
    with world.read():
        deeds = list(
            db.session.scalars(select(JournalEntry.deed).where(JournalEntry.subject_kind == "word_form"))
        )
        db.session.rollback()
    assert deeds == ["word_form.kept", "word_form.kept", "word_form.removed"]


def test_faults_are_listed_with_their_paragraphs_in_the_reader_s_language(
    world: World, signed_in: SignedIn
) -> None:
    answer = upload(signed_in("coordinator"), form("ดี", "ชื่อ {{ nobody }}", "{% if x %}"))
    assert answer.status_code == 422
    text = answer.text.replace("\u00a0", " ")
    assert "ย่อหน้าที่ 2 “ชื่อ {{ nobody }}”: ไม่รู้จักชื่อ “nobody”" in text
    assert "ย่อหน้าที่ 3 “{% if x %}”: ใช้ “{% if x %}” ไม่ได้" in text
    assert kept(world) == []


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "", "กรุณาเลือกไฟล์ Word"),
        (b"%PDF-1.4", "แบบ.docx", "PDF"),
        (b"PK\x03\x04", "แบบ.docm", "มาโคร"),
    ],
)
def test_what_is_no_safe_word_file_is_refused_beside_its_field(
    world: World, signed_in: SignedIn, data: bytes, name: str, said: str
) -> None:
    answer = upload(signed_in("coordinator"), data, name)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept(world) == []


def test_names_and_meanings_are_listed_and_lookers_change_nothing(world: World, signed_in: SignedIn) -> None:
    person = signed_in("clerk")
    text = person.get(PAGE).text
    assert "{{ organisation }}" in text
    assert "ชื่อหน่วยงาน" in text
    assert "{{ row.outcome }}" in text
    assert upload(person, form("{{ title }}")).status_code == 403
    assert kept(world) == []
    assert signed_in("coordinator").post(f"{PAGE}/meeting").status_code == 404
