"""A division's due days for calendar programs, by a secret address."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow, get_or_404, public, require, token_hash
from tracker.actions import subscribing
from tracker.database import across_organisations, db, organisation_scope
from tracker.errors import NotFound
from tracker.extensions import settings
from tracker.groups import Group
from tracker.locale import speaking
from tracker.locale import translate as _
from tracker.models import (
    CalendarFeed,
    Division,
    FollowUp,
    FollowUpState,
    Organisation,
    Plan,
    PlanState,
    Round,
    Task,
)
from tracker.rules.permissions import Deed
from tracker.rules.states import OUTSTANDING
from tracker.views import listing
from tracker.writing import ics

blueprint = Blueprint("feed", __name__)


@blueprint.post("/work/calendar/<int:division_id>")
@allow(Deed.PASS_ON_GROUP)
def make(division_id: int) -> ResponseReturnValue:
    """A new address; the one given out before is dead from now on."""
    get_or_404(Division, division_id)
    require(Deed.PASS_ON_GROUP, division_id)
    token = subscribing.open_feed(division_id, now=clock.now(), by=actor())
    return redirect(url_for("feed.show", token=token), 303)


@blueprint.post("/work/calendar/<int:division_id>/end")
@allow(Deed.PASS_ON_GROUP)
def end(division_id: int) -> ResponseReturnValue:
    get_or_404(Division, division_id)
    require(Deed.PASS_ON_GROUP, division_id)
    if subscribing.end_feed(division_id, now=clock.now(), by=actor()):
        flash(_("ปิดปฏิทินแล้ว ที่อยู่เดิมใช้ไม่ได้อีก"), "success")
    return redirect(url_for("work.mine"), 303)


def _enter(token: str) -> tuple[Division, str]:
    """The division of a feed, its organisation's scope entered, and its organisation's language."""
    with across_organisations("calendar feed by token"):
        found = db.session.execute(
            select(CalendarFeed, Organisation)
            .join(Organisation, Organisation.id == CalendarFeed.organisation_id)
            .where(CalendarFeed.token_hash == token_hash(token), CalendarFeed.revoked_at.is_(None))
        ).one_or_none()
    if found is None:
        raise NotFound("ปฏิทินนี้ปิดไปแล้วหรือที่อยู่ไม่ถูกต้อง")
    feed, organisation = found
    g.link = feed
    g.scope.enter_context(organisation_scope(organisation.id))
    return get_or_404(Division, feed.division_id), organisation.language


@blueprint.get("/calendar/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """The address to copy into a calendar program; it is shown to whoever has it, and kept nowhere."""
    division, _language = _enter(token)
    address = settings().url + url_for("feed.calendar", token=token)
    return render_template(
        "work/calendar.html",
        division=division.name,
        address=address,
        open_href=f"webcal://{address.partition('://')[2]}",
    )


@blueprint.get("/calendar/<token>/due.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    division, language = _enter(token)
    with speaking(language):
        name = _("กำหนดงานของ%(division)s", division=division.name)
        written = ics.write(name, list(_days(division)), now=clock.now(), language=language)
    return Response(written, mimetype="text/calendar")


def _days(division: Division) -> Iterator[ics.Day]:
    """What the division still owes: the due days of its groups, then of the follow-ups that ask it."""
    today, root = clock.today(), settings().url
    places = db.session.execute(
        select(Task.item_id, Task.division_id, Task.quarter)
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.division_id == division.id,
            Task.state.in_(OUTSTANDING),
        )
        .distinct()
    )
    for group, card in listing.cards_of([Group(*place) for place in places], today).items():
        text = f"{card.title} · {listing.due_line(card.due_on, card.quarter)}"
        yield ics.Day(
            f"{group.subject}@{division.organisation_id}", card.due_on, card.title, text, root + group.path
        )
    rounds = db.session.execute(
        select(FollowUp.id, Round)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.division_id == division.id,
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
        )
        .order_by(Round.due_on, FollowUp.id)
    )
    for follow_up_id, asked in rounds:
        title = _("ตอบการติดตามผล %(round)s", round=listing.round_name(asked))
        href = root + url_for("follow_up.form", follow_up_id=follow_up_id)
        key = f"follow-up:{follow_up_id}@{division.organisation_id}"
        yield ics.Day(key, asked.due_on, title, title, href)
