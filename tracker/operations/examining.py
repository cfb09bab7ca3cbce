"""Looks whether an installation can do its work, and says what to do where it cannot."""

from __future__ import annotations

import errno
import os
import shutil
import smtplib
import ssl
import stat
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from tracker import isolation, trouble
from tracker.config import MEGABYTE, check_url
from tracker.database import across_organisations, db
from tracker.errors import Misconfigured, Unreadable
from tracker.extensions import settings
from tracker.models import JobRun, JournalEntry
from tracker.operations import archive, upgrade
from tracker.operations.findings import Finding, Level, bad, doubtful, good

WEB_SECONDS = 10
LATE = timedelta(minutes=5)
CLOCK_DRIFT = timedelta(minutes=1)
BACKUP_AGE = timedelta(days=2)
LITTLE_SPACE, NO_SPACE = 2048 * MEGABYTE, 200 * MEGABYTE


def examine(now: datetime) -> Iterator[Finding]:
    """What is in order and what is not, one finding after the other; changes nothing."""
    yield from _address()
    yield from _mail_server()
    yield from _folders()
    yield from _space()
    looks: list[Callable[[Connection, datetime], Iterator[Finding]]] = [_tables, _clock, _scheduler]
    if db.engine.dialect.name != "sqlite":
        looks.append(_role)
    for look in looks:
        try:
            with across_organisations("doctor"), db.engine.connect() as connection:
                yield from look(connection, now)
        except DBAPIError as failure:
            if (reason := trouble.told(failure)) == trouble.DAMAGED:
                yield Finding(Level.BAD, reason)
                return
            yield bad(
                "เปิดฐานข้อมูลไม่ได้: %(told)s โปรดตรวจ DATABASE_URL และสิทธิ์ของโฟลเดอร์", told=_short(failure.orig)
            )
            return
    yield from _backups(now)


def _address() -> Iterator[Finding]:
    url = settings().url
    try:
        check_url(url)
    except Misconfigured as failure:
        yield Finding(Level.BAD, failure.message)
        return
    try:
        # Any answer will do: a late scheduler answers 503.
        with urllib.request.urlopen(f"{url}/healthz", timeout=WEB_SECONDS):
            pass
    except urllib.error.HTTPError as answer:
        if answer.code != 503:
            yield bad(
                "%(url)s ตอบ %(code)s โปรดตรวจว่าเว็บเซิร์ฟเวอร์ด้านหน้าส่งต่อมาที่ระบบนี้", url=url, code=answer.code
            )
            return
    except (OSError, ValueError) as failure:
        yield bad(
            "เปิด %(url)s ไม่ได้: %(told)s โปรดตรวจว่าบริการทำงานอยู่ และชื่อกับใบรับรองถูกต้อง",
            url=url,
            told=_short(failure),
        )
        return
    yield good("เปิด %(url)s ได้", url=url)


def _mail_server() -> Iterator[Finding]:
    """Goes with the mail server as far as one can without a mail: encryption, sign-in, the sender's address."""
    config = settings()
    server = f"{config.smtp_host}:{config.smtp_port}"
    try:
        with _connected() as client:
            if client.ehlo()[0] >= 400:
                raise smtplib.SMTPHeloError(*client.ehlo())
            if config.smtp_security == "starttls":
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            if config.smtp_user and not client.has_extn("auth"):
                yield bad(
                    "เซิร์ฟเวอร์จดหมาย %(server)s ไม่รับการลงชื่อเข้าใช้ โปรดตรวจ TRACKER_SMTP_SECURITY", server=server
                )
                return
            if config.smtp_user:
                client.login(config.smtp_user, config.smtp_password)
            code, told = client.mail(config.mail_from)
            if code >= 400:
                yield bad(
                    "เซิร์ฟเวอร์จดหมาย %(server)s ไม่รับผู้ส่ง %(address)s: %(told)s โปรดตรวจ TRACKER_MAIL_FROM",
                    server=server,
                    address=config.mail_from,
                    told=_short(told.decode(errors="replace")),
                )
                return
            client.rset()
    except smtplib.SMTPAuthenticationError as failure:
        yield bad(
            "เซิร์ฟเวอร์จดหมาย %(server)s ไม่รับรหัสผ่าน (%(code)s) โปรดตรวจ TRACKER_SMTP_USER และ TRACKER_SMTP_PASSWORD",
            server=server,
            code=failure.smtp_code,
        )
        return
    except (OSError, smtplib.SMTPException) as failure:
        yield bad(
            "เซิร์ฟเวอร์จดหมาย %(server)s ไม่ตอบ: %(told)s โปรดตรวจ TRACKER_SMTP_HOST และ TRACKER_SMTP_PORT",
            server=server,
            told=_short(failure),
        )
        return
    yield good("เซิร์ฟเวอร์จดหมาย %(server)s ตอบรับ", server=server)
    if config.mail_from.endswith("@localhost"):
        yield doubtful("ยังไม่ได้กำหนด TRACKER_MAIL_FROM จดหมายจะออกในชื่อ %(address)s", address=config.mail_from)


def _connected() -> smtplib.SMTP:
    config = settings()
    if config.smtp_security == "tls":
        return smtplib.SMTP_SSL(
            config.smtp_host,
            config.smtp_port,
            timeout=config.smtp_seconds,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(config.smtp_host, config.smtp_port, timeout=config.smtp_seconds)


def _folders() -> Iterator[Finding]:
    config = settings()
    wrong = False
    for folder in (config.data, config.evidence_folder, config.backup_folder):
        if not folder.exists():
            continue
        try:
            with tempfile.TemporaryFile(dir=folder) as trial:
                trial.write(b"x")
        except OSError as failure:
            wrong = True
            if failure.errno in (errno.ENOSPC, errno.EDQUOT) and (full := trouble.told(failure)):
                yield Finding(Level.BAD, full)
                continue
            yield bad(
                "เขียนในโฟลเดอร์ %(folder)s ไม่ได้: %(told)s โปรดให้สิทธิ์ผู้ใช้ที่รันบริการ",
                folder=folder,
                told=_short(failure),
            )
    if not config.data.is_dir():
        wrong = True
        yield bad("ไม่พบโฟลเดอร์ข้อมูล %(folder)s โปรดตรวจ TRACKER_DATA หรือการต่อดิสก์", folder=config.data)
    elif os.name == "posix" and stat.S_IMODE(config.data.stat().st_mode) & stat.S_IRWXO:
        wrong = True
        yield doubtful(
            "ผู้ใช้อื่นของเครื่องเข้าโฟลเดอร์ข้อมูล %(folder)s ได้ โปรดสั่ง chmod o= %(folder)s", folder=config.data
        )
    if not wrong:
        yield good("โฟลเดอร์ข้อมูล %(folder)s อ่านและเขียนได้", folder=config.data)


def _space() -> Iterator[Finding]:
    folder: Path = settings().data
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    told = {"folder": folder, "free": free // MEGABYTE}
    if free < NO_SPACE:
        yield bad("ดิสก์ของ %(folder)s เหลือ %(free)s MB โปรดเพิ่มพื้นที่ก่อนที่ระบบจะบันทึกไม่ได้", **told)
    elif free < LITTLE_SPACE:
        yield doubtful("ดิสก์ของ %(folder)s เหลือ %(free)s MB โปรดเตรียมเพิ่มพื้นที่", **told)
    else:
        yield good("ดิสก์ของ %(folder)s เหลือ %(free)s MB", **told)


def _tables(connection: Connection, _now: datetime) -> Iterator[Finding]:
    if (unfit := upgrade.unfit()) is not None:
        yield Finding(Level.BAD, unfit)
    elif missing := isolation.gaps(connection):
        yield bad("ตาราง %(tables)s ไม่มีตัวกันข้อมูลข้ามหน่วยงาน โปรดสั่ง tracker migrate", tables=", ".join(missing))
    else:
        yield good("ฐานข้อมูลเป็นรุ่นล่าสุด (%(at)s)", at=upgrade.newest())


def _clock(connection: Connection, now: datetime) -> Iterator[Finding]:
    if upgrade.revision() is None:
        return
    moments = [connection.scalar(select(func.max(column))) for column in (JobRun.started_at, JournalEntry.at)]
    latest = max((moment for moment in moments if moment is not None), default=now)
    if latest - now > CLOCK_DRIFT:
        yield bad("นาฬิกาของเครื่องช้ากว่าสิ่งที่บันทึกไว้แล้ว โปรดตั้งเวลาให้ตรง (timedatectl set-ntp true)")
        return
    if connection.dialect.name != "sqlite":
        theirs = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        if abs(theirs - now) > CLOCK_DRIFT:
            yield bad("นาฬิกาของเครื่องกับของ PostgreSQL ต่างกันเกินหนึ่งนาที โปรดตั้งเวลาทั้งสองเครื่องให้ตรง")
            return
    yield good("นาฬิกาไม่ย้อนหลังสิ่งที่บันทึกไว้")


def _scheduler(connection: Connection, now: datetime) -> Iterator[Finding]:
    if upgrade.revision() is None:
        return
    runs = connection.execute(
        select(JobRun.name, JobRun.started_at, JobRun.problem).order_by(JobRun.name)
    ).all()
    last = max((run.started_at for run in runs), default=None)
    if last is None:
        yield bad("ตัวตั้งเวลายังไม่เคยทำงาน โปรดสั่ง tracker serve หรือเปิดบริการ tracker-jobs")
    elif now - last > LATE:
        yield bad(
            "ตัวตั้งเวลาหยุดไป %(minutes)s นาทีแล้ว โปรดเปิดบริการใหม่", minutes=(now - last) // timedelta(minutes=1)
        )
    else:
        yield good("ตัวตั้งเวลาทำงานอยู่")
    for run in runs:
        if run.problem:
            yield bad("งาน %(name)s ครั้งล่าสุดผิดพลาด: %(problem)s", name=run.name, problem=run.problem)


def _role(connection: Connection, _now: datetime) -> Iterator[Finding]:
    # A member of a role may become it.
    role, bypasses = connection.exec_driver_sql(
        "SELECT current_user, bool_or(rolsuper OR rolbypassrls) FROM pg_roles "
        "WHERE pg_has_role(current_user, oid, 'MEMBER')"
    ).one()
    owned = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND pg_get_userbyid(relowner) = current_user"
    ).scalar_one()
    if bypasses:
        yield bad(
            "ผู้ใช้ฐานข้อมูล %(role)s ข้ามตัวกันระหว่างหน่วยงานได้ (SUPERUSER หรือ BYPASSRLS) โปรดใช้ผู้ใช้ธรรมดาใน DATABASE_URL",
            role=role,
        )
    elif owned:
        yield doubtful(
            "ผู้ใช้ฐานข้อมูล %(role)s เป็นเจ้าของตาราง โปรดแยกเจ้าของไว้ใน MIGRATION_DATABASE_URL", role=role
        )
    else:
        yield good("ผู้ใช้ฐานข้อมูล %(role)s เห็นได้เฉพาะแถวของหน่วยงานที่กำลังทำงาน", role=role)
    for program in ("pg_dump", "pg_restore"):
        if shutil.which(program) is None:
            yield bad("ไม่พบโปรแกรม %(program)s โปรดติดตั้งชุด postgresql-client", program=program)


def _backups(now: datetime) -> Iterator[Finding]:
    kept = archive.kept(settings().backup_folder)
    if not kept:
        yield doubtful(
            "ยังไม่มีสำเนาสำรองใน %(folder)s โปรดสั่ง tracker backup ทุกวัน", folder=settings().backup_folder
        )
        return
    try:
        age = now - datetime.fromisoformat(archive.manifest_of(kept[-1]).made_at)
    except Unreadable as failure:
        yield Finding(Level.BAD, failure.message)
        return
    if age > BACKUP_AGE:
        yield doubtful("สำเนาสำรองล่าสุดอายุ %(days)s วัน โปรดสั่ง tracker backup ทุกวัน", days=age.days)
    else:
        yield good("สำเนาสำรองล่าสุดคือ %(name)s", name=kept[-1].name)


def _short(failure: object) -> str:
    return " ".join(str(failure).split())[:200]
