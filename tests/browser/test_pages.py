"""Every main page: no accessibility violations in both themes, no sideways scroll on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in

PAGES = {
    "coordinator": (
        "/",
        "/plan/{year}/tasks",
        "/plan/{year}/waiting",
        "/plan/{year}/meeting",
        "/follow-up/year/{year}",
        "/report/{year}",
        "/report/{year}/versions",
        "/report/{year}/website",
        "/report/{year}/evidence",
        "/report/{year}/publication",
        "/reminders",
        "/plan/upload",
        "/settings",
        "/settings/organisation",
        "/settings/users",
        "/settings/approval",
        "/account",
        "/settings/accounts",
        "/settings/accounts/1",
        "/reminders/measure/1",
        "/settings/divisions/2/merge?into=3",
        "/settings/people/5",
        "/settings/word-forms",
    ),
    "works": ("/work",),
    "chief": ("/",),
}


def year_of(page: Page) -> str:
    return page.url.rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_violates_accessibility_rules(demo_url: str, open_page: Open, theme: str) -> None:
    axe = Axe()
    found = []
    for who, paths in PAGES.items():
        page = open_page(DESKTOP, color_scheme=theme)
        sign_in(page, demo_url, who)
        year = year_of(page)
        for path in paths:
            page.goto(demo_url + path.format(year=year))
            found += [
                (path, told["id"], told["nodes"][0]["html"]) for told in axe.run(page).response["violations"]
            ]
    assert found == []


def test_no_page_scrolls_sideways_on_a_phone(demo_url: str, open_page: Open) -> None:
    wide = []
    for who, paths in PAGES.items():
        page = open_page(PHONE)
        sign_in(page, demo_url, who)
        year = year_of(page)
        for path in paths:
            page.goto(demo_url + path.format(year=year))
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
    assert wide == []


def test_forms_are_accessible_on_a_phone(demo_url: str, open_page: Open) -> None:
    page = open_page(PHONE)
    sign_in(page, demo_url, "works")
    page.locator(".task-title").first.click()
    violations = Axe().run(page).response["violations"]
    assert [told["id"] for told in violations] == []
