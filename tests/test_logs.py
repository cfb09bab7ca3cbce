"""What is logged: a line an event, with numbers and no names, which nobody outside can write into."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.schedule import Job, run
from tests.client import Browser
from tests.world import World, at
from tracker import logs
from tracker.config import Config, load
from tracker.errors import Misconfigured

FOUL = "x\r\nINFO forged\x1b[31mred\u202eback\u2028line\x00"
HEAD = "head0@tuayang.example"


class Output:
    """The lines written so far, in one style."""

    def __init__(self, style: logs.Style) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.setFormatter(logs.Lines(style))

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture(params=["json", "text"])
def output(request: pytest.FixtureRequest) -> Iterator[Output]:
    yield from listening(request.param)


@pytest.fixture
def lines() -> Iterator[Output]:
    yield from listening("json")


def listening(style: logs.Style) -> Iterator[Output]:
    output, logger = Output(style), logging.getLogger("tracker")
    level = logger.level
    logger.addHandler(output.handler)
    logger.setLevel(logging.INFO)
    yield output
    logger.removeHandler(output.handler)
    logger.setLevel(level)


def test_an_answer_is_told_by_its_route_and_numbers(world: World, lines: Output) -> None:
    browser = Browser(world.app).enter(world, "head0")
    answer = browser.open("/account?note=ลับ")
    [told] = [one for one in lines.told if one["logger"] == "tracker.request"]
    assert told == {
        "at": told["at"],
        "level": "INFO",
        "logger": "tracker.request",
        "message": "answered",
        "request": answer.headers["X-Request-ID"],
        "method": "GET",
        "route": "/account",
        "status": 200,
        "ms": told["ms"],
        "organisation": world.organisation_id,
    }
    assert told["ms"] >= 0
    assert re.fullmatch(r"[0-9a-f]{16}", told["request"])


@pytest.mark.parametrize("path", ["/m/a-secret-token", "/reset/a-secret-token", "/invitation/a-secret-token"])
def test_no_token_and_no_address_is_written(world: World, output: Output, path: str) -> None:
    browser = Browser(world.app)
    browser.open(path)
    browser.sign_in(HEAD, "a wrong password")
    assert "secret" not in output.text
    assert "wrong password" not in output.text
    assert HEAD not in output.text
    assert path.rpartition("/")[0] in output.text


def test_a_refused_sign_in_is_told_without_saying_whose(world: World, output: Output, lines: Output) -> None:
    Browser(world.app).sign_in(HEAD, "a wrong password")
    [told] = [one for one in lines.told if one["message"] == "sign-in refused"]
    assert (told["level"], told["held_back"]) == ("WARNING", False)
    assert "head0" not in output.text


def test_what_is_not_permitted_is_told(world: World, lines: Output) -> None:
    browser = Browser(world.app).enter(world, "head0")
    browser.open("/settings/accounts")
    browser.open("/reminders/measure/999")
    assert [(one["route"], one["status"]) for one in lines.told] == [
        ("/settings/accounts", 403),
        ("/reminders/measure/<int:measure_id>", 404),
    ]


@pytest.mark.parametrize("given", ["0123456789abcdef", "A-b-3-4-5-6-7"])
def test_a_well_formed_number_of_the_proxy_is_taken_over(world: World, lines: Output, given: str) -> None:
    answer = Browser(world.app).open("/sign-in", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    assert lines.told[-1]["request"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f g", "abcdefgh\x1b[31m", "abc\u0e01defgh", "../../../etc"]
)
def test_any_other_number_is_replaced(world: World, given: str) -> None:
    answer = Browser(world.app).open("/sign-in", headers={"X-Request-ID": given.encode().decode("latin-1")})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-ID"])


@pytest.mark.parametrize(
    "path", ["/sign-in", "/no/such%0d%0aINFO%20forged%1b%5b31m", "/m/%e2%80%ae%0aforged"]
)
def test_nobody_writes_lines_through_paths_questions_or_headers(
    world: World, output: Output, path: str
) -> None:
    headers = {"User-Agent": "x\x1b[31m\u00adforged", "Referer": "http://x/forged"}
    Browser(world.app).open(path, query_string={"next": FOUL}, headers=headers)
    assert "forged" not in output.text
    assert len(output.text.splitlines()) == 1
    assert output.text.rstrip("\n").isprintable()


def test_a_message_stays_one_line_whatever_is_in_it(output: Output) -> None:
    logging.getLogger("tracker.x").warning("mail %s: %s", FOUL, "550 <somebody@office.example> unknown")
    assert output.text.count("\n") == 1
    line = output.text.rstrip("\n")
    assert line.isprintable()
    for sign in "\r\x1b\u202e\u2028\x00":
        assert sign not in line
    assert "somebody" not in line
    assert "office" not in line


def test_of_a_failure_only_its_kinds_and_places_are_told(lines: Output, output: Output) -> None:
    try:
        try:
            raise ValueError("นายสมชาย ใจดี")
        except ValueError as first:
            raise KeyError("secret words") from first
    except KeyError:
        logging.getLogger("tracker.x").exception("request failed")
    [told] = lines.told
    assert told["failure"] == "KeyError < ValueError"
    assert any(place.startswith("test_logs.py:") for place in told["where"])
    for words in ("สมชาย", "secret"):
        assert words not in output.text
        assert words not in json.dumps(told, ensure_ascii=False)


def test_the_lines_of_a_job_carry_the_number_of_its_run(world: World, lines: Output) -> None:
    log = logging.getLogger("tracker.jobs")

    def work(_moment: object, _stop: object) -> int:
        log.warning("half way")
        raise RuntimeError("words of a person")

    for _ in range(2):
        run(world.app, Job("example", work, 60), lambda: world_now())
    told = lines.told
    assert [one["job"] for one in told] == ["example"] * 4
    assert told[0]["run"] == told[1]["run"] != told[2]["run"] == told[3]["run"]
    assert "words of a person" not in lines.text
    log.warning("outside")
    assert "run" not in lines.told[-1]


def world_now() -> Any:
    return at("2026-03-20")


def test_a_failed_request_is_told_with_its_number(world: World, lines: Output) -> None:
    @world.app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("words of a person")

    breaks.deed = None  # type: ignore[attr-defined]
    world.app.testing = False
    answer = world.app.test_client().get("/breaks")
    failed, answered = lines.told[-2:]
    assert (answer.status_code, answered["status"], answered["level"]) == (500, 500, "ERROR")
    assert failed["request"] == answered["request"] == answer.headers["X-Request-ID"]
    assert "words of a person" not in lines.text


def test_the_style_is_a_setting(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"TRACKER_DATA": str(config.data)}
    assert load(given).log == "text"
    assert load({**given, "TRACKER_LOG": "json"}).log == "json"
    with pytest.raises(Misconfigured):
        load({**given, "TRACKER_LOG": "xml"})
    monkeypatch.setattr(logging.root, "handlers", [])
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.set_up("json")
    logs.set_up("json")
    logging.getLogger("tracker.x").info("once")
    logging.getLogger("other").info("not ours")
    [line] = stream.getvalue().splitlines()
    assert json.loads(line)["message"] == "once"
