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
    """200 while planner and sender beat, the mail server lets us in, the clock can be trusted and no due mail waits.

    Else 503; moments and counts, no names. `heartbeat` is the older of the two last starts, `oldest_unsent` since
    when a due mail waits, both ISO 8601 or null; `uncertain` and `dead` are left to people and make nothing
    unhealthy.
    """
    now = clock.now()
    with across_organisations("health of the outbox"):
        beats = db.session.scalars(select(JobRun.started_at).where(JobRun.name.in_(WATCHED))).all()
        went_back = db.session.scalar(select(JobRun.back_at).where(JobRun.name == "remind")) is not None
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
    beat = min(beats) if len(beats) == len(WATCHED) else None
    alive = beat is not None and now - beat <= QUIET_TOO_LONG
    late = oldest is not None and now - oldest > WAITS_TOO_LONG
    healthy = alive and not (late or paused or went_back)
    told = jsonify(
        healthy=healthy,
        scheduler=alive,
        mail_late=late,
        relay_paused=paused,
        clock_went_back=went_back,
        heartbeat=beat.isoformat() if beat else None,
        oldest_unsent=oldest.isoformat() if oldest else None,
        uncertain=left.get(MailState.UNCERTAIN, 0),
        dead=left.get(MailState.DEAD, 0),
    )
    return told, 200 if healthy else 503
