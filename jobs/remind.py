"""Each minute: decide and write the reminders of every organisation that are due today."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from jobs.heartbeat import check_clock
from tracker import trouble
from tracker.actions import reminding, sending
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.models import Kind, Organisation

log = logging.getLogger("tracker.remind")


class OrganisationsFailed(Exception):
    """The work of some organisations failed; that of the others is done."""


def remind(now: datetime) -> int:
    """Plan today's digests for every organisation; returns how many mails were put into the outbox.

    ClockWentBack where the scheduler's clock cannot be trusted: then nothing is planned.
    """
    check_clock("remind", now)
    _take_back_outdated(now)
    return for_each_organisation(lambda: _plan(now))


def _take_back_outdated(now: datetime) -> None:
    with across_organisations("taking back digests of earlier days"):
        found = sending.any_outdated(now=now)
        db.session.rollback()
        if not found:
            return
        with writing():
            number = sending.take_back_outdated(now=now)
    if number:
        log.warning("%s digests of earlier days never left and are decided again", number)


def _plan(now: datetime) -> int:
    # First, so that the same round tells whoever holds the positions now.
    if sending.any_misdirected(now=now):
        with writing():
            number = sending.take_back_misdirected(now=now)
        log.warning("%s mails waited for addresses at which no position is reached any more", number)
    # A look first: nearly always nothing is due, and whoever writes keeps all others from writing.
    looked = reminding.look(now=now)
    if not looked.decided.entries:
        return 0
    # Lost with the power, it is decided again; the first mail that is handed over makes it last.
    with writing(lasting=False):
        return len(reminding.plan_day(now=now, looked=looked).digests)


def for_each_organisation(work: Callable[[], int]) -> int:
    """The sum of the work in the scope of every organisation; OrganisationsFailed names those where it failed."""
    done = 0
    failures: list[str] = []
    for organisation_id in _organisation_ids():
        try:
            with organisation_scope(organisation_id):
                done += work()
        except Exception as failure:
            reason = trouble.told(failure)
            # A full disk is no fault of ours: where it was met tells an operator nothing.
            # Nor does a log keep the words of a failure, in which the words of people may stand.
            log.error("organisation %s: %s", organisation_id, reason or "failed", exc_info=reason is None)
            failures.append(f"{organisation_id} ({reason or f'{type(failure).__name__}: {failure}'})")
        finally:
            db.session.rollback()
    if failures:
        raise OrganisationsFailed(", ".join(failures))
    return done


def _organisation_ids() -> list[int]:
    with across_organisations("listing organisations for the jobs"):
        ids = db.session.scalars(
            select(Organisation.id).where(Organisation.kind != Kind.SYSTEM).order_by(Organisation.id)
        ).all()
    db.session.rollback()
    return list(ids)
