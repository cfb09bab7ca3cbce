"""The first page: where a person's work is."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from tracker.access import actor, public
from tracker.database import across_organisations, db
from tracker.models import Kind, Organisation
from tracker.rules.permissions import DIVISION_ROLES, Deed, may
from tracker.views.shell import chosen_year

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return redirect(url_for("setup.first_run" if nobody_yet() else "account.sign_in"), 303)
    if actor().roles and actor().roles <= DIVISION_ROLES:
        return redirect(url_for("work.mine"), 303)
    if may(actor(), Deed.RUN_INSTALLATION):
        return redirect(url_for("organisation.installation"), 303)
    return redirect(url_for("plan.dashboard", year=chosen_year()), 303)


def nobody_yet() -> bool:
    """Whether the installation has no organisation."""
    with across_organisations("is this the first run?"):
        return (
            db.session.scalar(select(Organisation.id).where(Organisation.kind != Kind.SYSTEM).limit(1))
            is None
        )
