"""Gathers the year into a report, lets its cells be edited and freezes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.reporting.editing import EditedCell, cells_of, edit_cell, restore_cell
from tracker.actions.reporting.gathering import inputs_of, speaker
from tracker.actions.reporting.papers import memo_paper, photo_files, plan_paper, six_month_paper
from tracker.actions.reporting.publicity import DOCUMENTS, demand_of, places_of, publish_at
from tracker.actions.reporting.readying import NOTHING_WRITTEN, answer_finding, readiness_of
from tracker.actions.reporting.scans import attach_scan, remove_scan, removed_scans, scans_of
from tracker.actions.reporting.showing import Shown, check_evidence, evidence_of_plan, show_evidence
from tracker.actions.reporting.versions import (
    ANNUAL,
    before,
    closing_waits_for,
    find,
    freeze,
    in_force,
    keep,
    make_room,
    open_again,
    proposed_signature,
    value_of,
    versions_of,
)
from tracker.database import db
from tracker.errors import Refused
from tracker.models import FollowUp, FollowUpState, Plan, PlanState, Report, Round
from tracker.rules.annual import compose
from tracker.rules.moments import day_of
from tracker.rules.paper import Paper, PaperKind
from tracker.rules.permissions import Actor
from tracker.rules.readiness import Readiness
from tracker.rules.report import AnnualReport, from_json
from tracker.rules.report_inputs import Signed

__all__ = [
    "ANNUAL", "DOCUMENTS", "NOTHING_WRITTEN", "EditedCell", "Shown", "UnderWay", "answer_finding",
    "as_it_stands", "attach_scan", "before", "check_evidence", "close", "closed", "closing_waits_for",
    "current", "demand_of", "draft", "edit_cell", "evidence_of_plan", "find", "freeze", "in_force",
    "open_again", "paper_of", "photo_files", "places_of", "proposed_signature", "publish_at", "remove_scan",
    "removed_scans", "reopen", "restore_cell", "scans_of", "show_evidence", "speaker", "under_way",
    "value_of", "versions_of",
]  # fmt: skip

MEMO: PaperKind = "memo"


@dataclass(frozen=True)
class UnderWay:
    """The report as it stands: its draft, the cells that may be overwritten, and what it lacks."""

    value: AnnualReport
    cells: Sequence[EditedCell]
    readiness: Readiness


def draft(plan: Plan, *, now: datetime) -> AnnualReport:
    """The annual report as it would be now, marked as a draft."""
    return _compose(plan, now, is_draft=True)


def under_way(plan: Plan, *, now: datetime) -> UnderWay:
    """The draft with its cells and its readiness, gathered once."""
    inputs, say = inputs_of(plan, now=now, is_draft=True), speaker()
    cells = cells_of(inputs, say)
    return UnderWay(compose(inputs, say), cells, readiness_of(plan, inputs, cells, say, day_of(now)))


def closed(plan: Plan) -> tuple[Report, AnnualReport] | None:
    """The latest closed version and its value, None where there is none."""
    report = db.session.scalars(
        select(Report)
        .where(Report.plan_id == plan.id, Report.kind == ANNUAL)
        .order_by(Report.version.desc())
        .limit(1)
    ).one_or_none()
    return (report, from_json(report.frozen)) if report else None


def current(plan: Plan, *, now: datetime) -> tuple[Report | None, AnnualReport]:
    """The closed version while the plan is closed, else the draft of this moment.

    A year that was reopened is a draft again, though its closed versions are kept.
    """
    found = closed(plan) if plan.state is PlanState.CLOSED else None
    return found or (None, draft(plan, now=now))


def paper_of(plan: Plan, kind: PaperKind, *, now: datetime) -> AnnualReport | Paper:
    """A document of the plan: the closed version that is in force, else as it stands at this moment."""
    closed_version = in_force(plan, kind)
    return value_of(closed_version) if closed_version else as_it_stands(plan, kind, now=now)


def as_it_stands(plan: Plan, kind: PaperKind, *, now: datetime) -> AnnualReport | Paper:
    """What the document would say if it were closed now, whatever its closed versions say."""
    if kind == "plan":
        return plan_paper(plan, now=now)
    if kind == "six-month":
        return six_month_paper(plan, now=now)
    _report, value = current(plan, now=now)
    return memo_paper(plan, value) if kind == "memo" else value


def close(plan: Plan, signed: Signed, *, now: datetime, by: Actor) -> Report:
    """Close the plan's year: freeze the report with its hash; open tasks end as not finished.

    Refused while something must be mended that no reason in writing settles.
    """
    if plan.state is not PlanState.ADOPTED:
        raise Refused("ปิดรายงานได้เฉพาะแผนที่ประกาศใช้แล้วและยังไม่ปิด")
    must = under_way(plan, now=now).readiness.must
    if must:
        raise Refused(
            "ยังปิดรายงานไม่ได้ ต้องแก้ก่อน %(number)s ข้อ: %(first)s", number=len(must), first=must[0].title
        )
    plan.state, plan.closed_at = PlanState.CLOSED, now
    for follow_up in db.session.scalars(
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .where(Round.plan_id == plan.id, FollowUp.state == FollowUpState.WAITING)
    ):
        follow_up.state = FollowUpState.UNANSWERED
    db.session.flush()
    value = _compose(plan, now, is_draft=False, signed=signed)
    return keep(plan, ANNUAL, value, signed, now=now, by=by)


def reopen(plan: Plan, *, now: datetime, by: Actor) -> None:
    """Let a closed year be worked on again; the next closing makes the next version.

    The memo that submitted the closed report makes room with it.
    """
    if plan.state is not PlanState.CLOSED:
        raise Refused("แผนนี้ยังไม่ได้ปิด")
    if plan.is_record:
        raise Refused("ปีงบประมาณ %(year)s เป็นบันทึกผลจากเอกสาร เปิดเป็นแผนไม่ได้", year=plan.fiscal_year)
    for kind in (ANNUAL, MEMO):
        report = in_force(plan, kind)
        if report is not None:
            make_room(report, now=now, by=by)
    plan.state, plan.closed_at = PlanState.ADOPTED, None
    journal.record("report.reopened", "plan", plan.id, now=now, by=by)


def _compose(plan: Plan, now: datetime, *, is_draft: bool, signed: Signed | None = None) -> AnnualReport:
    return compose(inputs_of(plan, now=now, is_draft=is_draft, signed=signed), speaker())
