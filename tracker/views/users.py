"""The accounts of an organisation: who they are, and the form that invites another one."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, people
from tracker.access import actor, allow
from tracker.actions import organising
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.locale import say_refusal
from tracker.locale import translate as _
from tracker.models import Position, User
from tracker.rules.permissions import Deed
from tracker.views.user_words import facts_of, managing

blueprint = Blueprint("users", __name__, url_prefix="/settings/users")
GRANTED = ("auditor", "administrator")


@blueprint.get("")
@allow(Deed.SEE_SETTINGS)
def show() -> str:
    """Every account, those that may sign in first."""
    return _list({}, {})


@blueprint.post("")
@allow(Deed.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Make an account for a position or with a granted role, and mail its invitation."""
    given = request.form
    try:
        position, granted = _wanted(given.get("part", ""))
        user, _url = organising.invite(
            given.get("email", ""),
            given.get("name", ""),
            position,
            now=clock.now(),
            by=actor(),
            auditor=granted == "auditor",
            administrator=granted == "administrator",
        )
    except Refused as refused:
        errors = say_refusal(refused, "email")
        db.session.rollback()
        return _list(errors, given), 422
    flash(_("ส่งคำเชิญไปที่ %(address)s แล้ว", address=user.address), "success")
    return redirect(url_for("users.show"), 303)


def _wanted(part: str) -> tuple[Position | None, str]:
    """What the form's choice stands for: a position, or a role that is granted."""
    if part in GRANTED:
        return None, part
    posts = {str(row.id): row for row in db.session.scalars(select(Position))}
    if part not in posts:
        raise FieldsRefused({"part": Message("เลือกตำแหน่งหรือสิทธิของผู้ที่เชิญ")})
    return posts[part], ""


def _list(errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    users = db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id)).all()
    posts = people.posts_on(clock.today())
    return render_template(
        "settings/users.html",
        rows=facts_of(users),
        parts=[
            ("", _("เลือกตำแหน่งหรือสิทธิ")),
            *((post.position_id, _part_words(post)) for post in posts.values() if not post.ended),
            ("auditor", _("ผู้ตรวจสอบ (ดูได้ทุกหน้า แก้ไขไม่ได้)")),
            ("administrator", _("ผู้ดูแลระบบของหน่วยงาน (ผู้ใช้และการตั้งค่า)")),
        ],
        errors=errors,
        values=values,
        **managing(),
    )


def _part_words(post: people.Post) -> str:
    if post.holder_id is None:
        return _("%(title)s (ว่าง)", title=post.title)
    return _("%(title)s (แทน%(name)s)", title=post.title, name=post.holder_name)
