"""The package of a closed report for the office's own website."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, send_file
from sqlalchemy import select

from tracker.access import allow
from tracker.actions import publishing, reporting
from tracker.database import db
from tracker.models import Plan, PlanState
from tracker.rules.permissions import Deed
from tracker.rules.publication import Demanded
from tracker.writing import package, photos

blueprint = Blueprint("package", __name__, url_prefix="/report")


@blueprint.get("/<int:year>/package.zip")
@allow(Deed.SEE_REPORT)
def download(year: int) -> Response:
    """One PDF, one HTML, the public evidence, their hashes and the same data as JSON; a draft says why not."""
    plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()
    if plan is None or plan.state is PlanState.DRAFT or plan.is_record:
        abort(404)
    made = publishing.package_of(plan, reporting.closed(plan), demanded(plan), reporting.speaker())
    pictures = reporting.photo_files(made.report)
    db.session.rollback()
    data = package.write(made.report, made.manifest, made.files, photos.shrink_all(pictures), made.scan)
    answer = send_file(
        BytesIO(data),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"annual-{year}-v{made.manifest.version}.zip",
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def demanded(plan: Plan) -> tuple[Demanded, ...]:
    """The OIT items that ask for the plan's documents, and where the office shows them."""
    return tuple(
        Demanded(one.document, one.year, one.item, tuple(one.addresses.splitlines()), one.explanation)
        for one in reporting.places_of(plan)
    )
