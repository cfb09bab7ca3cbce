"""Files of published reports: made ahead by the jobs, anew when less may be seen, put off when they fail."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.publish import publish
from tests.client import Browser
from tests.deeds import group_of, prove, settle
from tests.world import World, at
from tracker.actions import publishing, reporting
from tracker.app import Tracker
from tracker.database import db
from tracker.models import Evidence, Plan, Publicity
from tracker.rules.report_inputs import Signed

NOW = at("2025-12-17")
ADDRESS = "/p/tuayang/2569/1"


@pytest.fixture
def browser(world: World) -> Browser:
    """Nobody's browser, of a year that was published."""
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    prove(world, group_of(world))
    settle(world, NOW)
    with world.write():
        for evidence in db.session.scalars(select(Evidence)):
            evidence.public = True
        plan, by = db.session.scalars(select(Plan)).one(), world.actor("coordinator", NOW)
        reporting.close(plan, Signed("", None, "", ""), now=NOW, by=by)
        publishing.publish(plan, sure=True, now=NOW, by=by)
    return Browser(world.app)


def made(app: Tracker) -> set[str]:
    folder = app.extensions["tracker.config"].cache_folder / "published"
    return {path.suffix for path in folder.rglob("*.*")}


def in_app(app: Tracker, run: Callable[[], int]) -> int:
    with app.app_context():
        return run()


def test_a_long_report_is_made_by_the_jobs_and_never_in_a_request(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.rules.paper.LONG_ROWS", 1)
    for name in ("report.pdf", "report.docx", "package.zip"):
        answer = browser.open(f"{ADDRESS}/{name}")
        assert answer.status_code == 503, name
        assert answer.headers["Retry-After"]
    assert made(world.app) == set()
    assert browser.open(f"{ADDRESS}/report.xlsx").status_code == 200
    before = browser.open(ADDRESS).headers["ETag"]
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 3
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 0
    assert browser.open(f"{ADDRESS}/report.pdf").data.startswith(b"%PDF")
    with zipfile.ZipFile(BytesIO(browser.open(f"{ADDRESS}/package.zip").data)) as archive:
        assert {"annual-2569.pdf", "manifest.json", "SHA256SUMS"} <= set(archive.namelist())
        assert any(name.startswith("evidence/") for name in archive.namelist())
    told = browser.open(ADDRESS, headers={"If-None-Match": before})
    assert told.status_code == 200
    assert " KB" in told.text.replace("\u00a0", " ")


def test_what_is_withdrawn_or_written_since_makes_new_files(world: World, browser: Browser) -> None:
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 3
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        db.session.add(Publicity(plan_id=plan.id, document="annual", explanation="เมนูใหม่", at=NOW))
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 1
    with zipfile.ZipFile(BytesIO(browser.open(f"{ADDRESS}/package.zip").data)) as archive:
        assert "เมนูใหม่" in archive.read("manifest.json").decode()
    with world.write():
        for evidence in db.session.scalars(select(Evidence)):
            evidence.withdrawn_at, evidence.withdrawn_reason = NOW, "แนบผิดแฟ้ม"
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 3
    with zipfile.ZipFile(BytesIO(browser.open(f"{ADDRESS}/package.zip").data)) as archive:
        assert not any(name.startswith("evidence/") for name in archive.namelist())


def test_what_cannot_be_made_is_put_off_and_nobody_else_waits(
    world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise OSError("no room")

    with monkeypatch.context() as broken:
        broken.setattr("jobs.publish.packing", refuse)
        assert in_app(world.app, lambda: publish(lambda: NOW)) == 2
    [mark] = Path(world.app.extensions["tracker.config"].cache_folder).rglob("*-failed")
    then = at("2025-12-17", "09:00")
    seconds = mark.stat().st_mtime
    assert in_app(world.app, lambda: publish(lambda: then.fromtimestamp(seconds + 60, then.tzinfo))) == 0
    later = then.fromtimestamp(seconds, then.tzinfo) + timedelta(hours=2)
    assert in_app(world.app, lambda: publish(lambda: later)) == 1
    assert not mark.exists()


def test_a_withdrawn_version_is_not_made(world: World, browser: Browser) -> None:
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        publishing.withdraw(plan, 1, "ตัวเลขผิด", now=NOW, by=world.actor("coordinator", NOW))
    assert in_app(world.app, lambda: publish(lambda: NOW)) == 0
