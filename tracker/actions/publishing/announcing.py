"""Publishes a closed version of the report on its own page, and withdraws it with a reason that stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.publishing.visible import visible
from tracker.database import db
from tracker.errors import FieldsRefused, Message, NotFound, Refused
from tracker.models import Evidence, Plan, PlanState, Publication, Report
from tracker.rules.permissions import Actor
from tracker.rules.publication import refused
from tracker.rules.readiness import tells_of_a_person

ANNUAL = "annual"
LONGEST = 500


@dataclass(frozen=True)
class Edition:
    """A version of a year's report that was published; `withdrawn_at` is None while it may be seen."""

    publication_id: int
    report_id: int
    plan_id: int
    year: int
    version: int
    sha256: str
    document_number: str
    published_at: datetime
    withdrawn_at: datetime | None
    reason: str


def editions() -> list[Edition]:
    """Every version that was ever published, the latest year and version first, as its last publication left it."""
    rows = db.session.execute(
        select(
            Publication.id,
            Report.id,
            Plan.id,
            Plan.fiscal_year,
            Report.version,
            Report.sha256,
            Report.document_number,
            Publication.at,
            Publication.withdrawn_at,
            Publication.withdrawn_reason,
        )
        .join(Report, Report.id == Publication.report_id)
        .join(Plan, Plan.id == Report.plan_id)
        .order_by(Plan.fiscal_year.desc(), Report.version.desc(), Publication.id.desc())
    )
    latest: dict[int, Edition] = {}
    for row in rows:
        latest.setdefault(row[1], Edition(*tuple(row)))
    return list(latest.values())


def doubtful(plan: Plan) -> list[Evidence]:
    """Evidence for the public whose name or caption looks like personal data and that nobody has checked."""
    return [
        one
        for one in visible(plan.id).shown.values()
        if one.checked_at is None and (tells_of_a_person(one.name) or tells_of_a_person(one.caption))
    ]


def publish(plan: Plan, *, sure: bool, now: datetime, by: Actor) -> Publication:
    """Publish the latest closed version; `sure` says that what looks like personal data was looked at."""
    report = _latest(plan)
    if plan.state is not PlanState.CLOSED or report is None:
        raise Refused("เผยแพร่ได้เฉพาะรายงานที่ปิดแล้ว กรุณาปิดรายงานก่อน")
    why = refused(
        published=_live(report.id) is not None,
        doubtful=len(doubtful(plan)),
        sure=sure,
        version=report.version,
    )
    if why is not None:
        raise FieldsRefused({"sure": why})
    publication = Publication(report_id=report.id, at=now, by_user_id=by.user_id)
    db.session.add(publication)
    db.session.flush()
    journal.record("report.published", "report", report.id, now=now, by=by, version=report.version)
    return publication


def withdraw(plan: Plan, version: int, reason: str, *, now: datetime, by: Actor) -> Publication:
    """Take a published version off its page, where the day and the reason stay."""
    report = db.session.scalars(
        select(Report).where(Report.plan_id == plan.id, Report.kind == ANNUAL, Report.version == version)
    ).one_or_none()
    publication = _live(report.id) if report else None
    if report is None or publication is None:
        raise NotFound("ไม่พบฉบับที่เผยแพร่อยู่")
    reason = " ".join(reason.split())
    if not reason:
        raise FieldsRefused({"reason": Message("เขียนเหตุผลที่ถอน เพราะจะแสดงแทนหน้านี้")})
    if len(reason) > LONGEST:
        raise FieldsRefused({"reason": Message("ข้อความยาวเกิน %(limit)s ตัวอักษร", {"limit": LONGEST})})
    publication.withdrawn_at, publication.withdrawn_reason = now, reason
    publication.withdrawn_by_user_id = by.user_id
    db.session.flush()
    journal.record("report.withdrawn", "report", report.id, now=now, by=by, version=version)
    return publication


def _latest(plan: Plan) -> Report | None:
    return db.session.scalars(
        select(Report)
        .where(Report.plan_id == plan.id, Report.kind == ANNUAL)
        .order_by(Report.version.desc())
        .limit(1)
    ).one_or_none()


def _live(report_id: int) -> Publication | None:
    return db.session.scalars(
        select(Publication).where(Publication.report_id == report_id, Publication.withdrawn_at.is_(None))
    ).one_or_none()
