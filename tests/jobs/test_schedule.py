"""The table of jobs: a round by hand, heartbeats, and a job that fails alone."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from jobs.housekeeping import clean_up
from jobs.remind import OrganisationsFailed, remind
from jobs.schedule import SCHEDULE, Job, JobsFailed, Moment, Stop, schedule, tick
from tests.sinks import Sink, point_to
from tests.world import World, at
from tracker.app import Tracker
from tracker.database import across_organisations, db, writing
from tracker.models import JobRun, MailLink, Organisation, OutgoingMail, Reminder, Throttle, WebSession

YEAR = (datetime(2025, 10, 1).date(), datetime(2026, 9, 30).date())  # noqa: DTZ001  days only
MORNING = at("2025-12-17", "08:30")


def beats() -> dict[str, JobRun]:
    with across_organisations("test"):
        db.session.rollback()
        rows = {row.name: row for row in db.session.scalars(select(JobRun))}
        db.session.expunge_all()
        db.session.rollback()
    return rows


def test_a_round_twice_sends_once(world: World) -> None:
    world.adopted_plan([(1, range(5), *YEAR)])
    with Sink() as sink:
        point_to(world.app, sink.port)
        first = tick(world.app, MORNING)
        second = tick(world.app, MORNING + timedelta(minutes=1))
    assert (first["remind"], first["send"]) == (7, 7)
    assert second == dict.fromkeys(first, 0)
    assert len({taken.message_id for taken in sink.taken}) == len(sink.taken) == 7
    assert sorted(taken.recipients[0] for taken in sink.taken)[:3] == [
        "chief@tuayang.example",
        "coordinator@tuayang.example",
        "head0@tuayang.example",
    ]


def test_two_planners_at_once_write_one_digest_each(app: Tracker, world: World) -> None:
    world.adopted_plan([(1, range(5), *YEAR)])
    together = threading.Barrier(3)
    planned: list[int] = []

    def work() -> None:
        with app.app_context():
            together.wait(10)
            planned.append(remind(MORNING))

    planners = [threading.Thread(target=work) for _ in range(3)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join(60)
    assert sorted(planned) == [0, 0, 7]
    with world.read():
        assert len(db.session.scalars(select(OutgoingMail)).all()) == 7


def test_a_round_writes_a_heartbeat_for_every_job(world: World) -> None:
    tick(world.app, MORNING)
    rows = beats()
    assert set(rows) == {job.name for job in SCHEDULE}
    assert {(row.started_at, row.finished_at, row.problem) for row in rows.values()} == {
        (MORNING, MORNING, "")
    }


def test_a_clock_that_went_back_plans_nothing_until_it_has_gone_on_for_an_hour(world: World) -> None:
    world.adopted_plan([(1, range(5), *YEAR)])
    tick(world.app, MORNING + timedelta(hours=4))
    with world.write():
        for table in (Reminder, MailLink, OutgoingMail):
            db.session.execute(delete(table))
    back = MORNING + timedelta(hours=2)
    for minutes in (0, 59):
        with pytest.raises(JobsFailed, match="remind"):
            tick(world.app, back + timedelta(minutes=minutes))
        assert beats()["remind"].problem.startswith("ClockWentBack: it is 2025-12-17 0")
    assert tick(world.app, back + timedelta(minutes=60))["remind"] == 7
    assert beats()["remind"].back_at is None


def test_a_step_back_of_some_minutes_is_borne(world: World) -> None:
    world.adopted_plan([(1, range(5), *YEAR)])
    tick(world.app, MORNING - timedelta(minutes=1))
    assert tick(world.app, MORNING + timedelta(minutes=4))["remind"] == 7
    tick(world.app, MORNING)


def boom(_moment: Moment, _stop: Stop) -> int:
    raise ValueError("out of order")


def test_a_job_that_fails_is_written_down_and_the_others_run(app: Tracker) -> None:
    ran: list[str] = []
    jobs = (Job("bad", boom, 1), Job("good", lambda *_: ran.append("good") or 1, 1))
    with pytest.raises(JobsFailed, match="bad"):
        tick(app, MORNING, jobs)
    rows = beats()
    assert ran == ["good"]
    assert rows["bad"].problem == "ValueError: out of order"
    assert (rows["bad"].finished_at, rows["good"].problem) == (MORNING, "")
    tick(app, MORNING, [Job("bad", lambda *_: 1, 1)])
    assert beats()["bad"].problem == ""


def test_the_scheduler_goes_on_after_a_job_has_failed(app: Tracker) -> None:
    changed = threading.Condition()
    runs = {"bad": 0, "good": 0}

    def counted(name: str) -> Job:
        def run(moment: Moment, stop: Stop) -> int:
            with changed:
                runs[name] += 1
                changed.notify_all()
            return boom(moment, stop) if name == "bad" else 1

        return Job(name, run, 0.05)

    scheduler = schedule(app, jobs=[counted("bad"), counted("good")])
    scheduler.start()
    with changed:
        assert changed.wait_for(lambda: min(runs.values()) >= 3, 30)
    scheduler.shutdown(wait=True)
    rows = beats()
    assert (rows["bad"].problem, rows["good"].problem) == ("ValueError: out of order", "")


def test_an_organisation_whose_planning_fails_does_not_silence_the_others(world: World) -> None:
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    for one in (world, other):
        one.adopted_plan([(1, [1], *YEAR)])
    with world.write():
        db.session.scalars(select(Organisation)).first().send_minute = 99 * 60  # type: ignore[union-attr]
    with pytest.raises(OrganisationsFailed, match=rf"^{world.organisation_id} \(ValueError"):
        remind(MORNING)
    with other.read():
        addresses = db.session.scalars(select(OutgoingMail.to_address)).all()
        db.session.rollback()
    assert set(addresses) == {"head1@other.example", "coordinator@other.example", "chief@other.example"}


def test_what_is_over_for_a_month_is_forgotten(world: World) -> None:
    with world.write():
        for number, ended in enumerate((31, 29)):
            moment = MORNING - timedelta(days=ended)
            session = WebSession(
                user_id=world.users["clerk"], token_hash=str(number), created_at=moment, expires_at=moment
            )
            db.session.add_all([session, Throttle(key=str(number), failures=3, since_at=moment)])
    assert clean_up(MORNING) == 2
    with across_organisations("test"), writing():
        assert db.session.scalars(select(WebSession.token_hash)).all() == ["1"]
        assert db.session.scalars(select(Throttle.key)).all() == ["1"]
