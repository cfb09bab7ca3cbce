"""The outbox: every mail as a row until a server has taken it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned


class MailState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    HANDING = "handing"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"
    CANCELLED = "cancelled"


class OutgoingMail(Owned, Base):
    """A mail on its way (จดหมายออก), rendered when it was planned."""

    __tablename__ = "outgoing_mail"
    __table_args__ = owned(
        index("state", "next_at"),
        index("created_at"),
        Index("ix_outgoing_mail_state_next_at", "state", "next_at"),
    )

    dedup_key: Mapped[str] = mapped_column(unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to_address: Mapped[str]
    to_name: Mapped[str] = mapped_column(default="")
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str]
    state: Mapped[MailState] = mapped_column(choice(MailState, "state"), default=MailState.QUEUED)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    ambiguous: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_answer: Mapped[str] = mapped_column(default="")
