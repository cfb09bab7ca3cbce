"""Stages, own days, holders and pauses: what they change of the reminders to come, and what stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.deeds import chain_faults
from tests.world import World, at
from tracker.actions import pausing, reckoning, reminding, staffing, staging
from tracker.actions.reckoning import OwnDay
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.groups import Group
from tracker.models import (
    CalendarDay,
    Holding,
    JournalEntry,
    Organisation,
    OutgoingMail,
    Position,
    Reminder,
    User,
)
from tracker.people import posts_on
from tracker.rules.permissions import Role
from tracker.rules.reminders import Day

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
NOW = at("2025-12-15", "10:00")
HEAD, CLERK, CHIEF = (f"{who}@tuayang.example" for who in ("head1", "clerk", "chief"))
FORM = {
    "task_before": "14, 7, 1",
    "task_on": "1",
    "task_late": "1, 5",
    "task_weekly": "1",
    "follow_up_before": "7, 1",
    "follow_up_on": "1",
    "follow_up_late": "1, 5",
    "follow_up_weekly": "1",
    "escalation": "clerk",
    "send_at": "08.30",
}


@pytest.fixture
def one(world: World) -> World:
    """One measure of the second division over the whole year."""
    world.adopted_plan([(1, [1], *YEAR)])
    return world


def plan_days(world: World, first: str, last: str, clock: str = "08:30") -> list[Day]:
    """Plan every day; those on which something was decided."""
    day, end, told = date.fromisoformat(first), date.fromisoformat(last), []
    while day <= end:
        with world.write():
            decided = reminding.plan_day(now=at(day.isoformat(), clock))
        told += [decided] if decided.entries else []
        day += timedelta(days=1)
    return told


def ahead(world: World, first: str, last: str) -> list[Day]:
    """What the forecast says of the days, those on which something is decided."""
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    with world.read():
        db.session.rollback()
        told = reminding.forecast([day + timedelta(days=number) for number in range((end - day).days + 1)])
        db.session.rollback()
    return [one for one in told if one.entries]


def stages_sent(days: list[Day], address: str = HEAD) -> list[tuple[str, str]]:
    return [
        (entry.stage, day.day.isoformat())
        for day in days
        for entry in day.entries
        if entry.recipient == address and entry.outcome == "enqueued" and entry.subject.startswith("group:")
    ]


def reasons(world: World, address: str = HEAD) -> dict[str, str]:
    with world.read():
        rows = db.session.scalars(select(Reminder).where(Reminder.recipient == address)).all()
        found = {row.stage: row.reason for row in rows if row.outcome == "suppressed"}
        db.session.rollback()
    return found


def set_stages(world: World, now: str = "2025-12-15", clock: str = "10:00", **changes: str) -> None:
    moment = at(now, clock)
    with world.write():
        staging.change(staging.understand(FORM | changes), now=moment, by=world.actor("coordinator", moment))


def head_position() -> Position:
    return db.session.scalars(select(Position).where(Position.title == "ผู้อำนวยการกองคลัง")).one()


def user(world: World, who: str) -> User:
    return db.session.scalars(select(User).where(User.id == world.users[who])).one()


# --- stages --------------------------------------------------------------------------------------------------


def test_edited_stages_are_sent_from_the_next_digest_on(one: World) -> None:
    set_stages(one, task_before="10, 2", task_late="3", escalation="chief_executive", send_at="09.00")
    told = plan_days(one, "2025-12-15", "2026-01-16", "09:00")
    assert stages_sent(told) == [
        ("before-10", "2025-12-19"),
        ("before-2", "2025-12-29"),
        ("on", "2025-12-30"),
        ("late-3", "2026-01-07"),
        ("weekly-01", "2026-01-14"),
    ]
    assert stages_sent(told, CLERK) == stages_sent(told, CHIEF) == [("late-3", "2026-01-07")]


def test_with_nobody_above_told_the_division_is_told_alone(one: World) -> None:
    set_stages(one, escalation="nobody")
    told = plan_days(one, "2025-12-15", "2026-01-16")
    assert stages_sent(told, CLERK) == []
    assert ("late-5", "2026-01-09") in stages_sent(told)


def test_rows_of_the_ledger_stay_and_days_that_have_passed_are_not_made_up_for(one: World) -> None:
    plan_days(one, "2025-12-15", "2026-01-16")
    with one.read():
        before = {row.key: row.planned_at for row in db.session.scalars(select(Reminder))}
        db.session.rollback()
    set_stages(
        one, "2026-01-16", task_before="20, 14, 7, 1", task_late="1, 5, 8", escalation="chief_executive"
    )
    told = plan_days(one, "2026-01-16", "2026-01-16", "11:00") + plan_days(one, "2026-01-19", "2026-01-22")
    assert stages_sent(told, CHIEF) == stages_sent(told, CLERK) == []
    assert stages_sent(told) == []
    with one.read():
        after = {row.key: row.planned_at for row in db.session.scalars(select(Reminder))}
        db.session.rollback()
    assert before.items() <= after.items()
    assert reasons(one)["before-20"] == "before the stage was set"
    assert chain_faults(one) == []


def test_the_usual_stages_saved_as_they_are_change_nothing(one: World) -> None:
    usual = ahead(one, "2025-12-15", "2026-01-30")
    set_stages(one)
    assert ahead(one, "2025-12-15", "2026-01-30") == usual


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("task_before", "0"),
        ("task_before", "61"),
        ("task_before", "x"),
        ("task_late", "1, 2, 3, 4, 5, 6"),
        ("follow_up_late", "-1"),
        ("escalation", "everybody"),
        ("send_at", "เช้า"),
        ("send_at", "03.00"),
        ("send_at", "8.75"),
    ],
)
def test_what_cannot_be_a_stage_or_an_hour_is_said_at_its_field(one: World, field: str, text: str) -> None:
    with pytest.raises(FieldsRefused) as refused:
        staging.understand(FORM | {field: text})
    assert set(refused.value.fields) == {field}


def test_a_kind_without_any_stage_is_refused() -> None:
    with pytest.raises(FieldsRefused) as refused:
        staging.understand(FORM | {"task_before": "", "task_on": "", "task_late": ""})
    assert "task_before" in refused.value.fields


def test_thai_digits_and_any_separator_are_read() -> None:
    settings = staging.understand(FORM | {"task_before": "๗ ๑๔;1", "send_at": "๐๙:๑๕ น."})
    assert (settings.stages.task.before, settings.send_minute) == ((14, 7, 1), 9 * 60 + 15)


# --- the calendar --------------------------------------------------------------------------------------------


def test_an_own_holiday_moves_what_the_preview_said(one: World) -> None:
    days = [OwnDay(date(2025, 12, 30), False, "วันหยุดพิเศษ")]
    with one.read():
        moves = {
            (move.stage, move.before.isoformat(), move.after.isoformat())
            for move in reckoning.moved_by(days, date(2025, 12, 15))
            if move.due.due_on == date(2025, 12, 31)
        }
        db.session.rollback()
    assert moves == {("on", "2025-12-30", "2025-12-29"), ("before-1", "2025-12-30", "2025-12-29")}
    with one.write():
        assert reckoning.save_days(days, now=NOW, by=one.actor("coordinator"), today=NOW.date()) == 1
    assert ("on", "2025-12-29") in stages_sent(plan_days(one, "2025-12-15", "2025-12-31"))
    assert chain_faults(one) == []


def test_a_day_taken_out_again_follows_the_national_calendar(one: World) -> None:
    with one.write():
        reckoning.save_days(
            [OwnDay(date(2025, 12, 31), True, "เปิดทำการ")],
            now=NOW,
            by=one.actor("coordinator"),
            today=NOW.date(),
        )
    assert ("on", "2025-12-31") in stages_sent(ahead(one, "2025-12-15", "2025-12-31"))
    with one.write():
        row = db.session.scalars(select(CalendarDay)).one()
        reckoning.remove_day(row, now=NOW, by=one.actor("coordinator"), today=NOW.date())
    assert ("on", "2025-12-30") in stages_sent(ahead(one, "2025-12-15", "2025-12-31"))


@pytest.mark.parametrize(
    "day",
    [
        OwnDay(date(2025, 12, 31), False, "วันสิ้นปี"),
        OwnDay(date(2025, 12, 17), True, "วันพุธ"),
        OwnDay(date(2025, 12, 12), False, "ผ่านไปแล้ว"),
        OwnDay(date(2040, 1, 4), False, "ไกลเกินไป"),
        OwnDay(date(2025, 12, 29), False, " "),
    ],
)
def test_days_that_change_nothing_or_lie_elsewhere_are_refused(one: World, day: OwnDay) -> None:
    with pytest.raises(Refused), one.write():
        reckoning.save_days([day], now=NOW, by=one.actor("coordinator"), today=NOW.date())


def test_a_day_that_has_passed_is_not_taken_out(one: World) -> None:
    with one.write():
        db.session.add(CalendarDay(day=date(2025, 12, 1), working=False, name="เดิม"))
    with one.write():
        row = db.session.scalars(select(CalendarDay)).one()
        with pytest.raises(Refused):
            reckoning.remove_day(row, now=NOW, by=one.actor("coordinator"), today=NOW.date())


# --- people --------------------------------------------------------------------------------------------------


def hand_over(
    world: World, who: str, from_on: date, until_on: date | None = None, acting: bool = False
) -> None:
    with world.write():
        staffing.hand_over(
            head_position(),
            user(world, who),
            from_on,
            until_on,
            acting=acting,
            now=NOW,
            by=world.actor("coordinator"),
        )


def test_from_the_day_of_a_hand_over_the_new_holder_is_told(one: World) -> None:
    hand_over(one, "head4", date(2025, 12, 24))
    told = plan_days(one, "2025-12-15", "2025-12-31")
    assert stages_sent(told) == [("before-14", "2025-12-17")]
    assert stages_sent(told, "head4@tuayang.example") == [("before-7", "2025-12-24"), ("on", "2025-12-30")]
    assert chain_faults(one) == []


def test_who_acts_is_told_from_the_first_to_the_last_day(one: World) -> None:
    hand_over(one, "head4", date(2025, 12, 20), date(2025, 12, 26), acting=True)
    told = plan_days(one, "2025-12-15", "2025-12-31")
    # Whoever is new is told at once of what has fallen already.
    assert stages_sent(told, "head4@tuayang.example") == [
        ("before-14", "2025-12-22"),
        ("before-7", "2025-12-24"),
    ]
    assert stages_sent(told) == [
        ("before-14", "2025-12-17"),
        ("before-7", "2025-12-29"),
        ("on", "2025-12-30"),
    ]


def test_when_the_holder_leaves_the_superior_is_told_and_the_vacancy_said(one: World) -> None:
    with one.write():
        holding = staffing.holdings_of(head_position())[0]
        staffing.end(holding, date(2025, 12, 19), now=NOW, by=one.actor("coordinator"))
    told = plan_days(one, "2025-12-15", "2025-12-31")
    assert stages_sent(told) == [("before-14", "2025-12-17")]
    assert stages_sent(told, CLERK) == [
        ("before-14", "2025-12-22"),
        ("before-7", "2025-12-24"),
        ("on", "2025-12-30"),
    ]
    assert all(bool(day.vacancies) == (day.day > date(2025, 12, 19)) for day in told)


def test_the_shared_mailbox_is_written_to_at_once(one: World) -> None:
    with one.write():
        staffing.set_mailbox(
            head_position(), "Finance@Tuayang.example ", now=NOW, by=one.actor("coordinator")
        )
    told = plan_days(one, "2025-12-15", "2025-12-17")
    assert stages_sent(told, "finance@tuayang.example") == [("before-14", "2025-12-17")]
    with one.write():
        staffing.set_mailbox(head_position(), "", now=NOW, by=one.actor("coordinator"))
    assert ("before-7", "2025-12-24") in stages_sent(ahead(one, "2025-12-18", "2025-12-24"))


@pytest.mark.parametrize(
    "address", ["finance", "a b@c.example", "กอง@คลัง.example", "x@y.example,z@y.example"]
)
def test_what_is_no_address_is_no_mailbox(one: World, address: str) -> None:
    with pytest.raises(FieldsRefused), one.write():
        staffing.set_mailbox(head_position(), address, now=NOW, by=one.actor("coordinator"))


def test_nobody_holds_a_position_twice_on_a_day(one: World) -> None:
    hand_over(one, "head4", date(2026, 1, 5))
    with pytest.raises(FieldsRefused) as refused:
        hand_over(one, "head3", date(2025, 12, 22))
    assert set(refused.value.fields) == {"from_on"}
    hand_over(one, "head3", date(2025, 12, 22), date(2026, 1, 4))
    with one.read():
        held = {
            day: posts_on(day)[head_position().id].holder_id
            for day in (date(2025, 12, 21), date(2025, 12, 22), date(2026, 1, 4), date(2026, 1, 5))
        }
        db.session.rollback()
    assert list(held.values()) == [one.users[who] for who in ("head1", "head3", "head3", "head4")]


def test_days_that_have_passed_run_backwards_or_are_of_a_mistyped_year_are_refused(one: World) -> None:
    for from_on, until_on in (
        (date(2025, 12, 14), None),
        (date(2025, 12, 20), date(2025, 12, 19)),
        (date(2052, 12, 20), None),
    ):
        with pytest.raises(FieldsRefused):
            hand_over(one, "head4", from_on, until_on)


def test_who_has_not_begun_is_taken_out_and_who_is_over_stays(one: World) -> None:
    hand_over(one, "head4", date(2026, 1, 5))
    with one.write():
        coming = staffing.holdings_of(head_position())[-1]
        staffing.end(coming, None, now=NOW, by=one.actor("coordinator"))
    with one.read():
        assert [row.user_id for row in staffing.holdings_of(head_position())] == [one.users["head1"]]
        db.session.rollback()
    with one.write():
        db.session.execute(update(Holding).values(until_on=date(2025, 12, 1)))
    with pytest.raises(Refused), one.write():
        staffing.end(
            staffing.holdings_of(head_position())[0], date(2025, 12, 20), now=NOW, by=one.actor("coordinator")
        )


# --- pauses --------------------------------------------------------------------------------------------------


def hold(world: World, about: str, until_on: date = date(2025, 12, 26)) -> int:
    with world.write():
        what = {
            "everything": None,
            "position": head_position(),
            "group": Group(1, world.division_ids[1], 1),
        }[about]
        return pausing.pause(what, until_on, "ไปราชการ", now=NOW, by=world.actor("coordinator")).id


@pytest.mark.parametrize("about", ["everything", "position", "group"])
def test_what_falls_into_a_pause_is_suppressed_and_never_sent(one: World, about: str) -> None:
    hold(one, about)
    told = plan_days(one, "2025-12-15", "2025-12-31")
    assert stages_sent(told) == [("on", "2025-12-30")]
    assert reasons(one) == {"before-14": "paused", "before-7": "paused"}
    with one.read():
        to_head = select(OutgoingMail.kind).where(OutgoingMail.to_address == HEAD)
        assert db.session.scalars(to_head).all() == ["digest"]
        db.session.rollback()
    assert chain_faults(one) == []


def test_a_pause_of_another_position_or_group_changes_nothing(one: World) -> None:
    with one.write():
        other = db.session.scalars(select(Position).where(Position.title == "ผู้อำนวยการกองช่าง")).one()
        for what in (other, Group(1, one.division_ids[1], 2)):
            pausing.pause(what, date(2025, 12, 31), "ไปราชการ", now=NOW, by=one.actor("coordinator"))
    assert [stage for stage, _day in stages_sent(plan_days(one, "2025-12-15", "2025-12-31"))] == [
        "before-14",
        "before-7",
        "on",
    ]


def test_the_clerk_is_told_of_late_work_while_its_head_is_left_in_peace(one: World) -> None:
    hold(one, "position", date(2026, 1, 30))
    told = plan_days(one, "2025-12-15", "2026-01-16")
    assert stages_sent(told) == []
    assert stages_sent(told, CLERK) == [("late-5", "2026-01-09")]


def test_ended_by_hand_the_next_stage_is_sent(one: World) -> None:
    pause_id = hold(one, "everything", date(2026, 1, 30))
    plan_days(one, "2025-12-15", "2025-12-23")
    with one.write():
        [row] = pausing.pauses_on(date(2025, 12, 24))
        assert row.id == pause_id
        pausing.resume(row, now=at("2025-12-24", "08:00"), by=one.actor("coordinator"))
    assert stages_sent(plan_days(one, "2025-12-24", "2025-12-31")) == [
        ("before-7", "2025-12-24"),
        ("on", "2025-12-30"),
    ]
    with one.read():
        assert pausing.pauses_on(date(2025, 12, 24)) == []
        deeds = db.session.scalars(
            select(JournalEntry.deed).where(JournalEntry.subject_kind == "pause")
        ).all()
        db.session.rollback()
    assert deeds == ["reminders.paused", "reminders.resumed"]


@pytest.mark.parametrize(
    ("until_on", "reason", "field"),
    [
        (None, "ไปราชการ", "until_on"),
        (date(2025, 12, 14), "ไปราชการ", "until_on"),
        (date(2027, 12, 14), "ไปราชการ", "until_on"),
        (date(2025, 12, 20), " ", "reason"),
    ],
)
def test_a_pause_needs_a_last_day_and_a_reason(
    one: World, until_on: date | None, reason: str, field: str
) -> None:
    with pytest.raises(FieldsRefused) as refused, one.write():
        pausing.pause(None, until_on, reason, now=NOW, by=one.actor("coordinator"))
    assert set(refused.value.fields) == {field}


# --- all together --------------------------------------------------------------------------------------------


def test_the_forecast_is_what_is_then_sent_with_own_stages_own_days_pauses_and_hand_overs(
    world: World,
) -> None:
    world.adopted_plan([(1, range(3), *YEAR), (2, [1], *YEAR)])
    set_stages(world, task_before="21, 9, 2", task_late="2, 4", escalation="chief_executive")
    with world.write():
        by = world.actor("coordinator")
        own = [
            OwnDay(date(2025, 12, 29), False, "วันหยุดพิเศษ"),
            OwnDay(date(2026, 1, 2), False, "วันหยุดพิเศษ"),
            OwnDay(date(2025, 12, 31), True, "เปิดทำการ"),
        ]
        reckoning.save_days(own[2:], now=NOW, by=by, today=NOW.date())
        reckoning.save_days(own[:1], now=NOW, by=by, today=NOW.date())
        pausing.pause(Group(1, world.division_ids[0], 1), date(2026, 1, 6), "รอ", now=NOW, by=by)
        heads = db.session.scalars(
            select(Position).where(Position.role == Role.HEAD).order_by(Position.id)
        ).all()
        pausing.pause(heads[2], date(2025, 12, 24), "ลา", now=NOW, by=by)
        staffing.hand_over(
            heads[1], user(world, "head4"), date(2025, 12, 30), None, acting=True, now=NOW, by=by
        )
    told = ahead(world, "2025-12-16", "2026-01-23")
    assert told == plan_days(world, "2025-12-16", "2026-01-23")
    with world.read():
        number = len(db.session.scalars(select(OutgoingMail.id)).all())
        assert db.session.scalars(select(Organisation.stages)).one() is not None
        db.session.rollback()
    assert number == sum(len(day.digests) for day in told) > 10
    assert {entry.reason for day in told for entry in day.entries if entry.outcome == "suppressed"} >= {
        "paused"
    }
