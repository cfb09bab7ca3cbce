"""Hands out evidence files and their pictures, shows one evidence, takes new versions and withdrawals."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import progress, proving
from tracker.database import db
from tracker.errors import FieldsRefused, Refused, TrackerError
from tracker.extensions import settings
from tracker.groups import Group, tasks_of
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Evidence, EvidenceUse
from tracker.rules.permissions import Deed, may
from tracker.views import listing
from tracker.views.documents import SANDBOX, to_save

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")
SMALL, LARGE = 176, 1200
# A picture of one transparent point: what stands behind it, the sign of the file's kind, is seen instead.
NOTHING = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)


@blueprint.get("/<int:evidence_id>")
@allow(Deed.SEE_EVIDENCE)
def download(evidence_id: int) -> Response:
    return hand_out(get_or_404(Evidence, evidence_id))


def hand_out(evidence: Evidence) -> Response:
    """The original file, always as an attachment that can run nothing."""
    if evidence.storage_name is None or evidence.withdrawn_at is not None:
        abort(404)
    path = storage.kept_path(evidence.storage_name)
    return to_save(path, evidence.media_type, evidence.name, evidence.id)


@blueprint.get("/<int:evidence_id>/thumbnail")
@allow(Deed.SEE_EVIDENCE)
def thumbnail(evidence_id: int) -> Response:
    return picture(get_or_404(Evidence, evidence_id), SMALL)


@blueprint.get("/<int:evidence_id>/preview")
@allow(Deed.SEE_EVIDENCE)
def preview(evidence_id: int) -> Response:
    return picture(get_or_404(Evidence, evidence_id), LARGE)


def picture(evidence: Evidence, side: int) -> Response:
    """A picture of a picture or of a PDF's first page; of any other file, and of a broken one, nothing to see."""
    path = None
    if evidence.storage_name is not None and evidence.withdrawn_at is None:
        path = storage.preview(evidence.storage_name, evidence.sha256, side)
    if path is None:
        answer = Response(NOTHING, mimetype="image/gif")
    else:
        answer = send_file(path, mimetype="image/webp", max_age=0)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@blueprint.get("/<int:evidence_id>/about")
@allow(Deed.SEE_EVIDENCE)
def about(evidence_id: int) -> str:
    return _page(get_or_404(Evidence, evidence_id), {})


def _page(evidence: Evidence, errors: dict[str, str]) -> str:
    """Everything about one evidence: its picture, what it proves, its versions, and what may be changed."""
    groups = proving.groups_of(evidence)
    counts = evidence.withdrawn_at is None and evidence.newer_id is None
    newer = get_or_404(Evidence, evidence.newer_id) if evidence.newer_id else None
    return render_template(
        "work/evidence.html",
        evidence=evidence,
        file=listing.file_of(evidence),
        preview=url_for("evidence.preview", evidence_id=evidence.id),
        groups=[
            (card, group, counts and len(groups) > 1 and may(actor(), Deed.REPORT_GROUP, group.division_id))
            for card, group in zip(_cards(groups), groups, strict=True)
        ],
        removals=[
            (_cards([Group(one.item_id, one.division_id, one.quarter)])[0], one.at, one.reason)
            for one in proving.removals_of(evidence)
        ],
        versions=[listing.file_of(one, about=listing.about_href) for one in proving.versions_of(evidence)],
        newer=listing.file_of(newer, about=listing.about_href) if newer else None,
        personal=proving.looks_personal(evidence),
        changes=proving.changeable(evidence) and _reports(groups),
        withdraws=counts and _reports(groups),
        caption=request.form.get("caption", evidence.caption),
        errors=errors,
        limit=settings().upload_megabytes,
    )


def _cards(groups: list[Group]) -> list[listing.Card]:
    return [listing.card_of(tasks_of(group), clock.today()) for group in groups]


def _reports(groups: list[Group]) -> bool:
    return all(may(actor(), Deed.REPORT_GROUP, group.division_id) for group in groups)


def _own(evidence_id: int) -> Evidence:
    """The evidence, 404 unless the person reports for every division whose work it proves."""
    evidence = get_or_404(Evidence, evidence_id)
    for group in proving.groups_of(evidence):
        require(Deed.REPORT_GROUP, group.division_id)
    return evidence


@blueprint.post("/<int:evidence_id>/describe")
@allow(Deed.REPORT_GROUP)
def describe(evidence_id: int) -> ResponseReturnValue:
    """Change the caption and whether the public may see it; personal data asks for a second tick."""
    evidence = _own(evidence_id)
    public = "public" in request.form
    if public and proving.looks_personal(evidence) and "sure" not in request.form:
        sentence = _("ติ๊กว่าตรวจแล้วว่าไม่มีข้อมูลส่วนบุคคล หรือเก็บเป็นภายในต่อไป")
        return _page(evidence, {"sure": sentence}), 422
    proving.describe(evidence, request.form.get("caption", "")[:500], public, now=clock.now(), by=actor())
    flash(_("บันทึกแล้ว"), "success")
    return redirect(listing.about_href(evidence.id), 303)


@blueprint.post("/<int:evidence_id>/replace")
@allow(Deed.REPORT_GROUP)
def replace(evidence_id: int) -> ResponseReturnValue:
    """Take a newer version of the file; the old one is kept and marked."""
    evidence = _own(evidence_id)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(evidence, {"file": _("เลือกไฟล์ฉบับใหม่ก่อน")}), 422
    try:
        with storage.storing() as store:
            newer = proving.replace(evidence, store(file.stream, file.filename), now=clock.now(), by=actor())
    except TrackerError as refused:
        db.session.rollback()
        return _page(_own(evidence_id), {"file": say(refused.message, language())}), 422
    flash(_("เก็บฉบับใหม่แล้ว ฉบับเดิมยังเปิดดูได้"), "success")
    return redirect(listing.about_href(newer.id), 303)


@blueprint.post("/<int:evidence_id>/take-off/<int:item_id>/<int:division_id>/<int:quarter>")
@allow(Deed.REPORT_GROUP)
def take_off(evidence_id: int, item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """Let it prove one of its groups no more, and go on proving the others."""
    require(Deed.REPORT_GROUP, division_id)
    evidence, group = get_or_404(Evidence, evidence_id), Group(item_id, division_id, quarter)
    field = f"reason-{item_id}-{division_id}-{quarter}"
    try:
        returned = progress.take_off(
            evidence, group, request.form.get(field, ""), now=clock.now(), by=actor()
        )
    except Refused as refused:
        message = refused.fields["reason"] if isinstance(refused, FieldsRefused) else refused.message
        db.session.rollback()
        return _page(get_or_404(Evidence, evidence_id), {field: say(message, language())}), 422
    if returned:
        flash(_("นำหลักฐานออกจากงานนี้แล้ว งาน %(number)s มาตรการกลับไปให้กองแก้ไข", number=returned), "warning")
    else:
        flash(_("นำหลักฐานออกจากงานนี้แล้ว งานอื่นยังใช้หลักฐานนี้"), "success")
    return redirect(listing.about_href(evidence_id), 303)


@blueprint.post("/<int:evidence_id>/withdraw")
@allow(Deed.REPORT_GROUP)
def withdraw(evidence_id: int) -> ResponseReturnValue:
    evidence = get_or_404(Evidence, evidence_id)
    uses = db.session.scalars(select(EvidenceUse).where(EvidenceUse.evidence_id == evidence.id)).all()
    for use in uses:
        require(Deed.REPORT_GROUP, use.division_id)
    first = uses[0]
    back = url_for("work.group", item_id=first.item_id, division_id=first.division_id, quarter=first.quarter)
    try:
        returned = progress.withdraw_evidence(
            evidence, request.form.get(f"reason-{evidence.id}", ""), now=clock.now(), by=actor()
        )
    except FieldsRefused as refused:
        db.session.rollback()
        errors = {f"reason-{evidence_id}": say(refused.fields["reason"], language())}
        return _page(get_or_404(Evidence, evidence_id), errors), 422
    if returned:
        flash(_("ถอนหลักฐานแล้ว งาน %(number)s มาตรการกลับไปให้กองแก้ไข", number=returned), "warning")
    else:
        flash(_("ถอนหลักฐานแล้ว"), "success")
    return redirect(back, 303)
