"""Decisions that are taken back within ten minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.deeds import DECEMBER, chain_faults, group_of, prove, report, states, tasks
from tests.world import World
from tracker.actions import progress, undoing
from tracker.actions.sending import claim as claim_mail
from tracker.database import across_organisations, db, writing
from tracker.decisions import UNDO
from tracker.errors import Refused
from tracker.groups import Group, latest_submission, tasks_of
from tracker.models import JournalEntry, MailState, OutgoingMail, Plan, PlanState
from tracker.rules.claims import Claim
from tracker.rules.states import TaskState

S = TaskState
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
NOW = DECEMBER + timedelta(hours=1)
SOON = NOW + timedelta(minutes=9)


@pytest.fixture
def group(world: World) -> Group:
    """A group of two measures, reported for its first quarter."""
    world.adopted_plan([(2, range(2), *YEAR)])
    group = group_of(world)
    report(world, group, Claim.AS_PLANNED)
    return group


def decide(world: World, group: Group, deed: str, now: datetime = NOW) -> None:
    with world.write():
        by = world.actor("coordinator", now)
        if deed == "approve":
            progress.approve(group, now=now, by=by)
        elif deed == "send back":
            progress.send_back(group, "แนบภาพด้วย", now=now, by=by)


def undo(world: World, now: datetime = SOON, made: datetime = NOW, who: str = "coordinator") -> int:
    with world.write():
        return undoing.undo(made, now=now, by=world.actor(who, now))


def columns(world: World, group: Group) -> list[tuple[object, ...]]:
    with world.read():
        found = [(row.state, row.due_on, row.reason) for row in tasks_of(group)]
        db.session.rollback()
    return found


@pytest.mark.parametrize("deed", ["approve", "send back"])
def test_what_was_decided_is_as_before(world: World, group: Group, deed: str) -> None:
    before = columns(world, group)
    decide(world, group, deed)
    assert columns(world, group) != before
    assert undo(world) == 2
    assert columns(world, group) == before
    with world.read():
        attempt = latest_submission(group)
        assert attempt is not None
        assert (attempt.approved_at, attempt.returned_at, attempt.returned_note) == (None, None, "")
        assert [entry.details["undone"] for entry in entries("decision.undone")] == [deed.replace(" ", "_")]
        db.session.rollback()
    assert chain_faults(world) == []


def entries(deed: str) -> list[JournalEntry]:
    return list(db.session.scalars(select(JournalEntry).where(JournalEntry.deed == deed)))


def test_the_mail_of_a_send_back_never_leaves(world: World, group: Group) -> None:
    decide(world, group, "send back")
    undo(world)
    with across_organisations("looking at the outbox"), writing():
        assert db.session.scalars(select(OutgoingMail.state)).all() == [MailState.CANCELLED]
        assert claim_mail(now=NOW + timedelta(days=1)) == []


def test_a_version_of_a_due_day_is_never_given_twice(world: World, group: Group) -> None:
    decide(world, group, "send back")
    undo(world)
    decide(world, group, "send back", SOON)
    with world.read():
        keys = db.session.scalars(select(OutgoingMail.dedup_key)).all()
        db.session.rollback()
    assert len(set(keys)) == 2
    assert {version for _, _, version, _ in tasks(world, group)} == {3}


def test_later_tasks_of_a_completed_measure_are_closed_again(world: World) -> None:
    world.adopted_plan([(1, range(1), *YEAR)])
    group = group_of(world)
    prove(world, group)
    report(world, group, Claim.COMPLETE)
    closed = states(world)
    assert closed == [S.SUBMITTED, S.NOT_NEEDED, S.NOT_NEEDED, S.NOT_NEEDED]
    decide(world, group, "send back")
    assert states(world) == [S.IN_PROGRESS, S.OPEN, S.OPEN, S.OPEN]
    undo(world)
    assert states(world) == closed


def test_a_due_day_that_was_moved_and_a_cancelled_task_come_back(world: World) -> None:
    world.adopted_plan([(2, range(2), *YEAR)])
    group = group_of(world)
    before = columns(world, group)
    with world.write():
        by = world.actor("coordinator", NOW)
        progress.move_due_day(group, date(2026, 1, 30), "รอคู่มือ", now=NOW, by=by)
        progress.cancel(tasks_of(group)[0], "ซ้ำ", now=NOW + timedelta(minutes=1), by=by)
    undo(world, made=NOW + timedelta(minutes=1))
    undo(world)
    assert columns(world, group) == before


def test_all_decisions_of_one_press_are_taken_back_together(world: World, group: Group) -> None:
    other = group_of(world, place=1)
    report(world, other, Claim.AS_PLANNED)
    decide(world, group, "approve")
    decide(world, other, "approve")
    assert undo(world) == 4
    assert states(world)[0] is states(world, place=1)[0] is S.SUBMITTED


@pytest.mark.parametrize(
    ("who", "now"), [("coordinator", NOW + UNDO), ("clerk", SOON)], ids=["too late", "another person"]
)
def test_only_the_person_and_only_for_ten_minutes(
    world: World, group: Group, who: str, now: datetime
) -> None:
    decide(world, group, "approve")
    with pytest.raises(Refused, match="10 นาที"):
        undo(world, now, who=who)
    assert states(world)[0] is S.APPROVED


def test_twice_is_refused(world: World, group: Group) -> None:
    decide(world, group, "approve")
    undo(world)
    with pytest.raises(Refused, match="10 นาที"):
        undo(world)


def test_what_moved_on_since_is_not_taken_back(world: World, group: Group) -> None:
    decide(world, group, "send back")
    report(world, group, Claim.AS_PLANNED, now=NOW + timedelta(minutes=2))
    moved_on = columns(world, group)
    with pytest.raises(Refused, match="เปลี่ยนไปแล้ว"):
        undo(world)
    assert columns(world, group) == moved_on


def test_a_closed_plan_keeps_what_was_decided(world: World, group: Group) -> None:
    decide(world, group, "approve")
    with world.write():
        db.session.scalars(select(Plan)).one().state = PlanState.CLOSED
    with pytest.raises(Refused, match="ปิดแล้ว"):
        undo(world)


def test_a_mail_that_is_on_its_way_stays_true(world: World, group: Group) -> None:
    decide(world, group, "send back")
    with world.write():
        mail = db.session.scalars(select(OutgoingMail)).one()
        mail.state = MailState.SENT
    with pytest.raises(Refused, match="จดหมาย"):
        undo(world)
    assert states(world)[0] is S.IN_PROGRESS
