"""The published pages behind the row policies of PostgreSQL: one organisation's pages show that one's rows."""

from __future__ import annotations

from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import settle
from tests.world import World, at
from tracker.actions import publishing, reporting
from tracker.app import Tracker
from tracker.database import db
from tracker.models import Plan
from tracker.rules.report_inputs import Signed

NOW = at("2025-12-17")


def test_row_policies_let_the_public_see_what_one_organisation_published(postgres_app: Tracker) -> None:
    span = (at("2025-10-02").date(), at("2026-09-30").date())
    worlds = [World(postgres_app), World(postgres_app, slug="neighbour", name="เทศบาลข้างเคียง")]
    for world in worlds:
        world.adopted_plan([(1, [0], *span)])
    own = worlds[0]
    settle(own, NOW)
    with own.write():
        plan = db.session.scalars(select(Plan)).one()
        by = own.actor("coordinator", NOW)
        reporting.close(plan, Signed("", None, "", ""), now=NOW, by=by)
        publishing.publish(plan, sure=False, now=NOW, by=by)
    browser = Browser(postgres_app)
    for path in ("/p/tuayang", "/p/tuayang/2569", "/p/tuayang/2569/1/1"):
        assert "องค์การบริหารส่วนตำบลตัวอย่าง" in browser.get(path).text, path
    assert browser.open("/p/tuayang/2569/1/report.json").status_code == 200
    assert browser.open("/p/neighbour/2569").status_code == 404
    assert browser.open("/p/tuayang/2568").status_code == 404
    signed_in = Browser(postgres_app).enter(worlds[1], "chief")
    assert "เทศบาลข้างเคียง" not in Page(signed_in.open("/p/tuayang/2569").text).text
