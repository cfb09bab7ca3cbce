"""Copies the whole installation into one file while it runs, and brings it back from there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from tracker.database import across_organisations, db
from tracker.errors import Message, Refused, Unreadable
from tracker.extensions import settings
from tracker.models import JobRun, Organisation
from tracker.operations import anchors, archive, chain, databases, upgrade, verifying
from tracker.operations.archive import Manifest
from tracker.operations.findings import Finding, Level, doubtful, good

# What is made anew, or is a copy itself.
NOT_KEPT = {"backups", "cache", "upgrade.lock", anchors.NAME}
STILL_RUNNING = timedelta(minutes=2)


def make(folder: Path, *, now: datetime) -> tuple[Path, list[Finding]]:
    """Write a backup into the folder while others work; done only when it was restored in a temporary place.

    Returns the file and what was found on the way: faults that the installation itself has are kept as they are.
    Keeps the newest ones of the folder. Raises Refused where what came back is not what was kept.
    """
    revision = upgrade.revision()
    if revision is None:
        raise Refused("ยังไม่มีข้อมูลให้สำรอง")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise Refused("เขียนในโฟลเดอร์ %(folder)s ไม่ได้ โปรดเลือกที่อื่น", folder=folder) from failure
    target = folder / archive.name_of(now)
    if target.exists():
        raise Refused("มีสำเนาสำรอง %(name)s อยู่แล้ว", name=target.name)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder) as work:
        place = Path(work)
        # The database first: every file that its rows name was on the disk before they were.
        database, (counts, heads) = databases.save_and_look(
            place / "database", lambda connection: (databases.counts(connection), chain.heads(connection))
        )
        unfinished = place / "backup.zip"
        archive.write(
            unfinished, database, list(_files()), now=now, revision=revision, counts=counts, heads=heads
        )
        database.unlink()
        findings = _check(unfinished, place / "restored")
        os.replace(unfinished, target)
    databases.keep_newest(folder, archive.NAMES, settings().backups_kept)
    return target, findings


def restore(file: Path, *, force: bool, now: datetime) -> Manifest:
    """Put what a backup holds in the place of this installation; with `force` what is there is put aside first.

    Raises Unreadable for a damaged file before anything is touched, Refused where there are data or a running
    service. Brings an older backup to the newest tables.
    """
    settings().data.mkdir(parents=True, exist_ok=True)
    with upgrade.alone(), tempfile.TemporaryDirectory(prefix=".restore-", dir=settings().data) as work:
        place = Path(work)
        manifest = archive.unpack(file, place)
        _require_fitting(manifest, file)
        if _running(now):
            raise Refused("บริการยังทำงานอยู่ โปรดหยุดเว็บและตัวตั้งเวลา รอสองนาที แล้วกู้คืนใหม่")
        present = [
            path
            for path in settings().data.iterdir()
            if path.is_dir() and _is_kept(path) and any(_below(path))
        ]
        if (present or _in_use()) and not force:
            raise Refused("ปลายทางมีข้อมูลอยู่แล้ว หากต้องการแทนที่ให้ใช้ --force ข้อมูลเดิมจะถูกย้ายเก็บไว้ในโฟลเดอร์ backups")
        aside = settings().backup_folder / f"before-restore-{now:%Y%m%d-%H%M%S}"
        for path in present:
            aside.mkdir(parents=True, exist_ok=True)
            shutil.move(path, aside / path.name)
        if anchors.file().exists():
            # What was noted of the history that is given up is no witness against the one that goes on.
            aside.mkdir(parents=True, exist_ok=True)
            shutil.move(anchors.file(), aside / anchors.NAME)
        unpacked = place / archive.DATA
        for path in unpacked.iterdir() if unpacked.is_dir() else ():
            _replace(path, settings().data / path.name)
        databases.load(place / manifest.database, aside)
        # A dump holds no rights.
        upgrade.grant()
        _put_aside_later(manifest, aside)
    upgrade.migrate(now)
    return manifest


def _put_aside_later(manifest: Manifest, aside: Path) -> None:
    """Backups of the history that was given up: they are no witnesses against the one that goes on."""
    for kept in archive.kept(settings().backup_folder):
        with suppress(Unreadable):
            heads = archive.manifest_of(kept).heads
            if any(
                number not in manifest.heads or head.length > manifest.heads[number].length
                for number, head in heads.items()
            ):
                aside.mkdir(parents=True, exist_ok=True)
                shutil.move(kept, aside / kept.name)


def _files() -> Iterator[tuple[str, Path]]:
    """Every file beside the database that is to be kept, with its place in the data folder."""
    data = settings().data
    for entry in sorted(data.iterdir()):
        if _is_kept(entry):
            for path in sorted(_below(entry)):
                yield path.relative_to(data).as_posix(), path


def _is_kept(entry: Path) -> bool:
    database = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    return not (
        entry.name in NOT_KEPT
        or entry.name.startswith((".", "upgrade.lock"))
        or (database and entry.name.startswith(Path(database).name) and entry.parent == Path(database).parent)
    )


def _below(entry: Path) -> Iterator[Path]:
    """The files that are finished, in a folder and all below it, or the file itself."""
    for path in [entry, *entry.rglob("*")] if entry.is_dir() else [entry]:
        if path.is_file() and path.suffix != ".part":
            yield path


def _replace(path: Path, place: Path) -> None:
    """Put a file or folder in its place, where at most the key stands that was made at the first start."""
    if place.is_file():
        place.unlink()
    shutil.move(path, place)


def _check(file: Path, folder: Path) -> list[Finding]:
    """Restore into the folder and compare; Refused where the copy is worse than the installation."""
    manifest = archive.unpack(file, folder)
    told = [good("กู้คืนทดสอบแล้ว แฟ้ม %(files)s แฟ้ม sha-256 ตรงทุกแฟ้ม", files=len(manifest.files))]
    with databases.opened(folder / manifest.database) as engine:
        if engine is None:
            return [
                *told,
                doubtful(
                    "อ่านสำเนาฐานข้อมูลได้ครบ แต่ยังไม่ได้กู้คืนทดสอบ โปรดให้สิทธิ์ CREATEDB แก่ผู้ใช้ใน MIGRATION_DATABASE_URL"
                ),
            ]
        with engine.connect() as connection:
            if (found := databases.counts(connection)) != manifest.counts:
                wrong = sorted(name for name, _ in set(found.items()) ^ set(manifest.counts.items()))
                raise Refused("สำเนาสำรองมีจำนวนแถวไม่ตรงในตาราง %(tables)s จึงไม่เก็บไว้", tables=", ".join(wrong))
            if manifest.revision != upgrade.newest():
                # What the program looks for in newer tables is no fault of older ones.
                return [
                    *told,
                    doubtful(
                        "ฐานข้อมูลในสำเนาครบทุกตาราง แต่เป็นรุ่น %(at)s จึงยังไม่ได้ตรวจเนื้อหา โปรดสั่ง tracker migrate",
                        at=manifest.revision,
                    ),
                ]
            faults = list(verifying.faults(connection, folder / archive.DATA))
    if not faults:
        rows = sum(manifest.counts.values())
        return [*told, good("ฐานข้อมูลในสำเนามี %(rows)s แถว ครบทุกตาราง และหลักฐานครบทุกแฟ้ม", rows=rows)]
    return [*told, *(Finding(Level.BAD, fault) for fault in _own(faults))]


def _own(faults: list[Message]) -> list[Message]:
    """The faults of the copy, all of which the installation has too; Refused for one more."""
    with across_organisations("backup"), db.engine.connect() as connection:
        of_installation = Counter(map(str, verifying.faults(connection, settings().data)))
    for fault in faults:
        if not of_installation[str(fault)]:
            raise Refused("สำเนาสำรองไม่ตรงกับข้อมูลจริง จึงไม่เก็บไว้: %(fault)s", fault=fault)
    return faults


def _require_fitting(manifest: Manifest, file: Path) -> None:
    if not upgrade.known(manifest.revision):
        raise Refused("สำเนาสำรอง %(name)s ทำด้วยโปรแกรมรุ่นที่ใหม่กว่า โปรดปรับปรุงโปรแกรมก่อน", name=file.name)
    if Path(manifest.database).suffix != databases.ENDINGS[db.engine.dialect.name]:
        raise Refused("สำเนาสำรองเป็นของฐานข้อมูลคนละชนิดกับ DATABASE_URL")


def _running(now: datetime) -> bool:
    """Whether the scheduler beat just now; a database that cannot be read has none."""
    with suppress(DBAPIError), across_organisations("restore"), db.engine.connect() as connection:
        last = connection.scalar(select(JobRun.started_at).order_by(JobRun.started_at.desc()).limit(1))
        return last is not None and abs(now - last) < STILL_RUNNING
    return False


def _in_use() -> bool:
    """Whether the database has an organisation, or cannot be read: that is not ours to replace without a word."""
    try:
        with across_organisations("restore"), db.engine.connect() as connection:
            if not inspect(connection).has_table(Organisation.__tablename__):
                return False
            return connection.scalar(select(Organisation.id).limit(1)) is not None
    except DBAPIError:
        return True
