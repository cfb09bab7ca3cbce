"""Due days that come and go: each is reminded of by itself, and no stage of one twice."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.actions.test_reminding import CLERK, HEAD, group_of, plan_days, report, send_back
from tests.world import World, at
from tracker.actions import progress, undoing
from tracker.database import db
from tracker.groups import Group, tasks_of
from tracker.models import Reminder
from tracker.rules.claims import Claim


def sent(world: World, recipient: str = HEAD) -> list[tuple[str, str]]:
    """The stages of groups that were told, and on which days, in their order."""
    with world.read():
        rows = db.session.scalars(
            select(Reminder)
            .where(
                Reminder.subject.startswith("group:"),
                Reminder.recipient == recipient,
                Reminder.outcome == "enqueued",
            )
            .order_by(Reminder.id)
        ).all()
        told = [(row.stage, row.planned_at.date().isoformat()) for row in rows]
        db.session.rollback()
    return told


def move(world: World, group: Group, day: str, clock: str, to: date) -> None:
    now = at(day, clock)
    with world.write():
        progress.move_due_day(group, to, "รออนุมัติงบประมาณ", now=now, by=world.actor("coordinator", now))


def undo(world: World, day: str, clock: str, pressed: str) -> None:
    with world.write():
        now = at(day, clock)
        undoing.undo(at(day, pressed), now=now, by=world.actor("coordinator", now))


def test_a_part_that_was_sent_back_is_reminded_of_on_its_own_days(world: World) -> None:
    """The other part, due before it, has had stages of the same names in between."""
    world.adopted_plan([(2, [1], date(2026, 1, 1), date(2026, 3, 31))])
    group = group_of(world)
    plan_days(world, "2026-03-31", "2026-04-01")
    report(world, group, at("2026-04-01", "10:00"), [Claim.COMPLETE, Claim.NOT_YET])
    send_back(world, group, at("2026-04-02", "10:00"))
    plan_days(world, "2026-04-03", "2026-04-08")
    assert sent(world)[-2:] == [("late-1", "2026-04-01"), ("late-5", "2026-04-08")]
    report(world, group, at("2026-04-08", "10:00"), [Claim.NOT_YET, Claim.COMPLETE])
    plan_days(world, "2026-04-09", "2026-04-30")
    # Due on 10 April; Songkran from the 13th to the 15th.
    own = [("late-1", "2026-04-16"), ("late-5", "2026-04-22"), ("weekly-01", "2026-04-29")]
    assert sent(world)[-5:] == [("before-1", "2026-04-09"), ("on", "2026-04-10"), *own]
    assert sent(world, CLERK) == [("late-5", "2026-04-08"), ("late-5", "2026-04-22")]


def test_both_parts_sent_back_one_after_the_other_have_versions_of_their_own(world: World) -> None:
    world.adopted_plan([(2, [1], date(2026, 1, 1), date(2026, 3, 31))])
    group = group_of(world)
    report(world, group, at("2026-04-01", "10:00"), [Claim.COMPLETE, Claim.NOT_YET])
    send_back(world, group, at("2026-04-02", "10:00"))
    report(world, group, at("2026-04-07", "10:00"), [Claim.NOT_YET, Claim.COMPLETE])
    send_back(world, group, at("2026-04-08", "10:00"))
    with world.read():
        versions = {task.due_on.isoformat(): task.due_version for task in tasks_of(group)}
        db.session.rollback()
    assert versions == {"2026-04-10": 2, "2026-04-20": 3}
    plan_days(world, "2026-04-09", "2026-04-16")
    report(world, group, at("2026-04-16", "10:00"), [Claim.COMPLETE, Claim.NOT_YET])
    plan_days(world, "2026-04-17", "2026-04-21")
    stages = ["before-1", "on", "late-1", "before-1", "on", "late-1"]
    assert [stage for stage, _ in sent(world)] == stages


@pytest.mark.parametrize(
    ("day", "pressed", "clock"), [("2026-03-18", "10:00", "10:05"), ("2026-03-19", "08:10", "08:15")]
)
def test_a_due_day_that_was_moved_by_mistake_tells_no_stage_again(
    world: World, day: str, pressed: str, clock: str
) -> None:
    world.adopted_plan([(1, [1], date(2026, 1, 1), date(2026, 3, 31))])
    group = group_of(world)
    plan_days(world, "2026-03-17", "2026-03-18")
    move(world, group, day, pressed, date(2026, 4, 30))
    undo(world, day, clock, pressed)
    plan_days(world, "2026-03-19", "2026-04-01")
    assert [stage for stage, _ in sent(world)] == ["before-14", "before-7", "before-1", "on", "late-1"]


def test_a_stage_of_the_morning_on_which_a_due_day_was_moved_by_mistake_is_told(world: World) -> None:
    world.adopted_plan([(1, [1], date(2026, 1, 1), date(2026, 3, 31))])
    group = group_of(world)
    plan_days(world, "2026-03-17", "2026-03-23")
    move(world, group, "2026-03-24", "08:10", date(2026, 4, 30))
    undo(world, "2026-03-24", "08:15", "08:10")
    plan_days(world, "2026-03-24", "2026-03-24")
    assert sent(world)[-1] == ("before-7", "2026-03-24")
