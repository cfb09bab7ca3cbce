"""The pages on which stages, days off, holders and pauses are set."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import World
from tracker.database import db
from tracker.models import CalendarDay, Holding, Organisation, OutgoingMail, Pause, Position, User
from tracker.people import posts_on

SignedIn = Callable[[str], Browser]
FILE = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Special\r\n"
    b"DTSTART;VALUE=DATE:20251230\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


@pytest.fixture
def desk(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u2060", "")


def rows(world: World, model: Any) -> list[Any]:
    with world.read():
        db.session.rollback()
        found = list(db.session.scalars(select(model)))
        db.session.expunge_all()
        db.session.rollback()
    return found


def previewed(desk: Browser, path: str, given: dict[str, Any]) -> str:
    """Where a form leads that asks for a preview: an address that can be gone back to."""
    answer = desk.post(path, given)
    assert answer.status_code == 303
    return answer.location.partition("#")[0]


def test_stages_are_shown_on_a_real_due_day_before_they_are_saved(world: World, desk: Browser) -> None:
    fields = desk.get("/settings/stages").form("/settings/stages")
    fields |= {"task_before": "10", "due": "task:2025-12-31"}
    preview = desk.get(previewed(desk, "/settings/stages", fields | {"act": "preview"}))
    assert "10 วันก่อนกำหนด" in plain(preview.text)
    assert "19 ธ.ค. 2568" in plain(preview.text)
    assert "14 วันก่อนกำหนด" not in plain(preview.text)
    assert preview.form("/settings/stages")["task_before"] == "10"
    assert rows(world, Organisation)[0].stages is None
    assert desk.post("/settings/stages", fields | {"act": "save"}).status_code == 303
    assert rows(world, Organisation)[0].stages["task"]["before"] == [10]
    assert desk.get("/settings/stages").form("/settings/stages")["task_before"] == "10"


def test_what_cannot_be_read_stays_in_its_field_with_a_sentence(world: World, desk: Browser) -> None:
    fields = desk.get("/settings/stages").form("/settings/stages")
    answer = desk.post("/settings/stages", fields | {"task_before": "สิบ", "act": "save"})
    assert answer.status_code == 422
    assert 'value="สิบ"' in answer.text
    assert "เขียนจำนวนวัน 1 ถึง 60" in plain(answer.text)
    assert rows(world, Organisation)[0].stages is None


def test_a_typed_day_is_shown_with_what_it_moves_and_then_saved(world: World, desk: Browser) -> None:
    given = {"day": "30 ธ.ค. 2568", "name": "วันหยุดพิเศษ", "working": "no"}
    address = previewed(desk, "/settings/calendar/preview", given)
    preview = desk.get(address)
    assert "29 ธ.ค. 2568" in plain(preview.text)
    assert rows(world, CalendarDay) == []
    shown = {"day": "2025-12-30", "name": "วันหยุดพิเศษ", "working": "no"}
    assert shown.items() <= preview.form("/settings/calendar/save").items()
    assert desk.post("/settings/calendar/save", shown).status_code == 303
    [row] = rows(world, CalendarDay)
    assert (row.day, row.working, row.name) == (date(2025, 12, 30), False, "วันหยุดพิเศษ")
    assert "วันหยุดพิเศษ" in desk.get("/settings/calendar").text
    # Gone back to when it is done, the preview leads on.
    assert desk.open(address).location == "/settings/calendar"
    assert desk.post(f"/settings/calendar/{row.id}/remove").status_code == 303
    assert rows(world, CalendarDay) == []


@pytest.mark.parametrize(
    "given",
    [
        {"day": "เมื่อวาน", "name": "x", "working": "no"},
        {"day": "30 ธ.ค. 2568", "name": "", "working": "no"},
        {"day": "1 ธ.ค. 2568", "name": "x", "working": "no"},
        {"day": "31 ธ.ค. 2568", "name": "x", "working": "no"},
        {},
    ],
)
def test_a_day_that_cannot_be_taken_is_said(world: World, desk: Browser, given: dict[str, str]) -> None:
    assert desk.post("/settings/calendar/preview", given).status_code == 422
    assert rows(world, CalendarDay) == []


def test_a_calendar_file_is_read_and_shown_first(world: World, desk: Browser) -> None:
    page = desk.get(previewed(desk, "/settings/calendar/preview", {"ics": (BytesIO(FILE), "days.ics")}))
    assert page.form("/settings/calendar/save")["day"] == "2025-12-30"
    assert rows(world, CalendarDay) == []


def test_more_days_than_an_address_holds_are_shown_at_once(desk: Browser) -> None:
    first = date(2025, 12, 18)
    days = [f"{first + timedelta(days=number):%Y%m%d}" for number in range(90)]
    lines = [
        f"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:{day}\r\nSUMMARY:วันหยุดของหน่วยงาน\r\nEND:VEVENT" for day in days
    ]
    content = "\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR", ""]).encode()
    answer = desk.post("/settings/calendar/preview", {"ics": (BytesIO(content), "days.ics")})
    assert answer.status_code == 200
    assert answer.text.count('name="day"') > 50


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/settings/calendar/preview", "/settings/calendar"),
        ("/settings/calendar/preview?day=2025-12-01&working=no&name=x", "/settings/calendar"),
        ("/settings/stages?act=preview&task_before=ten", "/settings/stages"),
    ],
)
def test_an_address_without_a_usable_preview_leads_back(desk: Browser, address: str, leads_to: str) -> None:
    answer = desk.open(address)
    assert (answer.status_code, answer.location) == (303, leads_to)


@pytest.mark.parametrize("content", [b"not a calendar", FILE.replace(b"20251230", b"20251231")])
def test_a_file_without_a_usable_day_writes_nothing(world: World, desk: Browser, content: bytes) -> None:
    answer = desk.post("/settings/calendar/preview", {"ics": (BytesIO(content), "days.ics")})
    assert answer.status_code == 422
    assert rows(world, CalendarDay) == []


def position_id(world: World) -> int:
    return next(row.id for row in rows(world, Position) if row.title == "ผู้อำนวยการกองคลัง")


def test_a_position_is_handed_over_on_a_day(world: World, desk: Browser) -> None:
    place = position_id(world)
    given = {"user_id": str(world.users["head4"]), "from_on": "24 ธ.ค. 2568", "acting": "no"}
    assert desk.post(f"/settings/people/{place}/hand-over", given).status_code == 303
    with world.read():
        db.session.rollback()
        assert posts_on(date(2025, 12, 23))[place].holder_id == world.users["head1"]
        assert posts_on(date(2025, 12, 24))[place].holder_id == world.users["head4"]
        db.session.rollback()
    assert "ตั้งแต่ 24 ธ.ค. 2568" in plain(desk.get("/settings/people").text)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": ""}, "user_id"),
        ({"user_id": "999999"}, "user_id"),
        ({"from_on": "เร็ว ๆ นี้"}, "from_on"),
        ({"from_on": "1 ธ.ค. 2568"}, "from_on"),
        ({"until_on": "ภายหลัง"}, "until_on"),
        ({"until_on": "18 ธ.ค. 2568"}, "until_on"),
    ],
)
def test_a_hand_over_that_cannot_be_is_said_at_its_field(
    world: World, desk: Browser, changes: dict[str, str], field: str
) -> None:
    place = position_id(world)
    given = {"user_id": str(world.users["head4"]), "from_on": "24 ธ.ค. 2568", "acting": "yes"} | changes
    answer = desk.post(f"/settings/people/{place}/hand-over", given)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert len([row for row in rows(world, Holding) if row.position_id == place]) == 1


def test_mailbox_invitation_and_the_end_of_an_office(world: World, desk: Browser) -> None:
    place = position_id(world)
    assert desk.post(f"/settings/people/{place}/mailbox", {"mailbox": "ไม่ใช่"}).status_code == 422
    desk.post(f"/settings/people/{place}/mailbox", {"mailbox": "finance@tuayang.example"})
    assert next(row for row in rows(world, Position) if row.id == place).mailbox == "finance@tuayang.example"
    holding = next(row for row in rows(world, Holding) if row.position_id == place)
    address = f"/settings/people/holdings/{holding.id}/end"
    refused = desk.post(address, {"last_on": "31 ก.พ. 2569"})
    assert refused.status_code == 422
    # What was typed stays in its field, which is marked.
    [field] = re.findall(rf'<input[^>]*id="last_on-{holding.id}"[^>]*>', refused.text)
    assert 'value="31 ก.พ. 2569"' in field
    assert f'aria-describedby="last_on-{holding.id}-error"' in field
    assert desk.post(address, {"last_on": "19 ธ.ค. 2568"}).status_code == 303
    invited = {"name": "คนใหม่", "email": "new@tuayang.example"}
    assert desk.post(f"/settings/people/{place}/invite", invited).status_code == 303
    assert desk.post(f"/settings/people/{place}/invite", invited).status_code == 422
    assert [row.kind for row in rows(world, OutgoingMail)] == ["invitation"]
    assert "new@tuayang.example" in [row.address for row in rows(world, User)]


def test_a_position_is_called_by_another_name(world: World, desk: Browser) -> None:
    address = f"/settings/people/{position_id(world)}"
    assert desk.get(address).form(f"{address}/title")["title"] == "ผู้อำนวยการกองคลัง"
    assert desk.post(f"{address}/title", {"title": " นักบริหารงานคลัง "}).status_code == 303
    assert "นักบริหารงานคลัง" in desk.get("/settings/people").text
    for taken in ("", "  ", "หัวหน้า สำนักปลัด"):
        answer = desk.post(f"{address}/title", {"title": taken})
        assert answer.status_code == 422
        assert Page(answer.text).beside["title"]
    assert "นักบริหารงานคลัง" in desk.get(address).text


def test_a_file_with_buddhist_years_is_told_why_none_of_its_days_is_taken(desk: Browser) -> None:
    content = FILE.replace(b"2025", b"2568").replace(b"2026", b"2569")
    answer = desk.post("/settings/calendar/preview", {"ics": (BytesIO(content), "days.ics")})
    assert answer.status_code == 422
    assert "ปีในไฟล์ต้องเป็น ค.ศ." in answer.text


def test_a_pause_is_set_shown_everywhere_and_ended(world: World, desk: Browser, signed_in: SignedIn) -> None:
    given = {"about": "organisation", "until_on": "30 ธ.ค. 2568", "reason": "ย้ายสำนักงาน"}
    assert desk.post("/reminders/pauses", given | {"reason": ""}).status_code == 422
    assert desk.post("/reminders/pauses", given | {"about": "group:1:1:9"}).status_code == 404
    assert desk.post("/reminders/pauses", given | {"about": "position:999999"}).status_code == 422
    assert desk.post("/reminders/pauses", given).status_code == 303
    assert "พักการเตือนทั้งหน่วยงานถึง 30 ธ.ค. 2568" in plain(desk.get("/plan/2569").text)
    assert "พักการเตือนทั้งหน่วยงาน" not in signed_in("head0").get("/work").text
    assert "ย้ายสำนักงาน" in desk.get("/reminders").text
    [row] = rows(world, Pause)
    assert desk.post(f"/reminders/pauses/{row.id}/end").status_code == 303
    assert "พักการเตือนทั้งหน่วยงาน" not in plain(desk.get("/plan/2569").text)


def test_a_second_press_makes_no_second_pause_and_a_new_pause_takes_the_place_of_the_old(
    world: World, desk: Browser
) -> None:
    given = {"about": "organisation", "until_on": "30 ธ.ค. 2568", "reason": "ย้ายสำนักงาน"}
    for _press in range(2):
        assert desk.post("/reminders/pauses", given).status_code == 303
    assert len(rows(world, Pause)) == 1
    assert desk.post("/reminders/pauses", given | {"until_on": "19 ธ.ค. 2568"}).status_code == 303
    [last] = [row for row in rows(world, Pause) if row.ended_on is None]
    assert "19 ธ.ค. 2568" in plain(desk.get("/plan/2569").text)
    assert desk.post(f"/reminders/pauses/{last.id}/end").status_code == 303
    assert "พักการเตือนทั้งหน่วยงาน" not in plain(desk.get("/plan/2569").text)


def test_a_group_is_paused_from_its_own_page(world: World, desk: Browser) -> None:
    told = f"/reminders/group/1/{world.division_ids[0]}/1"
    subject = f"group:1:{world.division_ids[0]}:1"
    [link] = [link for link in desk.get(told).links if link.startswith("/reminders/pauses")]
    assert subject in desk.get(link).text or "สำนักปลัด ไตรมาส 1" in plain(desk.get(link).text)
    given = {"about": subject, "until_on": "30 ธ.ค. 2568", "reason": "รอเอกสาร"}
    assert desk.post("/reminders/pauses", given).status_code == 303
    assert "รอเอกสาร" in desk.get(told).text


def test_the_clerk_reads_and_changes_nothing(world: World, signed_in: SignedIn) -> None:
    clerk = signed_in("clerk")
    for path in ("/settings/stages", "/settings/calendar", "/settings/people", "/reminders/pauses"):
        clerk.get(path)
        assert "btn-go" not in clerk.open(path).text
    assert clerk.post("/settings/stages", {"act": "save"}).status_code == 403
    assert clerk.post(f"/settings/people/{position_id(world)}/mailbox", {"mailbox": ""}).status_code == 403
