"""The form of one group and the page of what was reported, for whoever opens them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, flash, render_template, request
from sqlalchemy import Integer, bindparam, or_, select

from tracker import clock, groups, storage
from tracker.access import get_or_404
from tracker.actions import progress, proving
from tracker.actions.progress import GroupReport
from tracker.database import db
from tracker.errors import FieldsRefused, Message, TrackerError
from tracker.extensions import settings
from tracker.forms.work import LIMITS, GroupForm
from tracker.groups import Group, evidence_of, tasks_of
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import (
    Evidence,
    MailLink,
    Measure,
    Plan,
    PlanItem,
    Position,
    Step,
    StepTick,
    Submission,
    Task,
    User,
)
from tracker.rules.claims import NONE, REPORTING
from tracker.rules.fiscal import Quarter
from tracker.rules.permissions import Actor
from tracker.rules.states import OUTSTANDING
from tracker.storage import Stored
from tracker.views import listing
from tracker.views.frame import Frame
from tracker.views.history import history

_VALUES = (
    "result", "problems", "problems_answer", "suggestions", "suggestions_answer",
    "no_evidence", "link", "caption", "about", "public", "reuse",
)  # fmt: skip
FIELD_NAMES = {"evidence": "files", "problems": "problems_answer", "suggestions": "suggestions_answer"}

# What a form asks of its group, by the group's fields; put together once, for this page is opened most.
_ITEM, _DIVISION, _QUARTER = (
    bindparam(name, type_=Integer) for name in ("item_id", "division_id", "quarter")
)
_QUARTERS = (
    select(Task.quarter)
    .where(Task.item_id == _ITEM, Task.division_id == _DIVISION)
    .distinct()
    .order_by(Task.quarter)
)
_ATTEMPTS = (
    select(Submission)
    .where(
        Submission.item_id == _ITEM,
        Submission.division_id == _DIVISION,
        or_(Submission.quarter == _QUARTER, Submission.quarter == _QUARTER - 1),
    )
    .order_by(Submission.number)
)
_TITLES = (
    select(PlanItem.heading, Measure.title)
    .outerjoin(Measure, (Measure.item_id == PlanItem.id) & Measure.removed_in.is_(None))
    .where(PlanItem.id == _ITEM)
    .order_by(Measure.number)
)
_STEPS = (
    select(Step.id, Step.text, StepTick.id)
    .outerjoin(StepTick, (StepTick.step_id == Step.id) & (StepTick.division_id == _DIVISION))
    .where(Step.item_id == _ITEM, Step.removed_in.is_(None))
    .order_by(Step.number)
)


def take(chosen: Group, frame: Frame) -> Submission | tuple[str, int]:
    """Record the form that was sent; where something is missing, the form again with its status."""
    form = GroupForm()
    report = _report(form)
    if not form.validate():
        return _again(chosen, frame, form, report, _too_long(form)), 422
    about = _about(chosen, str(form.about.data or ""))
    reused = _reused(chosen, frame, form.reused())
    try:
        with storage.storing() as store:
            # Files go to the disk before the first statement that writes.
            stored = [
                store(file.stream, file.filename) for file in request.files.getlist("files") if file.filename
            ]
            new = (len(stored) + bool(form.link.data)) if about == chosen else 0
            progress.check(chosen, report, new_evidence=new + len(reused))
            _prove(chosen, about, form, stored, reused, frame.by)
            return progress.report_group(chosen, report, now=clock.now(), by=frame.by)
    except TrackerError as refused:
        db.session.rollback()
        if isinstance(refused, FieldsRefused):
            faults: Mapping[str, Message] = refused.fields
        else:
            faults = {"files" if form.has_files() else "result": refused.message}
        return _again(chosen, frame, form, report, faults), 422


def _again(
    chosen: Group, frame: Frame, form: GroupForm, report: GroupReport, faults: Mapping[str, Message]
) -> str:
    """The form as it was sent, with a sentence beside each field that lacks something."""
    errors = {FIELD_NAMES.get(name, name): say(message, language()) for name, message in faults.items()}
    if form.has_files() and "keeps_files" not in request.form:
        # Only the own script puts a chosen file into the form again.
        errors.setdefault("files", _("ไฟล์ที่เลือกไว้ยังไม่ได้แนบ โปรดถ่ายหรือเลือกอีกครั้งก่อนส่ง"))
    words = {task_id: str(word) for task_id, word in report.claims.items()}
    return show(chosen, tasks_of(chosen), frame, form.values(), words, errors, report.steps_done)


def _too_long(form: GroupForm) -> dict[str, Message]:
    """A sentence for each text over its limit; 400 for what no form of ours sends."""
    if not set(form.errors) <= LIMITS.keys():
        abort(400)
    return {
        name: Message(
            "ข้อความยาวเกิน %(limit)s ตัวอักษร ตัดให้สั้นลง หรือแนบเป็นไฟล์แทน", {"limit": f"{LIMITS[name]:,}"}
        )
        for name in form.errors
    }


def _about(chosen: Group, quarter: str) -> Group:
    """The group of the quarter that the new evidence is about, else the group itself."""
    if quarter not in {str(one) for one in _quarters(chosen)}:
        return chosen
    return Group(chosen.item_id, chosen.division_id, int(quarter))


def _quarters(chosen: Group) -> list[int]:
    """The quarters in which the division works on the item."""
    return list(db.session.scalars(_QUARTERS, vars(chosen)))


def _reused(chosen: Group, frame: Frame, ids: Collection[int]) -> list[Evidence]:
    """Of the chosen earlier evidence what may be used here."""
    return [one for one in proving.earlier(chosen, frame.groups) if one.id in ids]


def _report(form: GroupForm) -> GroupReport:
    return GroupReport(
        result=str(form.result.data or ""),
        problems=form.answer("problems"),
        suggestions=form.answer("suggestions"),
        no_evidence_reason=str(form.no_evidence.data or ""),
        claims=form.claims(),
        steps_done=form.steps_done(),
    )


def _prove(
    chosen: Group, about: Group, form: GroupForm, stored: list[Stored], reused: list[Evidence], by: Actor
) -> None:
    """Write down the new evidence for the quarter it is about, and let the earlier one prove this group too."""
    now = clock.now()
    plan = get_or_404(Plan, get_or_404(PlanItem, chosen.item_id).plan_id)
    day = proving.day_about(Quarter(plan.fiscal_year, about.quarter), clock.today())
    caption, public = str(form.caption.data or ""), bool(form.public.data)
    attached = [
        proving.attach_file(file, caption, day, about, now=now, by=by, public=public) for file in stored
    ]
    link = str(form.link.data or "").strip()
    if link:
        attached.append(proving.attach_link(link, caption, day, about, now=now, by=by, public=public))
    for one in reused:
        proving.use_again(one, chosen, now=now, by=by)
    if public and not all(one.public for one in attached):
        flash(_("หลักฐานที่ดูเหมือนมีข้อมูลส่วนบุคคลยังเก็บเป็นภายใน ผู้ประสานงานเปิดเผยได้หลังตรวจแล้ว"), "warning")


def thanks(submission: Submission) -> str:
    words = {claim.word for claim in submission.claims}
    if words == {"not_yet"}:
        return _("บันทึกแล้ว")
    if "stuck" in words:
        return _("แจ้งปัญหาให้ผู้ประสานงานแล้ว")
    return _("ส่งให้ตรวจแล้ว ขอบคุณ") if progress.approval_on() else _("ส่งรายงานแล้ว ขอบคุณ")


def draft_key(chosen: Group, frame: Frame, number: int) -> str:
    """The name of the draft of an attempt."""
    return f"{frame.drafts}-{chosen.subject}-{number}"


def _values(latest: Submission | None, previous: Submission | None) -> dict[str, Any]:
    """What was last sent; the answers of the quarter before where the address asks for them."""
    values = _last_sent(latest)
    if previous is not None and request.args.get("from") == "previous":
        values["result"] = previous.result
        said = _last_sent(previous)
        for name in ("problems", "suggestions"):
            if not values[f"{name}_answer"]:
                values[name], values[f"{name}_answer"] = said[name], said[f"{name}_answer"]
    return values


def _last_sent(latest: Submission | None) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(_VALUES, "")
    if latest is None:
        return values
    values["result"], values["no_evidence"] = latest.result, latest.no_evidence_reason
    for name, text in (("problems", latest.problems), ("suggestions", latest.suggestions)):
        values[f"{name}_answer"] = "none" if text == NONE else "some" if text else ""
        values[name] = "" if text == NONE else text
    return values


def _claimed(latest: Submission | None) -> dict[int, str]:
    """What was claimed of the tasks that were handed in: what came back is sent so again, if nothing else is chosen."""
    claims = latest.claims if latest else []
    return {claim.task_id: str(claim.word) for claim in claims if claim.word in REPORTING}


def show(
    chosen: Group,
    tasks: list[Task],
    frame: Frame,
    values: dict[str, Any] | None = None,
    words: Mapping[int, str] | None = None,
    errors: Mapping[str, str] | None = None,
    steps_done: frozenset[int] | None = None,
) -> str:
    """The form, filled in as it was last sent or with `values`."""
    today = clock.today()
    card = listing.card_of(tasks, today)
    latest, previous = _latest(chosen)
    sent_back = latest.returned_note if latest and latest.returned_at else None
    context: dict[str, Any] = {
        "layout": None,
        "manage_href": None,
        "group": {
            "heading": _heading(chosen, tasks),
            "line": listing.due_line(card.due_on, chosen.quarter),
            "division": card.division,
            "quarter": chosen.quarter,
            "look": card.look,
            "look_text": card.look_text,
            "completion": any(task.completion and task.state in OUTSTANDING for task in tasks),
            "sent_back": _("ส่งกลับให้แก้: “%(note)s”", note=sent_back) if sent_back else None,
            "approval": progress.approval_on(),
        },
        "measures": [
            _measure(task, _claimed(latest) if words is None else words, errors or {}, today)
            for task in listing.in_plan(tasks)
        ],
        "steps": _steps(chosen, steps_done),
        "values": _values(latest, previous) if values is None else values,
        "evidence": _files(chosen, frame),
        "earlier": [
            listing.file_of(evidence, frame.file_href) for evidence in proving.earlier(chosen, frame.groups)
        ],
        "quarters": [(one, _("ไตรมาส %(number)s", number=one)) for one in _quarters(chosen)],
        "errors": errors or {},
        "save_href": frame.save_href,
        "back_href": frame.back_href,
        "back_label": frame.back_label,
        "draft_key": draft_key(chosen, frame, latest.number + 1 if latest else 1),
        "previous": {
            "result": previous.result,
            "answers": {
                name: "" if text == NONE else text
                for name, text in (("problems", previous.problems), ("suggestions", previous.suggestions))
            },
        }
        if previous
        else None,
        "limit": settings().upload_megabytes,
    }
    return render_template("work/group.html", **(context | frame.values))


def _latest(chosen: Group) -> tuple[Submission | None, Submission | None]:
    """The last attempts at the group and at the one of the quarter before."""
    rows = db.session.scalars(_ATTEMPTS, vars(chosen))
    by_quarter = {row.quarter: row for row in rows}
    return by_quarter.get(chosen.quarter), by_quarter.get(chosen.quarter - 1)


def _heading(chosen: Group, tasks: Sequence[Task]) -> str:
    """The item's heading, its measure's title where it has only one."""
    rows = db.session.execute(_TITLES, vars(chosen)).all()
    titles = [title for _heading, title in rows if title is not None]
    titles = titles or [task.measure.title for task in tasks]
    return titles[0] if len(titles) == 1 else rows[0].heading or titles[0]


def _steps(chosen: Group, done: Collection[int] | None) -> list[dict[str, Any]]:
    """The item's steps; ticked are those the division has ticked, or `done`."""
    rows = db.session.execute(_STEPS, vars(chosen))
    return [
        {
            "value": step_id,
            "label": text,
            "checked": tick is not None if done is None else step_id in done,
            "help": None,
        }
        for step_id, text, tick in rows
    ]


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


def review(chosen: Group, tasks: list[Task], frame: Frame, **allowed: object) -> str:
    """What was reported, every attempt; `allowed` says which decisions the page offers."""
    today = clock.today()
    card = listing.card_of(tasks, today)
    attempts = _attempts(chosen)
    context: dict[str, Any] = {
        "layout": None,
        "item": get_or_404(PlanItem, chosen.item_id),
        "card": card,
        "line": listing.due_line(card.due_on, chosen.quarter),
        "tasks": [
            {
                "id": task.id,
                "title": f"{task.measure.number}. {task.measure.title}",
                "look": listing.look(task, today),
                "reason": task.reason,
                "outstanding": task.state in OUTSTANDING,
            }
            for task in tasks
        ],
        "steps": _steps(chosen, None),
        "attempts": attempts,
        "history": history(tasks, [submission for submission, _name in attempts])
        if frame.by.link_id is None
        else [],
        "evidence": _files(chosen, frame),
        "back_href": frame.back_href,
        "back_label": frame.back_label,
    }
    return render_template("work/review.html", **(context | allowed | frame.values))


def _files(chosen: Group, frame: Frame) -> list[dict[str, Any]]:
    return [listing.file_of(one, frame.file_href, frame.about_href) for one in evidence_of(chosen)]


def _attempts(chosen: Group) -> list[tuple[Submission, str]]:
    """Every attempt, the newest first, and who sent it."""
    rows = db.session.execute(
        select(Submission, User.name, Position.title, MailLink.colleague_name, MailLink.shared)
        .outerjoin(User, User.id == Submission.by_user_id)
        .outerjoin(MailLink, MailLink.id == Submission.by_link_id)
        .outerjoin(Position, Position.id == MailLink.position_id)
        .where(groups.of(Submission, chosen))
        .order_by(Submission.number.desc())
    )
    return [
        (submission, link_signature(title, colleague, shared) if title is not None else name or "")
        for submission, name, title, colleague, shared in rows
    ]


def link_signature(title: str, colleague: str | None, shared: bool | None) -> str:
    """In whose name something was written by a link: of a mail, of one passed on to a colleague, of a chat."""
    if shared:
        return _("%(title)s (จากลิงก์ในแชต)", title=title)
    if colleague:
        return _("%(name)s (รับส่งต่อจาก%(title)s)", name=colleague, title=title)
    return _("%(title)s (จากจดหมาย)", title=title)
