"""What runs when: one visible table, a heartbeat for each line, APScheduler only as the clock."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from jobs import heartbeat
from jobs.follow import follow
from jobs.housekeeping import clean_up
from jobs.remind import remind
from jobs.render import render
from jobs.send import send
from tracker import clock, logs, trouble
from tracker.app import Tracker
from tracker.operations import anchors
from tracker.rules.moments import BANGKOK, day_of

log = logging.getLogger("tracker.jobs")

Moment = Callable[[], datetime]
Stop = Callable[[], bool]


class JobsFailed(Exception):
    """Some jobs of a round failed; what went wrong stands in the log and in their JobRun."""


@dataclass(frozen=True)
class Job:
    """A line of the table: what runs, and how many seconds lie between two runs.

    A job gets the clock and the question whether to stop; it returns how many things it did.
    """

    name: str
    run: Callable[[Moment, Stop], int]
    seconds: float


SCHEDULE = (
    Job("follow", lambda moment, _: follow(moment()), 60),
    Job("remind", lambda moment, _: remind(moment()), 60),
    Job("send", send, 15),
    Job("render", render, 5),
    Job("anchor", lambda moment, _: int(anchors.note(day_of(moment()))), 3600),
    Job("housekeeping", lambda moment, _: clean_up(moment()), 3600),
)


def schedule(app: Tracker, stop: Stop = lambda: False, jobs: Sequence[Job] = SCHEDULE) -> BackgroundScheduler:
    """A scheduler with every line of the table, the first run at once; the caller starts it.

    When `stop` says so, a job ends after what it has in hand.
    """
    scheduler = BackgroundScheduler(
        timezone=BANGKOK, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        scheduler.add_job(
            run_on,
            "interval",
            [app, job, clock.now, stop],
            seconds=job.seconds,
            id=job.name,
            next_run_time=clock.now(),
        )
    return scheduler


def tick(app: Tracker, now: datetime, jobs: Sequence[Job] = SCHEDULE) -> dict[str, int]:
    """Run every job once as if it were `now`, in the order of the table; returns what each one did.

    JobsFailed, when all have run, names those that failed.
    """
    done = {job.name: run(app, job, lambda: now) for job in jobs}
    failed = [name for name, number in done.items() if number is None]
    if failed:
        raise JobsFailed(", ".join(failed))
    return {name: number for name, number in done.items() if number is not None}


def run(app: Tracker, job: Job, moment: Moment, stop: Stop = lambda: False) -> int | None:
    """Run one job; what goes wrong is logged and shown, and never stops the others: then it returns None."""
    done: int | None = None
    problem = ""
    with app.app_context(), logs.tagged(job=job.name, run=secrets.token_hex(8)):
        heartbeat.begin(job.name, moment())
        try:
            done = job.run(moment, stop)
        except Exception as failure:
            log.exception("job %s failed", job.name)
            reason = trouble.told(failure)
            problem = str(reason) if reason else f"{type(failure).__name__}: {failure}"[:500]
        heartbeat.end(job.name, moment(), problem)
    return done


def run_on(app: Tracker, job: Job, moment: Moment, stop: Stop = lambda: False) -> None:
    """As `run`, but a disk or database that takes nothing is a sentence in the log: the next round tries again."""
    try:
        run(app, job, moment, stop)
    except (OSError, DBAPIError) as failure:
        reason = trouble.told(failure)
        if reason is None:
            raise
        log.error("job %s: %s", job.name, reason)
