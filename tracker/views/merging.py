"""Merging a division into another: which one, what will happen, and the press that does it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, confirmed, get_or_404, key_of
from tracker.actions import merging
from tracker.database import db
from tracker.errors import Refused
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Division
from tracker.rules.permissions import Deed
from tracker.views.listing import round_name

blueprint = Blueprint("merging", __name__, url_prefix="/settings/divisions/<int:division_id>/merge")


@blueprint.get("")
@allow(Deed.MANAGE_ORGANISATION)
def show(division_id: int) -> str:
    """The choice of a successor, and below it what merging into that one would do."""
    return _page(get_or_404(Division, division_id), _successor(request.args.get("into", "")))


@blueprint.post("/now")
@allow(Deed.MANAGE_PEOPLE)
def merge(division_id: int) -> ResponseReturnValue:
    """Merge: it takes positions away from people, so the password is asked for as where they are given."""
    old, successor = get_or_404(Division, division_id), _successor(request.form.get("into", ""))
    if successor is None:
        return _page(old, None, _("กรุณาเลือกส่วนราชการที่รับงานต่อ")), 422
    try:
        merging.merge(old, successor, now=clock.now(), by=actor())
    except Refused as refused:
        db.session.rollback()
        return _page(old, None, say(refused.message, language())), 422
    flash(_("รวม%(old)sเข้ากับ%(new)sแล้ว", old=old.name, new=successor.name), "success")
    return redirect(url_for("organisation.division", division_id=successor.id), 303)


def _successor(text: str) -> Division | None:
    key = key_of(text)
    return get_or_404(Division, key) if key is not None else None


def _page(old: Division, successor: Division | None, error: str = "") -> str:
    found, forms = None, []
    if successor is not None:
        try:
            found = merging.preview(old, successor, now=clock.now())
        except Refused as refused:
            error = say(refused.message, language())
    if found is not None:
        forms = [
            {
                "title": tasks[0].measure.title,
                "more": len(tasks) - 1,
                "quarter": quarter,
                "day": short_date(tasks[0].due_on),
                "late": tasks[0].due_on < clock.today(),
            }
            for (_item_id, quarter), tasks in found.moving.forms.items()
        ]
    return render_template(
        "settings/merge.html",
        division=old,
        into=successor,
        choices=[("", _("เลือกส่วนราชการ")), *((one.id, one.name) for one in merging.successors(old))],
        found=found,
        forms=forms,
        rounds=[round_name(follow_up.round) for follow_up in found.follow_ups] if found else [],
        errors={"into": error} if error else {},
        confirm_href=None
        if confirmed(clock.now())
        else url_for("own_account.confirm", next=url_for("merging.show", division_id=old.id)),
    )
