"""A results report kept as the record of its year: closed, without work, beside the next year's measures."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from tests.world import World, at
from tracker.actions import amending, drafting, importing, planning, reminding, reporting
from tracker.actions.drafting import lastyear
from tracker.actions.importing import Draft, recording
from tracker.database import db
from tracker.errors import Refused
from tracker.models import (
    Base,
    FollowUp,
    JournalEntry,
    Plan,
    PlanState,
    RecordedResult,
    Reminder,
    Round,
    Task,
)
from tracker.reading import plan as reader
from tracker.reading.decisions import Decisions
from tracker.rules.permissions import SYSTEM

NOW = at("2025-10-06")
REPORT = """รายงานผลการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. ๒๕๖๘
หัวข้อ\tมาตรการ\tขั้นตอน\tผู้รับผิดชอบ\tระยะเวลา\tผลการดำเนินงาน\tผลลัพธ์หรือความสำเร็จ
การใช้งบประมาณ\tเผยแพร่แผนการใช้จ่าย\tประชุม\tกองคลัง\tต.ค. 67 - ก.ย. 68\t1. เผยแพร่แล้ว 2. แจ้งเวียนแล้ว\tไม่มีเรื่องร้องเรียน
การใช้อำนาจ\tซักซ้อมการมอบหมายงาน\tประชุม\tกองไม่มีในทะเบียน\t\tซักซ้อมแล้ว\t
"""


def told(text: str = REPORT, year: int | None = None) -> Draft:
    divisions = planning.divisions()
    read = reader.read(text.encode(), "ผล.txt", year, importing.known_names(divisions))
    return importing.understand(read, divisions, fiscal_year=year, decisions=Decisions())


def counted(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def record(world: World) -> int:
    with world.write():
        return recording.record(told(), "a" * 64, now=NOW, by=SYSTEM).id


def test_the_preview_says_of_which_year_the_results_are(world: World) -> None:
    with world.read():
        [question] = [one for one in told().questions if one.code == "results"]
    assert question.message.values == {"year": 2568}


def test_a_record_keeps_what_was_reported_and_makes_no_work(world: World) -> None:
    record(world)

    with world.read():
        [plan] = db.session.scalars(select(Plan))
        first, second = recording.recorded(plan)
        assert (plan.fiscal_year, plan.state, plan.adopted_at, plan.is_record) == (
            2568,
            PlanState.CLOSED,
            None,
            True,
        )
        assert first[1].results == ["เผยแพร่แล้ว", "แจ้งเวียนแล้ว"]
        assert first[1].outcome == "ไม่มีเรื่องร้องเรียน"
        assert [division.name for division in first[0].divisions] == ["กองคลัง"]
        assert (second[0].responsible_text, second[0].divisions) == ("กองไม่มีในทะเบียน", [])
        assert (second[0].window_text, second[0].starts_on, second[0].ends_on) == (
            "",
            date(2024, 10, 1),
            date(2025, 9, 30),
        )
        assert (counted(Task), counted(Round), counted(FollowUp)) == (0, 0, 0)
        journalled = db.session.scalars(select(JournalEntry.deed).order_by(JournalEntry.number)).all()
        assert journalled[-1] == "plan.recorded"


def test_nobody_is_reminded_of_a_record(world: World) -> None:
    record(world)

    with world.write():
        reminding.plan_day(now=NOW)
        assert {row.stage for row in db.session.scalars(select(Reminder))} == {f"week-{NOW:%G-%V}"}


def test_a_record_never_overwrites_the_plan_of_its_year(world: World) -> None:
    with world.write():
        drafting.start_empty(2568, now=NOW, by=SYSTEM)
    with world.read(), pytest.raises(Refused, match="ไม่ทับ"):
        recording.record(told(), now=NOW, by=SYSTEM)


@pytest.mark.parametrize("day", ["2025-09-30", "2025-03-01"])
def test_a_year_that_still_runs_is_not_kept_as_a_record(world: World, day: str) -> None:
    with world.read(), pytest.raises(Refused, match="ยังไม่สิ้นสุด"):
        recording.record(told(), now=at(day), by=SYSTEM)


def test_a_record_is_never_put_in_force(world: World) -> None:
    plan_id = record(world)
    with world.read():
        plan = db.session.get_one(Plan, plan_id)
        with pytest.raises(Refused):
            planning.adopt(plan, now=NOW, by=SYSTEM)
        with pytest.raises(Refused, match="เปิดเป็นแผนไม่ได้"):
            reporting.reopen(plan, now=NOW, by=SYSTEM)
        with pytest.raises(Refused):
            drafting.hold(plan)
        with pytest.raises(Refused):
            importing.save(told(), now=NOW, by=SYSTEM)
        assert amending.hindrance(plan, "b" * 64) is not None


def test_the_next_plan_shows_the_recorded_results_beside_the_measures(world: World) -> None:
    plan_id = record(world)
    with world.write():
        old = drafting.previous_plan(2569)
        assert old is not None
        assert old.id == plan_id
        new = drafting.carry_over(old, 2569, now=NOW, by=SYSTEM).plan
        items = planning.items_of(new)
        beside = lastyear.results_beside(items, old)
        first, second = (beside[item.measures[0].id] for item in items)
        assert counted(RecordedResult) == 2
    assert [(one.division, one.text, one.recorded) for one in first] == [
        ("กองคลัง", "เผยแพร่แล้ว\nแจ้งเวียนแล้ว\nไม่มีเรื่องร้องเรียน", True)
    ]
    assert [(one.division, one.text) for one in second] == [("กองไม่มีในทะเบียน", "ซักซ้อมแล้ว")]
