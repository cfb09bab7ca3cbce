"""The page on which a closed report is published, and taken off its page again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import publishing, reporting
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused
from tracker.extensions import settings
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Plan, PlanState
from tracker.rules.permissions import Deed, may
from tracker.views import documents

blueprint = Blueprint("publishing", __name__, url_prefix="/report")


@blueprint.route("/<int:year>/publication", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.PUBLISH_REPORT)
def publication(year: int) -> ResponseReturnValue:
    """What is published of the year; publish the closed version, withdraw one with a reason."""
    plan = documents.told_plan(year)
    if request.method == "GET":
        return _page(plan, {})
    version = request.form.get("withdraw", type=int)
    try:
        if version is not None:
            reason = request.form.get(f"reason-{version}", "")
            publishing.withdraw(plan, version, reason, now=clock.now(), by=actor())
            told = _("ถอนฉบับที่ %(number)s แล้ว หน้าเว็บแสดงวันและเหตุผลที่ถอน", number=version)
        else:
            publishing.publish(plan, sure="sure" in request.form, now=clock.now(), by=actor())
            told = _("เผยแพร่แล้ว ทุกคนเปิดหน้าเว็บนี้ได้โดยไม่ต้องเข้าสู่ระบบ")
    except FieldsRefused as refused:
        db.session.rollback()
        return _page(plan, refused.fields, version), 422
    flash(told, "success")
    return redirect(url_for("publishing.publication", year=year), 303)


def _page(plan: Plan, faults: Mapping[str, Any], withdrawing: int | None = None) -> str:
    slug, year = current_organisation().slug, plan.fiscal_year
    closed = reporting.closed(plan) if plan.state is PlanState.CLOSED else None
    own = [one for one in publishing.editions() if one.year == year]
    shown = {one.version for one in own if one.withdrawn_at is None}
    return render_template(
        "report/publication.html",
        year=year,
        publishes=may(actor(), Deed.PUBLISH_REPORT),
        closed=closed[0].version if closed else None,
        published=closed is not None and closed[0].version in shown,
        address=settings().url + url_for("public.year", slug=slug, year=year),
        editions=[(one, url_for("public.version", slug=slug, year=year, version=one.version)) for one in own],
        doubtful=[
            (one.caption or one.name, url_for("evidence.about", evidence_id=one.id))
            for one in publishing.doubtful(plan)
        ],
        withdrawing=withdrawing,
        reason=request.form.get(f"reason-{withdrawing}", ""),
        errors={
            f"reason-{withdrawing}" if name == "reason" else name: say(message, language())
            for name, message in faults.items()
        },
    )


def line_of(plan: Plan) -> dict[str, Any]:
    """What the page of the report says of its publication."""
    own = [one for one in publishing.editions() if one.year == plan.fiscal_year]
    opens = may(actor(), Deed.SEE_DRAFT) and (plan.state is PlanState.CLOSED or bool(own))
    return {
        "published": own[0] if own else None,
        "public_href": url_for("public.year", slug=current_organisation().slug, year=plan.fiscal_year),
        "publish_href": url_for("publishing.publication", year=plan.fiscal_year) if opens else None,
        "publishes": may(actor(), Deed.PUBLISH_REPORT),
    }
