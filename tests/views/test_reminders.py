"""What was mailed, and what will be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.client import Browser
from tests.deeds import group_of, report, send_back
from tests.world import World, at
from tracker.database import across_organisations, db, writing
from tracker.models import JobRun

SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def test_the_page_shows_the_mails_and_the_next_two_weeks(world: World, signed_in: SignedIn) -> None:
    report(world, group_of(world))
    send_back(world, group_of(world))
    page = signed_in("coordinator").get("/reminders")
    assert "head0@tuayang.example" in page.text
    assert "24 ธันวาคม 2568" in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("clerk", 200), ("head0", 403), ("chief", 403)]
)
def test_who_may_look(signed_in: SignedIn, who: str, status: int) -> None:
    assert signed_in(who).open("/reminders").status_code == status


def test_a_scheduler_that_stands_still_is_told_to_the_coordinator(signed_in: SignedIn) -> None:
    with across_organisations("test"), writing():
        db.session.merge(JobRun(name="send", started_at=at("2025-12-17") - timedelta(minutes=6)))
    assert "ตัวตั้งเวลาหยุดตั้งแต่ 08.54 น." in signed_in("coordinator").get("/plan/2569").text.replace(
        "\u00a0", " "
    )
    assert "ตัวตั้งเวลาหยุด" not in signed_in("head0").get("/work").text
