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
QUIET_TOO_LONG = timedelta(minutes=5)
WAITS_TOO_LONG = timedelta(minutes=30)


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 while the sender beats, the mail server lets us in, the clock can be trusted and no due mail waits long.

    Else 503; no names.
    """
    now = clock.now()
    with across_organisations("health of the outbox"):
        beat = db.session.scalar(select(JobRun.started_at).where(JobRun.name == "send"))
        went_back = db.session.scalar(select(JobRun.back_at).where(JobRun.name == "remind")) is not None
        paused = sending.relay_pause(now=now) is not None
        oldest = db.session.scalar(
            select(func.min(OutgoingMail.next_at)).where(OutgoingMail.state == MailState.QUEUED)
        )
    alive = beat is not None and now - beat <= QUIET_TOO_LONG
    late = oldest is not None and now - oldest > WAITS_TOO_LONG
    healthy = alive and not (late or paused or went_back)
    told = {"scheduler": alive, "mail_late": late, "relay_paused": paused, "clock_went_back": went_back}
    return jsonify(healthy=healthy, **told), 200 if healthy else 503
