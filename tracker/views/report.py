"""The annual report: the draft as it stands, its downloads, closing and reopening."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import rendering, reporting, wordforms
from tracker.actions.importing import recording
from tracker.forms.plan import SignatureForm
from tracker.locale import long_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.permissions import Deed, may
from tracker.rules.report_inputs import Signed
from tracker.views import documents, preview, publishing, renderings, report_desk

blueprint = Blueprint("report", __name__, url_prefix="/report")


@blueprint.get("/<int:year>")
@allow(Deed.SEE_REPORT)
def show(year: int) -> str:
    """The report of the year: closed if it is, else the draft and what it still lacks."""
    plan = documents.plan_of(year)
    if plan is None or plan.state is PlanState.DRAFT:
        return render_template("report/none.html", year=year)
    if plan.is_record:
        return render_template("report/record.html", year=year, source=plan.source_name, rows=_recorded(plan))
    return _page(plan, SignatureForm(formdata=None))


def _page(plan: Plan, form: SignatureForm) -> str:
    """The report of a year as it stands, with the form that closes it."""
    year = plan.fiscal_year
    desk, forms = report_desk.desk_of(plan, clock.now()), wordforms.every()
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
                "own_href": url_for("word_forms.filled", year=year, kind=kind) if kind in forms else None,
            }
            for kind, title in documents.titles(year).items()
        ],
        evidence_href=url_for("report_desk.evidence", year=year)
        if report is None and may(actor(), Deed.SEE_DRAFT)
        else None,
        website_href=url_for("publicity.edit", year=year) if may(actor(), Deed.SEE_DRAFT) else None,
        edits=may(actor(), Deed.CLOSE_REPORT),
        versions_href=url_for("versions.index", year=year),
        **publishing.line_of(plan),
        package_href=url_for("package.download", year=year),
        close_href=url_for("report.close", year=year) if may(actor(), Deed.CLOSE_REPORT) else None,
        form=form,
        preview=preview.shown(
            year,
            documents.of_value(desk.value, year, "annual", report),
            request.args.get("page", 1, type=int),
        ),
        files=[renderings.told(row) for row in rendering.of_year(year)],
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
def download(year: int, ending: str, kind: str = "annual") -> ResponseReturnValue:
    """A document of the year as a file: the annual report is the same value that the page shows."""
    found = documents.find(year, kind, ending)
    if found is None:
        abort(404)
    ask_href = url_for("renderings.ask", year=year, kind=kind, ending=ending)
    return renderings.hand_out(found, ending, ask_href)


@blueprint.post("/<int:year>/close")
@allow(Deed.CLOSE_REPORT)
def close(year: int) -> ResponseReturnValue:
    plan = documents.plan_of(year)
    if plan is None:
        abort(404)
    form = SignatureForm()
    if not form.validate_on_submit():
        return _page(plan, form), 422
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
    plan = documents.plan_of(year)
    if plan is None:
        abort(404)
    reporting.reopen(plan, now=clock.now(), by=actor())
    flash(_("เปิดรายงานให้แก้ไขแล้ว ปิดครั้งต่อไปจะเป็นฉบับใหม่ ฉบับเดิมยังเก็บไว้"), "success")
    return redirect(url_for("report.show", year=year), 303)
