"""What a person decides about mails that are in doubt or were refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from jobs.send import send
from tests.deeds import chain_faults
from tests.sinks import Sink, point_to
from tests.world import World, at
from tracker.actions import outbox
from tracker.database import db
from tracker.errors import Refused
from tracker.mail import Rendered, enqueue
from tracker.models import JournalEntry, MailState, OutgoingMail

NOW = at("2026-03-17", "08:30")
LATER = at("2026-03-17", "10:00")


def left(world: World, state: MailState, **values: object) -> int:
    """A mail that the sender left to a person; its id."""
    with world.write():
        words = Rendered("เรื่อง", "เนื้อความ\n", "<p>เนื้อความ</p>")
        mail_id = enqueue("digest", ("head1@tuayang.example", "ผู้รับ"), words, "digest:1:x", now=NOW)
        db.session.execute(
            update(OutgoingMail).where(OutgoingMail.id == mail_id).values(state=state, **values)
        )
        return mail_id


def mail_of(world: World, mail_id: int) -> OutgoingMail:
    with world.read():
        db.session.rollback()
        mail = db.session.scalars(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()
        db.session.expunge_all()
        db.session.rollback()
    return mail


def deeds(world: World) -> list[str]:
    with world.read():
        found = list(
            db.session.scalars(
                select(JournalEntry.deed)
                .where(JournalEntry.subject_kind == "outgoing_mail")
                .order_by(JournalEntry.number)
            )
        )
        db.session.rollback()
    return found


@pytest.mark.parametrize("state", [MailState.UNCERTAIN, MailState.DEAD])
def test_sent_again_it_goes_out_once_with_the_same_id(world: World, state: MailState) -> None:
    mail_id = left(world, state, attempts=10, ambiguous=2, last_answer="timed out")
    before = mail_of(world, mail_id)
    with world.write():
        outbox.send_again(mail_id, now=LATER, by=world.actor("coordinator"))
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert [send(lambda: LATER), send(lambda: LATER)] == [1, 0]
    [taken] = sink.taken
    assert taken.message_id == before.message_id
    assert mail_of(world, mail_id).state is MailState.SENT
    assert deeds(world) == ["mail.sent_again"]
    assert chain_faults(world) == []


def test_a_refusal_after_sending_again_begins_to_count_anew(world: World) -> None:
    mail_id = left(world, MailState.DEAD, attempts=10)
    with world.write():
        outbox.send_again(mail_id, now=LATER, by=world.actor("coordinator"))
    with Sink(lambda _: "451 later") as sink:
        point_to(world.app, sink.port)
        assert send(lambda: LATER) == 0
    again = mail_of(world, mail_id)
    assert (again.state, again.attempts) == (MailState.QUEUED, 1)


def test_taken_as_sent_it_is_not_sent_and_keeps_the_servers_answer(world: World) -> None:
    mail_id = left(world, MailState.UNCERTAIN, last_answer="timed out", body_text="http://x.example/m/abc")
    with world.write():
        outbox.settle_by_hand(mail_id, now=LATER, by=world.actor("coordinator"))
    settled = mail_of(world, mail_id)
    assert (settled.state, settled.sent_at, settled.last_answer) == (MailState.SENT, LATER, "timed out")
    assert settled.body_text == "http://x.example/m/…"
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert send(lambda: LATER) == 0
    assert deeds(world) == ["mail.taken_as_sent"]


@pytest.mark.parametrize(
    "state",
    [MailState.QUEUED, MailState.CLAIMED, MailState.HANDING, MailState.SENT, MailState.CANCELLED],
)
def test_what_is_not_left_to_a_person_stays_as_it_is(world: World, state: MailState) -> None:
    mail_id = left(world, state)
    for decide in (outbox.send_again, outbox.settle_by_hand):
        with pytest.raises(Refused), world.write():
            decide(mail_id, now=LATER, by=world.actor("coordinator"))
    assert mail_of(world, mail_id).state is state
    assert deeds(world) == []


def test_the_mail_of_another_organisation_is_not_decided(world: World) -> None:
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    mail_id = left(other, MailState.DEAD)
    with pytest.raises(Refused), world.write():
        outbox.send_again(mail_id, now=LATER, by=world.actor("coordinator"))
    assert mail_of(other, mail_id).state is MailState.DEAD


def test_two_test_mails_of_one_moment_are_two_mails(world: World) -> None:
    with world.write():
        for _ in range(2):
            outbox.send_test("a@x.example", "ก", "หน่วยงาน", "th", now=NOW, by=world.actor("coordinator", NOW))
    with world.read():
        assert len(db.session.scalars(select(OutgoingMail.id)).all()) == 2
        db.session.rollback()
