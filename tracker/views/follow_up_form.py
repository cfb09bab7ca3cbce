"""The form of one division in a follow-up round, for whoever opens it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from flask import render_template, request
from sqlalchemy import select

from tracker import clock
from tracker.access import get_or_404
from tracker.actions import following
from tracker.actions.following import AskedLine, LineAnswer
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.locale import language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import Completion, FollowUp, FollowUpState, Plan, PlanState
from tracker.rules.claims import NONE
from tracker.rules.rounds import Line
from tracker.views import listing
from tracker.views.frame import Frame

LONGEST = 20_000
KEPT: Literal["kept"] = "kept"
ANSWERED: Literal["answered"] = "answered"


def take(follow_up: FollowUp, frame: Frame) -> Literal["kept", "answered"] | tuple[str, int]:
    """Keep or record what was sent; where something is missing, the form again with its status."""
    answers = {line.answer_id: _read(line.answer_id) for line in following.lines_of(follow_up)}
    if request.form.get("draft"):
        following.keep(follow_up, answers, now=clock.now(), by=frame.by)
        return KEPT
    confirmed, follow_up_id = bool(request.form.get("confirm")), follow_up.id
    try:
        following.answer(follow_up, answers, confirmed, now=clock.now(), by=frame.by)
    except FieldsRefused as refused:
        db.session.rollback()
        errors = {_field(name): say(message, language()) for name, message in refused.fields.items()}
        again = get_or_404(FollowUp, follow_up_id)
        return show(again, frame, answers, errors, confirmed=confirmed), 422
    return ANSWERED


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


def draft_key(follow_up: FollowUp, frame: Frame) -> str:
    return f"{frame.drafts}-follow-up:{follow_up.id}"


def plan_of(follow_up: FollowUp) -> Plan:
    return db.session.scalars(select(Plan).where(Plan.id == follow_up.round.plan_id)).one()


def show(
    follow_up: FollowUp,
    frame: Frame,
    answers: Mapping[int, LineAnswer] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    confirmed: bool = False,
) -> str:
    """The form, filled in as it was last saved or with `answers`."""
    answers, errors = answers or {}, errors or {}
    today = clock.today()
    asked = follow_up.round
    plan = plan_of(follow_up)
    lines = following.lines_of(follow_up)
    answered = follow_up.state is FollowUpState.ANSWERED
    running = plan.state is PlanState.ADOPTED and asked.opens_on <= today
    editing = running and (not answered or request.args.get("edit") is not None or bool(errors))
    told = [line for line in lines if line.line in {Line.CONFIRM, Line.SETTLED}]
    shown = listing.follow_up_look(follow_up, today)
    context: dict[str, Any] = {
        "layout": None,
        "title": _(
            "%(round)s ปีงบประมาณ %(year)s – %(division)s",
            round=listing.round_name(asked),
            year=plan.fiscal_year,
            division=follow_up.division.name,
        ),
        "period_line": _(
            "ผลงาน %(start)s – %(end)s",
            start=short_date(asked.period_start),
            end=short_date(asked.period_end),
        ),
        "due_line": _("ส่งภายใน %(day)s", day=short_date(asked.due_on)),
        "look": shown,
        "look_text": _("ตอบแล้ว") if answered else listing.day_words(shown, asked.due_on, today),
        "answered": len(lines) if answered else len(told),
        "total": len(lines),
        "back_href": frame.back_href,
        "back_label": frame.back_label,
        "save_href": frame.save_href,
        "draft_key": draft_key(follow_up, frame),
        "lines": [
            _line(line, frame, answers, editing, running, today)
            for line in lines
            if line.line in {Line.ASK, Line.AWAIT_APPROVAL}
        ],
        "from_tasks": [_line(line, frame, answers, editing, running, today) for line in told],
        "writes": editing and follow_up.prompts,
        "confirmed": confirmed or answered,
        "errors": errors,
        "missing": None,
        "closed": _closed(follow_up, plan, editing),
    }
    return render_template("follow_up/form.html", **(context | frame.values))


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
    line: AskedLine,
    frame: Frame,
    answers: Mapping[int, LineAnswer],
    editing: bool,
    running: bool,
    today: date,
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
        "edit_href": f"{frame.save_href}?edit=1" if running and line.line is Line.ASK else None,
    }


def _answer(text: str) -> str | None:
    return "none" if text == NONE else "some" if text else None
