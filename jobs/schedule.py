"""What runs when: one visible table, a heartbeat for each line, APScheduler only as the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from flask import Flask

from jobs.follow import follow
from jobs.housekeeping import clean_up
from jobs.remind import remind
from jobs.send import send
from tracker import clock
from tracker.database import across_organisations, db, writing
from tracker.models import JobRun
from tracker.rules.moments import BANGKOK

log = logging.getLogger("tracker.jobs")


@dataclass(frozen=True)
class Job:
    """A line of the table: what runs, and how many seconds lie between two runs."""

    name: str
    run: Callable[[datetime], int]
    seconds: int


SCHEDULE = (
    Job("follow", follow, 60),
    Job("remind", remind, 60),
    Job("send", lambda _: send(clock.now), 15),
    Job("housekeeping", clean_up, 3600),
)


def schedule(app: Flask, scheduler: BaseScheduler | None = None) -> BaseScheduler:
    """A scheduler with every line of the table; the caller starts it."""
    scheduler = scheduler or BackgroundScheduler()
    scheduler.configure(
        timezone=BANGKOK, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in SCHEDULE:
        scheduler.add_job(
            run, "interval", [app, job], seconds=job.seconds, id=job.name, next_run_time=clock.now()
        )
    return scheduler


def run(app: Flask, job: Job) -> None:
    """Run one job now; what goes wrong is logged and shown, and never stops the scheduler."""
    with app.app_context():
        _beat(job.name, started_at=clock.now())
        problem = ""
        try:
            job.run(clock.now())
        except Exception as failure:
            log.exception("job %s failed", job.name)
            problem = f"{type(failure).__name__}: {failure}"[:500]
            db.session.rollback()
        _beat(job.name, finished_at=clock.now(), problem=problem)


def tick(app: Flask, now: datetime) -> dict[str, int]:
    """Run every job once, in the order of the table; returns what each one did."""
    done = {}
    for job in SCHEDULE:
        with app.app_context():
            done[job.name] = send(lambda: now) if job.name == "send" else job.run(now)
    return done


def _beat(name: str, **values: object) -> None:
    with across_organisations("heartbeat of the jobs"), writing():
        row = db.session.get(JobRun, name)
        if row is None:
            row = JobRun(name=name, started_at=clock.now())
            db.session.add(row)
        for column, value in values.items():
            setattr(row, column, value)
