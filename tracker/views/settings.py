"""What an organisation sets by itself: one line a page with its present value, and who approves reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from tracker import calendar, clock, people
from tracker.access import actor, allow, confirmed, key_of
from tracker.actions import pausing, planning, reshaping
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused
from tracker.locale import say_all
from tracker.locale import translate as _
from tracker.models import CalendarDay, Division, Organisation, User
from tracker.rules.permissions import Deed, may
from tracker.views.import_words import kind_words

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
APPROVALS = {"": None, "yes": True, "no": False}


@dataclass(frozen=True)
class Line:
    """A page of settings: what it sets and how that stands."""

    title: str
    words: str
    href: str
    symbol: str


@blueprint.get("")
@allow(Deed.SEE_SETTINGS)
def show() -> str:
    """What can be set, and how each stands: what the office is, who works in it, how it works."""
    own = current_organisation()
    parts = [
        (_("หน่วยงาน"), _office(own)),
        (_("คนและตำแหน่ง"), _people()),
        (_("วิธีทำงาน"), _work(own)),
    ]
    return render_template("settings/index.html", parts=parts)


def _office(own: Organisation) -> list[Line]:
    facts = url_for("organisation.show")
    digits = _("เลขไทย") if own.thai_digits else _("เลขอารบิก")
    named = " ".join(filter(None, (own.name, own.district, own.province)))
    logo = _("มีตราแล้ว") if own.logo else _("ยังไม่มี")
    return [
        Line(_("ชื่อและข้อมูลหน่วยงาน"), named, facts, "building-fill"),
        Line(_("ตราของหน่วยงาน"), logo, f"{facts}#logo", "file-earmark-image"),
        Line(
            _("ตัวเลขและแบบอักษร"),
            f"{digits} · {own.document_font}",
            f"{facts}#documents",
            "file-earmark-text",
        ),
        Line(
            _("แบบ Word ของหน่วยงาน"),
            _("รูปแบบเอกสารของหน่วยงานเอง"),
            url_for("word_forms.show"),
            "file-earmark-text",
        ),
    ]


def _people() -> list[Line]:
    ended = dict(
        db.session.execute(
            select(Division.ended_on.is_not(None), func.count(Division.id)).group_by(
                Division.ended_on.is_not(None)
            )
        ).all()
    )
    divisions = _("%(number)s ส่วนราชการ", number=ended.get(False, 0))
    if ended.get(True):
        divisions = _("%(divisions)s ยุบแล้ว %(number)s", divisions=divisions, number=ended[True])
    posts = [post for post in people.posts_on(clock.today()).values() if not post.ended]
    vacant = sum(post.holder_id is None for post in posts)
    holders = _("%(number)s ตำแหน่ง มีผู้ดำรงครบ", number=len(posts))
    if vacant:
        holders = _("%(number)s ตำแหน่ง ว่าง %(vacant)s", number=len(posts), vacant=vacant)
    accepted = db.session.scalars(select(User.password_hash.is_not(None)).where(User.active)).all()
    users = _("ใช้งานอยู่ %(number)s บัญชี", number=sum(accepted))
    if not all(accepted):
        waiting = len(accepted) - sum(accepted)
        users = _("%(users)s รอตอบรับคำเชิญ %(number)s", users=users, number=waiting)
    return [
        Line(_("ส่วนราชการ"), divisions, url_for("organisation.divisions"), "list-check"),
        Line(_("ตำแหน่งและผู้ดำรงตำแหน่ง"), holders, url_for("people.show"), "people"),
        Line(_("บัญชีผู้ใช้"), users, url_for("users.show"), "person-circle"),
    ]


def _work(own: Organisation) -> list[Line]:
    minute, stages = calendar.reminding_times()
    before = ", ".join(str(days) for days in stages.task.before)
    days = db.session.scalar(select(func.count(CalendarDay.id))) or 0
    pauses = len(pausing.pauses_on(clock.today()))
    own_approvers = len(people.approvers())
    approval = _approval_words()[_word(own.approval)]
    if own_approvers:
        approval = _(
            "%(approval)s · ผู้อนุมัติเฉพาะ %(number)s ส่วนราชการ", approval=approval, number=own_approvers
        )
    hour = f"{minute // 60:02}.{minute % 60:02}"
    stage_words = _("จดหมายออก %(time)s น. ไม่เตือนก่อนกำหนด", time=hour)
    if before:
        stage_words = _("จดหมายออก %(time)s น. ก่อนกำหนด %(days)s วัน", time=hour, days=before)
    rounds = f"{url_for('organisation.show')}#documents"
    return [
        Line(_("การอนุมัติ"), approval, url_for("settings.approval"), "clipboard-check"),
        Line(_("รอบติดตามเมื่อแผนไม่ได้ระบุ"), kind_words(own.follow_up_policy), rounds, "flag"),
        Line(_("ช่วงเตือน"), stage_words, url_for("stages.show"), "bell"),
        Line(
            _("วันหยุด"),
            _("ตามปฏิทินราชการ และวันของหน่วยงาน %(number)s วัน", number=days),
            url_for("calendar.show"),
            "calendar3",
        ),
        Line(
            _("พักการเตือน"),
            _("พักอยู่ %(number)s เรื่อง", number=pauses) if pauses else _("ไม่มีที่พักอยู่"),
            url_for("pauses.show"),
            "slash-circle",
        ),
    ]


def _approval_words() -> dict[str, str]:
    return {
        "": _("อัตโนมัติ: ตรวจเมื่อมีผู้ใช้มากกว่าหนึ่งคน"),
        "yes": _("ตรวจก่อนเสมอ"),
        "no": _("ส่งแล้วถือว่าอนุมัติ"),
    }


def _word(approval: bool | None) -> str:
    return next(word for word, value in APPROVALS.items() if value is approval)


@blueprint.get("/approval")
@allow(Deed.SEE_SETTINGS)
def approval() -> str:
    """Whether reports wait for approval, and who approves those of each division."""
    return _approval({}, None)


@blueprint.post("/approval")
@allow(Deed.MANAGE_PEOPLE)
def save_approval() -> ResponseReturnValue:
    given, own = request.form, current_organisation()
    chosen = {
        division.id: key_of(given[name]) or 0
        for division in planning.divisions()
        if given.get(name := f"approver-{division.id}")
    }
    try:
        reshaping.set_approval(
            APPROVALS.get(given.get("approval", ""), own.approval), chosen, now=clock.now(), by=actor()
        )
    except FieldsRefused as refused:
        db.session.rollback()
        errors = say_all(refused.fields)
        return _approval(errors, given), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("settings.approval"), 303)


def _approval(errors: Mapping[str, str], given: Mapping[str, str] | None) -> str:
    posts, set_for = people.posts_on(clock.today()), people.approvers()
    manages = may(actor(), Deed.MANAGE_PEOPLE)
    rows = []
    for division in planning.divisions():
        name = f"approver-{division.id}"
        choices = [("", _("ผู้ประสานงานแผน"))]
        choices += [
            (str(post.position_id), f"{post.title} ({post.holder_name or _('ว่าง')})")
            for post in posts.values()
            if post.division_id != division.id and not post.ended
        ]
        value = str(set_for.get(division.id, "")) if given is None else given.get(name, "")
        rows.append({"name": name, "division": division.name, "choices": choices, "value": value})
    approval = _word(current_organisation().approval) if given is None else given.get("approval", "")
    return render_template(
        "settings/approval.html",
        rows=rows,
        approval=approval,
        approvals=list(_approval_words().items()),
        errors=errors,
        manages=manages and confirmed(clock.now()),
        confirm_href=url_for("own_account.confirm", next=request.path) if manages else None,
    )
