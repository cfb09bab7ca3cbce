"""The first page: where a person's work is."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import aliased

from tracker import clock
from tracker.access import actor, public
from tracker.database import across_organisations, db
from tracker.models import Division, Holding, Kind, Organisation, Position, User
from tracker.people import managers_on
from tracker.rules.permissions import DIVISION_ROLES, Deed, may
from tracker.views.shell import chosen_year

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return redirect(url_for("setup.first_run" if nobody_yet() else "account.sign_in"), 303)
    if not actor().roles:
        return _without_position()
    if actor().roles <= DIVISION_ROLES:
        return redirect(url_for("work.mine"), 303)
    if may(actor(), Deed.RUN_INSTALLATION):
        return redirect(url_for("organisation.installation"), 303)
    return redirect(url_for("plan.dashboard", year=chosen_year()), 303)


def _without_position() -> str:
    """What became of the positions of somebody who holds none, and whom to ask."""
    today, user_id = clock.today(), actor().user_id
    successor = aliased(Division)
    rows = db.session.execute(
        select(Holding, Position.title, Division.name, Division.ended_on, successor.name)
        .join(Position, Position.id == Holding.position_id)
        .outerjoin(Division, Division.id == Position.division_id)
        .outerjoin(successor, successor.id == Division.successor_id)
        .where(Holding.user_id == user_id)
        .order_by(Holding.from_on.desc(), Holding.id.desc())
    ).all()
    asked = db.session.execute(
        select(User.name, User.address).where(User.id.in_(managers_on(today))).order_by(User.name)
    ).all()
    return render_template(
        "home/no_position.html",
        coming=[(title, holding.from_on) for holding, title, *_division in rows if holding.from_on > today],
        left=[
            (title, holding.until_on, division if ended_on else None, into)
            for holding, title, division, ended_on, into in rows
            if holding.from_on <= today
        ],
        asked=asked,
    )


def nobody_yet() -> bool:
    """Whether the installation has no organisation."""
    with across_organisations("is this the first run?"):
        return (
            db.session.scalar(select(Organisation.id).where(Organisation.kind != Kind.SYSTEM).limit(1))
            is None
        )
