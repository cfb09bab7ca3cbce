"""The work of a quarter: tasks, and what divisions report of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique
from tracker.models.organisation import Division
from tracker.models.plan import Measure, PlanItem
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.states import TaskState


class Task(Owned, Base):
    """A measure for one division in one fiscal quarter (งาน), with a due day and a state."""

    __tablename__ = "task"
    __table_args__ = owned(
        unique("measure_id", "division_id", "quarter"),
        reference("plan_id", "plan"),
        reference("item_id", "plan_item"),
        reference("measure_id", "measure"),
        reference("division_id", "division"),
        index("division_id", "state", "due_on"),
        index("plan_id", "quarter"),
        index("item_id", "division_id", "quarter"),
        index("state", "due_on"),
        CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"),
    )

    plan_id: Mapped[int]
    item_id: Mapped[int]
    measure_id: Mapped[int]
    division_id: Mapped[int]
    quarter: Mapped[int]
    completion: Mapped[bool]
    look_back: Mapped[bool] = mapped_column(default=False)
    state: Mapped[TaskState] = mapped_column(choice(TaskState, "state"), default=TaskState.OPEN)
    due_on: Mapped[date]
    due_version: Mapped[int] = mapped_column(default=1)
    due_set_on: Mapped[date]
    first_submitted_on: Mapped[date | None]
    on_time: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")

    item: Mapped[PlanItem] = relationship(viewonly=True)
    measure: Mapped[Measure] = relationship(viewonly=True)
    division: Mapped[Division] = relationship(viewonly=True)


class Submission(Owned, Base):
    """One attempt to report a group (การรายงานผล): immutable, numbered; the latest counts, all are kept."""

    __tablename__ = "submission"
    __table_args__ = owned(
        unique("item_id", "division_id", "quarter", "number"),
        reference("item_id", "plan_item"),
        reference("division_id", "division"),
        reference("by_user_id", "user_account"),
        reference("by_link_id", "mail_link"),
        index("submitted_at"),
        index("approved_at"),
    )

    item_id: Mapped[int]
    division_id: Mapped[int]
    quarter: Mapped[int]
    number: Mapped[int]
    result: Mapped[str]
    problems: Mapped[str]
    suggestions: Mapped[str]
    no_evidence_reason: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    by_link_id: Mapped[int | None]
    approved_at: Mapped[datetime | None]
    self_approved: Mapped[bool] = mapped_column(default=False)
    returned_note: Mapped[str] = mapped_column(default="")
    returned_at: Mapped[datetime | None]

    claims: Mapped[list[Claim]] = relationship(viewonly=True)
    division: Mapped[Division] = relationship(viewonly=True)


class Claim(Owned, Base):
    """What an attempt says of one measure's task."""

    __tablename__ = "claim"
    __table_args__ = owned(
        unique("submission_id", "task_id"),
        reference("submission_id", "submission"),
        reference("task_id", "task"),
        index("task_id"),
    )

    submission_id: Mapped[int]
    task_id: Mapped[int]
    word: Mapped[ClaimWord] = mapped_column(choice(ClaimWord, "word"))
