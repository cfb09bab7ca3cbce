"""The first run: an organisation and its coordinator, from an empty database."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import public
from tracker.actions import admitting, organising
from tracker.database import db, organisation_scope
from tracker.errors import FieldsRefused, Refused
from tracker.forms.setup import FirstRunForm
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Kind
from tracker.rules.permissions import SYSTEM
from tracker.views.account import enter
from tracker.views.home import nobody_yet

blueprint = Blueprint("setup", __name__)


@blueprint.route("/first-run", methods=["GET", "POST"])
@public
def first_run() -> ResponseReturnValue:
    if not nobody_yet():
        abort(404)
    # The slow hashing must not keep other writers waiting.
    db.session.rollback()
    form = FirstRunForm()
    if form.validate_on_submit():
        try:
            hashed = admitting.hash_password(str(form.password.data))
            db.session.rollback()
            return enter(_found(form, hashed), None)
        except FieldsRefused as refused:
            for name, message in refused.fields.items():
                form[name].errors = [say(message, language())]
    return render_template("setup/first_run.html", form=form), 422 if form.errors else 200


def _found(form: FirstRunForm, hashed: str) -> str:
    """Make the organisation and its coordinator; returns the token of a session. FieldsRefused by the form's fields."""
    now = clock.now()
    divisions = [line for line in str(form.divisions.data).splitlines() if line.strip()]
    try:
        organisation = organising.add_organisation(
            "main", str(form.name.data), Kind(form.kind.data), divisions, now=now, by=SYSTEM
        )
    except Refused as refused:
        raise FieldsRefused({"divisions": refused.message}) from refused
    with organisation_scope(organisation.id):
        try:
            user = organising.add_user(str(form.email.data), _("ผู้ประสานงานแผน"), now=now, by=SYSTEM)
        except Refused as refused:
            raise FieldsRefused({"email": refused.message}) from refused
        user.password_hash = hashed
        organising.appoint(user, organising.position_named(organising.COORDINATOR_TITLE), now=now, by=SYSTEM)
        return admitting.open_session(user.id, organisation.id, now=now)
