"""The fictional organisation of the demo: its divisions, its people and how they come in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.actions import admitting, organising
from tracker.database import db, organisation_scope, writing
from tracker.models import Kind
from tracker.people import roles_of
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM, Actor

SLUG = "tuayang"
NAME = "องค์การบริหารส่วนตำบลตัวอย่าง"
DISTRICT, PROVINCE = "เมือง", "ตัวอย่าง"
DOMAIN = "tuayang.example"
PASSWORD = "tuayang-demo"

OFFICE, FINANCE, WORKS = "สำนักปลัด", "กองคลัง", "กองช่าง"
EDUCATION, WELFARE, AUDIT = "กองการศึกษา ศาสนาและวัฒนธรรม", "กองสวัสดิการสังคม", "หน่วยตรวจสอบภายใน"
DIVISIONS = (OFFICE, FINANCE, WORKS, EDUCATION, WELFARE, AUDIT)

COORDINATOR, CLERK, CHIEF = "ผู้ประสานงานแผน", "ปลัดองค์การบริหารส่วนตำบล", "นายกองค์การบริหารส่วนตำบล"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in: what they are in words, and how."""

    role: str
    name: str
    address: str
    password: str


# The position or division each one heads, the part before the @, and a name that nobody has.
_PEOPLE = (
    (COORDINATOR, "coordinator", "นางสาวสมมุติ ตามแผน"),
    (CLERK, "clerk", "นายสมมุติ ปลัดดี"),
    (CHIEF, "chief", "นายสมมุติ นำชุมชน"),
    (OFFICE, "office", "นางสมมุติ งานสารบรรณ"),
    (FINANCE, "finance", "นางสมมุติ คลังโปร่งใส"),
    (WORKS, "works", "นายสมมุติ ช่างสร้าง"),
    (EDUCATION, "education", "นางสาวสมมุติ ครูดี"),
    (WELFARE, "welfare", "นายสมมุติ เอื้อชุมชน"),
    (AUDIT, "audit", "นางสาวสมมุติ ตรวจทาน"),
)
# Those whose sign-in is shown first; the works division is the one with something left to do on any day.
SHOWN = (WORKS, COORDINATOR, CHIEF, CLERK)


class Office:
    """The organisation in the database, and the actors it acts through."""

    def __init__(self, organisation_id: int, users: dict[str, int]) -> None:
        self.organisation_id = organisation_id
        self.users = users

    @contextmanager
    def reading(self) -> Iterator[None]:
        """In the scope of the organisation, reading."""
        with organisation_scope(self.organisation_id):
            yield
            db.session.rollback()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """In the scope of the organisation, in one writing transaction."""
        with organisation_scope(self.organisation_id), writing():
            yield

    def actor(self, who: str, now: datetime) -> Actor:
        """The person at the head of a division or in a position, inside the scope; `who` is the name of either."""
        user_id = self.users[who]
        roles, divisions = roles_of(user_id, day_of(now))
        return Actor(self.organisation_id, user_id, who, roles, divisions)


def found(now: datetime) -> Office:
    """Set the organisation up and invite its people, who all come in within the hour."""
    with writing():
        organisation = organising.add_organisation(
            SLUG, NAME, Kind.SAO, DIVISIONS, now=now, by=SYSTEM, district=DISTRICT, province=PROVINCE
        )
        organisation.contact = f"{NAME} อำเภอ{DISTRICT} จังหวัด{PROVINCE} coordinator@{DOMAIN}"
        organisation_id = organisation.id
    users: dict[str, int] = {}
    tokens: list[str] = []
    with organisation_scope(organisation_id), writing():
        for title, mailbox, name in _PEOPLE:
            position = organising.position_named(title)
            user, url = organising.invite(f"{mailbox}@{DOMAIN}", name, position, now=now, by=SYSTEM)
            users[title] = user.id
            tokens.append(url.rpartition("/")[2])
    hashed = admitting.hash_password(PASSWORD)
    for minutes, token in enumerate(tokens, 1):
        with writing():
            admitting.accept(token, hashed, now=now + timedelta(minutes=5 * minutes))
    return Office(organisation_id, users)


def people() -> tuple[Person, ...]:
    """Everybody who can sign in, those to try first in front."""
    order = {title: place for place, title in enumerate(SHOWN)}
    listed = sorted(_PEOPLE, key=lambda person: order.get(person[0], len(SHOWN)))
    return tuple(
        Person(_role(title), name, f"{mailbox}@{DOMAIN}", PASSWORD) for title, mailbox, name in listed
    )


def _role(title: str) -> str:
    return organising.head_title(title) if title in DIVISIONS else title
