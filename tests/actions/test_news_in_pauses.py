"""What is decided while reminders are paused is told when they go on, or shown as never told."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.actions.test_settings import HEAD, head_position, plan_days
from tests.deeds import approve, group_of, report, send_back
from tests.world import World, at
from tracker.actions import pausing, progress, undoing
from tracker.database import db
from tracker.models import Holding, MailState, OutgoingMail, Pause, Reminder
from tracker.rules.reminders import Day

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
NOW = at("2025-12-15", "10:00")
COORDINATOR = "coordinator@tuayang.example"


@pytest.fixture
def reported(world: World) -> World:
    """The first quarter of the second division was reported on the day of the test."""
    world.adopted_plan([(1, [1], *YEAR)])
    report(world, group_of(world, 1), who="head1", now=NOW)
    return world


def hold(world: World, about: str, until_on: date, now: datetime = NOW) -> None:
    with world.write():
        what = {"everything": None, "position": head_position(), "group": group_of(world, 1)}[about]
        pausing.pause(what, until_on, "ไปราชการ", now=now, by=world.actor("coordinator"))


def news(days: list[Day], address: str = HEAD) -> list[tuple[str, str, str]]:
    return [
        (entry.stage, day.day.isoformat(), entry.outcome)
        for day in days
        for entry in day.entries
        if entry.recipient == address
        and not entry.subject.startswith(("group:", "follow-up:", "plan:", "week"))
    ]


def letters(world: World, kind: str = "returned") -> list[MailState]:
    with world.read():
        found = list(db.session.scalars(select(OutgoingMail.state).where(OutgoingMail.kind == kind)))
        db.session.rollback()
    return found


@pytest.mark.parametrize("about", ["everything", "position"])
def test_an_approval_is_told_after_the_pause(reported: World, about: str) -> None:
    hold(reported, about, date(2025, 12, 19))
    approve(reported, group_of(reported, 1), at("2025-12-16"))
    assert news(plan_days(reported, "2025-12-16", "2025-12-24")) == [("approved", "2025-12-22", "enqueued")]


def test_a_report_for_the_coordinator_waits_for_the_end_of_the_pause(reported: World) -> None:
    hold(reported, "everything", date(2025, 12, 17))
    told = news(plan_days(reported, "2025-12-16", "2025-12-18"), COORDINATOR)
    assert told == [("submitted", "2025-12-18", "enqueued")]


def test_a_pause_longer_than_news_are_news_leaves_a_row_that_says_so(reported: World) -> None:
    hold(reported, "everything", date(2026, 1, 30))
    approve(reported, group_of(reported, 1), at("2025-12-16"))
    # The fourteenth day is the 30th of December; no working day follows before it is over.
    assert news(plan_days(reported, "2025-12-16", "2026-02-05")) == [("approved", "2025-12-30", "suppressed")]
    with reported.read():
        reasons = db.session.scalars(select(Reminder.reason).where(Reminder.stage == "approved")).all()
        assert reasons == ["paused"]
        db.session.rollback()


@pytest.mark.parametrize("about", ["everything", "position"])
def test_what_is_sent_back_during_a_pause_is_told_by_the_first_digest_after_it(
    reported: World, about: str
) -> None:
    hold(reported, about, date(2025, 12, 19))
    send_back(reported, group_of(reported, 1), at("2025-12-16"), "ขอจำนวนเล่ม")
    assert letters(reported) == []
    told = plan_days(reported, "2025-12-16", "2025-12-23")
    assert news(told) == [("returned", "2025-12-22", "enqueued")]
    with reported.read():
        words = db.session.scalars(
            select(OutgoingMail.body_text)
            .join(Reminder, Reminder.mail_id == OutgoingMail.id)
            .where(Reminder.stage == "returned")
        ).one()
        db.session.rollback()
    assert "ส่งกลับให้แก้ กำหนดส่งใหม่ 31 ธ.ค. 2568" in words.replace("\u00a0", " ")
    assert "ขอจำนวนเล่ม" in words
    assert "/m/" in words


def test_a_pause_that_is_ended_early_lets_it_go(reported: World) -> None:
    hold(reported, "everything", date(2025, 12, 30))
    send_back(reported, group_of(reported, 1), at("2025-12-16"))
    assert news(plan_days(reported, "2025-12-17", "2025-12-17")) == []
    with reported.write():
        pausing.resume(
            db.session.scalars(select(Pause)).one(),
            now=at("2025-12-17", "15:00"),
            by=reported.actor("coordinator"),
        )
    assert news(plan_days(reported, "2025-12-17", "2025-12-18", "16:00")) == [
        ("returned", "2025-12-17", "enqueued")
    ]


def test_a_pause_of_the_form_alone_and_no_pause_send_the_mail_and_nothing_twice(reported: World) -> None:
    hold(reported, "group", date(2025, 12, 19))
    send_back(reported, group_of(reported, 1), at("2025-12-16"))
    assert letters(reported) == [MailState.QUEUED]
    assert news(plan_days(reported, "2025-12-16", "2025-12-24")) == []


def test_what_was_taken_back_is_not_told(reported: World) -> None:
    hold(reported, "everything", date(2025, 12, 16))
    send_back(reported, group_of(reported, 1), at("2025-12-16", "10:00"))
    with reported.write():
        undoing.undo(
            at("2025-12-16", "10:00"), now=at("2025-12-16", "10:05"), by=reported.actor("coordinator")
        )
    assert news(plan_days(reported, "2025-12-17", "2025-12-18")) == []


def test_where_nobody_is_reached_the_first_who_is_hears_of_it(reported: World) -> None:
    with reported.write():
        for holding in db.session.scalars(select(Holding)):
            holding.until_on = date(2025, 12, 15)
    send_back(reported, group_of(reported, 1), at("2025-12-16"))
    assert letters(reported) == []
    with reported.write():
        db.session.add(
            Holding(
                position_id=head_position().id, user_id=reported.users["head1"], from_on=date(2025, 12, 18)
            )
        )
    told = news(plan_days(reported, "2025-12-17", "2025-12-18"))
    assert told == [("returned", "2025-12-18", "enqueued")]


def take_back(world: World, made: datetime) -> None:
    with world.write():
        undoing.undo(made, now=made + timedelta(minutes=5), by=world.actor("coordinator"))


def test_a_decision_that_was_taken_back_is_no_news_and_the_one_after_it_is(reported: World) -> None:
    group, made = group_of(reported, 1), at("2025-12-16")
    approve(reported, group, made)
    take_back(reported, made)
    assert news(plan_days(reported, "2025-12-16", "2025-12-17")) == []
    approve(reported, group, at("2025-12-17", "10:00"))
    assert news(plan_days(reported, "2025-12-18", "2025-12-19")) == [("approved", "2025-12-18", "enqueued")]
    with reported.write():
        progress.reopen(group, "ขาดภาพ", now=at("2025-12-19"), by=reported.actor("coordinator"))
    take_back(reported, at("2025-12-19"))
    assert news(plan_days(reported, "2025-12-20", "2025-12-31")) == []


def test_what_can_still_be_taken_back_when_the_digest_is_written_waits_for_the_next(reported: World) -> None:
    approve(reported, group_of(reported, 1), at("2025-12-16", "08:25"))
    assert news(plan_days(reported, "2025-12-16", "2025-12-17")) == [("approved", "2025-12-17", "enqueued")]
