"""The server is off for a day, a month, more than a year, and restarted on the way: nobody is told twice a day."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from jobs.remind import remind
from jobs.send import send
from tests.oracle.days import Days
from tests.reliability import worker
from tests.reliability.forks import forks
from tests.sinks import Sink, point_to
from tests.world import World
from tracker.actions import reminding
from tracker.app import Tracker
from tracker.database import across_organisations, db, organisation_scope
from tracker.groups import Group
from tracker.models import FollowUp, Outcome, OutgoingMail, Reminder, Round, Task
from tracker.people import posts_on
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Role

LONG = bool(os.environ.get("TRACKER_LONG"))
# Each organisation has five heads, a clerk, a coordinator and a chief executive.
ORGANISATIONS = 63 if LONG else 2
RESTARTS = 20
OFF_SINCE = date(2025, 12, 15)
DAYS = Days()
LONGEST_WAIT = 600.0 if LONG else 60.0


@pytest.mark.parametrize("days", [1, 30, 400])
def test_after_an_outage_everybody_gets_one_digest_and_every_stage_its_row(days: int, world: World) -> None:
    worlds = [world] + [World(world.app, f"o{place}") for place in range(1, ORGANISATIONS)]
    for one in worlds:
        one.adopted_plan([(2, range(5), date(2025, 10, 1), date(2026, 9, 30))])
    back = OFF_SINCE + timedelta(days=days)
    with Sink() as sink:
        point_to(world.app, sink.port)
        # It comes up 20 times on the way, at any hour, each time for no more than a round; then it stays.
        for restart in range(RESTARTS):
            start(world.app, OFF_SINCE + timedelta(days=days * restart // RESTARTS), (restart * 397) % 1440)
        for day in range(10):
            live(back + timedelta(days=day), 8 * 60 + 30)
            live(back + timedelta(days=day), 8 * 60 + 31)
        told = Counter((taken.recipients[0], taken.message["Date"][:16]) for taken in sink.taken)
    assert told.most_common(1)[0][1] == 1
    with across_organisations("test"):
        mails = db.session.scalars(select(OutgoingMail)).all()
        of_a_day = Counter((mail.to_address, day_of(mail.created_at)) for mail in mails)
        assert max(of_a_day.values()) == 1
        assert {mail.message_id for mail in mails} == {taken.message_id for taken in sink.taken}
        assert {(row.outcome is Outcome.ENQUEUED) == (row.mail_id is not None) for row in rows()} == {True}
        db.session.rollback()
    for one in worlds:
        with organisation_scope(one.organisation_id):
            assert reminding.forecast([back + timedelta(days=9)])[0].entries == ()
            decided = {(row.subject, row.stage, row.recipient) for row in rows()}
            due = set(fallen(back + timedelta(days=9)))
            assert {row for row in decided if row[0].startswith(("group:", "follow-up:"))} == due
            assert due
            db.session.rollback()


def fallen(until: date) -> Iterator[tuple[str, str, str]]:
    """Subject, stage and address of all that was due by then, by the calendar of the oracle and not the engine's."""
    posts = posts_on(until).values()
    heads = {post.division_id: str(post.address) for post in posts if post.role is Role.HEAD}
    [clerk] = (str(post.address) for post in posts if post.role is Role.CLERK)
    for task in db.session.scalars(select(Task)):
        group = Group(task.item_id, task.division_id, task.quarter)
        for _, stage in DAYS.stages_of_tasks(task.due_on, until):
            yield group.subject, stage, heads[task.division_id]
            if stage == "late-5":
                yield group.subject, stage, clerk
    for follow_up, asked in db.session.execute(select(FollowUp, Round).join(Round).where(FollowUp.prompts)):
        opens = DAYS.at_or_after(asked.asks_on)
        for on, stage in DAYS.stages_of_follow_up(opens, asked.due_on, until):
            if on >= opens:
                yield f"follow-up:{follow_up.id}", stage, heads[follow_up.division_id]
                if stage == "late-5":
                    yield f"follow-up:{follow_up.id}", stage, clerk


def start(app: Tracker, day: date, minute: int) -> None:
    """A process of its own that begins, lives for a round at that minute and ends."""
    db.session.remove()
    config = app.extensions["tracker.config"]
    process = forks.Process(target=worker.live_once, args=(config, moment_on(day, minute)), daemon=True)
    process.start()
    process.join(LONGEST_WAIT)
    assert process.exitcode == 0


def live(day: date, minute: int) -> None:
    """A round of the jobs at that minute."""
    now = moment_on(day, minute)
    remind(now)
    send(lambda: now)


def rows() -> list[Reminder]:
    return list(db.session.scalars(select(Reminder)).all())
