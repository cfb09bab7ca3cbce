"""Three planners and three senders, killed at random and at each numbered point: what is left must add up."""

from __future__ import annotations

import dataclasses
import multiprocessing
import multiprocessing.connection
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from tests.reliability import worker
from tests.reliability.forks import forks
from tests.reliability.worker import FastClock, Fate
from tests.sinks import LONGEST_WAIT
from tests.world import World
from tracker.actions import reminding
from tracker.app import Tracker
from tracker.config import Config
from tracker.database import across_organisations, db, organisation_scope
from tracker.models import MailState, Outcome, OutgoingMail, Reminder
from tracker.rules.moments import moment_on

ROOT = Path(__file__).resolve().parents[2]
LONG = bool(os.environ.get("TRACKER_LONG"))
KILLS = 1000 if LONG else 20
KILLS_A_DAY = 40
ORGANISATIONS = 8
PLANNERS = SENDERS = 3
SEED = 2569
FIRST_DAY = date(2025, 12, 17)
# A minute of the installation is a second of the test: leases end and second tries come without waiting.
SPEED = 60.0
SETTINGS = {"smtp_seconds": 20.0, "handover_seconds": 30.0, "lease_seconds": 60.0}
LONGEST_DAY = 900.0 if LONG else 240.0
UNDER_WAY = (MailState.QUEUED, MailState.CLAIMED, MailState.HANDING)


@contextmanager
def logging_sink(log: Path) -> Iterator[int]:
    """The port of the server of sink.py."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.sink", str(log)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        assert process.stdin
        yield int(process.stdout.readline())
        process.stdin.close()
        process.wait(LONGEST_WAIT)


@dataclasses.dataclass
class Member:
    """A planner or sender: the point it is to die at, or how long it may work before it is killed from outside."""

    role: str
    point: int
    seconds: float
    process: multiprocessing.process.BaseProcess
    ours: multiprocessing.connection.Connection

    def lose_heart(self) -> None:
        """Who is to be killed from outside is killed at work: whoever has not begun has nothing to lose."""
        if self.seconds and self.ours.poll():
            assert self.ours.recv() == worker.AT_WORK
            killer = threading.Timer(self.seconds, self.process.kill)
            killer.daemon = True
            killer.start()
            self.seconds = 0.0


@dataclasses.dataclass
class Crew:
    """Planners and senders who are replaced when they die, until enough have; then they finish the day."""

    config: Config
    clock: FastClock
    random: Random
    kills: int
    killed: Counter[str] = dataclasses.field(default_factory=Counter)
    members: dict[int, Member] = dataclasses.field(default_factory=dict)

    def begin(self) -> None:
        for role in ["plan"] * PLANNERS + ["send"] * SENDERS:
            self.hire(role)

    def hire(self, role: str) -> None:
        ours, theirs = forks.Pipe()
        fate, seconds = self.fate(role)
        process = forks.Process(
            target=getattr(worker, role), args=(self.config, self.clock, fate, theirs), daemon=True
        )
        process.start()
        theirs.close()
        self.members[process.sentinel] = Member(role, fate.point, seconds, process, ours)

    def fate(self, role: str) -> tuple[Fate, float]:
        """At a numbered point, or from outside after so many seconds of work; none once enough have died."""
        if self.killed.total() >= self.kills:
            return Fate(), 0.0
        if self.random.random() < 0.25:
            return Fate(), self.random.uniform(0.001, 1.0)
        points = worker.PLANNER_POINTS if role == "plan" else worker.SENDER_POINTS
        return Fate(self.random.choice(points), self.random.randint(1, 4)), 0.0

    def replace_the_dead(self) -> None:
        for member in self.members.values():
            member.lose_heart()
        for sentinel in multiprocessing.connection.wait(list(self.members), 0.05):
            member = self.members.pop(sentinel)  # type: ignore[arg-type]
            member.process.join(LONGEST_WAIT)
            member.ours.close()
            called = worker.CALLED[member.role]
            exitcode = member.process.exitcode
            assert exitcode == -signal.SIGKILL, f"a {called} ended by itself: {exitcode}"
            self.killed[f"at {member.point}" if member.point else f"{called} at random"] += 1
            self.hire(member.role)

    def end(self) -> None:
        for member in self.members.values():
            # Who was still to be killed may die in this moment.
            with suppress(BrokenPipeError):
                member.ours.send("enough")
        for member in self.members.values():
            member.process.join(LONGEST_WAIT)
            # Who was still to be killed may have been.
            assert member.process.exitcode in (0, -signal.SIGKILL), (member.role, member.process.exitcode)
            member.ours.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest) -> Tracker:
    """A migrated database of each kind."""
    app: Tracker = request.getfixturevalue("app" if request.param == "sqlite" else "postgres_app")
    return app


def test_nothing_is_lost_and_every_copy_is_paid_by_a_recorded_doubt(
    installation: Tracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = installation
    worlds = [World(app, f"o{number}", f"เทศบาลตำบลที่ {number}") for number in range(ORGANISATIONS)]
    for world in worlds:
        world.adopted_plan([(2, range(5), date(2025, 10, 1), date(2026, 9, 30))])
    log = tmp_path / "taken.log"
    log.touch()
    random, killed, day = Random(SEED), Counter[str](), FIRST_DAY
    begun = time.monotonic()
    with logging_sink(log) as port:
        config = dataclasses.replace(app.extensions["tracker.config"], smtp_port=port, **SETTINGS)
        while killed.total() < KILLS:
            expected = expect(worlds, day)
            if expected:
                killed += live_through(config, worlds, day, random, min(KILLS_A_DAY, KILLS - killed.total()))
                assert written(worlds, day) == expected
                with capsys.disabled():
                    print(f"\n{day}: {killed.total()} killed, {account(log)}", end="", flush=True)
            day += timedelta(days=1)
    told = account(log)
    with capsys.disabled():
        seconds = time.monotonic() - begun
        print(f"\n{db.engine.dialect.name}: {dict(killed)} killed, {told}, {seconds:.0f} s")
    assert told.lost == 0
    assert told.most_copies <= 2
    assert told.unpaid_copies == 0
    assert told.doubts > 0
    if LONG:
        points = (*worker.SENDER_POINTS, *worker.PLANNER_POINTS)
        assert {f"at {point}" for point in points} <= killed.keys()
        assert {"sender at random", "planner at random"} <= killed.keys()


Expected = dict[str, set[str]]


def expect(worlds: list[World], day: date) -> Expected:
    """The ledger's keys and the addresses, by organisation, as the day stands before it begins."""
    found: Expected = {}
    for world in worlds:
        with organisation_scope(world.organisation_id):
            decided = reminding.forecast([day])[0]
            db.session.rollback()
        if decided.entries:
            found[world.slug] = {entry.key for entry in decided.entries} | {
                f"to {digest.address}" for digest in decided.digests
            }
    return found


def written(worlds: list[World], day: date) -> Expected:
    """What stands in the ledger and the outbox of the day; each address once."""
    found: Expected = {}
    for world in worlds:
        with organisation_scope(world.organisation_id):
            db.session.rollback()
            rows = db.session.scalars(select(Reminder).where(Reminder.planned_at >= moment_on(day, 0))).all()
            mails = db.session.scalars(
                select(OutgoingMail).where(OutgoingMail.created_at >= moment_on(day, 0))
            ).all()
            to = [mail.to_address for mail in mails if mail.kind == "digest"]
            assert len(to) == len(set(to))
            assert {row.mail_id for row in rows if row.outcome is Outcome.ENQUEUED} == {
                mail.id for mail in mails
            }
            if rows:
                found[world.slug] = {row.key for row in rows} | {f"to {address}" for address in to}
            db.session.rollback()
    return found


def live_through(config: Config, worlds: list[World], day: date, random: Random, kills: int) -> Counter[str]:
    """A day from the sending hour until every mail has found its end; returns how many died."""
    clock = FastClock(moment_on(day, 8 * 60 + 30), time.time(), SPEED)
    crew = Crew(config, clock, random, kills)
    crew.begin()
    late = time.monotonic() + LONGEST_DAY
    # Planned first: a planner may commit between the two questions.
    while under_way() or expect(worlds, day) or under_way():
        assert time.monotonic() < late, states()
        crew.replace_the_dead()
    crew.end()
    return crew.killed


def under_way() -> int:
    with across_organisations("test"):
        found = db.session.scalar(
            select(func.count(OutgoingMail.id)).where(OutgoingMail.state.in_(UNDER_WAY))
        )
        db.session.rollback()
    return found or 0


def states() -> dict[str, int]:
    with across_organisations("test"):
        rows = db.session.execute(
            select(OutgoingMail.state, func.count(OutgoingMail.id)).group_by(OutgoingMail.state)
        ).all()
        db.session.rollback()
    return {state.value: number for state, number in rows}


@dataclasses.dataclass(frozen=True)
class Account:
    """How the mails ended, and the copies the server took."""

    mails: int
    ends: dict[str, int]
    lost: int
    twice: int
    most_copies: int
    unpaid_copies: int
    doubts: int


def account(log: Path) -> Account:
    copies = Counter(line.split()[0] for line in log.read_text(encoding="ascii").splitlines())
    with across_organisations("test"):
        mails = db.session.scalars(select(OutgoingMail)).all()
        shown = (MailState.UNCERTAIN, MailState.DEAD)
        told = Account(
            mails=len(mails),
            ends=states_of(mails),
            lost=sum(not copies[mail.message_id] and mail.state not in shown for mail in mails),
            twice=sum(copies[mail.message_id] > 1 for mail in mails),
            most_copies=max(copies.values()),
            unpaid_copies=sum(max(0, copies[mail.message_id] - 1 - mail.ambiguous) for mail in mails),
            doubts=sum(mail.ambiguous for mail in mails),
        )
        assert set(copies) <= {mail.message_id for mail in mails}
        db.session.rollback()
    return told


def states_of(mails: object) -> dict[str, int]:
    return dict(Counter(mail.state.value for mail in mails))  # type: ignore[attr-defined]
