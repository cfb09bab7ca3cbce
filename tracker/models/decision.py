"""What a decision on tasks changed, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned, reference
from tracker.rules.states import Deed


class Decision(Owned, Base):
    """A coordinator's decision on a group (การตัดสินใจ), which can be taken back for ten minutes.

    `tasks` holds by id their columns before and after, `attempts` those of submissions before.
    """

    __tablename__ = "decision"
    __table_args__ = owned(
        reference("by_user_id", "user_account"),
        reference("mail_id", "outgoing_mail"),
        index("by_user_id", "at"),
    )

    deed: Mapped[Deed] = mapped_column(choice(Deed, "deed"))
    at: Mapped[datetime]
    by_user_id: Mapped[int]
    tasks: Mapped[dict[str, Any]]
    attempts: Mapped[dict[str, Any]]
    mail_id: Mapped[int | None]
    undone_at: Mapped[datetime | None]
