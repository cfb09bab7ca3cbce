"""Pauses of reminders: who asked for silence, about what, until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped

from tracker.models.base import Base, Owned, index, owned, reference


class Pause(Owned, Base):
    """Reminders that are held back (พักการเตือน): of a group, of a position, or of everything.

    `subject` is a group's ledger subject and NULL otherwise; both last days are included. Ended by hand before
    its last day it has `ended_on`, the first day on which it no longer holds.
    """

    __tablename__ = "pause"
    __table_args__ = owned(
        reference("position_id", "position"),
        reference("by_user_id", "user_account"),
        index("until_on"),
    )

    subject: Mapped[str | None]
    position_id: Mapped[int | None]
    reason: Mapped[str]
    from_on: Mapped[date]
    until_on: Mapped[date]
    ended_on: Mapped[date | None]
    created_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
