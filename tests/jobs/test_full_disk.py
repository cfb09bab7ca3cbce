"""A full or read-only disk under the scheduler: said in the log, nothing lost, and on it goes when there is room."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from jobs.schedule import SCHEDULE, run_on, tick
from tests.sinks import Sink, point_to
from tests.test_trouble import every_connection, pages
from tests.world import World, at
from tracker.database import across_organisations, db
from tracker.models import MailState, OutgoingMail

MORNING = at("2025-12-17", "08:30")


def outbox() -> list[MailState]:
    with across_organisations("test"):
        db.session.rollback()
        found = list(db.session.scalars(select(OutgoingMail.state)))
        db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("pragma", "words"),
    [("max_page_count={pages}", "พื้นที่ดิสก์เต็ม"), ("query_only=ON", "เขียนไม่ได้")],
    ids=["full", "read-only"],
)
def test_the_jobs_say_what_is_wrong_and_go_on_when_there_is_room_again(
    world: World, caplog: pytest.LogCaptureFixture, pragma: str, words: str
) -> None:
    world.adopted_plan([(1, range(5), date(2025, 10, 1), date(2026, 9, 30))])
    with Sink() as sink:
        point_to(world.app, sink.port)
        with every_connection(f"PRAGMA {pragma.format(pages=pages(world))}"), caplog.at_level(logging.ERROR):
            for minute in range(3):
                for job in SCHEDULE:
                    run_on(world.app, job, lambda minute=minute: MORNING + timedelta(minutes=minute))
        assert sink.taken == []
        assert outbox() == []
        assert words in caplog.text
        # What could not be written was a mail to somebody.
        assert "@tuayang.example" not in caplog.text
        done = tick(world.app, MORNING + timedelta(minutes=5))
    assert (done["remind"], done["send"]) == (7, 7)
    assert len({taken.message_id for taken in sink.taken}) == len(sink.taken) == 7
    assert set(outbox()) == {MailState.SENT}
