"""How much a request may bring: bodies, fields and files above the limits are refused in words."""

from __future__ import annotations

from io import BytesIO

import pytest

from tests.client import Browser
from tests.world import World
from tracker.app import FORM_FIELDS, MOST_FILES

WORDS = "ใหญ่เกินไป"


@pytest.fixture
def browser(world: World) -> Browser:
    return Browser(world.app).enter(world, "coordinator")


def test_a_body_above_the_limit_is_refused_in_words(world: World, browser: Browser) -> None:
    world.app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    answer = browser.post("/plan/upload", {"file": (BytesIO(b"x" * 70_000), "plan.docx")})
    assert answer.status_code == 413
    assert WORDS in answer.text


def test_the_limit_of_a_body_is_ten_files(world: World) -> None:
    megabytes = world.app.extensions["tracker.config"].upload_megabytes
    assert world.app.config["MAX_CONTENT_LENGTH"] == 10 * megabytes * 1024 * 1024


@pytest.mark.parametrize("way", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_text_of_more_than_a_megabyte_is_refused_in_words(browser: Browser, way: str) -> None:
    answer = browser.post("/account/name", {"name": "x" * (1024 * 1024 + 1)}, content_type=way)
    assert (answer.status_code, WORDS in answer.text) == (413, True)


@pytest.mark.parametrize("way", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_too_many_fields_are_refused_in_words(browser: Browser, way: str) -> None:
    fields = {"name": "นางพอดี", **{f"f{number}": "1" for number in range(FORM_FIELDS)}}
    answer = browser.post("/account/name", fields, content_type=way)
    assert answer.status_code == 413
    assert WORDS in answer.text
    few = {"name": "นางพอดี", **{f"f{number}": "1" for number in range(FORM_FIELDS - 2)}}
    assert browser.post("/account/name", few, content_type=way).status_code == 303


def test_one_name_given_many_times_counts_each_time(browser: Browser) -> None:
    answer = browser.post("/account/name", {"name": ["x"] * (FORM_FIELDS + 1)})
    assert answer.status_code == 413


def test_too_many_files_are_refused_in_words(browser: Browser) -> None:
    files = [(BytesIO(b"x"), f"{number}.pdf") for number in range(MOST_FILES + 1)]
    answer = browser.post("/plan/upload", {"file": files})
    assert answer.status_code == 413
    assert WORDS in answer.text


def test_nobody_makes_the_server_wait_for_a_form_without_signing_in(world: World) -> None:
    answer = Browser(world.app).open("/sign-in", method="POST", data="x&" * 400_000)
    assert answer.status_code in {400, 413}
