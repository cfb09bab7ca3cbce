"""Keeps the signed scan of a closed document, and the trace of those that were removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Report, ReportScan
from tracker.rules.permissions import Actor
from tracker.storage import Stored

SCANNED = frozenset({"application/pdf", "image/png", "image/jpeg"})
LONGEST = 500


def scans_of(reports: Sequence[Report]) -> dict[int, ReportScan]:
    """The scan that stands for each report which has one, by the report's id."""
    return {
        scan.report_id: scan
        for scan in db.session.scalars(
            select(ReportScan)
            .where(ReportScan.report_id.in_([one.id for one in reports]), ReportScan.removed_at.is_(None))
            .order_by(ReportScan.id)
        )
    }


def removed_scans(report: Report) -> Sequence[ReportScan]:
    return db.session.scalars(
        select(ReportScan)
        .where(ReportScan.report_id == report.id, ReportScan.removed_at.is_not(None))
        .order_by(ReportScan.id)
    ).all()


def attach_scan(report: Report, stored: Stored, *, now: datetime, by: Actor) -> ReportScan:
    """Keep a PDF or a picture of the signed paper; an earlier one must have been removed with a reason."""
    if stored.media_type not in SCANNED:
        raise Refused("สำเนาที่ลงนามต้องเป็นแฟ้ม PDF หรือภาพ PNG, JPG")
    if scans_of([report]):
        raise Refused("ฉบับนี้มีสำเนาที่ลงนามแล้ว นำสำเนาเดิมออกก่อนจึงแนบใหม่ได้")
    scan = ReportScan(
        report_id=report.id,
        name=stored.name,
        storage_name=stored.storage_name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        added_at=now,
        by_user_id=by.user_id,
    )
    db.session.add(scan)
    db.session.flush()
    journal.record("scan.attached", "report", report.id, now=now, by=by, scan=scan.id, sha256=scan.sha256)
    return scan


def remove_scan(report: Report, reason: str, *, now: datetime, by: Actor) -> None:
    """Offer the scan no longer; its row, its hash and the reason stay."""
    scan = scans_of([report]).get(report.id)
    if scan is None:
        raise Refused("ฉบับนี้ไม่มีสำเนาที่ลงนาม")
    reason = reason.strip()
    if not reason:
        raise FieldsRefused({"reason": Message("กรุณาเขียนเหตุผลที่นำสำเนาออก")})
    if len(reason) > LONGEST:
        raise FieldsRefused({"reason": Message("ข้อความยาวเกิน %(limit)s ตัวอักษร", {"limit": LONGEST})})
    scan.removed_at, scan.removed_by_id, scan.removed_reason = now, by.user_id, reason
    journal.record("scan.removed", "report", report.id, now=now, by=by, scan=scan.id)
