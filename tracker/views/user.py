"""One account: its name, its roles, its end, and what its owner may ask for: a copy, namelessness."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import granting, organising, parting
from tracker.database import db
from tracker.errors import Refused
from tracker.locale import language, say, say_refusal
from tracker.locale import translate as _
from tracker.models import User
from tracker.people import managers_on
from tracker.rules.permissions import Deed
from tracker.views import person_copy
from tracker.views.user_words import facts_of, managing

blueprint = Blueprint("user", __name__, url_prefix="/settings/users/<int:user_id>")


@blueprint.get("")
@allow(Deed.SEE_SETTINGS)
def show(user_id: int) -> str:
    return _page(get_or_404(User, user_id), {}, {})


@blueprint.post("/name")
@allow(Deed.MANAGE_PEOPLE)
def rename(user_id: int) -> ResponseReturnValue:
    """Correct a person's name."""

    def deed(row: User) -> str:
        parting.rename(row, request.form.get("name", ""), now=clock.now(), by=actor())
        return _("แก้ชื่อแล้ว รายงานที่ปิดไปแล้วคงชื่อเดิม")

    return _done(user_id, deed)


@blueprint.post("/grant")
@allow(Deed.MANAGE_PEOPLE)
def grant(user_id: int) -> ResponseReturnValue:
    """The roles that are granted beside those of positions."""

    def deed(row: User) -> str:
        granting.grant(
            row,
            auditor="auditor" in request.form,
            administrator="administrator" in request.form,
            now=clock.now(),
            by=actor(),
        )
        return _("บันทึกแล้ว")

    return _done(user_id, deed)


@blueprint.post("/invite-again")
@allow(Deed.MANAGE_PEOPLE)
def invite_again(user_id: int) -> ResponseReturnValue:
    """A new link for whoever has not accepted; the earlier one ends."""

    def deed(row: User) -> str:
        organising.invite_again(row, now=clock.now(), by=actor())
        return _("ส่งคำเชิญไปที่ %(address)s แล้ว", address=row.address)

    return _done(user_id, deed)


@blueprint.post("/close")
@allow(Deed.MANAGE_PEOPLE)
def close(user_id: int) -> ResponseReturnValue:
    """Close the account; of one that was never accepted, withdraw the invitation."""

    def deed(row: User) -> str:
        granting.close(row, now=clock.now(), by=actor())
        if row.password_hash is None:
            return _("ถอนคำเชิญของ%(name)sแล้ว ลิงก์ในจดหมายใช้ไม่ได้อีก", name=row.name)
        return _("ปิดบัญชีของ%(name)sแล้ว ประวัติยังอยู่ครบ", name=row.name)

    return _done(user_id, deed)


@blueprint.post("/reopen")
@allow(Deed.MANAGE_PEOPLE)
def reopen(user_id: int) -> ResponseReturnValue:
    def deed(row: User) -> str:
        granting.reopen(row, now=clock.now(), by=actor())
        return _("เปิดบัญชีของ%(name)sอีกครั้งแล้ว ตำแหน่งต้องมอบใหม่", name=row.name)

    return _done(user_id, deed)


@blueprint.post("/copy")
@allow(Deed.MANAGE_PEOPLE)
def copy(user_id: int) -> ResponseReturnValue:
    """What is kept about a person, for the office to hand to that person; the journal notes who took it."""
    return person_copy.answer(get_or_404(User, user_id), now=clock.now(), by=actor())


@blueprint.post("/anonymise")
@allow(Deed.MANAGE_PEOPLE)
def anonymise(user_id: int) -> ResponseReturnValue:
    """Make somebody who left nameless, where a person has said that this is meant."""

    def deed(row: User) -> str:
        if request.form.get("sure") != "yes":
            raise Refused("โปรดยืนยันว่าเข้าใจว่าย้อนกลับไม่ได้")
        parting.anonymise(row, now=clock.now(), by=actor())
        return _("ลบชื่อและอีเมลแล้ว บันทึกและรายงานที่ปิดแล้วไม่ถูกแก้")

    return _done(user_id, deed, "sure")


def _done(user_id: int, deed: Callable[[User], str], field: str = "account") -> ResponseReturnValue:
    """Do it and go back to the account, or show the page with the sentence at its place."""
    row = get_or_404(User, user_id)
    try:
        told = deed(row)
    except Refused as refused:
        errors = say_refusal(refused, field)
        db.session.rollback()
        return _page(get_or_404(User, user_id), errors, request.form), 422
    flash(told, "success")
    return redirect(url_for("user.show", user_id=user_id), 303)


def _page(row: User, errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    [account] = facts_of([row])
    against = parting.obstacle(row, today=clock.today())
    last = row.active and managers_on(clock.today()) == {row.id}
    return render_template(
        "settings/user.html",
        user=row,
        account=account,
        against=say(against, language()) if against else "",
        last=say(granting.LAST_MANAGER, language()) if last else None,
        errors=errors,
        values=values,
        **managing(),
    )
