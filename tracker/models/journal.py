"""What happened, in order, so that it cannot be told differently later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, index, owned, unique


class JournalEntry(Owned, Base):
    """An event (บันทึกเหตุการณ์): append-only, hash-chained, ids only."""

    __tablename__ = "journal_entry"
    __table_args__ = owned(unique("number"), index("subject_kind", "subject_id"), index("at"))

    number: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    deed: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class JournalCheckpoint(Owned, Base):
    """Where a journal was cut (จุดตัดบันทึก): entries up to `number` were old enough to go; `hash` is that one's.

    The seal is made with the installation's secret over all of it.
    """

    __tablename__ = "journal_checkpoint"
    __table_args__ = owned(unique("number"))

    number: Mapped[int]
    hash: Mapped[str]
    sealed_at: Mapped[datetime]
    seal: Mapped[str]
