"""Lets positions pass from hand to hand: holders, acting holders, vacancies, shared mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from tracker import journal
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Approver, Division, Holding, Position, User
from tracker.people import managers_on
from tracker.rules.mailtext import ADDRESS
from tracker.rules.moments import day_of
from tracker.rules.permissions import DIVISION_ROLES, Actor, Role
from tracker.rules.thai import clean, letters

LAST_MANAGER = Message("หลังวันนั้นจะไม่มีใครจัดการผู้ใช้ของหน่วยงานได้ ส่งต่อตำแหน่งนี้หรือตั้งผู้ดูแลระบบอีกคนและให้เข้าใช้ระบบก่อน")
# What a position can be; the other roles are granted to accounts.
OF_POSITIONS = (Role.STAFF, Role.COORDINATOR, Role.CLERK, Role.HEAD, Role.CHIEF_EXECUTIVE)
# A mistyped year must not pass for a hand-over.
LONGEST_AHEAD = timedelta(days=366)
_ONE_DAY = timedelta(days=1)


def set_mailbox(position: Position, address: str, *, now: datetime, by: Actor) -> None:
    """The shared mailbox of a position, to which its mails go instead of its holder; blank for none."""
    address = clean(address).lower()
    if address and (not ADDRESS.fullmatch(address) or not address.isascii() or len(address) > 254):
        raise FieldsRefused({"mailbox": Message("“%(address)s” ไม่ใช่ที่อยู่อีเมล", {"address": address})})
    position.mailbox = address or None
    journal.record("position.mailbox_set", "position", position.id, now=now, by=by, mailbox=bool(address))


def set_superior(position: Position, superior: Position | None, *, now: datetime, by: Actor) -> None:
    """Whom the position answers to, who stands in while it is vacant; FieldsRefused where that leads in a circle."""
    # Two presses at a time must not close a circle together.
    current_organisation(lock=True)
    if superior is not None and superior.ended_on is not None:
        raise FieldsRefused({"superior": Message("ตำแหน่งนี้ยกเลิกไปแล้ว")})
    above = dict(db.session.execute(select(Position.id, Position.superior_id)).all())
    step, seen = superior.id if superior else None, set[int]()
    while step is not None and step not in seen:
        if step == position.id:
            words = Message(
                "%(title)sขึ้นกับตำแหน่งนี้อยู่แล้ว จึงเป็นผู้บังคับบัญชาไม่ได้", {"title": superior.title if superior else ""}
            )
            raise FieldsRefused({"superior": words})
        seen.add(step)
        step = above.get(step)
    position.superior_id = superior.id if superior else None
    db.session.flush()
    journal.record(
        "position.superior_set",
        "position",
        position.id,
        now=now,
        by=by,
        superior=position.superior_id,
        before=above[position.id],
    )


def set_title(position: Position, title: str, *, now: datetime, by: Actor) -> None:
    """What the position is called from now on; FieldsRefused where that is blank or another one's."""
    title = clean(title)
    others = db.session.scalars(select(Position.title).where(Position.id != position.id))
    if not title or letters(title) in set(map(letters, others)):
        raise FieldsRefused({"title": Message("ชื่อตำแหน่ง “%(title)s” ว่างหรือซ้ำ", {"title": title})})
    position.title = title
    db.session.flush()
    journal.record("position.renamed", "position", position.id, now=now, by=by)


def add_position(
    title: str,
    role: str,
    division: Division | None,
    superior: Position | None,
    *,
    now: datetime,
    by: Actor,
) -> Position:
    """Another position with one of the roles of positions; one that ended under the title comes back.

    FieldsRefused by "title", "role", "division" and "superior".
    """
    # Two presses at a time must not give a division two heads.
    current_organisation(lock=True)
    title = clean(title)
    positions = db.session.scalars(select(Position).order_by(Position.id)).all()
    same = next((one for one in positions if letters(one.title) == letters(title)), None)
    faults: dict[str, Message] = {}
    if not title or (same is not None and same.ended_on is None):
        faults["title"] = Message("ชื่อตำแหน่ง “%(title)s” ว่างหรือซ้ำ", {"title": title})
    in_force = [one for one in positions if one.ended_on is None]
    if role not in OF_POSITIONS:
        faults["role"] = Message("เลือกบทบาทของตำแหน่ง")
    elif role in DIVISION_ROLES and (division is None or division.ended_on is not None):
        faults["division"] = Message("เลือกส่วนราชการของตำแหน่งนี้")
    elif role not in DIVISION_ROLES and division is not None:
        faults["division"] = Message("บทบาทนี้ไม่ได้อยู่ในส่วนราชการใด เว้นว่างไว้")
    elif role == Role.HEAD and any(
        one.role is Role.HEAD and division is not None and one.division_id == division.id for one in in_force
    ):
        faults["role"] = Message("ส่วนราชการหนึ่งมีหัวหน้าได้ตำแหน่งเดียว ผู้แทนชั่วคราวให้ตั้งเป็นรักษาการ")
    elif role == Role.CHIEF_EXECUTIVE and any(one.role is Role.CHIEF_EXECUTIVE for one in in_force):
        faults["role"] = Message("หน่วยงานมีผู้บริหารสูงสุดได้ตำแหน่งเดียว ผู้แทนชั่วคราวให้ตั้งเป็นรักษาการ")
    if superior is not None and superior.ended_on is not None:
        faults["superior"] = Message("ตำแหน่งนี้ยกเลิกไปแล้ว")
    if faults:
        raise FieldsRefused(faults)
    position = same or Position(title=title, role=Role(role))
    position.title, position.role, position.ended_on = title, Role(role), None
    position.division_id = division.id if division else None
    position.superior_id = superior.id if superior and superior is not position else None
    db.session.add(position)
    db.session.flush()
    journal.record("position.added", "position", position.id, now=now, by=by, role=role)
    return position


def end_position(position: Position, *, now: datetime, by: Actor) -> None:
    """Let a position be no longer; who answered to it answers one higher.

    Refused while somebody holds it, while it approves, and for what the office cannot be without: the only
    coordinator, clerk and chief executive, and the head of a division.
    """
    current_organisation(lock=True)
    against = obstacle_to_end(position, today=day_of(now))
    if against is not None:
        raise Refused(against.template, **against.values)
    for below in db.session.scalars(select(Position).where(Position.superior_id == position.id)):
        below.superior_id = position.superior_id
    position.ended_on, position.mailbox, position.superior_id = day_of(now), None, None
    db.session.flush()
    journal.record("position.ended", "position", position.id, now=now, by=by)


def obstacle_to_end(position: Position, *, today: date) -> Message | None:
    """Why the position cannot end; None where nothing stands against it."""
    if position.ended_on is not None:
        return Message("ตำแหน่งนี้ยกเลิกไปแล้ว")
    if position.role is Role.HEAD:
        return Message("ตำแหน่งหัวหน้าสิ้นสุดไปพร้อมกับส่วนราชการ ให้ยุติหรือรวมส่วนราชการแทน")
    others = select(Position.id).where(
        Position.role == position.role, Position.id != position.id, Position.ended_on.is_(None)
    )
    if position.role is not Role.STAFF and db.session.scalars(others).first() is None:
        return Message("เป็นตำแหน่งเดียวของบทบาทนี้ หน่วยงานขาดไม่ได้ เปลี่ยนชื่อหรือส่งต่อตำแหน่งแทน")
    held = [one for one in holdings_of(position) if one.until_on is None or one.until_on >= today]
    if held:
        return Message("ยังมีผู้ดำรงหรือจะดำรงตำแหน่งนี้ ให้พ้นตำแหน่งก่อน")
    approves = select(Approver.id).where(Approver.position_id == position.id)
    if db.session.scalars(approves).first() is not None:
        return Message("ตำแหน่งนี้อนุมัติผลของส่วนราชการ ตั้งผู้อนุมัติอื่นก่อน")
    return None


def hand_over(
    position: Position,
    user: User,
    from_on: date | None,
    until_on: date | None,
    *,
    acting: bool,
    now: datetime,
    by: Actor,
) -> Holding:
    """Let the user hold the position, or act for its holder, from a day on; who held it so ends the day before.

    FieldsRefused by "from_on" and "until_on"; a holder who is to begin later must be taken out first.
    """
    today = day_of(now)
    if position.ended_on is not None:
        raise Refused("ตำแหน่งนี้ยกเลิกไปแล้ว")
    faults: dict[str, Message] = {}
    if from_on is None or not today <= from_on <= today + LONGEST_AHEAD:
        faults["from_on"] = Message("ระบุวันที่เริ่ม ตั้งแต่วันนี้ถึงหนึ่งปีข้างหน้า")
    elif until_on is not None and until_on < from_on:
        faults["until_on"] = Message("วันสุดท้ายต้องไม่อยู่ก่อนวันที่เริ่ม")
    others = holdings_of(position, acting)
    later = [other for other in others if from_on is not None and other.from_on >= from_on]
    if later and not faults:
        overlapping = later[0].from_on <= (until_on or date.max)
        if overlapping:
            faults["from_on"] = Message("มีผู้ที่จะเริ่มวันที่ %(day)s อยู่แล้ว โปรดนำออกก่อน", {"day": later[0].from_on})
    if faults or from_on is None:
        raise FieldsRefused(faults)
    managed = _managed(until_on)
    for other in others:
        if other.from_on < from_on and (other.until_on is None or other.until_on >= from_on):
            other.until_on = from_on - _ONE_DAY
    holding = Holding(
        position_id=position.id, user_id=user.id, acting=acting, from_on=from_on, until_on=until_on
    )
    db.session.add(holding)
    _keep_manager(managed, until_on, "until_on")
    journal.record(
        "position.handed_over",
        "position",
        position.id,
        now=now,
        by=by,
        user=user.id,
        acting=acting,
        from_on=from_on.isoformat(),
        until_on=until_on.isoformat() if until_on else None,
    )
    return holding


def end(holding: Holding, last_on: date | None, *, now: datetime, by: Actor) -> None:
    """The last day on which somebody holds a position, today or later; one who has not begun is taken out.

    Refused where nobody could manage people on the day after.
    """
    # Two who end at a time must not both leave the other one to manage.
    current_organisation(lock=True)
    today = day_of(now)
    if holding.until_on is not None and holding.until_on < today:
        raise Refused("การดำรงตำแหน่งนี้สิ้นสุดไปแล้ว")
    if holding.from_on > today:
        last_on = holding.from_on - _ONE_DAY
        managed = _managed(last_on)
        db.session.delete(holding)
    elif last_on is None or last_on < today - _ONE_DAY:
        raise FieldsRefused({"last_on": Message("ระบุวันสุดท้าย ตั้งแต่เมื่อวานเป็นต้นไป")})
    else:
        last_on = max(last_on, holding.from_on - _ONE_DAY)
        managed = _managed(last_on)
        holding.until_on = last_on
    _keep_manager(managed, last_on, "last_on")
    journal.record(
        "position.left",
        "position",
        holding.position_id,
        now=now,
        by=by,
        user=holding.user_id,
        last_on=last_on.isoformat(),
    )


def _managed(last_on: date | None) -> bool:
    """Whether somebody can manage people on the day after."""
    return last_on is not None and bool(managers_on(last_on + _ONE_DAY))


def _keep_manager(managed: bool, last_on: date | None, field: str) -> None:
    db.session.flush()
    if managed and not _managed(last_on):
        raise FieldsRefused({field: LAST_MANAGER})


def holdings_of(position: Position, acting: bool | None = None) -> Sequence[Holding]:
    """Who held, holds and will hold the position, the earliest first."""
    query = select(Holding).where(Holding.position_id == position.id).order_by(Holding.from_on, Holding.id)
    return db.session.scalars(query if acting is None else query.where(Holding.acting == acting)).all()
