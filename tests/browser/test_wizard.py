"""A plan from a Word file to tasks, and a corrected file applied to it, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE, Open, picture, serving
from tests.browser.test_stories import choose
from tests.world import PASSWORD, World
from tracker import clock
from tracker.app import create_app
from tracker.config import Config
from tracker.database import db
from tracker.rules.fiscal import fiscal_year_of

YEAR = fiscal_year_of(clock.today())
WHOLE = f"ต.ค. {YEAR - 1} - ก.ย. {YEAR}"
COLUMNS = ("มาตรการ", "ขั้นตอน", "ระยะเวลา", "ผู้รับผิดชอบ", "การติดตามผล")
MANUAL = ("จัดทำคู่มือการให้บริการฉบับย่อ", "รวบรวมขั้นตอน", WHOLE, "สำนักปลัด", "")
QUEUE = ("ปรับปรุงระบบคิว ณ จุดบริการ", "สำรวจจุดบริการ", "เมื่อพร้อม", "งานประชาบริการ", "")
ETHICS = ("อบรมมาตรฐานทางจริยธรรม", "จัดอบรม", WHOLE, "ทุกส่วนราชการ", "")
COMPLAINTS = ("เปิดช่องทางร้องเรียนออนไลน์", "ทดสอบช่องทาง", WHOLE, "งานประชาสัมพันธ์พิเศษ", "")


@pytest.fixture
def town_url(config: Config, browser: Browser) -> Iterator[str]:
    """The small world, served."""
    app = create_app(config)
    with app.app_context():
        World(app)
        db.session.remove()
    with serving(app) as url:
        yield url


def enter(page: Page, url: str, who: str) -> None:
    page.goto(f"{url}/sign-in")
    page.get_by_label("อีเมล").fill(f"{who}@tuayang.example")
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="เข้าสู่ระบบ").click()
    page.wait_for_load_state()


def word(path: Path, *rows: tuple[str, ...]) -> Path:
    """A plan as a Word document."""
    document = Document()
    document.add_paragraph(f"มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. {YEAR}")
    table = document.add_table(len(rows) + 1, len(COLUMNS))
    for row, texts in zip(table.rows, (COLUMNS, *rows), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.save(str(path))
    return path


def upload(page: Page, url: str, document: Path) -> None:
    page.goto(f"{url}/plan/upload")
    page.locator("#plan").set_input_files(document)
    page.get_by_role("button", name="อ่านไฟล์").click()


def told(page: Page, text: str) -> None:
    # Between some words stands a joiner that nobody sees.
    pattern = re.compile("\u2060?".join(map(re.escape, text)))
    expect(page.get_by_role("status").filter(has_text=pattern).first).to_be_visible()


def assert_accessible(page: Page) -> None:
    """In both themes, and without sideways scrolling on a phone."""
    for theme in ("dark", "light"):
        # A colour that is still fading in would be measured on its way.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size(size)


def test_a_plan_is_decided_adopted_reported_on_and_amended(
    town_url: str, open_page: Open, tmp_path: Path
) -> None:
    desk = open_page()
    enter(desk, town_url, "coordinator")
    upload(desk, town_url, word(tmp_path / "แผนมาตรการ.docx", MANUAL, QUEUE, ETHICS))
    bar = desk.locator(".save-bar")
    expect(bar).to_contain_text("ยังต้องตอบ\u00a02\u00a0เรื่อง")
    assert_accessible(desk)

    unknown = desk.locator("#problems form", has_text="“งานประชาบริการ”")
    unknown.locator("select").select_option(label="กองช่าง")
    unknown.get_by_role("button").click()
    asked = desk.locator("#problems .row-line", has_text=re.compile("แถว.?ที่.2:"))
    asked.get_by_role("button").click()
    follow_ups = desk.locator("#problems form", has_text="รอบติดตามผล")
    follow_ups.locator("select").select_option(label="ทุกไตรมาส")
    follow_ups.get_by_role("button").click()
    answers = desk.locator("#problems .row-line", has_text="ประเด็นหรือตัวชี้วัดใด")
    answers.get_by_role("button").click()
    expect(desk.locator("#problems h2")).to_contain_text("อ่านครบทุกแถว")
    # Four quarters of one division, of another, and of all five.
    expect(bar).to_contain_text("จะเกิดงาน\u00a028\u00a0งาน")
    desk.get_by_role("button", name="ยืนยันใช้แผน").click()
    told(desk, "ประกาศใช้แผนปีงบประมาณ")

    phone = open_page(PHONE)
    enter(phone, town_url, "head0")
    phone.locator(".task-title", has_text=MANUAL[0]).first.click()
    reported = phone.url
    choose(phone, "ดำเนินการตามแผน")
    phone.get_by_label("2. ทำอะไรไปแล้วบ้าง").fill("แจกคู่มือแล้ว 120 เล่ม")
    phone.locator("input[type=file]#files").set_input_files(picture(tmp_path))
    choose(phone, "ไม่มี")
    phone.locator(".save-bar button.btn-go").click()
    told(phone, "ส่งให้ตรวจแล้ว")

    upload(desk, town_url, word(tmp_path / "แผนแก้ไข.docx", COMPLAINTS, QUEUE, ETHICS))
    told(desk, "นำสิ่งที่ตัดสินใจไว้กับเอกสารฉบับก่อนมาใช้")
    expect(bar).to_contain_text("ยังต้องตอบ\u00a01\u00a0เรื่อง")
    unknown = desk.locator("#problems form", has_text="“งานประชาสัมพันธ์พิเศษ”")
    unknown.locator("select").select_option(label="กองการศึกษา")
    unknown.get_by_role("button").click()
    expect(bar).to_contain_text("แก้ไข\u00a00 เพิ่ม\u00a01 ตัดออก\u00a01")
    assert_accessible(desk)
    desk.get_by_role("link", name="ดูความต่างจากแผนปัจจุบัน").click()
    expect(desk.get_by_role("main")).to_contain_text(COMPLAINTS[0])
    assert_accessible(desk)
    desk.get_by_role("button", name="ยืนยันแก้ไขแผน").click()
    expect(desk.get_by_role("alert")).to_contain_text("กรุณาระบุเหตุผล")
    desk.get_by_label("เหตุผลที่แก้ไขแผน").fill("แก้ไขตามมติที่ประชุม")
    desk.get_by_role("button", name="ยืนยันแก้ไขแผน").click()
    told(desk, "ครั้งที่\u00a01")

    desk.goto(reported)
    expect(desk.get_by_role("main")).to_contain_text("แจกคู่มือแล้ว")
    expect(desk.get_by_role("button", name="อนุมัติ")).to_be_visible()
    upload(desk, town_url, tmp_path / "แผนแก้ไข.docx")
    told(desk, "ไม่มีอะไรเปลี่ยน")


def test_last_years_plan_is_carried_over_changed_and_adopted(
    town_url: str, open_page: Open, tmp_path: Path
) -> None:
    desk = open_page()
    enter(desk, town_url, "coordinator")
    upload(desk, town_url, word(tmp_path / "แผนมาตรการ.docx", MANUAL, ETHICS))
    desk.get_by_role("button", name="ยืนยันใช้แผน").click()
    told(desk, "ประกาศใช้แผนปีงบประมาณ")

    desk.goto(f"{town_url}/plan/{YEAR + 1}/start")
    assert_accessible(desk)
    desk.get_by_role("button", name="ยกมาเป็นร่าง").click()
    told(desk, "มาเป็นร่างแล้ว")
    assert_accessible(desk)
    desk.get_by_role("button", name=re.compile("^ลบ")).first.click()
    told(desk, "ลบรายการที่")
    expect(desk.get_by_role("main")).not_to_contain_text(MANUAL[0])
    desk.get_by_role("button", name=re.compile("^เลิกทำ")).click()
    told(desk, "เลิกทำแล้ว")
    expect(desk.get_by_role("main")).to_contain_text(MANUAL[0])
    desk.get_by_role("button", name=re.compile("^เลื่อน.*ขึ้น$")).last.click()
    desk.get_by_role("link", name=re.compile("^แก้")).last.click()
    assert_accessible(desk)
