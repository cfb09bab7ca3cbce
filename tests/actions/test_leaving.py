"""Somebody leaves while mails for that person still wait in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from tests.deeds import chain_faults, group_of, mails_to, report, send_back
from tests.world import World, at
from tracker.actions import granting, reminding, undoing
from tracker.database import db
from tracker.models import Decision, MailState, OutgoingMail, Position, Reminder, User

MORNING, NOW = at("2025-12-17", "08:30"), at("2025-12-17", "08:40")
HEAD, CLERK = "head1@tuayang.example", "clerk@tuayang.example"


@pytest.fixture
def waiting(world: World) -> World:
    """Two forms of the second division: one is due soon, one was sent back five minutes ago; no mail has left."""
    world.adopted_plan([(1, [1], date(2025, 10, 1), date(2026, 9, 30))] * 2)
    with world.write():
        reminding.plan_day(now=MORNING)
    report(world, group_of(world, 1, item=2), who="head1", now=MORNING)
    send_back(world, group_of(world, 1, item=2), at("2025-12-17", "08:35"), "ขอจำนวนเล่ม")
    return world


def leave(world: World) -> None:
    with world.write():
        row = db.session.scalars(select(User).where(User.id == world.users["head1"])).one()
        granting.close(row, now=NOW, by=world.actor("coordinator", NOW))


def test_nothing_that_waits_goes_to_somebody_who_left_and_the_superior_is_told_instead(
    waiting: World,
) -> None:
    assert {state for _, state in mails_to(waiting, HEAD)} == {MailState.QUEUED}
    leave(waiting)
    cancelled = [("digest", MailState.CANCELLED), ("returned", MailState.CANCELLED)]
    assert mails_to(waiting, HEAD) == cancelled
    for morning in (NOW, at("2025-12-18", "08:30")):
        with waiting.write():
            reminding.plan_day(now=morning)
    assert mails_to(waiting, HEAD) == cancelled
    with waiting.read():
        words = db.session.scalars(
            select(OutgoingMail.body_text).where(OutgoingMail.to_address == CLERK).order_by(OutgoingMail.id)
        ).all()
        assert db.session.scalars(select(Reminder).where(Reminder.recipient == HEAD)).all() == []
        db.session.rollback()
    assert ["ขอจำนวนเล่ม" in text for text in words] == [False, True]
    assert "ส่งกลับให้แก้" in words[1]
    assert chain_faults(waiting) == []


def a_shared_mailbox(mail: OutgoingMail) -> None:
    db.session.execute(update(Position).where(Position.title == "หัวหน้าสำนักปลัด").values(mailbox=HEAD))


def in_doubt(mail: OutgoingMail) -> None:
    mail.ambiguous = 1


@pytest.mark.parametrize("circumstance", [a_shared_mailbox, in_doubt])
def test_what_others_read_or_may_have_arrived_is_left_alone(
    waiting: World, circumstance: Callable[[OutgoingMail], None]
) -> None:
    with waiting.write():
        circumstance(
            db.session.scalars(
                select(OutgoingMail).where(OutgoingMail.kind == "digest", OutgoingMail.to_address == HEAD)
            ).one()
        )
    leave(waiting)
    assert ("digest", MailState.QUEUED) in mails_to(waiting, HEAD)


def test_the_decision_that_the_cancelled_mail_told_of_can_still_be_taken_back(waiting: World) -> None:
    leave(waiting)
    with waiting.write():
        decision = db.session.scalars(select(Decision)).one()
        undoing.undo(decision.at, now=NOW, by=waiting.actor("coordinator", NOW))
    with waiting.write():
        told = reminding.plan_day(now=at("2025-12-18", "08:30"))
    assert "returned" not in [line.stage for digest in told.digests for line in digest.lines]
