"""An uploaded plan document while a person decides what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, owned, reference, unique


class PlanReading(Owned, Base):
    """A document being decided (เอกสารแผนที่กำลังตรวจ); `fiscal_year` is the year a person chose for it."""

    __tablename__ = "plan_reading"
    __table_args__ = owned(unique("sha256"), reference("by_user_id", "user_account"))

    sha256: Mapped[str]
    name: Mapped[str]
    fiscal_year: Mapped[int | None]
    decisions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
