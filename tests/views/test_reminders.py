"""What was mailed, what will be, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from jobs.schedule import SCHEDULE
from tests.client import Browser
from tests.deeds import approve, group_of, report, send_back
from tests.world import World, at
from tracker.actions import linking, organising, progress, reminding
from tracker.app import Tracker
from tracker.database import across_organisations, db, writing
from tracker.models import Holding, JobRun, MailLink, MailState, OutgoingMail, Position
from tracker.rules.permissions import SYSTEM

SignedIn = Callable[[str], Browser]


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def beat(ago: timedelta = timedelta(), names: tuple[str, ...] = ("remind", "send")) -> None:
    with across_organisations("test"), writing():
        for name in names:
            db.session.merge(JobRun(name=name, started_at=at("2025-12-17") - ago))


def told_today(world: World) -> int:
    """Plan the digests of the morning; the id of the first mail to a head."""
    with world.write():
        reminding.plan_day(now=at("2025-12-17", "08:30"))
    with world.read():
        mail_id = db.session.scalars(
            select(OutgoingMail.id).where(OutgoingMail.to_address == "head0@tuayang.example")
        ).one()
        db.session.rollback()
    return mail_id


def left(world: World, mail_id: int, state: MailState, answer: str = "") -> None:
    with world.write():
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == mail_id)
            .values(state=state, last_answer=answer, attempts=2)
        )


def test_the_page_shows_the_mails_and_the_days_ahead_as_they_are_then_sent(
    world: World, signed_in: SignedIn
) -> None:
    report(world, group_of(world))
    send_back(world, group_of(world))
    page = signed_in("coordinator").get("/reminders")
    assert "head0@tuayang.example" in page.text
    with world.read():
        first = date(2025, 12, 17)
        ahead = reminding.forecast([first + timedelta(days=number) for number in range(30)])
        db.session.rollback()
    for day in ahead:
        if day.digests:
            assert f"/reminders?day={day.day.isoformat()}#day" in page.links
    opened = signed_in("coordinator").get("/reminders?day=2025-12-24")
    assert "ผู้รับวันที่ 24 ธันวาคม 2568" in opened.text.replace("\u00a0", " ")
    chosen = next(day for day in ahead if day.day == date(2025, 12, 24))
    assert all(digest.address in opened.text for digest in chosen.digests)
    assert "31 ธ.ค. วันหยุด ไม่ส่ง" in opened.text.replace("\u00a0", " ")


@pytest.mark.parametrize("query", ["day=nonsense", "day=2031-01-01", "look=nonsense", "page=0", "page=999"])
def test_whatever_an_address_asks_for_the_page_opens(signed_in: SignedIn, query: str) -> None:
    signed_in("coordinator").get(f"/reminders?{query}")


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 200), ("clerk", 200), ("head0", 403), ("chief", 403)]
)
def test_who_may_look(signed_in: SignedIn, who: str, status: int) -> None:
    assert signed_in(who).open("/reminders").status_code == status


def test_a_scheduler_that_stands_still_is_told_to_the_coordinator(signed_in: SignedIn) -> None:
    beat(timedelta(minutes=6))
    said = signed_in("coordinator").get("/plan/2569").text.replace("\u00a0", " ")
    assert "ตัวตั้งเวลาหยุดตั้งแต่ 08.54 น." in said
    assert "ตัวตั้งเวลาหยุด" not in signed_in("head0").get("/work").text
    page = signed_in("coordinator").get("/reminders").text.replace("\u00a0", " ")
    assert "ตัวตั้งเวลาหยุดไป 6 นาที" in page


def test_a_scheduler_that_stands_still_since_another_day_is_told_with_that_day(signed_in: SignedIn) -> None:
    beat(timedelta(days=3))
    said = signed_in("coordinator").get("/plan/2569").text.replace("\u00a0", " ")
    assert "ตัวตั้งเวลาหยุดตั้งแต่ 14 ธ.ค. 2568 09.00 น." in said


@pytest.mark.parametrize("name", ["remind", "send"])
def test_a_planner_or_sender_that_fails_is_told_to_the_coordinator(signed_in: SignedIn, name: str) -> None:
    beat()
    with across_organisations("test"), writing():
        db.session.merge(JobRun(name=name, started_at=at("2025-12-17"), problem="OSError: x"))
    assert "จดหมายเตือนอาจยังไม่ออก" in signed_in("coordinator").get("/plan/2569").text
    assert "จดหมายเตือนอาจยังไม่ออก" not in signed_in("head0").get("/work").text


@pytest.mark.parametrize("ran", [(), ("remind",), ("send",), ("remind", "send")])
def test_a_scheduler_that_never_ran_is_told_to_the_coordinator(
    signed_in: SignedIn, ran: tuple[str, ...]
) -> None:
    beat(names=ran)
    told = "ตัวตั้งเวลายังไม่เคยทำงาน" in signed_in("coordinator").get("/plan/2569").text
    assert told is (len(ran) < 2)
    assert "ตัวตั้งเวลา" not in signed_in("head0").get("/work").text


def test_the_demo_lives_without_a_scheduler(app: Tracker, signed_in: SignedIn) -> None:
    app.extensions["tracker.config"] = replace(app.extensions["tracker.config"], demo=True)
    assert "ตัวตั้งเวลา" not in signed_in("coordinator").get("/plan/2569").text


def test_a_planner_that_stands_still_is_told_too(signed_in: SignedIn) -> None:
    beat()
    beat(timedelta(hours=2, minutes=10), ("remind",))
    page = signed_in("coordinator").get("/reminders").text.replace("\u00a0", " ")
    assert "ตัวตั้งเวลาหยุดไป 2 ชั่วโมง 10 นาที" in page


def test_a_scheduler_that_runs_is_said_to_run(signed_in: SignedIn) -> None:
    beat(timedelta(seconds=40))
    page = signed_in("coordinator").get("/reminders").text.replace("\u00a0", " ")
    assert "ตัวตั้งเวลาทำงานปกติ ตรวจล่าสุดเมื่อ 40 วินาทีก่อน" in page


def test_every_job_has_a_name_for_people(world: World, signed_in: SignedIn) -> None:
    beat(names=tuple(job.name for job in SCHEDULE))
    page = signed_in("coordinator").get("/reminders").text
    assert [job.name for job in SCHEDULE if f" {job.name} " in page] == []


def test_counts_are_filters(world: World, signed_in: SignedIn) -> None:
    left(world, told_today(world), MailState.DEAD, "550 5.1.1 no such user")
    browser = signed_in("coordinator")
    failed = browser.get("/reminders?look=failed").text
    assert "ไม่มีที่อยู่นี้ (550)" in failed.replace("\u00a0", " ")
    assert "head0@tuayang.example" in failed
    assert "head1@tuayang.example" not in failed
    assert "head0@tuayang.example" not in browser.get("/reminders?look=waiting").text
    assert "head1@tuayang.example" in browser.get("/reminders?look=waiting").text


def test_the_raw_answer_stands_one_click_deeper(world: World, signed_in: SignedIn) -> None:
    mail_id = told_today(world)
    left(world, mail_id, MailState.DEAD, "550 5.1.1 no such user here")
    browser = signed_in("coordinator")
    assert "no such user here" not in browser.get("/reminders").text
    assert "no such user here" in browser.get(f"/reminders/mail/{mail_id}").text


@pytest.mark.parametrize("state", [MailState.UNCERTAIN, MailState.DEAD])
@pytest.mark.parametrize(("act", "becomes"), [("again", MailState.QUEUED), ("settled", MailState.SENT)])
def test_what_is_left_to_a_person_is_decided_with_a_press(
    world: World, signed_in: SignedIn, state: MailState, act: str, becomes: MailState
) -> None:
    mail_id = told_today(world)
    left(world, mail_id, state)
    page = signed_in("coordinator").get(f"/reminders/mail/{mail_id}")
    assert f"/reminders/mail/{mail_id}/{act}" in [form.get("action") for form in page.forms]
    assert signed_in("clerk").post(f"/reminders/mail/{mail_id}/{act}").status_code == 403
    assert signed_in("coordinator").post(f"/reminders/mail/{mail_id}/{act}").status_code == 303
    with world.read():
        db.session.rollback()
        row = db.session.scalars(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()
        assert row.state is becomes
        db.session.rollback()
    assert signed_in("coordinator").post(f"/reminders/mail/{mail_id}/{act}").status_code == 422


def test_the_secret_of_a_link_is_not_shown_to_others(world: World, signed_in: SignedIn) -> None:
    with world.write():
        position = organising.position_named("ผู้อำนวยการกองช่าง")
        _user, url = organising.invite(
            "new@tuayang.example", "ใหม่", position, now=at("2025-12-17"), by=SYSTEM
        )
        mail_id = db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.kind == "invitation")).one()
    told = told_today(world)
    with world.write():
        db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.id == told)
            .values(body_text="เปิด http://127.0.0.1:8000/m/7Qd2xK-secret ได้ทันที")
        )
    browser = signed_in("coordinator")
    assert url.rpartition("/")[2] not in browser.get(f"/reminders/mail/{mail_id}").text
    shown = browser.get(f"/reminders/mail/{told}").text
    assert "/m/… ได้ทันที" in shown
    assert "7Qd2xK" not in shown


def test_a_test_mail_goes_to_the_presser_alone(world: World, signed_in: SignedIn) -> None:
    assert signed_in("coordinator").post("/reminders/test").status_code == 303
    with world.read():
        db.session.rollback()
        [mail] = db.session.scalars(select(OutgoingMail)).all()
        assert (mail.kind, mail.to_address) == ("test", "coordinator@tuayang.example")
        db.session.rollback()


def test_what_was_not_sent_says_why(world: World, signed_in: SignedIn, clock: time_machine.Traveller) -> None:
    for day in ("2025-12-17", "2025-12-24", "2025-12-30"):
        with world.write():
            reminding.plan_day(now=at(day, "08:30"))
    clock.move_to(at("2025-12-30"))
    page = signed_in("coordinator").get("/reminders?look=unsent").text.replace("\u00a0", " ")
    assert "1 วันก่อนกำหนด" in page
    assert "รวมไว้ในช่วง “วันครบกำหนด”" in page


def test_a_group_tells_who_was_told_of_it_and_what_was_done(world: World, signed_in: SignedIn) -> None:
    told_today(world)
    group = group_of(world)
    address = f"/reminders/group/{group.item_id}/{group.division_id}/{group.quarter}"
    report(world, group)
    send_back(world, group)
    for who in ("head0", "coordinator", "clerk", "chief"):
        page = signed_in(who).get(address).text.replace("\u00a0", " ")
        assert "14 วันก่อนกำหนด" in page
        assert "head0@tuayang.example" in page
        assert "ส่วนราชการรายงาน ครั้งที่ 1" in page
        assert "ส่งกลับให้แก้" in page
    assert signed_in("head1").open(address).status_code == 404
    assert address in signed_in("head0").get(address.replace("/reminders/group", "/work")).links


def test_a_group_tells_what_was_decided_and_whom_it_was_passed_on_to(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    done, moved = group_of(world), group_of(world, quarter=2)
    report(world, done)
    approve(world, done, at("2025-12-17", "10:00"))
    with world.write():
        coordinator = world.actor("coordinator")
        progress.move_due_day(
            moved, date(2026, 4, 10), "รอพัสดุ", now=at("2025-12-17", "10:00"), by=coordinator
        )
        linking.pass_on(
            moved,
            "นางสาวสมมุติ",
            "staff@tuayang.example",
            now=at("2025-12-17", "11:00"),
            by=world.actor("head0"),
        )
        reminding.plan_day(now=at("2025-12-18", "08:30"))
    clock.move_to(at("2025-12-18", "09:00"))
    address = f"/reminders/group/{done.item_id}/{done.division_id}/"
    first, second = (
        signed_in("coordinator").get(f"{address}{quarter}").text.replace("\u00a0", " ") for quarter in (1, 2)
    )
    assert "อนุมัติแล้ว หัวหน้าสำนักปลัด head0@tuayang.example" in first
    assert "เปลี่ยนกำหนดส่ง หัวหน้าสำนักปลัด head0@tuayang.example" in second
    assert "ส่งต่องานให้เพื่อนร่วมงาน นางสาวสมมุติ staff@tuayang.example" in second
    assert "staff@" not in first
    assert "เปลี่ยนกำหนดส่ง" not in first


def test_a_measure_tells_the_story_of_all_its_divisions_and_quarters(
    world: World, signed_in: SignedIn
) -> None:
    told_today(world)
    first, second = group_of(world), group_of(world, place=1)
    for group in (first, second):
        report(world, group)
    browser = signed_in("coordinator")
    group_page = browser.get(f"/reminders/group/{first.item_id}/{first.division_id}/{first.quarter}")
    address = next(link for link in group_page.links if link.startswith("/reminders/measure/"))
    page = browser.get(address)
    for words in ("head0@tuayang.example", "head1@tuayang.example", "สำนักปลัด", "กองคลัง", "14 วันก่อนกำหนด"):
        assert words in page.text.replace("\u00a0", " ")
    assert page.text.count("ส่วนราชการรายงาน ครั้งที่ 1".replace(" 1", "")) == 2
    own = signed_in("head0").get(address).text
    assert "head0@tuayang.example" in own
    assert "head1@" not in own
    assert browser.open("/reminders/measure/999").status_code == 404


def test_a_group_tells_which_link_was_opened_and_when(world: World, signed_in: SignedIn) -> None:
    told_today(world)
    group = group_of(world)
    address = f"/reminders/group/{group.item_id}/{group.division_id}/{group.quarter}"
    opened = "เปิดลิงก์จากจดหมายแล้วทำรายการ"
    assert opened not in signed_in("coordinator").get(address).text
    with world.write():
        links = [link for link in db.session.scalars(select(MailLink)) if group.subject in link.subjects]
        assert links
        links[0].opened_at = at("2025-12-17", "10:30")
    assert opened in signed_in("coordinator").get(address).text
    other = f"{address[:-1]}2"
    assert opened not in signed_in("coordinator").get(other).text


def test_a_vacant_position_is_a_problem_that_is_seen(world: World, signed_in: SignedIn) -> None:
    with world.write():
        db.session.execute(
            update(Holding).where(Holding.user_id == world.users["head1"]).values(until_on=date(2025, 12, 16))
        )
    for path in ("/reminders", "/settings/people"):
        page = signed_in("coordinator").get(path).text
        assert "ตำแหน่งผู้อำนวยการกองคลังว่าง จดหมายไปที่ปลัดองค์การบริหารส่วนตำบลแทน" in page


def test_a_vacant_position_with_a_shared_mailbox_is_said_with_the_mailbox(
    world: World, signed_in: SignedIn
) -> None:
    with world.write():
        db.session.execute(
            update(Holding).where(Holding.user_id == world.users["head1"]).values(until_on=date(2025, 12, 16))
        )
        db.session.execute(
            update(Position)
            .where(Position.title == "ผู้อำนวยการกองคลัง")
            .values(mailbox="money@tuayang.example")
        )
    for path in ("/reminders", "/settings/people"):
        page = signed_in("coordinator").get(path).text
        assert "ตำแหน่งผู้อำนวยการกองคลังว่าง จดหมายไปที่กล่องจดหมายกลาง money@tuayang.example" in page
        assert "จดหมายไปที่ผู้อำนวยการกองคลังแทน" not in page


def test_the_last_day_of_a_holder_is_seen_before_it_comes(world: World, signed_in: SignedIn) -> None:
    with world.write():
        db.session.execute(
            update(Holding).where(Holding.user_id == world.users["head1"]).values(until_on=date(2025, 12, 17))
        )
    assert "ถึง 17 ธ.ค. 2568" in signed_in("coordinator").get("/settings/people").text


@pytest.mark.parametrize("about", ["organisation", "position"])
def test_a_form_says_that_its_division_is_paused(world: World, signed_in: SignedIn, about: str) -> None:
    with world.read():
        head = db.session.scalars(select(Position.id).where(Position.title == "หัวหน้าสำนักปลัด")).one()
        db.session.rollback()
    desk = signed_in("coordinator")
    assert "/reminders/pauses" in desk.get("/reminders").links
    given = {"about": f"position:{head}" if about == "position" else about, "until_on": "30 ธ.ค. 2568"}
    assert desk.post("/reminders/pauses", given | {"reason": "ไปอบรม"}).status_code == 303
    assert "พักการเตือนถึง 30 ธ.ค. 2568 เพราะ ไปอบรม" in desk.get(told_page(world)).text
    assert ("ไปอบรม" in desk.get(told_page(world, 1)).text) == (about == "organisation")


def told_page(world: World, place: int = 0) -> str:
    group = group_of(world, place)
    return f"/reminders/group/{group.item_id}/{group.division_id}/{group.quarter}"


def test_a_day_ahead_names_the_weekly_summary_as_what_it_is(signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/reminders?day=2025-12-22").text
    assert "สรุปประจำสัปดาห์" in page
    assert "สรุปประจำเดือน" not in page
