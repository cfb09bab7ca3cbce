"""An office's own Word forms: one for each kind of document, looked over before it is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from tracker import journal, storage
from tracker.database import db
from tracker.errors import Unreadable
from tracker.models import WordTemplate
from tracker.reading.wordform import Fault, look_over
from tracker.rules.paper import Paper, PaperKind
from tracker.rules.permissions import Actor
from tracker.writing import wordform

KINDS: tuple[PaperKind, ...] = ("annual", "plan", "six-month", "memo")


def of_kind(kind: str) -> WordTemplate | None:
    return db.session.scalars(select(WordTemplate).where(WordTemplate.kind == kind)).one_or_none()


def every() -> dict[str, WordTemplate]:
    """The forms by their kind."""
    return {row.kind: row for row in db.session.scalars(select(WordTemplate))}


def look(data: bytes, name: str, kind: PaperKind) -> tuple[Fault, ...]:
    """What keeps the file from being the form of this kind; nothing where it was filled on trial.

    Unreadable where it is no safe .docx. Needs no database.
    """
    faults = look_over(data, name, kind)
    if not faults:
        try:
            wordform.fill(data, empty_paper(kind))
        except wordform.NotFilled as failure:
            raise Unreadable(failure.message.template) from failure
    return faults


def empty_paper(kind: PaperKind, title: str = "", organisation: str = "") -> Paper:
    """A document of the kind that says nothing."""
    return Paper(
        kind=kind,
        title=title,
        lines=(),
        as_of="",
        organisation=organisation,
        fiscal_year=2500,
        draft_mark="",
        blocks=(),
        signatures=(),
        page="{page}",
        page_of_pages="{page}/{pages}",
        thai_digits=False,
        frozen_at=datetime(2000, 1, 1, tzinfo=UTC),
    )


def keep(data: bytes, name: str, kind: PaperKind, *, now: datetime, by: Actor) -> WordTemplate:
    """Keep a form that was looked over, in the place of an earlier one."""
    row = of_kind(kind)
    if row is None:
        row = WordTemplate(kind=kind)
        db.session.add(row)
    row.sha256, row.name, row.size = storage.keep_source(data), name, len(data)
    row.added_at, row.by_user_id = now, by.user_id
    db.session.flush()
    journal.record("word_form.kept", "word_form", row.id, now=now, by=by, kind=kind)
    return row


def remove(row: WordTemplate, *, now: datetime, by: Actor) -> None:
    """Use the system's own face again; the bytes stay under their hash."""
    journal.record("word_form.removed", "word_form", row.id, now=now, by=by, kind=row.kind)
    db.session.delete(row)
