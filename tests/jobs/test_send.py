"""The sender over a real server: once each, by any number of senders, past whatever stands in the way."""

from __future__ import annotations

import socket
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, event, select

import jobs.send
from jobs.remind import remind
from jobs.send import BEAT, send
from tests.sinks import LONGEST_WAIT, Sink, Taken, misbehaving, point_to, read_message
from tests.world import World, at
from tracker.actions import sending
from tracker.app import Tracker
from tracker.database import across_organisations, db
from tracker.mail import Rendered, enqueue
from tracker.models import JobRun, MailState, Outcome, OutgoingMail, Position, Reminder, Task
from tracker.rules.states import TaskState

NOW = at("2026-03-17", "08:30")


def queue(world: World, number: int, address: str = "") -> None:
    with world.write():
        for place in range(number):
            words = Rendered(f"เรื่องที่ {place}", "เนื้อความ\n", "<p>เนื้อความ</p>")
            to = address or f"person{place}@{world.slug}.example"
            enqueue("test", (to, "ผู้รับ"), words, f"{world.slug}:{address}:{place}", now=NOW)


def states() -> list[MailState]:
    with across_organisations("test"):
        found = list(db.session.scalars(select(OutgoingMail.state).order_by(OutgoingMail.id)))
        db.session.rollback()
    return found


def test_what_is_due_is_sent_once_in_the_organisations_name(world: World) -> None:
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    queue(world, 3)
    queue(other, 2)
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert [send(lambda: NOW), send(lambda: NOW)] == [5, 0]
    assert states() == [MailState.SENT] * 5
    assert len({taken.message_id for taken in sink.taken}) == 5
    assert len({taken.message["From"] for taken in sink.taken}) == 2


def test_two_senders_at_once_send_each_mail_once(app: Tracker, world: World) -> None:
    queue(world, 30)
    both = threading.Barrier(2)
    sent: list[int] = []

    def work() -> None:
        with app.app_context():
            both.wait(10)
            sent.append(send(lambda: NOW))

    with Sink() as sink:
        point_to(app, sink.port)
        senders = [threading.Thread(target=work) for _ in range(2)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
    assert sum(sent) == len(sink.taken) == 30
    assert len({taken.message_id for taken in sink.taken}) == 30
    assert states() == [MailState.SENT] * 30


def test_where_much_is_due_a_second_connection_helps_once_the_server_has_taken_a_mail(
    app: Tracker, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.send, "MAILS_A_CLAIM", 2)
    queue(world, 6)
    both = threading.Barrier(2)
    taken: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                if line.startswith(b"data"):
                    taken.append(read_message(connection))
                    if len(taken) in (2, 3):
                        # The second mail gets no answer before a third has come, which another connection must bring.
                        both.wait(LONGEST_WAIT)
                connection.sendall(b"250 yes\r\n")

    with misbehaving(serve) as port:
        point_to(app, port)
        assert send(lambda: NOW) == 6
    assert len(set(taken)) == len(taken) == 6
    assert states() == [MailState.SENT] * 6


def test_no_text_leaves_before_its_note_has_reached_the_disk(world: World) -> None:
    disk_is_waited_for_before_each_mail(world)


def test_nor_on_postgresql(postgres_app: Tracker) -> None:
    disk_is_waited_for_before_each_mail(World(postgres_app))


def disk_is_waited_for_before_each_mail(world: World) -> None:
    world.adopted_plan([(1, [1, 2], date(2025, 10, 1), date(2026, 9, 30))])
    commits: list[bool] = []
    before_mail: list[bool] = []

    def note(connection: Connection) -> None:
        commits.append(waits_for_disk(connection))

    def answer(_: Taken) -> str:
        before_mail.append(commits[-1])
        return "250 kept"

    with Sink(answer) as sink:
        point_to(world.app, sink.port)
        event.listen(db.engine, "commit", note)
        planned = remind(at("2025-12-17", "08:30"))
        assert commits
        assert not any(commits)
        assert send(lambda: at("2025-12-17", "08:30")) == planned > 1
    assert before_mail == [True] * planned


def waits_for_disk(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    return connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_long_round_beats_all_the_while(world: World) -> None:
    queue(world, 6)
    clock = [NOW]

    def slowly(_: Taken) -> str:
        clock[0] += timedelta(seconds=40)
        return "250 kept"

    with Sink(answer=slowly) as sink:
        point_to(world.app, sink.port)
        assert send(lambda: clock[0]) == 6
    with across_organisations("test"):
        beat = db.session.get_one(JobRun, "send").started_at
        db.session.rollback()
    assert clock[0] - BEAT - timedelta(seconds=40) <= beat <= clock[0]


def test_a_mail_that_cannot_be_sent_does_not_hold_up_the_next(world: World) -> None:
    queue(world, 1, address="no address at all")
    queue(world, 2)
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert send(lambda: NOW) == 2
    assert states() == [MailState.DEAD, MailState.SENT, MailState.SENT]


def test_a_refusal_is_shown_and_a_busy_server_asked_again(world: World) -> None:
    queue(world, 3)
    answers = {
        "person0": ["550 no such person"],
        "person1": ["451 try later", "250 kept"],
        "person2": ["250 kept"],
    }

    def answer(taken: Taken) -> str:
        return answers[taken.recipients[0].partition("@")[0]].pop(0)

    with Sink(answer) as sink:
        point_to(world.app, sink.port)
        assert send(lambda: NOW) == 1
        assert states() == [MailState.DEAD, MailState.QUEUED, MailState.SENT]
        assert send(lambda: NOW + timedelta(minutes=1)) == 1
    assert states() == [MailState.DEAD, MailState.SENT, MailState.SENT]
    with across_organisations("test"):
        told = db.session.scalars(select(OutgoingMail.last_answer).order_by(OutgoingMail.id)).all()
        db.session.rollback()
    assert told == ["550 no such person", "250 kept", "250 kept"]


def test_where_no_server_is_no_mail_is_touched(world: World) -> None:
    queue(world, 3)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    point_to(world.app, port)
    assert send(lambda: NOW) == 0
    with across_organisations("test"):
        tries = db.session.scalars(select(OutgoingMail.attempts).order_by(OutgoingMail.id)).all()
        db.session.rollback()
    assert tries == [0, 0, 0]
    assert states() == [MailState.QUEUED] * 3
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert send(lambda: NOW + timedelta(minutes=1)) == 3


def test_told_to_stop_the_sender_ends_after_the_mail_in_hand(world: World) -> None:
    queue(world, 3)
    stopped = threading.Event()

    def answer(_: Taken) -> str:
        stopped.set()
        return "250 kept"

    with Sink(answer) as sink:
        point_to(world.app, sink.port)
        assert send(lambda: NOW, stopped.is_set) == 1
    assert states() == [MailState.SENT, MailState.QUEUED, MailState.QUEUED]


def test_a_digest_that_waited_until_all_its_work_was_done_is_cancelled(world: World) -> None:
    world.adopted_plan([(1, [0, 1], date(2025, 10, 1), date(2026, 9, 30))])
    morning = at("2025-12-17", "08:30")
    assert remind(morning) == 4
    with world.write():
        done = db.session.scalars(select(Task).where(Task.division_id == world.division_ids[0])).all()
        for task in done:
            task.state = TaskState.CANCELLED
    with Sink() as sink:
        point_to(world.app, sink.port)
        assert send(lambda: morning + sending.FRESH) == 3
        assert send(lambda: morning + timedelta(days=9)) == 0
    assert "head0@tuayang.example" not in {taken.recipients[0] for taken in sink.taken}
    with world.read():
        cancelled = db.session.scalars(select(Reminder).where(Reminder.outcome == Outcome.CANCELLED)).all()
        assert {(row.recipient, row.reason) for row in cancelled} == {
            ("head0@tuayang.example", "done meanwhile")
        }
        states = db.session.scalars(select(OutgoingMail.state).order_by(OutgoingMail.to_address)).all()
        db.session.rollback()
    assert states == [MailState.SENT, MailState.SENT, MailState.CANCELLED, MailState.SENT]


def test_a_mail_already_written_goes_to_the_address_of_its_ledger_row(world: World) -> None:
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])
    morning = at("2025-12-17", "08:30")
    remind(morning)
    with world.write():
        for position in db.session.scalars(
            select(Position).where(Position.division_id == world.division_ids[0])
        ):
            position.mailbox = "shared@tuayang.example"
    with Sink() as sink:
        point_to(world.app, sink.port)
        send(lambda: morning)
    told = {taken.recipients[0] for taken in sink.taken}
    assert "head0@tuayang.example" in told
    assert "shared@tuayang.example" not in told
    with world.read():
        assert set(db.session.scalars(select(Reminder.recipient))) <= told
        db.session.rollback()
