"""From the mail to the next form on a phone, without a login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.browser.conftest import PHONE, Open, picture, serving
from tests.world import World, at
from tracker import clock
from tracker.actions import planning, reminding
from tracker.app import create_app
from tracker.config import Config
from tracker.database import db
from tracker.models import OutgoingMail
from tracker.rules.fiscal import Quarter
from tracker.rules.moments import day_of


@dataclass(frozen=True)
class Mailed:
    """The mail of a head who owes two forms: as it is read, and its lines' addresses, the list last."""

    html: str
    addresses: list[str]


@pytest.fixture
def mailed(config: Config, browser: Browser) -> Iterator[Mailed]:
    """A plan that was adopted late six weeks ago; what is owed was reminded of every day since."""
    app = create_app(config)
    adopted = clock.now() - timedelta(days=42)
    ended = day_of(adopted) - timedelta(days=1)
    quarter = Quarter.of(ended)
    with app.app_context():
        flask_migrate.upgrade()
        world = World(app)
        with world.write():
            plan = world.add_plan([(1, [0], quarter.first_day, ended)] * 2, fiscal_year=quarter.fiscal_year)
            planning.adopt(plan, now=adopted, by=world.actor("coordinator"))
        # At ten in the morning, whenever the tests run: nothing is planned before the sending hour.
        for days in range(41, 0, -1):
            day = clock.today() - timedelta(days=days)
            with world.write():
                reminding.plan_day(now=at(day.isoformat(), "10:00"))
        with world.read():
            mails = db.session.scalars(
                select(OutgoingMail)
                .where(OutgoingMail.to_address == "head0@tuayang.example", OutgoingMail.kind == "digest")
                .order_by(OutgoingMail.id.desc())
            ).all()
            mail = next(row for row in mails if row.body_text.count("/work/") == 2)
            html, text = mail.body_html, mail.body_text
        db.session.remove()
    with serving(app) as url:
        paths = re.findall(r"\S+?(/m/\S+)", text)
        yield Mailed(html.replace(config.url, url), [url + path for path in paths])


def accessible(page: Page) -> None:
    assert [told["id"] for told in Axe().run(page).response["violations"]] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_two_forms_are_sent_from_the_mail_without_a_login(
    mailed: Mailed, open_page: Open, tmp_path: Path
) -> None:
    phone = open_page(PHONE)
    phone.set_content(mailed.html)
    phone.get_by_role("link", name="อัปเดต").first.click()
    accessible(phone)
    for last in (False, True):
        # Three taps after the mail's, and nothing typed but the result.
        phone.locator("label.choice", has_text="แล้วเสร็จทั้งมาตรการ").click()
        phone.get_by_label("2. ทำอะไรไปแล้วบ้าง").fill("จัดทำคู่มือแล้ว 40 เล่ม")
        phone.locator("input[type=file]#files").set_input_files(picture(tmp_path))
        phone.get_by_role("button", name="ไม่มีปัญหาและไม่มีข้อเสนอแนะ").click()
        phone.get_by_role("button", name="ส่งให้ตรวจ").click()
        expect(phone.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()
        accessible(phone)
        if not last:
            expect(phone.get_by_label("2. ทำอะไรไปแล้วบ้าง")).to_have_value("")
    expect(phone.get_by_text("ไม่มีงานค้าง ขอบคุณ")).to_be_visible()
    assert phone.url == mailed.addresses[-1]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_head_gives_work_away_and_ends_the_link(mailed: Mailed, open_page: Open, scripts: bool) -> None:
    phone = open_page(PHONE, java_script_enabled=scripts)
    phone.goto(mailed.addresses[0])
    phone.get_by_text("ให้คนอื่นทำแทน หรือส่งลงไลน์").click()
    phone.get_by_label("ชื่อผู้รับงาน").fill("นางสาวสมมุติ ใจดี")
    phone.get_by_label("อีเมลของผู้รับงาน").fill("staff@tuayang.example")
    phone.get_by_role("button", name="ส่งต่อ", exact=True).click()
    expect(phone.get_by_role("heading", name="ส่งต่อไว้ให้")).to_be_visible()
    phone.get_by_text("ให้คนอื่นทำแทน หรือส่งลงไลน์").click()
    phone.get_by_role("button", name="ส่งลงไลน์").click()
    expect(phone.get_by_role("link", name="เปิดไลน์เพื่อเลือกผู้รับ")).to_be_visible()
    expect(phone.get_by_role("button", name="คัดลอกข้อความ")).to_be_visible(visible=scripts)
    if scripts:
        accessible(phone)
    phone.goto(mailed.addresses[-1])
    if scripts:
        accessible(phone)
    phone.get_by_text("ไม่ใช่ท่าน?").click()
    phone.get_by_role("button", name="ยกเลิกลิงก์นี้").click()
    phone.get_by_role("button", name="ส่งลิงก์ใหม่ไปที่อีเมลของตำแหน่ง").click()
    expect(phone.get_by_role("heading", name="ขอลิงก์ใหม่แล้ว")).to_be_visible()
    if scripts:
        accessible(phone)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_photograph_chosen_with_an_incomplete_answer_is_kept_or_asked_for_again(
    mailed: Mailed, open_page: Open, tmp_path: Path, scripts: bool
) -> None:
    phone = open_page(PHONE, java_script_enabled=scripts)
    phone.goto(mailed.addresses[0])
    phone.locator("input[type=file]#files").set_input_files(picture(tmp_path))
    phone.locator(".save-bar button.btn-go").click()
    expect(phone.locator("#files-error")).to_have_count(0 if scripts else 1)
    expect(phone.locator("[data-chosen=files] .file-name")).to_have_count(1 if scripts else 0)
    if not scripts:
        expect(phone.locator("#files-error")).to_contain_text("ยังไม่ได้แนบ")
        phone.locator("input[type=file]#files").set_input_files(picture(tmp_path))
    phone.locator("label.choice", has_text="แล้วเสร็จทั้งมาตรการ").click()
    phone.get_by_label("2. ทำอะไรไปแล้วบ้าง").fill("จัดทำคู่มือแล้ว 40 เล่ม")
    for name in ("problems", "suggestions"):
        phone.locator(f"#{name}_answer label", has_text="ไม่มี").click()
    phone.locator(".save-bar button.btn-go").click()
    # The form that follows, to which the photograph does not belong.
    expect(phone.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()
    expect(phone.locator("[data-chosen=files] .file-name")).to_have_count(0)
