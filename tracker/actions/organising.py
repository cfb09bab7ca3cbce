"""Sets up organisations: divisions, positions, people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from tracker import journal, mail
from tracker.access import end_links, new_token
from tracker.database import across_organisations, current_organisation, db, organisation_scope
from tracker.errors import NotFound, Refused
from tracker.extensions import settings
from tracker.models import Division, Holding, Kind, LinkToken, Organisation, Position, Purpose, User
from tracker.rules.mailtext import ADDRESS
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor, Role
from tracker.rules.thai import clean, letters

USUAL_DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "หน่วยตรวจสอบภายใน")
INVITATION_DAYS = 14
_CHIEF_TITLES = {
    Kind.SAO: "นายกองค์การบริหารส่วนตำบล",
    Kind.MUNICIPALITY: "นายกเทศมนตรี",
    Kind.PAO: "นายกองค์การบริหารส่วนจังหวัด",
}
_CLERK_TITLES = {
    Kind.SAO: "ปลัดองค์การบริหารส่วนตำบล",
    Kind.MUNICIPALITY: "ปลัดเทศบาล",
    Kind.PAO: "ปลัดองค์การบริหารส่วนจังหวัด",
}
COORDINATOR_TITLE = "ผู้ประสานงานแผน"


def add_organisation(
    slug: str,
    name: str,
    kind: Kind,
    divisions: Sequence[str] = (),
    *,
    now: datetime,
    by: Actor,
    district: str = "",
    province: str = "",
) -> Organisation:
    """A new organisation with its divisions (else the four usual ones) and positions; the first coordinates."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,39}", slug):
        raise Refused("รหัสหน่วยงานใช้ได้เฉพาะ a-z 0-9 และ - ยาว 2 ถึง 40 ตัว")
    if not clean(name):
        raise Refused("กรุณาระบุชื่อหน่วยงาน")
    if db.session.scalar(select(Organisation.id).where(Organisation.slug == slug)):
        raise Refused("มีหน่วยงานรหัส %(slug)s อยู่แล้ว", slug=slug)
    organisation = Organisation(
        slug=slug,
        name=clean(name),
        kind=kind,
        district=clean(district),
        province=clean(province),
        created_at=now,
    )
    db.session.add(organisation)
    db.session.flush()
    with organisation_scope(organisation.id):
        chief = _add_position(_CHIEF_TITLES[kind], Role.CHIEF_EXECUTIVE)
        clerk = _add_position(_CLERK_TITLES[kind], Role.CLERK, superior=chief)
        _add_position(COORDINATOR_TITLE, Role.COORDINATOR, superior=clerk)
        for division_name in divisions or USUAL_DIVISIONS:
            add_division(division_name, now=now, by=by)
        journal.record("organisation.added", "organisation", organisation.id, now=now, by=by)
    return organisation


def add_division(name: str, *, now: datetime, by: Actor) -> Division:
    """A new division with its head position, which answers to the clerk."""
    name = clean(name)
    divisions = db.session.scalars(select(Division)).all()
    if not name or any(letters(division.name) == letters(name) for division in divisions):
        raise Refused("ชื่อส่วนราชการ “%(name)s” ว่างหรือซ้ำ", name=name)
    division = Division(name=name, place=len(divisions), coordinates=not divisions)
    if name.startswith("หน่วย"):
        division.aliases = [name.removeprefix("หน่วย")]
    db.session.add(division)
    db.session.flush()
    clerk = db.session.scalars(
        select(Position).where(Position.role == Role.CLERK, Position.ended_on.is_(None)).order_by(Position.id)
    ).first()
    _add_position(head_title(name), Role.HEAD, division=division, superior=clerk)
    journal.record("division.added", "division", division.id, now=now, by=by)
    return division


def head_title(division_name: str) -> str:
    """The usual title of a division's head: directors lead กอง, heads lead สำนัก and หน่วย."""
    if division_name.startswith("กอง"):
        return f"ผู้อำนวยการ{division_name}"
    return f"หัวหน้า{division_name}"


def _add_position(
    title: str, role: Role, *, division: Division | None = None, superior: Position | None = None
) -> Position:
    position = Position(
        title=title,
        role=role,
        division_id=division.id if division else None,
        superior_id=superior.id if superior else None,
    )
    db.session.add(position)
    db.session.flush()
    return position


def position_named(title: str) -> Position:
    """The position with this title, or the head position of the division with this name; NotFound else."""
    wanted = letters(title)
    positions = db.session.scalars(select(Position).order_by(Position.id)).all()
    for position in positions:
        if letters(position.title) == wanted:
            return position
    for division in db.session.scalars(select(Division)):
        if letters(division.name) == wanted:
            return next(
                position
                for position in positions
                if position.division_id == division.id and position.role is Role.HEAD
            )
    raise NotFound("ไม่พบตำแหน่ง “%(title)s”", title=title)


def add_user(address: str, name: str, *, now: datetime, by: Actor) -> User:
    """A new account without a password in the organisation of the scope; its address must be unused."""
    address = clean(address).lower()
    if not ADDRESS.fullmatch(address) or len(address) > 254:
        raise Refused("“%(address)s” ไม่ใช่ที่อยู่อีเมล", address=address)
    with across_organisations("addresses are unique in the installation"):
        taken = db.session.scalar(select(User.id).where(User.address == address))
    if taken:
        raise Refused("อีเมล %(address)s มีบัญชีอยู่แล้ว", address=address)
    user = User(address=address, name=clean(name) or address.partition("@")[0], created_at=now)
    db.session.add(user)
    db.session.flush()
    journal.record("user.added", "user", user.id, now=now, by=by)
    return user


def appoint(user: User, position: Position, *, now: datetime, by: Actor) -> Holding:
    """Let the user hold the position from today; an earlier regular holder's time ends the day before."""
    if position.ended_on is not None:
        raise Refused("ตำแหน่งนี้ยกเลิกไปแล้ว")
    today = day_of(now)
    for holding in db.session.scalars(
        select(Holding).where(
            Holding.position_id == position.id, Holding.acting.is_(False), Holding.until_on.is_(None)
        )
    ):
        holding.until_on = today - timedelta(days=1)
    holding = Holding(position_id=position.id, user_id=user.id, acting=False, from_on=today)
    db.session.add(holding)
    db.session.flush()
    journal.record("position.taken", "position", position.id, now=now, by=by, user=user.id)
    return holding


def invite(
    address: str,
    name: str,
    position: Position | None,
    *,
    now: datetime,
    by: Actor,
    auditor: bool = False,
    administrator: bool = False,
) -> tuple[User, str]:
    """A new account that holds the position or the granted role, and the invitation link mailed to it at once."""
    user = add_user(address, name, now=now, by=by)
    user.auditor, user.administrator = auditor, administrator
    if position is not None:
        appoint(user, position, now=now, by=by)
    return user, _send_invitation(user, position, now=now)


def invite_again(user: User, *, now: datetime, by: Actor) -> str:
    """A new invitation to an account that never accepted one, also to one that was withdrawn; earlier links end."""
    if user.nameless:
        raise Refused("บัญชีนี้ถูกทำให้ไม่ระบุตัวบุคคลแล้ว")
    if user.password_hash is not None:
        raise Refused("%(name)s รับคำเชิญและตั้งรหัสผ่านแล้ว", name=user.name)
    user.active = True
    end_links(user.id, now=now)
    today = day_of(now)
    position = db.session.scalars(
        select(Position)
        .join(Holding, Holding.position_id == Position.id)
        .where(Holding.user_id == user.id, or_(Holding.until_on.is_(None), Holding.until_on >= today))
        .order_by(Position.id)
        .limit(1)
    ).one_or_none()
    url = _send_invitation(user, position, now=now)
    journal.record("user.invited_again", "user", user.id, now=now, by=by)
    return url


def _send_invitation(user: User, position: Position | None, *, now: datetime) -> str:
    token, hashed = new_token()
    link = LinkToken(
        user_id=user.id,
        purpose=Purpose.INVITATION,
        token_hash=hashed,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    db.session.add(link)
    url = f"{settings().url}/invitation/{token}"
    words = mail.render(
        "invitation",
        user.language,
        organisation=current_organisation().name,
        name=user.name,
        position=position.title if position else "",
        auditor=user.auditor,
        administrator=user.administrator,
        url=url,
        days=INVITATION_DAYS,
    )
    mail.enqueue("invitation", (user.address, user.name), words, f"invitation:{hashed}", now=now)
    return url
