"""The desk at the report: what it lacks, its cells, what the public may see of its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, key_of
from tracker.actions import reporting
from tracker.actions.reporting import EditedCell
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.locale import language, say, say_all, short_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanState, Report
from tracker.rules.frozen import on_a_page
from tracker.rules.permissions import Deed, may
from tracker.rules.readiness import Finding, Readiness
from tracker.rules.report import AnnualReport
from tracker.views import documents
from tracker.views.finding_rows import rows_of
from tracker.views.report_words import cell_names

blueprint = Blueprint("report_desk", __name__, url_prefix="/report")
READY_SHOWN = 4
COLUMNS = ("result", "outcome", "problems", "suggestions")


@dataclass(frozen=True)
class Desk:
    """What the page of a year's report shows; `report` is the closed version, None while it is a draft."""

    report: Report | None
    value: AnnualReport
    readiness: dict[str, Any] | None
    rows: list[dict[str, Any]]


def desk_of(plan: Plan, now: datetime) -> Desk:
    if plan.state is PlanState.CLOSED and (found := reporting.closed(plan)) is not None:
        return Desk(found[0], found[1], None, _rows(plan, found[1], ()))
    under_way = reporting.under_way(plan, now=now)
    return Desk(
        None,
        under_way.value,
        _readiness(plan, under_way.readiness),
        _rows(plan, under_way.value, under_way.cells),
    )


def _rows(plan: Plan, value: AnnualReport, cells: Sequence[EditedCell]) -> list[dict[str, Any]]:
    """The rows of the report's two tables, each cell with its text and what the coordinator did to it."""
    value = on_a_page(value)
    reads, edits = may(actor(), Deed.SEE_DRAFT), may(actor(), Deed.CLOSE_REPORT)
    own = [cells[place : place + len(COLUMNS)] for place in range(0, len(cells), len(COLUMNS))]
    rows = []
    for place, row in enumerate(value.results.rows):
        problem = value.problems.rows[place]
        told: dict[str, Any] = {
            "heading": row.heading,
            "measures": row.measures,
            "steps": row.steps,
            "divisions": row.responsible,
            "window": row.window,
        }
        texts = {
            "result": row.result,
            "outcome": row.outcome,
            "problems": problem[2],
            "suggestions": problem[3],
        }
        for name, text in texts.items():
            one = next((one for one in own[place] if one.cell == name), None) if own else None
            told[name] = {
                "text": text,
                "edited": one is not None and one.edit is not None,
                "proposal": one.proposal if one else "",
                "stale": one is not None and one.stale,
                "href": url_for("report_desk.cell", year=plan.fiscal_year, item_id=one.item_id, cell=name)
                if one and (edits or (reads and one.edit))
                else None,
            }
        rows.append(told)
    return rows


def _readiness(plan: Plan, readiness: Readiness) -> dict[str, Any]:
    ready = [_line(plan, finding) for finding in readiness.ready]
    return {
        "must": [_line(plan, finding) for finding in readiness.must],
        "look": [_line(plan, finding) for finding in readiness.look],
        "ready": ready[:READY_SHOWN],
        "more": ready[READY_SHOWN:],
        "done": len(ready),
        "checks": readiness.checks,
    }


def _line(plan: Plan, finding: Finding) -> dict[str, Any]:
    reads, acts = may(actor(), Deed.SEE_DRAFT), may(actor(), Deed.CLOSE_REPORT)
    href, link = _mends(plan, finding, reads, acts)
    answers = acts and finding.answerable and finding.level != "ready"
    return {
        "title": say(finding.title, language()),
        "names": _names(finding),
        "answer": finding.answer,
        "href": href if _leads_somewhere(finding, reads) else None,
        "link": link,
        "reason_href": url_for("report_desk.finding", year=plan.fiscal_year, code=finding.code)
        if answers
        else None,
    }


def _leads_somewhere(finding: Finding, reads: bool) -> bool:
    """Whether its page may be opened by this person, and has something to show for a finding that is ready."""
    if finding.code in {"late", "open", "follow_ups"}:
        return True
    return reads and (finding.level != "ready" or finding.code in {"waiting", "personal", "website"})


def _names(finding: Finding) -> str:
    """Who and how many, worst first: "กองช่าง 3 · กองคลัง 1"."""
    if finding.level == "ready":
        return ""
    names = [f"{name} {number}" if number > 1 else name for name, number in finding.names]
    if finding.more:
        names.append(_("และอีก %(number)s", number=finding.more))
    return " · ".join(names)


def _mends(plan: Plan, finding: Finding, reads: bool, acts: bool) -> tuple[str, str]:
    """The page on which a finding is mended, exactly its rows, and what its link says."""
    year = plan.fiscal_year
    if finding.code == "website":
        return url_for("publicity.edit", year=year), _("ใส่ URL") if acts else _("ดู URL")
    if finding.code == "personal":
        return url_for("report_desk.evidence", year=year), _("ดูหลักฐาน")
    if finding.code == "waiting":
        if not acts:
            return url_for("plan.tasks", year=year, look="submitted"), _("ไปดูงาน")
        return url_for("plan.waiting", year=year), _("ไปตรวจ")
    only = finding.subjects[0] if len(finding.subjects) == 1 else None
    if only is not None and only.cell is not None:
        words = _("ไปแก้ข้อความ") if acts else _("ดูข้อความ")
        return url_for("report_desk.cell", year=year, item_id=only.id, cell=only.cell), words
    if reads and finding.subjects:
        rows = _("ดู %(number)s รายการ", number=len(finding.subjects))
        return url_for("report_desk.finding", year=year, code=finding.code), rows
    if finding.code == "follow_ups":
        return url_for("follow_up.rounds", year=year), _("เปิดแบบตอบ")
    look = "overdue" if finding.code == "late" else None
    return url_for("plan.tasks", year=year, look=look), _("ไปดูงาน")


@blueprint.route("/<int:year>/cells/<int:item_id>/<cell>", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.CLOSE_REPORT)
def cell(year: int, item_id: int, cell: str) -> ResponseReturnValue:
    """A cell of the draft: what it says of itself beside what is printed in its place."""
    plan = _open_plan(year)
    found = [
        one
        for one in reporting.under_way(plan, now=clock.now()).cells
        if (one.item_id, one.cell) == (item_id, cell)
    ]
    if not found:
        abort(404)
    if request.method == "GET":
        return _cell_page(year, found[0], found[0].text, {})
    if "restore" in request.form:
        reporting.restore_cell(plan, item_id, cell, now=clock.now(), by=actor())
        flash(_("กลับไปใช้ข้อความที่ระบบรวบรวมแล้ว"), "success")
        return redirect(url_for("report.show", year=year), 303)
    text = request.form.get("text", "")
    try:
        reporting.edit_cell(plan, item_id, cell, text, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        return _cell_page(year, found[0], text, refused.fields), 422
    flash(_("บันทึกข้อความในรายงานแล้ว"), "success")
    return redirect(url_for("report.show", year=year), 303)


def _cell_page(year: int, edited: EditedCell, text: str, faults: Mapping[str, Any]) -> str:
    return render_template(
        "report/cell.html",
        year=year,
        title=cell_names()[edited.cell],
        heading=edited.heading,
        proposal=edited.proposal,
        then=edited.edit.proposal if edited.edit and edited.stale else None,
        edited_on=short_date(edited.edit.at) if edited.edit else None,
        text=text,
        errors=say_all(faults),
        edits=may(actor(), Deed.CLOSE_REPORT),
    )


@blueprint.route("/<int:year>/findings/<code>", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.CLOSE_REPORT)
def finding(year: int, code: str) -> ResponseReturnValue:
    """One finding: exactly what it is about, and a reason that settles it."""
    plan = _open_plan(year)
    readiness = reporting.under_way(plan, now=clock.now()).readiness
    every = (*readiness.must, *readiness.look, *readiness.ready)
    found = [one for one in every if one.code == code and (one.answerable or one.subjects)]
    if not found:
        abort(404)
    if request.method == "GET":
        return _finding_page(year, found[0], found[0].answer, {})
    text = "" if "restore" in request.form else request.form.get("text", "")
    try:
        if not text.strip() and "restore" not in request.form:
            raise FieldsRefused({"text": reporting.NOTHING_WRITTEN})
        reporting.answer_finding(plan, found[0], text, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        return _finding_page(year, found[0], text, refused.fields), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("report.show", year=year), 303)


def _finding_page(year: int, found: Finding, text: str, faults: Mapping[str, Any]) -> str:
    return render_template(
        "report/finding.html",
        year=year,
        title=say(found.title, language()),
        names=_names(found),
        rows=rows_of(year, found, clock.today()),
        answerable=found.answerable,
        answered=bool(found.answer),
        edits=may(actor(), Deed.CLOSE_REPORT),
        text=text,
        errors=say_all(faults),
    )


@blueprint.route("/<int:year>/evidence", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.CLOSE_REPORT)
def evidence(year: int) -> ResponseReturnValue:
    """Which evidence the public may see; its photographs are printed in the annex."""
    plan = _open_plan(year)
    shown = reporting.evidence_of_plan(plan)
    if request.method == "GET":
        return render_template(
            "report/evidence.html",
            year=year,
            edits=may(actor(), Deed.CLOSE_REPORT),
            files=[
                {
                    "id": one.evidence.id,
                    "caption": one.evidence.caption,
                    "name": one.evidence.name,
                    "href": one.evidence.url or url_for("evidence.download", evidence_id=one.evidence.id),
                    "day": short_date(one.evidence.about_on),
                    "photo": one.evidence.media_type.startswith("image/"),
                    "public": one.evidence.public,
                    "private": one.tells_of_a_person,
                    "checked": short_date(one.evidence.checked_at) if one.evidence.checked_at else None,
                }
                for one in shown
            ],
        )
    chosen = {key for key in map(key_of, request.form.getlist("public")) if key is not None}
    number = reporting.show_evidence(plan, chosen, now=clock.now(), by=actor())
    for name in ("checked", "unchecked"):
        pressed = request.form.get(name, "")
        if pressed.isdecimal() and len(pressed) < 10:
            reporting.check_evidence(plan, int(pressed), name == "checked", now=clock.now(), by=actor())
            flash(_("บันทึกแล้ว"), "success")
            return redirect(url_for("report_desk.evidence", year=year), 303)
    flash(_("บันทึกแล้ว เปิดเผยหลักฐาน %(number)s รายการ", number=number), "success")
    return redirect(url_for("report.show", year=year), 303)


def _plan(year: int) -> Plan:
    plan = documents.plan_of(year)
    if plan is None or plan.state is PlanState.DRAFT:
        abort(404)
    return plan


def _open_plan(year: int) -> Plan:
    plan = _plan(year)
    if plan.state is PlanState.CLOSED:
        abort(404)
    return plan
