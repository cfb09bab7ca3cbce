"""Cuts old entries off the journals; a sealed checkpoint stands where they ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select

from tracker import journal
from tracker.database import (
    across_organisations,
    current_organisation,
    db,
    migration_engine,
    open_for_migration,
    organisation_scope,
    writing,
)
from tracker.errors import Refused
from tracker.extensions import settings
from tracker.models import JournalCheckpoint, JournalEntry, Organisation
from tracker.rules.permissions import SYSTEM


def purge(years: int, *, now: datetime) -> dict[str, int]:
    """Cut what is older than so many years, at least one, off every journal; how many entries went, by organisation.

    The newest entry always stays, and notes the cut. On PostgreSQL the entries are deleted by the owner of the
    tables: the application's role may not.
    """
    if years < 1:
        raise Refused("เก็บบันทึกเหตุการณ์อย่างน้อย 1 ปี")
    before = _years_before(now, years)
    with across_organisations("cutting the journals"):
        organisations = db.session.execute(
            select(Organisation.id, Organisation.slug).order_by(Organisation.id)
        ).all()
    return {slug: _cut(organisation_id, before, now) for organisation_id, slug in organisations}


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February
        return now.replace(year=now.year - years, day=28)


def _cut(organisation_id: int, before: datetime, now: datetime) -> int:
    # The checkpoint first: where the machine stops in between, nothing is missing and the next run goes on.
    with organisation_scope(organisation_id), writing():
        number = _mark(before, now)
    if not number:
        return 0
    with (
        open_for_migration(),
        migration_engine(settings().migration_database_url) as engine,
        engine.begin() as connection,
    ):
        gone = connection.execute(
            delete(JournalEntry.__table__).where(  # type: ignore[arg-type]
                JournalEntry.organisation_id == organisation_id, JournalEntry.number <= number
            )
        )
        return gone.rowcount


def _mark(before: datetime, now: datetime) -> int:
    """Seal the place before the first entry that is young enough; its number, 0 where nothing is to go."""
    head = current_organisation(lock=True)
    first = db.session.scalar(select(func.min(JournalEntry.number)))
    young = db.session.scalar(select(func.min(JournalEntry.number)).where(JournalEntry.at >= before))
    number = young - 1 if young is not None else head.journal_length
    if first is None or number < first:
        return 0
    if db.session.scalars(select(JournalCheckpoint.id).where(JournalCheckpoint.number == number)).first():
        return number
    last = db.session.scalars(select(JournalEntry.hash).where(JournalEntry.number == number)).one()
    db.session.add(
        JournalCheckpoint(
            number=number, hash=last, sealed_at=now, seal=journal.seal(head.id, number, last, now)
        )
    )
    journal.record("journal.cut", "organisation", head.id, now=now, by=SYSTEM, until=number)
    return number
