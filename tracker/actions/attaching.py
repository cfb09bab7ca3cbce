"""Keeps plan documents that are not read, such as the signed PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from tracker import journal, storage
from tracker.database import db
from tracker.models import PlanAttachment
from tracker.rules.permissions import Actor


def is_attachment(data: bytes, name: str) -> bool:
    """Whether an uploaded plan can only be kept: tables in Thai cannot be read reliably from a PDF."""
    return data.startswith(b"%PDF-") and name.lower().endswith(".pdf")


def attach(data: bytes, name: str, *, now: datetime, by: Actor) -> PlanAttachment:
    """Keep the document under its hash; the same bytes again change nothing."""
    digest = storage.keep_source(data)
    known = select(PlanAttachment).where(PlanAttachment.sha256 == digest)
    kept = db.session.scalars(known).one_or_none()
    if kept is None:
        kept = PlanAttachment(sha256=digest, name=name, size=len(data), added_at=now, by_user_id=by.user_id)
        db.session.add(kept)
        db.session.flush()
        journal.record("plan.attached", "plan_attachment", kept.id, now=now, by=by)
    return kept


def attachments() -> Sequence[PlanAttachment]:
    """Every kept document, the newest first."""
    return db.session.scalars(select(PlanAttachment).order_by(PlanAttachment.id.desc())).all()


def detach(attachment: PlanAttachment, *, now: datetime, by: Actor) -> None:
    """Take the document off the list; its bytes stay under their hash."""
    journal.record("plan.detached", "plan_attachment", attachment.id, now=now, by=by)
    db.session.delete(attachment)
