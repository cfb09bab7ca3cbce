"""What holds for every page: both languages, what it is made of, and pages for what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.client import Browser, Page
from tests.conftest import make_config
from tests.world import World
from tracker.actions import progress
from tracker.app import create_app
from tracker.database import db
from tracker.models import FollowUp

SignedIn = Callable[[str], Browser]
THAI = re.compile("[ก-๙]")


@pytest.fixture
def lived(world: World) -> World:
    world.adopted_plan()
    return world


def addresses(world: World) -> list[str]:
    """A page of every kind."""
    with world.read():
        db.session.rollback()
        own = FollowUp.division_id == world.division_ids[0]
        follow_up = db.session.scalars(select(FollowUp.id).where(own)).first()
    return [
        "/plan/2569",
        "/plan/2569/tasks",
        "/plan/2569/waiting",
        "/plan/2575",
        "/plan/upload",
        f"/work/1/{world.division_ids[0]}/1",
        f"/work/1/{world.division_ids[0]}/1?review=1",
        "/follow-up/year/2569",
        f"/follow-up/{follow_up}",
        "/report/2569",
        "/report/2569/publication",
        "/report/2575",
        "/reminders",
        "/sign-in",
    ]


@pytest.mark.parametrize("spoken", ["th", "en"])
def test_every_page_is_there_in_both_languages(lived: World, signed_in: SignedIn, spoken: str) -> None:
    browser = signed_in("coordinator")
    browser.post("/language", {"language": spoken})
    for address in addresses(lived):
        assert browser.get(address).language == spoken, address
    head = signed_in("head0")
    head.post("/language", {"language": spoken})
    assert head.get("/work").language == spoken


def test_an_unknown_language_or_colour_changes_nothing(lived: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    assert browser.post("/language", {"language": "xx"}).status_code == 303
    assert browser.post("/theme", {"theme": "javascript:"}).status_code == 303
    page = browser.get("/plan/2569")
    assert page.language == "th"


def test_what_a_page_is_made_of_comes_from_this_installation_and_may_be_kept(
    lived: World, signed_in: SignedIn
) -> None:
    browser = signed_in("coordinator")
    html = browser.open("/plan/2569").text
    made_of = set(
        re.findall(r'<(?:link rel="(?:stylesheet|preload)"|script)[^>]* (?:href|src)="([^"]+)"', html)
    )
    assert len(made_of) >= 5
    for address in made_of:
        assert address.startswith("/"), address
        answer = browser.open(address.replace("&amp;", "&"))
        assert answer.status_code == 200, address
        assert "max-age=31536000" in answer.headers["Cache-Control"], address
    assert browser.open("/assets/secret.key").status_code == 404
    assert browser.open("/assets/..%2fsecret.key").status_code == 404


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nowhere", "GET", 404),
        ("/plan/2569", "POST", 405),
        ("/sign-out", "GET", 405),
        ("/plan/x", "GET", 404),
    ],
)
def test_a_page_says_what_went_wrong(
    lived: World, signed_in: SignedIn, path: str, method: str, status: int
) -> None:
    answer = signed_in("coordinator").open(path, method=method)
    assert answer.status_code == status
    assert THAI.search(Page(answer.text).texts["h1"][0])


def test_a_failure_of_ours_changes_nothing_and_tells_nothing(
    lived: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "a detail for the log only"

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(progress, "check", fail)
    config = lived.app.extensions["tracker.config"]
    app = create_app(make_config(config.data, testing=False))
    browser = Browser(app).enter(lived, "head0")
    answer = browser.post(f"/work/1/{lived.division_ids[0]}/1", {"result": "ทำแล้ว"})
    assert answer.status_code == 500
    assert secret not in answer.text
    assert "Traceback" not in answer.text
    assert secret in caplog.text
