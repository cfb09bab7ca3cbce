"""Gathers everything that is kept about one person, for that person to have."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import inspect as looked_into

from tracker import journal
from tracker.database import across_organisations, db
from tracker.errors import NotFound
from tracker.models import (
    Base,
    Holding,
    JournalEntry,
    MailLink,
    OutgoingMail,
    Owned,
    Position,
    Reminder,
    User,
)
from tracker.rules.permissions import Actor

# Hashes of secrets, what a mail's server needs, and the words of mails: links stand in them.
WITHHELD = frozenset(
    {"token_hash", "password_hash", "organisation_id", "lease_token", "lease_until", "key", "dedup_key",
     "message_id", "body_text", "body_html"}
)  # fmt: skip
# What makes a row one of a person's: the account, the hand that wrote it, the link it came by.
_BY_ACCOUNT, _BY_LINK = ("user_id", "by_user_id"), "by_link_id"

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def account_with(address: str) -> tuple[int, int]:
    """(organisation id, user id) of the account with this address in the whole installation; NotFound else."""
    with across_organisations("the account with an address"):
        found = db.session.execute(
            select(User.organisation_id, User.id).where(User.address == address.strip().lower())
        ).one_or_none()
    if found is None:
        raise NotFound("ไม่พบบัญชีที่ใช้อีเมล %(address)s", address=address)
    return found[0], found[1]


def copy_of(user: User, *, now: datetime, by: Actor) -> Tables:
    """Every row that is about the person or was written by the person, by table; noted in the journal.

    What a table keeps by number alone (positions) is named beside it. Rows of others stay out.
    """
    mailed = or_(MailLink.address == user.address, MailLink.colleague_address == user.address)
    links = set(db.session.scalars(select(MailLink.id).where(mailed)))
    tables: Tables = {"user_account": [_told(user)]}
    for model in _owned_models():
        query = select(model).where(or_(*_marks(model, user, links))).order_by(model.id)
        rows = [_told(row) for row in db.session.scalars(query)]
        if rows:
            tables[model.__tablename__] = rows
    for row in tables.get(MailLink.__tablename__, []):
        _leave_out_the_other(row, user.address)
    titles = dict(db.session.execute(select(Position.id, Position.title)).all())
    for row in tables.get(Holding.__tablename__, []):
        row["position"] = titles[row["position_id"]]
    journal.record("user.copied", "user", user.id, now=now, by=by)
    return tables


def _owned_models() -> Iterator[Any]:
    """The models of which a row can be a person's, by the name of their table."""
    models = [mapper.class_ for mapper in Base.registry.mappers]
    for model in sorted(models, key=lambda model: str(model.__tablename__)):
        if issubclass(model, Owned) and _columns(model) & {*_BY_ACCOUNT, _BY_LINK} | _ADDRESSED.get(
            model, set()
        ):
            yield model


# Where mails and links keep the address they went to.
_ADDRESSED: dict[Any, set[str]] = {
    OutgoingMail: {"to_address"},
    MailLink: {"address", "colleague_address"},
    Reminder: {"recipient"},
    JournalEntry: {"actor"},
}


def _marks(model: Any, user: User, links: Collection[int]) -> Iterator[ColumnElement[bool]]:
    columns = _columns(model)
    if model is JournalEntry:
        yield JournalEntry.actor == f"user:{user.id}"
        yield (JournalEntry.subject_kind == "user") & (JournalEntry.subject_id == user.id)
        yield JournalEntry.actor.in_(_labels(links))
        return
    if model is MailLink:
        yield MailLink.id.in_(links)
        return
    for name in _BY_ACCOUNT:
        if name in columns:
            yield getattr(model, name) == user.id
    if _BY_LINK in columns:
        yield getattr(model, _BY_LINK).in_(links)
    for name in _ADDRESSED.get(model, set()):
        yield getattr(model, name) == user.address


def _leave_out_the_other(link: Row, own: str) -> None:
    """A link that was passed on names two people."""
    if link["address"] != own:
        link["address"] = None
    if link["colleague_address"] != own:
        link["colleague_address"] = link["colleague_name"] = None


def _labels(links: Collection[int]) -> list[str]:
    """How the journal writes whoever came by one of these links."""
    written = db.session.scalars(
        select(JournalEntry.actor).where(JournalEntry.actor.startswith("link:")).distinct()
    )
    return [label for label in written if int(label.split(":")[1]) in links]


def _columns(model: Any) -> set[str]:
    return {column.key for column in looked_into(model).columns}


def _told(row: Base) -> Row:
    """The row's columns as plain values; of a secret only whether there is one."""
    told = {name: _plain(getattr(row, name)) for name in sorted(_columns(type(row)) - WITHHELD)}
    if isinstance(row, User):
        told["has_password"] = row.password_hash is not None
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
