"""The form of a follow-up round in Chromium: rows, keyboard, drafts on the server, two editors, a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open, picture, serving
from tests.browser.test_wizard import enter
from tests.deeds import approve, follow_up_of, report
from tests.world import World
from tracker import clock
from tracker.actions import planning
from tracker.app import create_app
from tracker.config import Config
from tracker.database import db
from tracker.groups import Group
from tracker.rules.claims import Claim
from tracker.rules.fiscal import Quarter, fiscal_year_of


@dataclass(frozen=True)
class Asked:
    """A served world whose first division is asked of eight measures: three told by the quarters."""

    url: str
    path: str
    year: int
    world: World


@pytest.fixture
def asked(config: Config, browser: Browser) -> Iterator[Asked]:
    app = create_app(config)
    now = clock.now()
    year = fiscal_year_of(clock.today()) - 1
    first, last = Quarter(year, 1).first_day, Quarter(year, 4).last_day
    with app.app_context():
        flask_migrate.upgrade()
        world = World(app)
        with world.write():
            plan = world.add_plan(
                [(number, [0, 1, 2], first, last) for number in (3, 1, 4)], fiscal_year=year
            )
            planning.adopt(plan, now=now - timedelta(days=400), by=world.actor("coordinator"))
        for quarter in (1, 2):
            group = Group(1, world.division_ids[0], quarter)
            report(world, group, now=now, result=f"จัดทำคู่มือแล้ว รอบไตรมาส {quarter}")
            approve(world, group, now)
        report(world, Group(2, world.division_ids[0], 1), Claim.AS_PLANNED, now=now, result="ประชุมชี้แจง 5 ครั้ง")
        path = f"/follow-up/{follow_up_of(world)}"
        db.session.remove()
    with serving(app) as url:
        yield Asked(url, path, year, world)


def accessible(page: Page) -> None:
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_round_is_answered_row_by_row_with_the_keyboard(asked: Asked, open_page: Open) -> None:
    desk = open_page(DESKTOP)
    enter(desk, asked.url, "head0")
    desk.goto(asked.url + asked.path)
    bar = desk.locator(".save-bar")
    expect(bar).to_contain_text("ยังขาด 5 ข้อ คือข้อ 4, 5, 6, 7, 8")
    rows = desk.locator("tr[data-line]")
    expect(desk.locator("tr[data-line]:not(.closed)")).to_have_count(1)
    accessible(desk)
    desk.get_by_role("button", name="ตอบ “ไม่มี” ให้ปัญหา").click()
    expect(rows.nth(4).locator("[data-read=problems]")).to_have_text("ไม่มี")
    desk.get_by_role("button", name="เลิกทำ").click()
    expect(rows.nth(4).locator("[data-read=problems]")).to_have_text("–")
    desk.get_by_role("button", name="ตอบ “ไม่มี” ให้ปัญหา").click()

    rows.nth(0).get_by_text("เกือบครบ").click()
    area = rows.nth(0).get_by_label("ผลการดำเนินงาน ข้อ 4")
    expect(area).to_have_value("ประชุมชี้แจง 5 ครั้ง")
    area.fill("ประชุมครบแล้ว")
    expect(rows.nth(0).get_by_text("ดึงจากไตรมาส 1")).to_be_hidden()
    rows.nth(0).get_by_role("button", name="คืนข้อความจากไตรมาส").click()
    expect(area).to_have_value("ประชุมชี้แจง 5 ครั้ง")
    area.press("Control+Enter")
    expect(rows.nth(0)).to_have_class("closed")
    expect(rows.nth(0).locator("[data-read=completion]")).to_contain_text("เกือบครบ")
    expect(desk.locator("[data-save-state]")).to_contain_text("บันทึกแล้ว")
    for place in range(1, 5):
        # The first answer has the focus; arrows choose, Tab goes on to the result.
        expect(rows.nth(place).locator("input[type=radio]").first).to_be_focused()
        desk.keyboard.press("Space")
        desk.keyboard.press("ArrowDown")
        desk.keyboard.press("Tab")
        desk.keyboard.type("ทำแล้วบางส่วน")
        if place < 4:
            desk.keyboard.press("Control+Enter")
    desk.keyboard.press("Escape")
    expect(rows.nth(4).locator("[data-open]")).to_be_focused()
    expect(bar).to_contain_text("ยังไม่ได้ยืนยันผลรายไตรมาส")
    desk.get_by_role("button", name="ส่งคำตอบ").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#confirm")).to_be_focused()
    desk.keyboard.press("Space")
    expect(bar).to_contain_text("ครบทุกข้อแล้ว")
    desk.get_by_role("button", name="ส่งคำตอบ").click()
    expect(desk.get_by_role("status").filter(has_text="ส่งคำตอบแล้ว")).to_be_visible()
    desk.goto(asked.url + asked.path)
    expect(desk.locator("main")).to_contain_text("ส่งคำตอบเมื่อ")


def test_what_is_typed_is_on_the_server_when_the_row_is_left(asked: Asked, open_page: Open) -> None:
    desk = open_page(DESKTOP)
    enter(desk, asked.url, "head0")
    desk.goto(asked.url + asked.path)
    row = desk.locator("tr[data-line]").first
    row.get_by_label("ผลลัพธ์ ข้อ 4").fill("ประชาชนพอใจ")
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-save-state]")).to_contain_text("บันทึกแล้ว")
    other = open_page(PHONE)
    enter(other, asked.url, "coordinator")
    other.goto(asked.url + asked.path)
    expect(other.get_by_label("ผลลัพธ์ ข้อ 4")).to_have_value("ประชาชนพอใจ")
    accessible(other)
    other.get_by_label("ผลลัพธ์ ข้อ 4").fill("ประชาชนพอใจมาก")
    other.get_by_role("button", name="บันทึกไว้ก่อน").click()
    expect(other.get_by_role("status").filter(has_text="บันทึกไว้แล้ว")).to_be_visible()

    row.get_by_role("button", name="เปิดข้อ 4").click()
    row.get_by_label("ผลลัพธ์ ข้อ 4").fill("ลดข้อร้องเรียน")
    desk.get_by_role("button", name="บันทึกไว้ก่อน").click()
    expect(desk.get_by_role("alert")).to_contain_text("มีคนแก้พร้อมกัน")
    expect(desk.locator(".newer")).to_contain_text("ประชาชนพอใจมาก")
    expect(desk.get_by_label("ผลลัพธ์ ข้อ 4")).to_have_value("ลดข้อร้องเรียน")
    desk.get_by_label("ใช้ข้อความนี้แทนของฉัน").check()
    desk.get_by_role("button", name="บันทึกไว้ก่อน").click()
    expect(desk.get_by_label("ผลลัพธ์ ข้อ 4")).to_have_value("ประชาชนพอใจมาก")


def test_without_scripts_the_same_form_keeps_fills_and_restores(
    asked: Asked, open_page: Open, tmp_path: Path
) -> None:
    desk = open_page(PHONE, java_script_enabled=False)
    enter(desk, asked.url, "head0")
    desk.goto(asked.url + asked.path)
    desk.get_by_role("button", name="ตอบ “ไม่มี” ให้ปัญหา").click()
    notice = desk.get_by_role("status").filter(has_text="ตอบ “ไม่มี” ให้แล้ว")
    expect(notice).to_contain_text("ปัญหา ข้อ")
    notice.get_by_role("button", name="เลิกทำ").click()
    expect(desk.get_by_role("status").filter(has_text="บันทึกไว้แล้ว")).to_be_visible()
    desk.get_by_label("ผลการดำเนินงาน ข้อ 4").fill("พิมพ์ทับ")
    desk.get_by_label("แนบหลักฐาน ข้อ 4").set_input_files(picture(tmp_path))
    desk.get_by_role("button", name="บันทึกไว้ก่อน").click()
    expect(desk.get_by_role("link", name="ภาพกิจกรรม ครั้งที่ 1").first).to_be_visible()
    desk.get_by_role("button", name="คืนข้อความจากไตรมาส").first.click()
    expect(desk.get_by_label("ผลการดำเนินงาน ข้อ 4")).to_have_value("ประชุมชี้แจง 5 ครั้ง")
