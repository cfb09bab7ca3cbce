"""Long documents on the pages: asked for, watched, downloaded, cancelled; short ones come at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from jobs.render import render
from tests.client import Browser
from tests.world import World, at
from tracker.actions import rendering
from tracker.database import db
from tracker.models import Rendering, RenderingState

NOW = at("2025-12-17")
SignedIn = Callable[[str], Browser]
PDF = "/report/2569/annual.pdf"
MAKE = "/report/2569/annual/make/pdf"


@pytest.fixture(autouse=True)
def long_year(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year whose documents count as long."""
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    monkeypatch.setattr("tracker.rules.paper.LONG_ROWS", 1)


def state(world: World) -> RenderingState:
    with world.read():
        found = db.session.scalars(select(Rendering.state)).one()
        db.session.rollback()
    return found


def test_a_long_document_is_asked_for_watched_and_downloaded(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    page = person.get(PDF)
    assert page.form(MAKE)
    with world.read():
        assert db.session.scalars(select(Rendering)).all() == [], "a look has changed nothing"
        db.session.rollback()
    watched = person.post(MAKE).location
    page = person.get(watched)
    assert "รอคิว" in page.text
    assert person.post(MAKE).location == watched
    assert person.open(PDF).location == watched
    assert render(lambda: NOW) == 1
    page = person.get(watched)
    assert "พร้อมดาวน์โหลด" in page.text
    made = person.open(f"{watched}/file")
    assert made.data.startswith(b"%PDF")
    assert made.headers["Content-Disposition"].startswith("attachment; filename")
    assert made.headers["Content-Security-Policy"].startswith("sandbox")
    assert person.open(PDF).data == made.data
    assert f"{watched}/file" in person.get("/report/2569").links


def test_short_documents_and_tables_come_at_once(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = signed_in("chief")
    assert person.open("/report/2569/annual.xlsx").data.startswith(b"PK")
    assert person.open("/report/2569/annual.json").data.startswith(b"{")
    monkeypatch.setattr("tracker.rules.paper.LONG_ROWS", 100)
    assert person.open(PDF).data.startswith(b"%PDF")


def test_progress_is_a_bar_and_words_that_refresh_with_and_without_a_script(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    watched = person.post(MAKE).location
    with world.write():
        claimed = rendering.claim(now=NOW)
        assert claimed is not None
        rendering.tell(claimed, 500, 2000, now=NOW)
    html = person.open(watched).text
    assert '<progress value="20" max="100"' in html
    assert 'role="status"' in html
    assert "500 จาก 2,000 ภาพ" in html.replace("\u00a0", " ")
    assert '<noscript><meta http-equiv="refresh"' in html
    assert 'data-live="2"' in html
    with world.write():
        rendering.finish(claimed, 1, now=NOW)
    html = person.open(watched).text
    assert "http-equiv" not in html
    assert 'data-live="0"' in html


def test_a_failure_is_told_in_words_and_tried_again(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    watched = person.post(MAKE).location
    with world.write():
        claimed = rendering.claim(now=NOW)
        assert claimed is not None
        rendering.fail(claimed, rendering.Message("ทำไฟล์ไม่สำเร็จ %(number)s ครั้ง", {"number": 3}), now=NOW)
    page = person.get(watched)
    assert "ทำไฟล์ไม่สำเร็จ 3 ครั้ง" in page.text.replace("\u00a0", " ")
    assert person.post(f"{watched}/retry").location == watched
    assert state(world) is RenderingState.QUEUED


def test_only_who_asked_and_the_coordinator_cancel(world: World, signed_in: SignedIn) -> None:
    watched = signed_in("chief").post(MAKE).location
    other = signed_in("clerk")
    assert all(form.get("action") != f"{watched}/cancel" for form in other.get(watched).forms)
    assert other.post(f"{watched}/cancel").status_code == 422
    assert state(world) is RenderingState.QUEUED
    assert signed_in("coordinator").post(f"{watched}/cancel").status_code == 303
    assert state(world) is RenderingState.CANCELLED
    assert render(lambda: NOW) == 0
    assert signed_in("chief").post(MAKE).location == watched
    assert state(world) is RenderingState.QUEUED


@pytest.mark.parametrize("path", ["/report/2569/annual/make/xlsx", "/report/2570/annual/make/pdf"])
def test_what_is_not_laid_out_or_does_not_exist_is_not_made(signed_in: SignedIn, path: str) -> None:
    assert signed_in("coordinator").post(path).status_code == 404
