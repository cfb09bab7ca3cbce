"""A report's way to everybody: published, opened without a script, withdrawn; readable, narrow and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in

SIZES = {"desktop": DESKTOP, "phone": PHONE, "narrow": (320, 640), "zoomed": (683, 450)}


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A browser of nobody, in which no script runs."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    yield context.new_page()
    assert context.cookies() == []
    context.close()


@pytest.fixture
def address(demo_url: str, open_page: Open) -> str:
    """The address of the closed year's page, published also where an earlier test withdrew it."""
    page = open_page()
    sign_in(page, demo_url, "coordinator")
    page.goto(f"{demo_url}/report/{closed_year(page)}/publication")
    publish = page.get_by_role("button", name="เผยแพร่ฉบับที่")
    if publish.count():
        if page.get_by_label("ตรวจแล้ว เปิดเผยได้ทุกรายการ").count():
            page.get_by_label("ตรวจแล้ว เปิดเผยได้ทุกรายการ").check()
        publish.click()
    return demo_url + f"/p/tuayang/{closed_year(page)}"


def closed_year(page: Page) -> int:
    """The demo's closed year: the one before the year that is shown first."""
    found = [part for part in page.url.split("/") if part.isdecimal()]
    return int(found[-1]) if "/report/" in page.url else int(found[-1]) - 1


def test_a_published_year_is_opened_by_everybody_until_it_is_withdrawn(
    address: str, demo_url: str, open_page: Open, stranger: Page
) -> None:
    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 200
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("ผลการดำเนินการตามมาตรการ")
    stranger.get_by_role("table").nth(2).get_by_role("link").first.click()
    expect(stranger.get_by_role("heading", level=2, name="หลักฐาน")).to_be_visible()
    with stranger.expect_download() as told:
        stranger.get_by_role("link", name="ดาวน์โหลด").first.click()
    assert told.value.suggested_filename.endswith((".jpg", ".png"))
    stranger.goto(address)
    with stranger.expect_download() as told:
        stranger.get_by_role("link", name="ข้อมูล JSON").click()
    assert "results" in json.loads(told.value.path().read_text(encoding="utf-8"))
    stranger.get_by_role("link", name="English").click()
    expect(stranger.locator("html")).to_have_attribute("lang", "en")

    page = open_page()
    sign_in(page, demo_url, "coordinator")
    year = address.rpartition("/")[2]
    page.goto(f"{demo_url}/report/{year}")
    page.get_by_role("link", name="เผยแพร่หรือถอน").click()
    page.get_by_text("ถอนการเผยแพร่").first.click()
    page.get_by_label("เหตุผลที่ถอน").fill("พบตัวเลขผิด จะเผยแพร่ฉบับใหม่")
    page.get_by_role("button", name="ถอนฉบับที่ 1").click()
    expect(page.get_by_text("แล้ว หน้าเว็บแสดงวันและเหตุผลที่ถอน")).to_be_visible()

    answer = stranger.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(stranger.get_by_text("พบตัวเลขผิด จะเผยแพร่ฉบับใหม่")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_no_published_page_violates_accessibility_rules_or_scrolls_sideways(
    address: str, open_page: Open, size: str
) -> None:
    page, found = open_page(SIZES[size], color_scheme="dark"), []
    for path in ("", "?language=en", "/1/1", "/1/9"):
        page.goto(address + path)
        found += [
            (path, told["id"], told["nodes"][0]["html"]) for told in Axe().run(page).response["violations"]
        ]
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        # Always light, like the paper it tells of.
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 246, 250)"
    assert found == []


def test_the_coordinator_s_page_and_the_drawn_scores_are_accessible(
    address: str, demo_url: str, open_page: Open
) -> None:
    page = open_page(PHONE)
    sign_in(page, demo_url, "coordinator")
    year = address.rpartition("/")[2]
    for path in (f"/report/{year}/publication", f"/scores/{year}"):
        page.goto(demo_url + path)
        assert [told["id"] for told in Axe().run(page).response["violations"]] == [], path
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
