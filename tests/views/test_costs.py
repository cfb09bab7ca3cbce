"""What a page costs: questions to the database whatever the size of the plan, and bytes on the way to a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import event

from tests.client import Browser
from tests.deeds import group_of, report
from tests.world import World
from tracker.database import db
from tracker.rules.claims import Claim

SignedIn = Callable[[str], Browser]
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
# By page: who asks, and the most questions it may put to the database.
QUESTIONS = {
    "/plan/2569": ("coordinator", 15),
    "/plan/2569/measures": ("coordinator", 16),
    "/plan/2569/tasks": ("coordinator", 8),
    "/plan/2569/waiting": ("coordinator", 9),
    "/plan/2569/executive": ("chief", 21),
    "/work": ("head0", 9),
    "/work/1/{division}/1": ("head0", 14),
    "/follow-up/year/2569": ("coordinator", 16),
    "/follow-up/{follow_up}": ("head0", 15),
    "/report/2569": ("coordinator", 42),
    "/settings/users": ("coordinator", 13),
    "/journal": ("coordinator", 11),
}
LIST_BYTES, FIRST_BYTES = 20 * 1024, 150 * 1024


def questions(browser: Browser, path: str) -> list[str]:
    """What a page asks the database, once everything that is made at first use is made."""
    browser.get(path)
    asked: list[str] = []

    def note(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        browser.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return asked


def follow_up_of(world: World) -> int:
    browser = Browser(world.app).enter(world, "coordinator")
    links = browser.get("/follow-up/year/2569").links
    return min(int(link.rpartition("/")[2]) for link in links if re.fullmatch(r"/follow-up/\d+", link))


def test_pages_ask_few_questions_of_a_large_plan(world: World, signed_in: SignedIn) -> None:
    """Sixty forms a quarter: a page that asked once a row would stand far above its number."""
    world.adopted_plan([(3, range(5), *YEAR)] * 12)
    for item in range(1, 7):
        for place in range(2):
            report(world, group_of(world, place, item=item), Claim.AS_PLANNED, who=f"head{place}")
    names = {"division": world.division_ids[0], "follow_up": follow_up_of(world)}
    people = {who: signed_in(who) for who, _most in QUESTIONS.values()}
    asked = {path: len(questions(people[who], path.format(**names))) for path, (who, _) in QUESTIONS.items()}
    assert asked == {path: min(asked[path], most) for path, (_, most) in QUESTIONS.items()}


# Flask-Compress lets go of the files that it compresses without closing them.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_a_list_and_a_first_visit_are_small(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan([(3, range(5), *YEAR)] * 30)
    browser = signed_in("head0")

    def sent(path: str) -> int:
        # What browsers say without TLS.
        with browser.inner.get(path, headers={"Accept-Encoding": "gzip, deflate"}) as answer:
            assert answer.status_code == 200, path
            return len(answer.data)

    page = browser.open("/work").text
    needed = {
        found.partition("#")[0]
        for found in re.findall(r"""(?:href|src)="(/(?:assets|static|bootstrap)/[^"]+)\"""", page)
    }
    assert {re.split(r"[/?]", path)[-2 if "?" in path else -1] for path in needed} >= {
        "theme.css",
        "tracker.js",
    }
    sizes = {path: sent(path) for path in needed | {"/work"}}
    assert sizes["/work"] <= LIST_BYTES
    assert sum(sizes.values()) <= FIRST_BYTES, sizes
