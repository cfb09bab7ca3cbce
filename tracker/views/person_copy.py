"""The file in which a person gets everything that is kept about it."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from tracker.actions import disclosing
from tracker.models import JournalEntry, User
from tracker.rules.permissions import Actor
from tracker.views.journal_words import deed_words
from tracker.writing import bundle


def file_of(user: User, *, now: datetime, by: Actor) -> bytes:
    """The archive; what the journal tells of the person stands in words beside its names of deeds."""
    tables = disclosing.copy_of(user, now=now, by=by)
    for row in tables.get(JournalEntry.__tablename__, []):
        row["deed_words"] = deed_words(row["deed"])
    return bundle.write(tables)


def answer(user: User, *, now: datetime, by: Actor) -> Response:
    """The archive as a download."""
    download = Response(file_of(user, now=now, by=by), mimetype="application/zip")
    download.headers["Content-Disposition"] = f"attachment; filename=person-{user.id}.zip"
    return download
