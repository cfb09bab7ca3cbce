"""The ledger of reminders: one row a subject, stage, due version and recipient."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique


class Outcome(StrEnum):
    ENQUEUED = "enqueued"
    SUPERSEDED = "superseded"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class Reminder(Owned, Base):
    """A reminder (การเตือน) decided once; its key makes a second decision impossible."""

    __tablename__ = "reminder"
    __table_args__ = owned(
        unique("key"),
        reference("mail_id", "outgoing_mail"),
        reference("position_id", "position"),
        index("subject", "due_version"),
        index("mail_id"),
    )

    key: Mapped[str]
    subject: Mapped[str]
    stage: Mapped[str]
    due_version: Mapped[int]
    recipient: Mapped[str]
    position_id: Mapped[int | None]
    stage_on: Mapped[date]
    planned_at: Mapped[datetime]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    reason: Mapped[str] = mapped_column(default="")
    mail_id: Mapped[int | None]
