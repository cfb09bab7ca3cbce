"""The mails of a day as their readers get them: size, lines, links, language, and what each reader can do."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.deeds import approve, group_of, report
from tests.world import World, at
from tracker.actions import reminding
from tracker.database import db
from tracker.mail import Letter
from tracker.models import Holding, Measure, Organisation, OutgoingMail, Pause, Task, User

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
THAI = re.compile("[ก-๙]")
LIMIT = 20 * 1024


def digests(world: World, *days: str) -> list[OutgoingMail]:
    """Plan these mornings; the digests in the order in which they were written."""
    for day in days:
        with world.write():
            reminding.plan_day(now=at(day, "08:30"))
    with world.read():
        rows = list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))
        db.session.expunge_all()
        db.session.rollback()
    return rows


def to(mails: list[OutgoingMail], who: str) -> OutgoingMail:
    """The last mail to a person of the world."""
    return [mail for mail in mails if mail.to_address == f"{who}@tuayang.example"][-1]


@pytest.fixture
def many(world: World) -> World:
    """Thirty-three tasks of one division, all due on one day, in twenty forms."""
    sizes = [2] * 13 + [1] * 7
    world.adopted_plan([(size, [1], *YEAR) for size in sizes])
    with world.write():
        long = "จัดทำคู่มือการให้บริการประชาชนและแผนผังขั้นตอนการปฏิบัติงานของทุกภารกิจในความรับผิดชอบ " * 3
        db.session.execute(update(Measure).values(title=long))
    return world


@pytest.mark.parametrize("language", ["th", "en"])
def test_thirty_three_tasks_make_twelve_lines_and_a_small_mail(many: World, language: str) -> None:
    with many.write():
        db.session.execute(update(User).values(language=language))
    mail = to(digests(many, "2025-12-17"), "head1")
    links = re.findall(r"http://127\.0\.0\.1:8000/m/[\w-]+/work/\d+/\d+/\d+", mail.body_text)
    assert len(links) == len(set(links)) == 12
    assert set(links) == set(
        re.findall(r'href="(http://127\.0\.0\.1:8000/m/[\w-]+/work/\d+/\d+/\d+)"', mail.body_html)
    )
    assert ("33 งาน" if language == "th" else "33") in mail.subject
    assert ("และอีก 8 รายการ" if language == "th" else "8 more") in mail.body_text
    [whole] = {link.partition("/work")[0] for link in links}
    assert f"{whole}\n" in mail.body_text
    assert f'href="{whole}"' in mail.body_html
    letter = Letter(mail, "องค์การบริหารส่วนตำบลตัวอย่าง", "ita@tuayang.example")
    letter.eight_bits = True
    assert len(letter.as_bytes()) <= LIMIT


def test_lines_of_one_plan_item_stand_together(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR), (1, [1], *YEAR)])
    with world.write():
        # The first item's second quarter is due right after the second item's first.
        for quarter, due_on in ((1, date(2026, 3, 2)), (2, date(2026, 3, 4))):
            db.session.execute(update(Task).where(Task.quarter == quarter).values(due_on=due_on))
    mail = to(digests(world, "2026-03-02"), "head1")
    items = [int(item) for item in re.findall(r"/work/(\d+)/", mail.body_text)]
    assert sorted(items) == items
    assert len(items) == 4


def test_what_waits_for_approval_stands_by_plan_item_too(world: World) -> None:
    world.adopted_plan([(1, [1, 2], *YEAR), (1, [1, 2], *YEAR)])
    for place in (1, 2):
        for item in (2, 1):
            report(world, group_of(world, place, item=item))
    mail = to(digests(world, "2025-12-18"), "coordinator")
    assert re.findall(r"/work/(\d+)/", mail.body_text) == ["2", "2", "1", "1"]


def test_the_clerk_is_told_of_what_others_do_and_asked_for_nothing_he_cannot_do(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    mails = digests(world, "2026-01-05", "2026-01-09")
    clerk, head = to(mails, "clerk"), to(mails, "head1")
    for body in (clerk.body_text, clerk.body_html):
        assert "ติดปัญหา" not in body
        assert "อัปเดต" not in body
        assert "ลงชื่อเข้าใช้แล้ว" not in body
        assert "แจ้งเพื่อทราบ" in body
    assert "ติดปัญหา" in head.body_text
    assert "อัปเดต" in head.body_html
    assert "แจ้งเพื่อทราบ" not in head.body_text
    assert "เกินกำหนด 1 งาน" in clerk.subject


def test_who_stands_in_for_a_vacant_head_is_told_and_not_asked(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    with world.write():
        db.session.execute(
            update(Holding).where(Holding.user_id == world.users["head1"]).values(until_on=date(2025, 12, 1))
        )
    clerk = to(digests(world, "2025-12-17"), "clerk")
    assert "ตำแหน่งผู้อำนวยการกองคลังว่าง" in clerk.body_text
    for body in (clerk.body_text, clerk.body_html):
        assert "ได้รับจดหมายของตนแล้ว" not in body
    assert "ติดปัญหา" not in clerk.body_text


def test_the_chief_executive_reads_how_far_each_division_is_and_who_was_told(world: World) -> None:
    world.adopted_plan([(1, [1, 2], *YEAR)])
    with world.write():
        others = (Task.division_id != world.division_ids[1]) | (Task.quarter != 1)
        db.session.execute(update(Task).where(others).values(due_on=date(2026, 9, 30)))
    start = date(2025, 12, 17)
    days = [(start + timedelta(days=number)).isoformat() for number in range(48)]
    chief = to(digests(world, *days), "chief")
    assert chief.created_at == at("2026-02-02", "08:30")
    words = "".join(chief.body_text.split())
    assert "กองคลัง:0จาก4งานเกินกำหนด1งาน" in words
    assert "แจ้งแล้ว:ผู้อำนวยการกองคลัง30ม.ค.2569,ปลัดองค์การบริหารส่วนตำบล9ม.ค.2569" in words
    assert "กองช่าง:0จาก4งาน" in words
    assert words.count("แจ้งแล้ว") == 1
    assert "ลงชื่อเข้าใช้แล้ว" not in words


def test_an_english_reader_finds_no_thai_but_names(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    with world.write():
        db.session.execute(update(User).values(language="en"))
    head = to(digests(world, "2025-12-17"), "head1")
    kept = (
        "ผู้อำนวยการกองคลัง",
        "กองคลัง",
        "องค์การบริหารส่วนตำบลตัวอย่าง",
        "อบต.ตัวอย่าง",
        "จัดทำคู่มือการให้บริการ",
        "เล่มที่",
    )
    said = head.subject + head.body_text
    for name in kept:
        said = said.replace(name, "")
    assert not THAI.search(said), said


def test_the_first_digest_of_a_week_carries_the_end_of_the_journal_outside(world: World) -> None:
    world.adopted_plan()
    carried = {}
    # A week with two mails to the coordinator, and the first mail of the next one.
    for place, (reported, told) in enumerate(
        [("2025-12-15", "2025-12-16"), ("2025-12-16", "2025-12-17"), ("2025-12-22", "2025-12-23")]
    ):
        report(world, group_of(world, place), now=at(reported))
        with world.read():
            db.session.rollback()
            one = db.session.scalars(select(Organisation).where(Organisation.slug == world.slug)).one()
            end = (f"รายการที่ {one.journal_length}", one.journal_hash)
            db.session.rollback()
        for mail in digests(world, told):
            plain, styled = mail.body_text.replace("\n", ""), mail.body_html.replace("\u00a0", " ")
            told_in = [all(words in part for words in end) for part in (plain, styled)]
            assert told_in[0] == told_in[1]
            carried[mail.to_address.partition("@")[0], told] = told_in[0]
    assert [carried["coordinator", day] for day in ("2025-12-16", "2025-12-17", "2025-12-23")] == [
        True,
        False,
        True,
    ]
    assert {who for (who, _), told in carried.items() if told} <= {"coordinator", "clerk"}
    assert any(who.startswith("head") for who, _ in carried)


def test_every_week_the_end_of_the_journal_goes_out_also_where_nothing_is_due(world: World) -> None:
    # No plan; New Year's Eve and the two days after it are off.
    every = [(date(2025, 12, 15) + timedelta(days=number)).isoformat() for number in range(26)]
    for who, from_on in (("coordinator", date(2025, 12, 28)), ("clerk", date(2026, 1, 4))):
        with world.write():
            db.session.execute(
                update(Holding).where(Holding.user_id == world.users[who]).values(until_on=from_on)
            )
    mails = digests(world, *every, *every[-4:])
    assert [(mail.to_address.partition("@")[0], mail.created_at.date().isoformat()) for mail in mails] == [
        ("coordinator", "2025-12-15"),
        ("coordinator", "2025-12-22"),
        ("clerk", "2025-12-29"),
        ("chief", "2026-01-05"),
    ]
    with world.read():
        one = db.session.scalars(select(Organisation).where(Organisation.slug == world.slug)).one()
        end = (f"รายการที่ {one.journal_length}", one.journal_hash)
        db.session.rollback()
    assert ["/journal\n" in mail.body_text for mail in mails] == [True, True, False, False]
    for mail in mails:
        assert ": สรุปประจำสัปดาห์ (" in mail.subject
        quiet = mail.to_address.startswith("coordinator")
        # Whoever stands in may not read the journal.
        assert ("บันทึกเหตุการณ์ของหน่วยงาน" in mail.body_text) == quiet
        for body in (mail.body_text, mail.body_html):
            assert ("วันนี้ไม่มีเรื่องใหม่ งานที่ยังรอท่านดูได้ที่หน้าภาพรวม" in body) == quiet
        for part in (mail.body_text.replace("\n", ""), mail.body_html.replace("\u00a0", " ")):
            assert all(words in part for words in end)


def test_a_pause_delays_the_end_of_the_journal_to_its_end(world: World) -> None:
    with world.write():
        db.session.add(
            Pause(
                from_on=date(2025, 12, 15),
                until_on=date(2025, 12, 17),
                reason="ย้ายสำนักงาน",
                by_user_id=world.users["coordinator"],
                created_at=at("2025-12-14"),
            )
        )
    mails = digests(world, *(f"2025-12-{day}" for day in range(15, 20)))
    assert [mail.created_at.date() for mail in mails] == [date(2025, 12, 18)]


def test_what_a_reader_in_two_positions_does_not_see_is_listed_by_a_link_of_each(world: World) -> None:
    world.adopted_plan([(1, [1, 2], *YEAR)] * 14)
    with world.write():
        second = db.session.scalars(select(Holding).where(Holding.user_id == world.users["head2"])).one()
        second.user_id = world.users["head1"]
    mail = to(digests(world, "2025-12-17"), "head1")
    tokens = list(dict.fromkeys(re.findall(r"http://127\.0\.0\.1:8000(/m/[\w-]+)/work", mail.body_text)))
    assert len(tokens) == 2
    for body in (mail.body_text, mail.body_html):
        assert "8000/work" not in body
        # What is left out, then everything of this mail.
        lists = re.findall(r"http://127\.0\.0\.1:8000(/m/[\w-]+)(?=[\n\"])", body)
        assert lists == tokens * 2
    assert "และอีก 16 รายการ\nในตำแหน่ง ผู้อำนวยการกองคลัง:\nhttp" in mail.body_text


def test_approvals_that_are_left_out_are_not_looked_for_behind_the_link_of_the_own_work(world: World) -> None:
    world.adopted_plan([(1, [0, 1], *YEAR)] * 14)
    with world.write():
        held = db.session.scalars(select(Holding).where(Holding.user_id == world.users["coordinator"])).one()
        held.user_id = world.users["head0"]
        db.session.execute(
            update(Task).where(Task.quarter == 1, Task.item_id > 2).values(due_on=date(2026, 9, 30))
        )
    for item in range(1, 15):
        report(world, group_of(world, 1, item=item))
    mail = to(digests(world, "2025-12-18"), "head0")
    assert "และอีก" in mail.body_text
    _, _, rest = mail.body_text.partition("และอีก")
    assert rest.partition("\n")[2].partition("\n")[0] == "http://127.0.0.1:8000/"


def test_the_subject_says_when_also_where_nothing_is_due(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    report(world, group_of(world, 1))
    monday = to(digests(world, "2025-12-22", "2025-12-24"), "coordinator")
    assert "รอท่านพิจารณา 1 เรื่อง (รออนุมัติเกิน 3 วันทำการ)" in monday.subject
    mails = digests(world, "2026-01-05")
    assert to(mails, "coordinator").subject.endswith(": สรุปประจำสัปดาห์ (5 ม.ค. 2569)")
    assert to(mails, "clerk").subject.endswith(": รอผู้ประสานงานพิจารณา 1 เรื่อง (รออนุมัติเกิน 7 วันทำการ)")
    assert to(mails, "chief").subject.endswith(": สรุปประจำเดือน แล้วเสร็จ 0 จาก 4 งาน (5 ม.ค. 2569)")


def test_what_waits_since_today_and_news_alone_are_of_a_day_too(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    group = group_of(world, 1)
    report(world, group)
    waiting = to(digests(world, "2025-12-18"), "coordinator")
    assert ": รอท่านพิจารณา 1 เรื่อง (18 ธ.ค. 2568)" in waiting.subject
    approve(world, group)
    told = to(digests(world, "2025-12-19"), "head1")
    assert told.subject.endswith(": แจ้งให้ทราบ 1 เรื่อง (19 ธ.ค. 2568)")
