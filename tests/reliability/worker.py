"""A planner or a sender as a process that may die at a numbered point of its work."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import jobs.remind
import jobs.send
from tracker import mail, smtp
from tracker.actions import sending
from tracker.app import create_app
from tracker.config import Config

log = logging.getLogger("tests.reliability")

# Where a sender may die, in the order of its work …
CLAIMED = 1  # claimed, committed
NOTING = 2  # about to commit that the mail may go out
NOTED = 3  # that is committed, no byte is out
DOT = 4  # the final dot is out, no answer has come
ANSWERED = 5  # the answer has come
SETTLING = 6  # about to commit the answer
SETTLED = 7  # that is committed
# … and a planner.
PLANNING = 8  # about to commit ledger and outbox
PLANNED = 9  # that is committed
SENDER_POINTS = (CLAIMED, NOTING, NOTED, DOT, ANSWERED, SETTLING, SETTLED)
PLANNER_POINTS = (PLANNING, PLANNED)
# What each says to the boss before its first round.
AT_WORK = "at work"
CALLED = {"plan": "planner", "send": "sender"}


@dataclass(frozen=True)
class FastClock:
    """A clock that all processes share: `begin` at `since` (seconds of the machine), then `speed` times as fast."""

    begin: datetime
    since: float
    speed: float

    def __call__(self) -> datetime:
        return self.begin + timedelta(seconds=(time.time() - self.since) * self.speed)


@dataclass
class Fate:
    """Death at the `passes`-th passing of a point; point 0 is never passed."""

    point: int = 0
    passes: int = 1

    def pass_by(self, point: int) -> None:
        if point != self.point:
            return
        self.passes -= 1
        if self.passes == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def plan(config: Config, clock: FastClock, fate: Fate, boss: Connection) -> None:
    """Plan again and again until the boss says that it is enough."""
    _number_planning(fate)
    _work(config, boss, lambda: jobs.remind.remind(clock()), pause=1.0)


def send(config: Config, clock: FastClock, fate: Fate, boss: Connection) -> None:
    """Send again and again until the boss says that it is enough."""
    _number_sending(fate)
    # Few, so that the dead leave work for the living.
    jobs.send.MAILS_A_CLAIM = 3
    _work(config, boss, lambda: jobs.send.send(clock), pause=0.15)


def live_once(config: Config, now: datetime) -> None:
    """Start, plan and send what is there, and end: a server that is up for no more than a round."""
    with create_app(config, pages=False).app_context():
        jobs.remind.remind(now)
        jobs.send.send(lambda: now)


def _work(config: Config, boss: Connection, work: Callable[[], int], pause: float) -> None:
    app = create_app(config)
    with app.app_context():
        boss.send(AT_WORK)
        while True:
            done = 0
            try:
                done = work()
            except Exception:
                # As the scheduler does: the next round tries again, and what is left is counted at the end.
                log.exception("a round failed")
            if boss.poll(0 if done else pause):
                return


def _number_planning(fate: Fate) -> None:
    real = jobs.remind.writing

    @contextmanager
    def writing(**how: bool) -> Iterator[None]:
        with real(**how):
            yield
            fate.pass_by(PLANNING)
        fate.pass_by(PLANNED)

    jobs.remind.writing = writing  # type: ignore[attr-defined]


def _number_sending(fate: Fate) -> None:
    claim, begin, settle = jobs.send._claim, sending.begin_handing, sending.settle
    hand_over, send_bytes, real = mail.Line.hand_over, smtp.WatchedServer.send, jobs.send.writing
    settled = [False]

    def after(point: int, work: Callable[..., Any]) -> Callable[..., Any]:
        def numbered(*args: Any, **values: Any) -> Any:
            result = work(*args, **values)
            if result:
                fate.pass_by(point)
            return result

        return numbered

    def settling(*args: Any, **values: Any) -> Any:
        result = settle(*args, **values)
        settled[0] = True
        fate.pass_by(SETTLING)
        return result

    @contextmanager
    def writing(**how: bool) -> Iterator[None]:
        context: AbstractContextManager[None] = real(**how)
        with context:
            yield
        if settled[0]:
            settled[0] = False
            fate.pass_by(SETTLED)

    def handing_over(*args: Any, **values: Any) -> str:
        fate.pass_by(NOTED)
        answer = hand_over(*args, **values)
        fate.pass_by(ANSWERED)
        return answer

    def sending_bytes(server: smtp.WatchedServer, text: Any) -> None:
        before = server.message_out
        send_bytes(server, text)
        if server.message_out and not before:
            fate.pass_by(DOT)

    jobs.send._claim = after(CLAIMED, claim)
    sending.begin_handing = after(NOTING, begin)
    sending.settle = settling
    jobs.send.writing = writing  # type: ignore[attr-defined]
    mail.Line.hand_over = handing_over  # type: ignore[method-assign]
    smtp.WatchedServer.send = sending_bytes  # type: ignore[method-assign]
