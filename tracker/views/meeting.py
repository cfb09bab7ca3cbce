"""The sheet for the staff meeting as a file, and the minutes that prove what was spoken of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404
from tracker.actions import overseeing, proving, reporting
from tracker.database import current_organisation, db
from tracker.errors import TrackerError
from tracker.extensions import settings
from tracker.groups import Group
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Evidence, Plan, PlanState
from tracker.rules.meeting import KINDS, compose_meeting
from tracker.rules.permissions import Deed
from tracker.rules.thai import parse_date
from tracker.views import documents, listing
from tracker.writing import faces

blueprint = Blueprint("meeting", __name__, url_prefix="/plan")
ENDINGS = frozenset({"docx", "pdf"})
LONGEST_CAPTION = 500


@blueprint.get("/<int:year>/meeting.<ending>")
@allow(Deed.SEE_PLAN)
def download(year: int, ending: str) -> Response:
    """Late, due this month and waiting for approval, by division, with an empty column."""
    plan = documents.told_plan(year)
    if ending not in ENDINGS:
        abort(404)
    value = compose_meeting(overseeing.meeting_inputs(plan, now=clock.now()), reporting.speaker())
    font = current_organisation().document_font
    title = _("ใบประชุมพนักงาน %(year)s", year=year)
    db.session.rollback()
    return documents.attachment(BytesIO(faces.write(value, ending, font, {})), ending, title)


@blueprint.get("/<int:year>/meeting")
@allow(Deed.STEER_WORK)
def show(year: int) -> str:
    """What the meeting speaks of, and the form that attaches its minutes to many groups at once."""
    return _page(documents.told_plan(year), {"kept": request.args.get("kept", "")}, frozenset(), {})


@blueprint.post("/<int:year>/meeting")
@allow(Deed.STEER_WORK)
def attach(year: int) -> ResponseReturnValue:
    """Let one file prove every group that was ticked; a group that was settled meanwhile is left out."""
    plan = documents.told_plan(year)
    values = {name: request.form.get(name, "").strip() for name in ("kept", "held_on", "caption", "public")}
    ticked = frozenset(request.form.getlist("group"))
    groups = [
        one.group
        for own in overseeing.spoken_of(plan, clock.today()).values()
        for one in own
        if one.group.subject in ticked
    ]
    file = request.files.get("file")
    held_on = parse_date(values["held_on"]) if values["held_on"] else clock.today()
    errors = {}
    if (file is None or not file.filename) and not values["kept"].isdecimal():
        errors["file"] = _("เลือกไฟล์รายงานการประชุม หรือเลือกไฟล์ที่เก็บไว้แล้ว")
    if not groups:
        errors["groups"] = _("ติ๊กเรื่องที่รายงานการประชุมนี้ยืนยันอย่างน้อยหนึ่งเรื่อง")
    if held_on is None:
        errors["held_on"] = _("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569")
    elif held_on > clock.today():
        errors["held_on"] = _("วันประชุมยังมาไม่ถึง")
    if errors:
        return _page(plan, values, ticked, errors), 422
    assert held_on is not None
    try:
        with storage.storing() as store:
            stored = store(file.stream, file.filename) if file is not None and file.filename else None
            evidence, new = _prove(plan, stored, held_on, values, groups)
    except TrackerError as refused:
        db.session.rollback()
        return _page(
            documents.told_plan(year), values, ticked, {"file": say(refused.message, language())}
        ), 422
    flash(_("แนบรายงานการประชุมให้ %(number)s เรื่องแล้ว", number=new), "success")
    if values["public"] and not evidence.public:
        flash(_("หลักฐานที่ดูเหมือนมีข้อมูลส่วนบุคคลยังเก็บเป็นภายใน ผู้ประสานงานเปิดเผยได้หลังตรวจแล้ว"), "warning")
    if missed := len(ticked) - len(groups):
        flash(_("ข้าม %(number)s เรื่องที่ไม่อยู่ในใบประชุมแล้ว", number=missed), "warning")
    return redirect(url_for("meeting.show", year=year, kept=evidence.id), 303)


def _prove(
    plan: Plan,
    stored: storage.Stored | None,
    held_on: date,
    values: dict[str, str],
    groups: Collection[Group],
) -> tuple[Evidence, int]:
    """The evidence and how many groups it proves that it did not prove before."""
    now, by = clock.now(), actor()
    overseeing.require_running(plan)
    if stored is None:
        evidence = get_or_404(Evidence, int(values["kept"]))
        return evidence, proving.use_for(evidence, groups, now=now, by=by)
    first, *others = groups
    caption = values["caption"][:LONGEST_CAPTION] or _("รายงานการประชุม %(day)s", day=short_date(held_on))
    evidence = proving.attach_file(
        stored, caption, held_on, first, now=now, by=by, public=bool(values["public"])
    )
    return evidence, 1 + proving.use_for(evidence, others, now=now, by=by)


def _page(plan: Plan, values: dict[str, str], ticked: Collection[str], errors: dict[str, str]) -> str:
    today = clock.today()
    spoken = overseeing.spoken_of(plan, today)
    kept = [listing.file_of(one) for one in proving.of_plan(plan.id)]
    chosen = next((file for file in kept if str(file["id"]) == values.get("kept")), None)
    evidence = get_or_404(Evidence, chosen["id"]) if chosen else None
    proved = set(proving.groups_of(evidence)) if evidence else set()
    return render_template(
        "plan/meeting.html",
        year=plan.fiscal_year,
        running=plan.state is PlanState.ADOPTED,
        sections=[
            (kind, [_row(one, today, ticked, proved) for one in spoken[kind]])
            for kind in KINDS
            if spoken.get(kind)
        ],
        kept=[
            (file["id"], f"{file['caption']} ({file['name']})" if file["caption"] else file["name"])
            for file in kept
        ],
        chosen=chosen | {"about": listing.about_href(chosen["id"])} if chosen else None,
        values=values,
        today=short_date(today),
        errors=errors,
        limit=settings().upload_megabytes,
    )


def _row(
    one: overseeing.Cluster, today: date, ticked: Collection[str], proved: Collection[Group]
) -> dict[str, Any]:
    card = listing.card_of(one.tasks, today)
    return {
        "subject": one.group.subject,
        "id": one.group.subject.replace(":", "-"),
        "title": card.title,
        "href": card.href,
        "line": f"{card.division} · {listing.due_line(card.due_on, card.quarter)}",
        "ticked": one.group.subject in ticked,
        "proved": one.group in proved,
    }
