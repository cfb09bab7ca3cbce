"""The division's day: its groups, the form of one group, and the coordinator's review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import progress, proving
from tracker.actions.progress import GroupReport
from tracker.database import db
from tracker.errors import FieldsRefused, Message, TrackerError
from tracker.extensions import settings
from tracker.forms.work import GroupForm
from tracker.groups import Group, evidence_of, latest_submission, tasks_of
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Division, PlanItem, Submission, Task, User
from tracker.rules.claims import NONE
from tracker.rules.looks import DUE_SOON
from tracker.rules.permissions import Deed, may
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.thai import parse_date
from tracker.storage import Stored
from tracker.views import listing
from tracker.views.shell import chosen_year

blueprint = Blueprint("work", __name__, url_prefix="/work")
FIELD_NAMES = {"evidence": "files", "problems": "problems_answer", "suggestions": "suggestions_answer"}


@blueprint.get("")
@allow(Deed.REPORT_GROUP)
def mine() -> ResponseReturnValue:
    """The groups of the divisions the person answers for."""
    today, year = clock.today(), chosen_year()
    divisions = actor().division_ids
    if not divisions:
        # A coordinator without a division of their own: what waits for them is approval.
        return redirect(url_for("plan.waiting", year=year), 303)
    cards = listing.groups(year, today, divisions)
    follow_ups = listing.follow_ups(year, today, divisions)
    outstanding = [card for card in cards if card.outstanding]
    late = [card.row() for card in outstanding if card.due_on < today]
    soon = [card.row() for card in outstanding if today <= card.due_on <= today + DUE_SOON]
    later = [card.row() for card in outstanding if card.due_on > today + DUE_SOON]
    done = [card for card in cards if card.look in {"submitted", "approved"}]
    names = db.session.scalars(
        select(Division.name).where(Division.id.in_(divisions)).order_by(Division.place)
    ).all()
    return render_template(
        "work/list.html",
        title=_("งานของ%(division)s", division=", ".join(names)) if names else _("งานของฉัน"),
        post_line=_("ปีงบประมาณ %(year)s", year=year),
        counts=[
            ("overdue", len(late), None),
            ("due_soon", len(soon), None),
            ("approved", len(done), None),
        ],
        late=late,
        soon=soon,
        later=later,
        follow_ups=follow_ups,
        done=[card.done_row() for card in done],
        next_due=None,
    )


@blueprint.route("/<int:item_id>/<int:division_id>/<int:quarter>", methods=["GET", "POST"])
@allow(Deed.SEE_PLAN)
def group(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """The form where something is to be reported and the person may; else, and at ?review, what was reported."""
    chosen = Group(item_id, division_id, quarter)
    reports = may(actor(), Deed.REPORT_GROUP, division_id)
    if request.method == "POST":
        require(Deed.REPORT_GROUP, division_id)
        return _save(chosen)
    tasks = tasks_of(chosen)
    if reports and "review" not in request.args and any(task.state in OUTSTANDING for task in tasks):
        return _form(chosen, tasks, _values(latest_submission(chosen)), {}, {})
    return _review(chosen, tasks)


def _save(chosen: Group) -> ResponseReturnValue:
    form = GroupForm()
    if not form.validate():
        abort(400)
    report = _report(form)
    stored: list[Stored] = []
    try:
        uploads = [file for file in request.files.getlist("files") if file.filename]
        # Files go to the disk before the first statement of the transaction.
        for file in uploads:
            stored.append(storage.store(file.stream, file.filename or ""))
        progress.check(chosen, report, new_evidence=len(stored) + bool(form.link.data))
        submission = _record(chosen, report, stored, str(form.link.data or ""))
    except BaseException as refused:
        for kept in stored:
            storage.remove(kept.storage_name)
        db.session.rollback()
        if not isinstance(refused, TrackerError):
            raise
        if isinstance(refused, FieldsRefused):
            faults: Mapping[str, Message] = refused.fields
        else:
            faults = {"files" if form.has_files() else "result": refused.message}
        errors = {FIELD_NAMES.get(name, name): say(message, language()) for name, message in faults.items()}
        words = {task_id: str(word) for task_id, word in report.claims.items()}
        tasks = tasks_of(chosen)
        return _form(chosen, tasks, form.values(), words, errors, report.steps_done), 422
    flash(_thanks(submission), "success")
    flash(_draft_key(chosen), "draft")
    return redirect(_next(chosen), 303)


def _report(form: GroupForm) -> GroupReport:
    return GroupReport(
        result=str(form.result.data or ""),
        problems=form.answer("problems"),
        suggestions=form.answer("suggestions"),
        no_evidence_reason=str(form.no_evidence.data or ""),
        claims=form.claims(),
        steps_done=form.steps_done(),
    )


def _record(chosen: Group, report: GroupReport, stored: list[Stored], link: str) -> Submission:
    now, by = clock.now(), actor()
    for file in stored:
        proving.attach_file(file, "", clock.today(), chosen, now=now, by=by)
    if link.strip():
        proving.attach_link(link, "", clock.today(), chosen, now=now, by=by)
    return progress.report_group(chosen, report, now=now, by=by)


def _thanks(submission: Submission) -> str:
    words = {claim.word for claim in submission.claims}
    if words == {"not_yet"}:
        return _("บันทึกแล้ว")
    if "stuck" in words:
        return _("แจ้งปัญหาให้ผู้ประสานงานแล้ว")
    return _("ส่งรายงานแล้ว ขอบคุณ") if not progress.approval_on() else _("ส่งให้ตรวจแล้ว ขอบคุณ")


def _next(chosen: Group) -> str:
    """The next form of the same division that is due, else the list."""
    cards = listing.groups(chosen_year(), clock.today(), {chosen.division_id})
    for card in cards:
        if card.outstanding and card.due_on <= clock.today() + DUE_SOON and card.look != "in_progress":
            return card.href
    return url_for("work.mine")


def _draft_key(chosen: Group) -> str:
    latest = latest_submission(chosen)
    return f"{actor().user_id}-{chosen.subject}-{latest.number if latest else 0}"


def _values(latest: Submission | None) -> dict[str, Any]:
    if latest is None:
        return dict.fromkeys(
            (
                "result",
                "problems",
                "suggestions",
                "no_evidence",
                "link",
                "problems_answer",
                "suggestions_answer",
            ),
            "",
        )
    values: dict[str, Any] = {
        "result": latest.result,
        "no_evidence": latest.no_evidence_reason,
        "link": "",
    }
    for name, text in (("problems", latest.problems), ("suggestions", latest.suggestions)):
        values[f"{name}_answer"] = "none" if text == NONE else "some" if text else ""
        values[name] = "" if text == NONE else text
    return values


def _form(
    chosen: Group,
    tasks: list[Task],
    values: dict[str, Any],
    words: Mapping[int, str],
    errors: Mapping[str, str],
    steps_done: frozenset[int] | None = None,
) -> str:
    today = clock.today()
    item = get_or_404(PlanItem, chosen.item_id)
    card = listing.card_of(tasks, today)
    titles = [measure.title for measure in item.measures if measure.removed_in is None]
    titles = titles or [task.measure.title for task in tasks]
    latest = latest_submission(chosen)
    previous = latest_submission(Group(chosen.item_id, chosen.division_id, chosen.quarter - 1))
    ticked = listing.ticked_steps(item.id, chosen.division_id) if steps_done is None else steps_done
    sent_back = latest.returned_note if latest and latest.returned_at else None
    return render_template(
        "work/group.html",
        layout=None,
        group={
            "heading": titles[0] if len(titles) == 1 else item.heading or titles[0],
            "line": listing.due_line(card.due_on, chosen.quarter, today),
            "division": card.division,
            "look": card.look,
            "look_text": card.look_text,
            "completion": any(task.completion and task.state in OUTSTANDING for task in tasks),
            "sent_back": _("ส่งกลับให้แก้: “%(note)s”", note=sent_back) if sent_back else None,
            "approval": progress.approval_on(),
        },
        measures=[_measure(task, words, errors, today) for task in listing.in_plan(tasks)],
        steps=[
            {"value": step.id, "label": step.text, "checked": step.id in ticked, "help": None}
            for step in item.steps
            if step.removed_in is None
        ],
        values=values,
        evidence=[listing.file_of(evidence) for evidence in evidence_of(chosen)],
        errors=errors,
        save_href=url_for("work.group", **_address(chosen)),
        back_href=url_for("work.mine"),
        back_label=_("งานของฉัน"),
        draft_key=f"{actor().user_id}-{chosen.subject}-{(latest.number if latest else 0) + 1}",
        previous=previous.result if previous else None,
        told_href=_told_href(chosen),
        limit=settings().upload_megabytes,
        manage_href=url_for("work.group", review=1, **_address(chosen))
        if may(actor(), Deed.APPROVE)
        else None,
    )


def _told_href(chosen: Group) -> str | None:
    """The page that says who was told of the group, for those who may see it."""
    return (
        url_for("told.group", **_address(chosen)) if may(actor(), Deed.SEE_TOLD, chosen.division_id) else None
    )


def _measure(task: Task, words: Mapping[int, str], errors: Mapping[str, str], today: date) -> dict[str, Any]:
    allowed = (
        ["not_yet", "complete", "stuck"]
        if task.completion
        else ["not_yet", "as_planned", "complete", "stuck"]
    )
    closed = task.state not in OUTSTANDING
    return {
        "id": task.id,
        "title": f"{task.measure.number}. {task.measure.title}",
        "allowed": allowed,
        "claim": words.get(task.id),
        "error": errors.get(f"claim-{task.id}"),
        "state": {"look": listing.look(task, today), "text": None} if closed else None,
    }


def _review(chosen: Group, tasks: list[Task]) -> str:
    """What was reported, every attempt, and for the coordinator the decision."""
    today = clock.today()
    item = get_or_404(PlanItem, chosen.item_id)
    attempts = db.session.execute(
        select(Submission, User.name)
        .outerjoin(User, User.id == Submission.by_user_id)
        .where(
            Submission.item_id == chosen.item_id,
            Submission.division_id == chosen.division_id,
            Submission.quarter == chosen.quarter,
        )
        .order_by(Submission.number.desc())
    ).all()
    card = listing.card_of(tasks, today)
    decides = may(actor(), Deed.APPROVE) and any(task.state is TaskState.SUBMITTED for task in tasks)
    return render_template(
        "work/review.html",
        item=item,
        card=card,
        line=listing.due_line(card.due_on, chosen.quarter, today),
        tasks=[
            {
                "id": task.id,
                "title": f"{task.measure.number}. {task.measure.title}",
                "look": listing.look(task, today),
                "reason": task.reason,
                "outstanding": task.state in OUTSTANDING,
            }
            for task in tasks
        ],
        attempts=attempts,
        evidence=[listing.file_of(evidence) for evidence in evidence_of(chosen)],
        decides=decides,
        reopens=may(actor(), Deed.APPROVE) and any(task.state is TaskState.APPROVED for task in tasks),
        address=_address(chosen),
        told_href=_told_href(chosen),
        manages=may(actor(), Deed.APPROVE),
        takes_back=may(actor(), Deed.REPORT_GROUP, chosen.division_id)
        and any(task.state is TaskState.SUBMITTED for task in tasks),
        withdraws=may(actor(), Deed.REPORT_GROUP, chosen.division_id),
    )


def _address(chosen: Group) -> dict[str, Any]:
    return {"item_id": chosen.item_id, "division_id": chosen.division_id, "quarter": chosen.quarter}


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/approve")
@allow(Deed.APPROVE)
def approve(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    approved = progress.approve(Group(item_id, division_id, quarter), now=clock.now(), by=actor())
    flash(_("อนุมัติแล้ว %(number)s มาตรการ", number=approved), "success")
    return redirect(url_for("plan.waiting", year=chosen_year()), 303)


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/send-back")
@allow(Deed.APPROVE)
def send_back(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = Group(item_id, division_id, quarter)
    try:
        returned = progress.send_back(chosen, request.form.get("note", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        flash(say(refused.fields["note"], language()), "error")
        return redirect(url_for("work.group", **_address(chosen)), 303)
    flash(_("ส่งกลับแล้ว %(number)s มาตรการ จดหมายถึงกองจะออกใน 10 นาที", number=returned), "success")
    return redirect(url_for("plan.waiting", year=chosen_year()), 303)


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/withdraw")
@allow(Deed.REPORT_GROUP)
def withdraw(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    require(Deed.REPORT_GROUP, division_id)
    chosen = Group(item_id, division_id, quarter)
    progress.withdraw(chosen, now=clock.now(), by=actor())
    flash(_("ถอนรายงานแล้ว แก้ไขแล้วส่งใหม่ได้"), "success")
    return redirect(url_for("work.group", **_address(chosen)), 303)


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/postpone")
@allow(Deed.APPROVE)
def postpone(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = Group(item_id, division_id, quarter)
    due_on = parse_date(request.form.get("due_on", ""))
    back = redirect(url_for("work.group", review=1, **_address(chosen)), 303)
    if due_on is None:
        flash(_("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569"), "error")
        return back
    try:
        progress.move_due_day(chosen, due_on, request.form.get("why", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        flash(say(refused.fields["reason"], language()), "error")
    else:
        flash(_("เลื่อนกำหนดเป็น %(day)s แล้ว", day=short_date(due_on)), "success")
    return back


@blueprint.post("/task/<int:task_id>/cancel")
@allow(Deed.APPROVE)
def cancel(task_id: int) -> ResponseReturnValue:
    task = get_or_404(Task, task_id)
    back = redirect(
        url_for(
            "work.group",
            item_id=task.item_id,
            division_id=task.division_id,
            quarter=task.quarter,
            review=1,
        ),
        303,
    )
    try:
        progress.cancel(task, request.form.get("reason", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        flash(say(refused.fields["reason"], language()), "error")
    else:
        flash(_("ยกเลิกแล้ว รายงานจะพิมพ์เหตุผลไว้"), "success")
    return back


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/reopen")
@allow(Deed.APPROVE)
def reopen(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = Group(item_id, division_id, quarter)
    try:
        progress.reopen(chosen, request.form.get("reason", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        flash(say(refused.fields["reason"], language()), "error")
    else:
        flash(_("เปิดให้กองแก้ไขแล้ว"), "success")
    return redirect(url_for("work.group", **_address(chosen)), 303)
