"""When each job last ran and how it ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base


class JobRun(Base):
    """A job's heartbeat; one row a job, of no organisation.

    `latest_at` is the latest moment its clock has shown; `back_at` is when the clock was first seen behind that.
    """

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    latest_at: Mapped[datetime | None]
    back_at: Mapped[datetime | None]
