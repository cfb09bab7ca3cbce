"""The year's plan: items, measures, steps and the scores they answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique
from tracker.models.organisation import Division
from tracker.rules.rounds import RuleKind


class PlanState(StrEnum):
    DRAFT = "draft"
    ADOPTED = "adopted"
    CLOSED = "closed"


class Plan(Owned, Base):
    """The plan of measures of one fiscal year (แผนมาตรการประจำปี)."""

    __tablename__ = "plan"
    __table_args__ = owned(unique("fiscal_year"), reference("adopted_by_id", "user_account"))

    fiscal_year: Mapped[int]
    assessment_year: Mapped[int | None]
    state: Mapped[PlanState] = mapped_column(choice(PlanState, "state"), default=PlanState.DRAFT)
    analysis: Mapped[list[Any]] = mapped_column(default=list)
    source_name: Mapped[str] = mapped_column(default="")
    source_sha256: Mapped[str] = mapped_column(default="")
    adopted_on: Mapped[date | None]
    adopted_at: Mapped[datetime | None]
    adopted_by_id: Mapped[int | None]
    document_number: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    signer: Mapped[str] = mapped_column(default="")
    signer_position: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]

    @property
    def is_record(self) -> bool:
        """Whether it only keeps what a results report tells of a past year: closed without having been in force."""
        return self.state is PlanState.CLOSED and self.adopted_at is None


class PlanItem(Owned, Base):
    """One row of the plan's table (รายการตามแผน).

    Here and below, `removed_in` is the number of the amendment that took the row out of the plan: what was
    reported of it stays.
    """

    __tablename__ = "plan_item"
    __table_args__ = owned(unique("plan_id", "number"), reference("plan_id", "plan"))

    plan_id: Mapped[int]
    number: Mapped[int]
    heading: Mapped[str] = mapped_column(default="")
    topic: Mapped[int | None]
    indicator: Mapped[int | None]
    analysis: Mapped[str] = mapped_column(default="")
    everyone: Mapped[bool] = mapped_column(default=False)
    responsible_text: Mapped[str] = mapped_column(default="")
    window_text: Mapped[str] = mapped_column(default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    follow_up_text: Mapped[str] = mapped_column(default="")
    follow_up_kind: Mapped[RuleKind] = mapped_column(Text, default="unspecified")
    follow_up_n: Mapped[int | None]
    follow_up_months: Mapped[list[Any]] = mapped_column(default=list)
    targets: Mapped[list[Any]] = mapped_column(default=list)
    removed_in: Mapped[int | None]

    measures: Mapped[list[Measure]] = relationship(viewonly=True, order_by="Measure.number")
    steps: Mapped[list[Step]] = relationship(viewonly=True, order_by="Step.number")
    divisions: Mapped[list[Division]] = relationship(
        secondary="plan_item_division",
        primaryjoin="PlanItem.id == PlanItemDivision.item_id",
        secondaryjoin="Division.id == PlanItemDivision.division_id",
        viewonly=True,
        order_by=Division.place,
    )
    scores: Mapped[list[ScoreReference]] = relationship(viewonly=True, order_by="ScoreReference.id")


class PlanItemDivision(Owned, Base):
    """A division that is responsible for an item."""

    __tablename__ = "plan_item_division"
    __table_args__ = owned(
        unique("item_id", "division_id"),
        reference("item_id", "plan_item"),
        reference("division_id", "division"),
    )

    item_id: Mapped[int]
    division_id: Mapped[int]
    removed_in: Mapped[int | None]


class Measure(Owned, Base):
    """One title in an item (มาตรการ/โครงการ/กิจกรรม)."""

    __tablename__ = "measure"
    __table_args__ = owned(unique("item_id", "number"), reference("item_id", "plan_item"))

    item_id: Mapped[int]
    number: Mapped[int]
    title: Mapped[str]
    removed_in: Mapped[int | None]


class Step(Owned, Base):
    """A step of an item (ขั้นตอน); ticked per division, never required."""

    __tablename__ = "step"
    __table_args__ = owned(unique("item_id", "number"), reference("item_id", "plan_item"))

    item_id: Mapped[int]
    number: Mapped[int]
    text: Mapped[str]
    removed_in: Mapped[int | None]


class StepTick(Owned, Base):
    """A division's mark that it has done a step."""

    __tablename__ = "step_tick"
    __table_args__ = owned(
        unique("step_id", "division_id"),
        reference("step_id", "step"),
        reference("division_id", "division"),
    )

    step_id: Mapped[int]
    division_id: Mapped[int]
    ticked_at: Mapped[datetime]


class ScoreReference(Owned, Base):
    """The score an item means to move: ("indicator", "9"), or a question or OIT item ("question", "o13")."""

    __tablename__ = "score_reference"
    __table_args__ = owned(
        unique("item_id", "kind", "code"), reference("item_id", "plan_item"), index("item_id")
    )

    item_id: Mapped[int]
    kind: Mapped[str]
    code: Mapped[str]


class RecordedResult(Owned, Base):
    """What a results report tells of an item of a past year (ผลการดำเนินงานและผลลัพธ์), word for word."""

    __tablename__ = "recorded_result"
    __table_args__ = owned(unique("item_id"), reference("item_id", "plan_item"))

    item_id: Mapped[int]
    results: Mapped[list[Any]] = mapped_column(default=list)
    outcome: Mapped[str] = mapped_column(default="")


class Amendment(Owned, Base):
    """A numbered change of an adopted plan (การแก้ไขแผนครั้งที่ n) by a corrected document; `changes` hold ids."""

    __tablename__ = "amendment"
    __table_args__ = owned(
        unique("plan_id", "number"), reference("plan_id", "plan"), reference("by_user_id", "user_account")
    )

    plan_id: Mapped[int]
    number: Mapped[int]
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    source_name: Mapped[str] = mapped_column(default="")
    source_sha256: Mapped[str] = mapped_column(default="")
    document_number: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
