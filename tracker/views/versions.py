"""The closed versions of the plan's documents: their list, one version with its files, closing and reopening."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import publishing, reporting
from tracker.extensions import settings
from tracker.forms.plan import SignatureForm
from tracker.locale import language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import Plan, Report, ReportScan
from tracker.rules.paper import PaperKind
from tracker.rules.permissions import Deed, may
from tracker.rules.report_inputs import Signed
from tracker.rules.thai import long_date as written_day
from tracker.rules.versions import KINDS, changes
from tracker.views import documents, renderings
from tracker.views.documents import titles
from tracker.writing import faces

blueprint = Blueprint("versions", __name__, url_prefix="/report")
ENDINGS = ("docx", "pdf", "xlsx", "html", "json")
NOW = "now"
_ENDING_OF = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPG"}


@blueprint.get("/<int:year>/versions")
@allow(Deed.SEE_REPORT)
def index(year: int) -> str:
    """Every document of the year with its closed versions, the newest first."""
    plan, acts, names = documents.told_plan(year), may(actor(), Deed.CLOSE_REPORT), titles(year)
    found = reporting.versions_of(plan)
    scans = reporting.scans_of([report for own in found.values() for report in own])
    told = []
    for kind in KINDS:
        standing = reporting.in_force(plan, kind)
        waits = reporting.closing_waits_for(plan, kind, clock.now())
        told.append(
            {
                "title": names[kind],
                "standing": standing.version if standing else None,
                "versions": [_line(year, report, scans.get(report.id)) for report in found[kind]],
                "close_href": _close_href(year, kind) if acts and standing is None else None,
                "waits": say(waits, language()) if waits and kind != reporting.ANNUAL else None,
            }
        )
    return render_template("report/versions.html", year=year, documents=told)


def _close_href(year: int, kind: PaperKind) -> str:
    if kind == reporting.ANNUAL:
        return url_for("report.show", year=year)
    return url_for("versions.close", year=year, kind=kind)


def _line(year: int, report: Report, scan: ReportScan | None) -> dict[str, Any]:
    return {
        "number": report.version,
        "href": url_for("versions.show", year=year, kind=report.kind, number=report.version),
        "closed": short_date(report.closed_at),
        "document_number": report.document_number,
        "signer": report.signer,
        "reopened": short_date(report.reopened_at) if report.reopened_at else None,
        "scan_href": _scan_href(year, report) if scan else None,
    }


def _scan_href(year: int, report: Report) -> str:
    return url_for("scans.download", year=year, kind=report.kind, number=report.version)


@blueprint.get("/<int:year>/<kind>/<int:number>")
@allow(Deed.SEE_REPORT)
def show(year: int, kind: str, number: int) -> str:
    """One closed version: the signed scan first, its files, and what differs from an earlier one or from today."""
    plan, report = find(year, kind, number)
    return page(plan, report, {})


def page(plan: Plan, report: Report, errors: dict[str, str]) -> str:
    """The page of a version; `errors` stand beside the fields of its scan."""
    year, acts = plan.fiscal_year, may(actor(), Deed.CLOSE_REPORT)
    scan = reporting.scans_of([report]).get(report.id)
    standing = reporting.in_force(plan, cast(PaperKind, report.kind))
    stands = standing is not None and standing.id == report.id
    earlier = reporting.before(report)
    compared = request.args.get("with") or (str(earlier[0].version) if earlier else "")
    here: dict[str, Any] = {"year": year, "kind": report.kind, "number": report.version}
    choices = [(_("ฉบับที่ %(number)s", number=one.version), str(one.version)) for one in earlier]
    if stands and report.kind != reporting.ANNUAL:
        choices.append((_("ข้อมูลวันนี้"), NOW))
    return render_template(
        "report/version.html",
        year=year,
        title=titles(year)[report.kind],
        number=report.version,
        stands=stands,
        closed_line=_("ปิดเมื่อ %(day)s", day=long_date(report.closed_at)),
        facts_shown=[
            (_("เลขที่"), report.document_number or "–"),
            (_("ลงวันที่"), long_date(report.signed_on) if report.signed_on else "–"),
            (_("ผู้ลงนาม"), report.signer or "–"),
            (_("ตำแหน่ง"), report.signer_position or "–"),
            (_("รหัสตรวจสอบ (sha-256)"), report.sha256),
        ],
        scan=_scan_told(year, report, scan) if scan else None,
        removed=[
            (one.name, short_date(one.removed_at), one.removed_reason, one.sha256)
            for one in reporting.removed_scans(report)
            if one.removed_at
        ],
        files=[(ending.upper(), url_for("versions.download", ending=ending, **here)) for ending in ENDINGS],
        attach_href=url_for("scans.attach", **here) if acts and scan is None else None,
        remove_href=url_for("scans.remove", **here) if acts and scan is not None else None,
        reopen_href=_reopen_href(year, report) if acts and stands else None,
        compared=compared,
        choices=[(text, value, _with(here, value)) for text, value in choices],
        changes=_changes(plan, report, compared),
        errors=errors,
        limit=settings().upload_megabytes,
        published=any(
            one.report_id == report.id and one.withdrawn_at is None for one in publishing.editions()
        ),
    )


def _with(here: dict[str, Any], value: str) -> str:
    return url_for("versions.show", **here) + f"?with={value}"


def _reopen_href(year: int, report: Report) -> str:
    if report.kind == reporting.ANNUAL:
        return url_for("report.reopen", year=year)
    return url_for("versions.reopen", year=year, kind=report.kind)


def _scan_told(year: int, report: Report, scan: ReportScan) -> dict[str, Any]:
    return {
        "name": scan.name,
        "face": _ENDING_OF[scan.media_type],
        "day": short_date(scan.added_at),
        "sha256": scan.sha256,
        "href": _scan_href(year, report),
    }


def _changes(plan: Plan, report: Report, compared: str) -> list[dict[str, str]] | None:
    """What differs, None where there is nothing to compare with."""
    kind, value = cast(PaperKind, report.kind), reporting.value_of(report)
    if compared == NOW:
        found = changes(value, reporting.as_it_stands(plan, kind, now=clock.now()))
    else:
        other = (
            reporting.find(plan, kind, int(compared)) if compared.isdecimal() and len(compared) < 9 else None
        )
        if other is None:
            return None
        found = changes(reporting.value_of(other), value)
    return [
        {
            "where": " · ".join(filter(None, (one.part or _("หัวเรื่องและลายมือชื่อ"), one.row, one.column))),
            "before": one.before,
            "after": one.after,
        }
        for one in found
    ]


@blueprint.get("/<int:year>/<kind>/<int:number>.<ending>")
@allow(Deed.SEE_REPORT)
def download(year: int, kind: str, number: int, ending: str) -> ResponseReturnValue:
    """A face of the version as it was frozen, whatever was changed since."""
    found = _found(year, kind, number, ending)
    ask_href = url_for("versions.ask", year=year, kind=kind, number=number, ending=ending)
    return renderings.hand_out(found, ending, ask_href)


@blueprint.post("/<int:year>/<kind>/<int:number>/make/<ending>")
@allow(Deed.SEE_REPORT)
def ask(year: int, kind: str, number: int, ending: str) -> ResponseReturnValue:
    """Have a file of the version made that takes too long to wait for."""
    found = _found(year, kind, number, ending)
    if ending not in faces.PRINTED:
        abort(404)
    return renderings.begin(found.wanted(ending))


def _found(year: int, kind: str, number: int, ending: str) -> documents.Found:
    report = find(year, kind, number)[1]
    if ending not in faces.MEDIA_TYPES:
        abort(404)
    return documents.of_value(reporting.value_of(report), year, _name(kind), report)


@blueprint.route("/<int:year>/<kind>/close", methods=["GET", "POST"])
@allow(Deed.CLOSE_REPORT)
def close(year: int, kind: str) -> ResponseReturnValue:
    """Close the plan, the six-month report or the memo as its next version."""
    plan, name = documents.told_plan(year), _name(kind)
    if name == reporting.ANNUAL:
        return redirect(url_for("report.show", year=year), 303)
    form = SignatureForm()
    if request.method == "GET":
        _propose(form, reporting.proposed_signature(plan, name))
        return _closepage(plan, name, form)
    if not form.validate_on_submit():
        return _closepage(plan, name, form), 422
    signed = Signed(
        str(form.document_number.data or "").strip(),
        form.day(),
        str(form.signer.data or "").strip(),
        str(form.signer_position.data or "").strip(),
    )
    report = reporting.freeze(plan, name, signed, now=clock.now(), by=actor())
    flash(_("ปิดเอกสารเป็นฉบับที่ %(number)s แล้ว", number=report.version), "success")
    return redirect(url_for("versions.show", year=year, kind=kind, number=report.version), 303)


def _propose(form: SignatureForm, signed: Signed) -> None:
    form.document_number.data, form.signer.data = signed.document_number, signed.signer
    form.signer_position.data = signed.position
    form.document_on.data = written_day(signed.signed_on) if signed.signed_on else ""


def _closepage(plan: Plan, kind: PaperKind, form: SignatureForm) -> str:
    waits = reporting.closing_waits_for(plan, kind, clock.now())
    return render_template(
        "report/close.html",
        year=plan.fiscal_year,
        title=titles(plan.fiscal_year)[kind],
        form=form,
        waits=say(waits, language()) if waits else None,
    )


@blueprint.post("/<int:year>/<kind>/reopen")
@allow(Deed.CLOSE_REPORT)
def reopen(year: int, kind: str) -> ResponseReturnValue:
    plan, name = documents.told_plan(year), _name(kind)
    if name == reporting.ANNUAL:
        abort(404)
    reporting.open_again(plan, name, now=clock.now(), by=actor())
    flash(_("เปิดเอกสารแล้ว ปิดครั้งต่อไปจะเป็นฉบับใหม่ ฉบับเดิมยังเก็บไว้"), "success")
    return redirect(url_for("versions.index", year=year), 303)


def _name(kind: str) -> PaperKind:
    if kind not in KINDS:
        abort(404)
    return kind


def find(year: int, kind: str, number: int) -> tuple[Plan, Report]:
    """The plan and the version that an address names; 404 where there is none."""
    plan = documents.told_plan(year)
    report = reporting.find(plan, _name(kind), number)
    if report is None:
        abort(404)
    return plan, report
