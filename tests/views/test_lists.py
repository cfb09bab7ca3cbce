"""Cells open exactly the list that they count; lists say what they are limited to; empty pages say what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from tests.client import Browser
from tests.deeds import approve, group_of, prove, report
from tests.world import World
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
YEAR = "/plan/2569"


@pytest.fixture
def year(world: World) -> World:
    """Two measures of all five divisions, together in one form a quarter; the first division waits for approval."""
    world.adopted_plan()
    report(world, group_of(world))
    return world


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_every_cell_of_a_measure_opens_the_list_that_it_counts(year: World, signed_in: SignedIn) -> None:
    browser = signed_in("chief")
    page = browser.get(f"{YEAR}/measures")
    lists = [link for link in page.links if "/tasks?" in link]
    of_cells = [link for link in lists if "look=" not in link]
    assert len(of_cells) == 2
    assert len(lists) > len(of_cells)
    for link in lists:
        text = plain(browser.get(link).text)
        assert re.search("เล่มที่ [12] · ไตรมาส [1-4] · [45] แบบรายงาน", text)


def test_a_list_says_what_it_is_limited_to_and_keeps_it(year: World, signed_in: SignedIn) -> None:
    browser = signed_in("chief")
    page = browser.get(f"{YEAR}/tasks?division={year.division_ids[0]}&quarter=1")
    assert "สำนักปลัด · ไตรมาส 1 · 1 แบบรายงาน" in plain(page.text)
    (waiting,) = [link for link in page.links if "look=submitted" in link]
    assert f"division={year.division_ids[0]}" in waiting
    assert "quarter=1" in waiting
    kept = next(form["fields"] for form in page.forms if "q" in form["fields"])
    assert kept == {"q": "", "division": str(year.division_ids[0]), "quarter": "1"}
    assert f"{YEAR}/tasks" in page.links


def test_lists_of_a_year_without_a_plan_say_so(year: World, signed_in: SignedIn) -> None:
    assert "ยังไม่มีแผนของปีนี้" in signed_in("chief").get("/plan/2570/tasks").text


def test_nothing_to_approve_leads_on_to_all_tasks(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    page = signed_in("coordinator").get(f"{YEAR}/waiting")
    assert "ไม่มีงานที่รอ" in page.text
    assert f"{YEAR}/tasks" in page.links


def test_what_waits_is_marked_in_the_menu_as_the_coordinators_own_work(
    year: World, signed_in: SignedIn
) -> None:
    shown = signed_in("coordinator").open(f"{YEAR}/waiting").text
    assert set(re.findall(r'<a href="([^"]+)" aria-current="page"', shown)) == {"/work"}


def test_a_year_in_draft_leads_its_coordinator_to_the_draft_and_asks_nobody_else_for_a_file(
    world: World, signed_in: SignedIn
) -> None:
    with world.write():
        world.add_plan([])
    coordinator, head = signed_in("coordinator"), signed_in("head0")
    page = coordinator.get(YEAR)
    # Before the first plan is in force the guide stands here, which leads to the draft as well.
    assert f"{YEAR}/draft" in page.links
    text = head.get(YEAR).text
    assert "อัปโหลด" not in text
    assert "เมื่อผู้ประสานงานประกาศใช้แผนแล้ว" in text


def test_a_later_year_in_draft_is_called_a_draft(year: World, signed_in: SignedIn) -> None:
    with year.write():
        year.add_plan([], fiscal_year=2570)
    page = signed_in("coordinator").get("/plan/2570")
    assert "แผนของปีนี้ยังเป็นร่าง" in page.text
    assert "/plan/2570/draft" in page.links


def test_who_was_told_of_a_measure_leads_back_to_its_tasks(year: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    group = group_of(year)
    told = browser.get(f"/reminders/group/{group.item_id}/{group.division_id}/{group.quarter}")
    (first, *_others) = [link for link in told.links if "/reminders/measure/" in link]
    measure = first.rpartition("/")[2]
    page = browser.get(first)
    assert f"{YEAR}/tasks?measure={measure}" in page.links
    assert "ส่วนราชการรายงาน ครั้งที่ 1" in plain(page.text)


def test_the_overview_rounds_down_as_the_reports_do(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan([(1, range(3), date(2025, 10, 1), date(2025, 12, 31))])
    for place in range(2):
        prove(world, group_of(world, place))
        report(world, group_of(world, place), Claim.COMPLETE, who=f"head{place}")
        approve(world, group_of(world, place))
    chief = signed_in("chief")
    assert "66% 2 จาก 3 งาน" in plain(chief.get(YEAR).text)
    assert "66% 2/3" in plain(chief.get(f"{YEAR}/executive").text)


@pytest.mark.parametrize("who", ["head0", "coordinator", "clerk", "chief"])
def test_what_the_bar_of_a_phone_has_no_room_for_stands_in_the_menu_of_the_person(
    year: World, signed_in: SignedIn, who: str
) -> None:
    text = signed_in(who).open(YEAR).text
    inside = {
        name: set(
            re.findall('<a [^>]*href="([^"]+)"', text.partition(f'class="{name}"')[2].partition("</ul>")[0])
        )
        for name in ("nav-top", "nav-bottom", "only-narrow")
    }
    assert inside["nav-top"] == inside["nav-bottom"] | inside["only-narrow"]
    assert "/scores/2568" in inside["only-narrow"]
