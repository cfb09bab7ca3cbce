"""An installation on a temporary SQLite file, with organisations whose divisions have work that is due."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import flask_migrate
from sqlalchemy import select

from tracker.actions import organising, planning
from tracker.app import Tracker, create_app
from tracker.config import Config
from tracker.database import db, organisation_scope, writing
from tracker.models import Kind, Measure, Plan, PlanItem, PlanItemDivision, Position
from tracker.rules.moments import moment_on
from tracker.rules.permissions import SYSTEM, Role

ADOPTED = moment_on(date(2025, 10, 1), 9 * 60)


@dataclass(frozen=True)
class Installation:
    """A running application and one head with the organisation's id: whose page is measured."""

    app: Tracker
    config: Config
    organisation_id: int
    head_id: int


@contextmanager
def installation(
    organisations: int, divisions: int, items: int, smtp_port: int = 25, measures: int = 1
) -> Iterator[Installation]:
    """`organisations` × `divisions` people; a division has `items` × `measures` × 4 tasks, of quarters' ends."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=Path(folder),
            database_url=f"sqlite:///{folder}/tracker.db",
            url="http://127.0.0.1:8000",
            secret_key="of no use outside this measurement",
            smtp_port=smtp_port,
            testing=True,
        )
        app = create_app(config)
        with app.app_context():
            flask_migrate.upgrade()
            made = [_organisation(number, divisions, items, measures) for number in range(organisations)]
            yield Installation(app, config, *made[0])
            db.session.remove()
            db.engine.dispose()


def _organisation(number: int, divisions: int, items: int, measures: int) -> tuple[int, int]:
    names = [f"กองที่ {place}" for place in range(1, divisions + 1)]
    with writing():
        organisation_id = organising.add_organisation(
            f"org-{number}", f"องค์การบริหารส่วนตำบลที่ {number}", Kind.SAO, names, now=ADOPTED, by=SYSTEM
        ).id
    with organisation_scope(organisation_id), writing():
        heads = db.session.scalars(select(Position).where(Position.role == Role.HEAD)).all()
        users = []
        for place, head in enumerate(heads):
            user = organising.add_user(
                f"head{place}@org-{number}.example", head.title, now=ADOPTED, by=SYSTEM
            )
            organising.appoint(user, head, now=ADOPTED, by=SYSTEM)
            users.append(user.id)
        planning.adopt(_plan(items, measures), now=ADOPTED, by=SYSTEM)
    return organisation_id, users[0]


def _plan(items: int, measures: int) -> Plan:
    plan = Plan(fiscal_year=2569)
    db.session.add(plan)
    db.session.flush()
    divisions = planning.divisions()
    for number in range(1, items + 1):
        item = PlanItem(
            plan_id=plan.id,
            number=number,
            everyone=True,
            starts_on=date(2025, 10, 1),
            ends_on=date(2026, 9, 30),
        )
        db.session.add(item)
        db.session.flush()
        db.session.add_all(PlanItemDivision(item_id=item.id, division_id=one.id) for one in divisions)
        db.session.add_all(
            Measure(item_id=item.id, number=place, title=f"จัดทำคู่มือการให้บริการ ฉบับที่ {number} เล่ม {place}")
            for place in range(1, measures + 1)
        )
    db.session.flush()
    return plan
