"""What all tables share: names of constraints, moments in UTC, and ownership by one organisation."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: refuses naive values, stores UTC, returns aware values on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    # A registry, not a plain type_annotation_map: Flask-SQLAlchemy 3.1 loses the latter.
    registry = registry(
        metadata=MetaData(naming_convention=CONSTRAINT_NAMES),
        type_annotation_map={datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, str: Text},
    )


class Owned:
    """A row that belongs to one organisation; the session shows it to no other."""

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


def owned(*more: Any) -> tuple[Any, ...]:
    """The table arguments of an owned table: a key that references can be made to, then `more`."""
    return (UniqueConstraint("organisation_id", "id"), *more)


def reference(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot point into another organisation."""
    return ForeignKeyConstraint(["organisation_id", column], [f"{table}.organisation_id", f"{table}.id"])


def unique(*columns: str) -> UniqueConstraint:
    return UniqueConstraint("organisation_id", *columns)


def index(*columns: str) -> Index:
    return Index(None, "organisation_id", *columns)


def choice(values: type[StrEnum], name: str) -> Enum:
    """A column that holds one of the enum's values as text, kept so by a named check."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=30,
        values_callable=lambda members: [member.value for member in members],
    )
