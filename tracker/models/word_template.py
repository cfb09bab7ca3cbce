"""An office's own Word file for a kind of document."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from tracker.models.base import Base, Owned, owned, reference, unique


class WordTemplate(Owned, Base):
    """The Word form of an office for one kind of document (แบบของหน่วยงาน); `size` is in bytes."""

    __tablename__ = "word_template"
    __table_args__ = owned(unique("kind"), reference("by_user_id", "user_account"))

    kind: Mapped[str]
    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    added_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
