"""The six-month report tells of the end of March, whatever happens afterwards."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import select

from tests.deeds import approve, group_of, prove, report, send_back
from tests.world import World, at
from tracker.actions import following, planning, progress, reporting, undoing
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.models import Completion, Evidence, FollowUp, Plan, Round, Task
from tracker.rules.claims import NONE, Claim
from tracker.rules.paper import Chart, Grid, Paper

JANUARY, MARCH, APRIL, OCTOBER = at("2026-01-20"), at("2026-03-20"), at("2026-04-10"), at("2026-10-20")
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


@pytest.fixture(autouse=True)
def plan(world: World) -> None:
    """One measure of one division; the first quarter was told and approved in December."""
    world.adopted_plan([(1, [0], *YEAR)])
    report(world, group_of(world), result="ร่างคู่มือแล้ว")
    approve(world, group_of(world))


def half(world: World, now: datetime = OCTOBER) -> Paper:
    with world.read():
        db.session.rollback()
        value = reporting.paper_of(db.session.scalars(select(Plan)).one(), "six-month", now=now)
        db.session.rollback()
    assert isinstance(value, Paper)
    return value


def row(world: World, now: datetime = OCTOBER) -> tuple[str, ...]:
    [found] = [
        block for block in half(world, now).blocks if isinstance(block, Grid) and block.name == "progress"
    ]
    return found.rows[0]


def done(world: World) -> str:
    [found] = [block for block in half(world).blocks if isinstance(block, Chart)]
    return found.bars[0].label


def handed_in(world: World, when: datetime = MARCH) -> None:
    report(world, group_of(world, quarter=2), result="เผยแพร่คู่มือแล้ว", now=when)


def test_what_was_handed_in_later_is_not_told(world: World) -> None:
    before = row(world), done(world)
    handed_in(world, APRIL)
    approve(world, group_of(world, quarter=2), now=APRIL)
    assert (row(world), done(world)) == before
    assert before[0][4].startswith("ร่างคู่มือแล้ว")
    assert before[1].startswith("๑ จาก ๒")


def test_the_last_minute_of_march_counts_and_the_first_of_april_does_not(world: World) -> None:
    handed_in(world, at("2026-04-01", "00:00"))
    assert row(world)[4].startswith("ร่างคู่มือแล้ว")
    send_back(world, group_of(world, quarter=2), now=APRIL)
    with world.write():
        for attempt in db.session.scalars(select(Task).where(Task.quarter == 2)):
            assert attempt.state.value == "in_progress"


def test_the_last_minute_of_march_counts(world: World) -> None:
    handed_in(world, at("2026-03-31", "23:59"))
    assert row(world)[4].startswith("เผยแพร่คู่มือแล้ว")


def test_an_approval_after_the_period_counts_for_what_was_handed_in_by_then(world: World) -> None:
    handed_in(world)
    assert "(รออนุมัติ)" in row(world)[4]
    approve(world, group_of(world, quarter=2), now=APRIL)
    assert row(world)[4] == "เผยแพร่คู่มือแล้ว"
    assert done(world).startswith("๒ จาก ๒")


def test_what_was_sent_back_is_silent_and_its_correction_belongs_to_the_next_period(world: World) -> None:
    handed_in(world)
    send_back(world, group_of(world, quarter=2), now=APRIL)
    assert row(world)[4].startswith("ร่างคู่มือแล้ว")
    handed_in(world, at("2026-04-15"))
    assert row(world)[4].startswith("ร่างคู่มือแล้ว")


def test_reopening_cancelling_and_withdrawing_later_change_nothing(world: World) -> None:
    handed_in(world)
    evidence = prove(world, group_of(world, quarter=2), now=MARCH)
    approve(world, group_of(world, quarter=2), now=MARCH)
    before = row(world), done(world)
    assert before[0][6] == "๑ รายการ"
    prove(world, group_of(world, quarter=2), "อีกแฟ้ม.pdf", now=APRIL)
    with world.write():
        by = world.actor("coordinator", APRIL)
        progress.withdraw_evidence(db.session.get_one(Evidence, evidence), "แนบผิด", now=APRIL, by=by)
        progress.reopen(group_of(world, quarter=2), "ขอแก้", now=APRIL, by=by)
        for task in db.session.scalars(select(Task).where(Task.quarter == 2)).all():
            progress.cancel(task, "ยุบโครงการ", now=APRIL, by=by)
    assert (row(world), done(world)) == before


def test_reopening_and_cancelling_in_the_period_count(world: World) -> None:
    with world.write():
        by = world.actor("coordinator", MARCH)
        progress.reopen(group_of(world), "ขอแก้", now=MARCH, by=by)
        for task in db.session.scalars(select(Task).where(Task.quarter == 2)).all():
            progress.cancel(task, "ยุบโครงการ", now=MARCH, by=by)
    assert done(world).startswith("๐ จาก ๑")
    with world.write():
        undoing.undo(MARCH, now=MARCH, by=world.actor("coordinator", MARCH))
    assert done(world).startswith("๑ จาก ๒")


def test_a_measure_that_was_complete_needs_no_second_quarter(world: World) -> None:
    with world.write():
        progress.reopen(group_of(world), "ขอแก้", now=JANUARY, by=world.actor("coordinator", JANUARY))
    prove(world, group_of(world), now=MARCH)
    report(world, group_of(world), Claim.COMPLETE, now=MARCH)
    approve(world, group_of(world), now=MARCH)
    assert done(world).startswith("๑ จาก ๑")
    assert row(world)[5] == "แล้วเสร็จ"


def test_the_answers_of_its_round_count_whenever_they_come(world: World) -> None:
    with world.write():
        follow_up = db.session.scalars(
            select(FollowUp).join(Round, Round.id == FollowUp.round_id).where(Round.kind == "six_months")
        ).one()
        [line] = following.lines_of(follow_up)
        told = LineAnswer(Completion.PARTLY, "ทำคู่มือได้ครึ่งหนึ่ง", "", NONE, NONE)
        by = world.actor("coordinator", APRIL)
        following.answer(follow_up, {line.answer_id: told}, True, now=APRIL, by=by)
    assert "ทำคู่มือได้ครึ่งหนึ่ง" in row(world)[4]


def test_the_report_is_labelled_with_its_day(world: World) -> None:
    assert half(world).as_of == "ข้อมูล ณ วันที่ ๓๑ มีนาคม ๒๕๖๙ (จัดทำเมื่อ ๒๐ ตุลาคม ๒๕๖๙)"
    draft = half(world, MARCH)
    assert draft.draft
    assert draft.as_of.startswith("ข้อมูล ณ วันที่ ๒๐ มีนาคม ๒๕๖๙ เวลา")


def test_a_plan_adopted_late_is_told_as_of_the_day_its_look_back_was_due(world: World) -> None:
    with world.write():
        late = world.add_plan([(1, [0], date(2026, 10, 1), date(2027, 9, 30))], fiscal_year=2570)
        planning.adopt(late, now=at("2027-05-14"), by=world.actor("coordinator", APRIL))
    with world.read():
        db.session.rollback()
        plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == 2570)).one()
        draft = reporting.paper_of(plan, "six-month", now=at("2027-05-20"))
        final = reporting.paper_of(plan, "six-month", now=at("2027-06-30"))
        due = db.session.scalars(select(Task.due_on).where(Task.plan_id == plan.id, Task.quarter == 2)).one()
        db.session.rollback()
    assert draft.draft
    assert not final.draft
    assert due > date(2027, 5, 14)
    assert "มิถุนายน ๒๕๗๐ (จัดทำ" in final.as_of
