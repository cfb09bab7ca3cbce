"""The annual report: the draft as it stands, its downloads, closing and reopening."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import reporting
from tracker.database import current_organisation, db
from tracker.forms.plan import SignatureForm
from tracker.locale import long_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.permissions import Deed, may
from tracker.rules.report import AnnualReport, to_json
from tracker.rules.report_inputs import Signed
from tracker.views import report_desk
from tracker.writing import docx, pdf

blueprint = Blueprint("report", __name__, url_prefix="/report")
MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
}


@blueprint.get("/<int:year>")
@allow(Deed.SEE_REPORT)
def show(year: int) -> str:
    """The report of the year: closed if it is, else the draft and what it still lacks."""
    plan = _plan(year)
    if plan is None or plan.state is PlanState.DRAFT:
        return render_template("report/none.html", year=year)
    desk = report_desk.desk_of(plan, clock.now())
    report = desk.report
    return render_template(
        "report/show.html",
        year=year,
        today_line=_as_of(report),
        version=_("ฉบับที่ %(number)s", number=report.version) if report else _("ฉบับร่าง"),
        closed=report is not None,
        readiness=desk.readiness,
        downloads=[
            {
                "href": url_for("report.download", year=year, ending=ending),
                "label": label,
                "symbol": symbol,
            }
            for ending, label, symbol in (
                ("docx", _("ดาวน์โหลด Word"), "file-earmark-word"),
                ("pdf", _("ดาวน์โหลด PDF"), "file-earmark-pdf"),
            )
        ],
        close_href=url_for("report.close", year=year) if may(actor(), Deed.CLOSE_REPORT) else None,
        form=SignatureForm(),
        facts_shown=_facts(report),
        rows=desk.rows,
    )


def _plan(year: int) -> Plan | None:
    return db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()


def _current(plan: Plan) -> tuple[Report | None, AnnualReport]:
    """The closed version while the plan is closed, else the draft of this moment."""
    if plan.state is PlanState.CLOSED:
        found = reporting.closed(plan)
        if found is not None:
            return found
    return None, reporting.draft(plan, now=clock.now())


def _as_of(report: Report | None) -> str:
    if report is not None:
        return _("ปิดรายงานเมื่อ %(day)s", day=long_date(report.closed_at))
    return _("ข้อมูล ณ วันที่ %(day)s", day=long_date(clock.today()))


def _facts(report: Report | None) -> list[tuple[str, str]]:
    if report is None:
        return []
    return [
        (_("เลขที่"), report.document_number or "–"),
        (_("ผู้ลงนาม"), report.signer or "–"),
        (_("รหัสตรวจสอบ (sha-256)"), report.sha256),
    ]


@blueprint.get("/<int:year>/annual.<ending>")
@allow(Deed.SEE_REPORT)
def download(year: int, ending: str) -> Response:
    """The report as a file, the same value that the page shows."""
    plan = _plan(year)
    if plan is None or plan.state is PlanState.DRAFT or ending not in MEDIA_TYPES:
        abort(404)
    report, value = _current(plan)
    organisation = current_organisation()
    font = organisation.document_font
    db.session.rollback()
    faces: dict[str, Callable[[], bytes]] = {
        "docx": lambda: docx.write(value, font),
        "pdf": lambda: pdf.write(value),
        "json": lambda: (report.frozen if report else to_json(value)).encode(),
    }
    title = _("รายงานผลประจำปี %(year)s", year=year)
    version = _("ฉบับที่ %(number)s", number=report.version) if report else _("ฉบับร่าง")
    return send_file(
        BytesIO(faces[ending]()),
        mimetype=MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=f"{title} {version}.{ending}",
        max_age=0,
    )


@blueprint.post("/<int:year>/close")
@allow(Deed.CLOSE_REPORT)
def close(year: int) -> ResponseReturnValue:
    plan = _plan(year)
    if plan is None:
        abort(404)
    form = SignatureForm()
    if not form.validate_on_submit():
        for errors in form.errors.values():
            flash(str(errors[0]), "error")
        return redirect(url_for("report.show", year=year), 303)
    signed = Signed(
        document_number=str(form.document_number.data or ""),
        signed_on=form.day(),
        signer=str(form.signer.data or ""),
        position=str(form.signer_position.data or ""),
    )
    report = reporting.close(plan, signed, now=clock.now(), by=actor())
    flash(_("ปิดรายงานเป็นฉบับที่ %(number)s แล้ว", number=report.version), "success")
    return redirect(url_for("report.show", year=year), 303)


@blueprint.post("/<int:year>/reopen")
@allow(Deed.CLOSE_REPORT)
def reopen(year: int) -> ResponseReturnValue:
    plan = _plan(year)
    if plan is None:
        abort(404)
    reporting.reopen(plan, now=clock.now(), by=actor())
    flash(_("เปิดรายงานให้แก้ไขแล้ว ปิดครั้งต่อไปจะเป็นฉบับใหม่ ฉบับเดิมยังเก็บไว้"), "success")
    return redirect(url_for("report.show", year=year), 303)
