"""What divisions claim and the coordinator decides, task by task."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from tests.deeds import (
    DECEMBER,
    approve,
    chain_faults,
    group_of,
    prove,
    report,
    send_back,
    states,
    task_ids,
    tasks,
)
from tests.world import World, at
from tracker.actions import progress
from tracker.actions.progress import GroupReport
from tracker.database import db
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.groups import Group, latest_submission
from tracker.models import (
    Evidence,
    Organisation,
    OutgoingMail,
    Plan,
    PlanState,
    StepTick,
    Submission,
    Task,
    User,
)
from tracker.rules.claims import NONE, Claim
from tracker.rules.states import TaskState

S = TaskState
YEAR = (date(2025, 10, 1), date(2026, 9, 30))
MARCH = at("2026-03-30")
APRIL = at("2026-04-02")


@pytest.fixture
def plan_id(world: World) -> int:
    """Two measures of all five divisions, the whole year."""
    return world.adopted_plan()


@pytest.fixture
def one(world: World) -> int:
    """One measure of the first two divisions, the whole year."""
    return world.adopted_plan([(1, range(2), *YEAR)])


def refused(world: World, group: Group, words: Claim, **told: str) -> set[str]:
    """The fields that are complained about."""
    with pytest.raises(FieldsRefused) as caught:
        report(world, group, words, **told)  # type: ignore[arg-type]
    return set(caught.value.fields)


def test_each_task_moves_by_its_own_claim(world: World, plan_id: int) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    report(world, group, {first: Claim.AS_PLANNED, second: Claim.STUCK}, problems="รอหนังสือตอบ")
    assert [state for state, *_ in tasks(world, group)] == [S.SUBMITTED, S.STUCK]
    report(world, group, {first: Claim.NOT_YET, second: Claim.NOT_YET})
    assert [state for state, *_ in tasks(world, group)] == [S.SUBMITTED, S.IN_PROGRESS]


def test_other_divisions_and_quarters_are_left_alone(world: World, plan_id: int) -> None:
    report(world, group_of(world))
    assert states(world) == [S.SUBMITTED, S.OPEN, S.OPEN, S.OPEN]
    assert states(world, place=1) == [S.OPEN] * 4


def test_every_open_measure_of_the_form_needs_a_word(world: World, plan_id: int) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    with pytest.raises(FieldsRefused) as caught:
        report(world, group, {first: Claim.AS_PLANNED})
    assert set(caught.value.fields) == {f"claim-{second}"}
    assert states(world) == [S.OPEN] * 4


@pytest.mark.parametrize("missing", ["result", "problems", "suggestions"])
def test_blank_is_no_answer(world: World, one: int, missing: str) -> None:
    assert refused(world, group_of(world), Claim.AS_PLANNED, **{missing: " \n "}) == {missing}
    assert states(world) == [S.OPEN] * 4


def test_not_yet_needs_nothing_and_stuck_needs_the_problem(world: World, one: int) -> None:
    group = group_of(world)
    report(world, group, Claim.NOT_YET, result="", problems="", suggestions="")
    assert states(world)[0] is S.IN_PROGRESS
    assert refused(world, group, Claim.STUCK, problems=NONE) == {"problems"}
    assert refused(world, group, Claim.STUCK, problems="") == {"problems"}
    report(world, group, Claim.STUCK, result="", problems="รองบประมาณ", suggestions="")
    assert states(world)[0] is S.STUCK


def test_the_last_task_needs_evidence_or_a_reason(world: World, one: int) -> None:
    group = group_of(world, quarter=4)
    assert refused(world, group, Claim.COMPLETE) == {"evidence"}
    [task] = task_ids(world, group)
    assert refused(world, group, Claim.AS_PLANNED) == {f"claim-{task}"}
    report(world, group, Claim.COMPLETE, no_evidence_reason="เอกสารอยู่ระหว่างพิมพ์")
    assert states(world)[3] is S.SUBMITTED


def test_evidence_takes_the_place_of_the_reason(world: World, one: int) -> None:
    group = group_of(world, quarter=4)
    prove(world, group)
    report(world, group, Claim.COMPLETE)
    assert states(world)[3] is S.SUBMITTED


def test_an_early_completion_leaves_later_quarters_without_work(world: World, one: int) -> None:
    group = group_of(world, quarter=2)
    prove(world, group)
    report(world, group, Claim.COMPLETE)
    assert states(world) == [S.OPEN, S.SUBMITTED, S.NOT_NEEDED, S.NOT_NEEDED]
    assert states(world, place=1) == [S.OPEN] * 4
    send_back(world, group)
    assert states(world) == [S.OPEN, S.IN_PROGRESS, S.OPEN, S.OPEN]


def test_later_quarters_come_back_when_the_completion_is_reopened(world: World, one: int) -> None:
    group = group_of(world, quarter=1)
    prove(world, group)
    report(world, group, Claim.COMPLETE)
    approve(world, group)
    assert states(world) == [S.APPROVED, S.NOT_NEEDED, S.NOT_NEEDED, S.NOT_NEEDED]
    with world.write():
        progress.reopen(group, "นับเล่มผิด", now=DECEMBER, by=world.actor("coordinator"))
    assert states(world) == [S.IN_PROGRESS, S.OPEN, S.OPEN, S.OPEN]
    report(world, group, Claim.AS_PLANNED)
    assert states(world) == [S.SUBMITTED, S.OPEN, S.OPEN, S.OPEN]


def test_a_cancelled_later_task_stays_cancelled(world: World, one: int) -> None:
    with world.write():
        [last] = task_ids(world, group_of(world, quarter=4))
        task = db.session.get(Task, last)
        assert task is not None
        progress.cancel(task, "ยุบรวมกับโครงการอื่น", now=DECEMBER, by=world.actor("coordinator"))
    group = group_of(world, quarter=2)
    report(world, group, Claim.COMPLETE, no_evidence_reason="รอเอกสาร")
    assert states(world) == [S.OPEN, S.SUBMITTED, S.NOT_NEEDED, S.CANCELLED]
    send_back(world, group)
    assert states(world) == [S.OPEN, S.IN_PROGRESS, S.OPEN, S.CANCELLED]


@pytest.mark.parametrize("approved", [False, True])
def test_a_measure_is_not_complete_before_a_quarter_that_was_reported(
    world: World, one: int, approved: bool
) -> None:
    later = group_of(world, quarter=3)
    report(world, later)
    if approved:
        approve(world, later)
    group = group_of(world, quarter=1)
    [task] = task_ids(world, group)
    assert refused(world, group, Claim.COMPLETE, no_evidence_reason="รอเอกสาร") == {f"claim-{task}"}
    assert states(world)[0] is S.OPEN


def test_what_was_sent_is_not_sent_again(world: World, one: int) -> None:
    group = group_of(world)
    report(world, group)
    with pytest.raises(Refused, match="รายงานซ้ำไม่ได้"):
        report(world, group)
    approve(world, group)
    with pytest.raises(Refused, match="รายงานซ้ำไม่ได้"):
        report(world, group)


def test_attempts_are_numbered_and_all_kept(world: World, one: int) -> None:
    group = group_of(world)
    assert report(world, group, result="ครั้งแรก") == 1
    send_back(world, group)
    assert report(world, group, result="ครั้งที่สอง") == 2
    with world.read():
        db.session.rollback()
        found = db.session.scalars(select(Submission).order_by(Submission.number)).all()
        assert [(row.result, bool(row.returned_at)) for row in found] == [
            ("ครั้งแรก", True),
            ("ครั้งที่สอง", False),
        ]
        latest = latest_submission(group)
        assert latest is not None
        assert latest.number == 2


def test_on_time_is_decided_by_the_first_report_and_kept(world: World, one: int) -> None:
    group = group_of(world, quarter=2)
    assert tasks(world, group) == [(S.OPEN, date(2026, 3, 31), 1, None)]
    report(world, group, now=MARCH)
    send_back(world, group, now=APRIL)
    # 6 April is a holiday: the fifth working day after 2 April is the 10th.
    assert tasks(world, group) == [(S.IN_PROGRESS, date(2026, 4, 10), 2, True)]
    report(world, group, now=at("2026-04-21"))
    assert tasks(world, group) == [(S.SUBMITTED, date(2026, 4, 10), 2, True)]


def test_late_is_late_even_when_the_due_day_moves_later(world: World, one: int) -> None:
    group = group_of(world, quarter=1)
    report(world, group, now=at("2026-01-05"))
    send_back(world, group, now=at("2026-01-06"))
    report(world, group, now=at("2026-01-07"))
    assert [on_time for *_, on_time in tasks(world, group)] == [False]


def test_a_first_not_yet_says_nothing_about_being_on_time(world: World, one: int) -> None:
    group = group_of(world)
    report(world, group, Claim.NOT_YET)
    assert [on_time for *_, on_time in tasks(world, group)] == [None]


def test_sending_back_early_leaves_the_due_day(world: World, one: int) -> None:
    group = group_of(world, quarter=2)
    report(world, group)
    send_back(world, group)
    assert tasks(world, group) == [(S.IN_PROGRESS, date(2026, 3, 31), 2, True)]


def test_sending_back_needs_a_note_and_tells_the_division_ten_minutes_later(world: World, one: int) -> None:
    group = group_of(world)
    report(world, group)
    with pytest.raises(FieldsRefused):
        send_back(world, group, note=" \n ")
    assert states(world)[0] is S.SUBMITTED
    send_back(world, group, now=DECEMBER, note="ขอภาพถ่าย")
    with world.read():
        db.session.rollback()
        [mail] = db.session.scalars(select(OutgoingMail)).all()
        assert (mail.kind, mail.to_address) == ("returned", "head0@tuayang.example")
        assert mail.next_at == DECEMBER + timedelta(minutes=10)
        assert "ขอภาพถ่าย" in mail.body_text
        assert f"/work/{group.item_id}/{group.division_id}/{group.quarter}" in mail.body_text


@pytest.mark.parametrize("decide", [approve, send_back])
def test_only_what_waits_is_decided(world: World, one: int, decide: object) -> None:
    with pytest.raises(Refused, match="รออนุมัติ"):
        decide(world, group_of(world))  # type: ignore[operator]
    with pytest.raises(NotFound):
        decide(world, Group(999, 1, 1))  # type: ignore[operator]


def test_approval_takes_what_waits_and_leaves_the_rest(world: World, plan_id: int) -> None:
    group = group_of(world)
    first, second = task_ids(world, group)
    report(world, group, {first: Claim.AS_PLANNED, second: Claim.NOT_YET})
    assert approve(world, group) == 1
    assert [state for state, *_ in tasks(world, group)] == [S.APPROVED, S.IN_PROGRESS]


def test_own_work_may_be_approved_and_is_marked(world: World, one: int) -> None:
    group, other = group_of(world), group_of(world, place=1)
    report(world, group, who="coordinator")
    report(world, other, who="head1")
    approve(world, group)
    approve(world, other)
    with world.read():
        db.session.rollback()
        rows = db.session.scalars(select(Submission).order_by(Submission.id)).all()
        assert [row.self_approved for row in rows] == [True, False]


def test_where_one_person_works_alone_a_report_is_approved_at_once(world: World, one: int) -> None:
    with world.write():
        db.session.execute(update(User).where(User.id != world.users["coordinator"]).values(active=False))
    report(world, group_of(world), who="coordinator")
    assert states(world)[0] is S.APPROVED


@pytest.mark.parametrize(("setting", "state"), [(True, S.SUBMITTED), (False, S.APPROVED)])
def test_an_organisation_decides_whether_it_approves(
    world: World, one: int, setting: bool, state: TaskState
) -> None:
    with world.write():
        db.session.execute(update(Organisation).values(approval=setting))
    report(world, group_of(world))
    assert states(world)[0] is state


def test_reopening_needs_a_reason_and_keeps_on_time(world: World, one: int) -> None:
    group = group_of(world, quarter=2)
    report(world, group, now=MARCH)
    approve(world, group, now=MARCH)
    with pytest.raises(FieldsRefused), world.write():
        progress.reopen(group, "", now=APRIL, by=world.actor("coordinator"))
    with world.write():
        progress.reopen(group, "นับเล่มผิด", now=APRIL, by=world.actor("coordinator"))
    assert tasks(world, group) == [(S.IN_PROGRESS, date(2026, 4, 10), 2, True)]


def test_a_due_day_is_moved_for_the_whole_group_with_a_reason(world: World, plan_id: int) -> None:
    group = group_of(world)
    day = date(2026, 1, 16)
    with pytest.raises(FieldsRefused), world.write():
        progress.move_due_day(group, day, " ", now=DECEMBER, by=world.actor("coordinator"))
    with world.write():
        assert progress.move_due_day(group, day, "น้ำท่วม", now=DECEMBER, by=world.actor("coordinator")) == 2
    assert tasks(world, group) == [(S.OPEN, day, 2, None)] * 2
    report(world, group, now=at("2026-01-16"))
    assert [on_time for *_, on_time in tasks(world, group)] == [True, True]
    with pytest.raises(Refused, match="เลื่อนกำหนด"), world.write():
        progress.move_due_day(group, day, "น้ำท่วม", now=DECEMBER, by=world.actor("coordinator"))


def test_cancelling_is_for_one_task_and_needs_a_reason(world: World, plan_id: int) -> None:
    group = group_of(world)
    first, _second = task_ids(world, group)

    def cancel(reason: str) -> None:
        with world.write():
            task = db.session.get(Task, first)
            assert task is not None
            progress.cancel(task, reason, now=DECEMBER, by=world.actor("coordinator"))

    with pytest.raises(FieldsRefused):
        cancel("")
    cancel("ยุบรวมกับโครงการอื่น")
    assert [state for state, *_ in tasks(world, group)] == [S.CANCELLED, S.OPEN]
    with pytest.raises(Refused, match="ยกเลิก"):
        cancel("อีกครั้ง")


def withdraw(world: World, evidence_id: int, reason: str = "แนบผิดแฟ้ม") -> int:
    with world.write():
        evidence = db.session.get(Evidence, evidence_id)
        assert evidence is not None
        return progress.withdraw_evidence(evidence, reason, now=DECEMBER, by=world.actor("head0"))


@pytest.mark.parametrize("approved", [False, True])
def test_without_its_last_evidence_a_task_goes_back(world: World, one: int, approved: bool) -> None:
    group = group_of(world, quarter=2)
    first, second = prove(world, group), prove(world, group, "ภาพถ่าย.pdf")
    report(world, group, Claim.COMPLETE)
    if approved:
        approve(world, group)
    before = states(world)
    assert withdraw(world, first) == 0
    assert states(world) == before
    assert withdraw(world, second) == 1
    assert states(world) == [S.OPEN, S.IN_PROGRESS, S.OPEN, S.OPEN]
    assert tasks(world, group) == [(S.IN_PROGRESS, date(2026, 3, 31), 2, True)]


def test_a_reason_for_having_no_evidence_holds_the_task(world: World, one: int) -> None:
    group = group_of(world, quarter=4)
    evidence = prove(world, group)
    report(world, group, Claim.COMPLETE, no_evidence_reason="ต้นฉบับอยู่ที่อำเภอ")
    assert withdraw(world, evidence) == 0
    assert states(world)[3] is S.SUBMITTED


def test_withdrawing_needs_a_reason_and_keeps_the_hash(world: World, one: int) -> None:
    evidence_id = prove(world, group_of(world))
    with pytest.raises(FieldsRefused):
        withdraw(world, evidence_id, " ")
    withdraw(world, evidence_id)
    with world.read():
        db.session.rollback()
        evidence = db.session.get(Evidence, evidence_id)
        assert evidence is not None
        assert (evidence.withdrawn_at, evidence.withdrawn_reason) == (DECEMBER, "แนบผิดแฟ้ม")
        assert len(evidence.sha256) == 64
    with pytest.raises(Refused, match="ถอนไปแล้ว"):
        withdraw(world, evidence_id)


def test_ticks_are_of_a_division_and_can_be_taken_away(world: World, one: int) -> None:
    def tick(place: int, *steps: int) -> None:
        group = group_of(world, place=place)
        claims = dict.fromkeys(task_ids(world, group), Claim.NOT_YET)
        told = GroupReport(claims=claims, steps_done=frozenset(steps))
        with world.write():
            progress.report_group(group, told, now=DECEMBER, by=world.actor(f"head{place}"))

    def ticked() -> list[tuple[int, int]]:
        with world.read():
            db.session.rollback()
            found = db.session.execute(select(StepTick.division_id, StepTick.step_id))
            return sorted((division, step) for division, step in found)

    tick(0, 1, 999)
    tick(1)
    assert ticked() == [(world.division_ids[0], 1)]
    tick(0, 1)
    assert ticked() == [(world.division_ids[0], 1)]
    tick(0)
    assert ticked() == []


def test_nothing_moves_once_the_year_is_closed(world: World, one: int) -> None:
    group, waiting = group_of(world), group_of(world, quarter=2)
    report(world, waiting)
    with world.write():
        db.session.execute(update(Plan).values(state=PlanState.CLOSED))
    before = states(world)
    for deed in (report, approve, send_back):
        with pytest.raises(Refused, match="ปิดแล้ว"):
            deed(world, group if deed is report else waiting)  # type: ignore[operator]
    assert states(world) == before


def test_lines_are_cleaned_and_kept(world: World, one: int) -> None:
    report(world, group_of(world), result="\n ทำแล้ว  2 เล่ม \n\nเผยแพร่แล้ว\n")
    with world.read():
        db.session.rollback()
        assert db.session.scalars(select(Submission.result)).one() == "ทำแล้ว 2 เล่ม\n\nเผยแพร่แล้ว"


def test_a_story_leaves_a_whole_journal(world: World, one: int) -> None:
    group = group_of(world, quarter=2)
    evidence = prove(world, group)
    report(world, group, Claim.COMPLETE)
    send_back(world, group)
    report(world, group, Claim.COMPLETE)
    approve(world, group)
    withdraw(world, evidence)
    assert chain_faults(world) == []
