"""Files and links that prove what was done."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, index, owned, reference, unique


class Evidence(Owned, Base):
    """A proof (หลักฐาน): a stored file or a link; it may prove several groups.

    `newer_id` is the version that took its place: it is kept, and counts no more. `checked_at` is when a person
    found that it tells nothing of anybody.
    """

    __tablename__ = "evidence"
    __table_args__ = owned(
        reference("by_user_id", "user_account"),
        reference("newer_id", "evidence"),
        reference("checked_by_id", "user_account"),
        index("newer_id"),
    )

    name: Mapped[str]
    caption: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    storage_name: Mapped[str | None]
    media_type: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(default="")
    about_on: Mapped[date]
    public: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    newer_id: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None]


class EvidenceUse(Owned, Base):
    """The group (item, division, quarter) that an evidence proves."""

    __tablename__ = "evidence_use"
    __table_args__ = owned(
        unique("evidence_id", "item_id", "division_id", "quarter"),
        reference("evidence_id", "evidence"),
        reference("item_id", "plan_item"),
        reference("division_id", "division"),
        index("item_id", "division_id", "quarter"),
    )

    evidence_id: Mapped[int]
    item_id: Mapped[int]
    division_id: Mapped[int]
    quarter: Mapped[int]
