"""Reminders told day by day through the database: ledger rows, digests, who is told and who is not told twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, event, select, update

from tests.world import World, at
from tracker.actions import organising, planning, progress, reminding, staffing
from tracker.actions.progress import GroupReport
from tracker.database import db
from tracker.groups import Group, tasks_of
from tracker.models import (
    CalendarDay,
    FollowUp,
    Holding,
    Organisation,
    OutgoingMail,
    Position,
    Reminder,
    Round,
    Task,
    User,
)
from tracker.rules.claims import Claim
from tracker.rules.permissions import SYSTEM, Role
from tracker.rules.reminders import Day, Vacancy

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
HEAD, CLERK, CHIEF, COORDINATOR = (
    f"{who}@tuayang.example" for who in ("head1", "clerk", "chief", "coordinator")
)


def days(first: str, last: str) -> Iterator[str]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day.isoformat()
        day += timedelta(days=1)


def plan_days(world: World, first: str, last: str, clock: str = "08:30") -> list[Day]:
    """Plan every day at the sending hour; the days on which something was decided."""
    return [told for day in days(first, last) if (told := plan(world, day, clock)).entries]


def plan(world: World, day: str, clock: str = "08:30") -> Day:
    with world.write():
        return reminding.plan_day(now=at(day, clock))


def ledger(world: World, subject: str, recipient: str = HEAD) -> list[tuple[str, str, str]]:
    """(stage, day on which it was decided, outcome) of a kind of subject, in the order of the stages."""
    with world.read():
        rows = db.session.scalars(
            select(Reminder)
            .where(Reminder.subject.startswith(f"{subject}:"), Reminder.recipient == recipient)
            .order_by(Reminder.due_version, Reminder.stage_on, Reminder.id)
        ).all()
        told = [(row.stage, row.planned_at.date().isoformat(), str(row.outcome)) for row in rows]
        db.session.rollback()
    return told


def mails(world: World, kind: str = "digest", to_chief: bool = False) -> list[OutgoingMail]:
    """The mails of a kind, those to the chief executive apart."""
    with world.read():
        rows = list(
            db.session.scalars(
                select(OutgoingMail)
                .where(OutgoingMail.kind == kind, OutgoingMail.to_address.startswith("chief@") == to_chief)
                .order_by(OutgoingMail.id)
            )
        )
        db.session.expunge_all()
        db.session.rollback()
    return rows


def sent_to(day: Day) -> dict[str, list[str]]:
    """The stages of each digest by address, without the chief executive's and the weekly summary."""
    stages = {
        digest.address: [line.stage for line in digest.lines if line.section != "week"]
        for digest in day.digests
        if not digest.address.startswith("chief@")
    }
    return {address: told for address, told in stages.items() if told}


def told_days(days: Sequence[Day]) -> list[tuple[str, dict[str, list[str]]]]:
    """The days on which others than the chief executive are written to."""
    return [(day.day.isoformat(), sent_to(day)) for day in days if sent_to(day)]


def group_of(world: World, quarter: int = 2) -> Group:
    with world.read():
        task = db.session.scalars(select(Task).where(Task.quarter == quarter).order_by(Task.id)).first()
        assert task is not None
        group = Group(task.item_id, task.division_id, task.quarter)
        db.session.rollback()
    return group


def report(world: World, group: Group, now: datetime, words: Sequence[Claim], problems: str = "ไม่มี") -> None:
    with world.write():
        outstanding = [task for task in tasks_of(group) if task.state in progress.OUTSTANDING]
        claims = {task.id: word for task, word in zip(outstanding, words, strict=True)}
        filled = GroupReport("ทำแล้ว", problems, "ไม่มี", "ไม่มีเอกสาร", claims)
        progress.report_group(group, filled, now=now, by=world.actor("head1", now))


def send_back(world: World, group: Group, now: datetime, note: str = "ขอภาพถ่าย") -> None:
    with world.write():
        progress.send_back(group, note, now=now, by=world.actor("coordinator", now))


def approve(world: World, group: Group, now: datetime) -> None:
    with world.write():
        progress.approve(group, now=now, by=world.actor("coordinator", now))


def act(world: World, who: str, in_place_of: str, day: str) -> None:
    """The user acts for the holder from the day on."""
    position = titles(world)[in_place_of]
    with world.write():
        user = db.session.get_one(User, world.users[who])
        staffing.hand_over(
            organising.position_named(position),
            user,
            at(day).date(),
            None,
            acting=True,
            now=at(day),
            by=SYSTEM,
        )


def leave(world: World, who: str) -> None:
    """The position is vacant from now on."""
    with world.write():
        db.session.execute(delete(Holding).where(Holding.user_id == world.users[who]))


def titles(world: World) -> dict[str, str]:
    """The titles by what they are called here."""
    with world.read():
        rows = db.session.scalars(select(Position).order_by(Position.id)).all()
        heads = [row.title for row in rows if row.role is Role.HEAD]
        found = {str(row.role): row.title for row in rows} | {
            f"head{n}": title for n, title in enumerate(heads)
        }
        db.session.rollback()
    return found


@pytest.fixture
def one(world: World) -> World:
    """One measure for one division over the whole year: one task a quarter."""
    world.adopted_plan([(1, [1], *YEAR)])
    return world


# --- the literal table ---------------------------------------------------------------------------------------


def test_due_at_the_end_of_december_2568(one: World) -> None:
    plan_days(one, "2025-12-15", "2026-01-17")
    assert ledger(one, "group") == [
        ("before-14", "2025-12-17", "enqueued"),
        ("before-7", "2025-12-24", "enqueued"),
        ("before-1", "2025-12-30", "superseded"),
        ("on", "2025-12-30", "enqueued"),
        ("late-1", "2026-01-05", "enqueued"),
        ("late-5", "2026-01-09", "enqueued"),
        ("weekly-01", "2026-01-16", "enqueued"),
    ]
    assert ledger(one, "group", CLERK) == [("late-5", "2026-01-09", "enqueued")]


def test_due_at_the_end_of_march_2569(one: World) -> None:
    report(one, group_of(one, 1), at("2025-11-03"), [Claim.AS_PLANNED])
    approve(one, group_of(one, 1), at("2025-11-04"))
    plan_days(one, "2026-03-16", "2026-04-23")
    assert ledger(one, "group") == [
        ("before-14", "2026-03-17", "enqueued"),
        ("before-7", "2026-03-24", "enqueued"),
        ("before-1", "2026-03-30", "enqueued"),
        ("on", "2026-03-31", "enqueued"),
        ("late-1", "2026-04-01", "enqueued"),
        ("late-5", "2026-04-08", "enqueued"),
        ("weekly-01", "2026-04-16", "enqueued"),
        ("weekly-02", "2026-04-22", "enqueued"),
    ]
    assert ledger(one, "group", CLERK) == [("late-5", "2026-04-08", "enqueued")]
    assert ledger(one, "group", CHIEF) == []


def test_due_on_a_saturday_in_2572(world: World) -> None:
    with world.write():
        draft = world.add_plan([(1, [1], date(2029, 1, 1), date(2029, 3, 31))], fiscal_year=2572)
        planning.adopt(draft, now=at("2028-10-05"), by=world.actor("coordinator"))
    plan_days(world, "2029-03-14", "2029-04-02")
    assert ledger(world, "group") == [
        ("before-14", "2029-03-16", "enqueued"),
        ("before-7", "2029-03-23", "enqueued"),
        ("before-1", "2029-03-30", "superseded"),
        ("on", "2029-03-30", "enqueued"),
        ("late-1", "2029-04-02", "enqueued"),
    ]


def test_the_six_month_round_of_2569(one: World) -> None:
    with one.write():
        db.session.execute(delete(Task))
    plan_days(one, "2026-03-30", "2026-04-30")
    assert ledger(one, "follow-up") == [
        ("open", "2026-04-01", "enqueued"),
        ("before-7", "2026-04-09", "enqueued"),
        ("before-1", "2026-04-10", "enqueued"),
        ("on", "2026-04-16", "enqueued"),
        ("late-1", "2026-04-17", "enqueued"),
        ("late-5", "2026-04-23", "enqueued"),
        ("weekly-01", "2026-04-30", "enqueued"),
    ]
    assert ledger(one, "follow-up", CLERK) == [("late-5", "2026-04-23", "enqueued")]


def test_a_look_back_task_is_reminded_of_from_adoption_on(world: World) -> None:
    world.adopted_plan([(1, [1], date(2025, 10, 1), date(2025, 12, 31))], now=at("2026-02-15"))
    plan_days(world, "2026-02-15", "2026-03-10")
    assert ledger(world, "group") == [
        ("before-14", "2026-02-23", "enqueued"),
        ("before-7", "2026-03-02", "enqueued"),
        ("before-1", "2026-03-06", "enqueued"),
        ("on", "2026-03-09", "enqueued"),
        ("late-1", "2026-03-10", "enqueued"),
    ]


def test_stages_before_adoption_are_suppressed(world: World) -> None:
    world.adopted_plan([(1, [1], date(2026, 3, 1), date(2026, 3, 31))], now=at("2026-03-16"))
    with world.write():
        db.session.execute(update(Task).values(due_on=date(2026, 3, 28)))
    plan_days(world, "2026-03-16", "2026-03-23")
    assert ledger(world, "group")[:2] == [
        ("before-14", "2026-03-16", "suppressed"),
        ("before-7", "2026-03-20", "enqueued"),
    ]
    with world.read():
        reasons = set(db.session.scalars(select(Reminder.reason).where(Reminder.outcome == "suppressed")))
    assert reasons == {"before adoption"}


def test_sent_back_the_second_version_begins_with_its_own_stages(one: World) -> None:
    group = group_of(one, 2)
    report(one, group_of(one, 1), at("2025-11-03"), [Claim.AS_PLANNED])
    approve(one, group_of(one, 1), at("2025-11-04"))
    plan_days(one, "2026-03-16", "2026-03-29")
    report(one, group, at("2026-03-30", "07:00"), [Claim.AS_PLANNED])
    plan_days(one, "2026-03-30", "2026-04-01")
    send_back(one, group, at("2026-04-02"))
    plan_days(one, "2026-04-02", "2026-04-13", clock="09:30")
    assert ledger(one, "group") == [
        ("before-14", "2026-03-17", "enqueued"),
        ("before-7", "2026-03-24", "enqueued"),
        ("before-14", "2026-04-02", "suppressed"),
        ("before-7", "2026-04-03", "enqueued"),
        ("before-1", "2026-04-09", "enqueued"),
        ("on", "2026-04-10", "enqueued"),
    ]
    with one.read():
        task = db.session.scalars(select(Task).where(Task.quarter == 2)).one()
        assert (task.due_on, task.due_version, task.on_time) == (date(2026, 4, 10), 2, True)
    told = next(mail for mail in mails(one) if mail.created_at.date() == date(2026, 4, 3))
    assert "ส่งกลับให้แก้: “ขอภาพถ่าย”" in told.body_text
    assert len(mails(one, "returned")) == 1


def test_after_a_stop_one_digest_tells_the_latest_stage(one: World) -> None:
    report(one, group_of(one, 1), at("2025-11-03"), [Claim.AS_PLANNED])
    approve(one, group_of(one, 1), at("2025-11-04"))
    plan_days(one, "2026-03-02", "2026-03-14")
    before = len(mails(one))
    assert sent_to(plan(one, "2026-03-27", "13:45")) == {HEAD: ["before-7"]}
    # The coordinator's is the weekly summary.
    assert [mail.to_address for mail in mails(one)[before:]] == [COORDINATOR, HEAD]
    assert ledger(one, "group") == [
        ("before-14", "2026-03-27", "superseded"),
        ("before-7", "2026-03-27", "enqueued"),
    ]


# --- once, and when ------------------------------------------------------------------------------------------


def test_planned_twice_sent_once(one: World) -> None:
    first = plan(one, "2025-12-17")
    again = [plan(one, "2025-12-17", clock) for clock in ("08:30", "08:31", "17:00")]
    assert sent_to(first) == {HEAD: ["before-14"]}
    assert [day.entries for day in again] == [(), (), ()]
    assert [mail.to_address for mail in mails(one)] == [COORDINATOR, HEAD]


def test_nothing_leaves_before_the_organisations_hour(one: World) -> None:
    with one.write():
        db.session.scalars(select(Organisation)).one().send_minute = 9 * 60 + 15
    assert plan(one, "2025-12-17", "09:14") == Day(date(2025, 12, 17))
    assert sent_to(plan(one, "2025-12-17", "09:15")) == {HEAD: ["before-14"]}


@pytest.mark.parametrize("day", ["2025-12-20", "2025-12-21", "2025-12-31"])
def test_nothing_leaves_on_a_day_on_which_nobody_works(one: World, day: str) -> None:
    assert plan(one, day) == Day(date.fromisoformat(day))
    assert mails(one) == []


def test_the_organisations_own_holiday_counts_too(one: World) -> None:
    with one.write():
        db.session.add(CalendarDay(day=date(2025, 12, 17), working=False, name="วันหยุดของตำบล"))
    told = plan_days(one, "2025-12-15", "2025-12-17")
    assert told_days(told) == [("2025-12-16", {HEAD: ["before-14"]})]


def test_several_things_of_one_day_make_one_mail(world: World) -> None:
    world.adopted_plan([(2, [1], *YEAR), (1, [1, 2], *YEAR), (3, [1], *YEAR)])
    told = plan(world, "2025-12-17")
    assert sent_to(told) == {HEAD: ["before-14"] * 3, "head2@tuayang.example": ["before-14"]}
    [digest] = [digest for digest in told.digests if digest.address == HEAD]
    assert [line.measures for line in digest.lines] == [2, 1, 3]
    assert [mail.to_address for mail in mails(world)] == [COORDINATOR, HEAD, "head2@tuayang.example"]
    assert "ใกล้กำหนด 6 งาน" in mails(world)[1].subject


def test_whoever_had_the_days_digest_gets_the_rest_with_the_next(one: World) -> None:
    plan(one, "2025-12-17")
    with one.write():
        db.session.execute(update(Task).where(Task.quarter == 2).values(due_on=date(2025, 12, 24)))
    assert plan(one, "2025-12-17", "15:00").entries == ()
    assert sent_to(plan(one, "2025-12-18")) == {HEAD: ["before-7"]}


def test_what_happens_after_the_hour_waits_for_the_next_digest(one: World) -> None:
    report(one, group_of(one, 1), at("2025-11-03", "08:29"), [Claim.STUCK], problems="ยังไม่มีงบประมาณ")
    assert sent_to(plan(one, "2025-11-03", "10:00")) == {COORDINATOR: ["stuck"]}
    report(one, group_of(one, 1), at("2025-11-04", "08:31"), [Claim.AS_PLANNED])
    assert plan(one, "2025-11-04", "10:00").entries == ()
    assert sent_to(plan(one, "2025-11-05")) == {COORDINATOR: ["submitted"]}
    assert "“ยังไม่มีงบประมาณ”" in mails(one)[0].body_text


def test_a_done_task_is_silent(one: World) -> None:
    report(one, group_of(one, 1), at("2025-12-01"), [Claim.AS_PLANNED])
    approve(one, group_of(one, 1), at("2025-12-02"))
    plan_days(one, "2025-12-03", "2026-01-20")
    assert ledger(one, "group") == []


# --- who -----------------------------------------------------------------------------------------------------


def test_a_vacant_position_falls_to_its_superior_who_is_not_told_twice(one: World) -> None:
    leave(one, "head1")
    title = titles(one)
    told = plan_days(one, "2025-12-15", "2026-01-09")
    assert [sent_to(day) for day in told if CLERK in sent_to(day)] == [
        {CLERK: ["before-14"]},
        {CLERK: ["before-7"]},
        {CLERK: ["on"]},
        {CLERK: ["late-1"]},
        {CLERK: ["late-5"]},
    ]
    assert ledger(one, "group", CLERK)[-2:] == [
        ("late-5", "2026-01-09", "enqueued"),
        ("late-5", "2026-01-09", "suppressed"),
    ]
    assert {day.vacancies for day in told if sent_to(day)} == {(Vacancy(title["head1"], title["clerk"]),)}
    assert f"ตำแหน่ง{title['head1']}ว่าง" in next(
        mail.body_text for mail in mails(one) if mail.to_address == CLERK
    )
    assert ledger(one, "group", CHIEF) == []


def test_where_nobody_is_reached_it_is_said_and_made_up_for_later(one: World) -> None:
    for who in ("head1", "clerk", "chief"):
        leave(one, who)
    told = plan(one, "2025-12-17")
    assert sent_to(told) == {}
    assert Vacancy(titles(one)["head1"], None) in told.vacancies
    nobody = ("before-14", "2025-12-17", "suppressed")
    assert ledger(one, "group", "") == [nobody]
    assert plan(one, "2025-12-17", "08:31").entries == ()
    plan(one, "2025-12-18")
    # A row a day; who is named is told on the same day.
    assert ledger(one, "group", "") == [nobody, ("before-14", "2025-12-18", "suppressed")]
    with one.write():
        user = db.session.get(User, one.users["head1"])
        position = organising.position_named(titles(one)["head1"])
        assert user is not None
        organising.appoint(user, position, now=at("2025-12-18"), by=SYSTEM)
    assert sent_to(plan(one, "2025-12-18", "11:00"))[HEAD] == ["before-14"]
    assert plan(one, "2025-12-18", "11:01").entries == ()


def test_a_clerk_who_also_heads_the_division_is_told_once(one: World) -> None:
    act(one, "clerk", "head1", "2025-10-06")
    plan_days(one, "2026-01-05", "2026-01-09")
    assert [row[0::2] for row in ledger(one, "group", CLERK)][-2:] == [
        ("late-5", "enqueued"),
        ("late-5", "suppressed"),
    ]
    assert ledger(one, "group") == []


def test_the_same_person_behind_two_addresses_is_told_once(one: World) -> None:
    act(one, "clerk", "head1", "2025-10-06")
    with one.write():
        organising.position_named(titles(one)["head1"]).mailbox = "Finance@tuayang.example"
    plan_days(one, "2026-01-05", "2026-01-09")
    assert ("late-5", "2026-01-09", "enqueued") in ledger(one, "group", "finance@tuayang.example")
    assert ledger(one, "group", CLERK) == [("late-5", "2026-01-09", "suppressed")]


def test_the_acting_holder_goes_before_the_regular_one_and_the_mailbox_before_both(one: World) -> None:
    act(one, "head2", "head1", "2025-12-01")
    assert sent_to(plan(one, "2025-12-17")) == {"head2@tuayang.example": ["before-14"]}
    with one.write():
        organising.position_named(titles(one)["head1"]).mailbox = "finance@tuayang.example"
    assert sent_to(plan(one, "2025-12-24")) == {"finance@tuayang.example": ["before-7"]}


def test_one_person_in_two_positions_gets_one_mail_that_names_both(world: World) -> None:
    world.adopted_plan([(1, [1, 2], *YEAR)])
    act(world, "head1", "head2", "2025-12-01")
    told = plan(world, "2025-12-17")
    assert sent_to(told) == {HEAD: ["before-14", "before-14"]}
    [digest] = [digest for digest in told.digests if digest.address == HEAD]
    assert set(digest.titles) == {titles(world)["head1"], titles(world)["head2"]}
    assert f"ในตำแหน่ง {titles(world)['head2']}" in mails(world)[1].body_text


def test_the_mail_is_in_the_recipients_language(one: World) -> None:
    with one.write():
        head = db.session.get(User, one.users["head1"])
        assert head is not None
        head.language = "en"
    plan(one, "2025-12-17")
    [mail] = [mail for mail in mails(one) if mail.to_address == HEAD]
    assert '<html lang="en">' in mail.body_html
    assert "Wednesday 31 Dec 2568" in mail.body_text


# --- approval and news ---------------------------------------------------------------------------------------


def test_what_waits_is_told_to_the_coordinator_and_after_seven_days_to_the_clerk(one: World) -> None:
    report(one, group_of(one, 1), at("2025-11-03", "10:00"), [Claim.AS_PLANNED])
    plan_days(one, "2025-11-03", "2025-11-20")
    assert ledger(one, "submission", COORDINATOR) == [
        ("submitted", "2025-11-04", "enqueued"),
        ("waiting-3", "2025-11-07", "enqueued"),
    ]
    assert ledger(one, "submission", CLERK) == [("waiting-7", "2025-11-13", "enqueued")]


def test_the_latest_attempt_alone_waits(world: World) -> None:
    world.adopted_plan([(2, [1], *YEAR)])
    group = group_of(world, 1)
    report(world, group, at("2025-11-03", "08:00"), [Claim.AS_PLANNED, Claim.STUCK], problems="ยังไม่มีงบประมาณ")
    assert sent_to(plan(world, "2025-11-03")) == {COORDINATOR: ["submitted", "stuck"]}
    report(world, group, at("2025-11-04", "08:00"), [Claim.AS_PLANNED])
    told = plan(world, "2025-11-04")
    assert [digest.address for digest in told.digests] == [COORDINATOR]
    assert sent_to(told) == {COORDINATOR: ["submitted"]}
    assert told.digests[0].lines[0].measures == 2


def test_a_division_hears_what_became_of_its_work(one: World) -> None:
    group = group_of(one, 1)
    report(one, group, at("2025-11-03"), [Claim.AS_PLANNED])
    approve(one, group, at("2025-11-04"))
    assert sent_to(plan(one, "2025-11-05"))[HEAD] == ["approved"]
    with one.write():
        progress.reopen(group, "ตัวเลขผิด", now=at("2025-11-05"), by=one.actor("coordinator"))
    assert sent_to(plan(one, "2025-11-06"))[HEAD] == ["reopened"]
    with one.write():
        progress.move_due_day(
            group, date(2026, 2, 16), "รองบ", now=at("2025-11-06"), by=one.actor("coordinator")
        )
    assert sent_to(plan(one, "2025-11-07"))[HEAD] == ["moved"]
    with one.write():
        [task] = tasks_of(group)
        progress.cancel(task, "ไม่มีงบ", now=at("2025-11-07"), by=one.actor("coordinator"))
    assert sent_to(plan(one, "2025-11-10"))[HEAD] == ["cancelled"]
    texts = "".join(mail.body_text for mail in mails(one) if mail.to_address == HEAD)
    for said in ("อนุมัติแล้ว", "“ตัวเลขผิด”", "เปลี่ยนกำหนดส่งเป็น 16 ก.พ. 2569", "“ไม่มีงบ”"):
        assert said in texts
    assert told_days(plan_days(one, "2025-11-11", "2025-11-28")) == []


def test_old_news_are_not_told(one: World) -> None:
    group = group_of(one, 1)
    report(one, group, at("2025-11-03"), [Claim.AS_PLANNED])
    approve(one, group, at("2025-11-04"))
    assert HEAD not in sent_to(plan(one, "2025-11-20"))


def test_a_group_of_mixed_versions_never_falls_back_to_stages_already_sent(world: World) -> None:
    world.adopted_plan([(2, [1], date(2026, 1, 1), date(2026, 3, 31))])
    group = group_of(world, 2)
    plan_days(world, "2026-03-16", "2026-03-31")
    report(world, group, at("2026-04-01", "10:00"), [Claim.COMPLETE, Claim.NOT_YET])
    send_back(world, group, at("2026-04-02", "10:00"))
    plan_days(world, "2026-04-02", "2026-04-08")
    report(world, group, at("2026-04-08", "10:00"), [Claim.COMPLETE, Claim.NOT_YET])
    plan_days(world, "2026-04-09", "2026-04-10")
    stages = [stage for stage, _, outcome in ledger(world, "group") if outcome == "enqueued"]
    assert stages == ["before-14", "before-7", "before-1", "on", "late-5"]


# --- the chief executive -------------------------------------------------------------------------------------


def test_the_chief_executive_hears_monthly_of_the_whole(world: World) -> None:
    world.adopted_plan([(1, range(5), *YEAR)])
    report(world, group_of(world, 1), at("2025-11-03"), [Claim.AS_PLANNED])
    told = plan_days(world, "2025-10-03", "2026-01-09")
    summaries = [
        (day.day.isoformat(), line) for day in told for digest in day.digests for line in digest.of("summary")
    ]
    assert [(day, line.stage) for day, line in summaries] == [
        ("2025-11-03", "monthly-2025-11"),
        ("2025-12-01", "monthly-2025-12"),
        ("2026-01-05", "monthly-2026-01"),
    ]
    last = summaries[-1][1].summary
    assert last is not None
    assert (last.fiscal_year, last.whole.total, last.whole.waiting, last.whole.late) == (2569, 20, 1, 4)
    assert [(count.name, count.late, count.total) for count in last.divisions][:2] == [
        ("สำนักปลัด", 0, 4),
        ("กองคลัง", 1, 4),
    ]
    assert ["สรุปประจำเดือน แล้วเสร็จ 0 จาก 20 งาน" in mail.subject for mail in mails(world, to_chief=True)] == [
        True
    ] * 3
    assert ledger(world, "group", CHIEF) == []


def test_summaries_missed_are_told_as_one(one: World) -> None:
    assert [digest.address for digest in plan(one, "2026-03-10").digests if digest.of("summary")] == [CHIEF]
    assert [row[0::2] for row in ledger(one, "plan", CHIEF)] == [
        ("monthly-2025-11", "superseded"),
        ("monthly-2025-12", "superseded"),
        ("monthly-2026-01", "superseded"),
        ("monthly-2026-02", "superseded"),
        ("monthly-2026-03", "enqueued"),
    ]


def test_a_vacant_chief_executive_is_said(one: World) -> None:
    leave(one, "chief")
    assert plan(one, "2025-11-03").vacancies == (Vacancy(titles(one)["chief_executive"], None),)


# --- the forecast, and how much it asks ----------------------------------------------------------------------


def test_the_forecast_is_what_is_then_sent(world: World) -> None:
    world.adopted_plan([(1, range(3), *YEAR), (2, [1], *YEAR)])
    leave(world, "head2")
    report(world, group_of(world, 1), at("2025-12-12", "10:00"), [Claim.AS_PLANNED])
    first = date(2025, 12, 15)
    with world.read():
        ahead = reminding.forecast([first + timedelta(days=number) for number in range(40)])
        db.session.rollback()
    told = plan_days(world, "2025-12-15", "2026-01-23")
    assert [day for day in ahead if day.entries] == told
    assert len([digest for day in told for digest in day.digests]) == len(
        mails(world) + mails(world, to_chief=True)
    )


def test_looking_ahead_writes_nothing(one: World) -> None:
    with one.read():
        reminding.forecast([date(2025, 12, 17)])
        assert reminding.look(now=at("2025-12-17")).decided.entries
        assert not reminding.look(now=at("2025-12-17", "08:29")).decided.entries
        db.session.rollback()
    assert mails(one) == []
    assert ledger(one, "group") == []


def statements(world: World, day: date) -> int:
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    with world.read():
        event.listen(db.engine, "before_cursor_execute", note)
        reminding.forecast([day])
        event.remove(db.engine, "before_cursor_execute", note)
        db.session.rollback()
    return count


def test_the_number_of_queries_does_not_depend_on_the_number_of_tasks(world: World) -> None:
    world.adopted_plan([(1, [1], *YEAR)])
    report(world, group_of(world, 1), at("2026-04-09"), [Claim.AS_PLANNED])
    few = statements(world, date(2026, 4, 10))
    other = World(world.app, "other", "องค์การบริหารส่วนตำบลอื่น")
    other.adopted_plan([(2, range(5), *YEAR) for _ in range(12)])
    with other.read():
        groups = [
            Group(*row)
            for row in db.session.execute(
                select(Task.item_id, Task.division_id, Task.quarter).where(Task.quarter == 1).distinct()
            )
        ]
        db.session.rollback()
    for group in groups[:20]:
        report(other, group, at("2026-04-09"), [Claim.AS_PLANNED, Claim.STUCK], problems="ไม่มีงบประมาณ")
    plan(other, "2026-04-09")
    assert statements(other, date(2026, 4, 10)) == few <= 20


def test_the_ledger_is_asked_for_the_days_subjects_only(one: World) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "FROM reminder" in statement:
            asked.append(f"{statement} {parameters}")

    with one.read():
        event.listen(db.engine, "before_cursor_execute", note)
        reminding.forecast([date(2025, 12, 17)])
        event.remove(db.engine, "before_cursor_execute", note)
        db.session.rollback()
    [query] = asked
    assert "reminder.subject IN" in query
    assert group_of(one, 1).subject in query
    assert group_of(one, 3).subject not in query


def test_one_organisation_is_never_told_of_another(world: World) -> None:
    other = World(world.app, "other", "องค์การบริหารส่วนตำบลอื่น")
    world.adopted_plan([(1, [1], *YEAR)])
    other.adopted_plan([(1, [1], *YEAR)])
    assert sent_to(plan(world, "2025-12-17")) == {HEAD: ["before-14"]}
    assert sent_to(plan(other, "2025-12-17")) == {"head1@other.example": ["before-14"]}


def test_an_answered_follow_up_is_silent(one: World) -> None:
    with one.write():
        db.session.execute(update(FollowUp).values(state="answered"))
        db.session.execute(delete(Task))
    assert told_days(plan_days(one, "2026-04-02", "2026-04-30")) == []


def test_a_follow_up_whose_round_is_not_asked_yet_is_silent(one: World) -> None:
    with one.write():
        db.session.execute(delete(Task))
        db.session.execute(update(Round).values(asks_on=date(2026, 4, 20)))
    assert told_days(plan_days(one, "2026-04-02", "2026-04-20")) == [("2026-04-20", {HEAD: ["open", "open"]})]
