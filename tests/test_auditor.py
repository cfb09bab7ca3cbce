"""An auditor reads everything of one organisation and changes nothing; no page offers anybody what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.client import Page
from tests.test_access import House, asked_of, housed, routes_of
from tracker.access import deed_of
from tracker.rules.permissions import PERMISSIONS, Deed, Role

# What somebody of the organisation may open and the auditor may not, and why nothing is hidden by it. That each route
# answers as the table says is tested for all roles beside the table.
FORMS_ALONE = {
    "calendar.previewed": "what days that are not saved yet would move",
    "drafting.discard": "asks whether a draft is to go; the draft itself is read",
    "drafting.form": "an empty form to fill in",
    "drafting.item": "the fields of an item that the draft prints",
    "drafting.start": "the ways to begin a plan",
    "meeting.show": "attaches minutes; its rows are the sheet for the meeting, its files the evidence",
    "merging.show": "what a merging would do",
    "plan.waiting": "the list of what one approves oneself, out of all tasks",
    "scores.edit": "the fields of the scores that their page prints",
    "versions.close": "the fields of a signature that is not given yet",
    "work.mine": "the list of one's own division, out of all tasks",
}
# What an auditor may send: about the own account, and files that are made to be read.
SENT = {
    "package.ask",
    "preview.retry",
    "renderings.ask",
    "renderings.cancel",
    "renderings.retry",
    "versions.ask",
}
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
ACTION, METHOD = re.compile(r'\baction="([^"]*)"'), re.compile(r'\bmethod="post"')


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated, drawn) -> Iterator[House]:  # type: ignore[no-untyped-def]
    with housed(tmp_path_factory.mktemp("audited"), migrated, drawn) as house:
        yield house


def test_what_anybody_of_the_organisation_reads_an_auditor_reads(house: House) -> None:
    own = set(Role) - {Role.SYSTEM_ADMINISTRATOR}
    hidden = {
        endpoint
        for endpoint, method in routes_of(house.app)
        if method == "GET"
        and own & PERMISSIONS[asked_of(house.app, endpoint, method)]
        and Role.AUDITOR not in PERMISSIONS[asked_of(house.app, endpoint, method)]
    }
    assert hidden == set(FORMS_ALONE)


def test_an_auditor_sends_nothing_that_changes_what_the_organisation_has(house: House) -> None:
    taken = {
        endpoint
        for endpoint, method in routes_of(house.app)
        if method == "POST"
        and asked_of(house.app, endpoint, method) is not Deed.SEE_OWN_ACCOUNT
        and Role.AUDITOR in PERMISSIONS[asked_of(house.app, endpoint, method)]
    }
    assert taken == SENT


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_no_page_offers_what_is_refused(house: House, role: Role) -> None:
    offered, browser = set(), house.browser(role)
    for endpoint, method in routes_of(house.app):
        if method != "GET" or role not in PERMISSIONS[asked_of(house.app, endpoint, method)]:
            continue
        address = house.address(endpoint)
        answer = browser.open(address)
        if answer.mimetype != "text/html":
            continue
        told = [(link, "GET") for link in Page(answer.text).links]
        for head, body in FORM.findall(answer.text):
            if METHOD.search(head) and "<button" in body:
                action = ACTION.search(head)
                told.append((action[1] if action else "", "POST"))
        for link, way in told:
            asked = _asked(house, urljoin(address, link), way)
            if asked is not None and role not in PERMISSIONS[asked]:
                offered.add(f"{endpoint} offers {way} {link}")
    assert offered == set()


def _asked(house: House, link: str, method: str) -> Deed | None:
    """The deed behind an address of this site; None where it leads elsewhere, or is anybody's."""
    parts = urlsplit(link)
    if parts.netloc or parts.scheme:
        return None
    try:
        endpoint, _values = house.app.url_map.bind("localhost").match(parts.path, method=method)
    except (HTTPException, RequestRedirect):
        return None
    return deed_of(house.app, endpoint, method)
