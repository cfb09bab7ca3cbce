"""Writes what happened, each entry chained to the one before."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

from tracker.database import current_organisation, db
from tracker.extensions import settings
from tracker.models import JournalEntry
from tracker.rules.permissions import Actor


def record(
    deed: str, subject_kind: str, subject_id: int | None, *, now: datetime, by: Actor, **details: object
) -> JournalEntry:
    """Append an entry; details hold ids, numbers and states, never names or texts."""
    # The head row serialises appends: two writers can never give out the same number.
    head = current_organisation(lock=True)
    entry = JournalEntry(
        number=head.journal_length + 1,
        at=now,
        actor=by.label,
        deed=deed,
        subject_kind=subject_kind,
        subject_id=subject_id,
        details=details,
        previous_hash=head.journal_hash,
        hash="",
    )
    entry.hash = entry_hash(entry, head.id)
    head.journal_length, head.journal_hash = entry.number, entry.hash
    db.session.add(entry)
    db.session.flush()
    return entry


def entry_hash(entry: JournalEntry, organisation_id: int) -> str:
    """The sha-256 over everything the entry says and the hash of the one before."""
    told = [
        organisation_id, entry.number, entry.at.astimezone(UTC).isoformat(), entry.actor, entry.deed,
        entry.subject_kind, entry.subject_id, entry.details, entry.previous_hash,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def seal(organisation_id: int, number: int, hash_: str, sealed_at: datetime) -> str:
    """The HMAC-SHA256 over a place where the journal was cut, with a key made of the installation's secret.

    It shows that whoever cut held the secret; not that what was cut away was true.
    """
    key = hmac.digest(settings().secret_key.encode(), b"journal checkpoint", "sha256")
    told = [organisation_id, number, hash_, sealed_at.astimezone(UTC).isoformat()]
    return hmac.new(key, json.dumps(told).encode(), "sha256").hexdigest()
