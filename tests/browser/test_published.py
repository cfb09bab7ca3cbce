"""From the answer to the last round to everybody's page and back: one year's report told by its people in Chromium."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Open, serving
from tests.browser.test_rounds import accessible
from tests.browser.test_wizard import enter
from tests.deeds import PDF, approve, follow_up_of, group_of, prove, report, settle
from tests.world import World, at
from tracker import clock
from tracker.app import create_app
from tracker.config import Config
from tracker.database import db

TODAY = at("2026-10-05")
RESULT = "จัดทำคู่มือครบทุกเล่มและแจกทุกหมู่บ้าน"


@pytest.fixture
def year_s_end(
    config: Config, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[World, str]]:
    """A year of one measure on 5 October: three quarters are approved, the twelve-month round is open."""
    begun = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: TODAY + (datetime.now(UTC) - begun))
    app = create_app(config)
    with app.app_context():
        flask_migrate.upgrade()
        world = World(app)
        world.adopted_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])
        for quarter in (1, 2, 3):
            group = group_of(world, quarter=quarter)
            report(world, group, now=TODAY - timedelta(days=90), result=f"ทำแล้วในไตรมาส {quarter}")
            prove(world, group, f"คู่มือ {quarter}.pdf", TODAY - timedelta(days=90))
            approve(world, group, TODAY - timedelta(days=90))
        db.session.remove()
    with serving(app) as url:
        yield world, url


def answer_the_round(page: Page, url: str, world: World) -> None:
    enter(page, url, "head0")
    with world.app.app_context():
        path = f"/follow-up/{follow_up_of(world, kind='twelve_months')}"
    page.goto(url + path)
    row = page.locator("tr[data-line]").first
    row.get_by_text("ครบตามแผน").first.click()
    row.get_by_label("ผลการดำเนินงาน ข้อ 1").fill(RESULT)
    page.get_by_role("button", name="ตอบ “ไม่มี” ให้ปัญหา").click()
    page.get_by_role("button", name="ส่งคำตอบ").click()
    expect(page.get_by_role("status").filter(has_text="ส่งคำตอบแล้ว")).to_be_visible()


def test_a_year_goes_from_its_last_answer_to_everybody_s_page_and_leaves_a_tombstone(
    year_s_end: tuple[World, str], open_page: Open, browser: Browser, tmp_path: Path
) -> None:
    world, url = year_s_end
    answer_the_round(open_page(), url, world)
    with world.app.app_context():
        settle(world, clock.now())
        db.session.remove()

    desk = open_page()
    # A busy machine takes its time over a PDF.
    desk.set_default_timeout(120_000)
    enter(desk, url, "coordinator")
    desk.goto(f"{url}/report/2569")
    expect(desk.get_by_text(RESULT).first).to_be_visible()
    accessible(desk)
    desk.get_by_text("ปิดรายงาน", exact=True).first.click()
    desk.get_by_label("เลขที่").fill("ตย 71001/123")
    desk.get_by_role("button", name="ปิดรายงาน").click()
    expect(desk.get_by_role("heading", name="ปิดรายงานแล้ว")).to_be_visible()
    accessible(desk)

    signed = tmp_path / "ลงนามแล้ว.pdf"
    signed.write_bytes(PDF)
    desk.get_by_role("link", name="ฉบับที่ปิดแล้วของทุกเอกสาร").click()
    desk.locator('a[href$="/annual/1"]').first.click()
    desk.get_by_label("แนบสำเนาที่ลงนาม").set_input_files(signed)
    desk.get_by_role("button", name="แนบ", exact=True).click()
    expect(desk.get_by_role("link", name="PDF ที่ลงนาม")).to_be_visible()
    accessible(desk)

    desk.goto(f"{url}/report/2569")
    with desk.expect_download() as told:
        desk.get_by_role("link", name="ZIP").click()
    with zipfile.ZipFile(told.value.path()) as archive:
        names = archive.namelist()
        assert hashlib.sha256(archive.read(names[0])).hexdigest() == hashlib.sha256(PDF).hexdigest()
        assert {"annual-2569.pdf", "annual-2569.html", "index.html", "SHA256SUMS"} <= set(names)
        for name in ("index.html", "annual-2569.html"):
            (tmp_path / name).write_bytes(archive.read(name))
    asked: list[str] = []
    for name in ("index.html", "annual-2569.html"):
        page = open_page(PHONE, offline=True)
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / name).as_uri())
        accessible(page)
        assert asked.pop() == page.url
    assert asked == []
    expect(page.get_by_text(RESULT).first).to_be_visible()

    desk.get_by_role("link", name="เผยแพร่หรือถอน").click()
    accessible(desk)
    desk.get_by_role("button", name="เผยแพร่ฉบับที่ 1").click()
    public = f"{url}/p/tuayang/2569"
    context = browser.new_context(java_script_enabled=False)
    stranger = context.new_page()
    assert (answer := stranger.goto(public)) is not None
    assert answer.status == 200
    with stranger.expect_download() as told:
        stranger.locator("p.first a").click()
    assert told.value.path().read_bytes() == PDF
    stranger.emulate_media(media="print")
    expect(stranger.get_by_role("heading", name="ดาวน์โหลด")).to_be_hidden()
    expect(stranger.get_by_role("heading", name="ทุกฉบับและปีอื่น")).to_be_hidden()
    stranger.emulate_media(media="screen")
    stranger.get_by_role("link", name="English").click()
    expect(stranger.get_by_text("Fiscal year 2569 B.E.", exact=True)).to_be_visible()
    stranger.get_by_role("link", name="ไทย").click()
    stranger.get_by_role("table").get_by_role("link").first.click()
    expect(stranger.get_by_text(RESULT)).to_be_visible()
    assert context.cookies() == []

    desk.get_by_text("ถอนการเผยแพร่").first.click()
    desk.get_by_label("เหตุผลที่ถอน").fill("พบตัวเลขผิด")
    desk.get_by_role("button", name="ถอนฉบับที่ 1").click()
    expect(desk.get_by_text("หน้าเว็บแสดงวันและเหตุผลที่ถอน")).to_be_visible()
    assert (answer := stranger.goto(public)) is not None
    assert answer.status == 410
    expect(stranger.get_by_text("พบตัวเลขผิด")).to_be_visible()
    context.close()
    page = open_page(PHONE)
    page.goto(public)
    accessible(page)
