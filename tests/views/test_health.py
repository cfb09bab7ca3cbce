"""What a monitor is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.client import Browser
from tests.world import World, at
from tracker import mail
from tracker.actions import sending
from tracker.database import across_organisations, db, writing
from tracker.mail import Rendered
from tracker.models import JobRun
from tracker.smtp import NotAdmitted

NOW = at("2025-12-17")


def beat(ago: timedelta) -> None:
    with across_organisations("test"), writing():
        for name in ("remind", "send"):
            db.session.merge(JobRun(name=name, started_at=NOW - ago))


def test_without_a_heartbeat_it_is_not_healthy(browser: Browser) -> None:
    answer = browser.open("/healthz")
    assert answer.status_code == 503
    assert answer.json == {
        "healthy": False,
        "scheduler": False,
        "failing": False,
        "mail_late": False,
        "heartbeat": None,
        "oldest_unsent": None,
        "uncertain": 0,
        "dead": 0,
        "relay_paused": False,
        "clock_went_back": False,
    }


@pytest.mark.parametrize(("minutes", "status"), [(0, 200), (5, 200), (6, 503)])
def test_the_heartbeat_must_be_young(browser: Browser, minutes: int, status: int) -> None:
    beat(timedelta(minutes=minutes))
    assert browser.open("/healthz").status_code == status


@pytest.mark.parametrize(("minutes", "status"), [(-60, 200), (30, 200), (31, 503)])
def test_a_mail_that_waits_long_is_not_healthy(
    world: World, browser: Browser, minutes: int, status: int
) -> None:
    beat(timedelta())
    with world.write():
        words = Rendered("เรื่อง", "ข้อความ", "<p>ข้อความ</p>")
        mail.enqueue("test", ("a@example.go.th", ""), words, "test:1", now=NOW - timedelta(minutes=minutes))
    answer = browser.open("/healthz")
    assert answer.status_code == status
    assert "example" not in answer.text


@pytest.mark.parametrize("name", ["remind", "send"])
def test_a_planner_or_sender_that_fails_each_time_is_not_healthy(browser: Browser, name: str) -> None:
    beat(timedelta())
    with across_organisations("test"), writing():
        db.session.merge(JobRun(name=name, started_at=NOW, problem="OrganisationsFailed: 7 (ValueError: x)"))
    answer = browser.open("/healthz")
    assert (answer.status_code, answer.json["failing"]) == (503, True)  # type: ignore[index]
    assert "ValueError" not in answer.text


def test_a_server_that_refuses_us_is_not_healthy(browser: Browser) -> None:
    beat(timedelta())
    with across_organisations("test"), writing():
        sending.note_refusal(NotAdmitted("535 no"), now=NOW)
    answer = browser.open("/healthz")
    assert (answer.status_code, answer.json["relay_paused"]) == (503, True)  # type: ignore[index]


def test_a_clock_that_went_back_is_not_healthy(browser: Browser) -> None:
    beat(timedelta())
    with across_organisations("test"), writing():
        db.session.merge(
            JobRun(name="remind", started_at=NOW, latest_at=NOW + timedelta(hours=2), back_at=NOW)
        )
    answer = browser.open("/healthz")
    assert (answer.status_code, answer.json["clock_went_back"]) == (503, True)  # type: ignore[index]
