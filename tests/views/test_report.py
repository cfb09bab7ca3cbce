"""The report page, its downloads, closing and reopening."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import docx
import pypdfium2
import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report, settle
from tests.world import World, at
from tracker.database import db
from tracker.models import Plan, PlanState, Report
from tracker.rules.report import from_json, sha256_of

NOW = at("2025-12-17")
SignedIn = Callable[[str], Browser]
RESULT = "จัดทำคู่มือประชาชนครบถ้วน"


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    report(world, group_of(world), result=RESULT)
    approve(world, group_of(world))


def versions(world: World) -> list[tuple[int, str, str]]:
    with world.read():
        found = [
            (row.version, row.sha256, row.frozen)
            for row in db.session.scalars(select(Report).order_by(Report.version))
        ]
        db.session.rollback()
    return found


def test_the_page_shows_the_draft_and_what_it_lacks(signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/report/2569")
    text = page.text.replace("\u00a0", " ")
    assert RESULT in text
    assert "ฉบับร่าง" in text
    assert "งานที่ยังไม่มีผล 3 งาน" in text
    assert "การติดตามผลที่ยังไม่ตอบ 2 แบบ" in text
    assert page.form("/report/2569/close")


def test_only_the_coordinator_closes(world: World, signed_in: SignedIn) -> None:
    for who in ("head0", "clerk", "chief"):
        person = signed_in(who)
        assert all(form.get("action") != "/report/2569/close" for form in person.get("/report/2569").forms)
        assert person.post("/report/2569/close").status_code == 403
    assert versions(world) == []


def test_word_pdf_and_json_hold_the_same_cell(signed_in: SignedIn) -> None:
    person = signed_in("chief")
    word = docx.Document(BytesIO(person.open("/report/2569/annual.docx").data))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    assert RESULT in cells
    pdf = pypdfium2.PdfDocument(person.open("/report/2569/annual.pdf").data)
    text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
    pdf.close()
    assert RESULT in text.replace("\r", "").replace("\n", "").replace(" ", "")
    value = json.loads(person.open("/report/2569/annual.json").data)
    assert value["results"]["rows"][0]["result"] == RESULT


def test_downloads_are_attachments_with_thai_names(signed_in: SignedIn) -> None:
    answer = signed_in("chief").open("/report/2569/annual.json")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "filename*=UTF-8''%E0%B8%A3%E0%B8%B2%E0%B8%A2" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "path", ["/report/2569/annual.exe", "/report/2570/annual.pdf", "/report/2569/annual."]
)
def test_other_endings_and_years_are_not_found(signed_in: SignedIn, path: str) -> None:
    signed_in("chief").get(path, 404)


def test_a_year_without_a_plan_says_so(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    assert "ยังไม่มีแผนของปีนี้" in person.get("/report/2570").text
    assert person.post("/report/2570/close").status_code == 404
    assert person.post("/report/2570/reopen").status_code == 404


def test_closing_freezes_a_version_with_its_hash(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    settle(world, NOW)
    person = signed_in("coordinator")
    signature = {"document_number": "ตย 71001/12", "document_on": "๑๗ ธันวาคม ๒๕๖๘", "signer": "นายสมมุติ"}
    assert person.post("/report/2569/close", signature).status_code == 303
    [(version, sha256, frozen)] = versions(world)
    assert version == 1
    assert sha256 == sha256_of(from_json(frozen))
    page = person.get("/report/2569")
    assert sha256 in page.text.replace(" ", "")
    assert "ตย 71001/12" in page.text.replace("\u00a0", " ")
    before = person.open("/report/2569/annual.json").data
    clock.move_to(at("2025-12-17", "15:00"))
    person = signed_in("coordinator")
    assert person.open("/report/2569/annual.json").data == before == frozen.encode()


def test_a_signature_without_a_readable_day_closes_nothing(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    answer = person.post("/report/2569/close", {"document_on": "วันหนึ่ง", "signer": "นายสมมุติ"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.beside["document_on"].startswith("อ่านวันที่ไม่ได้")
    assert page.form("/report/2569/close")["signer"] == "นายสมมุติ"
    assert versions(world) == []


def test_closing_twice_is_refused(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    person = signed_in("coordinator")
    person.post("/report/2569/close")
    assert person.post("/report/2569/close").status_code == 422
    assert len(versions(world)) == 1


def test_reopening_makes_the_next_version_and_keeps_the_old(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    person = signed_in("coordinator")
    person.post("/report/2569/close")
    [first] = versions(world)
    assert person.post("/report/2569/reopen").status_code == 303
    assert "ฉบับร่าง" in person.get("/report/2569").text
    later = group_of(world, quarter=2)
    report(world, later, result="แจกคู่มือครบทุกหมู่บ้าน")
    approve(world, later)
    settle(world, NOW)
    person.post("/report/2569/close")
    old, new = versions(world)
    assert old == first
    assert new[0] == 2
    assert "แจกคู่มือครบทุกหมู่บ้าน" in new[2]
    assert "แจกคู่มือครบทุกหมู่บ้าน" not in old[2]


def test_reopening_what_is_not_closed_is_refused(signed_in: SignedIn) -> None:
    assert signed_in("coordinator").post("/report/2569/reopen").status_code == 422


def test_closing_ends_the_year_of_the_plan(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    signed_in("coordinator").post("/report/2569/close")
    with world.read():
        plan = db.session.scalars(select(Plan)).one()
    assert (plan.state, plan.closed_at) == (PlanState.CLOSED, at("2025-12-17"))
    assert "unfinished" not in versions(world)[0][2] or "ไม่แล้วเสร็จ" in versions(world)[0][2]


def test_what_was_left_open_is_printed_as_not_finished(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    signed_in("coordinator").post("/report/2569/close")
    rows = json.loads(versions(world)[0][2])["unfinished"]["rows"]
    assert len(rows) == 3
    assert all("ไม่แล้วเสร็จ" in "".join(row) for row in rows)
