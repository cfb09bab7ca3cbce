"""Reminders held back for a while: of everything, of what goes to a position, of one group."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow, get_or_404, key_of
from tracker.actions import pausing
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.groups import Group
from tracker.locale import language, say, say_all, short_date
from tracker.locale import translate as _
from tracker.models import Pause, Position
from tracker.rules.permissions import Deed, may
from tracker.rules.thai import parse_date
from tracker.views import reminder_pages as pages
from tracker.views.reminder_words import subjects

blueprint = Blueprint("pauses", __name__, url_prefix="/reminders/pauses")


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def show() -> str:
    return _page({}, {"about": request.args.get("about", "")})


@blueprint.post("")
@allow(Deed.SET_REMINDERS)
def add() -> ResponseReturnValue:
    """Hold back from today on."""
    given = request.form
    try:
        row = pausing.pause(
            _about(given.get("about", "")),
            parse_date(given.get("until_on", "")),
            given.get("reason", ""),
            now=clock.now(),
            by=actor(),
        )
    except FieldsRefused as refused:
        errors = say_all(refused.fields)
        return _page(errors, given), 422
    except Refused as refused:
        return _page({"about": say(refused.message, language())}, given), 422
    flash(_("พักการเตือนแล้ว จนถึง %(day)s", day=short_date(row.until_on)), "success")
    return redirect(url_for("pauses.show"), 303)


@blueprint.post("/<int:pause_id>/end")
@allow(Deed.SET_REMINDERS)
def end(pause_id: int) -> ResponseReturnValue:
    """Let the reminders go on from today."""
    pausing.resume(get_or_404(Pause, pause_id), now=clock.now(), by=actor())
    flash(_("เตือนต่อแล้ว"), "success")
    return redirect(url_for("pauses.show"), 303)


def _about(text: str) -> Group | Position | None:
    """What the form names: "organisation", "position:<id>" or a group's subject; Refused for anything else."""
    kind, *parts = text.split(":")
    ids = [key for key in map(key_of, parts) if key is not None]
    if kind == "organisation":
        return None
    if kind == "position" and len(ids) == 1:
        position = db.session.scalars(select(Position).where(Position.id == ids[0])).one_or_none()
        if position is not None:
            return position
    if kind == "group" and len(ids) == 3:
        return Group(*ids)
    raise Refused("กรุณาเลือกว่าจะพักการเตือนเรื่องใด")


def _page(errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    in_force = select(Position.id, Position.title).where(Position.ended_on.is_(None)).order_by(Position.id)
    titles = db.session.execute(in_force).all()
    choices = [("organisation", _("ทั้งหน่วยงาน"))]
    choices += [(f"position:{position_id}", title) for position_id, title in titles]
    about = values.get("about", "")
    if about.startswith("group:"):
        choices.append((about, subjects([about])[about].words))
    return render_template(
        "reminders/pauses.html",
        pauses=pages.pauses(clock.today()),
        choices=choices,
        values=values,
        errors=errors,
        sets=may(actor(), Deed.SET_REMINDERS),
    )
