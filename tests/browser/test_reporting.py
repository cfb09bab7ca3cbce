"""What a report costs on a phone, and what becomes of it when the net or the browser goes away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Open, picture

# The fixtures of the mail's own stories.
from tests.browser.test_mail_links import Mailed, mailed  # noqa: F401
from tests.browser.test_rounds import Asked, asked  # noqa: F401
from tests.browser.test_wizard import enter

RESULT = "2. ทำอะไรไปแล้วบ้าง"


@pytest.fixture
def phone(mailed: Mailed, open_page: Open) -> Page:  # noqa: F811
    """The form of the mail's first line."""
    page = open_page(PHONE)
    page.goto(mailed.addresses[0])
    return page


def fill_in(page: Page, photograph: Path) -> None:
    page.locator("label.choice", has_text="แล้วเสร็จทั้งมาตรการ").click()
    page.get_by_label(RESULT).fill("จัดทำคู่มือแล้ว 40 เล่ม")
    page.locator("input[type=file]#files").set_input_files(photograph)
    page.get_by_role("button", name="ไม่มีปัญหาและไม่มีข้อเสนอแนะ").click()


def test_a_quarter_without_news_costs_four_taps_and_two_pages_from_the_mail(
    mailed: Mailed,  # noqa: F811
    open_page: Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not begun is an answer too: nothing is typed."""
    page = open_page(PHONE)
    loads: list[str] = []
    page.set_content(mailed.html)
    page.on("request", lambda sent: loads.append(sent.url) if sent.resource_type == "document" else None)
    taps = [
        page.get_by_role("link", name="อัปเดต").first,
        page.locator("label.choice", has_text="ยังไม่ได้ทำ"),
        page.locator(".save-bar button.btn-go"),
    ]
    for tap in taps:
        tap.click()
    expect(page.get_by_role("status").filter(has_text="บันทึกแล้ว")).to_be_visible()
    # An answer that leads on is one page for the person: the browser follows it by itself.
    pages = [url for place, url in enumerate(loads) if place == 0 or url != loads[place - 1]]
    with capsys.disabled():
        print(f"\nfrom the mail to saved: {len(taps)} taps, {len(pages)} page loads")
    assert len(taps) <= 4
    assert len(pages) <= 2


def test_a_quarter_like_the_last_is_reported_by_three_taps_on_its_page(
    asked: Asked,  # noqa: F811
    open_page: Open,
) -> None:
    """With the tap on the mail's button they are four, and nothing is typed."""
    page = open_page(PHONE)
    enter(page, asked.url, "head0")
    page.goto(f"{asked.url}/work/2/1/2")
    page.locator("label.choice", has_text="ดำเนินการตามแผน").click()
    page.get_by_role("link", name="ตอบเหมือนไตรมาสก่อน").click()
    expect(page.get_by_label(RESULT)).to_have_value("ประชุมชี้แจง 5 ครั้ง")
    page.locator(".save-bar button.btn-go").click()
    expect(page.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()


def test_what_was_typed_survives_a_closed_browser(
    mailed: Mailed,  # noqa: F811
    open_page: Open,
    tmp_path: Path,
) -> None:
    page = open_page(PHONE)
    page.goto(mailed.addresses[0])
    page.get_by_label(RESULT).fill("พิมพ์ค้างไว้")
    expect(page.locator("[data-kept]").first).to_have_text("เก็บร่างในเครื่องแล้ว")
    kept = tmp_path / "device.json"
    page.context.storage_state(path=kept)
    page.context.close()
    again = open_page(PHONE, storage_state=kept)
    again.goto(mailed.addresses[0])
    expect(again.get_by_label(RESULT)).to_have_value("พิมพ์ค้างไว้")
    again.get_by_role("button", name="ทิ้งร่าง").click()
    expect(again.get_by_label(RESULT)).to_have_value("")


def test_an_upload_is_cancelled_fails_and_is_tried_again_without_losing_anything(
    phone: Page, tmp_path: Path
) -> None:
    fill_in(phone, picture(tmp_path))
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    phone.route("**/work/**", hold)
    phone.get_by_role("button", name="ส่งให้ตรวจ").click()
    expect(phone.get_by_role("progressbar", name="กำลังส่งไฟล์")).to_be_visible()
    phone.get_by_role("button", name="ยกเลิกการส่ง").click()
    expect(phone.get_by_role("status").filter(has_text="ยกเลิกการส่งแล้ว")).to_be_visible()
    expect(phone.get_by_label(RESULT)).to_have_value("จัดทำคู่มือแล้ว 40 เล่ม")
    expect(phone.locator("[data-chosen=files] li")).to_have_count(1)
    phone.unroute("**/work/**")
    phone.get_by_role("button", name="ลองใหม่").click()
    expect(phone.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()


def test_a_photograph_is_made_small_before_it_goes(phone: Page, tmp_path: Path) -> None:
    large = tmp_path / "ภาพใหญ่ ๑.jpg"
    Image.effect_noise((3200, 2400), 60).save(large, quality=92)
    fill_in(phone, large)
    before = large.stat().st_size
    phone.wait_for_function("size => document.getElementById('files').files[0].size < size", arg=before // 2)
    phone.get_by_role("button", name="ส่งให้ตรวจ").click()
    expect(phone.get_by_role("status").filter(has_text="ส่งให้ตรวจแล้ว")).to_be_visible()


def test_the_camera_is_asked_for_and_thai_names_stay(phone: Page, tmp_path: Path) -> None:
    camera = phone.locator("input[type=file][capture]")
    expect(camera).to_have_attribute("capture", "environment")
    expect(camera).to_have_attribute("accept", "image/*")
    camera.set_input_files(picture(tmp_path))
    expect(phone.locator("[data-chosen=files] li")).to_contain_text("ภาพกิจกรรม ครั้งที่ 1.png")
    phone.get_by_role("button", name="เอาออก ภาพกิจกรรม ครั้งที่ 1.png").click()
    expect(phone.locator("[data-chosen=files] li")).to_have_count(0)
