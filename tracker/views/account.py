"""Signing in and out, invitations, language and colours."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from tracker import clock
from tracker.access import actor, allow, load_visitor, local_path, public, visitor
from tracker.actions import admitting
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.forms.account import PasswordForm, SignInForm
from tracker.locale import LANGUAGES, say_all
from tracker.locale import translate as _
from tracker.rules.permissions import Deed

blueprint = Blueprint("account", __name__)
log = logging.getLogger("tracker.access")
# The first that is found: most browsers name others too.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Line/", "LINE"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        failed = (
            _("อีเมลหรือรหัสผ่านไม่ถูกต้อง หรือลองผิดหลายครั้งเกินไป โปรดรอ 15 นาที")
            if request.args.get("failed")
            else None
        )
        return render_template(
            "account/sign_in.html", form=form, failed=failed, reset_href=url_for("recovery.ask")
        )
    now = clock.now()
    address, source = str(form.email.data), request.remote_addr or ""
    account, waits = admitting.account_of(address), admitting.held_back(address, source, now=now)
    wanted = local_path(request.args.get("next"))
    # The slow check must not keep other writers waiting.
    db.session.rollback()
    if not admitting.verify(account, str(form.password.data)) or account is None or waits:
        admitting.note_try(address, source, now=now)
        log.warning("sign-in refused", extra={"told": {"held_back": waits}})
        return redirect(url_for("account.sign_in", failed=1, next=wanted), 303)
    token = admitting.open_session(account.user_id, account.organisation_id, device(), now=now)
    return enter(token, wanted)


def device() -> str:
    """The browser and the system that ask, in words that a person knows again; nothing else of what they tell."""
    told = request.headers.get("User-Agent", "")
    named = (next((word for mark, word in marks if mark in told), "") for marks in (_BROWSERS, _SYSTEMS))
    return " · ".join(word for word in named if word)


def enter(token: str, wanted: str | None) -> Response:
    """Start the browser's session anew with this token."""
    kept = {name: session[name] for name in ("language", "theme") if name in session}
    session.clear()
    session.update(kept)
    person = load_visitor(token, clock.now(), clock.today())
    login_user(person)
    if person is not None and "language" not in session:
        session["language"] = person.language
    return redirect(wanted or url_for("home.home"), 303)  # type: ignore[return-value]


@blueprint.post("/sign-out")
@allow(Deed.SEE_OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    admitting.close_session(visitor().session_id, now=clock.now(), by=actor())
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"), 303)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    _user_id, _organisation_id, name, address = admitting.invited(token, now=clock.now())
    # The slow hashing must not keep other writers waiting.
    db.session.rollback()
    form = PasswordForm()
    hashed = hash_of(form)
    if hashed is not None:
        return enter(admitting.accept(token, hashed, device(), now=clock.now()), None)
    return render_template("account/invitation.html", form=form, name=name, address=address)


def hash_of(form: PasswordForm) -> str | None:
    """The hash of the new password; None where none was sent or it will not do, which the form then says."""
    if not form.validate_on_submit():
        return None
    try:
        return admitting.hash_password(str(form.password.data))
    except FieldsRefused as refused:
        form.password.errors = list(say_all(refused.fields).values())
        return None


@blueprint.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    if request.form.get("language") in LANGUAGES:
        session["language"] = request.form["language"]
    return redirect(local_path(request.form.get("next")) or url_for("home.home"), 303)


@blueprint.post("/theme")
@public
def choose_theme() -> ResponseReturnValue:
    if request.form.get("theme") in {"", "light", "dark"}:
        session["theme"] = request.form["theme"]
    return redirect(local_path(request.form.get("next")) or url_for("home.home"), 303)
