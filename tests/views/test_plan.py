"""The dashboard adds up, and the list of tasks finds what is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import time_machine

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report, send_back, task_ids
from tests.world import World, at
from tracker.app import Tracker
from tracker.rules.claims import Claim
from tracker.rules.official import percent

SignedIn = Callable[[str], Browser]


@pytest.fixture
def lived(world: World, clock: time_machine.Traveller) -> World:
    """January: of 40 tasks 2 are approved, 2 wait, 2 were sent back, 2 are stuck and late, 2 late, 30 to come."""
    world.adopted_plan()
    for place in range(4):
        claim = Claim.STUCK if place == 3 else Claim.AS_PLANNED
        report(world, group_of(world, place), claim, who=f"head{place}", problems="ขาดงบประมาณ")
    approve(world, group_of(world, 0))
    clock.move_to(at("2026-01-06"))
    send_back(world, group_of(world, 2), at("2026-01-06"))
    return world


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def test_the_numbers_of_the_dashboard_add_up(lived: World, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/plan/2569")
    looks = re.findall(r"/plan/2569/tasks\?look=(\w+)", " ".join(page.links))
    assert looks == ["overdue", "stuck", "due_soon", "submitted", "in_progress", "approved", "open"]
    words = " ".join(
        f"{word} ([0-9]+)"
        for word in ("เกินกำหนด", "ติดปัญหา", "ใกล้กำหนด", "รออนุมัติ", "กำลังทำ", "เสร็จ", "ยังไม่ถึง")
    )
    found = re.search(f"2 จาก 40 งาน 5% {words}", plain(page))
    assert found is not None
    assert [int(number) for number in found.groups()] == [4, 2, 2, 2, 0, 2, 30]
    assert "ตรวจงาน 1 เรื่อง" in plain(page)


@pytest.mark.parametrize("parts", [(199, 200), (3, 114), (7, 7), (0, 0)])
def test_the_dashboard_rounds_down_like_the_one_page_and_the_report(
    app: Tracker, parts: tuple[int, int]
) -> None:
    said = app.jinja_env.get_template("macros/progress.html").module.percent(*parts)  # type: ignore[attr-defined]
    assert said.strip() == f"{percent(*parts)}%"


def test_each_division_and_quarter_has_its_cell(lived: World, signed_in: SignedIn) -> None:
    page = signed_in("chief").get("/plan/2569")
    cells = [link for link in page.links if "quarter=" in link]
    assert len(cells) == 5 * 4
    assert "division=" in cells[0]


def test_who_does_not_decide_sees_no_button_for_it(lived: World, signed_in: SignedIn) -> None:
    page = signed_in("chief").get("/plan/2569")
    assert "/plan/2569/waiting" not in page.links
    assert signed_in("chief").open("/plan/2569/waiting").status_code == 403


def found(page: Page) -> list[str]:
    """The forms that a list of tasks leads to."""
    return list(dict.fromkeys(link for link in page.links if re.match(r"/work/\d+/\d+/\d", link)))


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 20),
        ("look=approved", 1),
        ("look=submitted", 1),
        ("look=stuck", 1),
        ("look=overdue", 2),
        ("look=open", 15),
        ("look=nothing", 0),
        ("quarter=1", 5),
        ("quarter=9", 0),
        ("quarter=abc", 20),
        ("division=99999999999999999999", 20),
        ("q=กองคลัง", 4),
        ("q=คู่มือการให้บริการ เล่มที่ ๑", 20),
        ("q=  คู่มือ\u200b", 20),
        ("q=ไม่มีคำนี้", 0),
        ("q=กองคลัง&quarter=1&look=submitted", 1),
    ],
)
def test_the_list_of_tasks_is_filtered(lived: World, signed_in: SignedIn, query: str, number: int) -> None:
    page = signed_in("coordinator").get(f"/plan/2569/tasks?{query}")
    assert len(found(page)) == number
    assert f"{number} แบบรายงาน" in plain(page)


def test_the_words_that_were_searched_stay_in_the_field(lived: World, signed_in: SignedIn) -> None:
    page = signed_in("chief").get('/plan/2569/tasks?q="><script>')
    [search] = [form for form in page.forms if form.get("role") == "search"]
    assert search["fields"]["q"] == '"><script>'


def test_each_number_of_the_dashboard_is_of_the_tasks_it_leads_to(lived: World, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get(f"/plan/2569/tasks?division={lived.division_ids[1]}")
    assert len(found(page)) == 4
    assert {link.split("/")[3] for link in found(page)} == {str(lived.division_ids[1])}


def test_a_year_without_a_plan_offers_the_coordinator_to_start_one(lived: World, signed_in: SignedIn) -> None:
    assert "/plan/2580/start" in signed_in("coordinator").get("/plan/2580").links
    page = signed_in("chief").get("/plan/2580")
    assert "ยังไม่มีแผนของปีนี้" in page.text
    assert "/plan/2580/start" not in page.links


def test_who_may_edit_the_plan_is_offered_to_upload_a_corrected_one(
    lived: World, signed_in: SignedIn
) -> None:
    words = "อัปโหลดแผนที่แก้ไข"
    page = signed_in("coordinator").get("/plan/2569")
    assert ("/plan/upload" in page.links, words in page.text) == (True, True)
    page = signed_in("chief").get("/plan/2569")
    assert ("/plan/upload" in page.links, words in page.text) == (True, False)
    assert "/plan/upload" not in signed_in("head0").get("/plan/2569").links


def test_the_year_that_was_looked_at_stays_chosen(lived: World, signed_in: SignedIn) -> None:
    person = signed_in("chief")
    assert "/report/2569" in person.get("/plan/2569").links
    assert person.open("/").location == "/plan/2569"


def test_what_is_not_needed_is_not_counted(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    first, second = task_ids(world, group_of(world))
    report(
        world,
        group_of(world),
        {first: Claim.COMPLETE, second: Claim.AS_PLANNED},
        no_evidence_reason="อยู่ในเล่มรวม",
    )
    assert "0 จาก 37 งาน" in plain(signed_in("chief").get("/plan/2569"))
