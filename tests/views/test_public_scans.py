"""The signed scan on the published pages: offered first, kept from the public until then, a tombstone afterwards."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
import time_machine

from tests.client import Browser, Page
from tests.deeds import settle
from tests.world import World, at

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")
ADDRESS = "/p/tuayang/2569"
DESK = "/report/2569/publication"
VERSION = "/report/2569/annual/1"
SCAN = f"{ADDRESS}/1/signed"
PAPER = b"%PDF-1.7 signed by hand %%EOF"


@pytest.fixture
def person(world: World, signed_in: SignedIn) -> Browser:
    """The coordinator of a closed year."""
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    settle(world, NOW)
    person = signed_in("coordinator")
    assert person.post("/report/2569/close").status_code == 303
    return person


def attach(person: Browser, paper: bytes = PAPER) -> None:
    assert person.post(f"{VERSION}/scan", {"scan": (BytesIO(paper), "ลงนาม.pdf")}).status_code == 303


def remove(person: Browser, reason: str) -> None:
    assert person.post(f"{VERSION}/scan/remove", {"reason": reason}).status_code == 303


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def test_the_scan_is_offered_first_in_both_languages(person: Browser, browser: Browser) -> None:
    assert person.post(DESK).status_code == 303
    unsigned = browser.get(ADDRESS)
    assert SCAN not in unsigned.links
    assert browser.open(SCAN).status_code == 404
    attach(person)
    for language in ("", "?language=en"):
        page = browser.get(ADDRESS + language)
        offered = [
            link for link in page.links if link.startswith(f"{ADDRESS}/1/") and not link[-1].isdecimal()
        ]
        files = [link for link in offered if not link.startswith(f"{ADDRESS}/1/1")]
        assert files[0] == SCAN + language
        assert f"{ADDRESS}/1/report.pdf{language}" in files
    assert "สำเนาที่ลงนาม PDF" in plain(browser.get(ADDRESS))
    answer = browser.open(SCAN)
    assert answer.data == PAPER
    assert answer.mimetype == "application/pdf"
    assert "tuayang-2569-v1-signed.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers.getlist("Set-Cookie") == []
    assert browser.open(SCAN, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_who_has_the_page_is_told_of_a_new_scan_and_the_package_takes_it(
    person: Browser, browser: Browser
) -> None:
    person.post(DESK)
    before = browser.open(ADDRESS).headers["ETag"]
    package = f"{ADDRESS}/1/package.zip"
    assert names(browser.open(package).data)[0] == "annual-2569.pdf"
    attach(person)
    assert browser.open(ADDRESS, headers={"If-None-Match": before}).status_code == 200
    assert names(browser.open(package).data)[0] == "signed-2569.pdf"


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return archive.namelist()


def test_a_removed_scan_leaves_its_day_and_reason_until_the_next_one(
    person: Browser, browser: Browser
) -> None:
    attach(person)
    person.post(DESK)
    assert "ทุกคนที่เปิดหน้าเว็บจะเห็นเหตุผล" in plain(person.get(VERSION))
    remove(person, "สแกนขาดหน้าสุดท้าย")
    gone = browser.open(SCAN)
    assert gone.status_code == 410
    assert gone.headers["X-Robots-Tag"] == "noindex"
    assert gone.headers["Cache-Control"] == "no-store"
    assert "สแกนขาดหน้าสุดท้าย" in gone.text
    assert "17 ธันวาคม 2568" in plain(Page(gone.text))
    english = browser.open(f"{SCAN}?language=en")
    assert (english.status_code, Page(english.text).language) == (410, "en")
    assert SCAN not in browser.get(ADDRESS).links
    assert "ทุกคนจะเปิดสำเนานี้ได้ทันทีที่แนบ" in plain(person.get(VERSION))
    attach(person, b"%PDF-1.7 all pages %%EOF")
    assert browser.open(SCAN).data == b"%PDF-1.7 all pages %%EOF"


def test_a_scan_that_nobody_outside_ever_saw_leaves_nothing(
    person: Browser, browser: Browser, clock: time_machine.Traveller
) -> None:
    attach(person)
    assert browser.open(SCAN).status_code == 404
    remove(person, "เหตุผลภายใน")
    clock.shift(60)
    person.post(DESK)
    answer = browser.open(SCAN)
    assert answer.status_code == 404
    assert "เหตุผลภายใน" not in answer.text


def test_a_withdrawn_version_takes_its_scan_with_it(person: Browser, browser: Browser) -> None:
    attach(person)
    person.post(DESK)
    person.post(DESK, {"withdraw": "1", "reason-1": "ตัวเลขผิด"})
    gone = browser.open(SCAN)
    assert gone.status_code == 410
    assert "ตัวเลขผิด" in gone.text
