"""A plan as a file that is kept beside what was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from tracker.models.base import Base, Owned, owned, reference, unique


class PlanAttachment(Owned, Base):
    """A plan document that is kept and not read (เอกสารแนบ), such as the signed PDF; `size` is in bytes."""

    __tablename__ = "plan_attachment"
    __table_args__ = owned(unique("sha256"), reference("by_user_id", "user_account"))

    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    added_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
