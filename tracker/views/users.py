"""The accounts of an organisation: who they are, invited from one form, closed and opened again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from tracker import clock, people
from tracker.access import actor, allow, confirmed, get_or_404
from tracker.actions import granting, organising
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Holding, JournalEntry, LinkToken, Position, Purpose, User
from tracker.rules.moments import day_of
from tracker.rules.permissions import Deed, may

blueprint = Blueprint("users", __name__, url_prefix="/settings/users")
GRANTED = ("auditor", "administrator")
LOOKS = {"invited": "submitted", "expired": "due_soon", "active": "approved", "closed": "cancelled"}


@blueprint.get("")
@allow(Deed.SEE_SETTINGS)
def show() -> str:
    """Every account, those that may sign in first."""
    return _list({}, {})


@blueprint.post("")
@allow(Deed.MANAGE_PEOPLE)
def invite() -> ResponseReturnValue:
    """Make an account for a position or with a granted role, and mail its invitation."""
    given = request.form
    try:
        position, granted = _wanted(given.get("part", ""))
        user, _url = organising.invite(
            given.get("email", ""),
            given.get("name", ""),
            position,
            now=clock.now(),
            by=actor(),
            auditor=granted == "auditor",
            administrator=granted == "administrator",
        )
    except Refused as refused:
        errors = _said(refused, "email")
        db.session.rollback()
        return _list(errors, given), 422
    flash(_("ส่งคำเชิญไปที่ %(address)s แล้ว", address=user.address), "success")
    return redirect(url_for("users.show"), 303)


def _wanted(part: str) -> tuple[Position | None, str]:
    """What the form's choice stands for: a position, or a role that is granted."""
    if part in GRANTED:
        return None, part
    posts = {str(row.id): row for row in db.session.scalars(select(Position))}
    if part not in posts:
        raise FieldsRefused({"part": Message("เลือกตำแหน่งหรือสิทธิของผู้ที่เชิญ")})
    return posts[part], ""


@blueprint.get("/<int:user_id>")
@allow(Deed.SEE_SETTINGS)
def user(user_id: int) -> str:
    return _page(get_or_404(User, user_id), {}, {})


@blueprint.post("/<int:user_id>/grant")
@allow(Deed.MANAGE_PEOPLE)
def grant(user_id: int) -> ResponseReturnValue:
    """The name and the granted roles."""

    def deed(row: User) -> str:
        granting.grant(
            row,
            request.form.get("name", "")[:200],
            auditor="auditor" in request.form,
            administrator="administrator" in request.form,
            now=clock.now(),
            by=actor(),
        )
        return _("บันทึกแล้ว")

    return _done(user_id, deed, "name")


@blueprint.post("/<int:user_id>/invite-again")
@allow(Deed.MANAGE_PEOPLE)
def invite_again(user_id: int) -> ResponseReturnValue:
    """A new link for whoever has not accepted; the earlier one ends."""

    def deed(row: User) -> str:
        organising.invite_again(row, now=clock.now(), by=actor())
        return _("ส่งคำเชิญไปที่ %(address)s แล้ว", address=row.address)

    return _done(user_id, deed)


@blueprint.post("/<int:user_id>/close")
@allow(Deed.MANAGE_PEOPLE)
def close(user_id: int) -> ResponseReturnValue:
    """Close the account; of one that was never accepted, withdraw the invitation."""

    def deed(row: User) -> str:
        granting.close(row, now=clock.now(), by=actor())
        if row.password_hash is None:
            return _("ถอนคำเชิญของ%(name)sแล้ว ลิงก์ในจดหมายใช้ไม่ได้อีก", name=row.name)
        return _("ปิดบัญชีของ%(name)sแล้ว ประวัติยังอยู่ครบ", name=row.name)

    return _done(user_id, deed)


@blueprint.post("/<int:user_id>/reopen")
@allow(Deed.MANAGE_PEOPLE)
def reopen(user_id: int) -> ResponseReturnValue:
    def deed(row: User) -> str:
        granting.reopen(row, now=clock.now(), by=actor())
        return _("เปิดบัญชีของ%(name)sอีกครั้งแล้ว ตำแหน่งต้องมอบใหม่", name=row.name)

    return _done(user_id, deed)


def _done(user_id: int, deed: Callable[[User], str], field: str = "account") -> ResponseReturnValue:
    """Do it and go back to the account, or show the page with the sentence at its place."""
    row = get_or_404(User, user_id)
    try:
        told = deed(row)
    except Refused as refused:
        errors = _said(refused, field)
        db.session.rollback()
        return _page(get_or_404(User, user_id), errors, request.form), 422
    flash(told, "success")
    return redirect(url_for("users.user", user_id=user_id), 303)


def _said(refused: Refused, field: str) -> dict[str, str]:
    fields = refused.fields if isinstance(refused, FieldsRefused) else {field: refused.message}
    return {name: say(message, language()) for name, message in fields.items()}


def _list(errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    users = db.session.scalars(select(User).order_by(User.active.desc(), User.name, User.id)).all()
    posts = people.posts_on(clock.today())
    return render_template(
        "settings/users.html",
        rows=_rows(users),
        parts=[
            ("", _("เลือกตำแหน่งหรือสิทธิ")),
            *((post.position_id, _part_words(post)) for post in posts.values()),
            ("auditor", _("ผู้ตรวจสอบ (ดูได้ทุกหน้า แก้ไขไม่ได้)")),
            ("administrator", _("ผู้ดูแลระบบของหน่วยงาน (ผู้ใช้และการตั้งค่า)")),
        ],
        errors=errors,
        values=values,
        **_managing(),
    )


def _managing() -> dict[str, Any]:
    """Whether accounts may be changed at once, and else where the password is given again."""
    manages = may(actor(), Deed.MANAGE_PEOPLE)
    sure = manages and confirmed(clock.now())
    where = url_for("own_account.confirm", next=request.path) if manages and not sure else None
    return {"manages": sure, "confirm_href": where}


def _part_words(post: people.Post) -> str:
    if post.holder_id is None:
        return _("%(title)s (ว่าง)", title=post.title)
    return _("%(title)s (แทน%(name)s)", title=post.title, name=post.holder_name)


def _page(row: User, errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    [account] = _rows([row])
    last = row.active and granting.managers(clock.today()) == {row.id}
    return render_template(
        "settings/user.html",
        user=row,
        account=account,
        last=say(granting.LAST_MANAGER, language()) if last else None,
        errors=errors,
        values=values,
        **_managing(),
    )


def _rows(users: Sequence[User]) -> list[dict[str, Any]]:
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
                "address": user.address,
                "posts": posts[user.id],
                "roles": _roles(user),
                "seen": seen.get(user.id),
                "state": state,
                "look": LOOKS[state],
                "words": _state_words(user, state, until),
                "href": url_for("users.user", user_id=user.id),
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
    if not user.active:
        return "closed"
    if user.password_hash is not None:
        return "active"
    return "invited" if until is not None and until > now else "expired"


def _state_words(user: User, state: str, until: datetime | None) -> str:
    if state == "closed":
        return _("ปิดแล้ว") if user.password_hash is not None else _("ถอนคำเชิญแล้ว")
    if state == "active":
        return _("ใช้งานอยู่")
    if state == "expired" or until is None:
        return _("คำเชิญหมดอายุ")
    sent = day_of(until - timedelta(days=organising.INVITATION_DAYS))
    return _("เชิญเมื่อ %(day)s ยังไม่ตอบรับ", day=short_date(sent))
