"""Whether what is kept is still what was kept: tables, journal, closed reports, evidence and source documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from tracker import clock
from tracker.database import across_organisations, db
from tracker.errors import Message, TrackerError
from tracker.extensions import settings
from tracker.models import Evidence, JournalEntry, Organisation, Report, ReportScan
from tracker.operations import anchors, archive, chain, leftovers, upgrade
from tracker.operations.chain import Head
from tracker.operations.findings import Finding, Level, bad, doubtful, good


def verify() -> Iterator[Finding]:
    """Every fault of this installation, then what was looked at and how many faults; kept backups are witnesses."""
    if (unfit := upgrade.unfit()) is not None:
        yield Finding(Level.BAD, unfit)
        return
    witnesses, number = [*_witnesses(), *anchors.noted()], 0
    with across_organisations("verify"), db.engine.connect() as connection:
        for message in faults(connection, settings().data, witnesses):
            number += 1
            yield Finding(Level.BAD, message)
        for path in leftovers.leftovers(connection, settings().data, clock.now() - leftovers.TOLD_AFTER):
            yield doubtful(
                "แฟ้ม %(name)s ใน %(folder)s ไม่มีรายการใดใช้ ระบบแยกไว้เมื่อครบ %(days)s วัน และลบเมื่อครบอีก %(days)s วัน",
                name=path.name,
                folder=path.relative_to(settings().data).parts[0],
                days=leftovers.REMOVED_AFTER.days,
            )
        looked_at = {
            "entries": connection.scalar(select(func.count()).select_from(JournalEntry.__table__)),
            "reports": connection.scalar(select(func.count()).select_from(Report.__table__)),
            "files": connection.scalar(
                select(func.count()).select_from(Evidence.__table__).where(Evidence.storage_name.is_not(None))
            ),
        }
    if number:
        yield bad(
            "ตรวจบันทึกเหตุการณ์ %(entries)s รายการ รายงานที่ปิดแล้ว %(reports)s ฉบับ และแฟ้มหลักฐาน %(files)s แฟ้มแล้ว "
            "พบข้อผิดพลาด %(number)s ข้อข้างต้น",
            **looked_at,
            number=number,
        )
        return
    yield good(
        "ตรวจบันทึกเหตุการณ์ %(entries)s รายการ รายงานที่ปิดแล้ว %(reports)s ฉบับ และแฟ้มหลักฐาน %(files)s แฟ้มแล้ว ไม่พบข้อผิดพลาด",
        **looked_at,
    )


def faults(
    connection: Connection, data: Path, witnesses: list[tuple[str, Mapping[int, Head]]] | None = None
) -> Iterator[Message]:
    """What is not as it was kept, in a database and the data folder beside it."""
    try:
        if connection.dialect.name == "sqlite":
            yield from _damage(connection)
        yield from chain.faults(connection, witnesses or ())
        yield from _changed_reports(connection)
        yield from _changed_evidence(connection, data)
        yield from _changed_scans(connection, data)
        yield from _changed_sources(connection, data)
    except DBAPIError as failure:
        # What cannot be read to its end has more than one fault.
        yield _broken(failure.orig)


def hash_of(path: Path) -> str | None:
    """The sha-256 of a file, None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _witnesses() -> Iterator[tuple[str, Mapping[int, Head]]]:
    for file in archive.kept(settings().backup_folder):
        try:
            yield file.name, archive.manifest_of(file).heads
        except TrackerError:
            continue


def _damage(connection: Connection) -> Iterator[Message]:
    for (told,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if told != "ok":
            yield _broken(told)
    for table, row, other, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Message(
            "ตาราง %(table)s แถว %(row)s อ้างถึง %(other)s ที่ไม่มีอยู่", {"table": table, "row": row, "other": other}
        )


def _broken(told: object) -> Message:
    return Message("ฐานข้อมูลเสียหาย: %(told)s โปรดกู้คืนจากสำเนาสำรอง", {"told": told})


def _changed_reports(connection: Connection) -> Iterator[Message]:
    reports = connection.execute(
        select(Organisation.slug, Report.kind, Report.version, Report.frozen, Report.sha256)
        .join(Organisation, Organisation.id == Report.organisation_id)
        .order_by(Report.id)
    )
    for slug, kind, version, frozen, digest in reports:
        if hashlib.sha256(frozen.encode()).hexdigest() != digest:
            yield Message(
                "รายงาน %(kind)s ฉบับที่ %(version)s ของ %(slug)s ไม่ตรงกับ sha-256 ที่จดไว้ตอนปิด: ถูกแก้ไข",
                {"kind": kind, "version": version, "slug": slug},
            )


def _changed_evidence(connection: Connection, data: Path) -> Iterator[Message]:
    rows = connection.execute(
        select(Organisation.slug, Evidence.id, Evidence.storage_name, Evidence.sha256)
        .join(Organisation, Organisation.id == Evidence.organisation_id)
        .where(Evidence.storage_name.is_not(None))
        .order_by(Evidence.id)
    )
    for slug, number, name, digest in rows:
        found = hash_of(data / "evidence" / str(name)[:2] / str(name))
        told = {"slug": slug, "number": number, "name": name}
        if found is None:
            yield Message("แฟ้มหลักฐานเลขที่ %(number)s ของ %(slug)s (%(name)s) หายไป โปรดกู้คืนจากสำเนาสำรอง", told)
        elif found != digest:
            yield Message("แฟ้มหลักฐานเลขที่ %(number)s ของ %(slug)s (%(name)s) ถูกเปลี่ยนเนื้อหา", told)


def _changed_scans(connection: Connection, data: Path) -> Iterator[Message]:
    rows = connection.execute(
        select(Organisation.slug, Report.kind, Report.version, ReportScan.storage_name, ReportScan.sha256)
        .join(Report, Report.id == ReportScan.report_id)
        .join(Organisation, Organisation.id == Report.organisation_id)
        .order_by(ReportScan.id)
    )
    for slug, kind, version, name, digest in rows:
        found = hash_of(data / "evidence" / str(name)[:2] / str(name))
        told = {"slug": slug, "kind": kind, "version": version, "name": name}
        if found is None:
            yield Message(
                "สำเนาที่ลงนามของ %(kind)s ฉบับที่ %(version)s ของ %(slug)s (%(name)s) หายไป โปรดกู้คืนจากสำเนาสำรอง",
                told,
            )
        elif found != digest:
            yield Message(
                "สำเนาที่ลงนามของ %(kind)s ฉบับที่ %(version)s ของ %(slug)s (%(name)s) ถูกเปลี่ยนเนื้อหา", told
            )


def _changed_sources(connection: Connection, data: Path) -> Iterator[Message]:
    for digest in connection.scalars(leftovers.SOURCES):
        if digest and hash_of(data / "sources" / digest) != digest:
            yield Message("เอกสารต้นทางของแผน %(name)s หายไปหรือถูกเปลี่ยนเนื้อหา", {"name": digest})
