"""ITA results by year."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, owned, unique


class Assessment(Owned, Base):
    """One year's ITA result (ผล ITA); `scores` maps "1".."10" and question codes such as "o13" to 0–100."""

    __tablename__ = "assessment"
    __table_args__ = owned(unique("year"))

    year: Mapped[int]
    total: Mapped[float | None]
    level: Mapped[str] = mapped_column(default="")
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)
