"""Every page that a role may open: found by links, accessible in both themes, whole on a narrow screen, in English."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in
from tests.browser.crawl import ROLES, STRANGER, Household, Seen, first_of_each
from tests.test_translations import CATALOGUE, THAI, data_of, plain, sentences, thai_in
from tracker.catalogue.assessment import INDICATORS, INSTRUMENTS, YEARS
from tracker.catalogue.grading import PASSES
from tracker.catalogue.items import items
from tracker.catalogue.questions import subject_of
from tracker.catalogue.topics import TOPICS
from tracker.clock import today
from tracker.rules.executive import LONGEST_TITLE
from tracker.rules.mailtext import shortened
from tracker.rules.workdays import office_holidays

LONG = bool(os.environ.get("TRACKER_LONG"))
# In CI the roles between which pages differ most; `make long` walks as everybody.
WALKING = ROLES if LONG else ("coordinator", "works", "chief", "system", STRANGER)
# The narrowest phone, and a desktop at 200 %.
NARROW, ZOOMED = (320, 640), (DESKTOP[0] // 2, DESKTOP[1] // 2)
ENGLISH = ("plan.dashboard", "work.mine", "work.group", "report.show", "settings.show")
# Looked at elsewhere (what an amendment or a day off changes, the first run), answered to programs, pictures, or a way
# to another.
WITHOUT_A_LINK = {
    "amending.preview",
    "calendar.previewed",
    "evidence.preview",
    "health.healthz",
    "importing.preview",
    "organisation.logo",
    "preview.page",
    "public.lost",
    "public.scan",
    "setup.first_run",
}


# Pages that show a Thai document; around it they are looked at elsewhere. And mails and names as their reader got them.
DOCUMENTS = ("public.", "importing.show", "report.show", "report_desk.cell")
QUOTING = ("reminders.log", "reminders.mail", "versions.show")
# Names that are no sentences of ours: an organisation, a position, a document, a font's digit.
NAMES = {"ระบบ", "ผู้ประสานงานแผน", "แผน", "TH SarabunIT๙"}


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


# Of fields, and of what hides what hangs over: the highest and the lowest ink of Thai against the line it has.
CUT_OFF = """() => {
  const pen = document.createElement("canvas").getContext("2d"), cut = new Set()
  for (const one of document.querySelectorAll("body *")) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect()
    const typed = one.matches("select, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])")
    const words = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    const hides = words && style.overflowY !== "visible" && !one.matches("textarea, progress")
    if (!(typed || hides) || box.width < 2 || box.height < 2) continue
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    const ink = pen.measureText("ซึ้ง น้ำ กี๋ ปั้น กตัญญู กฎุมพี")
    const [up, down] = [ink.fontBoundingBoxAscent, ink.fontBoundingBoxDescent]
    const around = (parseFloat(style.lineHeight) - up - down) / 2
    const above = up + around + (typed ? 0 : parseFloat(style.paddingTop))
    const below = down + around + (typed ? 0 : parseFloat(style.paddingBottom))
    if (ink.actualBoundingBoxAscent > above || ink.actualBoundingBoxDescent > below)
      cut.add(`${one.tagName} ${one.className}`)
  }
  return [...cut]
}"""


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
    url, found = household[0], list[tuple[object, ...]]()
    pages = walked[0] if LONG else first_of_each(walked[0])
    assert len(pages) > 60
    for place, seen in enumerate(pages):
        page = visitors[seen.who]
        answer = page.goto(url + seen.path)
        assert answer is not None
        assert answer.status == 200, seen
        found += [(seen.who, seen.path, "cut off", what) for what in page.evaluate(CUT_OFF)]
        for theme in ("light", "dark") if LONG else ("light", "dark")[place % 2 :][:1]:
            found += [(seen.who, seen.path, theme, *fault) for fault in faults_of(page, theme)]
        found += [(seen.who, seen.path, "too wide", *size) for size in too_wide(page)]
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


def test_in_english_every_page_says_nothing_in_thai_but_data(
    household: tuple[str, Household], walked: tuple[list[Seen], set[str]]
) -> None:
    """Of every role that is walked; where a reader's mail is quoted, no whole line is a sentence of ours."""
    house, year = household[1], today().year
    with CATALOGUE.open("rb") as file:
        ours = {plain(sentence) for sentence in sentences(read_po(file)) if THAI.search(sentence)} - NAMES
    told = {plain(text) for text in data_of(house.app.extensions["tracker.config"])}
    known = NAMES | told - ours | {shortened(text, LONGEST_TITLE) for text in told}
    known |= {text.removeprefix("กอง").removeprefix("หน่วย") for text in told}
    known |= {one.title for one in TOPICS} | {one.name for one in (*INDICATORS, *INSTRUMENTS, *PASSES)}
    known |= {subject_of(f"{kind}{number}", y) for y in YEARS for kind in "ieo" for number in range(1, 50)}
    known |= {part for y in YEARS for item in items(y) for part in (item.title, item.sub_indicator or "")}
    known |= {name for one in (year, year + 1) for name in office_holidays(one).values()}
    pages = [seen for seen in walked[0] if not seen.endpoint.startswith(DOCUMENTS)]
    assert len(pages) > 60
    found = []
    for seen, text in house.in_english(pages):
        lines = {plain(line) for line in re.split("<[^>]*>", text)}
        left = list(lines & ours) if seen.endpoint in QUOTING else thai_in(text, known)
        found += [(seen.who, seen.path, left)] if left else []
    assert found == []


def test_forms_are_accessible_on_a_phone(demo_url: str, open_page: Open) -> None:
    page = open_page(PHONE)
    sign_in(page, demo_url, "works")
    page.locator(".task-title").first.click()
    violations = Axe().run(page).response["violations"]
    assert [told["id"] for told in violations] == []
