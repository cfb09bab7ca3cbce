"""The pages of the annual report as pictures, from the same PDF that is downloaded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import allow
from tracker.actions import previewing
from tracker.database import db
from tracker.locale import clock_time, language, say, short_date
from tracker.rules.permissions import Deed
from tracker.views import documents
from tracker.writing import pdf, photos

blueprint = Blueprint("preview", __name__, url_prefix="/report")
# Asked again so often, in seconds, while the first picture is being made.
PATIENCE = 3


@blueprint.get("/<int:year>/preview/<int:number>")
@allow(Deed.SEE_REPORT)
def page(year: int, number: int) -> Response:
    """A page as a picture; the PDF behind it is made where it does not take long."""
    key = request.args.get("key", "")
    if previewing.pdf_of(key) is None:
        found = documents.find(year, "annual", "pdf")
        if found is None or found.paper.is_long:
            abort(404)
        key, paper, files = found.key("pdf"), found.paper, found.files
        # Nobody waits for the database while it is typeset.
        db.session.rollback()
        if not previewing.make(
            key, year, lambda: pdf.write(paper, photos.shrink_all(files)), now=clock.now()
        ):
            abort(404)
    path = previewing.picture(key, number)
    if path is None:
        abort(404)
    return send_file(path, mimetype="image/webp", max_age=0)


@blueprint.post("/<int:year>/preview/retry")
@allow(Deed.SEE_REPORT)
def retry(year: int) -> ResponseReturnValue:
    """Try again what could not be typeset."""
    found = documents.find(year, "annual", "pdf")
    if found is None:
        abort(404)
    previewing.forget_failure(found.key("pdf"))
    return redirect(url_for("report.show", year=year) + "#preview", 303)


def shown(year: int, found: documents.Found, number: int) -> dict[str, Any]:
    """The page's card: the picture of this version, else of the last one that could be made, and why."""
    key, now = found.key("pdf"), clock.now()
    made, failed = previewing.made(key, year, now=now), previewing.failed(key)
    long = made is None and found.paper.is_long
    waits = made is None and failed is None and not long
    last = made or (None if waits else previewing.latest(year))
    number = max(1, min(number, last.pages if last else 1))

    def link(other: int) -> str | None:
        there = last is not None and 1 <= other <= last.pages
        return url_for("report.show", year=year, page=other) + "#preview" if there else None

    return {
        "picture": url_for("preview.page", year=year, number=number, key=last.key if last else key)
        if last or waits
        else None,
        "number": number,
        "pages": last.pages if last else None,
        "previous": link(number - 1),
        "next": link(number + 1),
        "mark": found.paper.draft,
        "seconds": PATIENCE if waits else 0,
        "old": f"{short_date(last.at)} {clock_time(last.at)}" if last and made is None else None,
        "reason": say(failed.reason, language()) if failed and made is None else None,
        "retry_href": url_for("preview.retry", year=year),
        "ask_href": url_for("renderings.ask", year=year, kind="annual", ending="pdf") if long else None,
    }
