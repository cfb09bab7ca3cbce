"""How the mail server has treated us lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class Relay(Base):
    """The mail server (เซิร์ฟเวอร์ส่งอีเมล) as all senders found it: one row, made by the migration, of no organisation.

    `refusals` of `server` came one after the other, the first at `since_at`; nothing is sent before `paused_until`.
    """

    __tablename__ = "relay"

    id: Mapped[int] = mapped_column(primary_key=True)
    server: Mapped[str] = mapped_column(default="")
    refusals: Mapped[int] = mapped_column(default=0)
    since_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
