"""Files of documents that take long to make: who asked for them, and how far they are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique


class RenderingState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Rendering(Owned, Base):
    """A file that the jobs make of a frozen document (งานทำไฟล์); one row for a document, a face and a font.

    `key` is the hash of those three, `paper` the document as JSON. `done` of `total` photographs are prepared;
    `percent` is of the whole work. `problem` holds the template and the values of a sentence.
    """

    __tablename__ = "rendering"
    __table_args__ = owned(
        unique("key"),
        reference("asked_by_id", "user_account"),
        index("fiscal_year", "state"),
        Index("ix_rendering_state_asked_at", "state", "asked_at"),
    )

    key: Mapped[str]
    fiscal_year: Mapped[int]
    title: Mapped[str]
    ending: Mapped[str]
    font: Mapped[str]
    paper: Mapped[str] = mapped_column(deferred=True)
    state: Mapped[RenderingState] = mapped_column(
        choice(RenderingState, "state"), default=RenderingState.QUEUED
    )
    percent: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    size: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[str | None]
    lease_until: Mapped[datetime | None]
