"""Lets positions pass from hand to hand: holders, acting holders, vacancies, shared mailboxes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from tracker import journal
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Holding, Position, User
from tracker.rules.mailtext import ADDRESS
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.thai import clean, letters

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
    faults: dict[str, Message] = {}
    if from_on is None or from_on < today:
        faults["from_on"] = Message("ระบุวันที่เริ่ม ตั้งแต่วันนี้เป็นต้นไป")
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
    for other in others:
        if other.from_on < from_on and (other.until_on is None or other.until_on >= from_on):
            other.until_on = from_on - _ONE_DAY
    holding = Holding(
        position_id=position.id, user_id=user.id, acting=acting, from_on=from_on, until_on=until_on
    )
    db.session.add(holding)
    db.session.flush()
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
    """The last day on which somebody holds a position, today or later; one who has not begun is taken out."""
    today = day_of(now)
    if holding.until_on is not None and holding.until_on < today:
        raise Refused("การดำรงตำแหน่งนี้สิ้นสุดไปแล้ว")
    if holding.from_on > today:
        db.session.delete(holding)
    elif last_on is None or last_on < today - _ONE_DAY:
        raise FieldsRefused({"last_on": Message("ระบุวันสุดท้าย ตั้งแต่เมื่อวานเป็นต้นไป")})
    else:
        holding.until_on = max(last_on, holding.from_on - _ONE_DAY)
    journal.record(
        "position.left",
        "position",
        holding.position_id,
        now=now,
        by=by,
        user=holding.user_id,
        last_on=last_on.isoformat() if last_on else None,
    )


def holdings_of(position: Position, acting: bool | None = None) -> Sequence[Holding]:
    """Who held, holds and will hold the position, the earliest first."""
    query = select(Holding).where(Holding.position_id == position.id).order_by(Holding.from_on, Holding.id)
    return db.session.scalars(query if acting is None else query.where(Holding.acting == acting)).all()
