"""What the pages of accounts say of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy import func, or_, select

from tracker import clock
from tracker.access import actor, confirmed
from tracker.actions import organising
from tracker.database import db
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import Holding, JournalEntry, LinkToken, Position, Purpose, User
from tracker.rules.moments import day_of
from tracker.rules.permissions import Deed, may

LOOKS = {
    "invited": "submitted",
    "expired": "due_soon",
    "active": "approved",
    "closed": "cancelled",
    "nameless": "not_needed",
}


def managing() -> dict[str, Any]:
    """Whether accounts may be changed at once, and else where the password is given again."""
    manages = may(actor(), Deed.MANAGE_PEOPLE)
    sure = manages and confirmed(clock.now())
    where = url_for("own_account.confirm", next=request.path) if manages and not sure else None
    return {"manages": sure, "confirm_href": where}


def facts_of(users: Sequence[User]) -> list[dict[str, Any]]:
    """What the pages say of each account."""
    ids = [user.id for user in users]
    now, today = clock.now(), clock.today()
    posts = _positions(ids, today)
    seen = dict(
        db.session.execute(
            select(JournalEntry.subject_id, func.max(JournalEntry.at))
            .where(
                JournalEntry.subject_kind == "user",
                JournalEntry.deed == "user.signed_in",
                JournalEntry.subject_id.in_(ids),
            )
            .group_by(JournalEntry.subject_id)
        ).all()
    )
    invited = dict(
        db.session.execute(
            select(LinkToken.user_id, func.max(LinkToken.expires_at))
            .where(LinkToken.user_id.in_(ids), LinkToken.purpose == Purpose.INVITATION)
            .where(LinkToken.used_at.is_(None))
            .group_by(LinkToken.user_id)
        ).all()
    )
    rows = []
    for user in users:
        until = invited.get(user.id)
        state = _state(user, until, now)
        rows.append(
            {
                "name": user.name,
                "address": "" if user.nameless else user.address,
                "posts": posts[user.id],
                "roles": _roles(user),
                "seen": seen.get(user.id),
                "state": state,
                "look": LOOKS[state],
                "words": _state_words(user, state, until),
                "href": url_for("user.show", user_id=user.id),
            }
        )
    return rows


def _positions(ids: Sequence[int], today: date) -> dict[int, list[dict[str, Any]]]:
    """The positions that each user holds or is to hold."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for holding, position in db.session.execute(
        select(Holding, Position)
        .join(Position, Position.id == Holding.position_id)
        .where(Holding.user_id.in_(ids), or_(Holding.until_on.is_(None), Holding.until_on >= today))
        .order_by(Holding.from_on, Position.id)
    ):
        title = _("%(title)s (รักษาการ)", title=position.title) if holding.acting else position.title
        if holding.from_on > today:
            title = _("%(title)s ตั้งแต่ %(day)s", title=title, day=short_date(holding.from_on))
        href = url_for("people.position", position_id=position.id)
        found[holding.user_id].append({"title": title, "href": href})
    return found


def _roles(user: User) -> list[str]:
    named = [(user.administrator, _("ผู้ดูแลระบบ")), (user.auditor, _("ผู้ตรวจสอบ"))]
    return [words for held, words in named if held]


def _state(user: User, until: datetime | None, now: datetime) -> str:
    if user.nameless:
        return "nameless"
    if not user.active:
        return "closed"
    if user.password_hash is not None:
        return "active"
    return "invited" if until is not None and until > now else "expired"


def _state_words(user: User, state: str, until: datetime | None) -> str:
    if state == "nameless":
        return _("ไม่ระบุตัวบุคคล")
    if state == "closed":
        return _("ปิดแล้ว") if user.password_hash is not None else _("ถอนคำเชิญแล้ว")
    if state == "active":
        return _("ใช้งานอยู่")
    if state == "expired" or until is None:
        return _("คำเชิญหมดอายุ")
    sent = day_of(until - timedelta(days=organising.INVITATION_DAYS))
    return _("เชิญเมื่อ %(day)s ยังไม่ตอบรับ", day=short_date(sent))
