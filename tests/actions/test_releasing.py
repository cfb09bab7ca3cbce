"""Single cases that the clerk brings before the chief executive."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from tests.actions.test_settings import CHIEF, plan_days, set_stages, stages_sent
from tests.deeds import chain_faults, group_of, report
from tests.world import World, at
from tracker.actions import progress, releasing
from tracker.database import db
from tracker.errors import Refused
from tracker.models import OutgoingMail, Reminder

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
LATE = at("2026-01-12", "14:00")


@pytest.fixture
def late(world: World) -> World:
    """One form of the second division whose first quarter is over."""
    world.adopted_plan([(1, [1], *YEAR)])
    return world


def release(world: World, now: datetime = LATE) -> None:
    with world.write():
        releasing.release(group_of(world, 1), now=now, by=world.actor("clerk", now))


def test_a_released_case_is_in_the_chief_executives_next_digest_and_in_no_other(late: World) -> None:
    release(late)
    told = plan_days(late, "2026-01-12", "2026-02-02", "15:00")
    assert stages_sent(told, CHIEF) == [("released", "2026-01-13")]
    with late.read():
        words = db.session.scalars(
            select(OutgoingMail.body_text)
            .join(Reminder, Reminder.mail_id == OutgoingMail.id)
            .where(Reminder.stage == "released")
        ).one()
        db.session.rollback()
    assert "ปลัดแจ้งให้ทราบ ครบกำหนด 31 ธ.ค. 2568" in words.replace("\u00a0", " ")
    assert "/m/" not in words
    assert chain_faults(late) == []


def test_nothing_is_told_where_the_form_was_answered_in_the_meantime(late: World) -> None:
    release(late)
    report(late, group_of(late, 1), who="head1", now=at("2026-01-12", "16:00"))
    assert stages_sent(plan_days(late, "2026-01-13", "2026-01-16"), CHIEF) == []


def test_once_for_each_due_day(late: World) -> None:
    release(late)
    with pytest.raises(Refused):
        release(late, at("2026-01-13"))
    with late.write():
        progress.move_due_day(
            group_of(late, 1), date(2026, 1, 15), "ขอเวลา", now=at("2026-01-13"), by=late.actor("coordinator")
        )
    with pytest.raises(Refused):
        release(late, at("2026-01-14"))
    assert stages_sent(plan_days(late, "2026-01-14", "2026-01-15"), CHIEF) == []
    release(late, at("2026-01-16"))
    assert stages_sent(plan_days(late, "2026-01-19", "2026-01-20"), CHIEF) == [("released", "2026-01-19")]


def test_what_is_not_late_or_told_by_the_stages_anyway_is_refused(late: World) -> None:
    with pytest.raises(Refused):
        release(late, at("2025-12-30"))
    set_stages(late, escalation="chief_executive")
    with pytest.raises(Refused):
        release(late)


def test_stages_that_reach_the_chief_executive_by_then_tell_him_once(late: World) -> None:
    release(late, at("2026-01-06"))
    set_stages(late, "2026-01-06", escalation="chief_executive")
    told = plan_days(late, "2026-01-07", "2026-01-12")
    assert [stage for stage, _day in stages_sent(told, CHIEF)] == ["late-5"]
