"""A new password for whoever forgot it, and a new address for whoever reads its mailbox: links that work once."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tracker import clock
from tracker.access import public
from tracker.actions import admitting, recovering
from tracker.database import db
from tracker.forms.account import AddressForm, PasswordForm
from tracker.locale import translate as _
from tracker.views.account import device, enter, hash_of

blueprint = Blueprint("recovery", __name__)


@blueprint.route("/reset", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Ask for a link; the answer is the same whether the address has an account or not."""
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template("account/reset_ask.html", form=form, sent=bool(request.args.get("sent")))
    now, address, source = clock.now(), str(form.email.data), request.remote_addr or ""
    waits = admitting.held_back(address, source, admitting.RESET, now=now)
    admitting.note_try(address, source, admitting.RESET, now=now)
    if not waits:
        recovering.ask_reset(address, now=now)
    return redirect(url_for("recovery.ask", sent=1), 303)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> ResponseReturnValue:
    """Set a new password; every device is signed out, and this one in."""
    opened = recovering.reset_of(token, now=clock.now())
    # The slow hashing must not keep other writers waiting.
    db.session.rollback()
    form = PasswordForm()
    hashed = hash_of(form)
    if hashed is not None:
        now = clock.now()
        recovering.reset(token, hashed, now=now)
        admitting.start_anew(opened.user_id, opened.organisation_id, opened.address, now=now)
        session = admitting.open_session(opened.user_id, opened.organisation_id, device(), now=now)
        flash(_("ตั้งรหัสผ่านใหม่แล้ว ทุกเครื่องที่เคยเข้าใช้ถูกออกจากระบบ"), "success")
        return enter(session, None)
    return render_template("account/invitation.html", form=form, name=opened.name, address=opened.address)


@blueprint.route("/address/<token>", methods=["GET", "POST"])
@public
def address(token: str) -> ResponseReturnValue:
    """Confirm a new address from its mailbox."""
    opened = recovering.change_of(token, now=clock.now())
    if request.method == "POST":
        recovering.change_address(token, now=clock.now())
        flash(_("เปลี่ยนอีเมลเป็น %(address)s แล้ว", address=opened.address), "success")
        to = "own_account.show" if current_user.is_authenticated else "account.sign_in"
        return redirect(url_for(to), 303)
    return render_template("account/address.html", name=opened.name, address=opened.address)
