"""The commands of an operator: each prints its findings, a line each, and returns 1 where one of them is bad."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select

from tracker import clock
from tracker.actions import disclosing, parting
from tracker.app import create_app
from tracker.config import Config, data_folder, load
from tracker.database import db, organisation_scope, writing
from tracker.errors import Message, Misconfigured
from tracker.locale import say, speaking
from tracker.models import User
from tracker.operations import backup as backups
from tracker.operations import examining, purging, verifying
from tracker.operations.findings import Finding, any_bad
from tracker.rules.permissions import SYSTEM
from tracker.views import person_copy


@contextmanager
def _as_it_is() -> Iterator[Config]:
    """The application's context over a database that is left at its tables."""
    if not (folder := data_folder(os.environ)).is_dir():
        # A new one would hide that the disk is away.
        raise Misconfigured("ไม่พบโฟลเดอร์ข้อมูล %(folder)s โปรดตรวจ TRACKER_DATA หรือการต่อดิสก์", folder=folder)
    config = load(os.environ)
    with create_app(config).app_context():
        yield config
        db.session.remove()
        db.engine.dispose()


def backup(options: argparse.Namespace) -> int:
    with _as_it_is() as config:
        file, findings = backups.make((options.to or config.backup_folder).resolve(), now=clock.now())
        print(file)
        return _told(findings, options.language)


def restore(options: argparse.Namespace) -> int:
    data_folder(os.environ).mkdir(mode=0o700, parents=True, exist_ok=True)
    with _as_it_is():
        manifest = backups.restore(options.file, force=options.force, now=clock.now())
    message = Message(
        "กู้คืนจากสำเนาเมื่อ %(made_at)s แล้ว แฟ้ม %(files)s แฟ้ม",
        {"made_at": manifest.made_at, "files": len(manifest.files)},
    )
    print(say(message, options.language))
    # Anew: the key that seals checkpoints came back too, in the place of the one made a moment ago.
    return verify(options)


def verify(options: argparse.Namespace) -> int:
    with _as_it_is():
        return _told(verifying.verify(), options.language)


def doctor(options: argparse.Namespace) -> int:
    with _as_it_is():
        return _told(examining.examine(clock.now()), options.language)


@contextmanager
def _person(address: str) -> Iterator[User]:
    """The account with an address, in the scope of its organisation, in one writing transaction."""
    with _as_it_is():
        organisation_id, user_id = disclosing.account_with(address)
        with organisation_scope(organisation_id), writing():
            yield db.session.scalars(select(User).where(User.id == user_id)).one()


def export_person(options: argparse.Namespace) -> int:
    with _person(options.address) as user, speaking(options.language):
        data = person_copy.file_of(user, now=clock.now(), by=SYSTEM)
        # Nobody else on the machine may read it.
        with os.fdopen(os.open(options.to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
    print(options.to)
    return 0


def anonymise_person(options: argparse.Namespace) -> int:
    with _person(options.address) as user:
        parting.anonymise(user, now=clock.now(), by=SYSTEM)
        print(user.address)
    return 0


def purge_journal(options: argparse.Namespace) -> int:
    with _as_it_is():
        for slug, gone in purging.purge(options.years, now=clock.now()).items():
            print(f"{slug}: {gone}")
    return 0


def _told(findings: Iterable[Finding], spoken: str) -> int:
    """Print each finding as it comes; 1 where one of them is bad."""
    told = []
    for finding in findings:
        print(f"{finding.level} {say(finding.message, spoken)}", flush=True)
        told.append(finding)
    return int(any_bad(told))
