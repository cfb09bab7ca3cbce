"""A short day of each role, by the way a person finds it, on a desktop and on a phone; taps and pages are counted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open, sign_in
from tests.browser.crawl import Household


class Day:
    """A person's page after sign-in, with the taps made and the pages loaded since."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.loads = page, 0, 0
        page.on("request", self._note)

    def _note(self, request: object) -> None:
        # An answer that leads on is one page for the person.
        self.loads += request.resource_type == "document" and request.redirected_from is None  # type: ignore[attr-defined]

    def tap(self, target: Locator) -> None:
        target.first.click()
        self.taps += 1
        self.page.wait_for_load_state()

    def menu(self, name: str) -> None:
        """Open the person's menu and go where a line of it leads."""
        self.tap(self.page.locator(".menu-person > summary"))
        self.tap(self.page.locator(".menu-person").get_by_role("link", name=name))

    def told(self, words: str) -> None:
        expect(self.page.get_by_role("status").filter(has_text=re.compile(words)).first).to_be_visible()


def head(day: Day) -> None:
    """What was not begun is said with three taps."""
    day.tap(day.page.locator(".task-title"))
    day.tap(day.page.locator("label.choice", has_text="ยังไม่ได้ทำ"))
    day.tap(day.page.locator(".save-bar button.btn-go"))
    day.told("บันทึกแล้ว")


def staff(day: Day) -> None:
    """The same list as the head's, and the same form, filled in; nothing to approve."""
    day.tap(day.page.locator(".task-title"))
    expect(day.page.get_by_role("button", name="อนุมัติ")).to_have_count(0)
    day.tap(day.page.locator("label.choice", has_text="ยังไม่ได้ทำ"))
    day.tap(day.page.locator(".save-bar button.btn-go"))
    day.told("บันทึกแล้ว")


def coordinator(day: Day) -> None:
    """From the overview to what waits, approved, and taken back."""
    day.tap(day.page.get_by_role("link", name=re.compile("ตรวจงาน")))
    day.tap(day.page.locator(".task-title"))
    day.tap(day.page.get_by_role("button", name="อนุมัติ"))
    day.told("อนุมัติแล้ว")
    day.tap(day.page.get_by_role("button", name=re.compile("^เลิกทำ")))
    expect(day.page.get_by_role("main")).to_contain_text("เลิกทำ")


def clerk(day: Day) -> None:
    """Who is late, and who was told."""
    day.tap(day.page.locator(".task-title"))
    day.tap(day.page.get_by_role("link", name="ใครได้รับแจ้งเมื่อใด"))
    expect(day.page.get_by_role("table")).to_contain_text("ส่งแล้ว")


def chief(day: Day) -> None:
    """The summary on one sheet."""
    day.tap(day.page.get_by_role("link", name="สรุปหนึ่งหน้า"))
    expect(day.page.get_by_role("heading", level=1)).to_contain_text("สรุปสำหรับผู้บริหาร")
    with day.page.expect_download() as sheet:
        day.tap(day.page.get_by_role("link", name="พิมพ์หนึ่งหน้า (PDF)"))
    assert sheet.value.suggested_filename.endswith(".pdf")


def auditor(day: Day) -> None:
    """Who did what, by a filter, and nothing to press that changes anything."""
    day.menu("บันทึกเหตุการณ์")
    day.tap(day.page.locator("summary", has_text="กรอง"))
    day.page.get_by_label("กับอะไร").select_option(label="แผน")
    day.tap(day.page.get_by_role("button", name="แสดง"))
    expect(day.page.get_by_role("main")).to_contain_text("ใช้อยู่")
    with day.page.expect_download():
        day.tap(day.page.get_by_role("link", name="ดาวน์โหลด CSV"))
    expect(day.page.locator("main form[method=post]")).to_have_count(0)


def administrator(day: Day) -> None:
    """To the accounts, where somebody is invited; the password was just given."""
    day.menu("ตั้งค่า")
    day.tap(day.page.get_by_role("link", name="บัญชีผู้ใช้"))
    width = (day.page.viewport_size or {})["width"]
    day.page.get_by_label("อีเมล", exact=True).fill(f"colleague{width}@tuayang.example")
    day.page.get_by_label("ให้เป็น").select_option("auditor")
    day.tap(day.page.get_by_role("button", name="ส่งคำเชิญ"))
    day.told(f"colleague{width}")


# Who, what is done, and the most taps and pages after the sign-in.
DAYS: dict[str, tuple[str, Callable[[Day], None], int, int]] = {
    "head": ("works", head, 3, 2),
    "staff": ("staff", staff, 3, 2),
    "coordinator": ("coordinator", coordinator, 4, 4),
    "clerk": ("clerk", clerk, 2, 2),
    "chief executive": ("chief", chief, 2, 2),
    "auditor": ("auditor", auditor, 5, 3),
    "administrator": ("administrator", administrator, 4, 3),
}


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("role", DAYS)
def test_a_role_goes_through_its_day(
    household: tuple[str, Household],
    open_page: Open,
    capsys: pytest.CaptureFixture[str],
    role: str,
    size: tuple[int, int],
) -> None:
    who, live, most_taps, most_loads = DAYS[role]
    page = open_page(size)
    sign_in(page, household[0], who)
    day = Day(page)
    live(day)
    with capsys.disabled():
        print(f"\n{role} at {size[0]} px: {day.taps} taps, {day.loads} pages")
    assert day.taps <= most_taps
    assert day.loads <= most_loads
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
