"""Mails that wait while the position they were written to passes to somebody else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from jobs.remind import remind
from tests.actions.test_settings import hand_over, head_position
from tests.deeds import group_of, mails_to, report, send_back
from tests.world import World, at
from tracker.actions import outbox, staffing
from tracker.database import db
from tracker.models import MailState, OutgoingMail

DAY = "2025-12-17"
HEAD, NEXT = "head1@tuayang.example", "head4@tuayang.example"


@pytest.fixture
def waiting(world: World) -> World:
    """A digest and a report that was sent back, both for the head of the second division; no mail has left."""
    world.adopted_plan([(1, [1], date(2025, 10, 1), date(2026, 9, 30))] * 2)
    remind(at(DAY, "08:30"))
    report(world, group_of(world, 1, item=2), who="head1", now=at(DAY, "08:31"))
    send_back(world, group_of(world, 1, item=2), at(DAY, "08:35"), "ขอจำนวนเล่ม")
    return world


def words(world: World, address: str) -> list[str]:
    with world.read():
        found = db.session.scalars(
            select(OutgoingMail.body_text)
            .where(OutgoingMail.to_address == address)
            .order_by(OutgoingMail.id.desc())
        ).all()
        db.session.rollback()
    return list(found)


def test_what_waited_is_told_to_the_new_holder_instead(waiting: World) -> None:
    hand_over(waiting, "head4", date(2025, 12, 18))
    remind(at("2025-12-17", "23:59"))
    assert mails_to(waiting, HEAD) == [("digest", "queued"), ("returned", "queued")]
    remind(at("2025-12-18", "00:01"))
    assert mails_to(waiting, HEAD) == [("digest", "cancelled"), ("returned", "cancelled")]
    remind(at("2025-12-18", "08:30"))
    [told] = words(waiting, NEXT)
    assert "ขอจำนวนเล่ม" in told
    assert told.count("/m/") > 2
    assert len(mails_to(waiting, HEAD)) == 2


def test_a_new_mailbox_gets_what_waited_for_the_holders_own_address(waiting: World) -> None:
    with waiting.write():
        coordinator = waiting.actor("coordinator")
        staffing.set_mailbox(head_position(), "money@tuayang.example", now=at(DAY, "08:36"), by=coordinator)
    remind(at(DAY, "08:37"))
    assert mails_to(waiting, HEAD) == [("digest", "cancelled"), ("returned", "cancelled")]
    assert mails_to(waiting, "money@tuayang.example") == [("digest", "queued")]


def test_what_may_have_arrived_and_what_a_person_sends_again_goes(waiting: World) -> None:
    with waiting.write():
        db.session.execute(update(OutgoingMail).where(OutgoingMail.kind == "returned").values(ambiguous=1))
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.kind == "digest")
            .values(state=MailState.DEAD, attempts=10)
        )
        digest = db.session.scalars(
            select(OutgoingMail.id).where(OutgoingMail.kind == "digest", OutgoingMail.to_address == HEAD)
        ).one()
        outbox.send_again(digest, now=at(DAY, "09:30"), by=waiting.actor("coordinator"))
    hand_over(waiting, "head4", date(2025, 12, 17))
    remind(at(DAY, "09:31"))
    assert mails_to(waiting, HEAD) == [("digest", "queued"), ("returned", "queued")]
