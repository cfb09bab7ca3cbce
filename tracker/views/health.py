"""For monitors: whether the database answers and the jobs run."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from tracker import clock
from tracker.access import public
from tracker.actions import sending
from tracker.database import across_organisations, db
from tracker.models import JobRun, MailState, OutgoingMail

blueprint = Blueprint("health", __name__)
WATCHED = ("remind", "send")
QUIET_TOO_LONG = timedelta(minutes=5)
WAITS_TOO_LONG = timedelta(minutes=30)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 while planner and sender beat and do not fail, the mail server lets us in, the clock can be trusted and no
    due mail waits.

    Else 503; moments and counts, no names. `failing` says that the last run of one of the two failed, `heartbeat`
    is the older of their last signs of life, `oldest_unsent` since when a due mail waits, both ISO 8601 or null;
    `uncertain` and `dead` are left to people and make nothing unhealthy.
    """
    now = clock.now()
    with across_organisations("health of the outbox"):
        runs = db.session.execute(
            select(JobRun.name, JobRun.started_at, JobRun.problem, JobRun.back_at).where(
                JobRun.name.in_(WATCHED)
            )
        ).all()
        paused = sending.relay_pause(now=now) is not None
        oldest = db.session.scalar(
            select(func.min(OutgoingMail.next_at)).where(
                OutgoingMail.state == MailState.QUEUED, OutgoingMail.next_at <= now
            )
        )
        left = dict(
            db.session.execute(
                select(OutgoingMail.state, func.count(OutgoingMail.id))
                .where(OutgoingMail.state.in_((MailState.UNCERTAIN, MailState.DEAD)))
                .group_by(OutgoingMail.state)
            ).all()
        )
    beat = min(run.started_at for run in runs) if len(runs) == len(WATCHED) else None
    failing = any(run.problem for run in runs)
    went_back = any(run.name == "remind" and run.back_at is not None for run in runs)
    alive = beat is not None and now - beat <= QUIET_TOO_LONG
    late = oldest is not None and now - oldest > WAITS_TOO_LONG
    healthy = alive and not (late or paused or went_back or failing)
    told = jsonify(
        healthy=healthy,
        scheduler=alive,
        failing=failing,
        mail_late=late,
        relay_paused=paused,
        clock_went_back=went_back,
        heartbeat=beat.isoformat() if beat else None,
        oldest_unsent=oldest.isoformat() if oldest else None,
        uncertain=left.get(MailState.UNCERTAIN, 0),
        dead=left.get(MailState.DEAD, 0),
    )
    return told, 200 if healthy else 503
