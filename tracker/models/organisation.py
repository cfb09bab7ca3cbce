"""The tenant, its divisions and its own calendar."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique
from tracker.rules.rounds import RuleKind


class Kind(StrEnum):
    """What a local government is; decides printed titles."""

    SAO = "sao"
    MUNICIPALITY = "municipality"
    PAO = "pao"
    SYSTEM = "system"


class Organisation(Base):
    """A local government (อปท.): the tenant that owns every other row."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    district: Mapped[str] = mapped_column(default="")
    province: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="th")
    thai_digits: Mapped[bool] = mapped_column(default=True)
    document_font: Mapped[str] = mapped_column(default="TH SarabunPSK")
    approval: Mapped[bool | None]
    follow_up_policy: Mapped[RuleKind] = mapped_column(Text, default="six_twelve")
    send_minute: Mapped[int] = mapped_column(default=8 * 60 + 30)
    stages: Mapped[dict[str, Any] | None]
    contact: Mapped[str] = mapped_column(default="")
    # The hash of the picture of its seal.
    logo: Mapped[str | None]
    created_at: Mapped[datetime]
    journal_length: Mapped[int] = mapped_column(default=0)
    journal_hash: Mapped[str] = mapped_column(default="")


class Division(Owned, Base):
    """A responsible unit (สำนัก/กอง/หน่วย); one of them coordinates the plan."""

    __tablename__ = "division"
    __table_args__ = owned(
        unique("name"),
        reference("successor_id", "division"),
        Index(
            "uq_division_coordinates",
            "organisation_id",
            unique=True,
            sqlite_where=text("coordinates"),
            postgresql_where=text("coordinates"),
        ),
    )

    name: Mapped[str]
    aliases: Mapped[list[Any]] = mapped_column(default=list)
    place: Mapped[int] = mapped_column(default=0)
    coordinates: Mapped[bool] = mapped_column(default=False)
    ended_on: Mapped[date | None]
    successor_id: Mapped[int | None]


class DivisionName(Owned, Base):
    """What a division was called before, and the last day on which it was called so."""

    __tablename__ = "division_name"
    __table_args__ = owned(reference("division_id", "division"), index("division_id"))

    division_id: Mapped[int]
    name: Mapped[str]
    until_on: Mapped[date]


class Approver(Owned, Base):
    """The position that approves a division's reports (ผู้อนุมัติ) beside the coordinator."""

    __tablename__ = "approver"
    __table_args__ = owned(
        unique("division_id"),
        reference("division_id", "division"),
        reference("position_id", "position"),
        index("position_id"),
    )

    division_id: Mapped[int]
    position_id: Mapped[int]


class CalendarDay(Owned, Base):
    """A day on which the organisation differs from the national calendar."""

    __tablename__ = "calendar_day"
    __table_args__ = owned(unique("day"))

    day: Mapped[date]
    working: Mapped[bool]
    name: Mapped[str]
