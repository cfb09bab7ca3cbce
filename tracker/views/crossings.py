"""The system administrator's page of one organisation: numbers only, behind a reason that both houses note."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import crossing
from tracker.errors import Refused
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.rules.permissions import Deed

blueprint = Blueprint("crossings", __name__, url_prefix="/settings/installation")


@blueprint.get("/<slug>")
@allow(Deed.RUN_INSTALLATION)
def show(slug: str) -> str:
    return _page(slug, "")


@blueprint.post("/<slug>")
@allow(Deed.RUN_INSTALLATION)
def cross(slug: str) -> ResponseReturnValue:
    """Say why, and look."""
    organisation = crossing.organisation_called(slug)
    try:
        crossing.cross(organisation, request.form.get("reason", ""), now=clock.now(), by=actor())
    except Refused as refused:
        return _page(slug, say(refused.message, language())), 422
    return redirect(url_for("crossings.show", slug=slug), 303)


def _page(slug: str, error: str) -> str:
    organisation, now = crossing.organisation_called(slug), clock.now()
    seen = crossing.is_open(organisation, now=now, by=actor())
    return render_template(
        "settings/crossing.html",
        organisation=organisation,
        figures=crossing.figures(organisation, now=now) if seen else None,
        minutes=int(crossing.OPEN_FOR.total_seconds() // 60),
        reasons=[{"value": word, "label": reason_words(word)} for word in crossing.REASONS],
        errors={"reason": error} if error else {},
    )


def reason_words(reason: str) -> str:
    words = {"support": _("ช่วยผู้ใช้ของหน่วยงาน"), "repair": _("แก้ปัญหาของระบบ"), "audit": _("ตรวจสอบตามหน้าที่")}
    return words.get(reason, reason)
