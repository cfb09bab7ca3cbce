"""The positions, who holds them and who will, and where their mails go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select

from tracker import clock, people
from tracker.access import Row, actor, allow, get_or_404, key_of
from tracker.actions import organising, staffing
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.locale import language, say, say_refusal, short_date
from tracker.locale import translate as _
from tracker.models import Division, Holding, Position, User
from tracker.rules.permissions import Deed, Role, may
from tracker.rules.thai import parse_date
from tracker.views.reminder_pages import vacancy
from tracker.views.user_words import managing

blueprint = Blueprint("people", __name__, url_prefix="/settings/people")


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def show() -> str:
    """Every position as it stands today, what is to change, and the vacant ones first of all."""
    return _list({}, {})


@blueprint.post("")
@allow(Deed.MANAGE_PEOPLE)
def add() -> ResponseReturnValue:
    """Another position: a deputy, a stand-in, somebody who reports for a division."""
    given = request.form
    try:
        division = _of_form(Division, given.get("division", ""))
        above = _of_form(Position, given.get("superior", ""))
        row = staffing.add_position(
            given.get("title", "")[:200], given.get("role", ""), division, above, now=clock.now(), by=actor()
        )
    except FieldsRefused as refused:
        errors = say_refusal(refused, "title")
        db.session.rollback()
        return _list(errors, given), 422
    flash(_("เพิ่มตำแหน่ง%(title)sแล้ว มอบให้ผู้ดำรงตำแหน่งได้ที่หน้านี้", title=row.title), "success")
    return _back(row)


def _of_form(model: type[Row], text: str) -> Row | None:
    """The row that a choice names, None where it is blank; 404 where there is no such row."""
    if not text:
        return None
    return get_or_404(model, key_of(text) or 0)


def _list(errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    today = clock.today()
    posts = people.posts_on(today)
    divisions = dict(db.session.execute(select(Division.id, Division.name)).all())
    coming: dict[int, list[str]] = {}
    for holding, name in db.session.execute(
        select(Holding, User.name)
        .join(User, User.id == Holding.user_id)
        .where(or_(Holding.from_on > today, Holding.until_on >= today))
        .order_by(Holding.from_on)
    ):
        words = _("%(name)s ตั้งแต่ %(day)s", name=name, day=short_date(holding.from_on))
        if holding.from_on <= today and holding.until_on is not None:
            words = _("%(name)s ถึง %(day)s", name=name, day=short_date(holding.until_on))
        coming.setdefault(holding.position_id, []).append(words)
    rows = []
    for post in posts.values():
        if post.ended and post.holder_id is None:
            continue
        instead = people.reached(posts, post) if post.vacant else None
        rows.append(
            {
                "title": post.title,
                "division": divisions.get(post.division_id, "") if post.division_id else "",
                "holder": post.holder_name,
                "vacancy": vacancy(post, posts) if post.holder_id is None else "",
                "address": post.address or "",
                "instead": instead.title if instead else "",
                "coming": coming.get(post.position_id, []),
                "href": url_for("people.position", position_id=post.position_id),
            }
        )
    return render_template(
        "reminders/people.html",
        rows=rows,
        vacancies=[row["vacancy"] for row in rows if row["vacancy"]],
        changes=may(actor(), Deed.MANAGE_PEOPLE),
        roles=[("", _("เลือกบทบาท")), *_roles()],
        divisions=[
            ("", _("ไม่อยู่ในส่วนราชการ")),
            *db.session.execute(
                select(Division.id, Division.name).where(Division.ended_on.is_(None)).order_by(Division.place)
            ).all(),
        ],
        above=_above(posts, None),
        errors=errors,
        values=values,
        **managing(),
    )


def _roles() -> list[tuple[str, str]]:
    """What a position can be, in words."""
    words = {
        Role.STAFF: _("เจ้าหน้าที่ของส่วนราชการ"),
        Role.COORDINATOR: _("ผู้ประสานงานแผน หรือผู้ช่วย"),
        Role.CLERK: _("ปลัด หรือรองปลัด"),
        Role.HEAD: _("หัวหน้าส่วนราชการ"),
        Role.CHIEF_EXECUTIVE: _("ผู้บริหารสูงสุด"),
    }
    return [(role.value, words[role]) for role in staffing.OF_POSITIONS]


def _above(posts: Mapping[int, people.Post], but: int | None) -> list[tuple[object, str]]:
    """The choices of whom a position answers to."""
    others = [one for one in posts.values() if one.position_id != but and not one.ended]
    return [("", _("ไม่มี")), *((one.position_id, one.title) for one in others)]


@blueprint.get("/<int:position_id>")
@allow(Deed.SEE_REMINDERS)
def position(position_id: int) -> str:
    return _page(get_or_404(Position, position_id), {}, {})


@blueprint.post("/<int:position_id>/mailbox")
@allow(Deed.MANAGE_PEOPLE)
def mailbox(position_id: int) -> ResponseReturnValue:
    """Set or take away the shared mailbox."""
    row = get_or_404(Position, position_id)
    try:
        staffing.set_mailbox(row, request.form.get("mailbox", ""), now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(row, refused)
    flash(_("บันทึกที่อยู่จดหมายของตำแหน่งแล้ว"), "success")
    return _back(row)


@blueprint.post("/<int:position_id>/superior")
@allow(Deed.MANAGE_PEOPLE)
def superior(position_id: int) -> ResponseReturnValue:
    """Choose whom the position answers to, or nobody."""
    row = get_or_404(Position, position_id)
    chosen = _of_form(Position, request.form.get("superior", ""))
    try:
        staffing.set_superior(row, chosen, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(row, refused)
    flash(_("บันทึกผู้บังคับบัญชาแล้ว"), "success")
    return _back(row)


@blueprint.post("/<int:position_id>/title")
@allow(Deed.MANAGE_PEOPLE)
def title(position_id: int) -> ResponseReturnValue:
    """Call the position by another name."""
    row = get_or_404(Position, position_id)
    try:
        staffing.set_title(row, request.form.get("title", "")[:200], now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _refused(row, refused)
    flash(_("เปลี่ยนชื่อตำแหน่งแล้ว"), "success")
    return _back(row)


@blueprint.post("/<int:position_id>/hand-over")
@allow(Deed.MANAGE_PEOPLE)
def hand_over(position_id: int) -> ResponseReturnValue:
    """Let somebody hold the position, or act for its holder, from a day on."""
    row = get_or_404(Position, position_id)
    given = request.form
    try:
        user = _user(given.get("user_id", ""))
        until = given.get("until_on", "").strip()
        until_on = parse_date(until)
        if until and until_on is None:
            raise FieldsRefused({"until_on": Message("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569")})
        staffing.hand_over(
            row,
            user,
            parse_date(given.get("from_on", "")),
            until_on,
            acting=given.get("acting") == "yes",
            now=clock.now(),
            by=actor(),
        )
    except Refused as refused:
        return _refused(row, refused)
    flash(_("บันทึกแล้ว การเตือนที่ยังมาไม่ถึงจะไปถึงผู้ดำรงตำแหน่งใหม่"), "success")
    return _back(row)


@blueprint.post("/<int:position_id>/invite")
@allow(Deed.MANAGE_PEOPLE)
def invite(position_id: int) -> ResponseReturnValue:
    """Make an account that holds the position from today, and mail its invitation."""
    row = get_or_404(Position, position_id)
    given = request.form
    try:
        user, _url = organising.invite(
            given.get("email", ""), given.get("name", ""), row, now=clock.now(), by=actor()
        )
    except Refused as refused:
        return _refused(row, refused, "email")
    flash(_("ส่งคำเชิญไปที่ %(address)s แล้ว", address=user.address), "success")
    return _back(row)


@blueprint.post("/<int:position_id>/end")
@allow(Deed.MANAGE_PEOPLE)
def end_position(position_id: int) -> ResponseReturnValue:
    """Let a position that nobody holds be no longer."""
    row = get_or_404(Position, position_id)
    try:
        staffing.end_position(row, now=clock.now(), by=actor())
    except Refused as refused:
        return _refused(row, refused, "end")
    flash(_("ยกเลิกตำแหน่ง%(title)sแล้ว ประวัติยังอยู่ครบ", title=row.title), "success")
    return redirect(url_for("people.show"), 303)


@blueprint.post("/holdings/<int:holding_id>/end")
@allow(Deed.MANAGE_PEOPLE)
def end(holding_id: int) -> ResponseReturnValue:
    """Say the last day of a holder, or take out one who has not begun."""
    holding = get_or_404(Holding, holding_id)
    row = get_or_404(Position, holding.position_id)
    try:
        staffing.end(holding, parse_date(request.form.get("last_on", "")), now=clock.now(), by=actor())
    except Refused as refused:
        return _refused(row, refused, f"last_on-{holding_id}")
    flash(_("บันทึกวันสิ้นสุดแล้ว"), "success")
    return _back(row)


def _user(text: str) -> User:
    user = db.session.scalars(select(User).where(User.id == key_of(text), User.active)).one_or_none()
    if user is None:
        raise Refused("กรุณาเลือกผู้ดำรงตำแหน่ง")
    return user


def _back(row: Position) -> ResponseReturnValue:
    return redirect(url_for("people.position", position_id=row.id), 303)


def _refused(row: Position, refused: Refused, field: str = "user_id") -> ResponseReturnValue:
    """The page again, the sentence beside its field."""
    errors = {
        field if name == "last_on" else name: text for name, text in say_refusal(refused, field).items()
    }
    position_id = row.id
    db.session.rollback()
    return _page(get_or_404(Position, position_id), errors, request.form), 422


def _page(row: Position, errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    today = clock.today()
    posts = people.posts_on(today)
    post = posts[row.id]
    names = dict(db.session.execute(select(User.id, User.name)).all())
    holdings: list[dict[str, Any]] = [
        {
            "id": holding.id,
            "name": names[holding.user_id],
            "acting": holding.acting,
            "from_on": holding.from_on,
            "until_on": holding.until_on,
            "over": holding.until_on is not None and holding.until_on < today,
            "coming": holding.from_on > today,
        }
        for holding in staffing.holdings_of(row)
    ]
    instead = people.reached(posts, post) if post.vacant else None
    superior = posts.get(row.superior_id) if row.superior_id else None
    users = db.session.execute(
        select(User.id, User.name, User.address).where(User.active).order_by(User.name)
    ).all()
    against = staffing.obstacle_to_end(row, today=today)
    return render_template(
        "reminders/position.html",
        position=row,
        post=post,
        instead=instead.title if instead else "",
        superior=superior.title if superior else "",
        above=_above(posts, row.id),
        against=say(against, language()) if against else "",
        holdings=holdings,
        users=[("", _("เลือกผู้ใช้")), *((user.id, f"{user.name} ({user.address})") for user in users)],
        errors=errors,
        values=values,
        **managing(),
    )
