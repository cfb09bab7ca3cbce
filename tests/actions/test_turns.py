"""Turns that a year can take: parts of a form sent back, completion undone, evidence withdrawn late, odd windows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.deeds import give_reasons
from tests.world import World, at
from tracker.actions import following, planning, progress, proving, reporting
from tracker.database import db
from tracker.errors import Refused
from tracker.groups import Group, tasks_of
from tracker.models import Evidence, FollowUp, Organisation, Plan, PlanItem, Round, Submission, Task
from tracker.rules.claims import Claim
from tracker.rules.permissions import SYSTEM
from tracker.rules.report_inputs import Signed
from tracker.rules.states import TaskState

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
OCTOBER = (date(2025, 10, 1), date(2025, 10, 31))


def first_group(quarter: int = 1) -> Group:
    task = db.session.scalars(select(Task).where(Task.quarter == quarter).order_by(Task.id)).first()
    assert task is not None
    return Group(task.item_id, task.division_id, quarter)


def report(world: World, quarter: int, words: list[Claim], text: str, day: str) -> None:
    """The division of the first group claims `words`, one an outstanding task, in their order."""
    with world.write():
        group = first_group(quarter)
        outstanding = [task for task in tasks_of(group) if task.state in progress.OUTSTANDING]
        claims = dict(zip([task.id for task in outstanding], words, strict=True))
        filled = progress.GroupReport(text, "ไม่มี", "ไม่มี", "เป็นงานประจำ", claims)
        progress.report_group(group, filled, now=at(day), by=world.actor("head0", at(day)))


def result_cell(world: World, day: str) -> str:
    with world.read():
        plan = db.session.scalars(select(Plan)).one()
        cell = reporting.draft(plan, now=at(day)).results.rows[0].result
        db.session.rollback()
    return cell


def test_the_text_that_was_approved_stays_when_a_later_attempt_is_sent_back(world: World) -> None:
    world.adopted_plan([(2, [0], *YEAR)])
    report(world, 1, [Claim.AS_PLANNED, Claim.NOT_YET], "เล่มแรกเสร็จ", "2025-12-01")
    with world.write():
        progress.approve(first_group(), now=at("2025-12-02"), by=world.actor("coordinator"))
    report(world, 1, [Claim.AS_PLANNED], "เล่มที่สองยังไม่ดี", "2025-12-03")
    assert result_cell(world, "2025-12-03") == "เล่มที่สองยังไม่ดี (รออนุมัติ)"
    with world.write():
        progress.send_back(first_group(), "แก้เล่มที่สอง", now=at("2025-12-04"), by=world.actor("coordinator"))
    assert result_cell(world, "2025-12-05") == "เล่มแรกเสร็จ"


def test_without_approval_a_report_counts_at_once(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    with world.write():
        db.session.scalars(
            select(Organisation).where(Organisation.id == world.organisation_id)
        ).one().approval = False
    report(world, 1, [Claim.AS_PLANNED], "ทำแล้ว", "2025-12-01")
    assert result_cell(world, "2025-12-02") == "ทำแล้ว"
    with world.read():
        assert db.session.scalars(select(Submission)).one().approved_at == at("2025-12-01")


def test_tasks_that_come_back_get_new_time(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    report(world, 1, [Claim.COMPLETE], "เสร็จทั้งปี", "2025-12-01")
    with world.write():
        progress.approve(first_group(), now=at("2025-12-02"), by=world.actor("coordinator"))
        progress.reopen(first_group(), "ยังขาดเล่มสรุป", now=at("2026-05-20"), by=world.actor("coordinator"))
    with world.read():
        later = db.session.scalars(select(Task).where(Task.quarter == 2)).one()
        assert later.state is TaskState.OPEN
        assert (later.due_on, later.due_set_on, later.due_version) == (
            date(2026, 5, 27),
            date(2026, 5, 20),
            2,
        )


def test_a_report_can_be_taken_back_before_it_is_approved(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    report(world, 1, [Claim.AS_PLANNED], "พิมพ์ผิด", "2025-12-01")
    with world.write():
        assert progress.withdraw(first_group(), now=at("2025-12-02"), by=world.actor("head0")) == 1
    with world.read():
        task = tasks_of(first_group())[0]
        assert (task.state, task.due_on, task.on_time) == (TaskState.IN_PROGRESS, date(2025, 12, 31), True)
    assert result_cell(world, "2025-12-03") == "ไม่ได้รายงาน"


@pytest.mark.parametrize(("claim", "returned"), [(Claim.AS_PLANNED, 0), (Claim.COMPLETE, 1)])
def test_only_what_was_completed_on_it_goes_back_with_its_evidence(
    world: World, claim: Claim, returned: int
) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    with world.write():
        group = first_group()
        by = world.actor("head0")
        proving.attach_link(
            "https://tuayang.example/1", "", date(2025, 12, 1), group, now=at("2025-12-01"), by=by
        )
        claims = {tasks_of(group)[0].id: claim}
        progress.report_group(
            group, progress.GroupReport("ทำแล้ว", "ไม่มี", "ไม่มี", "", claims), now=at("2025-12-01"), by=by
        )
        progress.approve(group, now=at("2025-12-02"), by=world.actor("coordinator"))
    with world.write():
        evidence = db.session.scalars(select(Evidence)).one()
        gone = progress.withdraw_evidence(evidence, "ผิดไฟล์", now=at("2025-12-03"), by=world.actor("head0"))
    assert gone == returned


def test_a_closed_year_keeps_its_tasks_when_evidence_is_withdrawn(world: World) -> None:
    world.adopted_plan([(1, [0], *OCTOBER)])
    with world.write():
        group, by = first_group(), world.actor("head0")
        proving.attach_link(
            "https://tuayang.example/1", "", date(2025, 10, 9), group, now=at("2025-10-09"), by=by
        )
        claims = {tasks_of(group)[0].id: Claim.COMPLETE}
        progress.report_group(
            group, progress.GroupReport("ทำแล้ว", "ไม่มี", "ไม่มี", "", claims), now=at("2025-10-09"), by=by
        )
        progress.approve(group, now=at("2025-10-10"), by=world.actor("coordinator"))
        plan = db.session.scalars(select(Plan)).one()
        give_reasons(plan, at("2026-11-01"), world.actor("coordinator"))
        reporting.close(plan, Signed("", None, "", ""), now=at("2026-11-01"), by=world.actor("coordinator"))
    with world.write():
        evidence = db.session.scalars(select(Evidence)).one()
        progress.withdraw_evidence(
            evidence, "มีข้อมูลส่วนบุคคล", now=at("2026-11-02"), by=world.actor("coordinator")
        )
        assert tasks_of(first_group())[0].state is TaskState.APPROVED


def test_a_round_that_approval_answers_takes_no_answer(world: World) -> None:
    world.adopted_plan([(1, [0], *OCTOBER)], follow_up="on_completion")
    with world.read():
        follow_up, by = db.session.scalars(select(FollowUp)).one(), world.actor("head0")
        with pytest.raises(Refused, match="การอนุมัติงาน"):
            following.answer(follow_up, {}, True, now=at("2025-12-01"), by=by)


def test_a_round_after_completion_opens_when_all_is_approved(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)], follow_up="on_completion")
    report(world, 1, [Claim.COMPLETE], "เสร็จทั้งมาตรการ", "2025-12-09")
    with world.read():
        assert following.completed_rounds(at("2025-12-11")) == []
        db.session.rollback()
    with world.write():
        progress.approve(first_group(), now=at("2025-12-11"), by=world.actor("coordinator"))
    with world.write():
        assert following.completed_rounds(at("2025-12-11", "09:09")) == []
        openings = following.completed_rounds(at("2025-12-11", "09:10"))
        assert following.open_rounds(openings, now=at("2025-12-11", "09:10"), by=SYSTEM) == 1
    with world.read():
        opened = db.session.scalars(select(Round)).one()
        assert (opened.asks_on, opened.due_on, opened.due_version) == (
            date(2025, 12, 11),
            date(2025, 12, 26),
            2,
        )
        assert following.completed_rounds(at("2025-12-12")) == []


def test_months_outside_the_year_leave_the_follow_up_to_the_policy(world: World) -> None:
    with world.write():
        plan = world.add_plan([(1, [0], date(2026, 3, 1), date(2026, 4, 30))], follow_up="once")
        db.session.scalars(select(PlanItem)).one().follow_up_months = ["2025-04"]
        planning.adopt(plan, now=at("2025-10-03"), by=world.actor("coordinator"))
        kinds = db.session.scalars(select(Round.kind).order_by(Round.opens_on)).all()
    assert kinds == ["six_months", "twelve_months"]


def test_a_window_outside_the_year_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="นอกปีงบประมาณ 2569"):
        world.adopted_plan([(1, [0], date(2025, 9, 1), date(2026, 9, 30))])
