"""My work in parts, searched and paged by the address; and as a calendar."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import date

import icalendar
import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.deeds import group_of, report
from tests.world import World, at
from tracker.actions import planning
from tracker.database import db
from tracker.models import CalendarFeed, JournalEntry
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
MOST_BYTES = 20_000


@pytest.fixture
def year(world: World) -> None:
    """Three items of the first division: the year, October alone, the last days of December."""
    world.adopted_plan(
        [
            (1, [0, 1], *YEAR),
            (1, [0], date(2025, 10, 1), date(2025, 10, 31)),
            (1, [0], date(2025, 12, 1), date(2025, 12, 19)),
        ]
    )


def works(browser: Browser, address: str) -> list[str]:
    return [link for link in browser.get(address).links if link.startswith("/work/")]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("late", {(2, 1)}),
        ("week", {(3, 1)}),
        ("quarter", {(1, 1)}),
        ("nonsense", {(2, 1), (3, 1), (1, 1), (1, 2), (1, 3), (1, 4)}),
    ],
)
@pytest.mark.usefixtures("year")
def test_the_address_chooses_a_part(
    world: World, signed_in: SignedIn, part: str, expected: set[tuple[int, int]]
) -> None:
    own = world.division_ids[0]
    listed = works(signed_in("head0"), f"/work?show={part}")
    assert set(listed) == {f"/work/{item}/{own}/{quarter}" for item, quarter in expected}


@pytest.mark.usefixtures("year")
def test_what_was_sent_is_a_part_of_its_own(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world))
    page = signed_in("head0").get("/work?show=done")
    assert [link for link in page.links if link.startswith("/work/")] == [group_of(world).path]
    assert "งานที่ส่งแล้ว 1 เรื่อง" in page.text


@pytest.mark.usefixtures("year")
@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("ู", 6),
        ("คู่มือ", 6),
        ("ไตรมาส ๔", 1),
        ("ไตรมาส 4 คู่มือ", 1),
        ("เล่มที่ 1", 6),
        ("กองคลัง", 0),
        ("100%", 0),
        ("'", 0),
    ],
)
def test_every_word_must_be_found_and_digits_are_the_same(
    signed_in: SignedIn, words: str, number: int
) -> None:
    browser = signed_in("head0")
    address = f"/work?q={words.replace('%', '%25')}"
    assert len(works(browser, address)) == number
    if not number:
        assert "ไม่พบงานที่ตรงกัน" in browser.get(address).text


def test_a_long_list_is_paged_and_small(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan([(1, range(5), *YEAR)] * 30)
    browser = signed_in("head0")
    first, second = (works(browser, f"/work?show={part}") for part in ("", "&page=2"))
    assert (len(first), len(second), set(first) & set(second)) == (20, 20, set())
    assert works(browser, "/work?page=99") == works(browser, "/work?page=6")
    page = browser.get("/work?q=คู่มือ&page=2")
    following = [link for link in page.links if "page=3" in link]
    assert following
    assert all("q=" in link for link in following)
    answer = browser.open("/work")
    assert len(gzip.compress(answer.data)) <= MOST_BYTES
    assert answer.text.count('class="task"') + answer.text.count('class="task urgent"') == 20


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "๒"])
@pytest.mark.usefixtures("year")
def test_any_page_number_shows_a_page(signed_in: SignedIn, page: str) -> None:
    assert works(signed_in("head0"), f"/work?page={page}")


def test_a_follow_up_is_found_where_its_due_day_falls(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])

    def asked(browser: Browser, query: str) -> bool:
        return any(re.fullmatch(r"/follow-up/\d+", link) for link in browser.get(query).links)

    # The six-month round is due on Thursday 16 April.
    for day, parts in (
        ("2026-04-02", {"quarter"}),
        ("2026-04-13", {"week"}),
        ("2026-04-17", {"late"}),
    ):
        clock.move_to(at(day))
        browser = signed_in("head0")
        found = {part for part in ("late", "week", "quarter", "done") if asked(browser, f"/work?show={part}")}
        assert found == parts
        assert asked(browser, "/work")
    # The first two quarters and the round.
    assert re.search(r"เกินกำหนด\s+3\b", browser.get("/work").text)
    assert asked(browser, "/work?q=ติดตาม ๖")
    assert not asked(browser, "/work?q=คู่มือ")


def test_what_another_year_still_asks_is_told(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2025, 10, 31))])
    with world.write():
        plan = world.add_plan([(1, [0, 1], date(2026, 10, 1), date(2027, 9, 30))], fiscal_year=2570)
        planning.adopt(plan, now=at("2026-09-01"), by=world.actor("coordinator"))
    clock.move_to(at("2026-10-05"))
    browser = signed_in("head0")
    page = browser.get("/work")
    assert "ปีงบประมาณ\u00a02569 ยังมีงานที่ต้องทำ" in page.text.replace("ปีงบประมาณ 2569", "ปีงบประมาณ\u00a02569")
    assert "/work?year=2569" in page.links
    assert works(browser, "/work?year=2569") == [group_of(world).path]
    assert "/work?year=2570" not in browser.get("/work").links
    assert "/work?year=2569" not in signed_in("head1").get("/work").links
    assert works(browser, "/work?year=abc")


# The calendar


def address(browser: Browser, world: World) -> str:
    """The path of a new feed of the first division."""
    made = browser.post(f"/work/calendar/{world.division_ids[0]}")
    assert made.status_code == 303
    return str(made.location)


def days(world: World, feed: str) -> dict[str, date]:
    """What a calendar program reads, without being signed in."""
    answer = Browser(world.app).open(f"{feed}/due.ics")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    events = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(event["uid"]): event["dtstart"].dt for event in events}


@pytest.mark.usefixtures("year")
def test_the_due_days_are_read_by_whoever_has_the_address(world: World, signed_in: SignedIn) -> None:
    feed = address(signed_in("head0"), world)
    assert f"{feed}/due.ics" in Browser(world.app).get(feed).text
    group = group_of(world, item=3)
    found = days(world, feed)
    assert found[f"{group.subject}@{world.organisation_id}"] == date(2025, 12, 19)
    report(world, group, Claim.COMPLETE, no_evidence_reason="ไม่มี")
    assert len(days(world, feed)) == len(found) - 1
    own = str(world.division_ids[0])
    assert {key.split(":")[2] for key in found if key.startswith("group:")} == {own}


@pytest.mark.usefixtures("year")
def test_a_follow_up_is_in_the_calendar_before_it_opens(world: World, signed_in: SignedIn) -> None:
    found = days(world, address(signed_in("head0"), world))
    assert date(2026, 4, 16) in {day for key, day in found.items() if key.startswith("follow-up:")}


@pytest.mark.usefixtures("year")
def test_a_new_address_ends_the_old_one_and_only_hashes_are_kept(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("head0")
    first, second = address(browser, world), address(browser, world)
    assert Browser(world.app).open(f"{first}/due.ics").status_code == 404
    assert days(world, second)
    browser.post(f"/work/calendar/{world.division_ids[0]}/end")
    assert Browser(world.app).open(second).status_code == 404
    with world.read():
        db.session.rollback()
        kept = " ".join(db.session.scalars(select(CalendarFeed.token_hash)))
        told = [row.deed for row in db.session.scalars(select(JournalEntry).order_by(JournalEntry.id))][-4:]
        db.session.rollback()
    assert first.rpartition("/")[2] not in kept
    assert told == [
        "calendar_feed.opened",
        "calendar_feed.ended",
        "calendar_feed.opened",
        "calendar_feed.ended",
    ]


@pytest.mark.usefixtures("year")
def test_nobody_opens_the_calendar_of_another_division(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("head1")
    for path in ("", "/end"):
        assert browser.post(f"/work/calendar/{world.division_ids[0]}{path}").status_code == 404
    assert Browser(world.app).open("/calendar/unknown/due.ics").status_code == 404


def test_a_week_ends_on_sunday(world: World, signed_in: SignedIn, clock: time_machine.Traveller) -> None:
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2025, 12, 22))])
    assert works(signed_in("head0"), "/work?show=week") == []
    clock.move_to(at("2025-12-22"))
    assert len(works(signed_in("head0"), "/work?show=week")) == 1


@pytest.mark.usefixtures("year")
def test_what_was_sent_and_is_not_approved_is_not_called_done(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world, item=2), Claim.COMPLETE, no_evidence_reason="ไม่มี")
    page = signed_in("head0").get("/work").text
    assert re.search(r"ส่งแล้ว\s+1\b", page)
    assert "แล้วเสร็จ" not in page


def test_before_the_plan_is_in_force_the_list_says_what_comes(signed_in: SignedIn) -> None:
    page = signed_in("head0").get("/work").text
    assert "เมื่อผู้ประสานงานประกาศใช้แผน งานจะขึ้นที่นี่" in page
    assert "ไม่มีงานค้าง ขอบคุณ" not in page
