"""Frozen, numbered versions of documents, and what the coordinator writes into the next one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, index, owned, reference, unique


class Report(Owned, Base):
    """A closed document (รายงาน) of a kind, numbered: the frozen value as JSON and its hash.

    `reopened_at` is when it made room for the next version of its kind.
    """

    __tablename__ = "report"
    __table_args__ = owned(
        unique("plan_id", "kind", "version"),
        reference("plan_id", "plan"),
        reference("by_user_id", "user_account"),
    )

    plan_id: Mapped[int]
    kind: Mapped[str]
    version: Mapped[int]
    frozen: Mapped[str]
    sha256: Mapped[str]
    closed_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    document_number: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    signer: Mapped[str] = mapped_column(default="")
    signer_position: Mapped[str] = mapped_column(default="")
    reopened_at: Mapped[datetime | None]


class ReportScan(Owned, Base):
    """A signed scan (สำเนาที่ลงนาม) of a closed document; what was removed stays as a trace with its reason."""

    __tablename__ = "report_scan"
    __table_args__ = owned(
        reference("report_id", "report"),
        reference("by_user_id", "user_account"),
        reference("removed_by_id", "user_account"),
        index("report_id"),
    )

    report_id: Mapped[int]
    name: Mapped[str]
    storage_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    added_at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None]
    removed_reason: Mapped[str] = mapped_column(default="")


class Publicity(Owned, Base):
    """Where a document of the plan stands on the office's website, and what is explained to the assessor.

    `document` is "plan" or "annual"; `addresses` has a URL a line.
    """

    __tablename__ = "publicity"
    __table_args__ = owned(
        unique("plan_id", "document"), reference("plan_id", "plan"), reference("by_user_id", "user_account")
    )

    plan_id: Mapped[int]
    document: Mapped[str]
    addresses: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]


class Publication(Owned, Base):
    """A closed version that the public may open (การเผยแพร่); when it is withdrawn the day and the reason stay."""

    __tablename__ = "publication"
    __table_args__ = owned(
        reference("report_id", "report"),
        reference("by_user_id", "user_account"),
        reference("withdrawn_by_user_id", "user_account"),
        Index(
            "uq_publication_report_id",
            "organisation_id",
            "report_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    report_id: Mapped[int]
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(default="")
    withdrawn_by_user_id: Mapped[int | None]


class ReportEdit(Owned, Base):
    """A cell of the report that the coordinator overwrote (ข้อความที่แก้ในรายงาน).

    `proposal` and `sources` (a hash) are what the cell said of itself, and from what, when this was written.
    """

    __tablename__ = "report_edit"
    __table_args__ = owned(
        unique("item_id", "cell"),
        reference("item_id", "plan_item"),
        reference("by_user_id", "user_account"),
    )

    item_id: Mapped[int]
    cell: Mapped[str]
    text: Mapped[str]
    proposal: Mapped[str]
    sources: Mapped[str]
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]


class ReadinessAnswer(Owned, Base):
    """What the coordinator answered to something that the report lacks: a reason, a confirmation, an address.

    It holds for the `subjects` (ids) of the finding that were shown, and for no others.
    """

    __tablename__ = "readiness_answer"
    __table_args__ = owned(
        unique("plan_id", "code"), reference("plan_id", "plan"), reference("by_user_id", "user_account")
    )

    plan_id: Mapped[int]
    code: Mapped[str]
    text: Mapped[str]
    subjects: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]


class Matter(Owned, Base):
    """What the coordinator asks the chief executive to consider (เรื่องที่ขอให้ผู้บริหารพิจารณา).

    The latest row of a plan is printed, the earlier ones are kept.
    """

    __tablename__ = "matter"
    __table_args__ = owned(
        reference("plan_id", "plan"), reference("by_user_id", "user_account"), index("plan_id")
    )

    plan_id: Mapped[int]
    texts: Mapped[list[Any]] = mapped_column(default=list)
    at: Mapped[datetime]
    by_user_id: Mapped[int | None]
