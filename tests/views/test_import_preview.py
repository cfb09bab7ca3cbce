"""The preview page: from an uploaded or pasted document by decisions to an adopted plan."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.actions.test_import_decisions import GOOD, NOW, document, row_with
from tests.client import Browser, Page
from tests.world import World
from tracker.actions import deciding, organising
from tracker.catalogue.assessment import INDICATORS
from tracker.database import db
from tracker.models import (
    Assessment,
    Division,
    Owned,
    Plan,
    PlanItem,
    PlanReading,
    PlanState,
    ScoreReference,
    Task,
)
from tracker.reading.apart import Opened, open_apart
from tracker.rules.states import TaskState

SignedIn = Callable[[str], Browser]
ROWS = (
    GOOD,
    row_with(heading="การใช้อำนาจ", responsible="งานพัสดุฯ", follow_up=""),
    row_with(heading="การใช้ทรัพย์สินของราชการ", window="เมื่อมีเวลา", responsible="กองสวัสดิการสังคม"),
    row_with(heading="การป้องกันการทุจริต", window="ม.ค.-มี.ค.๖๘", responsible=""),
)


class Desk:
    """The coordinator with a document on the table."""

    def __init__(self, browser: Browser, data: bytes, name: str = "plan.txt", **more: str) -> None:
        self.browser = browser
        answer = browser.post("/plan/upload", {"plan": (BytesIO(data), name), **more})
        assert answer.status_code == 303, Page(answer.text).text
        self.address = answer.location

    def page(self, status: int = 200, query: str = "") -> Page:
        return self.browser.get(self.address + query, status)

    def decide(self, **values: Any) -> TestResponse:
        return self.browser.post(f"{self.address}/decide", values)

    def decide_all(self) -> None:
        """Take every proposal, those that move a window to the plan's year too."""
        for act in ("all", "windows"):
            assert self.decide(act=act).status_code == 303

    def adopt(self, **values: str) -> TestResponse:
        return self.browser.post(f"{self.address}/adopt", self.page().form(f"{self.address}/adopt") | values)

    def undo(self, what: str) -> None:
        assert self.decide(act="undo", undo=what).status_code == 303

    def edit(self, number: int, **values: Any) -> TestResponse:
        """Post the form of a row as a browser would, with some of its fields changed."""
        address = f"{self.address}/rows/{number}"
        fields: dict[str, Any] = {
            name: value for name, value in self.page().form(address).items() if value and name != "leave_out"
        }
        for name, value in values.items():
            fields[name if name == "leave_out" else f"r{number}-{name}"] = value
        return self.browser.post(address, fields)


@pytest.fixture
def coordinator(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


@pytest.fixture
def desk(coordinator: Browser) -> Desk:
    return Desk(coordinator, document(*ROWS))


def rows(world: World, table: type[Owned]) -> int:
    with world.read():
        found = db.session.scalar(select(func.count()).select_from(table))
        db.session.rollback()
    return int(found or 0)


def test_the_page_puts_the_cells_beside_what_was_understood_with_problems_first(desk: Desk) -> None:
    page = desk.page()

    assert page.text.index("ต้องตอบ") < page.text.index("ควรดู")
    assert "ต.ค. ๖๘ - ก.ย. ๖๙" in page.text
    assert "1 ต.ค. 2568 – 30 ก.ย. 2569" in page.text
    assert "ยังมีเรื่องที่ต้องตอบ" not in page.text
    assert "ยังต้องตอบ 5 เรื่อง" in page.text


def test_every_proposal_is_taken_with_one_press_and_the_plan_adopted(world: World, desk: Desk) -> None:
    desk.decide(act="all")
    # What is written for another year is moved only by a press of its own.
    assert "แถวที่ 4: " in desk.page().text
    assert "ยังต้องตอบ 1 เรื่อง" in desk.page().text
    desk.decide(act="row", row="4", take="window", start="2026-01-01", end="2026-03-31")
    page = desk.page()
    assert "อ่านครบทุกแถว ไม่มีเรื่องค้าง" in page.text
    assert "กองสวัสดิการสังคม (ใหม่)" in page.text
    assert rows(world, Plan) == rows(world, Task) == 0

    answer = desk.adopt(document_number="ก 12/2568", document_on="3 ต.ค. 2568")

    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    with world.read():
        told = db.session.execute(select(Plan.state, Plan.document_number, Plan.fiscal_year)).one()
        aliases = {one.name: one.aliases for one in db.session.scalars(select(Division))}
        kinds = list(db.session.scalars(select(PlanItem.follow_up_kind).order_by(PlanItem.number)))
        db.session.rollback()
    assert tuple(told) == (PlanState.ADOPTED, "ก 12/2568", 2569)
    assert "งานพัสดุฯ" in aliases["กองคลัง"]
    assert "กองสวัสดิการสังคม" in aliases
    assert kinds == ["quarterly", "unspecified", "quarterly", "quarterly"]
    assert rows(world, Task) == 13


def test_a_decision_is_shown_in_green_and_undone(desk: Desk) -> None:
    desk.decide(act="follow_ups", kind="monthly")
    assert "ใช้: ทุกเดือน" in desk.page().text

    desk.undo("follow_ups")
    assert "ใช้: ทุกเดือน" not in desk.page().text
    assert "1 แถวไม่ได้เขียนรอบติดตามผล" in desk.page().text


def test_a_name_is_mapped_to_a_chosen_division_and_taken_back(world: World, desk: Desk) -> None:
    desk.decide(act="name", text="งานพัสดุฯ", division=str(world.division_ids[2]), remember="1")
    assert "“งานพัสดุฯ” คือ กองช่าง" in desk.page().text

    desk.undo("name:งานพัสดุฯ")
    assert "ไม่รู้จักชื่อ “งานพัสดุฯ” ในแถวที่ 2" in desk.page().text


def test_a_row_is_edited_in_place_and_the_forecast_follows(desk: Desk) -> None:
    answer = desk.edit(
        3, start="1 ม.ค. 2569", end="31 มี.ค. 2569", divisions=["สำนักปลัด", "กองคลัง"], measures="ก\nข\n\n"
    )

    assert (answer.status_code, answer.location) == (303, f"{desk.address}#row-3")
    page = desk.page()
    assert "2 มาตรการ · 4 งาน" in page.text
    assert "แก้แล้ว: มาตรการ, ผู้รับผิดชอบ, ช่วงเวลา" in page.text
    desk.undo("row:3")
    assert "แก้แล้ว:" not in desk.page().text


def test_a_row_saved_unchanged_changes_nothing(world: World, desk: Desk) -> None:
    assert desk.edit(1).status_code == 303

    with world.read():
        assert db.session.scalars(select(PlanReading)).one().decisions.get("edits") == {}
        db.session.rollback()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"start": "เมื่อวาน", "end": "31 มี.ค. 2569"}, "r1-start"),
        ({"start": "1 ม.ค. 2569", "end": "31 ธ.ค. 2568"}, "r1-end"),
        ({"start": "1 ต.ค. 2568", "end": "31 ธ.ค. 2569"}, "r1-end"),
        ({"measures": "  \n "}, "r1-measures"),
    ],
)
def test_what_cannot_be_kept_of_a_row_is_said_beside_its_field(
    world: World, desk: Desk, typed: dict[str, str], field: str
) -> None:
    answer = desk.edit(1, **typed)

    assert answer.status_code == 422
    assert field in Page(answer.text).beside
    with world.read():
        assert db.session.scalars(select(PlanReading)).one().decisions == {}
        db.session.rollback()


def test_a_row_is_left_out_and_brought_back(desk: Desk) -> None:
    desk.edit(3, leave_out="1")
    assert "ไม่รวมแถวที่ 3" in desk.page().text

    desk.undo("row:3")
    assert "ไม่รวมแถวที่ 3" not in desk.page().text


def test_the_year_is_chosen_where_the_text_has_none(coordinator: Browser) -> None:
    desk = Desk(coordinator, document(row_with(window="ตลอดปี"), title="มาตรการ"))
    assert "ไม่พบปีงบประมาณ" in desk.page().text

    desk.decide(act="year", year="๒๕๗๐")

    assert "1 ต.ค. 2569 – 30 ก.ย. 2570" in desk.page().text
    desk.undo("year")
    assert "ไม่พบปีงบประมาณ" in desk.page().text


def test_references_are_stored_as_they_were_ticked(world: World, coordinator: Browser) -> None:
    desk = Desk(coordinator, document(GOOD))
    assert "ตัวชี้วัดที่ 2 การใช้งบประมาณ" in desk.page().text

    desk.edit(1, references=[])
    desk.adopt()

    assert rows(world, ScoreReference) == 0


def test_a_quarter_that_looks_back_is_dropped_with_a_reason(world: World, coordinator: Browser) -> None:
    desk = Desk(coordinator, document(GOOD))
    assert "ย้อนหลัง 1 งาน" in desk.page().text

    refused = desk.decide(act="drop", quarter="1")
    assert refused.status_code == 422
    assert "reason" in Page(refused.text).beside

    desk.decide(act="drop", quarter="1", reason="ประกาศใช้หลังสิ้นไตรมาส")
    assert "จะเกิดงาน 3 งาน" in desk.page().text
    desk.adopt()

    with world.read():
        states = list(db.session.scalars(select(Task.state).order_by(Task.quarter)))
        db.session.rollback()
    assert states == [TaskState.CANCELLED, *[TaskState.OPEN] * 3]


def test_nothing_is_written_while_a_question_is_open(world: World, desk: Desk) -> None:
    assert desk.adopt().status_code == 422
    assert rows(world, Plan) == rows(world, PlanItem) == rows(world, Task) == 0
    assert rows(world, Division) == 5


def test_a_confirmation_after_another_persons_decision_is_shown_again(
    world: World, desk: Desk, signed_in: SignedIn
) -> None:
    desk.decide_all()
    seen = desk.page().form(f"{desk.address}/adopt")
    Browser(world.app).enter(world, "coordinator").post(
        f"{desk.address}/decide", {"act": "follow_ups", "kind": "monthly"}
    )

    answer = desk.browser.post(f"{desk.address}/adopt", seen)

    assert answer.status_code == 422
    page = Page(answer.text)
    assert "มีการเปลี่ยนแปลงหลังจากท่านเปิดหน้านี้" in page.text
    assert "ตัดสินใจเพิ่ม 1 แถวไม่ได้เขียนรอบติดตามผล ใช้: ทุกเดือน" in page.text
    assert rows(world, Plan) == 0
    assert desk.browser.post(f"{desk.address}/adopt", page.form(f"{desk.address}/adopt")).status_code == 303


def test_a_confirmation_after_the_register_changed_shows_what_that_does(world: World, desk: Desk) -> None:
    desk.edit(1, everyone="y", divisions=[])
    desk.decide_all()
    seen = desk.page().form(f"{desk.address}/adopt")
    with world.write():
        organising.add_division("กองใหม่", now=NOW, by=world.actor("coordinator"))

    answer = desk.browser.post(f"{desk.address}/adopt", seen)

    assert answer.status_code == 422
    assert "งานที่จะเกิด 37 งาน ขณะที่ท่านดู 33 งาน" in Page(answer.text).text
    assert rows(world, Plan) == 0


@pytest.mark.parametrize("seen", ["", "[]", "[1, 2, 3, 4]", "{", '[2569, {"names": 1}, "", 0]'])
def test_a_confirmation_of_nothing_that_was_seen_writes_nothing(world: World, desk: Desk, seen: str) -> None:
    desk.decide_all()

    assert desk.browser.post(f"{desk.address}/adopt", {"seen": seen}).status_code == 422
    assert rows(world, Plan) == 0


def test_windows_of_another_year_are_moved_together_by_a_press_of_their_own(
    world: World, coordinator: Browser
) -> None:
    late = row_with(heading="การใช้อำนาจ", window="ม.ค.-มี.ค.๖๘")
    good = [row_with(heading="การใช้งบประมาณ", measure=f"จัดทำสรุปผล เล่มที่ {n}") for n in range(3)]
    last = row_with(heading="การป้องกันการทุจริต", measure="อบรม", window="ก.ค.-ก.ย.๖๘")
    desk = Desk(coordinator, document(*good, late, last))
    assert "2 แถวเขียนระยะเวลาของปีอื่น" in desk.page().text
    assert "แถวที่ 5 เป็น 1 ก.ค. 2569 – 30 ก.ย. 2569" in desk.page().text

    desk.decide(act="all")
    assert "ยังต้องตอบ 2 เรื่อง" in desk.page().text
    desk.decide(act="windows")

    assert "ยังต้องตอบ" not in desk.page().text
    assert "แถวเขียนระยะเวลาของปีอื่น" not in desk.page().text


def test_the_same_file_goes_on_and_after_adoption_changes_nothing(world: World, desk: Desk) -> None:
    desk.decide_all()
    again = Desk(desk.browser, document(*ROWS))
    assert again.address == desk.address
    assert "ทำต่อจากที่ตัดสินใจไว้" in again.page().text
    desk.adopt()

    once_more = Desk(desk.browser, document(*ROWS))
    answer = desk.browser.open(once_more.address)

    assert (answer.status_code, answer.location) == (303, "/plan/2569")
    assert rows(world, Plan) == 1


def test_another_file_for_a_year_with_a_closed_plan_is_told_so(world: World, coordinator: Browser) -> None:
    plan_id = world.adopted_plan()
    with world.write():
        db.session.scalars(select(Plan).where(Plan.id == plan_id)).one().state = PlanState.CLOSED

    page = Desk(coordinator, document(GOOD)).page()

    assert "แผนปีงบประมาณ 2569 ปิดแล้ว" in page.text
    assert "/report/2569" in page.links


def test_a_corrected_file_for_a_plan_in_force_is_decided_first_and_then_shown_as_a_difference(
    world: World, coordinator: Browser
) -> None:
    world.adopted_plan()
    desk = Desk(coordinator, document(GOOD))

    page = desk.page()

    assert "ต่างจากแผนปัจจุบัน" in page.text
    assert f"{desk.address}/amendment" in page.links
    assert not [form for form in page.forms if form.get("action") == f"{desk.address}/adopt"]
    assert "plan.txt" in coordinator.get(f"{desk.address}/amendment").text


def test_the_latest_document_is_found_again(coordinator: Browser) -> None:
    assert coordinator.open("/plan/preview").location == "/plan/upload"
    desk = Desk(coordinator, document(GOOD))

    assert coordinator.open("/plan/preview").location == desk.address


def test_a_pasted_table_is_read(coordinator: Browser) -> None:
    html = "<p>ปีงบประมาณ พ.ศ. 2569</p><table><tr>"
    html += "".join(f"<th>{name}</th>" for name in ("มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ"))
    html += "</tr><tr>" + "".join(f"<td>{text}</td>" for text in ("จัดทำคู่มือ", "ร่าง", "ตลอดปี", "กองคลัง"))
    for pasted, name in ((html + "</tr></table>", "paste.html"), (document(GOOD).decode(), "paste.txt")):
        answer = coordinator.post("/plan/upload", {"pasted": pasted})

        assert answer.status_code == 303
        assert name in coordinator.get(answer.location).text


def test_neither_a_file_nor_a_text_is_said_beside_the_field(coordinator: Browser) -> None:
    answer = coordinator.post("/plan/upload", {"pasted": " "})

    assert answer.status_code == 422
    assert "plan" in Page(answer.text).beside


def test_a_document_without_a_plan_shows_what_was_read_what_was_sought_and_a_way_by_hand(
    coordinator: Browser,
) -> None:
    desk = Desk(coordinator, "เรื่อง ขอเชิญประชุม\nเรียน ทุกท่าน\n".encode())

    assert "ขอเชิญประชุม" in desk.page().text
    assert "หัวช่อง มาตรการ ขั้นตอน ระยะเวลา และผู้รับผิดชอบ" in desk.page().text
    assert "/plan/2569/start" in desk.page().links
    assert desk.adopt().status_code == 422


def test_what_documents_say_is_escaped(coordinator: Browser) -> None:
    bad = "<script>alert(1)</script>"
    desk = Desk(coordinator, document(row_with(heading=bad, measure=f"ทำ {bad}", responsible=bad)))

    assert bad not in coordinator.open(desk.address).text


def test_readings_of_another_organisation_do_not_exist(world: World, desk: Desk) -> None:
    stranger = Browser(world.app).enter(World(world.app, slug="neighbour"), "coordinator")

    for tail in ("/decide", "/rows/1", "/discard", "/adopt"):
        assert stranger.post(desk.address + tail, {"act": "all"}).status_code == 404
    assert stranger.open(desk.address).status_code == 404
    assert "plan.txt" not in stranger.get("/plan/upload").text


def test_a_reading_is_discarded(world: World, desk: Desk) -> None:
    assert "plan.txt" in desk.browser.get("/plan/upload").text

    desk.browser.post(f"{desk.address}/discard")

    assert rows(world, PlanReading) == 0


def in_form(data: bytes, pasted: bool) -> dict[str, Any]:
    return {"pasted": data.decode()} if pasted else {"plan": (BytesIO(data), "plan.txt")}


@pytest.mark.parametrize(
    ("limit", "lines", "pasted", "says"),
    [
        ({"seconds": 0.05}, 1, False, "ใช้เวลานานเกิน 0.05 วินาที"),
        ({"seconds": 0.05}, 2, True, "ใช้เวลานานเกิน 0.05 วินาที"),
        ({"megabytes": 60}, 60_000, False, "ใหญ่เกินกว่าจะอ่านได้"),
    ],
)
def test_a_document_beyond_a_limit_is_said_in_one_sentence_and_nothing_is_kept(
    world: World,
    coordinator: Browser,
    monkeypatch: pytest.MonkeyPatch,
    limit: dict[str, float],
    lines: int,
    pasted: bool,
    says: str,
) -> None:
    monkeypatch.setattr(deciding, "open_apart", partial(open_apart, **limit))
    data = document(GOOD) + "\n".join(f"ประกาศฉบับที่ {n} เรื่อง การเปิดเผยข้อมูล" for n in range(lines)).encode()

    answer = coordinator.post("/plan/upload", in_form(data, pasted))

    assert answer.status_code == 422
    assert says in Page(answer.text).beside["plan"]
    assert rows(world, PlanReading) == 0
    assert not list((world.app.extensions["tracker.config"].data / "sources").glob("*"))


def test_reading_keeps_no_writer_waiting(
    world: World, coordinator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While each page reads, another connection may take and give back the writer's lock at once."""
    file = world.app.extensions["tracker.config"].data / "tracker.db"
    reads = 0

    def slow(*asked: Any) -> Opened:
        nonlocal reads
        reads += 1
        other = sqlite3.connect(file, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        return open_apart(*asked)

    monkeypatch.setattr(deciding, "open_apart", slow)
    data = document(row_with(heading="การใช้อำนาจ", measure="อ่านช้า", window="เมื่อพร้อม", follow_up=""))

    def forgotten() -> None:
        deciding._opened.clear()

    desk = Desk(coordinator, data)
    deeds: tuple[Callable[[], TestResponse], ...] = (
        lambda: desk.browser.post(f"{desk.address}/rows/1", {"leave_out": "1"}),
        lambda: desk.decide(act="undo", undo="row:1"),
        lambda: desk.decide(act="all"),
        lambda: desk.decide(act="year", year="2570"),
        lambda: desk.decide(act="undo", undo="year"),
        desk.adopt,
    )
    for number, deed in enumerate(deeds, 2):
        forgotten()
        assert deed().status_code == 303, number
        assert reads >= number
    forgotten()
    corrected = Desk(coordinator, document(row_with(measure="อ่านช้าที่แก้ไข"), GOOD))
    forgotten()
    path = f"{corrected.address}/amendment"
    fields = coordinator.get(path).forms[-1]["fields"] | {"reason": "แก้ไข"}
    fields.pop("again")
    before = reads
    forgotten()
    assert coordinator.post(path, fields).status_code == 303
    assert reads == before + 1


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"act": "nonsense"},
        {"act": "name", "text": "งานพัสดุฯ", "division": "999999"},
        {"act": "name", "text": "ไม่มีในเอกสาร", "division": "nobody"},
        {"act": "follow_ups", "kind": "yearly"},
        {"act": "answer", "key": "x", "answer": "maybe"},
        {"act": "row", "row": "99", "take": "window", "start": "2026-01-01", "end": "2026-01-31"},
        {"act": "row", "row": "1", "take": "window", "start": "2026-02-30", "end": "2026-01-31"},
        {"act": "year", "year": "12"},
        {"act": "undo", "undo": "nonsense:1"},
    ],
)
def test_a_decision_that_does_not_fit_is_refused_and_keeps_nothing(
    world: World, desk: Desk, values: dict[str, str]
) -> None:
    assert desk.decide(**values).status_code in {400, 409, 422}
    with world.read():
        assert db.session.scalars(select(PlanReading)).one().decisions == {}
        db.session.rollback()


def test_rows_are_filtered_by_whether_they_want_something(desk: Desk) -> None:
    ids = desk.page(query="?show=read").ids

    assert "row-1" in ids
    assert "row-3" not in ids


def test_a_report_of_results_is_taken_as_a_plan_only_when_a_person_says_so(
    world: World, coordinator: Browser
) -> None:
    headings = "มาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\tผลการดำเนินงาน\tผลลัพธ์หรือความสำเร็จ"
    title = "รายงานผลการดำเนินการ ประจำปีงบประมาณ พ.ศ. ๒๕๖๘"
    cells = "จัดอบรม\tอบรม\tกองคลัง\tต.ค. 67 - ก.ย. 68\tอบรมแล้ว\tไม่มีเรื่องร้องเรียน"
    text = f"{title}\n{headings}\n{cells}\n"
    desk = Desk(coordinator, text.encode())
    assert "เป็นรายงานผลการดำเนินการ" in desk.page().text
    assert "ไม่มีเรื่องร้องเรียน" in desk.page().text

    desk.decide(act="results")

    assert "ใช้รายงานผลเป็นแผนของปีนั้น" in desk.page().text
    assert rows(world, Assessment) == 0


RESULTS = (
    "รายงานผลการดำเนินการ ประจำปีงบประมาณ พ.ศ. {year}\n"
    "มาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\tผลการดำเนินงาน\tผลลัพธ์หรือความสำเร็จ\n"
    "จัดอบรม\tอบรม\tกองคลัง\tไตรมาส 1-4\tอบรมแล้วสองรุ่น\tไม่มีเรื่องร้องเรียน\n"
)


def test_a_report_of_a_past_year_is_kept_as_its_record(world: World, coordinator: Browser) -> None:
    desk = Desk(coordinator, RESULTS.format(year=2567).encode())
    page = desk.page().text
    assert "เป็นรายงานผลการดำเนินการของปีงบประมาณ 2567" in page
    assert "เก็บเป็นบันทึกผลของปี 2567" in page

    answer = desk.decide(act="record")

    assert (answer.status_code, answer.location) == (303, "/report/2567")
    kept = coordinator.get("/report/2567").text
    assert "อบรมแล้วสองรุ่น" in kept
    assert "ไม่มีเรื่องร้องเรียน" in kept
    assert (rows(world, Plan), rows(world, Task)) == (1, 0)


def test_every_page_of_a_year_bears_a_record(world: World, coordinator: Browser) -> None:
    Desk(coordinator, RESULTS.format(year=2567).encode()).decide(act="record")

    coordinator.get("/plan/2567", 303)
    assert "อบรมแล้ว" not in coordinator.get("/plan/2567/tasks").text
    for address in (
        "/plan/2567/waiting",
        "/follow-up/year/2567",
        "/plan/2567/start",
        "/plan/2568",
        "/plan/2568/start",
    ):
        coordinator.get(address)
    coordinator.get("/report/2567/annual.docx", 404)
    assert coordinator.post("/report/2567/close", {}).status_code == 422
    assert coordinator.post("/report/2567/reopen", {}).status_code == 422


def test_a_report_of_a_year_with_a_plan_is_no_record_and_no_amendment(
    world: World, coordinator: Browser
) -> None:
    world.adopted_plan()
    desk = Desk(coordinator, RESULTS.format(year=2569).encode())

    page = desk.page().text

    assert "รายงานผลจึงไม่ทับ" in page
    assert "เก็บเป็นบันทึกผลของปี" not in page
    assert desk.decide(act="record").status_code == 422


def test_scores_of_a_report_are_kept_without_taking_it_as_a_plan(world: World, coordinator: Browser) -> None:
    cells = "".join(
        f"<td>{text}</td>" for text in ("จัดอบรม", "อบรม", "กองคลัง", "ต.ค. 67 - ก.ย. 68", "ทำแล้ว", "ดี")
    )
    heads = ("มาตรการ", "ขั้นตอน", "ผู้รับผิดชอบ", "ระยะเวลา", "ผลการดำเนินงาน", "ผลลัพธ์หรือความสำเร็จ")
    scores = "".join(
        f"<tr><td>{number}</td><td>{one.name}</td><td>{90 + number}.00</td></tr>"
        for number, one in enumerate(INDICATORS, 1)
    )
    text = (
        "<p>รายงานผลการดำเนินการ ประจำปีงบประมาณ พ.ศ. 2568</p><p>ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2567</p>"
        f"<table><tr><th>ลำดับ</th><th>ตัวชี้วัด</th><th>คะแนน</th></tr>{scores}</table><p>ตารางผล</p>"
        f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr><tr>{cells}</tr></table>"
    )
    desk = Desk(coordinator, text.encode(), "report.html")
    assert "เก็บเฉพาะคะแนน ITA ปี 2567" in desk.page().text

    desk.decide(act="scores")

    assert "เก็บเฉพาะคะแนน" not in desk.page().text
    assert (rows(world, Assessment), rows(world, Plan)) == (1, 0)
