"""A division merged into another: what moves, what stays, who is told from then on."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from tests.actions.test_settings import plan_days
from tests.deeds import approve, chain_faults, group_of, prove, report, send_back, states
from tests.world import World, at
from tracker import links
from tracker.actions import amending, merging, planning, reminding
from tracker.actions.amending.entries import entries_of
from tracker.actions.reporting import draft
from tracker.database import db
from tracker.errors import NotFound, Refused
from tracker.groups import latest_submission, tasks_of
from tracker.models import (
    Division,
    FollowUp,
    FollowUpAnswer,
    MailLink,
    MailState,
    OutgoingMail,
    Plan,
    Position,
    Reminder,
    Submission,
    Task,
)
from tracker.people import head_of, posts_on, roles_of
from tracker.rules.claims import Claim
from tracker.rules.differences import compare
from tracker.rules.permissions import Deed, may
from tracker.rules.states import TaskState

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
NOW = at("2026-01-12", "10:00")
OLD, NEW = "head3@tuayang.example", "head2@tuayang.example"
CLERK = "clerk@tuayang.example"


def merge(world: World, old: int = 3, new: int = 2, now: object = NOW) -> None:
    with world.write():
        merging.merge(division(world, old), division(world, new), now=now, by=world.actor("coordinator"))  # type: ignore[arg-type]


def division(world: World, place: int) -> Division:
    return db.session.scalars(select(Division).where(Division.id == world.division_ids[place])).one()


def owners(world: World) -> list[tuple[int, int, TaskState]]:
    """(place of the division, quarter, state) of every task."""
    with world.read():
        rows = db.session.execute(
            select(Task.division_id, Task.quarter, Task.state).order_by(
                Task.division_id, Task.quarter, Task.measure_id
            )
        )
        found = [(world.division_ids.index(one), quarter, state) for one, quarter, state in rows]
        db.session.rollback()
    return found


@pytest.fixture
def alone(world: World) -> World:
    """One measure of the fourth division over the whole year."""
    world.adopted_plan([(1, [3], *YEAR)])
    return world


def test_open_work_moves_and_reported_work_stays(alone: World) -> None:
    report(alone, group_of(alone, 3), who="head3")
    report(alone, group_of(alone, 3, 2), Claim.STUCK, who="head3", problems="ยังไม่มีงบ")
    merge(alone)
    assert owners(alone) == [
        (2, 2, TaskState.STUCK),
        (2, 3, TaskState.OPEN),
        (2, 4, TaskState.OPEN),
        (3, 1, TaskState.SUBMITTED),
    ]
    assert chain_faults(alone) == []


def test_what_the_successor_has_already_is_cancelled_with_the_names(world: World) -> None:
    world.adopted_plan([(1, [2, 3], *YEAR)])
    merge(world)
    assert states(world, 2) == [TaskState.OPEN] * 4
    assert states(world, 3) == [TaskState.CANCELLED] * 4
    with world.read():
        reasons = set(db.session.scalars(select(Task.reason).where(Task.state == TaskState.CANCELLED)))
        db.session.rollback()
    assert reasons == {"รวมกองการศึกษาเข้ากับกองช่างซึ่งมีงานของมาตรการและไตรมาสเดียวกันอยู่แล้ว"}


def test_the_preview_says_what_then_happens(world: World) -> None:
    world.adopted_plan([(2, [3], *YEAR), (1, [2, 3], *YEAR)])
    report(world, group_of(world, 3), who="head3")
    with world.read():
        found = merging.preview(division(world, 3), division(world, 2), now=NOW)
        told = (
            [task.id for task in found.moving.tasks],
            [task.id for task in found.moving.doubles],
            found.reported,
            found.told and found.told.address,
            list(found.leaving),
            [follow_up.id for follow_up in found.follow_ups],
        )
        db.session.rollback()
    merge(world)
    with world.read():
        moved = db.session.scalars(
            select(Task.id).where(Task.division_id == world.division_ids[2], Task.item_id == 1)
        )
        dropped = db.session.scalars(select(Task.id).where(Task.state == TaskState.CANCELLED))
        assert (set(told[0]), set(told[1])) == (set(moved), set(dropped))
        assert (len(told[0]), len(told[1])) == (6, 4)
        assert told[2:5] == (2, NEW, ["ผู้อำนวยการกองการศึกษา"])
        assert len(told[5]) == 2
        db.session.rollback()


def test_a_form_sent_back_goes_with_its_attempts_and_its_evidence(alone: World) -> None:
    group = group_of(alone, 3)
    prove(alone, group)
    report(alone, group, who="head3")
    send_back(alone, group, at("2026-01-09"))
    merge(alone)
    taken = group_of(alone, 2)
    with alone.read():
        attempt = latest_submission(taken)
        assert attempt is not None
        assert attempt.returned_note == "ขอจำนวนเล่ม"
        with pytest.raises(NotFound):
            tasks_of(group)
        db.session.rollback()
    assert report(alone, taken, who="head2", now=at("2026-01-13")) == 2
    assert approve(alone, taken, at("2026-01-14")) == 1


def test_a_form_that_is_half_reported_leaves_its_attempts_where_they_were_written(world: World) -> None:
    world.adopted_plan([(2, [3], *YEAR)])
    group = group_of(world, 3)
    with world.read():
        first, second = (task.id for task in tasks_of(group))
        db.session.rollback()
    report(world, group, {first: Claim.AS_PLANNED, second: Claim.NOT_YET}, who="head3")
    merge(world)
    with world.read():
        assert [row.division_id for row in db.session.scalars(select(Submission))] == [group.division_id]
        assert [task.id for task in tasks_of(group)] == [first]
        assert [task.id for task in tasks_of(group_of(world, 2))] == [second]
        db.session.rollback()
    assert approve(world, group) == 1


def test_what_is_sent_back_after_the_merging_is_the_successors_to_mend(alone: World) -> None:
    group = group_of(alone, 3)
    report(alone, group, who="head3")
    merge(alone)
    send_back(alone, group, at("2026-01-13", "10:00"))
    with alone.read():
        told = reminding.forecast([date(2026, 1, 19)])[0].digests
        assert [digest.address for digest in told if digest.of("due")] == [NEW]
        assert may(alone.actor("head2", at("2026-01-13")), Deed.REPORT_GROUP, group.division_id)
        assert not may(alone.actor("head3", at("2026-01-13")), Deed.REPORT_GROUP, group.division_id)
        link = db.session.scalars(select(MailLink).order_by(MailLink.id.desc())).first()
        assert link is not None
        assert link.subjects == [group.subject]
        assert link.address == NEW
        db.session.rollback()
    assert report(alone, group, who="head2", now=at("2026-01-14")) == 2


def test_follow_ups_move_and_those_of_the_same_round_become_one(world: World) -> None:
    world.adopted_plan([(1, [3], *YEAR), (1, [2, 3], *YEAR)])
    merge(world)
    with world.read():
        rows = db.session.scalars(select(FollowUp).order_by(FollowUp.id)).all()
        assert [row.division_id for row in rows] == [world.division_ids[2]] * 2
        measures = db.session.scalars(
            select(FollowUpAnswer.measure_id).where(FollowUpAnswer.follow_up_id == rows[0].id)
        )
        assert sorted(measures) == [1, 2]
        db.session.rollback()


def test_words_begun_in_a_follow_up_are_kept(world: World) -> None:
    world.adopted_plan([(1, [2, 3], *YEAR)])
    with world.write():
        for place, words in ((2, "เล่มแรก"), (3, "เล่มที่สอง")):
            line = db.session.scalars(
                select(FollowUpAnswer)
                .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
                .where(FollowUp.division_id == world.division_ids[place])
                .order_by(FollowUpAnswer.id)
            ).first()
            assert line is not None
            line.result = words
    merge(world)
    with world.read():
        assert [one for one in db.session.scalars(select(FollowUpAnswer.result)) if one] == [
            "เล่มแรก\nเล่มที่สอง"
        ]
        db.session.rollback()


def test_the_next_digests_go_to_the_successor_and_nobody_is_told_a_stage_twice(alone: World) -> None:
    before = plan_days(alone, "2025-12-15", "2026-01-12")
    with alone.write():
        db.session.execute(update(OutgoingMail).values(state=MailState.SENT))
    merge(alone)
    later = plan_days(alone, "2026-01-12", "2026-01-30", "11:00")

    def told(days: list[object], address: str) -> list[tuple[str, str]]:
        return [
            (entry.stage, day.day.isoformat())  # type: ignore[attr-defined]
            for day in days
            for entry in day.entries  # type: ignore[attr-defined]
            if entry.recipient == address
            and entry.outcome == "enqueued"
            and entry.subject.startswith("group:")
        ]

    assert told(before, OLD)[-1] == ("late-5", "2026-01-09")
    assert told(before, CLERK) == [("late-5", "2026-01-09")]
    assert told(later, OLD) == told(later, CLERK) == []
    # Who is new has the latest stage at once, on the day of the merging, and then the next ones.
    assert told(later, NEW) == [
        ("late-5", "2026-01-12"),
        ("weekly-01", "2026-01-16"),
        ("weekly-02", "2026-01-23"),
        ("weekly-03", "2026-01-30"),
    ]
    with alone.read():
        keys = db.session.scalars(select(Reminder.key)).all()
        assert len(keys) == len(set(keys))
        db.session.rollback()


def test_old_links_end_and_the_positions_are_empty(alone: World) -> None:
    plan_days(alone, "2026-01-09", "2026-01-09")
    with alone.read():
        link = db.session.scalars(select(MailLink)).one()
        token_hash, position_id = link.token_hash, link.position_id
        assert link.revoked_at is None
        db.session.rollback()
    with alone.write():
        db.session.scalars(
            select(Position).where(Position.id == position_id)
        ).one().mailbox = "g@tuayang.example"
    merge(alone)
    with alone.read():
        link = db.session.scalars(select(MailLink).where(MailLink.token_hash == token_hash)).one()
        assert link.revoked_at == NOW
        posts = posts_on(NOW.date())
        assert posts[position_id].vacant
        assert posts[position_id].ended
        assert head_of(posts.values(), alone.division_ids[3]) == head_of(
            posts.values(), alone.division_ids[2]
        )
        assert roles_of(alone.users["head3"], NOW.date()) == (frozenset(), frozenset())
        assert roles_of(alone.users["head2"], NOW.date())[1] == {alone.division_ids[2], alone.division_ids[3]}
        assert links.due_subjects(alone.division_ids[2], NOW.date()) != []
        db.session.rollback()


def test_the_old_names_mean_the_successor_and_a_second_merging_takes_both(alone: World) -> None:
    with alone.write():
        division(alone, 3).aliases = ["ศึกษา"]
    merge(alone)
    merge(alone, 2, 1, at("2026-01-13"))
    with alone.read():
        heir = division(alone, 1)
        assert heir.aliases == ["กองช่าง", "กองการศึกษา", "ศึกษา"]
        assert [division(alone, place).successor_id for place in (2, 3)] == [heir.id, heir.id]
        assert {place for place, _, _ in owners(alone)} == {1}


def test_the_report_prints_what_was_approved_under_the_old_name(alone: World) -> None:
    group = group_of(alone, 3)
    report(alone, group, who="head3")
    approve(alone, group)
    merge(alone)
    second = group_of(alone, 2, 2)
    report(alone, second, who="head2", now=at("2026-03-20"), result="อบรมแล้ว")
    approve(alone, second, at("2026-03-21"))
    with alone.read():
        plan = db.session.scalars(select(Plan)).one()
        [row] = draft(plan, now=at("2026-04-20")).results.rows
        assert row.responsible == "กองช่าง\nกองการศึกษา"
        assert row.result == "กองช่าง: อบรมแล้ว\nกองการศึกษา: จัดทำคู่มือแล้ว"
        db.session.rollback()


@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 1), (3, 4)])
def test_what_coordinates_or_is_over_or_is_the_same_is_refused(world: World, old: int, new: int) -> None:
    with world.write():
        division(world, 4).ended_on = NOW.date()
    with pytest.raises(Refused):
        merge(world, old, new)
    with world.read():
        assert division(world, old).ended_on is None
        db.session.rollback()


def test_a_draft_plan_names_the_successor_once(world: World) -> None:
    with world.write():
        world.add_plan([(1, [2, 3], *YEAR), (1, [3], *YEAR)])
    merge(world)
    with world.read():
        plan = db.session.scalars(select(Plan)).one()
        items = planning.items_of(plan)
        assert [[one.name for one in item.divisions] for item in items] == [["กองช่าง"], ["กองช่าง"]]
        db.session.rollback()


def test_an_amendment_does_not_ask_the_successor_for_what_the_old_division_told(alone: World) -> None:
    report(alone, group_of(alone, 3), who="head3")
    merge(alone)
    with alone.read():
        plan = db.session.scalars(select(Plan)).one()
        entries = entries_of(plan)
        work = amending.forecast(plan, compare(entries, entries), NOW.date())
        assert (work.added, work.cancelled) == ((), ())
        db.session.rollback()
