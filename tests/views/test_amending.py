"""The page of an amendment: a corrected file for a plan in force, its differences, its confirmation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.world import World, at
from tracker import storage
from tracker.actions import importing, planning
from tracker.database import db
from tracker.models import Amendment, Division, Measure, Plan, PlanState, Task
from tracker.reading import plan as reader
from tracker.rules.states import TaskState

PATH = "/plan/2569/amendment"
HEADINGS = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
YEAR, HALF = "ต.ค. ๖๘ - ก.ย. ๖๙", "ต.ค. ๖๘ - มี.ค. ๖๙"
MANUAL = ("การปฏิบัติหน้าที่", "จัดทำคู่มือการให้บริการประชาชน", "ประชุมหารือ", YEAR, "สำนักปลัด", "ทุกไตรมาส")
QUEUE = ("การใช้งบประมาณ", "ปรับปรุงระบบคิว ณ จุดบริการ", "ประชุมหารือ", HALF, "กองคลัง", "ทุกไตรมาส")
ETHICS = ("การใช้อำนาจ", "อบรมมาตรฐานจริยธรรม", "ประชุมหารือ", YEAR, "กองช่าง", "ทุกไตรมาส")
SAME = "ไม่มีอะไรเปลี่ยนแปลง"
Row = Sequence[str]


def document(*rows: Row, year: str = "๒๕๖๙") -> bytes:
    """A plan as an HTML table."""
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADINGS, *rows))
    title = f"มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. {year}"
    return f"<html><body><p>{title}</p><table>{lines}</table></body></html>".encode()


@pytest.fixture
def adopted(world: World) -> World:
    """A plan of two rows, read from a document and adopted."""
    data = document(MANUAL, QUEUE)
    kept = storage.keep_source(data)
    with world.write():
        divisions = planning.divisions()
        read = reader.read(data, "แผน.html", None, importing.known_names(divisions))
        plan = importing.save(
            importing.draft(read, divisions), kept, now=at("2025-10-03"), by=world.actor("coordinator")
        )
        planning.adopt(plan, now=at("2025-10-03"), by=world.actor("coordinator"))
    return world


def uploaded(browser: Browser, data: bytes, name: str = "แผนแก้ไข.html") -> str:
    """Have this document in the session, as the upload leaves it; returns its hash."""
    kept = storage.keep_source(data)
    with browser.inner.session_transaction() as session:
        session["upload"] = {"kept": kept, "name": name, "year": None}
    return kept


def confirm(browser: Browser, **changes: object) -> dict[str, object]:
    """The fields of the page as a person sends them."""
    form = {name: value for name, value in browser.get(PATH).forms[-1]["fields"].items() if name != "again"}
    return {**form, "reason": "แก้ไขตามมติที่ประชุม", **changes}


def amendments(world: World) -> list[int]:
    with world.read():
        found = list(db.session.scalars(select(Amendment.number).order_by(Amendment.number)))
        db.session.rollback()
    return found


SignedIn = Callable[[str], Browser]


def test_the_page_shows_what_changes_and_what_becomes_of_the_tasks(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    longer = (*QUEUE[:3], YEAR, *QUEUE[4:])
    uploaded(browser, document(longer, ETHICS))
    page = browser.get(PATH)
    assert "แก้ไขแผนปีงบประมาณ 2569 ครั้งที่ 1" in page.text
    for words in ("อบรมมาตรฐานจริยธรรม", "1 ต.ค. 2568 – 31 มี.ค. 2569", "1 ต.ค. 2568 – 30 ก.ย. 2569"):
        assert words in page.text
    assert "งานใหม่ 6 ในจำนวนนี้ 1 งานเป็นงานย้อนหลัง" in page.text
    assert "งานที่ยกเลิก 4" in page.text
    assert amendments(adopted) == []


def test_confirming_applies_the_amendment_once(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL, QUEUE, ETHICS))
    answer = browser.post(PATH, confirm(browser, document_number="ทย 2/2569", document_on="15 ธ.ค. 2568"))
    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    assert amendments(adopted) == [1]
    with adopted.read():
        tasks = db.session.scalars(select(Task).join(Measure).where(Measure.title == ETHICS[1])).all()
        assert [task.quarter for task in tasks] == [1, 2, 3, 4]
        db.session.rollback()
    assert browser.post(PATH, {"reason": "อีกครั้ง"}).location == "/plan/upload"


def test_the_same_file_again_says_so_and_offers_nothing_to_confirm(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL, QUEUE))
    page = browser.get(PATH)
    assert SAME in page.text
    assert all(form.get("action") not in (None, PATH) for form in page.forms)
    assert browser.post(PATH, {"reason": "ลองดู"}).status_code == 422
    assert amendments(adopted) == []


def test_an_amendment_again_says_so_and_the_page_tells_of_the_earlier_ones(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    data = document(MANUAL, QUEUE, ETHICS)
    uploaded(browser, data)
    browser.post(PATH, confirm(browser))
    uploaded(browser, data)
    page = browser.get(PATH)
    assert SAME in page.text
    assert "แก้ไขครั้งที่ 1" in page.text
    assert "แก้ไขตามมติที่ประชุม" in page.text


def test_another_file_that_says_the_same_changes_nothing(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL, QUEUE) + b"<!-- saved again -->")
    assert SAME in browser.get(PATH).text


def test_a_reason_is_asked_for_beside_its_field(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    answer = browser.post(PATH, confirm(browser, reason=""))
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert amendments(adopted) == []


def test_a_likeness_of_titles_can_be_called_an_accident(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document((MANUAL[0], MANUAL[1] + "ในตลาด", *MANUAL[2:]), QUEUE))
    page = browser.get(PATH)
    assert "ชื่อมาตรการเปลี่ยน" in page.text
    browser.post(PATH, confirm(browser, apart="1"))
    with adopted.read():
        rows = db.session.execute(select(Measure.title, Measure.removed_in).order_by(Measure.id)).all()
        assert rows == [(MANUAL[1], 1), (QUEUE[1], None), (MANUAL[1] + "ในตลาด", None)]
        gone = db.session.scalars(select(Task.state).where(Task.measure_id == 1)).all()
        assert set(gone) == {TaskState.CANCELLED}
        db.session.rollback()


def test_an_unknown_division_blocks_until_it_is_added(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL, (*QUEUE[:4], "กองสาธารณสุข", QUEUE[5])))
    fields = confirm(browser)
    assert browser.post(PATH, fields).status_code == 422
    assert amendments(adopted) == []
    assert browser.post(PATH, {**fields, "create_divisions": "y"}).status_code == 303
    with adopted.read():
        assert "กองสาธารณสุข" in db.session.scalars(select(Division.name)).all()
        db.session.rollback()


def test_looking_again_stores_nothing(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    assert browser.post(PATH, confirm(browser, again="1")).status_code == 200
    assert amendments(adopted) == []


def test_a_file_uploaded_since_the_page_was_opened_is_shown_first(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    fields = confirm(browser)
    uploaded(browser, document(QUEUE))
    assert browser.post(PATH, fields).status_code == 422
    assert amendments(adopted) == []


def test_a_page_opened_before_another_amendment_is_refused(adopted: World, signed_in: SignedIn) -> None:
    browser, other = signed_in("coordinator"), signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    fields = confirm(browser)
    uploaded(other, document(MANUAL, QUEUE, ETHICS))
    assert other.post(PATH, confirm(other)).status_code == 303
    assert browser.post(PATH, fields).status_code == 422
    assert amendments(adopted) == [1]


def test_a_closed_plan_is_not_amended(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    fields = confirm(browser)
    with adopted.write():
        db.session.scalars(select(Plan)).one().state = PlanState.CLOSED
    assert "ปิดแล้ว" in browser.get(PATH).text
    assert browser.post(PATH, fields).status_code == 422
    assert amendments(adopted) == []


def test_another_years_plan_is_refused(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    window = "ต.ค. ๖๙ - ก.ย. ๗๐"
    uploaded(browser, document((*MANUAL[:3], window, *MANUAL[4:]), year="๒๕๗๐"))
    assert "2570" in browser.get(PATH, 422).text


@pytest.mark.parametrize("year", [2568, 2569])
def test_without_an_upload_the_way_leads_to_it(adopted: World, signed_in: SignedIn, year: int) -> None:
    assert signed_in("coordinator").open(f"/plan/{year}/amendment").location == "/plan/upload"


def test_a_year_without_a_plan_in_force_leads_to_the_first_plan(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    uploaded(browser, document(MANUAL))
    assert browser.open(PATH).location == "/plan/preview"


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
def test_only_who_may_edit_the_plan_may_amend_it(adopted: World, signed_in: SignedIn, who: str) -> None:
    browser = signed_in(who)
    assert browser.open(PATH).status_code == 403
    assert browser.post(PATH, {"reason": "ลองดู"}).status_code == 403
