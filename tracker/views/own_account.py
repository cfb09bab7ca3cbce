"""One's own account: where one is signed in, the password, the address, and the password asked for once more."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow, key_of, local_path, visitor
from tracker.actions import admitting, parting, recovering
from tracker.database import db
from tracker.errors import FieldsRefused, Message
from tracker.extensions import settings
from tracker.locale import say_all
from tracker.locale import translate as _
from tracker.models import User
from tracker.rules.permissions import Deed
from tracker.views import person_copy

blueprint = Blueprint("own_account", __name__, url_prefix="/account")
WRONG = Message("รหัสผ่านไม่ถูกต้อง หรือลองผิดหลายครั้งเกินไป โปรดรอ 15 นาที")


@blueprint.get("")
@allow(Deed.SEE_OWN_ACCOUNT)
def show() -> str:
    return _page({})


@blueprint.post("/sessions/end")
@allow(Deed.SEE_OWN_ACCOUNT)
def end_session() -> ResponseReturnValue:
    """Sign one device out."""
    admitting.end_session(key_of(request.form.get("session", "")) or 0, now=clock.now(), by=actor())
    flash(_("ออกจากระบบที่เครื่องนั้นแล้ว"), "success")
    return redirect(url_for("own_account.show"), 303)


@blueprint.post("/sessions/end-all")
@allow(Deed.SEE_OWN_ACCOUNT)
def end_all_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    admitting.end_all_sessions(actor().user_id or 0, now=clock.now(), by=actor())
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@blueprint.post("/password")
@allow(Deed.SEE_OWN_ACCOUNT)
def password() -> ResponseReturnValue:
    """Another password, for whoever knows the one there is; other devices are signed out."""
    try:
        _check_password("current")
        db.session.rollback()
        hashed = admitting.hash_password(request.form.get("password", ""))
    except FieldsRefused as refused:
        return _refused(refused)
    now, by = clock.now(), actor()
    recovering.set_password(by.user_id or 0, hashed, now=now, by=by)
    admitting.end_all_sessions(by.user_id or 0, now=now, by=by, but=visitor().session_id)
    flash(_("เปลี่ยนรหัสผ่านแล้ว เครื่องอื่นถูกออกจากระบบ"), "success")
    return redirect(url_for("own_account.show"), 303)


@blueprint.post("/name")
@allow(Deed.SEE_OWN_ACCOUNT)
def name() -> ResponseReturnValue:
    """Correct one's own name."""
    try:
        parting.rename(_own(), request.form.get("name", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(refused)
    flash(_("แก้ชื่อแล้ว รายงานที่ปิดไปแล้วคงชื่อเดิม"), "success")
    return redirect(url_for("own_account.show"), 303)


@blueprint.post("/copy")
@allow(Deed.SEE_OWN_ACCOUNT)
def copy() -> ResponseReturnValue:
    """Everything that is kept about oneself, as a file; the journal notes that it was given."""
    return person_copy.answer(_own(), now=clock.now(), by=actor())


@blueprint.post("/address")
@allow(Deed.SEE_OWN_ACCOUNT)
def address() -> ResponseReturnValue:
    """Mail a link to a new address; until it is pressed the old one stays."""
    wanted = request.form.get("address", "")
    try:
        _check_password("proof")
        recovering.ask_address(actor().user_id or 0, wanted, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(refused)
    flash(_("ส่งลิงก์ยืนยันไปยังอีเมลใหม่แล้ว อีเมลเดิมใช้ได้จนกว่าท่านจะกดลิงก์นั้น"), "success")
    return redirect(url_for("own_account.show"), 303)


@blueprint.route("/confirm", methods=["GET", "POST"])
@allow(Deed.SEE_OWN_ACCOUNT)
def confirm() -> ResponseReturnValue:
    """Ask for the password once more before roles and people are changed."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _check_password("password")
        except FieldsRefused as refused:
            errors = _said(refused)
        else:
            admitting.confirm(visitor().session_id, now=clock.now())
            return redirect(local_path(request.args.get("next")) or url_for("people.show"), 303)
    page = render_template("account/confirm.html", errors=errors)
    return (page, 422) if errors else page


def _own() -> User:
    return db.session.scalars(select(User).where(User.id == actor().user_id)).one()


def _check_password(field: str) -> None:
    """Ask whether the form's field is the visitor's password; FieldsRefused where not, which is counted."""
    now, known, source = clock.now(), visitor().address, request.remote_addr or ""
    account, waits = admitting.account_of(known), admitting.held_back(known, source, now=now)
    # The slow check must not keep other writers waiting.
    db.session.rollback()
    given = request.form.get(field, "")
    if not admitting.verify(account, given[: admitting.LONGEST_PASSWORD + 1]) or waits:
        admitting.note_try(known, source, now=now)
        # A page that says what is wrong is rolled back; this try counts all the same.
        db.session.commit()
        raise FieldsRefused({field: WRONG})


def _said(refused: FieldsRefused) -> dict[str, str]:
    return say_all(refused.fields)


def _refused(refused: FieldsRefused) -> ResponseReturnValue:
    return _page(_said(refused)), 422


def _page(errors: dict[str, str]) -> str:
    person = visitor()
    return render_template(
        "account/own.html",
        name=person.actor.name,
        address=person.address,
        sessions=[
            {
                "id": row.id,
                "device": row.device or _("เครื่องที่ไม่ทราบชื่อ"),
                "since": row.created_at,
                "seen": row.seen_at or row.created_at,
                "here": row.id == person.session_id,
            }
            for row in admitting.sessions_of(person.actor.user_id or 0, now=clock.now())
        ],
        hours=settings().session_hours,
        idle=settings().session_idle_minutes,
        errors=errors,
        values=request.form,
    )
