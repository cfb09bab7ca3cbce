"""A new office in Chromium: from an empty installation, step by step, to a plan in force; and the head of the pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in
from tracker import clock
from tracker.app import create_app
from tracker.config import Config
from tracker.database import across_organisations, db, writing
from tracker.models import MailState, OutgoingMail
from tracker.rules.fiscal import fiscal_year_of

YEAR = fiscal_year_of(clock.today())
PLAN = (
    "มาตรการส่งเสริมคุณธรรมและความโปร่งใส\n"
    f"เทศบาลตำบลสมมุติ ประจำปีงบประมาณ พ.ศ. {YEAR}\n\n"
    "มาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\n"
    f"๑. ติดป้ายขั้นตอนขออนุญาต\t๑. ทำป้าย ๒. ติดป้าย\tกองช่าง\tไตรมาสที่ ๑-๔ ปีงบประมาณ พ.ศ. {YEAR}\n"
    f"๒. เปิดเผยรายการจัดซื้อทุกเดือน\t๑. รวบรวม ๒. เผยแพร่\tกองคลัง\tไตรมาสที่ ๑-๔ ปีงบประมาณ พ.ศ. {YEAR}\n"
)
WIDTHS = (320, 390, 768, 1000, 1366)


def fits(page: Page) -> None:
    """No accessibility violation, and nothing hangs over the side."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def steps(page: Page, url: str, number: int) -> None:
    """Open the overview and see how many of the steps are done."""
    page.goto(url)
    expect(page.locator("#guide ~ span")).to_have_text(re.compile(rf"เสร็จแล้ว\s{number}\sขั้น"))


def hand_over_mails(config: Config) -> None:
    """What the sender does once the mail server has taken everything."""
    with create_app(config).app_context(), across_organisations("the mail server of a test"), writing():
        for mail in db.session.scalars(select(OutgoingMail)):
            mail.state = MailState.SENT


def invite_to_everything_vacant(page: Page, url: str) -> None:
    page.goto(f"{url}/settings/users")
    parts = page.get_by_label("ให้เป็น")
    vacant = [text for text in parts.locator("option").all_inner_texts() if text.endswith("(ว่าง)")]
    for number, label in enumerate(vacant):
        page.get_by_label("อีเมล", exact=True).fill(f"person{number}@smut.example")
        parts.select_option(label=label)
        page.get_by_role("button", name="ส่งคำเชิญ").click()
        expect(page.get_by_role("status").filter(has_text=f"person{number}@smut.example")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_a_new_office_is_led_to_a_plan_in_force(
    empty_url: str, config: Config, open_page: Open, tmp_path: Path, size: tuple[int, int]
) -> None:
    page = open_page(size)
    page.goto(empty_url)
    page.get_by_label("ชื่อหน่วยงาน").fill("เทศบาลตำบลสมมุติ")
    page.locator("label.choice", has_text="เทศบาล").click()
    page.get_by_label("อีเมล").fill("coordinator@smut.example")
    page.get_by_label("รหัสผ่าน").fill("a long enough password")
    fits(page)
    page.get_by_role("button", name="สร้างหน่วยงาน").click()
    steps(page, empty_url, 1)
    fits(page)

    page.get_by_role("listitem").get_by_role("link", name="ข้อมูลหน่วยงาน").click()
    for label, text in (("อำเภอ", "เมือง"), ("จังหวัด", "สมมุติ"), ("ติดต่อ", "โทร. 0 0000 0000")):
        page.get_by_label(label).first.fill(text)
    fits(page)
    page.get_by_role("button", name="บันทึก").click()
    steps(page, empty_url, 2)

    page.get_by_role("button", name="ส่งจดหมายทดสอบ").click()
    expect(page.locator(".steps")).to_contain_text("จดหมายทดสอบกำลังออก")
    hand_over_mails(config)
    steps(page, empty_url, 3)

    invite_to_everything_vacant(page, empty_url)
    fits(page)
    steps(page, empty_url, 4)

    page.get_by_role("listitem").get_by_role("link", name="เริ่มแผน").click()
    page.get_by_role("link", name="อัปโหลดแผน").click()
    document = tmp_path / "แผนมาตรการ.txt"
    document.write_text(PLAN, encoding="utf-8")
    page.locator("#plan").set_input_files(document)
    page.get_by_role("button", name="อ่านไฟล์").click()
    expect(page.get_by_role("heading", name="ตรวจแผนก่อนสร้างงาน")).to_be_visible()
    steps(page, empty_url, 5)
    page.get_by_role("listitem").get_by_role("link", name="ตรวจและยืนยัน").click()
    page.get_by_role("button", name="ยืนยันใช้แผน").click()
    expect(page.get_by_role("status").filter(has_text="ประกาศใช้แผนปีงบประมาณ")).to_be_visible()
    page.goto(empty_url)
    expect(page.locator("#guide")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("ติดป้ายขั้นตอนขออนุญาต")


def test_the_head_of_a_page_never_wraps(demo_url: str, open_page: Open) -> None:
    page = open_page(DESKTOP)
    sign_in(page, demo_url, "coordinator")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        tops = page.locator(".nav-top > li:visible, .nav-bottom li:visible").evaluate_all(
            "entries => entries.map(one => one.getBoundingClientRect().top)"
        )
        assert len(set(tops)) == 1, (width, tops)
        assert page.locator(".masthead").bounding_box()["height"] <= 110, width  # type: ignore[index]
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_of_settings_are_accessible_and_fit_a_small_phone(
    demo_url: str, open_page: Open, theme: str
) -> None:
    page = open_page((320, 700), color_scheme=theme)
    sign_in(page, demo_url, "coordinator")
    for path in (
        "",
        "/organisation",
        "/divisions",
        "/divisions/2",
        "/people",
        "/users",
        "/users/2",
        "/approval",
    ):
        page.goto(f"{demo_url}/settings{path}")
        fits(page)
