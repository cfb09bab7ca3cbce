"""Lets a system administrator look into an organisation, for a while, in the sight of that organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select

from tracker import journal
from tracker.database import current_organisation, db, organisation_scope
from tracker.errors import NotFound, Refused
from tracker.models import (
    Holding,
    JournalEntry,
    Kind,
    MailState,
    Organisation,
    OutgoingMail,
    Plan,
    Position,
    User,
)
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor

REASONS = ("support", "repair", "audit")
# So long a crossing that was noted lets its person look again.
OPEN_FOR = timedelta(minutes=15)
DEED = "organisation.crossed"


@dataclass(frozen=True)
class Figures:
    """How an organisation stands, in numbers only: no name, no text and no address of anybody."""

    accounts: int
    vacant: int
    plans: int
    mails_waiting: int
    mails_failed: int
    journal_length: int


def organisation_called(slug: str) -> Organisation:
    """An organisation of this installation by its slug; NotFound else."""
    found = db.session.scalars(
        select(Organisation).where(Organisation.slug == slug, Organisation.kind != Kind.SYSTEM)
    ).one_or_none()
    if found is None:
        raise NotFound("ไม่พบหน่วยงานรหัส %(slug)s", slug=slug)
    return found


def cross(organisation: Organisation, reason: str, *, now: datetime, by: Actor) -> None:
    """Note the crossing in the journal of the person's house and in the one that is entered."""
    if reason not in REASONS:
        raise Refused("โปรดเลือกเหตุผล")
    journal.record("organisation.crossed", "organisation", organisation.id, now=now, by=by, reason=reason)
    with organisation_scope(organisation.id):
        journal.record("organisation.crossed", "organisation", organisation.id, now=now, by=by, reason=reason)


def is_open(organisation: Organisation, *, now: datetime, by: Actor) -> bool:
    """Whether this person's crossing was noted a short while ago."""
    noted = select(JournalEntry.id).where(
        JournalEntry.deed == DEED,
        JournalEntry.subject_id == organisation.id,
        JournalEntry.actor == by.label,
        JournalEntry.at > now - OPEN_FOR,
    )
    return db.session.scalars(noted).first() is not None


def crossings(most: int) -> Sequence[JournalEntry]:
    """The latest crossings by people of this house, the newest first."""
    return db.session.scalars(
        select(JournalEntry).where(JournalEntry.deed == DEED).order_by(JournalEntry.number.desc()).limit(most)
    ).all()


def figures(organisation: Organisation, *, now: datetime) -> Figures:
    """The organisation's numbers on this day."""
    today = day_of(now)
    with organisation_scope(organisation.id):
        held = (
            select(Holding.position_id)
            .join(User, User.id == Holding.user_id)
            .where(User.active, Holding.from_on <= today)
            .where(or_(Holding.until_on.is_(None), Holding.until_on >= today))
        )
        waiting = (MailState.QUEUED, MailState.CLAIMED, MailState.HANDING)
        return Figures(
            accounts=_count(select(func.count(User.id)).where(User.active)),
            vacant=_count(select(func.count(Position.id)).where(Position.id.not_in(held))),
            plans=_count(select(func.count(Plan.id))),
            mails_waiting=_count(select(func.count(OutgoingMail.id)).where(OutgoingMail.state.in_(waiting))),
            mails_failed=_count(
                select(func.count(OutgoingMail.id)).where(
                    OutgoingMail.state.in_((MailState.DEAD, MailState.UNCERTAIN))
                )
            ),
            journal_length=current_organisation().journal_length,
        )


def _count(query: Select[int]) -> int:
    return db.session.scalar(query) or 0
