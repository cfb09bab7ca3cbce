"""A small world: an organisation with five divisions, their heads, a coordinator, a clerk, a chief executive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache

from sqlalchemy import select

from tracker.actions import admitting, organising, planning
from tracker.app import Tracker
from tracker.database import db, organisation_scope, writing
from tracker.models import (
    Assessment,
    Kind,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    Position,
    ScoreReference,
    Step,
)
from tracker.people import standing_of
from tracker.rules.moments import BANGKOK, day_of
from tracker.rules.permissions import SYSTEM, Actor, Role

DIVISIONS = ("สำนักปลัด", "กองคลัง", "กองช่าง", "กองการศึกษา", "หน่วยตรวจสอบภายใน")
PASSWORD = "correct horse battery"


def at(day: str, clock: str = "09:00") -> datetime:
    """The aware moment at a Thai day and time: at("2025-12-17", "08:30")."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BANGKOK).astimezone(UTC)


FOUNDED = at("2025-10-03")


@cache
def _password_hash() -> str:
    # Slow on purpose: one hash serves every person of every test.
    return admitting._hasher.hash(PASSWORD)


class World:
    """One organisation whose people are named by what they are: head 0..4, coordinator, clerk, chief."""

    def __init__(self, app: Tracker, slug: str = "tuayang", name: str = "องค์การบริหารส่วนตำบลตัวอย่าง") -> None:
        self.app = app
        self.slug = slug
        with writing():
            organisation = organising.add_organisation(
                slug, name, Kind.SAO, DIVISIONS, now=FOUNDED, by=SYSTEM, district="เมือง", province="ตัวอย่าง"
            )
            self.organisation_id = organisation.id
        self.users: dict[str, int] = {}
        password = _password_hash()
        with self.write():
            posts = {position.role: position for position in db.session.scalars(select(Position))}
            heads = db.session.scalars(
                select(Position).where(Position.role == Role.HEAD).order_by(Position.id)
            ).all()
            named = {f"head{place}": head for place, head in enumerate(heads)}
            named |= {
                "coordinator": posts[Role.COORDINATOR],
                "clerk": posts[Role.CLERK],
                "chief": posts[Role.CHIEF_EXECUTIVE],
            }
            for who, position in named.items():
                user = organising.add_user(f"{who}@{slug}.example", position.title, now=FOUNDED, by=SYSTEM)
                user.password_hash = password
                organising.appoint(user, position, now=FOUNDED, by=SYSTEM)
                self.users[who] = user.id
        with self.read():
            self.division_ids = [division.id for division in planning.divisions()]
            db.session.rollback()

    @contextmanager
    def read(self) -> Iterator[None]:
        """In the scope of the organisation, reading."""
        with organisation_scope(self.organisation_id):
            yield

    @contextmanager
    def write(self) -> Iterator[None]:
        """In the scope of the organisation, in one writing transaction."""
        with organisation_scope(self.organisation_id), writing():
            yield

    def actor(self, who: str, now: datetime = FOUNDED) -> Actor:
        """The person as an actor, inside `read` or `write`."""
        standing = standing_of(self.users[who], day_of(now))
        held = standing.roles, standing.division_ids, standing.approves
        return Actor(self.organisation_id, self.users[who], who, *held)

    def add_plan(
        self,
        items: Sequence[tuple[int, Sequence[int], date, date]],
        fiscal_year: int = 2569,
        follow_up: str = "unspecified",
    ) -> Plan:
        """A draft plan inside `write`; an item is (number of measures, division places, first day, last day)."""
        plan = Plan(fiscal_year=fiscal_year, assessment_year=fiscal_year - 1)
        db.session.add(plan)
        db.session.flush()
        for number, (measures, places, starts_on, ends_on) in enumerate(items, 1):
            item = PlanItem(
                plan_id=plan.id,
                number=number,
                heading="การปฏิบัติหน้าที่",
                indicator=1,
                everyone=len(places) == len(DIVISIONS),
                starts_on=starts_on,
                ends_on=ends_on,
                follow_up_kind=follow_up,
            )
            db.session.add(item)
            db.session.flush()
            db.session.add_all(
                PlanItemDivision(item_id=item.id, division_id=self.division_ids[place]) for place in places
            )
            db.session.add_all(
                Measure(item_id=item.id, number=n, title=f"จัดทำคู่มือการให้บริการ เล่มที่ {n}")
                for n in range(1, measures + 1)
            )
            db.session.add(Step(item_id=item.id, number=1, text="แต่งตั้งคณะทำงาน"))
            db.session.add(ScoreReference(item_id=item.id, kind="indicator", code="1"))
        db.session.flush()
        return plan

    def add_scores(self) -> None:
        """The results of 2568 and 2569, inside `write`: most rise, the fifth indicator falls, the seventh stays."""
        before = {number: 90.0 + number / 10 for number in range(1, 11)} | {5: 94.35, 7: 87.5}
        after = {number: score + 2.5 for number, score in before.items()} | {5: 93.1, 7: 87.5}
        for year, total, scores in ((2568, 88.42, before), (2569, 93.17, after)):
            row = Assessment(year=year, total=total, level="ผ่านดี")
            row.scores = {str(number): round(score, 2) for number, score in scores.items()}
            db.session.add(row)
        db.session.flush()

    def adopted_plan(
        self,
        items: Sequence[tuple[int, Sequence[int], date, date]] = (
            (2, range(5), date(2025, 10, 1), date(2026, 9, 30)),
        ),
        now: datetime = FOUNDED,
        follow_up: str = "unspecified",
    ) -> int:
        """A plan of FY2569 adopted at `now` by the coordinator; returns its id."""
        with self.write():
            plan = self.add_plan(items, follow_up=follow_up)
            planning.adopt(plan, now=now, by=self.actor("coordinator", now))
            return plan.id
