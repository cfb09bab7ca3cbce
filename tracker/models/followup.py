"""The six- and twelve-month questions and their answers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique
from tracker.models.organisation import Division
from tracker.models.plan import Measure
from tracker.rules.rounds import RoundDue


class FollowUpState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


class Completion(StrEnum):
    """How much of a measure was done, in the four words of the form."""

    NONE = "none"
    PARTLY = "partly"
    NEARLY = "nearly"
    FULL = "full"


class Round(Owned, Base):
    """A follow-up round of a plan (รอบติดตาม): one kind and one period.

    It can be answered from `opens_on`; it is asked for from `asks_on`, which waits for look-back tasks.
    """

    __tablename__ = "round"
    __table_args__ = owned(
        unique("plan_id", "kind", "period_start", "period_end"),
        reference("plan_id", "plan"),
        index("asks_on"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str]
    period_start: Mapped[date]
    period_end: Mapped[date]
    opens_on: Mapped[date]
    asks_on: Mapped[date]
    due_on: Mapped[date]
    due_version: Mapped[int] = mapped_column(default=1)

    @classmethod
    def of(cls, plan_id: int, due: RoundDue) -> Round:
        """The row of a round that a plan is due to ask."""
        return cls(
            plan_id=plan_id,
            kind=due.kind,
            period_start=due.period_start,
            period_end=due.period_end,
            opens_on=due.opens_on,
            asks_on=due.asks_on,
            due_on=due.due_on,
        )


class FollowUp(Owned, Base):
    """What one division is asked in a round (การติดตามผล): one prompt, one form."""

    __tablename__ = "follow_up"
    __table_args__ = owned(
        unique("round_id", "division_id"),
        reference("round_id", "round"),
        reference("division_id", "division"),
        reference("by_user_id", "user_account"),
        index("state"),
    )

    round_id: Mapped[int]
    division_id: Mapped[int]
    state: Mapped[FollowUpState] = mapped_column(
        choice(FollowUpState, "state"), default=FollowUpState.WAITING
    )
    prompts: Mapped[bool] = mapped_column(default=True)
    answered_at: Mapped[datetime | None]
    by_user_id: Mapped[int | None]

    round: Mapped[Round] = relationship(viewonly=True)
    division: Mapped[Division] = relationship(viewonly=True)


class FollowUpAnswer(Owned, Base):
    """One line of a follow-up: a measure, asked or answered from its tasks."""

    __tablename__ = "follow_up_answer"
    __table_args__ = owned(
        unique("follow_up_id", "measure_id"),
        reference("follow_up_id", "follow_up"),
        reference("measure_id", "measure"),
        CheckConstraint("completion IN ('none', 'partly', 'nearly', 'full')", name="completion"),
    )

    follow_up_id: Mapped[int]
    measure_id: Mapped[int]
    completion: Mapped[str | None]
    result: Mapped[str] = mapped_column(default="")
    outcome: Mapped[str] = mapped_column(default="")
    problems: Mapped[str] = mapped_column(default="")
    suggestions: Mapped[str] = mapped_column(default="")
    confirmed: Mapped[bool] = mapped_column(default=False)
    changed: Mapped[bool] = mapped_column(default=False)

    measure: Mapped[Measure] = relationship(viewonly=True)
