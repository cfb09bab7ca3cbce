"""The jobs' heartbeats in the database, and what they tell of a clock that went back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from tracker.database import across_organisations, db, writing
from tracker.models import JobRun

STEP_BACK = timedelta(minutes=5)
# Long enough for a time service to mend the clock; one that was ahead once must not silence the reminders for good.
DISTRUST = timedelta(hours=1)


class ClockWentBack(Exception):
    """The clock shows an earlier time than it has shown before: one of the two was wrong."""


def begin(name: str, now: datetime) -> None:
    """Note that a job begins, and how its clock has gone."""
    try:
        _begin(name, now)
    except IntegrityError:
        # Two schedulers that start for the first time: the row is there now.
        _begin(name, now)


def _begin(name: str, now: datetime) -> None:
    with across_organisations("heartbeat of the jobs"), writing():
        run = db.session.get(JobRun, name) or JobRun(name=name, latest_at=now)
        run.started_at = now
        latest = run.latest_at or now
        if now >= latest - STEP_BACK:
            run.latest_at, run.back_at = max(latest, now), None
        elif run.back_at is None or now < run.back_at:
            run.back_at = now
        elif now >= run.back_at + DISTRUST:
            run.latest_at, run.back_at = now, None
        db.session.add(run)


def end(name: str, now: datetime, problem: str) -> None:
    """Note that a job has ended, and what went wrong."""
    with across_organisations("heartbeat of the jobs"), writing():
        run = db.session.get_one(JobRun, name)
        run.finished_at, run.problem = now, problem


def check_clock(name: str, now: datetime) -> None:
    """ClockWentBack where the job's clock has been more than 5 minutes later and has not gone on for an hour since."""
    with across_organisations("heartbeat of the jobs"):
        run = db.session.get(JobRun, name)
        latest = run.latest_at if run is not None else None
        db.session.rollback()
    if latest is not None and now < latest - STEP_BACK:
        raise ClockWentBack(
            f"it is {now:%Y-%m-%d %H:%M:%S} UTC, but it was {latest:%Y-%m-%d %H:%M:%S} UTC before"
        )
