"""ITA results by year."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.catalogue.assessment import INSTRUMENTS
from tracker.models.base import Base, Owned, owned, unique
from tracker.rules.scoring import Scores


class Assessment(Owned, Base):
    """One year's ITA result (ผล ITA); `scores` maps "1".."10" and question codes such as "o13" to 0–100."""

    __tablename__ = "assessment"
    __table_args__ = owned(unique("year"))

    year: Mapped[int]
    total: Mapped[float | None]
    level: Mapped[str] = mapped_column(default="")
    scores: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def printed(self) -> Scores:
        kept = {code: float(score) for code, score in self.scores.items()}
        instruments = {one.code for one in INSTRUMENTS}
        return Scores(
            total=self.total,
            level=self.level or None,
            instruments={code: score for code, score in kept.items() if code in instruments},
            indicators={int(code): score for code, score in kept.items() if code.isdecimal()},
            questions={
                code: score
                for code, score in kept.items()
                if not code.isdecimal() and code not in instruments
            },
        )
