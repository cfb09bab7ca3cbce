"""Keeps the numbered, frozen versions of the plan's documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select

from tracker import journal
from tracker.actions.reporting.papers import memo_paper, plan_paper, six_month_paper
from tracker.actions.reporting.period import last_day_of
from tracker.database import db
from tracker.errors import Message, Refused
from tracker.models import Plan, PlanState, Report
from tracker.rules.frozen import sha256_of, to_json
from tracker.rules.moments import day_of
from tracker.rules.paper import Paper, PaperKind
from tracker.rules.permissions import Actor
from tracker.rules.report import AnnualReport
from tracker.rules.report_inputs import Signed
from tracker.rules.thai import PrintedDay
from tracker.rules.versions import KINDS, read

ANNUAL: PaperKind = "annual"
_UNSIGNED = Signed("", None, "", "")


def versions_of(plan: Plan) -> dict[PaperKind, list[Report]]:
    """Every version of each document of the plan, the newest first."""
    found: dict[PaperKind, list[Report]] = {kind: [] for kind in KINDS}
    for report in db.session.scalars(
        select(Report).where(Report.plan_id == plan.id).order_by(Report.version.desc())
    ):
        found[cast(PaperKind, report.kind)].append(report)
    return found


def value_of(report: Report) -> AnnualReport | Paper:
    return read(cast(PaperKind, report.kind), report.frozen)


def in_force(plan: Plan, kind: PaperKind) -> Report | None:
    """The version that stands for the document now; None where it was never closed or was opened again."""
    if kind == ANNUAL and plan.state is not PlanState.CLOSED:
        return None
    latest = _latest(plan, kind)
    return latest if latest is not None and latest.reopened_at is None else None


def closing_waits_for(plan: Plan, kind: PaperKind, now: datetime) -> Message | None:
    """Why the document cannot be closed now; None where it can. The annual report closes with its year."""
    if plan.state is PlanState.DRAFT:
        return Message("ปิดเอกสารได้เมื่อประกาศใช้แผนแล้ว")
    if in_force(plan, kind) is not None:
        return Message("เอกสารนี้ปิดอยู่แล้ว เปิดเป็นฉบับถัดไปก่อนจึงปิดใหม่ได้")
    if kind == "memo" and in_force(plan, ANNUAL) is None:
        return Message("ปิดบันทึกข้อความได้เมื่อปิดรายงานประจำปีแล้ว")
    if kind == "six-month" and day_of(now) <= last_day_of(plan):
        return Message(
            "ปิดรายงานรอบ 6 เดือนได้หลังวันที่ %(day)s", {"day": PrintedDay(last_day_of(plan), whole=True)}
        )
    return None


def freeze(plan: Plan, kind: PaperKind, signed: Signed, *, now: datetime, by: Actor) -> Report:
    """Close the plan, the six-month report or the memo as its next version, with what was signed as text."""
    waits = closing_waits_for(plan, kind, now)
    if waits is not None:
        raise Refused(waits.template, **waits.values)
    if kind == "plan":
        value = plan_paper(plan, now=now, signed=signed)
    elif kind == "six-month":
        value = six_month_paper(plan, now=now, signed=signed)
    else:
        annual = in_force(plan, ANNUAL)
        assert annual is not None
        value = memo_paper(plan, cast(AnnualReport, value_of(annual)), signed=signed)
    return keep(plan, kind, value, signed, now=now, by=by)


def keep(
    plan: Plan, kind: PaperKind, value: AnnualReport | Paper, signed: Signed, *, now: datetime, by: Actor
) -> Report:
    """Write the value down as the next version of its kind."""
    latest = _latest(plan, kind)
    report = Report(
        plan_id=plan.id,
        kind=kind,
        version=latest.version + 1 if latest else 1,
        frozen=to_json(value),
        sha256=sha256_of(value),
        closed_at=now,
        by_user_id=by.user_id,
        document_number=signed.document_number,
        signed_on=signed.signed_on,
        signer=signed.signer,
        signer_position=signed.position,
    )
    db.session.add(report)
    db.session.flush()
    journal.record(
        "report.closed", "report", report.id, now=now, by=by, document=kind, version=report.version
    )
    return report


def open_again(plan: Plan, kind: PaperKind, *, now: datetime, by: Actor) -> None:
    """Let a closed document be told anew; the closed version is kept, and the next closing makes the next one."""
    report = in_force(plan, kind)
    if report is None:
        raise Refused("เอกสารนี้ยังไม่ได้ปิด")
    make_room(report, now=now, by=by)


def make_room(report: Report, *, now: datetime, by: Actor) -> None:
    report.reopened_at = now
    journal.record("document.reopened", "report", report.id, now=now, by=by, document=report.kind)


def proposed_signature(plan: Plan, kind: PaperKind) -> Signed:
    """What stands in the form before anybody wrote: the plan's own signature, or that of the last version."""
    latest = _latest(plan, kind)
    if latest is not None:
        return Signed("", None, latest.signer, latest.signer_position)
    if kind == "plan":
        return Signed(plan.document_number, plan.signed_on, plan.signer, plan.signer_position)
    return _UNSIGNED


def find(plan: Plan, kind: str, number: int) -> Report | None:
    return db.session.scalars(
        select(Report).where(Report.plan_id == plan.id, Report.kind == kind, Report.version == number)
    ).one_or_none()


def before(report: Report) -> Sequence[Report]:
    """The earlier versions of the same document, the newest first."""
    return db.session.scalars(
        select(Report)
        .where(Report.plan_id == report.plan_id, Report.kind == report.kind, Report.version < report.version)
        .order_by(Report.version.desc())
    ).all()


def _latest(plan: Plan, kind: PaperKind) -> Report | None:
    return db.session.scalars(
        select(Report)
        .where(Report.plan_id == plan.id, Report.kind == kind)
        .order_by(Report.version.desc())
        .limit(1)
    ).one_or_none()
