"""Hands out evidence files and takes withdrawals."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import progress
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Evidence, EvidenceUse
from tracker.rules.permissions import Deed

blueprint = Blueprint("evidence", __name__, url_prefix="/evidence")


@blueprint.get("/<int:evidence_id>")
@allow(Deed.SEE_EVIDENCE)
def download(evidence_id: int) -> Response:
    return hand_out(get_or_404(Evidence, evidence_id))


def hand_out(evidence: Evidence) -> Response:
    """The original file, always as an attachment that can run nothing."""
    if evidence.storage_name is None or evidence.withdrawn_at is not None:
        abort(404)
    path = storage.path_of(evidence.storage_name)
    if not path.is_file():
        abort(404)
    answer = send_file(
        path, mimetype=evidence.media_type, as_attachment=True, download_name=evidence.name, max_age=0
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


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
        flash(say(refused.fields["reason"], language()), "error")
        return redirect(back, 303)
    if returned:
        flash(_("ถอนหลักฐานแล้ว งาน %(number)s มาตรการกลับไปให้กองแก้ไข", number=returned), "warning")
    else:
        flash(_("ถอนหลักฐานแล้ว"), "success")
    return redirect(back, 303)
