"""The package of a closed report for the office's own website."""

from __future__ import annotations

import json
from io import BytesIO

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from tracker.access import allow
from tracker.actions import publishing, reporting
from tracker.actions.publishing import Package
from tracker.actions.rendering import Wanted
from tracker.database import db
from tracker.locale import translate as _
from tracker.rules.permissions import Deed
from tracker.views import documents, renderings
from tracker.writing import package, photos

blueprint = Blueprint("package", __name__, url_prefix="/report")


@blueprint.get("/<int:year>/package.zip")
@allow(Deed.SEE_REPORT)
def download(year: int) -> ResponseReturnValue:
    """One PDF, one HTML, the public evidence, their hashes and the same data as JSON; a draft says why not."""
    made, wanted = _of(year)
    if made.report.paper().is_long:
        return renderings.made(wanted, url_for("package.ask", year=year))
    pictures = reporting.photo_files(made.report)
    db.session.rollback()
    data = package.write(
        made.report, made.manifest, made.contents, made.files, photos.shrink_all(pictures), made.scan
    )
    return documents.attachment(BytesIO(data), "zip", f"annual-{year}-v{made.manifest.version}")


@blueprint.post("/<int:year>/package/make")
@allow(Deed.SEE_REPORT)
def ask(year: int) -> ResponseReturnValue:
    """Have the package of a long report made."""
    return renderings.begin(_of(year)[1])


def _of(year: int) -> tuple[Package, Wanted]:
    plan = documents.told_plan(year)
    closed = reporting.closed(plan)
    made = publishing.package_of(plan, closed, reporting.demanded_of(plan), reporting.speaker())
    assert closed is not None
    title = _("ชุดเผยแพร่ %(year)s ฉบับที่ %(number)s", year=year, number=made.manifest.version)
    told = json.dumps({"report_id": closed[0].id})
    return made, Wanted(made.key, told, year, len(made.report.paper().photographs), "zip", "", title)
