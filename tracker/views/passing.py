"""A signed-in person gives a group to a colleague, or a link of the division to a chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, links
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import linking
from tracker.errors import FieldsRefused
from tracker.groups import Group, tasks_of
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Division, MailLink, Task
from tracker.rules.permissions import Deed, may
from tracker.rules.states import OUTSTANDING

blueprint = Blueprint("passing", __name__, url_prefix="/work")
GROUP = "/<int:item_id>/<int:division_id>/<int:quarter>"


def of_person(chosen: Group, tasks: Sequence[Task], refused: FieldsRefused | None) -> dict[str, Any] | None:
    """What work/passing.html shows to the signed-in person, None where they may not give the group away."""
    if not may(actor(), Deed.PASS_ON_GROUP, chosen.division_id):
        return None
    address: dict[str, Any] = {
        "item_id": chosen.item_id,
        "division_id": chosen.division_id,
        "quarter": chosen.quarter,
    }
    return {
        "forward_href": url_for("work.forward", **address),
        "line_href": url_for("passing.line", **address),
        "colleagues": [
            colleague_of(link, url_for("passing.take_back", link_id=link.id, **address))
            for link in linking.passed_on(chosen, now=clock.now())
        ],
        "outstanding": any(task.state in OUTSTANDING for task in tasks),
    } | as_sent(refused)


def as_sent(refused: FieldsRefused | None) -> dict[str, Any]:
    """What was typed of a colleague and why it was refused, by the ids of the fields; nothing without a refusal."""
    faults = refused.fields if refused else {}
    return {
        "errors": {f"pass-{name}": say(fault, language()) for name, fault in faults.items()},
        "typed": request.form if refused else {},
    }


def colleague_of(link: MailLink, revoke_href: str) -> dict[str, Any]:
    """A colleague whom a group was passed on to, as work/passing.html shows them."""
    return {
        "name": link.colleague_name,
        "address": link.colleague_address,
        "until": link.expires_at,
        "opened": link.opened_at is not None,
        "revoke_href": revoke_href,
    }


@blueprint.post(f"{GROUP}/forward/<int:link_id>/take-back")
@allow(Deed.PASS_ON_GROUP)
def take_back(item_id: int, division_id: int, quarter: int, link_id: int) -> ResponseReturnValue:
    require(Deed.PASS_ON_GROUP, division_id)
    chosen = Group(item_id, division_id, quarter)
    linking.take_back(chosen, link_id, now=clock.now(), by=actor())
    flash(_("ยกเลิกการส่งต่อแล้ว ลิงก์นั้นใช้ไม่ได้อีก"), "success")
    return redirect(_back(chosen), 303)


@blueprint.post(f"{GROUP}/line")
@allow(Deed.PASS_ON_GROUP)
def line(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    require(Deed.PASS_ON_GROUP, division_id)
    chosen = Group(item_id, division_id, quarter)
    tasks_of(chosen)
    token = linking.share(division_id, [chosen.subject], now=clock.now(), by=actor())
    return redirect(url_for("link_chat.line", token=token), 303)


@blueprint.post("/line/<int:division_id>")
@allow(Deed.PASS_ON_GROUP)
def line_of_list(division_id: int) -> ResponseReturnValue:
    get_or_404(Division, division_id)
    require(Deed.PASS_ON_GROUP, division_id)
    subjects = links.due_subjects(division_id, clock.today())
    if not subjects:
        flash(_("ยังไม่มีงานที่ใกล้ถึงกำหนด จึงยังไม่มีอะไรให้ส่ง"), "warning")
        return redirect(url_for("work.mine"), 303)
    token = linking.share(division_id, subjects, now=clock.now(), by=actor())
    return redirect(url_for("link_chat.line", token=token), 303)


def _back(chosen: Group) -> str:
    return url_for(
        "work.group", item_id=chosen.item_id, division_id=chosen.division_id, quarter=chosen.quarter
    )
