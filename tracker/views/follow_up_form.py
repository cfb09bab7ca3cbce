"""The form of one division in a follow-up round, for whoever opens it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import get_or_404
from tracker.actions import following, proving
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.errors import FieldsRefused, TrackerError
from tracker.locale import clock_time, language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import FollowUp, FollowUpState, Plan, PlanState
from tracker.rules.fiscal import Quarter
from tracker.rules.rounds import Line
from tracker.storage import Stored
from tracker.views import follow_up_lines as told_lines
from tracker.views import listing
from tracker.views.follow_up_lines import Sent
from tracker.views.frame import Frame

KEPT: Literal["kept"] = "kept"
ANSWERED: Literal["answered"] = "answered"


def take(follow_up: FollowUp, frame: Frame) -> Literal["kept", "answered"] | ResponseReturnValue:
    """Keep or record what was sent; where something is missing or contested, the form again with its status."""
    follow_up_id = follow_up.id
    # Two editors of one form come one after the other.
    db.session.scalars(select(FollowUp.id).where(FollowUp.id == follow_up_id).with_for_update()).one()
    lines = following.lines_of(follow_up)
    sent = Sent.of_request(lines)
    answers, contested = following.merged(lines, sent.answers, sent.seen)
    if contested:
        db.session.rollback()
        if sent.quiet:
            return jsonify({"contested": True})
        return show(get_or_404(FollowUp, follow_up_id), frame, answers, contested=contested), 422
    stored: list[tuple[int, Stored]] = []
    asked_for = 0
    try:
        with storage.storing() as store:
            # Files go to the disk before the first statement that writes.
            for asked_for, file in sent.files:
                stored.append((asked_for, store(file.stream, file.filename or "")))
            asked_for = 0
            _prove(lines, stored, follow_up, frame)
            if sent.keeps:
                following.keep(follow_up, answers, now=clock.now(), by=frame.by)
            else:
                following.answer(follow_up, answers, sent.confirmed, now=clock.now(), by=frame.by)
    except TrackerError as refused:
        db.session.rollback()
        if isinstance(refused, FieldsRefused):
            faults = {_field(name): fault for name, fault in refused.fields.items()}
        elif asked_for:
            faults = {f"files-{asked_for}": refused.message}
        else:
            raise
        errors = {name: say(fault, language()) for name, fault in faults.items()}
        again = get_or_404(FollowUp, follow_up_id)
        return show(again, frame, answers, errors, confirmed=sent.confirmed), 422
    if sent.quiet:
        return _kept_quietly(sent)
    if sent.filled:
        flash(draft_key(follow_up, frame), "draft")
        return redirect(f"{frame.save_href}?filled={'.'.join(sent.filled)}", 303)
    return KEPT if sent.keeps else ANSWERED


def _kept_quietly(sent: Sent) -> Response:
    """What the own script hears of what it saved: when, and the seals of what the server has now seen."""
    seals = {str(answer_id): told_lines.seals_of(given) for answer_id, given in sent.answers.items()}
    return jsonify({"at": _("บันทึกแล้ว %(time)s", time=clock_time(clock.now())), "seen": seals})


def _prove(
    lines: list[following.AskedLine], stored: list[tuple[int, Stored]], follow_up: FollowUp, frame: Frame
) -> None:
    """Write the files down as evidence of their lines' latest quarter."""
    places = {line.answer_id: following.place_of(line) for line in lines}
    year = plan_of(follow_up).fiscal_year
    for answer_id, file in stored:
        place = places[answer_id]
        if place is not None:
            day = proving.day_about(Quarter(year, place.quarter), clock.today())
            proving.attach_file(file, "", day, place, now=clock.now(), by=frame.by)


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
    contested: Mapping[int, Mapping[str, str]] | None = None,
) -> str:
    """The form, filled in as it was last saved or with `answers`; beside contested fields the newer text."""
    answers, errors, contested = answers or {}, errors or {}, contested or {}
    today = clock.today()
    asked = follow_up.round
    plan = plan_of(follow_up)
    lines = [line for line in following.lines_of(follow_up) if line.line is not Line.NOT_ASKED]
    answered = follow_up.state is FollowUpState.ANSWERED
    writable = frame.writes and plan.state is PlanState.ADOPTED and asked.opens_on <= today
    reopened = request.args.get("edit") is not None or bool(errors or contested)
    editing = writable and (not answered or reopened)
    told = [line for line in lines if line.line in {Line.CONFIRM, Line.SETTLED}]
    proofs = following.proofs_of(lines)
    page = told_lines.Shown(frame, answers, contested, proofs, editing, writable, today)
    open_lines = [] if answered else [line for line in lines if line.line is Line.ASK]
    lacking = [line.number for line in open_lines if page.lacks(line)]
    # One confirmation answers these lines; until then the board counts them as open, and so does the form.
    confirming = [] if answered else [line for line in told if page.lacks(line)]
    unconfirmed = bool(confirming) and not confirmed
    look = listing.follow_up_look(follow_up, today)
    context: dict[str, Any] = {
        "layout": None,
        "title": _(
            "%(round)s – %(division)s",
            round=listing.round_name(asked),
            division=follow_up.division.name,
        ),
        "period_line": _(
            "ผลงาน %(start)s – %(end)s",
            start=short_date(asked.period_start),
            end=short_date(asked.period_end),
        ),
        "due_line": _("ส่งภายใน %(day)s", day=short_date(asked.due_on)),
        "look": look,
        "look_text": listing.follow_up_text(follow_up, today),
        "answered": len(lines) - len(lacking) - len(confirming if unconfirmed else ()),
        "confirming": len(confirming),
        "total": len(lines),
        "back_href": frame.back_href,
        "back_label": frame.back_label,
        "save_href": frame.save_href,
        "draft_key": draft_key(follow_up, frame),
        "lines": [page.line(line) for line in lines if line.line in {Line.ASK, Line.AWAIT_APPROVAL}],
        "from_tasks": [page.line(line) for line in told],
        "writes": editing and follow_up.prompts,
        "keeps": editing and not answered,
        "confirmed": confirmed or answered,
        "errors": errors,
        "contested": sum(len(fields) for fields in contested.values()),
        "newer_by": told_lines.last_saved(follow_up) if contested else None,
        "missing": told_lines.missing_words(lacking, unconfirmed) if editing else None,
        "filled": told_lines.filled_words(lines) if editing else None,
        "closed": _closed(follow_up, plan, editing),
    }
    return render_template("follow_up/form.html", **(context | frame.values))


def _closed(follow_up: FollowUp, plan: Plan, editing: bool) -> str | None:
    if plan.state is not PlanState.ADOPTED:
        if plan.closed_at is None:
            return _("แผนของปีนี้ปิดแล้ว จึงอ่านได้อย่างเดียว")
        return _("แผนของปีนี้ปิดเมื่อ %(day)s จึงอ่านได้อย่างเดียว", day=long_date(plan.closed_at))
    if not follow_up.prompts and follow_up.state is FollowUpState.WAITING:
        return _("รอบนี้ตอบจากการอนุมัติงานรายไตรมาส ไม่ต้องส่งคำตอบ")
    if follow_up.round.opens_on > clock.today():
        return _("รอบนี้เปิดให้ตอบวันที่ %(day)s", day=long_date(follow_up.round.opens_on))
    if not editing and follow_up.answered_at is not None:
        return _("ส่งคำตอบเมื่อ %(day)s", day=long_date(follow_up.answered_at))
    return None if editing else _("ยังไม่ได้ส่งคำตอบ ด้านล่างคือข้อความที่บันทึกไว้แล้ว")
