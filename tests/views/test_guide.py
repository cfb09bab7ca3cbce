"""The first steps on the dashboard: each as the rows say it stands, for who sets the organisation up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from tests import documents
from tests.client import Browser, Page
from tests.world import FOUNDED, World, at
from tracker.actions import deciding, granting, organising, planning, staffing
from tracker.app import Tracker
from tracker.database import current_organisation, db, organisation_scope, writing
from tracker.models import Kind, MailState, OutgoingMail, User
from tracker.rules.permissions import SYSTEM

SignedIn = Callable[[str], Browser]
WHOLE = (date(2025, 10, 1), date(2026, 9, 30))


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


@pytest.fixture
def desk(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


def test_each_step_is_done_when_the_rows_say_so(world: World, desk: Browser) -> None:
    page = desk.get("/plan/2569")
    assert "ยังขาดที่ติดต่อ" in plain(page)
    # Divisions and holders are there from the beginning.
    assert "เสร็จแล้ว 2 ขั้น" in plain(page)
    with world.write():
        current_organisation().contact = "โทร. 0"
    assert "เสร็จแล้ว 3 ขั้น" in plain(desk.get("/plan/2569"))
    assert desk.post("/reminders/test", {"next": "/plan/2569"}).location == "/plan/2569"
    assert "จดหมายทดสอบกำลังออก" in plain(desk.get("/plan/2569"))
    for state, words, steps in (
        (MailState.DEAD, "จดหมายทดสอบส่งไม่ได้", 3),
        (MailState.SENT, "ส่งถึงเซิร์ฟเวอร์อีเมลแล้ว", 4),
    ):
        with world.write():
            db.session.scalars(select(OutgoingMail)).one().state = state
        page = desk.get("/plan/2569")
        assert words in plain(page)
        assert f"เสร็จแล้ว {steps} ขั้น" in plain(page)
    with world.write():
        reading = deciding.begin(
            documents.text(), "แผน.txt", 2569, now=FOUNDED, by=world.actor("coordinator")
        )
        address = f"/plan/readings/{reading.id}"
    page = desk.get("/plan/2569")
    assert address in page.links
    assert "เสร็จแล้ว 5 ขั้น" in plain(page)
    world.adopted_plan()
    assert "เริ่มใช้งานใน" not in desk.get("/plan/2569").text
    assert "เริ่มใช้งานใน" not in desk.get("/plan/2570").text


def test_a_test_mail_goes_before_the_invitations(desk: Browser) -> None:
    steps = plain(desk.get("/plan/2569")).partition("เริ่มใช้งานใน")[2]
    assert steps.index("ทดสอบอีเมล") < steps.index("ผู้ดำรงตำแหน่ง")


def test_a_draft_leads_to_its_confirmation(world: World, desk: Browser) -> None:
    with world.write():
        world.add_plan([(1, [0], *WHOLE)])
    page = desk.get("/plan/2569")
    assert "มีร่างแผนปีงบประมาณ 2569" in plain(page)
    assert "/plan/2569/draft" in page.links


def test_vacant_positions_are_named_and_those_invited_are_counted(world: World, desk: Browser) -> None:
    with world.write():
        for who in ("head1", "head2", "head3", "chief"):
            granting.close(db.session.get_one(User, world.users[who]), now=FOUNDED, by=SYSTEM)
    page = plain(desk.get("/plan/2569"))
    assert "ว่าง 4 จาก 8 ตำแหน่ง" in page
    assert "และอีก 1 ตำแหน่ง" in page
    with world.write():
        posts = ["กองคลัง", "กองช่าง", "กองการศึกษา", "นายกองค์การบริหารส่วนตำบล"]
        for number, title in enumerate(posts):
            position = organising.position_named(title)
            organising.invite(f"new{number}@tuayang.example", "", position, now=at("2025-12-17"), by=SYSTEM)
    assert "มีผู้ดำรงทุกตำแหน่ง ยังไม่ตอบรับคำเชิญ 4 คน" in plain(desk.get("/plan/2569"))


def test_once_a_plan_is_in_force_the_overview_names_vacant_positions_to_who_can_fill_them(
    world: World, desk: Browser, signed_in: SignedIn
) -> None:
    world.adopted_plan()
    assert "มีตำแหน่งว่าง" not in plain(desk.get("/plan/2569"))
    with world.write():
        granting.close(db.session.get_one(User, world.users["head2"]), now=FOUNDED, by=SYSTEM)
    page = desk.get("/plan/2569")
    assert "มีตำแหน่งว่าง 1 ตำแหน่ง: ผู้อำนวยการกองช่าง" in plain(page)
    assert "/settings/people" in page.links
    assert "มีตำแหน่งว่าง" not in plain(signed_in("head0").get("/plan/2569"))
    with world.write():
        staffing.add_position("ผู้ช่วยช่าง", "staff", planning.divisions()[2], None, now=FOUNDED, by=SYSTEM)
    # No mail is meant for it.
    assert "มีตำแหน่งว่าง 1 ตำแหน่ง: ผู้อำนวยการกองช่าง จดหมาย" in plain(desk.get("/plan/2569"))


def test_who_does_not_set_up_sees_no_steps(world: World, signed_in: SignedIn) -> None:
    for who in ("head0", "clerk", "chief"):
        page = signed_in(who).get("/plan/2569")
        assert "เริ่มใช้งานใน" not in page.text
        assert "ยังไม่มีแผนของปีนี้" in page.text


def test_an_administrator_of_an_organisation_made_by_command_is_led_as_far_as_the_plan(app: Tracker) -> None:
    with writing():
        organisation = organising.add_organisation(
            "new", "องค์การบริหารส่วนจังหวัดใหม่", Kind.PAO, now=FOUNDED, by=SYSTEM
        )
    with organisation_scope(organisation.id), writing():
        user, _url = organising.invite("it@new.example", "", None, now=FOUNDED, by=SYSTEM, administrator=True)
        organisation_id, user_id = organisation.id, user.id
    page = Browser(app).enter_as(user_id, organisation_id).get("/plan/2569")
    assert "เสร็จแล้ว 1 ขั้น" in plain(page)
    assert "อำเภอ" not in plain(page)
    assert "ว่าง 7 จาก 7 ตำแหน่ง" in plain(page)
    assert "/plan/2569/start" not in page.links
    assert "ผู้ประสานงานแผนเป็นผู้ยืนยัน" in plain(page)


def test_the_way_back_from_the_test_mail_stays_on_this_site(world: World, desk: Browser) -> None:
    assert desk.post("/reminders/test", {"next": "//example.org"}).location == "/reminders"
