"""The mail server is away for days: what waited is told anew when it is back, in one digest a person and day."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from jobs.remind import remind
from jobs.send import send
from tests.sinks import Sink, point_to
from tests.world import World
from tracker.actions import outbox, sending
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.models import MailState, Outcome, OutgoingMail, Reminder, Task
from tracker.rules.moments import moment_on
from tracker.rules.permissions import SYSTEM
from tracker.rules.states import TaskState

FIRST, BACK = date(2026, 3, 17), date(2026, 4, 2)


@pytest.fixture
def waiting(world: World) -> World:
    """An organisation whose digests of two weeks have waited for a server that cannot be reached."""
    world.adopted_plan([(2, range(5), date(2025, 10, 1), date(2026, 9, 30))])
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        point_to(world.app, nobody.getsockname()[1])
        for day in (FIRST, date(2026, 3, 24), date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)):
            live(day)
    return world


def live(day: date) -> None:
    """A round before the sending hour and one at it."""
    for minute in (7 * 60, 8 * 60 + 30):
        now = moment_on(day, minute)
        remind(now)
        send(lambda now=now: now)


def rows() -> Iterator[Reminder]:
    yield from db.session.scalars(select(Reminder).order_by(Reminder.id))
    db.session.rollback()


def test_everybody_gets_one_digest_with_what_still_holds(waiting: World) -> None:
    with Sink() as sink:
        point_to(waiting.app, sink.port)
        for number in range(10):
            live(BACK + timedelta(days=number))
        told = Counter((taken.recipients[0], taken.message["Date"][:16]) for taken in sink.taken)
        first = min(sink.taken, key=lambda taken: taken.message["Date"][5:16])
    assert set(told.values()) == {1}
    assert "02 Apr 2026" in first.message["Date"]
    with organisation_scope(waiting.organisation_id):
        stages = {row.stage: row.outcome for row in rows() if row.subject.startswith("group:")}
        carried = {row.mail_id for row in rows() if row.outcome is Outcome.ENQUEUED}
        sent = db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.state == MailState.SENT)).all()
        db.session.rollback()
    assert stages["before-14"] is stages["on"] is Outcome.SUPERSEDED
    assert stages["late-1"] is Outcome.ENQUEUED
    assert carried == set(sent)


def test_what_was_done_meanwhile_is_not_told(waiting: World) -> None:
    with organisation_scope(waiting.organisation_id), writing():
        db.session.execute(update(Task).values(state=TaskState.APPROVED))
    with Sink() as sink:
        point_to(waiting.app, sink.port)
        live(BACK)
    with organisation_scope(waiting.organisation_id):
        assert "follow-up" in {row.subject.partition(":")[0] for row in rows()}
        assert not [row for row in rows() if row.subject.startswith("group:") and row.mail_id is not None]


def test_nothing_of_an_earlier_day_leaves_before_the_sending_hour_or_on_a_day_off(waiting: World) -> None:
    with Sink() as sink:
        point_to(waiting.app, sink.port)
        for now in (moment_on(BACK, 60), moment_on(date(2026, 4, 4), 9 * 60)):
            send(lambda now=now: now)
        assert sink.taken == []


@pytest.mark.parametrize(
    ("values", "leaves"),
    [
        ({"ambiguous": 1}, True),
        ({"state": MailState.HANDING, "lease_until": moment_on(FIRST, 600)}, True),
        ({"state": MailState.CLAIMED, "lease_until": moment_on(FIRST, 600)}, False),
        ({"state": MailState.CLAIMED, "lease_until": moment_on(BACK, 12 * 60)}, False),
        ({"attempts": 3, "next_at": moment_on(FIRST, 700)}, False),
    ],
)
def test_only_what_surely_never_left_is_taken_back(
    waiting: World, values: dict[str, object], leaves: bool
) -> None:
    now = moment_on(BACK, 7 * 60)
    with across_organisations("test"), writing():
        db.session.execute(update(OutgoingMail).values(values))
        number = len(db.session.scalars(select(OutgoingMail.id)).all())
        taken_back = sending.take_back_outdated(now=now)
    assert (taken_back == 0) is leaves
    assert number


def test_a_sender_that_still_holds_a_digest_of_yesterday_sends_nothing_and_today_tells_it(
    waiting: World,
) -> None:
    with across_organisations("test"), writing():
        held = sending.claim(now=moment_on(date(2026, 4, 1), 23 * 60), most=50)
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id.in_([one.mail.id for one in held]))
            .values(lease_until=moment_on(BACK, 12 * 60))
        )
    morning = moment_on(BACK, 9 * 60)
    remind(morning)
    with across_organisations("test"), writing():
        assert held
        assert not any(sending.begin_handing(one, now=morning) for one in held)
    with organisation_scope(waiting.organisation_id):
        told = {row.stage: row.outcome for row in rows() if row.subject.startswith("group:")}
        db.session.rollback()
    assert told["late-1"] is Outcome.ENQUEUED
    later = moment_on(BACK, 12 * 60 + 1)
    with across_organisations("test"):
        assert not sending.any_outdated(now=later)
        db.session.rollback()


def test_a_digest_that_a_person_sends_again_leaves_on_any_day(waiting: World) -> None:
    with across_organisations("test"), writing():
        row = db.session.scalars(select(OutgoingMail).limit(1)).one()
        db.session.execute(update(OutgoingMail).values(state=MailState.CANCELLED))
        db.session.execute(
            update(OutgoingMail).where(OutgoingMail.id == row.id).values(state=MailState.DEAD, attempts=10)
        )
    now: datetime = moment_on(BACK, 7 * 60)
    with organisation_scope(waiting.organisation_id), writing():
        outbox.send_again(row.id, now=now, by=SYSTEM)
    with Sink() as sink:
        point_to(waiting.app, sink.port)
        send(lambda: now + timedelta(minutes=16))
        assert len(sink.taken) == 1
