"""Lets people in and out: sign-in, sign-out, invitations, and the brake on guessing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update

from tracker import journal
from tracker.access import new_token, token_hash
from tracker.database import across_organisations, db, organisation_scope
from tracker.errors import FieldsRefused, Message, NotFound
from tracker.models import LinkToken, Purpose, Throttle, User, WebSession
from tracker.rules.permissions import Actor

SESSION_HOURS = 12
TRIES = 10
# A whole office may sit behind one network address.
TRIES_OF_ADDRESS = 100
TRIES_MINUTES = 15
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256

_hasher = PasswordHasher()
# Verified when the address is unknown, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


@dataclass(frozen=True)
class Account:
    """What signing in needs of a user."""

    user_id: int
    organisation_id: int
    password_hash: str


def hash_password(password: str) -> str:
    """The argon2id hash; FieldsRefused where the password is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise FieldsRefused(
            {"password": Message("รหัสผ่านต้องยาวอย่างน้อย %(least)s ตัวอักษร", {"least": SHORTEST_PASSWORD})}
        )
    return _hasher.hash(password)


def account_of(address: str) -> Account | None:
    """The active account with this address that has a password; None where there is none."""
    with across_organisations("sign-in by address"):
        user = db.session.scalars(select(User).where(User.address == address.strip().lower())).one_or_none()
    if user is None or user.password_hash is None or not user.active:
        return None
    return Account(user.id, user.organisation_id, user.password_hash)


def verify(account: Account | None, password: str) -> bool:
    """Whether this is the account's password; slow, as long for no account, and without the database."""
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return account is not None


def note_failure(address: str, source: str, *, now: datetime) -> None:
    """Count a failed try for the account and for the address it came from."""
    for key in _keys(address, source):
        row = db.session.get(Throttle, key)
        if row is None:
            db.session.add(Throttle(key=key, failures=1, since_at=now))
        elif now - row.since_at > timedelta(minutes=TRIES_MINUTES):
            row.failures, row.since_at = 1, now
        else:
            row.failures += 1


def held_back(address: str, source: str, *, now: datetime) -> bool:
    """Whether so many tries failed that the next ones wait."""
    recent = now - timedelta(minutes=TRIES_MINUTES)
    keys = _keys(address, source)
    rows = db.session.scalars(select(Throttle).where(Throttle.key.in_(keys), Throttle.since_at > recent))
    return any(
        row.failures >= (TRIES if row.key.startswith("account:") else TRIES_OF_ADDRESS) for row in rows
    )


def _keys(address: str, source: str) -> tuple[str, str]:
    return f"account:{token_hash(address.strip().lower())}", f"source:{source}"


def open_session(user_id: int, organisation_id: int, *, now: datetime) -> str:
    """A new session of the user; returns the token for the browser."""
    token, hashed = new_token()
    with organisation_scope(organisation_id):
        db.session.add(
            WebSession(
                user_id=user_id,
                token_hash=hashed,
                created_at=now,
                expires_at=now + timedelta(hours=SESSION_HOURS),
            )
        )
        actor = Actor(organisation_id=organisation_id, user_id=user_id)
        journal.record("user.signed_in", "user", user_id, now=now, by=actor)
        db.session.flush()
    return token


def close_session(session_id: int, *, now: datetime, by: Actor) -> None:
    db.session.execute(
        update(WebSession)
        .where(WebSession.id == session_id, WebSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    journal.record("user.signed_out", "user", by.user_id, now=now, by=by)


def invited(token: str, *, now: datetime) -> tuple[int, int, str, str]:
    """(user id, organisation id, name, address) of an unused invitation; NotFound where it is unknown or over."""
    with across_organisations("invitation by token"):
        found = db.session.execute(
            select(LinkToken, User)
            .join(User, User.id == LinkToken.user_id)
            .where(
                LinkToken.token_hash == token_hash(token),
                LinkToken.purpose == Purpose.INVITATION,
                LinkToken.used_at.is_(None),
                LinkToken.expires_at > now,
            )
        ).one_or_none()
    if found is None:
        raise NotFound("ลิงก์คำเชิญนี้ใช้ไม่ได้แล้ว โปรดขอคำเชิญใหม่จากผู้ประสานงาน")
    link, user = found
    return user.id, link.organisation_id, user.name, user.address


def accept(token: str, password_hash: str, *, now: datetime) -> str:
    """Set the invited user's password, use the link up and sign in; returns the session's token."""
    user_id, organisation_id, _, _ = invited(token, now=now)
    with organisation_scope(organisation_id):
        used = db.session.execute(
            update(LinkToken)
            .where(LinkToken.token_hash == token_hash(token), LinkToken.used_at.is_(None))
            .values(used_at=now)
        )
        if used.rowcount != 1:  # type: ignore[attr-defined]
            raise NotFound("ลิงก์คำเชิญนี้ใช้ไม่ได้แล้ว โปรดขอคำเชิญใหม่จากผู้ประสานงาน")
        user = db.session.get(User, user_id)
        assert user is not None
        user.password_hash = password_hash
    return open_session(user_id, organisation_id, now=now)
