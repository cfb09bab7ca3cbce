"""Links that open work without a login, and the presses made on their pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, index, owned, reference, unique


class MailLink(Owned, Base):
    """A link (ลิงก์จากจดหมาย) by which whoever holds a position answers its work; only the token's hash is kept.

    `subjects` are the forms it opens ("group:…", "follow-up:…"), `address` where the position was reached when it
    was made. One that was passed on names a colleague.
    """

    __tablename__ = "mail_link"
    __table_args__ = owned(
        reference("position_id", "position"),
        reference("mail_id", "outgoing_mail"),
        reference("by_user_id", "user_account"),
        reference("by_link_id", "mail_link"),
        index("position_id", "created_at"),
        index("mail_id"),
        index("by_link_id"),
    )

    position_id: Mapped[int]
    token_hash: Mapped[str] = mapped_column(unique=True)
    subjects: Mapped[list[Any]]
    address: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    renewed: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    colleague_name: Mapped[str | None]
    colleague_address: Mapped[str | None]
    mail_id: Mapped[int | None]
    by_user_id: Mapped[int | None]
    by_link_id: Mapped[int | None]


class LinkPress(Owned, Base):
    """A form that was sent through a link; its key is good for one sending, `leads_to` is what that answered."""

    __tablename__ = "link_press"
    __table_args__ = owned(unique("link_id", "key"), reference("link_id", "mail_link"))

    link_id: Mapped[int]
    key: Mapped[str]
    at: Mapped[datetime]
    leads_to: Mapped[str]
    said: Mapped[str] = mapped_column(default="")


class CalendarFeed(Owned, Base):
    """An address (ปฏิทินของกอง) at which calendar programs read a division's due days; only the token's hash is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = owned(
        reference("division_id", "division"),
        reference("by_user_id", "user_account"),
        index("division_id"),
    )

    division_id: Mapped[int]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    revoked_at: Mapped[datetime | None]
