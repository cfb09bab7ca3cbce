"""What works across organisations works too where the application's role on PostgreSQL owns nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from jobs.housekeeping import clean_up
from jobs.render import render
from tests.client import Browser
from tests.conftest import make_config
from tests.deeds import prove, settle
from tests.test_isolation import YEAR, roles
from tests.world import FOUNDED, World, at
from tracker import storage
from tracker.actions import disclosing, parting, publishing, rendering, reporting
from tracker.app import Tracker, create_app
from tracker.database import db
from tracker.groups import Group
from tracker.models import Evidence, Holding, Plan, Task, User
from tracker.operations import purging, upgrade, verifying
from tracker.operations.findings import Level
from tracker.rules.paper import Paper
from tracker.rules.permissions import SYSTEM
from tracker.rules.report_inputs import Signed

NOW = at("2029-01-05")


@pytest.fixture
def apart(tmp_path: Path, postgres_server: URL) -> Iterator[Tracker]:
    """The application in a role that is neither owner nor superuser."""
    with roles(postgres_server) as (url, owner):
        app = create_app(
            make_config(
                tmp_path,
                database_url=url.render_as_string(hide_password=False),
                migration_database_url=owner.render_as_string(hide_password=False),
            )
        )
        with app.app_context():
            upgrade.migrate(FOUNDED)
            yield app
            db.session.remove()
            db.engine.dispose()


def kept(world: World) -> Path:
    """A proof of the organisation that was attached long ago."""
    world.adopted_plan([(1, range(2), *YEAR)])
    with world.read():
        item = db.session.scalars(select(Task.item_id)).first() or 0
        db.session.rollback()
    prove(world, Group(item, world.division_ids[0], 1), "หลักฐาน.pdf")
    with world.read():
        path = storage.path_of(str(db.session.scalars(select(Evidence.storage_name)).one()))
        db.session.rollback()
    os.utime(path, (0, 0))
    return path


def test_what_works_across_organisations_works_in_the_application_s_own_role(apart: Tracker) -> None:
    own, foreign = World(apart), World(apart, slug="neighbour", name="เทศบาลข้างเคียง")
    files = [kept(own), kept(foreign)]
    orphan = files[0].with_name("ab" * 16)
    orphan.write_bytes(b"left")
    os.utime(orphan, (0, 0))
    clean_up(NOW)
    assert [path.exists() for path in (*files, orphan)] == [True, True, False]

    paper = Paper("plan", "", (), "", "", 2569, "", (), (), "", "", False, NOW)
    with own.write():
        wanted = rendering.wanted_of(paper, "key", "html", "", "แผน")
        asked = rendering.ask(wanted, now=NOW, by=own.actor("coordinator"))
        asked_id = asked.id
    assert render(lambda: NOW) == 1
    with own.read():
        assert db.session.get(type(asked), asked_id) is not None
        db.session.rollback()

    settle(own, NOW)
    with own.write():
        plan = db.session.scalars(select(Plan)).one()
        by = own.actor("coordinator", NOW)
        reporting.close(plan, Signed("", None, "", ""), now=NOW, by=by)
        publishing.publish(plan, sure=True, now=NOW, by=by)
    assert Browser(apart).open("/p/tuayang/2569").status_code == 200
    assert Browser(apart).open("/p/neighbour/2569").status_code == 404

    with own.write():
        for holding in db.session.scalars(select(Holding).where(Holding.user_id == own.users["head0"])):
            holding.until_on = (NOW - timedelta(days=1)).date()
        user = db.session.scalars(select(User).where(User.id == own.users["head0"])).one()
        assert disclosing.copy_of(user, now=NOW, by=SYSTEM)["user_account"]
        parting.anonymise(user, now=NOW, by=SYSTEM)
    with foreign.read():
        assert not any(one.nameless for one in db.session.scalars(select(User)))
        db.session.rollback()

    gone = purging.purge(1, now=NOW)
    assert gone["tuayang"] > 0
    assert gone["neighbour"] > 0
    assert [str(one.message) for one in verifying.verify() if one.level is Level.BAD] == []
