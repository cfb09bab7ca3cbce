"""Each way in which a mail server fails leaves each mail in its right state, within the limits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs.send import send
from tests.sinks import Sink, misbehaving, point_to, read_message, talk
from tests.world import World, at
from tracker.actions import sending
from tracker.database import across_organisations, db
from tracker.mail import Rendered, enqueue
from tracker.models import MailState, OutgoingMail, Relay

NOW = at("2026-03-17", "08:30")
LIMITS = {"smtp_seconds": 0.3, "handover_seconds": 1.0, "lease_seconds": 60.0}
# Of the hand-over, and as much again for what is around it on a slow machine.
LONGEST = 8.0

Serve = Callable[[socket.socket], None]


@dataclass(frozen=True)
class After:
    """How two mails stand after a round: their states, tries and doubts, and whether the queue is paused."""

    states: tuple[str, str]
    attempts: tuple[int, int] = (1, 1)
    ambiguous: tuple[int, int] = (0, 0)
    refusals: int = 0


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def trickle(connection: socket.socket) -> None:
    ended = threading.Event()
    while not ended.wait(0.05):
        connection.sendall(b"2")


def cut_at(command: bytes) -> Serve:
    return lambda connection: talk(connection, command)


def cut_inside(connection: socket.socket) -> None:
    talk(connection, b"DATA")
    connection.sendall(b"354 go on\r\n")
    connection.recv(100)


def cut_after_the_dot(connection: socket.socket) -> None:
    talk(connection, b"DATA")
    read_message(connection)


def silent_after_the_dot(connection: socket.socket) -> None:
    cut_after_the_dot(connection)
    connection.recv(1)


def trickle_after_the_dot(connection: socket.socket) -> None:
    cut_after_the_dot(connection)
    trickle(connection)


def answering(command: bytes, answer: bytes) -> Serve:
    """Answers this command so, each time; agrees to all others."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"220 here\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                if line.upper().startswith(command):
                    connection.sendall(answer + b"\r\n")
                elif line.upper().startswith(b"DATA"):
                    connection.sendall(b"354 go on\r\n")
                    while lines.readline() != b".\r\n":
                        pass
                    connection.sendall((answer if command == b"." else b"250 kept") + b"\r\n")
                else:
                    connection.sendall(b"250 yes\r\n")

    return serve


NOT_LET_IN = After(("queued", "queued"), attempts=(0, 0), refusals=1)
TRIED = After(("queued", "queued"))
REFUSED = After(("dead", "dead"))
IN_DOUBT = After(("queued", "queued"), ambiguous=(1, 1))
CASES: dict[str, tuple[Serve, After]] = {
    "says nothing": (silent, NOT_LET_IN),
    "trickles its greeting": (trickle, NOT_LET_IN),
    "greets with 421": (lambda connection: connection.sendall(b"421 not now\r\n"), NOT_LET_IN),
    "greets with 554": (lambda connection: connection.sendall(b"554 not you\r\n"), NOT_LET_IN),
    "cuts at MAIL": (cut_at(b"MAIL"), TRIED),
    "cuts at RCPT": (cut_at(b"RCPT"), TRIED),
    "cuts at DATA": (cut_at(b"DATA"), TRIED),
    "cuts after the final dot": (cut_after_the_dot, IN_DOUBT),
    "is silent after the final dot": (silent_after_the_dot, IN_DOUBT),
    "trickles after the final dot": (trickle_after_the_dot, IN_DOUBT),
    **{
        f"answers {code} at {command.decode()}": (answering(command, f"{code} no".encode()), after)
        for command in (b"MAIL", b"RCPT", b"DATA", b".")
        for code, after in ((421, TRIED), (451, TRIED), (550, REFUSED))
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_server_that(case: str, world: World) -> None:
    serve, after = CASES[case]
    queue(world, "ก")
    with misbehaving(serve) as port:
        point_to(world.app, port, **LIMITS)
        begun = time.monotonic()
        assert send(lambda: NOW) == 0
        assert time.monotonic() - begun < LONGEST
    assert stands() == after
    with Sink() as sink:
        point_to(world.app, sink.port)
        waiting = after.states.count("queued")
        assert send(lambda: NOW + timedelta(minutes=1)) == waiting == len(sink.taken)


def test_a_server_that_cuts_before_the_final_dot_leaves_no_doubt(world: World) -> None:
    # More than the system keeps for a server that does not read.
    queue(world, "ก" * 3_000_000)
    with misbehaving(cut_inside) as port:
        point_to(world.app, port, **LIMITS | {"smtp_seconds": 5.0, "handover_seconds": 10.0})
        assert send(lambda: NOW) == 0
    assert stands() == TRIED


def test_a_server_that_refuses_connections_is_left_alone_after_the_fifth(world: World) -> None:
    queue(world, "ก")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    point_to(world.app, port, **LIMITS)
    for _ in range(9):
        assert send(lambda: NOW) == 0
    assert stands() == After(("queued", "queued"), attempts=(0, 0), refusals=5)


@pytest.mark.parametrize("answer", [b"530 authentication required", b"535 bad credentials"])
def test_a_server_that_wants_other_credentials_pauses_the_queue_at_once(answer: bytes, world: World) -> None:
    queue(world, "ก")
    with misbehaving(answering(b"MAIL", answer)) as port:
        point_to(world.app, port, **LIMITS)
        assert send(lambda: NOW) == 0
        with across_organisations("test"):
            pause = sending.relay_pause(now=NOW)
            db.session.rollback()
    assert pause is not None
    assert pause.answer.startswith(answer.decode())
    assert stands().attempts == (0, 0)


def test_a_connection_that_ends_between_two_mails_is_opened_again(world: World) -> None:
    queue(world, "ก")
    taken: list[bytes] = []

    def one_mail_each(connection: socket.socket) -> None:
        talk(connection, b"DATA")
        taken.append(read_message(connection))
        connection.sendall(b"250 kept\r\n")

    with misbehaving(one_mail_each) as port:
        point_to(world.app, port, **LIMITS)
        assert send(lambda: NOW) == 2
    assert len(taken) == 2
    assert stands() == After(("sent", "sent"))


def test_a_sender_that_slept_past_its_lease_sends_nothing(world: World) -> None:
    queue(world, "ก")
    moments = [NOW, NOW, NOW + timedelta(hours=1)]

    def moment() -> object:
        # The lease is over when the text is about to leave.
        return moments.pop(0) if len(moments) > 1 else moments[0]

    with Sink() as sink:
        point_to(world.app, sink.port, **LIMITS)
        send(moment, lambda: len(moments) == 1)  # type: ignore[arg-type]
        assert sink.taken == []
    assert stands().ambiguous == (0, 0)


def queue(world: World, text: str) -> None:
    with world.write():
        for place in range(2):
            words = Rendered(f"เรื่องที่ {place}", f"{text}\n", f"<p>{text}</p>")
            enqueue("test", (f"p{place}@x.example", ""), words, f"test:{place}", now=NOW)


def stands() -> After:
    with across_organisations("test"):
        db.session.rollback()
        first, second = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
        refusals = db.session.scalars(select(Relay.refusals)).one()
        after = After(
            (first.state.value, second.state.value),
            (first.attempts, second.attempts),
            (first.ambiguous, second.ambiguous),
            refusals,
        )
        db.session.rollback()
    assert MailState.HANDING.value not in after.states
    return after
