"""Every page that a role may open: found by its links, accessible in both themes, whole on a narrow screen."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in
from tests.browser.crawl import ROLES, STRANGER, Household, Seen, first_of_each

LONG = bool(os.environ.get("TRACKER_LONG"))
# In CI the roles between which pages differ most; `make long` walks as everybody.
WALKING = ROLES if LONG else ("coordinator", "works", "chief", "system", STRANGER)
# The narrowest phone, and a desktop at 200 %.
NARROW, ZOOMED = (320, 640), (DESKTOP[0] // 2, DESKTOP[1] // 2)
ENGLISH = ("plan.dashboard", "work.mine", "work.group", "report.show", "settings.show")
# Looked at elsewhere (what an amendment changes, the first run), answered to programs, pictures, or a way to another.
WITHOUT_A_LINK = {
    "amending.preview",
    "evidence.preview",
    "health.healthz",
    "importing.preview",
    "organisation.logo",
    "preview.page",
    "public.lost",
    "public.scan",
    "setup.first_run",
}


@pytest.fixture(scope="module")
def walked(household: tuple[str, Household]) -> tuple[list[Seen], set[str]]:
    return household[1].open_everything(WALKING)


@pytest.fixture(scope="module")
def visitors(browser: Browser, household: tuple[str, Household]) -> Iterator[dict[str, Page]]:
    """A page for each role, signed in."""
    url, house = household
    pages, contexts = {}, []
    for who in WALKING:
        context = browser.new_context(
            viewport={"width": DESKTOP[0], "height": DESKTOP[1]}, reduced_motion="reduce"
        )
        cookie = house.cookie(who)
        if cookie:
            context.add_cookies([{"name": "session", "value": cookie, "url": url}])
        contexts.append(context)
        pages[who] = context.new_page()
    yield pages
    for context in contexts:
        context.close()


def faults_of(page: Page, theme: str) -> list[tuple[str, str]]:
    """What axe finds on the page as it stands, in a theme."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    return [(told["id"], told["nodes"][0]["html"]) for told in Axe().run(page).response["violations"]]


def too_wide(page: Page) -> list[tuple[int, int]]:
    """The sizes at which the page scrolls sideways; it stands at a desktop's size before and afterwards."""
    wide = []
    for size in (NARROW, PHONE, ZOOMED):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(size)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    return wide


def test_every_page_is_reached_by_links(
    household: tuple[str, Household], walked: tuple[list[Seen], set[str]]
) -> None:
    """What a role may open but nobody finds would be looked at by nobody, here neither."""
    assert household[1].pages_of_routes() - walked[1] <= WITHOUT_A_LINK


def test_every_page_is_accessible_and_fits(
    household: tuple[str, Household], walked: tuple[list[Seen], set[str]], visitors: dict[str, Page]
) -> None:
    """In CI one page of each route, the themes by turns; `make long`: for every role, in both themes."""
    url, found = household[0], []
    pages = walked[0] if LONG else first_of_each(walked[0])
    assert len(pages) > 60
    for place, seen in enumerate(pages):
        page = visitors[seen.who]
        answer = page.goto(url + seen.path)
        assert answer is not None
        assert answer.status == 200, seen
        for theme in ("light", "dark") if LONG else ("light", "dark")[place % 2 :][:1]:
            found += [(seen.who, seen.path, theme, *fault) for fault in faults_of(page, theme)]
        found += [(seen.who, seen.path, "too wide", *size) for size in too_wide(page)]  # type: ignore[misc]
    assert found == []


def test_pages_in_english_are_accessible_and_fit(
    household: tuple[str, Household], walked: tuple[list[Seen], set[str]], visitors: dict[str, Page]
) -> None:
    url, found = household[0], []
    pages = [seen for seen in first_of_each(walked[0]) if LONG or seen.endpoint in ENGLISH]
    assert len(pages) >= len(ENGLISH)
    for who in {seen.who for seen in pages}:
        page = visitors[who]
        page.goto(url + ("/sign-in" if who == STRANGER else "/account"))
        if who != STRANGER:
            page.locator(".menu-person > summary").click()
        page.locator("button[lang=en]").click()
        page.wait_for_load_state()
    for seen in pages:
        page = visitors[seen.who]
        page.goto(url + seen.path)
        # What the public sees is in the language of its address.
        assert page.locator("html").get_attribute("lang") == "en" or seen.endpoint.startswith("public.")
        found += [(seen.path, *fault) for fault in faults_of(page, "light")]
        found += [(seen.path, "too wide", *size) for size in too_wide(page)]  # type: ignore[misc]
    assert found == []


def test_forms_are_accessible_on_a_phone(demo_url: str, open_page: Open) -> None:
    page = open_page(PHONE)
    sign_in(page, demo_url, "works")
    page.locator(".task-title").first.click()
    violations = Axe().run(page).response["violations"]
    assert [told["id"] for told in violations] == []
