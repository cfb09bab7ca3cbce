"""Work from a mail without a login: the list of a link, its forms, and the end of the link."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import clock, links
from tracker.access import get_or_404, public
from tracker.actions import linking
from tracker.database import db, organisation_scope
from tracker.errors import FieldsRefused
from tracker.groups import Group, tasks_of
from tracker.links import Bearer
from tracker.locale import short_date, speaking
from tracker.locale import translate as _
from tracker.models import Evidence, EvidenceUse, FollowUp, FollowUpState, Submission
from tracker.rules.looks import DUE_SOON
from tracker.rules.states import OUTSTANDING
from tracker.views import evidence, follow_up_form, group_form, listing
from tracker.views.frame import Frame
from tracker.views.passing import GROUP, as_sent, colleague_of
from tracker.views.worklist import Section

blueprint = Blueprint("link", __name__, url_prefix="/m/<token>")
KEY_LENGTH = 22


@dataclass(frozen=True)
class Door:
    """A link that was opened: its token and who came with it."""

    token: str
    bearer: Bearer

    def href(self, path: str = "") -> str:
        return links.path_of(self.token) + path

    @property
    def groups(self) -> list[Group]:
        found = (Group.of_subject(subject) for subject in self.bearer.subjects)
        return [group for group in found if group is not None]

    def values(self) -> dict[str, Any]:
        """What the layout of link pages asks for."""
        return {
            "layout": "layouts/link.html",
            "organisation_name": self.bearer.organisation_name,
            "contact": self.bearer.contact,
            "home_url": self.href(),
            "press": _press,
            "link": {
                "whose": _whose(self.bearer),
                "signature": group_form.link_signature(
                    self.bearer.title, self.bearer.colleague, self.bearer.shared
                ),
                "until": self.bearer.good_until,
                "revoke_href": self.href("/revoke"),
            },
        }


def _whose(bearer: Bearer) -> str:
    if bearer.colleague:
        return _("ลิงก์นี้เป็นของ%(name)s", name=bearer.colleague)
    if bearer.shared:
        return _("ลิงก์นี้เป็นของตำแหน่ง%(title)s", title=bearer.title)
    return _("ลิงก์นี้เป็นของตำแหน่งท่าน")


def _press() -> Markup:
    """A hidden field with a key of its own: the same form sent twice counts once."""
    return Markup('<input type="hidden" name="press" value="{}">').format(secrets.token_urlsafe(16))


def by_link(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Mark a view that a link opens: it gets a Door for the token, or the page of a link that is over answers."""

    @public
    @wraps(view)
    def enter(token: str, **values: Any) -> ResponseReturnValue:
        bearer = links.find(token, now=clock.now(), lock=request.method == "POST")
        g.link = bearer
        g.scope.enter_context(organisation_scope(bearer.organisation_id))
        with speaking(session.get("language") or bearer.language):
            door = Door(token, bearer)
            return _over(door) if bearer.over else view(door, **values)

    return enter


def _over(door: Door) -> tuple[str, int]:
    """The page of a link that was revoked or has expired: nothing of the work, one button for the position's own."""
    renew_href = door.href("/renew")
    asked = request.args.get("asked") is not None
    given_away = not door.bearer.passes_on
    return render_template(
        "link/over.html", renew_href=renew_href, asked=asked, given_away=given_away, home_url="/"
    ), 410


def sent_before(door: Door) -> Response | None:
    """The answer to a form that was sent before; 400 for a form that was not made by us."""
    key = request.form.get("press", "")
    if len(key) != KEY_LENGTH:
        abort(400)
    earlier = linking.earlier_press(door.bearer.link_id, key)
    if earlier is None:
        return None
    if earlier.said:
        flash(earlier.said, "success")
    return redirect(door.href(earlier.leads_to), 303)  # type: ignore[return-value]


def _done(door: Door, leads_to: str, said: str) -> ResponseReturnValue:
    linking.note_press(door.bearer, request.form["press"], leads_to, said, now=clock.now())
    flash(said, "success")
    return redirect(door.href(leads_to), 303)


@blueprint.get("")
@by_link
def show(door: Door) -> ResponseReturnValue:
    """What the link opens: late, soon, later, done."""
    today, bearer = clock.today(), door.bearer
    cards = [
        replace(card, address=door.href(group.path), division="")
        for group, card in listing.cards_of(door.groups, today).items()
    ]
    outstanding = [card for card in cards if card.outstanding]
    late = [card for card in outstanding if card.due_on < today]
    soon = [card for card in outstanding if today <= card.due_on <= today + DUE_SOON]
    later = [card for card in outstanding if card.due_on > today + DUE_SOON]
    done = [card.done_row() for card in cards if not card.outstanding]
    waiting, answered = follow_ups(door, today)
    next_due = listing.next_due(bearer.division_id)
    context = door.values() | {
        "title": _("งานของ%(division)s", division=bearer.division),
        "post_line": _("รับส่งต่อจาก%(title)s", title=bearer.title)
        if bearer.colleague
        else _(
            "ในนามตำแหน่ง %(title)s · ลิงก์ของวันที่ %(day)s", title=bearer.title, day=short_date(bearer.made_on)
        ),
        "counts": [
            ("overdue", len(late), None),
            ("due_soon", len(soon), None),
            ("approved", len(done) + len(answered), None),
        ],
        "sections": [
            section
            for section in (
                _section(_("เกินกำหนด"), "exclamation-triangle-fill", late, late=True),
                Section(_("การติดตามผล"), "flag", waiting),
                _section(_("ใกล้กำหนด"), "alarm", soon),
                _section(_("ถัดไป"), "calendar3", later),
            )
            if section.rows
        ],
        "done": done + answered,
        "done_number": len(done) + len(answered),
        "line_hrefs": [("", door.href("/line"))] if bearer.passes_on else [],
        "next_due": _("กำหนดถัดไป %(day)s", day=short_date(next_due)) if next_due else None,
    }
    return render_template("work/list.html", **context)


def _section(title: str, symbol: str, cards: list[listing.Card], late: bool = False) -> Section:
    return Section(listing.headed(title, cards), symbol, [card.row() for card in cards], late)


def follow_ups(door: Door, today: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The follow-ups that wait for an answer, and those that have it."""
    ids = [
        int(subject.partition(":")[2])
        for subject in door.bearer.subjects
        if Group.of_subject(subject) is None
    ]
    rows = db.session.scalars(
        select(FollowUp)
        .where(FollowUp.id.in_(ids))
        .options(selectinload(FollowUp.round), selectinload(FollowUp.division))
        .order_by(FollowUp.id)
    ).all()
    waiting, answered = [], []
    for row in rows:
        shown = listing.follow_up_row(row, today, door.href(f"/follow-up/{row.id}")) | {"division": ""}
        if row.state is FollowUpState.WAITING:
            waiting.append(shown)
        else:
            answered.append(shown | {"text": listing.round_name(row.round)})
    return waiting, answered


@blueprint.route(f"/work{GROUP}", methods=["GET", "POST"])
@by_link
def group(door: Door, item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """The form of a listed group, or what was reported where nothing is left to report."""
    chosen = _listed(door, Group(item_id, division_id, quarter))
    frame = _frame(door, chosen.path, _passing(door, chosen))
    if request.method != "POST":
        tasks = tasks_of(chosen)
        if any(task.state in OUTSTANDING for task in tasks):
            return group_form.show(chosen, tasks, frame)
        return group_form.review(chosen, tasks, frame)
    if (earlier := sent_before(door)) is not None:
        return earlier
    taken = group_form.take(chosen, frame)
    if not isinstance(taken, Submission):
        return taken
    flash(group_form.draft_key(chosen, frame, taken.number), "draft")
    return _go_on(door, chosen.subject, group_form.thanks(taken))


def _listed(door: Door, chosen: Group) -> Group:
    if chosen.subject not in door.bearer.subjects:
        abort(404)
    return chosen


def _frame(door: Door, path: str, passing: dict[str, Any] | None = None) -> Frame:
    return Frame(
        by=door.bearer.actor,
        save_href=door.href(path),
        back_href=door.href(),
        back_label=_("งานของ%(division)s", division=door.bearer.division),
        file_href=lambda evidence_id: door.href(f"/evidence/{evidence_id}"),
        drafts=f"link-{door.bearer.link_id}",
        values=door.values() | {"passing": passing},
        groups=door.groups,
    )


def _go_on(door: Door, subject: str, said: str) -> ResponseReturnValue:
    """Thank, and lead to the next form of the list that nobody has begun, else to the list."""
    today = clock.today()
    for group, card in listing.cards_of(door.groups, today).items():
        if card.outstanding and card.look != "in_progress" and group.subject != subject:
            return _done(door, group.path, _("%(said)s นี่คืองานถัดไปของท่าน", said=said))
    waiting, _answered = follow_ups(door, today)
    if waiting:
        path = waiting[0]["href"].removeprefix(door.href())
        return _done(door, path, _("%(said)s นี่คืองานถัดไปของท่าน", said=said))
    return _done(door, "", said)


@blueprint.route("/follow-up/<int:follow_up_id>", methods=["GET", "POST"])
@by_link
def follow_up(door: Door, follow_up_id: int) -> ResponseReturnValue:
    """The form of a listed follow-up."""
    subject = f"follow-up:{follow_up_id}"
    if subject not in door.bearer.subjects:
        abort(404)
    asked = get_or_404(FollowUp, follow_up_id)
    frame = _frame(door, f"/follow-up/{follow_up_id}")
    if request.method != "POST":
        return follow_up_form.show(asked, frame)
    if (earlier := sent_before(door)) is not None:
        return earlier
    taken = follow_up_form.take(asked, frame)
    if taken is follow_up_form.KEPT:
        flash(follow_up_form.draft_key(asked, frame), "draft")
        return _done(door, f"/follow-up/{follow_up_id}", _("บันทึกไว้แล้ว กลับมาตอบต่อได้"))
    if taken is not follow_up_form.ANSWERED:
        return taken
    flash(follow_up_form.draft_key(asked, frame), "draft")
    return _go_on(door, subject, _("ส่งคำตอบแล้ว ขอบคุณ"))


@blueprint.get("/evidence/<int:evidence_id>")
@by_link
def proof(door: Door, evidence_id: int) -> ResponseReturnValue:
    """A file that proves a listed group."""
    return evidence.hand_out(_proof(door, evidence_id))


@blueprint.get("/evidence/<int:evidence_id>/thumbnail")
@by_link
def thumbnail(door: Door, evidence_id: int) -> ResponseReturnValue:
    """Its small picture."""
    return evidence.picture(_proof(door, evidence_id), evidence.SMALL)


def _proof(door: Door, evidence_id: int) -> Evidence:
    uses = db.session.execute(
        select(EvidenceUse.item_id, EvidenceUse.division_id, EvidenceUse.quarter).where(
            EvidenceUse.evidence_id == evidence_id
        )
    )
    if not {Group(*place) for place in uses} & set(door.groups):
        abort(404)
    return get_or_404(Evidence, evidence_id)


@blueprint.post("/revoke")
@by_link
def revoke(door: Door) -> ResponseReturnValue:
    """ "ไม่ใช่ท่าน?": the link ends here."""
    if (earlier := sent_before(door)) is not None:
        return earlier
    linking.note_press(door.bearer, request.form["press"], "", "", now=clock.now())
    linking.revoke(door.bearer.link_id, now=clock.now(), by=door.bearer.actor)
    return redirect(door.href(), 303)


@blueprint.post("/renew")
@public
def renew(token: str) -> ResponseReturnValue:
    """Mail a new link to the position; the answer is the same whether one went out now or a while ago."""
    bearer = links.find(token, now=clock.now(), lock=True)
    with organisation_scope(bearer.organisation_id):
        if bearer.over:
            linking.renew(bearer, now=clock.now())
            db.session.flush()
    return redirect(url_for("link.show", token=token, asked=1 if bearer.over else None), 303)


def _passing(door: Door, chosen: Group, refused: FieldsRefused | None = None) -> dict[str, Any] | None:
    if not door.bearer.passes_on:
        return None
    return {
        "forward_href": door.href(f"{chosen.path}/forward"),
        "line_href": door.href(f"{chosen.path}/line"),
        "colleagues": [
            colleague_of(link, door.href(f"{chosen.path}/forward/{link.id}/take-back"))
            for link in linking.passed_on(chosen, now=clock.now())
        ],
        "outstanding": any(task.state in OUTSTANDING for task in tasks_of(chosen)),
    } | as_sent(refused)


def passing_on(door: Door, chosen: Group) -> Group:
    """The listed group, 404 where this link gives nothing away."""
    if not door.bearer.passes_on:
        abort(404)
    return _listed(door, chosen)


@blueprint.post(f"/work{GROUP}/forward")
@by_link
def forward(door: Door, item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    chosen = passing_on(door, Group(item_id, division_id, quarter))
    if (earlier := sent_before(door)) is not None:
        return earlier
    name, address = request.form.get("name", ""), request.form.get("address", "")
    try:
        made = linking.pass_on(chosen, name, address, now=clock.now(), by=door.bearer.actor)
    except FieldsRefused as refused:
        db.session.rollback()
        frame = _frame(door, chosen.path, _passing(door, chosen, refused))
        return group_form.show(chosen, tasks_of(chosen), frame), 422
    return _done(door, chosen.path, _("ส่งต่อให้%(name)sแล้ว จดหมายกำลังออก", name=made.colleague_name))


@blueprint.post(f"/work{GROUP}/forward/<int:link_id>/take-back")
@by_link
def take_back(door: Door, item_id: int, division_id: int, quarter: int, link_id: int) -> ResponseReturnValue:
    chosen = passing_on(door, Group(item_id, division_id, quarter))
    if (earlier := sent_before(door)) is not None:
        return earlier
    linking.take_back(chosen, link_id, now=clock.now(), by=door.bearer.actor)
    return _done(door, chosen.path, _("ยกเลิกการส่งต่อแล้ว ลิงก์นั้นใช้ไม่ได้อีก"))
