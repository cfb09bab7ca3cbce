"""From an uploaded document to an adopted plan: all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO

import pytest
import time_machine
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import documents
from tests.client import Browser, Page
from tests.world import World, at
from tracker.database import db
from tracker.models import Division, Plan, PlanItem, PlanState, Task
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
KNOWN = (documents.EVERYONE, documents.FINANCE)
WITHOUT_WINDOW = (*documents.EVERYONE[:3], "", *documents.EVERYONE[4:])


def upload(person: Browser, data: bytes | None = None, name: str = "แผน 2569.txt", **fields: str) -> Page:
    """Upload the document; the page it leads to."""
    given = {"plan": (BytesIO(documents.text(*KNOWN) if data is None else data), name)}
    answer = person.post("/plan/upload", given | fields)
    if answer.status_code != 303:
        return Page(answer.text)
    return person.get(answer.location)


def adopt(person: Browser, **fields: str) -> TestResponse:
    """Confirm the document that was uploaded last, as its page is now."""
    address = person.open("/plan/preview").location
    return person.post(f"{address}/adopt", person.get(address).form(f"{address}/adopt") | fields)


def decide(person: Browser, **fields: str) -> TestResponse:
    """Decide about the document that was uploaded last."""
    return person.post(f"{person.open('/plan/preview').location}/decide", fields)


def counts(world: World) -> tuple[int, int, int]:
    """How many plans, tasks and divisions there are."""
    with world.read():
        found = tuple(db.session.scalar(select(func.count(model.id))) for model in (Plan, Task, Division))
        db.session.rollback()
    return found  # type: ignore[return-value]


NOTHING = (0, 0, 5)


@pytest.mark.parametrize("write", [documents.text, documents.word])
def test_a_document_becomes_an_adopted_plan(
    world: World, signed_in: SignedIn, write: Callable[..., bytes]
) -> None:
    person = signed_in("coordinator")
    name = "แผน ๒๕๖๙.docx" if write is documents.word else "แผน ๒๕๖๙.txt"
    page = upload(person, write(*KNOWN), name)
    text = page.text.replace("\u00a0", " ")
    assert "จัดทำคู่มือการให้บริการ" in text
    assert "จะเกิดงาน 22 งาน ใน 22 แบบรายงาน" in text
    assert counts(world) == NOTHING
    answer = adopt(person, document_number="ที่ ๑/๒๕๖๙", document_on="1 ธ.ค. 2568", signer="นายสมมุติ")
    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    assert counts(world) == (1, 22, 5)
    with world.read():
        plan = db.session.scalars(select(Plan)).one()
    assert (plan.state, plan.source_name, plan.signed_on) == (PlanState.ADOPTED, name, date(2025, 12, 1))
    assert "ประกาศใช้แผนปีงบประมาณ 2569 แล้ว" in person.get("/plan/2569").text.replace("\u00a0", " ")


def test_after_adoption_the_preview_is_gone(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    upload(person)
    reading = person.open("/plan/preview").location
    adopt(person)
    assert person.open("/plan/preview").location == "/plan/upload"
    assert person.open(reading).location == "/plan/2569"
    assert counts(world) == (1, 22, 5)


def test_a_preview_without_an_upload_asks_for_one(signed_in: SignedIn) -> None:
    assert signed_in("coordinator").open("/plan/preview").location == "/plan/upload"


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
def test_only_the_coordinator_makes_plans(world: World, signed_in: SignedIn, who: str) -> None:
    for path in ("/plan/upload", "/plan/preview"):
        assert (signed_in(who).open(path).status_code == 403) is (who == "head0")
    for path in ("/plan/upload", "/plan/readings/1/adopt", "/plan/readings/1/decide"):
        assert signed_in(who).post(path).status_code == 403


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("แผน.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
        ("แผน.docx", b"%PDF-1.7", ".docx"),
        ("แผน.docx", b"PK\x03\x04....", "แผน.docx"),
        ("แผน.txt", b"", "ว่าง"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_field(
    world: World, signed_in: SignedIn, name: str, data: bytes, sentence: str
) -> None:
    page = upload(signed_in("coordinator"), data, name)
    assert sentence in page.beside["plan"]
    assert counts(world) == NOTHING


def test_a_pdf_is_kept_and_why_it_is_not_read_is_said(world: World, signed_in: SignedIn) -> None:
    person, data = signed_in("coordinator"), b"%PDF-1.7 signed"
    page = upload(person, data, "แผนที่ลงนาม.pdf")
    assert "เก็บ “แผนที่ลงนาม.pdf” เป็นเอกสารแนบแล้ว" in page.text
    assert "อ่านตารางภาษาไทยจาก PDF ให้ถูกต้องไม่ได้" in page.text
    assert counts(world) == NOTHING
    upload(person, data, "แผนที่ลงนาม.pdf")
    [link] = [one for one in person.get("/plan/upload").links if "/attachments/" in one]
    answer = signed_in("head0").open(link)
    assert answer.data == data
    assert "filename*=UTF-8''%E0%B9%81" in answer.headers["Content-Disposition"]
    assert signed_in("head0").post(f"{link}/remove").status_code == 403
    assert person.post(f"{link}/remove").status_code == 303
    assert [one for one in person.get("/plan/upload").links if "/attachments/" in one] == []


def test_a_missing_file_and_a_year_that_is_none_are_told(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    answer = person.post("/plan/upload", {"year": "พศ"})
    assert answer.status_code == 422
    beside = Page(answer.text).beside
    assert "กรุณาเลือกไฟล์" in beside["plan"]
    assert "พ.ศ." in beside["year"]


def test_a_document_without_a_year_takes_the_one_that_is_given(world: World, signed_in: SignedIn) -> None:
    data = "\n".join(documents.text(*KNOWN).decode().split("\n")[1:]).encode()
    person = signed_in("coordinator")
    page = upload(person, data, year="๒๕๖๙")
    assert "ปีงบประมาณ 2569" in page.text.replace("\u00a0", " ")
    assert adopt(person).status_code == 303
    assert counts(world)[0] == 1


def test_a_document_without_a_table_blocks(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    page = upload(person, "รายงานการประชุม ปีงบประมาณ พ.ศ. 2569".encode())
    assert "ไม่พบตารางมาตรการ" in page.text
    assert adopt(person).status_code == 422
    assert counts(world) == NOTHING


def test_an_unknown_division_blocks_until_it_may_be_added(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    page = upload(person, documents.text())
    assert f"ไม่รู้จักชื่อ “{documents.NEW_DIVISION}”" in page.text
    assert adopt(person).status_code == 422
    assert counts(world) == NOTHING
    assert decide(person, act="all").status_code == 303
    assert "ไม่รู้จักชื่อ" not in person.get(person.open("/plan/preview").location).text
    assert counts(world) == NOTHING
    assert adopt(person).status_code == 303
    # ทุกกอง counts the new division too: 6 × 4, and 2 and 4 for the other rows.
    assert counts(world) == (1, 6 * 4 + 2 + 4, 6)


def test_a_window_that_is_missing_blocks(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    page = upload(person, documents.text(WITHOUT_WINDOW, documents.FINANCE))
    assert "ต้องตอบ" in page.text
    assert adopt(person).status_code == 422
    assert counts(world) == NOTHING


def test_a_signature_with_an_unreadable_day_changes_nothing(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    upload(person)
    answer = adopt(person, document_on="วันหนึ่ง")
    assert answer.status_code == 422
    assert "อ่านวันที่ไม่ได้" in Page(answer.text).beside["document_on"]
    assert counts(world) == NOTHING


def test_a_document_for_a_plan_in_force_is_compared_with_it(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    upload(person)
    adopt(person)
    file = {"plan": (BytesIO(documents.text()), "แผน 2569.txt")}
    reading = person.post("/plan/upload", file).location
    assert "ตรวจเอกสารที่แก้ไขแผน" in person.get(reading).text
    assert decide(person, act="all").status_code == 303
    assert f"{reading}/amendment" in person.get(reading).links
    page = person.get(f"{reading}/amendment").text.replace("\u00a0", " ")
    assert "แก้ไขแผนปีงบประมาณ 2569" in page
    assert counts(world) == (1, 22, 5)


def test_a_year_that_has_a_draft_gets_no_second_plan_and_a_way_to_the_draft(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    upload(person)
    person.post("/plan/2569/start", {"way": "empty"})
    address = person.open("/plan/preview").location
    page = person.get(address)
    assert "มีร่างแผนอยู่แล้ว" in page.text
    assert "/plan/2569/draft" in page.links
    assert adopt(person).status_code == 422
    assert counts(world) == (1, 0, 5)


def look_back(world: World) -> Sequence[tuple[TaskState, str]]:
    with world.read():
        found = [
            (state, reason)
            for state, reason in db.session.execute(
                select(Task.state, Task.reason).where(Task.quarter == 1).order_by(Task.id)
            )
        ]
        db.session.rollback()
    return found


def test_late_adoption_is_told_and_a_past_quarter_can_be_dropped_with_a_reason(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-02-16"))
    person = signed_in("coordinator")
    page = upload(person)
    assert "งาน 6 งานพ้นหรือใกล้พ้นกำหนดแล้ว" in page.text.replace("\u00a0", " ")
    assert decide(person, act="drop", quarter="1").status_code == 422
    assert decide(person, act="drop", quarter="1", reason="เริ่มใช้ระบบเดือนกุมภาพันธ์").status_code == 303
    assert adopt(person).status_code == 303
    assert look_back(world) == [(TaskState.CANCELLED, "เริ่มใช้ระบบเดือนกุมภาพันธ์")] * 6


def test_without_dropping_the_past_looks_back(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-02-16"))
    person = signed_in("coordinator")
    upload(person)
    adopt(person)
    assert look_back(world) == [(TaskState.OPEN, "")] * 6


def test_the_words_of_a_document_are_shown_as_text(world: World, signed_in: SignedIn) -> None:
    row = ("1. <script>alert(1)</script>", "<img src=x onerror=alert(1)>", *documents.EVERYONE[2:])
    page = upload(signed_in("coordinator"), documents.text(row))
    assert "alert(1)" in page.text


def test_steps_and_responsible_divisions_are_stored(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    upload(person)
    adopt(person)
    with world.read():
        items = db.session.scalars(select(PlanItem).order_by(PlanItem.number)).all()
        told = [
            (item.heading, [step.text for step in item.steps], [one.name for one in item.divisions])
            for item in items
        ]
    assert told[1] == ("การใช้งบประมาณ", ["ประชุม"], ["กองคลัง"])
    assert len(told[0][2]) == 5


def test_who_only_looks_reads_an_upload_under_review(world: World, signed_in: SignedIn) -> None:
    assert "ไม่มีเอกสารที่กำลังตรวจ" in signed_in("clerk").get("/plan/upload").text
    upload(signed_in("coordinator"), documents.text(*KNOWN, WITHOUT_WINDOW))
    path = signed_in("clerk").open("/plan/preview").location
    assert path in signed_in("clerk").get("/plan/upload").links
    answer = signed_in("clerk").open(path)
    assert "จัดทำคู่มือการให้บริการ" in answer.text.replace("\u00a0", " ").replace("\u2060", "")
    for offered in ("/decide", "/adopt", "/rows/", "/plan/start", "?edit="):
        assert offered not in answer.text
    assert "/plan/upload" in Page(answer.text).links


def test_a_document_of_another_organisation_is_told_to_be_one(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    own = "องค์การบริหารส่วนตำบลตัวอย่าง"
    told = "เอกสารนี้เป็นของเทศบาลตำบลบ้านสมมุติ ไม่ใช่ของ" + own
    other = documents.text(*KNOWN).decode().replace(own, "เทศบาลตำบลบ้านสมมุติ")
    assert told in upload(person, other.encode()).text
    short = documents.text(*KNOWN).decode().replace(own, "อบต.ตัวอย่าง")
    assert "เอกสารนี้เป็นของ" not in upload(person, short.encode()).text
