"""Which stages an organisation sends, with a preview on a real due day before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, people
from tracker.access import actor, allow
from tracker.actions import reckoning, staging
from tracker.actions.reckoning import DueDay
from tracker.actions.staging import Settings
from tracker.calendar import working_calendar
from tracker.errors import FieldsRefused
from tracker.locale import say_all
from tracker.locale import translate as _
from tracker.rules.ladders import KINDS, Recipient
from tracker.rules.permissions import Deed, Role, may
from tracker.rules.stages import recipients_of, stages_until
from tracker.views.reminder_words import stage_words

blueprint = Blueprint("stages", __name__, url_prefix="/settings/stages")
WEEKS_SHOWN = timedelta(weeks=5)


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def show() -> ResponseReturnValue:
    """What holds, or by the address that a preview leads to what would hold."""
    given = request.args.to_dict()
    if given.get("act") == "preview" and may(actor(), Deed.SET_REMINDERS):
        return _previewed(given)
    settings = staging.current()
    return _page(_fields(settings), settings, {}, given.get("due", ""))


def _previewed(given: dict[str, str]) -> ResponseReturnValue:
    try:
        wanted = staging.proposed(staging.understand(given), now=clock.now())
    except FieldsRefused:
        return redirect(url_for("stages.show"), 303)
    return _page(given, wanted, {}, given.get("due", ""))


@blueprint.post("")
@allow(Deed.SET_REMINDERS)
def save() -> ResponseReturnValue:
    """Show what the wanted stages would do, or let them hold."""
    given = request.form.to_dict()
    try:
        wanted = staging.understand(given)
    except FieldsRefused as refused:
        errors = say_all(refused.fields)
        return _page(given, None, errors, given.get("due", "")), 422
    if given.get("act") != "save":
        # With an address of its own, whoever comes back to it need not send the form once more.
        shown = {name: given[name] for name in (*_fields(staging.current()), "due") if name in given}
        return redirect(f"{url_for('stages.show')}?{urlencode(shown | {'act': 'preview'})}#preview", 303)
    staging.change(wanted, now=clock.now(), by=actor())
    flash(_("บันทึกช่วงเตือนแล้ว มีผลตั้งแต่การเตือนครั้งถัดไป"), "success")
    return redirect(url_for("stages.show"), 303)


def _fields(settings: Settings) -> dict[str, str]:
    """The settings as the form's fields hold them."""
    fields = {
        "escalation": str(settings.stages.escalation),
        "send_at": f"{settings.send_minute // 60:02}.{settings.send_minute % 60:02}",
    }
    for kind in KINDS:
        ladder = settings.stages.ladder(kind)
        fields[f"{kind}_before"] = ", ".join(map(str, ladder.before))
        fields[f"{kind}_late"] = ", ".join(map(str, ladder.late))
        fields[f"{kind}_on"] = "1" if ladder.on else ""
        fields[f"{kind}_weekly"] = "1" if ladder.weekly else ""
    return fields


def _page(fields: Mapping[str, str], settings: Settings | None, errors: Mapping[str, str], due: str) -> str:
    dues = {f"{one.kind}:{one.due_on.isoformat()}": one for one in reckoning.due_days()}
    coming = next((key for key, one in dues.items() if one.due_on >= clock.today()), next(iter(dues), ""))
    chosen = due if due in dues else coming
    return render_template(
        "reminders/stages.html",
        values=fields,
        errors=errors,
        dues=list(dues.items()),
        chosen=chosen,
        preview=_preview(dues[chosen], settings) if chosen and settings is not None else [],
        changes=settings is not None and settings != staging.current(),
        sets=may(actor(), Deed.SET_REMINDERS),
        send_at=fields.get("send_at", ""),
    )


def _preview(due: DueDay, settings: Settings) -> list[dict[str, Any]]:
    """The stages of a due day: their working days, and whom each reaches."""
    calendar = working_calendar()
    stages = settings.stages
    names = _titles()
    dues = stages_until(
        due.due_on + WEEKS_SHOWN, due.due_on, calendar, due.kind, due.opens_on, settings.stages
    )
    rows = []
    for one in dues:
        latest = [other.stage for other in dues if other.on == one.on][-1]
        rows.append(
            {
                "stage": stage_words(one.stage),
                "on": one.on,
                "to": [names[recipient] for recipient in recipients_of(one.stage, due.kind, stages)],
                "merged": stage_words(latest) if latest != one.stage else "",
                "past": one.on < max(clock.today(), one.since),
            }
        )
    return rows


def _titles() -> dict[Recipient, str]:
    """The recipients as today's positions are called."""
    posts = people.posts_on(clock.today()).values()
    titles = {Recipient.DIVISION: _("หัวหน้าส่วนราชการที่รับผิดชอบ")}
    for recipient, role in (
        (Recipient.CLERK, Role.CLERK),
        (Recipient.CHIEF_EXECUTIVE, Role.CHIEF_EXECUTIVE),
        (Recipient.COORDINATOR, Role.COORDINATOR),
    ):
        post = people.with_role(posts, role)
        titles[recipient] = post.title if post is not None else str(role)
    return titles
