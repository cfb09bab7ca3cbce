"""How a draft plan was before each change, so that changes can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped

from tracker.models.base import Base, Owned, owned, reference, unique


class PlanSnapshot(Owned, Base):
    """A draft plan before a change (ฉบับก่อนแก้ไข): its items with all they hold, and what the change was."""

    __tablename__ = "plan_snapshot"
    __table_args__ = owned(unique("plan_id", "number"), reference("plan_id", "plan"))

    plan_id: Mapped[int]
    number: Mapped[int]
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
