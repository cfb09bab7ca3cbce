"""Follow-up rounds: the board of a year and the form of one division."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import following
from tracker.actions.following import AskedLine, LineAnswer
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.locale import language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import Completion, FollowUp, FollowUpState, Plan, PlanState, Round
from tracker.rules.claims import NONE
from tracker.rules.permissions import DIVISION_ROLES, Deed, may
from tracker.rules.rounds import Line
from tracker.views import listing

blueprint = Blueprint("follow_up", __name__, url_prefix="/follow-up")
LONGEST = 20_000


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
    if request.method == "GET":
        return _form(follow_up, {}, {}, confirmed=False)
    answers = {line.answer_id: _read(line.answer_id) for line in following.lines_of(follow_up)}
    if request.form.get("draft"):
        following.keep(follow_up, answers, now=clock.now(), by=actor())
        flash(_("บันทึกไว้แล้ว กลับมาตอบต่อได้"), "success")
        return redirect(url_for("follow_up.form", follow_up_id=follow_up_id), 303)
    confirmed = bool(request.form.get("confirm"))
    try:
        following.answer(follow_up, answers, confirmed, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        errors = {_field(name): say(message, language()) for name, message in refused.fields.items()}
        return _form(get_or_404(FollowUp, follow_up_id), answers, errors, confirmed=confirmed), 422
    flash(_("ส่งคำตอบแล้ว ขอบคุณ"), "success")
    flash(_key(follow_up), "draft")
    return redirect(url_for("work.mine"), 303)


def _read(answer_id: int) -> LineAnswer:
    def text(name: str) -> str:
        return request.form.get(f"{name}-{answer_id}", "")[:LONGEST]

    def none_or(name: str) -> str:
        return NONE if request.form.get(f"{name}-{answer_id}_answer") == "none" else text(name)

    chosen = text("completion")
    return LineAnswer(
        completion=Completion(chosen) if chosen in set(Completion) else None,
        result=text("result"),
        outcome=text("outcome"),
        problems=none_or("problems"),
        suggestions=none_or("suggestions"),
    )


def _field(name: str) -> str:
    """The form's name for a field of the action."""
    if name == "confirmed":
        return "confirm"
    return f"{name}_answer" if name.startswith(("problems-", "suggestions-")) else name


def _key(follow_up: FollowUp) -> str:
    return f"{actor().user_id}-follow-up:{follow_up.id}"


def _form(
    follow_up: FollowUp, answers: dict[int, LineAnswer], errors: dict[str, str], *, confirmed: bool
) -> str:
    today = clock.today()
    asked = follow_up.round
    plan = db.session.scalars(select(Plan).where(Plan.id == asked.plan_id)).one()
    lines = following.lines_of(follow_up)
    answered = follow_up.state is FollowUpState.ANSWERED
    running = plan.state is PlanState.ADOPTED and asked.opens_on <= today
    editing = running and (not answered or request.args.get("edit") is not None or bool(errors))
    told = [line for line in lines if line.line in {Line.CONFIRM, Line.SETTLED}]
    shown = listing.follow_up_look(follow_up, today)
    return render_template(
        "follow_up/form.html",
        layout=None,
        title=_(
            "%(round)s ปีงบประมาณ %(year)s – %(division)s",
            round=listing.round_name(asked),
            year=plan.fiscal_year,
            division=follow_up.division.name,
        ),
        period_line=_(
            "ผลงาน %(start)s – %(end)s",
            start=short_date(asked.period_start),
            end=short_date(asked.period_end),
        ),
        due_line=_("ส่งภายใน %(day)s", day=short_date(asked.due_on)),
        look=shown,
        look_text=_("ตอบแล้ว") if answered else listing.day_words(shown, asked.due_on, today),
        answered=len(lines) if answered else len(told),
        total=len(lines),
        back_href=url_for("follow_up.rounds", year=plan.fiscal_year),
        save_href=url_for("follow_up.form", follow_up_id=follow_up.id),
        draft_key=_key(follow_up),
        lines=[
            _line(line, answers, editing, running, today)
            for line in lines
            if line.line in {Line.ASK, Line.AWAIT_APPROVAL}
        ],
        from_tasks=[_line(line, answers, editing, running, today) for line in told],
        writes=editing and follow_up.prompts,
        confirmed=confirmed or answered,
        errors=errors,
        missing=None,
        closed=_closed(follow_up, plan, editing),
    )


def _closed(follow_up: FollowUp, plan: Plan, editing: bool) -> str | None:
    if plan.state is not PlanState.ADOPTED:
        return _("แผนของปีนี้ปิดแล้ว จึงอ่านได้อย่างเดียว")
    if not follow_up.prompts and follow_up.state is FollowUpState.WAITING:
        return _("รอบนี้ตอบจากการอนุมัติงานรายไตรมาส ไม่ต้องส่งคำตอบ")
    if follow_up.round.opens_on > clock.today():
        return _("รอบนี้เปิดให้ตอบวันที่ %(day)s", day=long_date(follow_up.round.opens_on))
    if not editing and follow_up.answered_at is not None:
        return _("ส่งคำตอบเมื่อ %(day)s", day=long_date(follow_up.answered_at))
    return None


def _line(
    line: AskedLine, answers: dict[int, LineAnswer], editing: bool, running: bool, today: date
) -> dict[str, Any]:
    saved = line.saved
    given = answers.get(line.answer_id)
    if given is None and (saved.confirmed or saved.completion or saved.result):
        given = LineAnswer(
            Completion(saved.completion) if saved.completion else None,
            saved.result,
            saved.outcome,
            saved.problems,
            saved.suggestions,
        )
    if given is None:
        given = LineAnswer(result=line.told, problems=line.problems, suggestions=line.suggestions)
    return {
        "id": line.answer_id,
        "number": line.number,
        "title": line.title,
        "quarters": [{"label": f"Q{task.quarter}", "look": listing.look(task, today)} for task in line.tasks],
        "late": None,
        "mode": "ask" if editing and line.line is Line.ASK else "read",
        "completion": str(given.completion) if given.completion else None,
        "result": given.result,
        "own": "" if given.result == line.told else given.result,
        "outcome": given.outcome,
        "problems": "" if given.problems == NONE else given.problems,
        "problems_answer": _answer(given.problems),
        "suggestions": "" if given.suggestions == NONE else given.suggestions,
        "suggestions_answer": _answer(given.suggestions),
        "source": _("ดึงจากไตรมาส %(number)s", number=line.told_quarter) if line.told_quarter else None,
        "edit_href": url_for("follow_up.form", follow_up_id=saved.follow_up_id, edit=1)
        if running and line.line is Line.ASK
        else None,
    }


def _answer(text: str) -> str | None:
    return "none" if text == NONE else "some" if text else None
