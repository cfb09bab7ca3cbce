"""Lets people in and out: sign-in, sign-out, invitations, and the brake on guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker import journal
from tracker.access import new_token, token_hash, use_up
from tracker.database import across_organisations, db, organisation_scope
from tracker.errors import FieldsRefused, Message, NotFound, Refused
from tracker.extensions import settings
from tracker.models import LinkToken, Purpose, Throttle, User, WebSession
from tracker.rules.permissions import Actor

TRIES = 10
# A whole office may sit behind one network address.
TRIES_OF_ADDRESS = 100
TRIES_MINUTES = 15
RESETS = 3
SIGN_IN, RESET = "", "reset-"
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
# zxcvbn's score of what fewer than a million guesses find: known passwords, keyboard rows, phone numbers, birthdays.
GUESSABLE = 1
JUDGED = 72  # letters; judging takes the cube of their number
# Many keep the mail and come back by its link.
INVITATION_OVER = Message(
    "ลิงก์คำเชิญนี้ใช้ไม่ได้แล้ว ถ้าเคยตั้งรหัสผ่านแล้วให้เข้าสู่ระบบ ถ้ายังไม่เคยโปรดขอคำเชิญใหม่จากผู้ประสานงาน"
)

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
    """The argon2id hash; FieldsRefused where the password is too short, too long or easy to guess."""
    refused = _refused(password)
    if refused:
        raise FieldsRefused({"password": refused})
    return _hasher.hash(password)


def _refused(password: str) -> Message | None:
    if len(password) < SHORTEST_PASSWORD:
        return Message("รหัสผ่านต้องยาวอย่างน้อย %(least)s ตัวอักษร", {"least": SHORTEST_PASSWORD})
    if len(password) > LONGEST_PASSWORD:
        return Message("รหัสผ่านต้องยาวไม่เกิน %(most)s ตัวอักษร", {"most": LONGEST_PASSWORD})
    from zxcvbn import zxcvbn  # its word lists take 14 MB, and few processes ever set a password

    if zxcvbn(password[:JUDGED])["score"] <= GUESSABLE:
        return Message("รหัสผ่านนี้เดาได้ง่าย กรุณาใช้คำหลายคำต่อกัน หรือประโยคสั้น ๆ ที่คนอื่นนึกไม่ถึง")
    return None


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


def note_try(address: str, source: str, deed: str = SIGN_IN, *, now: datetime) -> None:
    """Count a failed sign-in, or a wish for a new password, for the account and for the address it came from."""
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    for key in _keys(address, source, deed):
        row = insert(Throttle).values(key=key, failures=1, since_at=now)
        over = Throttle.since_at < now - timedelta(minutes=TRIES_MINUTES)
        # One statement: tries that come at the same moment must not be counted as one.
        counted = row.on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "failures": case((over, 1), else_=Throttle.failures + 1),
                "since_at": case((over, row.excluded.since_at), else_=Throttle.since_at),
            },
        )
        with across_organisations("counting tries"):
            db.session.execute(counted)


def held_back(address: str, source: str, deed: str = SIGN_IN, *, now: datetime) -> bool:
    """Whether there were so many tries that the next ones wait."""
    recent = now - timedelta(minutes=TRIES_MINUTES)
    account, place = _keys(address, source, deed)
    rows = db.session.scalars(select(Throttle).where(Throttle.key.in_((account, place))))
    most = {account: TRIES if deed == SIGN_IN else RESETS, place: TRIES_OF_ADDRESS}
    return any(row.failures >= most[row.key] for row in rows if row.since_at > recent)


def start_anew(user_id: int, organisation_id: int, address: str, *, now: datetime) -> None:
    """Sign an account out everywhere and forget what failed: its owner has shown to be the owner."""
    account, _ = _keys(address, "", SIGN_IN)
    db.session.execute(delete(Throttle).where(Throttle.key == account))
    with organisation_scope(organisation_id):
        end_all_sessions(user_id, now=now, by=Actor(organisation_id=organisation_id, user_id=user_id))


def _keys(address: str, source: str, deed: str) -> tuple[str, str]:
    return f"{deed}account:{token_hash(address.strip().lower())}", f"{deed}source:{source}"


def open_session(user_id: int, organisation_id: int, device: str = "", *, now: datetime) -> str:
    """A new session of the user on a device; returns the token for the browser."""
    token, hashed = new_token()
    with organisation_scope(organisation_id):
        db.session.add(
            WebSession(
                user_id=user_id,
                token_hash=hashed,
                created_at=now,
                expires_at=now + timedelta(hours=settings().session_hours),
                seen_at=now,
                confirmed_at=now,
                device=device,
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


def sessions_of(user_id: int, *, now: datetime) -> Sequence[WebSession]:
    """Where the user is signed in, the session used last first."""
    idle = now - timedelta(minutes=settings().session_idle_minutes)
    return db.session.scalars(
        select(WebSession)
        .where(WebSession.user_id == user_id, WebSession.ended_at.is_(None), WebSession.expires_at > now)
        .where(func.coalesce(WebSession.seen_at, WebSession.created_at) > idle)
        .order_by(func.coalesce(WebSession.seen_at, WebSession.created_at).desc(), WebSession.id.desc())
    ).all()


def end_session(session_id: int, *, now: datetime, by: Actor) -> None:
    """Sign one of the actor's own sessions out; Refused where it is none or has ended."""
    if session_id not in {row.id for row in sessions_of(by.user_id or 0, now=now)}:
        raise Refused("การเข้าใช้นี้สิ้นสุดไปแล้ว")
    close_session(session_id, now=now, by=by)


def end_all_sessions(user_id: int, *, now: datetime, by: Actor, but: int | None = None) -> None:
    """Sign the user out on every device, but for the session that is named."""
    ended = update(WebSession).where(
        WebSession.user_id == user_id, WebSession.ended_at.is_(None), WebSession.id != (but or 0)
    )
    db.session.execute(ended.values(ended_at=now))
    journal.record("user.signed_out_everywhere", "user", user_id, now=now, by=by)


def confirm(session_id: int, *, now: datetime) -> None:
    """Write down that the password of a session was given again."""
    db.session.execute(
        update(WebSession).where(WebSession.id == session_id).values(confirmed_at=now, seen_at=now)
    )


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
        raise NotFound(INVITATION_OVER.template)
    link, user = found
    return user.id, link.organisation_id, user.name, user.address


def accept(token: str, password_hash: str, device: str = "", *, now: datetime) -> str:
    """Set the invited user's password, use the link up and sign in; returns the session's token."""
    user_id, organisation_id, _, _ = invited(token, now=now)
    with organisation_scope(organisation_id):
        if not use_up(LinkToken, token, now=now):
            raise NotFound(INVITATION_OVER.template)
        user = db.session.get(User, user_id)
        assert user is not None
        user.password_hash = password_hash
    return open_session(user_id, organisation_id, device, now=now)
