"""Gives accounts a new password or a new address, by links that work once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from tracker import journal, mail
from tracker.access import end_links, new_token, token_hash, use_up
from tracker.database import across_organisations, current_organisation, db, organisation_scope
from tracker.errors import FieldsRefused, Message, NotFound
from tracker.extensions import settings
from tracker.models import AddressChange, LinkToken, Organisation, Purpose, User
from tracker.rules.mailtext import ADDRESS
from tracker.rules.permissions import Actor
from tracker.rules.thai import clean

RESET_HOURS = 2
CHANGE_HOURS = 24


@dataclass(frozen=True)
class Opened:
    """What a link that works leads to; `address` is the account's, or the one it is to have."""

    user_id: int
    organisation_id: int
    name: str
    address: str


def ask_reset(address: str, *, now: datetime) -> bool:
    """Mail a link for a new password to the active account with this address; False where there is none.

    Both take the same work, so that the time of the answer tells nothing.
    """
    with across_organisations("new password by address"):
        found = db.session.execute(
            select(User, Organisation.name)
            .join(Organisation, Organisation.id == User.organisation_id)
            .where(User.address == clean(address).lower(), User.active)
        ).one_or_none()
    token, hashed = new_token()
    user, office = found or (None, "")
    url = f"{settings().url}/reset/{token}"
    words = mail.render(
        "reset",
        user.language if user else "th",
        organisation=office,
        name=user.name if user else "",
        url=url,
        hours=RESET_HOURS,
    )
    if user is None:
        return False
    with organisation_scope(user.organisation_id):
        link = LinkToken(
            user_id=user.id,
            purpose=Purpose.RESET,
            token_hash=hashed,
            expires_at=now + timedelta(hours=RESET_HOURS),
        )
        db.session.add(link)
        mail.enqueue("reset", (user.address, user.name), words, f"reset:{hashed}", now=now)
        by = Actor(organisation_id=user.organisation_id)
        journal.record("user.reset_asked", "user", user.id, now=now, by=by)
    return True


def reset_of(token: str, *, now: datetime) -> Opened:
    """Whose password an unused link sets; NotFound where it is unknown, used or over."""
    with across_organisations("new password by token"):
        user = db.session.scalars(
            select(User)
            .join(LinkToken, User.id == LinkToken.user_id)
            .where(
                LinkToken.token_hash == token_hash(token),
                LinkToken.purpose == Purpose.RESET,
                LinkToken.used_at.is_(None),
                LinkToken.expires_at > now,
                User.active,
            )
        ).one_or_none()
    if user is None:
        raise NotFound("ลิงก์นี้ใช้ไม่ได้แล้ว โปรดขอลิงก์ใหม่")
    return Opened(user.id, user.organisation_id, user.name, user.address)


def reset(token: str, password_hash: str, *, now: datetime) -> Opened:
    """Set the password, use up every link of the account that does so, and tell the account's address."""
    opened = reset_of(token, now=now)
    with organisation_scope(opened.organisation_id):
        if not use_up(LinkToken, token, now=now):
            raise NotFound("ลิงก์นี้ใช้ไม่ได้แล้ว โปรดขอลิงก์ใหม่")
        by = Actor(organisation_id=opened.organisation_id, user_id=opened.user_id)
        set_password(opened.user_id, password_hash, now=now, by=by)
    return opened


def set_password(user_id: int, password_hash: str, *, now: datetime, by: Actor) -> None:
    """Give the account another password; links that would set one end, and its address is told."""
    user = db.session.scalars(select(User).where(User.id == user_id)).one()
    user.password_hash = password_hash
    end_links(user_id, now=now)
    entry = journal.record("user.password_set", "user", user_id, now=now, by=by)
    _tell(user, user.address, "password", f"password:{user_id}:{entry.number}", now=now)


def ask_address(user_id: int, address: str, *, now: datetime, by: Actor) -> None:
    """Mail a link to the new address, which counts when it is pressed; FieldsRefused where it is none.

    Where the address has an account already nothing is sent and nothing is said: whose it is is nobody's business.
    """
    address = clean(address).lower()
    user = db.session.scalars(select(User).where(User.id == user_id)).one()
    if not ADDRESS.fullmatch(address) or not address.isascii() or len(address) > 254:
        raise FieldsRefused({"address": Message("“%(address)s” ไม่ใช่ที่อยู่อีเมล", {"address": address})})
    if address == user.address:
        raise FieldsRefused({"address": Message("เป็นที่อยู่เดิมของท่าน")})
    token, hashed = new_token()
    change = AddressChange(
        user_id=user_id, address=address, token_hash=hashed, expires_at=now + timedelta(hours=CHANGE_HOURS)
    )
    db.session.execute(
        update(AddressChange)
        .where(AddressChange.user_id == user_id, AddressChange.used_at.is_(None))
        .values(used_at=now)
    )
    db.session.add(change)
    db.session.flush()
    words = mail.render(
        "address",
        user.language,
        organisation=current_organisation().name,
        name=user.name,
        url=f"{settings().url}/address/{token}",
        hours=CHANGE_HOURS,
    )
    if not _taken(address):
        mail.enqueue("address", (address, user.name), words, f"address:{hashed}", now=now)
    journal.record("user.address_asked", "user", user_id, now=now, by=by)


def change_of(token: str, *, now: datetime) -> Opened:
    """Which address an unused link confirms; NotFound where it is unknown, used or over, or the address is taken."""
    with across_organisations("new address by token"):
        found = db.session.execute(
            select(AddressChange, User)
            .join(User, User.id == AddressChange.user_id)
            .where(
                AddressChange.token_hash == token_hash(token),
                AddressChange.used_at.is_(None),
                AddressChange.expires_at > now,
                User.active,
            )
        ).one_or_none()
    if found is None or _taken(found[0].address):
        raise NotFound("ลิงก์นี้ใช้ไม่ได้แล้ว โปรดขอลิงก์ใหม่")
    change, user = found
    return Opened(user.id, user.organisation_id, user.name, change.address)


def change_address(token: str, *, now: datetime) -> None:
    """Let the account be known by its new address, and tell the old one."""
    opened = change_of(token, now=now)
    with organisation_scope(opened.organisation_id):
        if not use_up(AddressChange, token, now=now):
            raise NotFound("ลิงก์นี้ใช้ไม่ได้แล้ว โปรดขอลิงก์ใหม่")
        user = db.session.scalars(select(User).where(User.id == opened.user_id)).one()
        old, user.address = user.address, opened.address
        # A link that waits in the old mailbox must not open the account any longer.
        end_links(user.id, now=now)
        by = Actor(organisation_id=opened.organisation_id, user_id=opened.user_id)
        entry = journal.record("user.address_changed", "user", user.id, now=now, by=by)
        _tell(user, old, "address", f"address-changed:{user.id}:{entry.number}", now=now)


def _taken(address: str) -> bool:
    with across_organisations("addresses are unique in the installation"):
        return db.session.scalar(select(User.id).where(User.address == address)) is not None


def _tell(user: User, address: str, changed: str, key: str, *, now: datetime) -> None:
    """Say to whoever reads this mailbox that an account's password or address is another one."""
    words = mail.render(
        "changed",
        user.language,
        organisation=current_organisation().name,
        name=user.name,
        changed=changed,
        at=now,
        url=f"{settings().url}/reset",
    )
    mail.enqueue("changed", (address, user.name), words, key, now=now)
    db.session.flush()
