"""Whole stories in Chromium: a quarter from the division to the report draft, and a first run to an adopted plan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, picture, sign_in

PLAN = (
    "มาตรการส่งเสริมคุณธรรมและความโปร่งใส\n"
    "องค์การบริหารส่วนตำบลตัวอย่าง ประจำปีงบประมาณ พ.ศ. {year}\n\n"
    "มาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\n"
    "๑. จัดทำคู่มือการให้บริการฉบับย่อ\t๑. รวบรวมขั้นตอน ๒. พิมพ์เผยแพร่\tกองคลัง\tไตรมาสที่ ๑-๔ ปีงบประมาณ พ.ศ. {year}\n"
    "๒. อบรมมาตรฐานทางจริยธรรม\t๑. จัดอบรม\tทุกส่วนราชการ\tไตรมาสที่ ๑-๔ ปีงบประมาณ พ.ศ. {year}\n"
)


def choose(page: Page, name: str) -> None:
    """Tap the answer with these words in every question that offers it and is not answered yet."""
    for option in page.locator("label.choice", has_text=name).all():
        option.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_group_goes_from_the_phone_to_the_report_draft(
    demo_url: str, open_page: Open, tmp_path: Path, scripts: bool
) -> None:
    told = f"จัดกิจกรรมตามแผนแล้ว มีผู้เข้าร่วม {41 if scripts else 42} คน"
    phone = open_page(PHONE, java_script_enabled=scripts)
    sign_in(phone, demo_url, "works")
    phone.locator(".task-title").first.click()
    address = phone.url
    choose(phone, "แล้วเสร็จทั้งมาตรการ")
    phone.get_by_label("2. ทำอะไรไปแล้วบ้าง").fill(told)
    phone.locator("input[type=file]#files").set_input_files(picture(tmp_path))
    choose(phone, "ไม่มี")
    phone.locator(".save-bar button.btn-go").click()
    expect(phone.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()

    desk = open_page(java_script_enabled=scripts)
    sign_in(desk, demo_url, "coordinator")
    desk.goto(address)
    expect(desk.get_by_text(told)).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="ภาพกิจกรรม ครั้งที่ 1.png", exact=True).click()
    assert download.value.suggested_filename == "ภาพกิจกรรม ครั้งที่ 1.png"
    desk.get_by_role("button", name="อนุมัติ").click()
    expect(desk.get_by_role("status").filter(has_text="อนุมัติแล้ว")).to_be_visible()

    desk.get_by_role("navigation", name="เมนูหลัก").get_by_role("link", name="รายงาน").click()
    expect(desk.get_by_role("main")).to_contain_text(told)
    for name in ("DOCX", "PDF"):
        with desk.expect_download() as download:
            desk.get_by_role("link", name=re.compile(rf"รายงานผลประจำปี.* {name}$")).click()
        assert Path(download.value.path()).stat().st_size > 10_000


def test_a_form_that_lacks_answers_says_so_beside_each_field(demo_url: str, open_page: Open) -> None:
    phone = open_page(PHONE)
    sign_in(phone, demo_url, "works")
    phone.locator(".task-title").first.click()
    choose(phone, "แล้วเสร็จทั้งมาตรการ")
    # Another story may have left a draft.
    phone.get_by_label("2. ทำอะไรไปแล้วบ้าง").fill("")
    phone.locator(".save-bar button.btn-go").click()
    expect(phone.get_by_role("alert")).to_contain_text("ยังส่งไม่ได้")
    expect(phone.locator("#result-error")).to_contain_text("กรุณาเขียนผลการดำเนินงาน")
    expect(phone.locator("#problems_answer-error")).to_be_visible()


def test_a_first_run_ends_with_an_adopted_plan(empty_url: str, open_page: Open, tmp_path: Path) -> None:
    desk = open_page()
    desk.goto(empty_url)
    desk.get_by_label("ชื่อหน่วยงาน").fill("องค์การบริหารส่วนตำบลตัวอย่าง")
    desk.get_by_label("อีเมล").fill("coordinator@tuayang.example")
    desk.get_by_label("รหัสผ่าน").fill("a long enough password")
    desk.get_by_role("button", name="สร้างหน่วยงาน").click()
    expect(desk.locator("#guide")).to_be_visible()
    desk.goto(f"{empty_url}/plan/upload")

    document = tmp_path / "แผนมาตรการ.txt"
    document.write_text(PLAN.format(year="๒๕๗๑"), encoding="utf-8")
    desk.locator("#plan").set_input_files(document)
    desk.get_by_role("button", name="อ่านไฟล์").click()
    expect(desk.get_by_role("heading", name="ตรวจแผนก่อนสร้างงาน")).to_be_visible()
    # Two measures, the second in all four divisions, four quarters each.
    expect(desk.locator(".save-bar")).to_contain_text("จะเกิดงาน\u00a020\u00a0งาน")
    desk.get_by_role("button", name="ยืนยันใช้แผน").click()
    expect(desk.get_by_role("status").filter(has_text="ประกาศใช้แผนปีงบประมาณ")).to_be_visible()
    expect(desk.get_by_role("table")).to_contain_text("กองคลัง")
