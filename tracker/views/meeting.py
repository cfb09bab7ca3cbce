"""The sheet for the staff meeting as a file."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, send_file
from sqlalchemy import select

from tracker import clock
from tracker.access import allow
from tracker.actions import overseeing, reporting
from tracker.database import current_organisation, db
from tracker.locale import translate as _
from tracker.models import Plan, PlanState
from tracker.rules.meeting import compose_meeting
from tracker.rules.permissions import Deed
from tracker.writing import faces

blueprint = Blueprint("meeting", __name__, url_prefix="/plan")
ENDINGS = frozenset({"docx", "pdf"})


@blueprint.get("/<int:year>/meeting.<ending>")
@allow(Deed.SEE_PLAN)
def download(year: int, ending: str) -> Response:
    """Late, due this month and waiting for approval, by division, with an empty column."""
    plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()
    if plan is None or plan.state is PlanState.DRAFT or plan.is_record or ending not in ENDINGS:
        abort(404)
    value = compose_meeting(overseeing.meeting_inputs(plan, now=clock.now()), reporting.speaker())
    font = current_organisation().document_font
    title = _("ใบประชุมพนักงาน %(year)s", year=year)
    db.session.rollback()
    answer = send_file(
        BytesIO(faces.write(value, ending, font, {})),
        mimetype=faces.MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=f"{title}.{ending}",
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
