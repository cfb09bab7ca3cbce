"""Follow-up rounds: the board of a year and the form of one division."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import linking
from tracker.locale import translate as _
from tracker.models import FollowUp, FollowUpState, PlanState
from tracker.rules.permissions import DIVISION_ROLES, Deed, may
from tracker.views import documents, follow_up_board, follow_up_form, listing
from tracker.views.frame import Frame

blueprint = Blueprint("follow_up", __name__, url_prefix="/follow-up")


@blueprint.get("/year/<int:year>")
@allow(Deed.SEE_PLAN)
def rounds(year: int) -> str:
    """Every round of a year with who has answered; heads and staff see their own divisions."""
    own = actor().division_ids if actor().roles <= DIVISION_ROLES else None
    plan = documents.plan_of(year)
    return render_template(
        "follow_up/rounds.html",
        year=year,
        boards=follow_up_board.boards(year, clock.today(), own),
        drafted=plan is not None and plan.state is PlanState.DRAFT,
        adopted=plan is not None and plan.state is not PlanState.DRAFT,
        plan_href=url_for("plan.dashboard", year=year),
        plans=may(actor(), Deed.EDIT_PLAN),
    )


@blueprint.post("/<int:follow_up_id>/line")
@allow(Deed.PASS_ON_GROUP)
def line(follow_up_id: int) -> ResponseReturnValue:
    """A link of the division that opens this form, with a ready text to remind by in a chat."""
    follow_up = get_or_404(FollowUp, follow_up_id)
    require(Deed.PASS_ON_GROUP, follow_up.division_id)
    asked = follow_up.round
    if not (
        follow_up.prompts and follow_up.state is FollowUpState.WAITING and asked.opens_on <= clock.today()
    ):
        flash(_("รอบนี้ไม่มีคำตอบที่รออยู่ จึงไม่มีอะไรให้เตือน"), "warning")
        return redirect(url_for("follow_up.rounds", year=follow_up_form.plan_of(follow_up).fiscal_year), 303)
    token = linking.share(follow_up.division_id, [f"follow-up:{follow_up.id}"], now=clock.now(), by=actor())
    return redirect(url_for("link_chat.line", token=token), 303)


@blueprint.route("/<int:follow_up_id>", methods=["GET", "POST"])
@allow(Deed.SEE_ANSWERS, posts=Deed.ANSWER_FOLLOW_UP)
def form(follow_up_id: int) -> ResponseReturnValue:
    """The form for whoever answers for the division; for whoever only looks, what it has written down so far."""
    follow_up = get_or_404(FollowUp, follow_up_id)
    require(Deed.SEE_ANSWERS, follow_up.division_id)
    here = url_for("follow_up.form", follow_up_id=follow_up.id)
    plan = follow_up_form.plan_of(follow_up)
    frame = Frame(
        by=actor(),
        save_href=here,
        back_href=url_for("follow_up.rounds", year=plan.fiscal_year),
        back_label=_("ติดตามผล"),
        file_href=listing.file_href,
        drafts=str(actor().user_id),
        writes=may(actor(), Deed.ANSWER_FOLLOW_UP, follow_up.division_id),
    )
    if request.method != "POST":
        return follow_up_form.show(follow_up, frame)
    require(Deed.ANSWER_FOLLOW_UP, follow_up.division_id)
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
