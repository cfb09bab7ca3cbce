"""The division's day: its groups, the form of one group, and the coordinator's review."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import exists, select

from tracker import clock
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import linking, progress, subscribing
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.groups import Group, tasks_of
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Division, FollowUp, FollowUpState, Plan, PlanState, Round, Submission, Task
from tracker.rules.looks import DUE_SOON
from tracker.rules.permissions import Deed, may
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.thai import parse_date
from tracker.views import group_form, listing, matrix, passing, worklist
from tracker.views.frame import Frame
from tracker.views.listing import Card
from tracker.views.shell import chosen_year, known_years
from tracker.views.worklist import Section, Wanted

blueprint = Blueprint("work", __name__, url_prefix="/work")


@blueprint.get("")
@allow(Deed.REPORT_GROUP)
def mine() -> ResponseReturnValue:
    """The groups of the divisions the person answers for."""
    if "year" in request.args:
        session["year"] = request.args.get("year", type=int)
    today, year = clock.today(), chosen_year()
    divisions = actor().division_ids
    if not divisions:
        # A coordinator without a division of their own: what waits for them is approval.
        return redirect(url_for("plan.waiting", year=year), 303)
    cards = listing.groups(year, today, divisions)
    wanted = Wanted.of_request()
    matching = worklist.found(cards, wanted.words)
    # Alone, what was sent is a list; on the page of everything it is folded below the rest.
    outstanding = [card for card in matching if card.outstanding]
    chosen = [card for card in matching if worklist.part_of(card, today) == wanted.part]
    listed = chosen if wanted.part else outstanding
    pages = max(1, -(-len(listed) // worklist.PAGE))
    page = min(wanted.page, pages)
    shown = listed[(page - 1) * worklist.PAGE : page * worklist.PAGE]
    sections = worklist.sections(shown, listed, today)
    waiting = listing.follow_ups(year, today, divisions)
    follow_ups = worklist.found_rows(waiting, wanted.words)
    asked = [row for row in follow_ups if wanted.part in ("", worklist.part_of_day(row["day"], today))]
    if asked and page == 1:
        sections.insert(bool(sections and sections[0].late), Section(_("การติดตามผล"), "flag", asked))
    done = shown if wanted.part == "done" else [] if wanted.part else _sent(matching)
    own = db.session.execute(
        select(Division.id, Division.name, subscribing.is_open())
        .where(Division.id.in_(divisions), Division.successor_id.is_(None))
        .order_by(Division.place)
    ).all()
    names = [name for _id, name, _open in own]
    return render_template(
        "work/list.html",
        title=_("งานของ%(division)s", division=", ".join(names)) if names else _("งานของฉัน"),
        post_line=_("ปีงบประมาณ %(year)s", year=year),
        counts=[
            (
                "overdue",
                sum(worklist.part_of(card, today) == "late" for card in cards)
                + sum(worklist.part_of_day(row["day"], today) == "late" for row in waiting),
                wanted.href(show="late", q="", page=1),
            ),
            ("due_soon", sum(card.look == "due_soon" for card in cards), None),
            ("approved", len(_sent(cards)), wanted.href(show="done", q="", page=1)),
        ],
        sections=sections,
        filters=worklist.filters(matching, follow_ups, wanted, today),
        wanted=wanted,
        page=page,
        pages=pages,
        page_href=lambda number: wanted.href(page=number),
        done=[card.done_row() for card in done[: worklist.PAGE]],
        done_number=len(chosen) if wanted.part == "done" else len(done),
        next_due=None,
        other_years=[
            (one, url_for("work.mine", year=one)) for one in _owed_elsewhere(year, divisions, today)
        ],
        nothing_yet=not cards and not waiting,
        feeds=[(name, one, opened) for one, name, opened in own if may(actor(), Deed.PASS_ON_GROUP, one)],
        line_hrefs=[
            (name, url_for("passing.line_of_list", division_id=one))
            for one, name, _open in own
            if may(actor(), Deed.PASS_ON_GROUP, one)
        ],
    )


def _owed_elsewhere(year: int, divisions: Collection[int], today: date) -> list[int]:
    """The other years in which the divisions are late or soon due, or asked by a round, the newest first.

    A year's last round opens when the next year has begun.
    """
    others = [one for one in known_years() if one != year]
    if not others:
        return []
    due = exists().where(
        Task.plan_id == Plan.id,
        Task.division_id.in_(divisions),
        Task.state.in_(OUTSTANDING),
        Task.due_on <= today + DUE_SOON,
    )
    asked = exists().where(
        Round.plan_id == Plan.id,
        FollowUp.round_id == Round.id,
        FollowUp.division_id.in_(divisions),
        FollowUp.state == FollowUpState.WAITING,
        FollowUp.prompts,
        Round.opens_on <= today,
    )
    return list(
        db.session.scalars(
            select(Plan.fiscal_year)
            .where(Plan.state == PlanState.ADOPTED, Plan.fiscal_year.in_(others), due | asked)
            .order_by(Plan.fiscal_year.desc())
        )
    )


def _sent(cards: Sequence[Card]) -> list[Card]:
    return [card for card in cards if card.look in {"submitted", "approved"}]


@blueprint.route("/<int:item_id>/<int:division_id>/<int:quarter>", methods=["GET", "POST"])
@allow(Deed.SEE_PLAN, posts=Deed.REPORT_GROUP)
def group(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """The form where something is to be reported and the person may; else, and at ?review, what was reported."""
    chosen = Group(item_id, division_id, quarter)
    reports = may(actor(), Deed.REPORT_GROUP, division_id)
    if request.method == "POST":
        require(Deed.REPORT_GROUP, division_id)
        return _save(chosen)
    tasks = tasks_of(chosen)
    if reports and "review" not in request.args and any(task.state in OUTSTANDING for task in tasks):
        return group_form.show(chosen, tasks, _frame(chosen, tasks))
    return _review(chosen, tasks)


@blueprint.post(f"{passing.GROUP}/forward")
@allow(Deed.PASS_ON_GROUP)
def forward(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """Mail a colleague the link of one group; refused, the page again with what was typed."""
    require(Deed.PASS_ON_GROUP, division_id)
    chosen = Group(item_id, division_id, quarter)
    name, address = request.form.get("name", ""), request.form.get("address", "")
    try:
        link = linking.pass_on(chosen, name, address, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        tasks = tasks_of(chosen)
        return group_form.show(chosen, tasks, _frame(chosen, tasks, refused)), 422
    flash(_("ส่งต่อให้%(name)sแล้ว จดหมายกำลังออก", name=link.colleague_name), "success")
    return redirect(url_for("work.group", **_address(chosen)), 303)


def _frame(chosen: Group, tasks: Sequence[Task], refused: FieldsRefused | None = None) -> Frame:
    return Frame(
        by=actor(),
        save_href=url_for("work.group", **_address(chosen)),
        back_href=url_for("work.mine"),
        back_label=_("งานของฉัน"),
        file_href=listing.file_href,
        about_href=listing.about_href,
        drafts=str(actor().user_id),
        values={
            "manage_href": url_for("work.group", review=1, **_address(chosen))
            if may(actor(), Deed.APPROVE, chosen.division_id)
            else None,
            "passing": passing.of_person(chosen, tasks, refused),
            "told_href": _told_href(chosen),
        },
    )


def _told_href(chosen: Group) -> str | None:
    """The page that says who was told of the group, for those who may see it."""
    sees = may(actor(), Deed.SEE_TOLD, chosen.division_id)
    return url_for("told.group", **_address(chosen)) if sees else None


def _save(chosen: Group) -> ResponseReturnValue:
    frame = _frame(chosen, tasks_of(chosen))
    taken = group_form.take(chosen, frame)
    if not isinstance(taken, Submission):
        return taken
    flash(group_form.thanks(taken), "success")
    flash(group_form.draft_key(chosen, frame, taken.number), "draft")
    return redirect(_next(chosen), 303)


def _next(chosen: Group) -> str:
    """The next form of the same division that is due, else the list."""
    cards = listing.groups(chosen_year(), clock.today(), {chosen.division_id})
    for card in cards:
        if card.outstanding and card.due_on <= clock.today() + DUE_SOON and card.look != "in_progress":
            return card.href
    return url_for("work.mine")


def _review(chosen: Group, tasks: list[Task], errors: Mapping[str, str] | None = None) -> str:
    """What was reported, every attempt, and for the coordinator the decision; with errors, as it was filled in."""
    approves, reports = (may(actor(), deed, chosen.division_id) for deed in (Deed.APPROVE, Deed.REPORT_GROUP))
    steers = may(actor(), Deed.STEER_WORK)
    states = {task.state for task in tasks}
    return group_form.review(
        chosen,
        tasks,
        replace(_frame(chosen, tasks), back_href=url_for("home.home"), back_label=_("กลับหน้าแรก")),
        decides=approves and TaskState.SUBMITTED in states,
        reopens=steers and TaskState.APPROVED in states,
        address=_address(chosen),
        manages=steers,
        takes_back=reports and TaskState.SUBMITTED in states,
        withdraws=reports,
        undo=matrix.undo_bar(),
        errors=errors or {},
        values=request.form if errors else {},
    )


def _refused(chosen: Group, errors: Mapping[str, str]) -> ResponseReturnValue:
    """The page again, each sentence beside its field."""
    db.session.rollback()
    return _review(chosen, tasks_of(chosen), errors), 422


def _address(chosen: Group) -> dict[str, Any]:
    return {"item_id": chosen.item_id, "division_id": chosen.division_id, "quarter": chosen.quarter}


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/approve")
@allow(Deed.APPROVE)
def approve(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    require(Deed.APPROVE, division_id)
    approved = progress.approve(Group(item_id, division_id, quarter), now=clock.now(), by=actor())
    flash(_("อนุมัติแล้ว %(number)s มาตรการ", number=approved), "success")
    return redirect(url_for("plan.waiting", year=chosen_year()), 303)


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/send-back")
@allow(Deed.APPROVE)
def send_back(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    require(Deed.APPROVE, division_id)
    chosen = Group(item_id, division_id, quarter)
    try:
        returned = progress.send_back(chosen, request.form.get("note", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(chosen, {"note": say(refused.fields["note"], language())})
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
@allow(Deed.STEER_WORK)
def postpone(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = Group(item_id, division_id, quarter)
    due_on = parse_date(request.form.get("due_on", ""))
    if due_on is None:
        return _refused(chosen, {"due_on": _("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569")})
    try:
        progress.move_due_day(chosen, due_on, request.form.get("why", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(chosen, {"why": say(refused.fields["reason"], language())})
    flash(_("เลื่อนกำหนดเป็น %(day)s แล้ว", day=short_date(due_on)), "success")
    return redirect(url_for("work.group", review=1, **_address(chosen)), 303)


@blueprint.post("/task/<int:task_id>/cancel")
@allow(Deed.STEER_WORK)
def cancel(task_id: int) -> ResponseReturnValue:
    task = get_or_404(Task, task_id)
    chosen = Group(task.item_id, task.division_id, task.quarter)
    try:
        progress.cancel(task, request.form.get("reason", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(chosen, {f"cancel-{task_id}": say(refused.fields["reason"], language())})
    flash(_("ยกเลิกแล้ว รายงานจะพิมพ์เหตุผลไว้"), "success")
    return redirect(url_for("work.group", review=1, **_address(chosen)), 303)


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/reopen")
@allow(Deed.STEER_WORK)
def reopen(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = Group(item_id, division_id, quarter)
    try:
        progress.reopen(chosen, request.form.get("reason", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(chosen, {"reason": say(refused.fields["reason"], language())})
    flash(_("เปิดให้กองแก้ไขแล้ว"), "success")
    return redirect(url_for("work.group", review=1, **_address(chosen)), 303)
