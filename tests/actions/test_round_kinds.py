"""Follow-up rounds of every kind through the year: they open, prompt, remind, escalate and close by rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from jobs.follow import follow
from tests.deeds import give_reasons, report
from tests.world import World, at
from tracker.actions import following, planning, progress, reminding, reporting, undoing
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.groups import Group
from tracker.models import Completion, FollowUp, FollowUpState, Plan, PlanItem, Reminder, Round, Task
from tracker.rules.claims import NONE, Claim
from tracker.rules.report_inputs import Signed
from tracker.rules.states import TaskState

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
ADOPTED = at("2025-10-03")
HEAD, CLERK = "head1@tuayang.example", "clerk@tuayang.example"
# Kind, n, months, and of its first and its last round the day it asks and the day it is due.
PROMPTING = [
    ("six_months", None, (), ("2026-04-01", "2026-04-16"), ("2026-04-01", "2026-04-16")),
    ("twelve_months", None, (), ("2026-10-01", "2026-10-16"), ("2026-10-01", "2026-10-16")),
    ("six_twelve", None, (), ("2026-04-01", "2026-04-16"), ("2026-10-01", "2026-10-16")),
    ("unspecified", None, (), ("2026-04-01", "2026-04-16"), ("2026-10-01", "2026-10-16")),
    ("months", None, ("2026-01", "2026-07"), ("2026-01-05", "2026-01-30"), ("2026-07-01", "2026-07-31")),
    ("monthly", None, (), ("2025-11-03", "2025-11-28"), ("2026-10-01", "2026-10-30")),
    ("once", None, ("2026-06",), ("2026-06-02", "2026-06-30"), ("2026-06-02", "2026-06-30")),
    ("on_completion", 10, (), ("2026-09-30", "2026-10-12"), ("2026-09-30", "2026-10-12")),
    ("on_completion", None, (), ("2026-09-30", "2026-10-15"), ("2026-09-30", "2026-10-15")),
    ("at_least_per_year", 2, (), ("2026-04-01", "2026-04-16"), ("2026-10-01", "2026-10-16")),
    ("at_least_per_year", 3, (), ("2026-02-02", "2026-02-17"), ("2026-10-01", "2026-10-16")),
]


def adopt(world: World, kind: str, n: int | None, months: Sequence[str]) -> int:
    """A plan of one measure of the second division, followed up by this rule; returns its id."""
    with world.write():
        plan = world.add_plan([(1, [1], *YEAR)], follow_up=kind)
        item = db.session.scalars(select(PlanItem)).one()
        item.follow_up_n, item.follow_up_months = n, list(months)
        planning.adopt(plan, now=ADOPTED, by=world.actor("coordinator", ADOPTED))
        return plan.id


def rounds(world: World) -> list[tuple[str, str]]:
    with world.read():
        db.session.rollback()
        found = [
            (row.asks_on.isoformat(), row.due_on.isoformat())
            for row in db.session.scalars(select(Round).order_by(Round.asks_on, Round.due_on))
        ]
        db.session.rollback()
    return found


def live(world: World, first: date, last: date) -> None:
    """Every job of the mornings from the first to the last day."""
    for number in range((last - first).days + 1):
        now = at((first + timedelta(days=number)).isoformat(), "08:30")
        follow(now)
        with world.write():
            reminding.plan_day(now=now)


def told(world: World, recipient: str) -> dict[str, date]:
    """The stages that were sent of follow-ups, and their days."""
    with world.read():
        db.session.rollback()
        rows = db.session.scalars(
            select(Reminder).where(
                Reminder.recipient == recipient,
                Reminder.outcome == "enqueued",
                Reminder.subject.startswith("follow-up:"),
            )
        ).all()
        found = {row.stage: row.stage_on for row in rows}
        db.session.rollback()
    return found


def first_follow_up() -> FollowUp:
    return db.session.scalars(
        select(FollowUp).join(Round, Round.id == FollowUp.round_id).order_by(Round.asks_on).limit(1)
    ).one()


@pytest.mark.parametrize(("kind", "n", "months", "first", "last"), PROMPTING)
def test_a_round_opens_reminds_escalates_and_is_closed_by_its_answer(
    world: World,
    kind: str,
    n: int | None,
    months: tuple[str, ...],
    first: tuple[str, str],
    last: tuple[str, str],
) -> None:
    adopt(world, kind, n, months)
    found = rounds(world)
    assert (found[0], found[-1]) == (first, last)
    asks_on, due_on = (date.fromisoformat(day) for day in first)
    with world.write():
        # Only the first round speaks here, and it has nothing to draw on.
        db.session.execute(delete(Task))
        db.session.execute(update(Round).where(Round.asks_on > asks_on).values(asks_on=date(2027, 9, 1)))
    live(world, asks_on - timedelta(days=1), asks_on)
    assert told(world, HEAD) == {"open": asks_on}
    live(world, due_on, due_on)
    live(world, due_on + timedelta(days=13), due_on + timedelta(days=19))
    assert told(world, HEAD).keys() >= {"open", "weekly-01"}
    assert "late-5" in told(world, CLERK)
    with world.write():
        follow_up = first_follow_up()
        given = LineAnswer(Completion.FULL, "ทำแล้ว", "ดีขึ้น", NONE, NONE)
        answers = {line.answer_id: given for line in following.lines_of(follow_up)}
        now = at((due_on + timedelta(days=19)).isoformat(), "10:00")
        following.answer(follow_up, answers, False, now=now, by=world.actor("head1", now))
        subject = f"follow-up:{follow_up.id}"
    later = due_on + timedelta(days=40)
    live(world, later, later)
    with world.read():
        db.session.rollback()
        stages = select(Reminder.stage).where(Reminder.subject == subject, Reminder.stage >= "weekly-03")
        assert db.session.scalars(stages).all() == []
        db.session.rollback()


def test_a_quarterly_round_prompts_nobody_and_closes_with_the_approvals(world: World) -> None:
    adopt(world, "quarterly", None, ())
    assert [asks for asks, _due in rounds(world)] == ["2026-01-05", "2026-04-01", "2026-07-01", "2026-10-01"]
    live(world, date(2026, 1, 5), date(2026, 1, 7))
    assert told(world, HEAD) == {}
    with world.write():
        db.session.execute(update(Task).where(Task.quarter == 1).values(state=TaskState.APPROVED))
    assert follow(at("2026-01-08")) == 1
    with world.read():
        db.session.rollback()
        assert first_follow_up().state is FollowUpState.ANSWERED
        db.session.rollback()


def test_completion_before_the_windows_end_opens_the_round_at_once(world: World) -> None:
    adopt(world, "on_completion", 10, ())
    with world.write():
        db.session.execute(update(Task).where(Task.quarter == 1).values(state=TaskState.APPROVED))
        db.session.execute(update(Task).where(Task.quarter > 1).values(state=TaskState.NOT_NEEDED))
    live(world, date(2026, 1, 12), date(2026, 1, 12))
    assert rounds(world) == [("2026-01-12", "2026-01-22")]
    assert told(world, HEAD) == {"open": date(2026, 1, 12)}


@pytest.mark.parametrize("days", [(30, 7), (7, 30), (None, 30), (30, None)])
def test_measures_of_one_window_are_asked_together_for_the_day_that_comes_first(
    world: World, days: tuple[int | None, int | None]
) -> None:
    with world.write():
        plan = world.add_plan([(1, [1], *YEAR), (1, [1], *YEAR)], follow_up="on_completion")
        items = db.session.scalars(select(PlanItem).order_by(PlanItem.number))
        for item, number in zip(items, days, strict=True):
            item.follow_up_n = number
        planning.adopt(plan, now=ADOPTED, by=world.actor("coordinator", ADOPTED))
    soonest = min(number or 15 for number in days)
    assert rounds(world) == [("2026-09-30", {7: "2026-10-07", 15: "2026-10-15"}[soonest])]
    with world.write():
        db.session.execute(update(Task).values(state=TaskState.APPROVED))
    live(world, date(2026, 1, 12), date(2026, 1, 12))
    assert rounds(world) == [("2026-01-12", {7: "2026-01-19", 15: "2026-01-27"}[soonest])]


def test_what_nobody_answers_is_unanswered_when_the_year_is_closed(world: World) -> None:
    adopt(world, "six_months", None, ())
    closed_at = at("2026-11-02")
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        give_reasons(plan, closed_at, world.actor("coordinator", closed_at))
        reporting.close(
            plan, Signed("", None, "", ""), now=closed_at, by=world.actor("coordinator", closed_at)
        )
    live(world, date(2026, 11, 3), date(2026, 11, 4))
    with world.read():
        db.session.rollback()
        assert first_follow_up().state is FollowUpState.UNANSWERED
        db.session.rollback()
    assert told(world, HEAD) == {}


def test_a_round_that_opens_on_the_day_of_adoption_is_asked_for_with_the_next_digests(world: World) -> None:
    adopted = at("2026-02-02", "10:00")
    with world.write():
        plan = world.add_plan([(1, [1], *YEAR)], follow_up="months")
        db.session.scalars(select(PlanItem)).one().follow_up_months = ["2026-02"]
        planning.adopt(plan, now=adopted, by=world.actor("coordinator", adopted))
    live(world, date(2026, 2, 3), date(2026, 2, 20))
    assert told(world, HEAD) == {"open": date(2026, 2, 3), "before-7": date(2026, 2, 20)}


def test_a_cancellation_that_is_taken_back_leaves_the_round_waiting_for_its_answer(world: World) -> None:
    world.adopted_plan([(1, [1], date(2026, 1, 1), date(2026, 3, 31))], follow_up="six_months")
    cancelled = at("2026-04-02", "10:00")
    with world.write():
        by = world.actor("coordinator", cancelled)
        progress.cancel(db.session.scalars(select(Task)).one(), "ไม่มีงบประมาณ", now=cancelled, by=by)
    assert follow(at("2026-04-02", "10:09")) == 0
    with world.write():
        undoing.undo(cancelled, now=at("2026-04-02", "10:09"), by=world.actor("coordinator", cancelled))
    live(world, date(2026, 4, 3), date(2026, 4, 3))
    assert told(world, HEAD) == {"open": date(2026, 4, 1)}


def test_an_approval_that_is_taken_back_opens_no_round(world: World) -> None:
    world.adopted_plan([(1, [1], date(2026, 1, 1), date(2026, 6, 30))], follow_up="on_completion")
    with world.write():
        task = db.session.scalars(select(Task).where(Task.quarter == 2)).one()
        group = Group(task.item_id, task.division_id, 2)
    report(world, group, Claim.COMPLETE, no_evidence_reason="ไม่มีเอกสาร")
    approved = at("2026-02-02", "10:00")
    with world.write():
        progress.approve(group, now=approved, by=world.actor("coordinator", approved))
    assert follow(at("2026-02-02", "10:09")) == 0
    with world.write():
        undoing.undo(approved, now=at("2026-02-02", "10:09"), by=world.actor("coordinator", approved))
    assert follow(at("2026-02-02", "10:10")) == 0
    assert rounds(world) == [("2026-06-30", "2026-07-15")]
