"""Where the documents stand on the office's website, and the explanation for each OIT item."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import reporting
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.locale import say_all
from tracker.locale import translate as _
from tracker.models import Plan
from tracker.rules.permissions import Deed, may
from tracker.views import documents

blueprint = Blueprint("publicity", __name__, url_prefix="/report")


@blueprint.route("/<int:year>/website", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.CLOSE_REPORT)
def edit(year: int) -> ResponseReturnValue:
    """The addresses and the explanation of each document that the OIT wants; also after closing."""
    plan = documents.told_plan(year)
    if request.method == "GET":
        return _page(plan, {}, {})
    written = {
        name: (request.form.get(f"addresses_{name}", ""), request.form.get(f"explanation_{name}", ""))
        for name in reporting.DOCUMENTS
    }
    try:
        reporting.publish_at(plan, written, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        errors = say_all(refused.fields)
        return _page(plan, dict(request.form), errors), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("report.show", year=year), 303)


def _page(plan: Plan, typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "report/website.html",
        year=plan.fiscal_year,
        places=[
            {
                "name": one.document,
                "title": documents.titles(plan.fiscal_year)[one.document],
                "wanted": _("OIT ปี %(year)s ข้อ %(item)s", year=one.year, item=one.item)
                if one.item
                else _("OIT ปี %(year)s (ยังไม่ทราบเลขข้อ)", year=one.year),
                "addresses": typed.get(f"addresses_{one.document}", one.addresses),
                "explanation": typed.get(f"explanation_{one.document}", one.explanation),
            }
            for one in reporting.places_of(plan)
        ],
        errors=errors,
        edits=may(actor(), Deed.CLOSE_REPORT),
    )
