"""The annual report: the draft as it stands, its downloads, closing and reopening."""

from __future__ import annotations

from io import BytesIO
from typing import Any, cast

from flask import Blueprint, Response, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import reporting
from tracker.actions.importing import recording
from tracker.database import current_organisation, db
from tracker.forms.plan import SignatureForm
from tracker.locale import long_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.paper import PaperKind
from tracker.rules.permissions import Deed, may
from tracker.rules.report_inputs import Signed
from tracker.views import publishing, report_desk
from tracker.writing import faces, photos

blueprint = Blueprint("report", __name__, url_prefix="/report")


@blueprint.get("/<int:year>")
@allow(Deed.SEE_REPORT)
def show(year: int) -> str:
    """The report of the year: closed if it is, else the draft and what it still lacks."""
    plan = _plan(year)
    if plan is None or plan.state is PlanState.DRAFT:
        return render_template("report/none.html", year=year)
    if plan.is_record:
        return render_template("report/record.html", year=year, source=plan.source_name, rows=_recorded(plan))
    desk = report_desk.desk_of(plan, clock.now())
    report = desk.report
    return render_template(
        "report/show.html",
        year=year,
        today_line=_as_of(report),
        version=_("ฉบับที่ %(number)s", number=report.version) if report else _("ฉบับร่าง"),
        closed=report is not None,
        readiness=desk.readiness,
        documents=[
            {
                "title": title,
                "files": [
                    (ending.upper(), url_for("report.download", year=year, kind=kind, ending=ending))
                    for ending in ("docx", "pdf", "xlsx", "html")
                ],
            }
            for kind, title in _titles(year).items()
        ],
        evidence_href=url_for("report_desk.evidence", year=year)
        if report is None and may(actor(), Deed.CLOSE_REPORT)
        else None,
        website_href=url_for("report_desk.finding", year=year, code="website")
        if report is not None and may(actor(), Deed.CLOSE_REPORT)
        else None,
        **publishing.line_of(plan),
        package_href=url_for("package.download", year=year),
        close_href=url_for("report.close", year=year) if may(actor(), Deed.CLOSE_REPORT) else None,
        form=SignatureForm(),
        facts_shown=_facts(report),
        rows=desk.rows,
    )


def _recorded(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "heading": item.heading,
            "measures": [measure.title for measure in item.measures],
            "divisions": ", ".join(one.name for one in item.divisions) or item.responsible_text,
            "window": item.window_text,
            "results": result.results,
            "outcome": result.outcome,
        }
        for item, result in recording.recorded(plan)
    ]


def _plan(year: int) -> Plan | None:
    return db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()


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
@blueprint.get("/<int:year>/<kind>.<ending>")
@allow(Deed.SEE_REPORT)
def download(year: int, ending: str, kind: str = "annual") -> Response:
    """A document of the year as a file: the annual report is the same value that the page shows."""
    plan, titles = _plan(year), _titles(year)
    if plan is None or plan.is_record or kind not in titles or ending not in faces.MEDIA_TYPES:
        abort(404)
    if plan.state is PlanState.DRAFT and kind != "plan":
        abort(404)
    closed = reporting.closed(plan) if plan.state is PlanState.CLOSED and kind == "annual" else None
    # What was frozen is given out as it was, also where later versions would write more into it.
    frozen = closed[0].frozen if closed else None
    value = reporting.paper_of(plan, cast(PaperKind, kind), now=clock.now())
    files = reporting.photo_files(value)
    font = current_organisation().document_font
    title = titles[kind]
    if kind == "annual":
        title += " " + (_("ฉบับที่ %(number)s", number=closed[0].version) if closed else _("ฉบับร่าง"))
    db.session.rollback()
    if ending == "json" and frozen is not None:
        data = frozen.encode()
    else:
        data = faces.write(value, ending, font, photos.shrink_all(files))
    answer = send_file(
        BytesIO(data),
        mimetype=faces.MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=f"{title}.{ending}",
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _titles(year: int) -> dict[str, str]:
    return {
        "annual": _("รายงานผลประจำปี %(year)s", year=year),
        "memo": _("บันทึกข้อความนำส่งรายงาน %(year)s", year=year),
        "six-month": _("รายงานรอบ 6 เดือน %(year)s", year=year),
        "plan": _("แผนมาตรการ %(year)s", year=year),
    }


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
