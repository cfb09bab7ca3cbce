"""Two planners on the first morning after a mail server was away: one takes back what waited while the other looks."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import select

from jobs.remind import remind
from tests.deeds import approve, group_of, report
from tests.world import World, at
from tracker.actions import sending
from tracker.database import across_organisations, db, writing
from tracker.models import MailState, Outcome, OutgoingMail, Reminder

HEAD = "head1@tuayang.example"
TODAY = at("2025-12-25", "08:30")


@pytest.fixture
def waited(request: pytest.FixtureRequest) -> World:
    """Yesterday's digest about one form never left; of another form there is news to tell today."""
    world = World(request.getfixturevalue(request.param))
    window = (date(2025, 10, 1), date(2026, 9, 30))
    world.adopted_plan([(1, [1], *window), (1, [1], *window)])
    done = group_of(world, 1, item=2)
    report(world, done, who="head1", now=at("2025-12-23", "10:00"))
    remind(at("2025-12-24", "08:30"))
    approve(world, done, at("2025-12-24", "15:00"))
    return world


@pytest.mark.parametrize("waited", ["app", "postgres_app"], indirect=True)
def test_the_planner_that_comes_second_waits_and_tells_everything_in_one_digest(waited: World) -> None:
    taken, go_on = threading.Event(), threading.Event()

    def take_back() -> None:
        with waited.app.app_context(), across_organisations("test"), writing():
            assert sending.take_back_outdated(now=TODAY)
            taken.set()
            go_on.wait(60)

    def plan() -> None:
        with waited.app.app_context():
            remind(TODAY)

    first, second = threading.Thread(target=take_back), threading.Thread(target=plan)
    first.start()
    assert taken.wait(60)
    second.start()
    # Time to get as far as it can while the other's transaction is open.
    second.join(1)
    go_on.set()
    first.join(60)
    second.join(60)
    assert told(waited) == {(MailState.CANCELLED, ()), (MailState.QUEUED, ("approved", "before-7"))}
    remind(TODAY)
    assert len(told(waited)) == 2


def told(world: World) -> set[tuple[MailState, tuple[str, ...]]]:
    """The state of each digest of the head, and the stages that its ledger rows say it tells."""
    with world.read():
        db.session.rollback()
        mails = db.session.scalars(
            select(OutgoingMail).where(OutgoingMail.kind == "digest", OutgoingMail.to_address == HEAD)
        ).all()
        found = set()
        for mail in mails:
            stages = select(Reminder.stage).where(
                Reminder.mail_id == mail.id, Reminder.outcome == Outcome.ENQUEUED
            )
            found.add((mail.state, tuple(sorted(db.session.scalars(stages)))))
        db.session.rollback()
    return found
