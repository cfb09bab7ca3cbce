"""Accounts, positions, who holds them, and what an account is known by."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Owned, choice, index, owned, reference, unique
from tracker.rules.permissions import Role

# No mail is ever delivered below this name (RFC 2606).
NOWHERE = "nameless.invalid"


class Purpose(StrEnum):
    """What a single-use link is for."""

    INVITATION = "invitation"
    RESET = "reset"


# No mail is ever delivered below this name (RFC 2606).
NOWHERE = "nameless.invalid"


class User(Owned, Base):
    """An account (ผู้ใช้) in one organisation; its address is unique in the installation."""

    __tablename__ = "user_account"
    __table_args__ = owned()

    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="th")
    auditor: Mapped[bool] = mapped_column(default=False)
    administrator: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    @property
    def nameless(self) -> bool:
        """Whether name and address were taken away for good when the person left."""
        return self.address.endswith(f"@{NOWHERE}")


class Position(Owned, Base):
    """A post (ตำแหน่ง); people hold it, tasks and mails go to it."""

    __tablename__ = "position"
    __table_args__ = owned(
        unique("title"), reference("division_id", "division"), reference("superior_id", "position")
    )

    title: Mapped[str]
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    division_id: Mapped[int | None]
    superior_id: Mapped[int | None]
    mailbox: Mapped[str | None]
    ended_on: Mapped[date | None]


class Holding(Owned, Base):
    """Who holds a position, from a day until a day; acting (รักษาการ) goes before regular."""

    __tablename__ = "holding"
    __table_args__ = owned(
        reference("position_id", "position"),
        reference("user_id", "user_account"),
        index("position_id"),
        index("user_id"),
    )

    position_id: Mapped[int]
    user_id: Mapped[int]
    acting: Mapped[bool] = mapped_column(default=False)
    from_on: Mapped[date]
    until_on: Mapped[date | None]


class WebSession(Owned, Base):
    """A signed-in browser; the cookie carries a random id, the row only its hash."""

    __tablename__ = "web_session"
    __table_args__ = owned(reference("user_id", "user_account"), index("user_id"))

    user_id: Mapped[int]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # When it was last used, to some minutes, and when its password was last asked for; none: at its beginning.
    seen_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    device: Mapped[str | None]


class LinkToken(Owned, Base):
    """A single-use link sent to one account; the row holds only the token's hash."""

    __tablename__ = "link_token"
    __table_args__ = owned(reference("user_id", "user_account"), index("user_id"))

    user_id: Mapped[int]
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose, "purpose"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AddressChange(Owned, Base):
    """A new address of an account, which counts when the link mailed to it was pressed; only its hash is kept."""

    __tablename__ = "address_change"
    __table_args__ = owned(reference("user_id", "user_account"), index("user_id"))

    user_id: Mapped[int]
    address: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Throttle(Base):
    """Failed tries of one account or address, counted in the database so that all processes agree."""

    __tablename__ = "throttle"
    __table_args__ = (Index("ix_throttle_since_at", "since_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    since_at: Mapped[datetime]
