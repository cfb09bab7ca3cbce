"""The page of an amendment: a corrected file for a plan in force, its differences, its confirmation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import World, at
from tracker import storage
from tracker.actions import importing, planning
from tracker.database import db
from tracker.models import Amendment, Division, Measure, Plan, PlanState, Task
from tracker.reading import plan as reader
from tracker.rules.states import TaskState

HEADINGS = ("ตัวชี้วัด", "มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
YEAR, HALF = "ต.ค. ๖๘ - ก.ย. ๖๙", "ต.ค. ๖๘ - มี.ค. ๖๙"
MANUAL = ("การปฏิบัติหน้าที่", "จัดทำคู่มือการให้บริการประชาชน", "ประชุมหารือ", YEAR, "สำนักปลัด", "ทุกไตรมาส")
QUEUE = ("การใช้งบประมาณ", "ปรับปรุงระบบคิว ณ จุดบริการ", "ประชุมหารือ", HALF, "กองคลัง", "ทุกไตรมาส")
ETHICS = ("การใช้อำนาจ", "อบรมมาตรฐานจริยธรรม", "ประชุมหารือ", YEAR, "กองช่าง", "ทุกไตรมาส")
SAME = "ไม่มีอะไรเปลี่ยนแปลง"
Row = Sequence[str]


def document(*rows: Row, year: str = "๒๕๖๙", title: str = "มาตรการส่งเสริมคุณธรรมและความโปร่งใส") -> bytes:
    """A plan as an HTML table."""
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADINGS, *rows))
    title = f"{title} ประจำปีงบประมาณ พ.ศ. {year}"
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
            importing.understand(read, divisions), kept, now=at("2025-10-03"), by=world.actor("coordinator")
        )
        planning.adopt(plan, now=at("2025-10-03"), by=world.actor("coordinator"))
    return world


def uploaded(browser: Browser, data: bytes, name: str = "แผนแก้ไข.html") -> str:
    """Upload the document; returns the address of what it changes."""
    answer = browser.post("/plan/upload", {"plan": (BytesIO(data), name)})
    assert answer.status_code == 303
    return f"{answer.location}/amendment"


def confirm(browser: Browser, path: str, **changes: object) -> dict[str, object]:
    """The fields of the page as a person sends them."""
    form = {name: value for name, value in browser.get(path).forms[-1]["fields"].items() if name != "again"}
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
    page = browser.get(uploaded(browser, document(longer, ETHICS)))
    assert "แก้ไขแผนปีงบประมาณ 2569 ครั้งที่ 1" in page.text
    for words in ("อบรมมาตรฐานจริยธรรม", "1 ต.ค. 2568 – 31 มี.ค. 2569", "1 ต.ค. 2568 – 30 ก.ย. 2569"):
        assert words in page.text
    assert "งานใหม่ 6 ในจำนวนนี้ 1 งานเป็นงานย้อนหลัง" in page.text
    assert "งานที่ยกเลิก 4" in page.text
    assert amendments(adopted) == []


def test_confirming_applies_the_amendment_once(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, QUEUE, ETHICS))
    fields = confirm(browser, path, document_number="ทย 2/2569", document_on="15 ธ.ค. 2568")
    answer = browser.post(path, fields)
    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    assert amendments(adopted) == [1]
    with adopted.read():
        tasks = db.session.scalars(select(Task).join(Measure).where(Measure.title == ETHICS[1])).all()
        assert [task.quarter for task in tasks] == [1, 2, 3, 4]
        db.session.rollback()
    assert browser.post(path, fields).status_code == 422
    assert amendments(adopted) == [1]


def test_the_same_file_again_says_so_and_offers_nothing_to_confirm(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, QUEUE))
    page = browser.get(path)
    assert SAME in page.text
    assert all(form.get("action") not in (None, path) for form in page.forms)
    assert browser.post(path, {"reason": "ลองดู"}).status_code == 422
    answer = browser.open(path.removesuffix("/amendment"))
    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    assert amendments(adopted) == []


def test_an_amendment_again_says_so_and_the_page_tells_of_the_earlier_ones(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    data = document(MANUAL, QUEUE, ETHICS)
    path = uploaded(browser, data)
    browser.post(path, confirm(browser, path))
    path = uploaded(browser, data)
    page = browser.get(path)
    assert SAME in page.text
    assert "แก้ไขครั้งที่ 1" in page.text
    assert "แก้ไขตามมติที่ประชุม" in page.text
    assert browser.open(path.removesuffix("/amendment")).location == "/plan/2569"


def test_another_file_that_says_the_same_changes_nothing(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, QUEUE) + b"<!-- saved again -->")
    assert SAME in browser.get(path).text
    assert SAME in browser.get(path.removesuffix("/amendment")).text


def test_a_reason_is_asked_for_beside_its_field(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL))
    answer = browser.post(path, confirm(browser, path, reason=""))
    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert amendments(adopted) == []


def test_a_likeness_of_titles_can_be_called_an_accident(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document((MANUAL[0], MANUAL[1] + "ในตลาด", *MANUAL[2:]), QUEUE))
    page = browser.get(path)
    assert "ชื่อมาตรการเปลี่ยน" in page.text
    browser.post(path, confirm(browser, path, apart="1"))
    with adopted.read():
        rows = db.session.execute(select(Measure.title, Measure.removed_in).order_by(Measure.id)).all()
        assert rows == [(MANUAL[1], 1), (QUEUE[1], None), (MANUAL[1] + "ในตลาด", None)]
        gone = db.session.scalars(select(Task.state).where(Task.measure_id == 1)).all()
        assert set(gone) == {TaskState.CANCELLED}
        db.session.rollback()


def test_an_open_question_leads_back_to_the_preview_and_its_answer_into_the_amendment(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, (*QUEUE[:3], "เมื่อพร้อม", "งานรายได้ฯ กลาง", QUEUE[5])))
    preview = path.removesuffix("/amendment")
    assert browser.open(path).location == preview
    assert browser.post(path, {"reason": "ลองดู"}).location == preview
    page = browser.get(preview)
    assert "ยังต้องตอบ 2 เรื่อง" in page.text
    assert path not in page.links
    works = str(adopted.division_ids[2])
    [name] = set(re.findall(r"ไม่รู้จักชื่อ “(.+?)”", page.text))
    browser.post(f"{preview}/decide", {"act": "name", "text": name, "division": works, "remember": "1"})
    window = {"act": "row", "row": "2", "take": "window", "start": "2026-01-01", "end": "2026-03-31"}
    browser.post(f"{preview}/decide", window)
    page = browser.get(preview)
    assert "ต่างจากแผนปัจจุบัน: แก้ไข 1 เพิ่ม 0 ตัดออก 0 รายการ" in page.text
    assert path in page.links
    page = browser.get(path)
    assert "1 ม.ค. 2569 – 31 มี.ค. 2569" in page.text
    assert browser.post(path, confirm(browser, path)).status_code == 303
    with adopted.read():
        division = db.session.scalars(select(Division).where(Division.id == int(works))).one()
        assert division.aliases == [name]
        db.session.rollback()


def test_a_division_to_be_added_is_added_with_the_amendment(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, (*QUEUE[:4], "กองสาธารณสุข", QUEUE[5])))
    browser.post(path.removesuffix("/amendment") + "/decide", {"act": "all"})
    assert "จะเพิ่มส่วนราชการ: กองสาธารณสุข" in browser.get(path).text
    assert browser.post(path, confirm(browser, path)).status_code == 303
    with adopted.read():
        assert "กองสาธารณสุข" in db.session.scalars(select(Division.name)).all()
        db.session.rollback()


def test_looking_again_stores_nothing(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL))
    assert browser.post(path, confirm(browser, path, again="1")).status_code == 200
    assert amendments(adopted) == []


def test_a_decision_made_since_the_page_was_opened_is_shown_first(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL, QUEUE, ETHICS))
    fields = confirm(browser, path)
    leave_out = {"act": "row", "row": "2", "take": "leave_out"}
    signed_in("coordinator").post(path.removesuffix("/amendment") + "/decide", leave_out)
    answer = browser.post(path, fields)
    assert answer.status_code == 422
    assert "มีผู้แก้การตัดสินใจระหว่างนั้น" in Page(answer.text).text
    assert amendments(adopted) == []


def test_a_page_opened_before_another_amendment_is_refused(adopted: World, signed_in: SignedIn) -> None:
    browser, other = signed_in("coordinator"), signed_in("coordinator")
    path = uploaded(browser, document(MANUAL))
    fields = confirm(browser, path)
    theirs = uploaded(other, document(MANUAL, QUEUE, ETHICS))
    assert other.post(theirs, confirm(other, theirs)).status_code == 303
    assert browser.post(path, fields).status_code == 422
    assert amendments(adopted) == [1]


def test_a_closed_plan_is_not_amended(adopted: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    path = uploaded(browser, document(MANUAL))
    fields = confirm(browser, path)
    with adopted.write():
        db.session.scalars(select(Plan)).one().state = PlanState.CLOSED
    assert "ปิดแล้ว" in browser.get(path).text
    assert browser.post(path, fields).status_code == 422
    preview = browser.get(path.removesuffix("/amendment"))
    assert "แผนปีงบประมาณ 2569 ปิดแล้ว" in preview.text
    assert path not in preview.links
    assert "/report/2569" in preview.links
    assert browser.post(path.removesuffix("/amendment") + "/adopt", {}).status_code == 422
    assert amendments(adopted) == []


def test_a_document_of_a_year_without_a_plan_in_force_leads_to_its_preview(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    window = "ต.ค. ๖๙ - ก.ย. ๗๐"
    path = uploaded(browser, document((*MANUAL[:3], window, *MANUAL[4:]), year="๒๕๗๐"))
    assert browser.open(path).location == path.removesuffix("/amendment")


def test_what_was_decided_about_the_first_document_holds_for_the_corrected_one(
    world: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    odd = (*QUEUE[:3], "เมื่อพร้อม", "งานจัดเก็บพิเศษ", "")
    preview = uploaded(browser, document(MANUAL, odd)).removesuffix("/amendment")
    for decision in (
        {"act": "name", "text": odd[4], "division": str(world.division_ids[2])},
        {"act": "row", "row": "2", "take": "window", "start": "2026-01-01", "end": "2026-03-31"},
        {"act": "follow_ups", "kind": "monthly"},
    ):
        assert browser.post(f"{preview}/decide", decision).status_code == 303
    adopt = f"{preview}/adopt"
    assert browser.post(adopt, browser.get(preview).form(adopt)).status_code == 303

    path = uploaded(browser, document(ETHICS, MANUAL, odd), "แผนแก้ไข.html")
    page = browser.get(path.removesuffix("/amendment"))

    assert "นำสิ่งที่ตัดสินใจไว้กับเอกสารฉบับก่อนมาใช้" in page.text
    assert "ต่างจากแผนปัจจุบัน: แก้ไข 0 เพิ่ม 1 ตัดออก 0 รายการ" in page.text
    browser.post(path, confirm(browser, path))
    assert amendments(world) == [1]


def test_a_measure_and_a_step_that_were_taken_out_are_not_asked_for_on_the_form(
    adopted: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    more = (MANUAL[0], f"๑. {MANUAL[1]} ๒. เปิดช่องทางร้องเรียน", "๑. ประชุมหารือ ๒. เผยแพร่บนเว็บไซต์", *MANUAL[3:])
    form = f"/work/1/{adopted.division_ids[0]}/2"
    for rows, asked in ((more, True), (MANUAL, False)):
        path = uploaded(browser, document(rows, QUEUE, title=f"ฉบับที่มี {asked}"))
        assert browser.post(path, confirm(browser, path)).status_code == 303
        words = signed_in("head0").get(form).text
        assert MANUAL[1] in words
        assert ("เปิดช่องทางร้องเรียน" in words) is asked
        assert ("เผยแพร่บนเว็บไซต์" in words) is asked
    assert amendments(adopted) == [1, 2]


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
def test_only_who_may_edit_the_plan_may_amend_it(adopted: World, signed_in: SignedIn, who: str) -> None:
    path = uploaded(signed_in("coordinator"), document(MANUAL))
    browser = signed_in(who)
    answer = browser.open(path)
    assert (answer.status_code == 403) is (who == "head0")
    if who != "head0":
        assert "ตัดออก" in answer.text
        assert 'name="apart"' not in answer.text
        assert [form for form in Page(answer.text).forms if not form.get("action")] == []
    assert browser.post(path, {"reason": "ลองดู"}).status_code == 403
