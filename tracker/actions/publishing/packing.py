"""Gathers what a closed report gives to the public: the report itself and its public evidence, nothing internal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from tracker import storage
from tracker.actions.publishing.visible import evidence_of, known_by, visible
from tracker.database import current_organisation, db
from tracker.errors import Refused
from tracker.models import Plan, PlanState, Report, ReportScan
from tracker.rules.cells import Say
from tracker.rules.moments import day_of
from tracker.rules.publication import Demanded, Enclosed, Manifest, is_public, numbered, public_report
from tracker.rules.report import AnnualReport

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
    scan: Path | None = None


def package_of(
    plan: Plan,
    closed: tuple[Report, AnnualReport] | None,
    demanded: tuple[Demanded, ...],
    say: Say = str,
) -> Package:
    """The package of the closed report; Refused with the reason while the report is a draft."""
    if plan.state is not PlanState.CLOSED or closed is None:
        raise Refused("ยังทำชุดเผยแพร่ไม่ได้ เพราะรายงานยังเป็นฉบับร่าง กรุณาปิดรายงานก่อน แล้วจึงดาวน์โหลดชุดเผยแพร่")
    row, report = closed
    return packed(plan, row, report, demanded, say)


def packed(
    plan: Plan, row: Report, report: AnnualReport, demanded: tuple[Demanded, ...], say: Say = str
) -> Package:
    """The package of a closed version."""
    scan, seen = scan_of(row.id), visible(plan.id)
    public = seen.public
    files = {sha256: one for sha256, one in seen.shown.items() if one.storage_name}
    places = numbered(
        report.annex.proofs,
        {sha256: _ENDINGS[one.media_type] for sha256, one in files.items() if one.media_type in _ENDINGS},
    )
    withdrawn = {known_by(one) for one in evidence_of(plan.id) if one.withdrawn_at is not None}
    return Package(
        public_report(report, public, say),
        {place: storage.path_of(files[sha256].storage_name or "") for sha256, place in places.items()},
        Manifest(
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
                proof.number
                for proof in report.annex.proofs
                if (proof.sha256 or proof.file_name) in withdrawn
            ),
            signed=f"signed-{plan.fiscal_year}.{_ENDINGS[scan.media_type]}" if scan else "",
        ),
        storage.path_of(scan.storage_name) if scan else None,
    )


def scan_of(report_id: int) -> ReportScan | None:
    """The signed scan of a closed version, which goes first."""
    return db.session.scalars(
        select(ReportScan).where(ReportScan.report_id == report_id, ReportScan.removed_at.is_(None))
    ).one_or_none()
