"""The accounts of the organisation, and for each what its owner may ask for: correction, a copy, namelessness."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow, confirmed, get_or_404
from tracker.actions import parting
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import User
from tracker.people import posts_on
from tracker.rules.permissions import Deed
from tracker.views import person_copy

blueprint = Blueprint("persons", __name__, url_prefix="/settings/accounts")


@blueprint.get("")
@allow(Deed.MANAGE_PEOPLE)
def show() -> str:
    """Everybody who has or had an account, those who may sign in first."""
    titles: dict[int, list[str]] = {}
    for post in posts_on(clock.today()).values():
        if post.holder_id is not None:
            titles.setdefault(post.holder_id, []).append(post.title)
    users = db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id))
    return render_template(
        "settings/persons.html",
        rows=[(user, ", ".join(titles.get(user.id, [])), parting.is_nameless(user)) for user in users],
    )


@blueprint.get("/<int:user_id>")
@allow(Deed.MANAGE_PEOPLE)
def person(user_id: int) -> str:
    return _page(get_or_404(User, user_id), {})


@blueprint.post("/<int:user_id>/name")
@allow(Deed.MANAGE_PEOPLE)
def rename(user_id: int) -> ResponseReturnValue:
    """Correct a person's name."""
    user = get_or_404(User, user_id)
    try:
        parting.rename(user, request.form.get("name", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _page(user, _said(refused)), 422
    flash(_("แก้ชื่อแล้ว รายงานที่ปิดไปแล้วคงชื่อเดิม"), "success")
    return redirect(url_for("persons.person", user_id=user_id), 303)


@blueprint.post("/<int:user_id>/copy")
@allow(Deed.MANAGE_PEOPLE)
def copy(user_id: int) -> ResponseReturnValue:
    """What is kept about a person, for the office to hand to that person; the journal notes who took it."""
    return person_copy.answer(get_or_404(User, user_id), now=clock.now(), by=actor())


@blueprint.post("/<int:user_id>/anonymise")
@allow(Deed.MANAGE_PEOPLE)
def anonymise(user_id: int) -> ResponseReturnValue:
    """Make somebody who left nameless, where a person has said that this is meant."""
    user = get_or_404(User, user_id)
    try:
        if request.form.get("sure") != "yes":
            raise Refused("โปรดยืนยันว่าเข้าใจว่าย้อนกลับไม่ได้")
        parting.anonymise(user, now=clock.now(), by=actor())
    except Refused as refused:
        return _page(user, {"sure": say(refused.message, language())}), 422
    flash(_("ลบชื่อและอีเมลแล้ว บันทึกและรายงานที่ปิดแล้วไม่ถูกแก้"), "success")
    return redirect(url_for("persons.person", user_id=user_id), 303)


def _said(refused: FieldsRefused) -> dict[str, str]:
    return {name: say(message, language()) for name, message in refused.fields.items()}


def _page(user: User, errors: Mapping[str, str]) -> str:
    against = parting.obstacle(user, today=clock.today())
    return render_template(
        "settings/person.html",
        user=user,
        nameless=parting.is_nameless(user),
        against=say(against, language()) if against else "",
        name=request.form.get("name", user.name),
        errors=errors,
        manages=confirmed(clock.now()),
        confirm_href=url_for("own_account.confirm", next=url_for("persons.person", user_id=user.id)),
    )
