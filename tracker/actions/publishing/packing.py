"""Gathers what a closed report gives to the public: the report itself and its public evidence, nothing internal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from tracker import storage
from tracker.actions.publishing.announcing import Edition
from tracker.actions.publishing.visible import evidence_of, known_by, visible
from tracker.database import current_organisation, db
from tracker.errors import Refused
from tracker.models import Plan, PlanState, Report, ReportScan
from tracker.rules.cells import Say
from tracker.rules.moments import day_of
from tracker.rules.paper import Paper
from tracker.rules.publication import (
    Demanded,
    Enclosed,
    Manifest,
    contents_of,
    is_public,
    numbered,
    public_report,
)
from tracker.rules.report import AnnualReport, from_json, to_json

PHOTO = "jpg"
_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": PHOTO,
    "image/jpeg": PHOTO,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


@dataclass(frozen=True)
class Package:
    """What goes into the package: the public report, where its files lie by their place in it, and the manifest.

    `scan` is where the signed scan lies, which goes first.
    """

    report: AnnualReport
    files: Mapping[str, Path]
    manifest: Manifest
    contents: Paper
    scan: Path | None = None

    @property
    def key(self) -> str:
        """What the package is known by: what it says, and which files there are."""
        told = (self.manifest, to_json(self.report), sorted(map(str, self.files.values())), str(self.scan))
        return hashlib.sha256(repr(told).encode()).hexdigest()


def package_of(
    plan: Plan,
    closed: tuple[Report, AnnualReport] | None,
    demanded: tuple[Demanded, ...],
    say: Say,
) -> Package:
    """The package of the closed report; Refused with the reason while the report is a draft."""
    if plan.state is not PlanState.CLOSED or closed is None:
        raise Refused("ยังทำชุดเผยแพร่ไม่ได้ เพราะรายงานยังเป็นฉบับร่าง กรุณาปิดรายงานก่อน แล้วจึงดาวน์โหลดชุดเผยแพร่")
    row, report = closed
    return _packed(plan, row, report, demanded, say)


def package_of_version(report_id: int, demanded: tuple[Demanded, ...], say: Say) -> Package:
    """The package of a closed version, also while its year is being worked on again."""
    row = db.session.scalars(select(Report).where(Report.id == report_id)).one()
    plan = db.session.scalars(select(Plan).where(Plan.id == row.plan_id)).one()
    return _packed(plan, row, from_json(row.frozen), demanded, say)


def _packed(
    plan: Plan, row: Report, report: AnnualReport, demanded: tuple[Demanded, ...], say: Say
) -> Package:
    scan, seen = scan_of(row.id), visible(plan.id)
    public = seen.public
    files = {sha256: one for sha256, one in seen.shown.items() if one.storage_name}
    places = numbered(
        report.annex.proofs,
        {sha256: _ENDINGS[one.media_type] for sha256, one in files.items() if one.media_type in _ENDINGS},
    )
    withdrawn = {known_by(one) for one in evidence_of(plan.id) if one.withdrawn_at is not None}
    manifest = Manifest(
        organisation=current_organisation().name,
        fiscal_year=plan.fiscal_year,
        version=row.version,
        closed_on=day_of(row.closed_at).isoformat(),
        document_number=row.document_number,
        report_sha256=row.sha256,
        demanded=demanded,
        evidence=tuple(
            Enclosed(places[proof.sha256], proof.caption, proof.day, proof.sha256)
            for proof in report.annex.proofs
            if proof.sha256 in places and is_public(proof, public)
        ),
        withdrawn=tuple(
            proof.number for proof in report.annex.proofs if (proof.sha256 or proof.file_name) in withdrawn
        ),
        signed=f"signed-{plan.fiscal_year}.{ending_of(scan)}" if scan else "",
    )
    told = public_report(report, public, say)
    return Package(
        told,
        {place: storage.path_of(files[sha256].storage_name or "") for sha256, place in places.items()},
        manifest,
        contents_of(manifest, told, say),
        storage.path_of(scan.storage_name) if scan else None,
    )


def scan_of(report_id: int) -> ReportScan | None:
    """The signed scan of a closed version, which goes first."""
    return db.session.scalars(
        select(ReportScan).where(ReportScan.report_id == report_id, ReportScan.removed_at.is_(None))
    ).one_or_none()


def ending_of(scan: ReportScan) -> str:
    return _ENDINGS[scan.media_type]


def removed_scan(edition: Edition) -> ReportScan | None:
    """The scan that the public could open and that was removed last; one that left before is the office's own."""
    return db.session.scalars(
        select(ReportScan)
        .where(ReportScan.report_id == edition.report_id, ReportScan.removed_at >= edition.published_at)
        .order_by(ReportScan.removed_at.desc())
        .limit(1)
    ).one_or_none()
