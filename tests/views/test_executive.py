"""The executive page and the sheet of the staff meeting, as pages and as files."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import docx
import pypdfium2
import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report
from tests.world import World, at
from tracker.database import db
from tracker.models import JournalEntry, Matter
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
PATH = "/plan/2569/executive"


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()
    report(world, group_of(world))
    approve(world, group_of(world))
    report(world, group_of(world, 1), Claim.STUCK, who="head1", problems="ยังไม่มีผู้รับผิดชอบ")
    report(world, group_of(world, 2), who="head2")


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def text_of(data: bytes) -> tuple[int, str]:
    document = pypdfium2.PdfDocument(data)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return len(texts), " ".join(" ".join(texts).split())


def test_the_page_tells_the_year_in_one_look(signed_in: SignedIn, clock: time_machine.Traveller) -> None:
    clock.move_to(at("2026-01-12"))
    text = plain(signed_in("chief").get(PATH))
    assert "5% 2/40" in text
    assert "เกินกำหนด 6 งาน" in text.replace("เกินกำหนด เกินกำหนด", "เกินกำหนด")
    assert "“ยังไม่มีผู้รับผิดชอบ”" in text
    assert "ยังไม่ถึงเกณฑ์แจ้งปลัด" in text
    assert "ยังไม่มีงานของปีก่อนในระบบ" in text


def test_the_page_tells_its_days_in_the_reader_s_language(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-01-12"))
    person = signed_in("chief")
    assert "ข้อมูล ณ วันที่ 12 มกราคม 2569" in plain(person.get(PATH))
    person.post("/language", {"language": "en"})
    text = plain(person.get(PATH))
    assert "12 January 2569 B.E." in text
    assert "due 31 Dec 2568" in text
    assert not re.search(r"[ก-๙]\.?[ก-๙]?\. ?25\d\d|มกราคม|ธันวาคม", text)


def test_matters_are_written_by_the_coordinator_and_kept(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    told = {"matter1": " ตั้งกรรมการสำรอง ", "matter2": "", "matter3": "มอบหมายผู้รับผิดชอบแทน"}
    assert person.post(PATH, told).status_code == 303
    text = plain(signed_in("clerk").get(PATH))
    assert "1. ตั้งกรรมการสำรอง 2. มอบหมายผู้รับผิดชอบแทน" in text
    assert person.post(PATH, told).status_code == 303
    assert person.post(PATH, {"matter1": ""}).status_code == 303
    assert "ตั้งกรรมการสำรอง" not in plain(signed_in("clerk").get(PATH))
    with world.read():
        assert [row.texts for row in db.session.scalars(select(Matter).order_by(Matter.id))] == [
            ["ตั้งกรรมการสำรอง", "มอบหมายผู้รับผิดชอบแทน"],
            [],
        ]
        deeds = db.session.scalars(select(JournalEntry.deed).where(JournalEntry.subject_kind == "matter"))
        assert list(deeds) == ["matters.written"] * 2
        db.session.rollback()


def test_a_matter_that_is_too_long_is_refused_beside_its_field(signed_in: SignedIn) -> None:
    answer = signed_in("coordinator").post(PATH, {"matter2": "ก" * 161})
    assert answer.status_code == 422
    assert set(Page(answer.text).beside) == {"matter2"}


def test_divisions_do_not_see_who_was_told_of_others(signed_in: SignedIn) -> None:
    head = signed_in("head0")
    assert head.open(PATH).status_code == 403
    assert head.open(f"{PATH}.pdf").status_code == 403
    assert PATH not in head.get("/plan/2569").links
    assert PATH in signed_in("chief").get("/plan/2569").links
    assert signed_in("chief").post(PATH, {"matter1": "ก"}).status_code == 403


def test_it_prints_on_one_sheet_with_its_words(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    person.post(PATH, {f"matter{n}": "ขอให้พิจารณาเรื่องสำคัญ " * 6 for n in (1, 2, 3)})
    answer = person.open(f"{PATH}.pdf")
    assert answer.status_code == 200
    pages, text = text_of(answer.data)
    assert pages == 1
    for words in ("สรุปสำหรับผู้บริหาร", "สำนักปลัด", "๒/๔๐", "ขอให้พิจารณาเรื่องสำคัญ"):
        assert words in text, words


def test_the_meeting_sheet_is_word_and_pdf_for_all_who_see_the_plan(
    signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-01-12"))
    person = signed_in("head1")
    word = docx.Document(BytesIO(person.open("/plan/2569/meeting.docx").data))
    (table,) = word.tables
    rows = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in table.rows]
    assert rows[0] == ["ส่วนราชการ", "เกินกำหนด", "ครบกำหนดเดือนนี้", "รออนุมัติ", "มติที่ประชุม/ข้อสั่งการ"]
    told = {row[0]: row[1:] for row in rows[1:]}
    assert set(told) == {"กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน"}
    assert "เกิน ๑๒ วัน" in told["กองคลัง"][0]
    assert "จัดทำคู่มือการให้บริการ เล่มที่ ๑ (+๑)" in told["กองช่าง"][2]
    assert {row[-1] for row in rows[1:]} == {""}
    pages, text = text_of(person.open("/plan/2569/meeting.pdf").data)
    assert pages == 1
    assert "มติที่ประชุม" in text
    assert person.open("/plan/2569/meeting.xlsx").status_code == 404


@pytest.mark.parametrize("path", ["executive", "executive.pdf", "meeting.docx"])
def test_a_year_without_a_plan_has_no_such_page(signed_in: SignedIn, path: str) -> None:
    assert signed_in("coordinator").open(f"/plan/2575/{path}").status_code == 404
