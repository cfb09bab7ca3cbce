"""The commands of an operator: each prints its findings, a line each, and returns 1 where one of them is bad."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tracker import clock
from tracker.app import create_app
from tracker.config import Config, load
from tracker.database import db
from tracker.errors import Message
from tracker.locale import say
from tracker.operations import backup as backups
from tracker.operations import examining, verifying
from tracker.operations.findings import Finding, any_bad


@contextmanager
def _as_it_is() -> Iterator[Config]:
    """The application's context over a database that is left at its tables."""
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
    with _as_it_is():
        manifest = backups.restore(options.file, force=options.force, now=clock.now())
        message = Message(
            "กู้คืนจากสำเนาเมื่อ %(made_at)s แล้ว แฟ้ม %(files)s แฟ้ม",
            {"made_at": manifest.made_at, "files": len(manifest.files)},
        )
        print(say(message, options.language))
        return _told(verifying.verify(), options.language)


def verify(options: argparse.Namespace) -> int:
    with _as_it_is():
        return _told(verifying.verify(), options.language)


def doctor(options: argparse.Namespace) -> int:
    with _as_it_is():
        return _told(examining.examine(clock.now()), options.language)


def _told(findings: Iterable[Finding], spoken: str) -> int:
    """Print each finding as it comes; 1 where one of them is bad."""
    told = []
    for finding in findings:
        print(f"{finding.level} {say(finding.message, spoken)}", flush=True)
        told.append(finding)
    return int(any_bad(told))
