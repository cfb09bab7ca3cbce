"""What was sent to whom and when, and what will be sent next."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from sqlalchemy import func, select

from tracker import clock
from tracker.access import allow
from tracker.actions import reminding
from tracker.database import db
from tracker.models import JobRun, OutgoingMail
from tracker.rules.permissions import Deed

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")
SHOWN = 50
DAYS_AHEAD = 14
LOOKS = {
    "queued": "open",
    "claimed": "in_progress",
    "handing": "in_progress",
    "sent": "approved",
    "uncertain": "due_soon",
    "dead": "overdue",
    "cancelled": "cancelled",
}


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def log() -> str:
    """The newest mails, counts by state, the jobs' last runs and the next two weeks."""
    today = clock.today()
    counts = dict(
        db.session.execute(
            select(OutgoingMail.state, func.count(OutgoingMail.id)).group_by(OutgoingMail.state)
        ).all()
    )
    mails = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc()).limit(SHOWN)).all()
    ahead = reminding.forecast([today + timedelta(days=number) for number in range(1, DAYS_AHEAD + 1)])
    return render_template(
        "reminders/log.html",
        jobs=db.session.scalars(select(JobRun).order_by(JobRun.name)).all(),
        counts=[(LOOKS[state.value], state.value, number) for state, number in sorted(counts.items())],
        mails=mails,
        looks=LOOKS,
        ahead=[(day.day, len(day.digests), [digest.address for digest in day.digests]) for day in ahead],
    )
