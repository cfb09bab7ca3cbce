"""Ready words for a chat, made by the bearer of a mail link: of one form or of the whole list."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.actions import linking
from tracker.extensions import settings
from tracker.groups import Group
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.views import listing
from tracker.views.link import Door, by_link, follow_ups, passing_on, sent_before
from tracker.views.passing import GROUP

blueprint = Blueprint("link_chat", __name__, url_prefix="/m/<token>")


@blueprint.post(f"/work{GROUP}/line")
@by_link
def share(door: Door, item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """A link of one listed form to be given away."""
    chosen = passing_on(door, Group(item_id, division_id, quarter))
    return _given_away(door, [chosen.subject], chosen.path)


@blueprint.post("/line")
@by_link
def share_list(door: Door) -> ResponseReturnValue:
    """A link of all that the list still asks for, and no more."""
    if not door.bearer.passes_on:
        abort(404)
    today = clock.today()
    cards = listing.cards_of(door.groups, today)
    subjects = [group.subject for group, card in cards.items() if card.outstanding]
    asked = {row["href"] for row in follow_ups(door, today)[0]}
    subjects += [one for one in door.bearer.subjects if door.href("/" + one.replace(":", "/")) in asked]
    if not subjects:
        flash(_("ไม่มีงานค้างแล้ว จึงไม่มีอะไรให้ส่ง"), "warning")
        return redirect(door.href(), 303)
    return _given_away(door, subjects, "")


def _given_away(door: Door, subjects: list[str], path: str) -> ResponseReturnValue:
    if (earlier := sent_before(door)) is not None:
        return earlier
    token = linking.share(door.bearer.division_id, subjects, now=clock.now(), by=door.bearer.actor)
    linking.note_press(door.bearer, request.form["press"], path, "", now=clock.now())
    return redirect(url_for("link_chat.line", token=token), 303)


@blueprint.get("/line")
@by_link
def line(door: Door) -> ResponseReturnValue:
    """The ready text for a chat, for a link that was made to be given away."""
    if not door.bearer.shared:
        abort(404)
    text = _chat_text(door, clock.today())
    return render_template(
        "link/line.html", text=text, share_href=f"https://line.me/R/share?text={quote(text)}", **door.values()
    )


def _chat_text(door: Door, today: date) -> str:
    cards = listing.cards_of(door.groups, today)
    told = [_("%(division)s: ขอให้รายงานผลตามแผนมาตรการ", division=door.bearer.division)]
    for card in cards.values():
        words = [
            card.title,
            _("ไตรมาส %(number)s", number=card.quarter),
            listing.due_words(card.due_on, card.look_text),
        ]
        told.append("• " + " · ".join(words))
    for row in follow_ups(door, today)[0]:
        told.append("• " + " · ".join([row["title"], listing.due_words(row["day"], row["look_text"])]))
    path = door.groups[0].path if len(door.bearer.subjects) == len(door.groups) == 1 else ""
    told.append(_("กดลิงก์แล้วตอบได้เลย ไม่ต้องลงชื่อเข้าใช้ (ใช้ได้ถึง %(day)s)", day=short_date(door.bearer.good_until)))
    told.append(settings().url + door.href(path))
    return "\n".join(told)
