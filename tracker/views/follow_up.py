"""Follow-up rounds: the board of a year and the form of one division."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.access import actor, allow, get_or_404, require
from tracker.database import db
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import FollowUp, FollowUpState, Plan, Round
from tracker.rules.permissions import DIVISION_ROLES, Deed, may
from tracker.views import follow_up_form, listing
from tracker.views.frame import Frame

blueprint = Blueprint("follow_up", __name__, url_prefix="/follow-up")


@blueprint.get("/year/<int:year>")
@allow(Deed.SEE_PLAN)
def rounds(year: int) -> str:
    """Every round of a year with who has answered; heads and staff see their own divisions."""
    today = clock.today()
    query = (
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(Plan.fiscal_year == year)
        .options(selectinload(FollowUp.round), selectinload(FollowUp.division))
        .order_by(Round.opens_on, Round.id, FollowUp.division_id)
    )
    if actor().roles <= DIVISION_ROLES:
        query = query.where(FollowUp.division_id.in_(actor().division_ids))
    board: dict[int, dict[str, Any]] = {}
    for row in db.session.scalars(query):
        asked = row.round
        entry = board.setdefault(
            asked.id,
            {
                "name": listing.round_name(asked),
                "line": _(
                    "ผลงาน %(start)s – %(end)s · เปิดตอบ %(opens)s · ส่งภายใน %(due)s",
                    start=short_date(asked.period_start),
                    end=short_date(asked.period_end),
                    opens=short_date(asked.opens_on),
                    due=short_date(asked.due_on),
                ),
                "rows": [],
            },
        )
        shown = listing.follow_up_look(row, today)
        entry["rows"].append(
            {
                "division": row.division.name,
                "look": shown,
                "text": _("ตอบแล้ว")
                if row.state is FollowUpState.ANSWERED
                else listing.day_words(shown, asked.due_on, today),
                "href": url_for("follow_up.form", follow_up_id=row.id)
                if may(actor(), Deed.ANSWER_FOLLOW_UP, row.division_id)
                else None,
                "settled": not row.prompts,
            }
        )
    return render_template("follow_up/rounds.html", year=year, rounds=list(board.values()))


@blueprint.route("/<int:follow_up_id>", methods=["GET", "POST"])
@allow(Deed.ANSWER_FOLLOW_UP)
def form(follow_up_id: int) -> ResponseReturnValue:
    follow_up = get_or_404(FollowUp, follow_up_id)
    require(Deed.ANSWER_FOLLOW_UP, follow_up.division_id)
    here = url_for("follow_up.form", follow_up_id=follow_up.id)
    plan = follow_up_form.plan_of(follow_up)
    frame = Frame(
        by=actor(),
        save_href=here,
        back_href=url_for("follow_up.rounds", year=plan.fiscal_year),
        back_label=_("ติดตามผล"),
        file_href=listing.file_href,
        drafts=str(actor().user_id),
    )
    if request.method != "POST":
        return follow_up_form.show(follow_up, frame)
    taken = follow_up_form.take(follow_up, frame)
    if taken is follow_up_form.KEPT:
        flash(follow_up_form.draft_key(follow_up, frame), "draft")
        flash(_("บันทึกไว้แล้ว กลับมาตอบต่อได้"), "success")
        return redirect(here, 303)
    if taken is not follow_up_form.ANSWERED:
        return taken
    flash(_("ส่งคำตอบแล้ว ขอบคุณ"), "success")
    flash(follow_up_form.draft_key(follow_up, frame), "draft")
    return redirect(url_for("work.mine"), 303)
