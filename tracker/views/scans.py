"""The signed scan of a closed document: handed out, attached, removed with a reason."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow
from tracker.actions import reporting
from tracker.database import db
from tracker.errors import FieldsRefused, TrackerError
from tracker.locale import language, say, say_all
from tracker.locale import translate as _
from tracker.rules.permissions import Deed
from tracker.views import versions
from tracker.views.documents import to_save

blueprint = Blueprint("scans", __name__, url_prefix="/report")


@blueprint.get("/<int:year>/<kind>/<int:number>/scan")
@allow(Deed.SEE_REPORT)
def download(year: int, kind: str, number: int) -> Response:
    """The signed scan as it was attached."""
    report = versions.find(year, kind, number)[1]
    kept = reporting.scans_of([report]).get(report.id)
    if kept is None:
        abort(404)
    return to_save(storage.kept_path(kept.storage_name), kept.media_type, kept.name, kept.id)


@blueprint.post("/<int:year>/<kind>/<int:number>/scan")
@allow(Deed.CLOSE_REPORT)
def attach(year: int, kind: str, number: int) -> ResponseReturnValue:
    """Attach a signed scan; the file is laid down before anything is written of it."""
    plan, report = versions.find(year, kind, number)
    upload = request.files.get("scan")
    if upload is None or not upload.filename:
        return versions.page(plan, report, {"scan": _("กรุณาเลือกแฟ้ม")}), 422
    try:
        with storage.storing() as store:
            stored = store(upload.stream, upload.filename)
            reporting.attach_scan(report, stored, now=clock.now(), by=actor())
    except TrackerError as refused:
        return versions.page(plan, report, {"scan": say(refused.message, language())}), 422
    flash(_("แนบสำเนาที่ลงนามแล้ว"), "success")
    return redirect(url_for("versions.show", year=year, kind=kind, number=number), 303)


@blueprint.post("/<int:year>/<kind>/<int:number>/scan/remove")
@allow(Deed.CLOSE_REPORT)
def remove(year: int, kind: str, number: int) -> ResponseReturnValue:
    plan, report = versions.find(year, kind, number)
    try:
        reporting.remove_scan(report, request.form.get("reason", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        plan, report = versions.find(year, kind, number)
        told = say_all(refused.fields)
        return versions.page(plan, report, told), 422
    flash(_("นำสำเนาที่ลงนามออกแล้ว ชื่อแฟ้ม ค่าตรวจสอบ และเหตุผลยังแสดงไว้"), "success")
    return redirect(url_for("versions.show", year=year, kind=kind, number=number), 303)
