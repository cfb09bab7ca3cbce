"""Frozen, numbered versions of documents."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, owned, reference, unique


class Report(Owned, Base):
    """A closed report (รายงาน): the frozen value as JSON and its hash."""

    __tablename__ = "report"
    __table_args__ = owned(
        unique("plan_id", "kind", "version"),
        reference("plan_id", "plan"),
        reference("by_user_id", "user_account"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    frozen: Mapped[str]
    sha256: Mapped[str]
    closed_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    document_number: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    signer: Mapped[str] = mapped_column(default="")
    signer_position: Mapped[str] = mapped_column(default="")
