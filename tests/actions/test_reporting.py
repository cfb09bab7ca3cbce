"""The annual report of a lived year: its cells, its freezing, its versions."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select

from tests.deeds import approve, chain_faults, group_of, prove, report, send_back, settle, task_ids
from tests.world import World, at
from tracker.actions import following, progress, reporting
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.errors import Refused
from tracker.models import (
    Assessment,
    Completion,
    Evidence,
    FollowUp,
    FollowUpState,
    Organisation,
    Plan,
    PlanItem,
    PlanState,
    Report,
    Round,
    ScoreReference,
    Task,
)
from tracker.rules.claims import NONE, Claim
from tracker.rules.report import AnnualReport, from_json, sha256_of, to_json
from tracker.rules.report_inputs import Signed

NOW = at("2026-10-20")
SIGNED = Signed("ตย 1/2569", date(2026, 10, 20), "นางสาวสมมุติ ตัวอย่าง", "นายกองค์การบริหารส่วนตำบลตัวอย่าง")
YEAR = (date(2025, 10, 1), date(2026, 9, 30))


@pytest.fixture
def plan_id(world: World) -> int:
    """One measure of all five divisions, the whole year."""
    return world.adopted_plan([(1, range(5), *YEAR)])


def plan_of() -> Plan:
    return db.session.scalars(select(Plan)).one()


def draft(world: World) -> AnnualReport:
    with world.read():
        db.session.rollback()
        value = reporting.draft(plan_of(), now=NOW)
        db.session.rollback()
    return value


def close(world: World, signed: Signed = SIGNED) -> tuple[int, str]:
    """Close the year, with a reason for what it lacks; returns the version and the hash."""
    settle(world, NOW)
    with world.write():
        row = reporting.close(plan_of(), signed, now=NOW, by=world.actor("coordinator", NOW))
        return row.version, row.sha256


def reopen(world: World) -> None:
    with world.write():
        reporting.reopen(plan_of(), now=NOW, by=world.actor("coordinator", NOW))


def result(world: World) -> str:
    [row] = draft(world).results.rows
    return row.result


def complete(world: World, place: int, text: str, quarter: int = 1) -> int:
    """Report the measure as done, proved by a file, and approve it; returns the id of the evidence."""
    group = group_of(world, place=place, quarter=quarter)
    evidence = prove(world, group, f"หลักฐาน {place}.pdf")
    report(world, group, Claim.COMPLETE, who=f"head{place}", result=text)
    approve(world, group)
    return evidence


def withdraw(world: World, evidence_id: int) -> None:
    with world.write():
        evidence = db.session.get(Evidence, evidence_id)
        assert evidence is not None
        progress.withdraw_evidence(evidence, "แนบผิดแฟ้ม", now=NOW, by=world.actor("coordinator", NOW))


def test_the_cell_of_five_divisions(world: World, plan_id: int) -> None:
    for place, text in enumerate(("จัดทำคู่มือแล้ว", "จัดทำคู่มือแล้ว", "จัดทำคู่มือ 2 เล่ม")):
        complete(world, place, text)
    withdraw(world, complete(world, 4, "ตรวจแล้ว"))
    assert result(world) == (
        "สำนักปลัด, กองคลัง: จัดทำคู่มือแล้ว\nกองช่าง: จัดทำคู่มือ ๒ เล่ม\nกองอื่น ๆ ไม่ได้รายงาน: กองการศึกษา, หน่วยตรวจสอบภายใน"
    )


def test_a_waiting_text_is_marked_in_a_draft_and_a_sent_back_one_is_silent(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    report(world, group_of(world), result="จัดทำคู่มือแล้ว")
    assert "จัดทำคู่มือแล้ว" in result(world)
    assert "(รออนุมัติ)" in result(world)
    send_back(world, group_of(world))
    assert "จัดทำคู่มือแล้ว" not in result(world)


def test_the_latest_quarter_of_a_division_counts(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    for quarter, text in ((1, "ร่างคู่มือแล้ว"), (2, "เผยแพร่คู่มือแล้ว")):
        report(world, group_of(world, quarter=quarter), result=text)
        approve(world, group_of(world, quarter=quarter))
    assert result(world) == "เผยแพร่คู่มือแล้ว"


def test_an_own_text_of_the_twelve_month_round_goes_first(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    complete(world, 0, "จัดทำคู่มือแล้ว")
    with world.write():
        follow_up = db.session.scalars(
            select(FollowUp).join(Round, Round.id == FollowUp.round_id).where(Round.kind == "twelve_months")
        ).one()
        [line] = following.lines_of(follow_up)
        told = LineAnswer(Completion.FULL, "จัดทำคู่มือครบทั้งปี", "ลดเวลารอ", NONE, NONE)
        following.answer(follow_up, {line.answer_id: told}, True, now=NOW, by=world.actor("coordinator", NOW))
    [row] = draft(world).results.rows
    assert "จัดทำคู่มือครบทั้งปี" in row.result
    assert "จัดทำคู่มือแล้ว" not in row.result
    assert "ลดเวลารอ" in row.outcome


def test_a_round_that_was_only_confirmed_has_no_text_of_its_own(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    complete(world, 0, "จัดทำคู่มือแล้ว")
    with world.write():
        for follow_up in db.session.scalars(select(FollowUp)).all():
            following.answer(follow_up, {}, True, now=NOW, by=world.actor("coordinator", NOW))
    assert result(world) == "จัดทำคู่มือแล้ว"


def test_the_outcome_tells_how_the_scores_moved(world: World, plan_id: int) -> None:
    assert "รอประกาศผล" in draft(world).results.rows[0].outcome
    with world.write():
        db.session.add_all(
            [
                Assessment(year=2568, total=90.0, scores={"1": 88.0}),
                Assessment(year=2569, total=92.0, scores={"1": 93.5}),
            ]
        )
    outcome = draft(world).results.rows[0].outcome
    assert "รอประกาศผล" not in outcome
    assert "๘๘" in outcome
    assert "๙๓.๕" in outcome


def test_an_item_that_was_renumbered_is_compared_under_both_numbers(world: World, plan_id: int) -> None:
    with world.write():
        plan = plan_of()
        plan.assessment_year = 2567
        item = db.session.scalars(select(PlanItem)).one()
        db.session.add_all(
            [
                ScoreReference(item_id=item.id, kind="question", code="o13"),
                # The list of 2568 has no item of this title.
                ScoreReference(item_id=item.id, kind="question", code="o1"),
                Assessment(year=2567, scores={"o13": 50.0, "o10": 0.0, "o1": 100.0}),
                Assessment(year=2568, scores={"o10": 100.0, "o13": 0.0, "o1": 0.0}),
            ]
        )
    [row] = draft(world).results.rows
    told = [line for line in row.outcome.splitlines() if "ข้อ" in line]
    assert told == [
        "คะแนน ITA ข้อ o10 ปี ๒๕๖๗ ได้ ๕๐.๐๐ คะแนน ปี ๒๕๖๘ ได้ ๑๐๐ คะแนน เพิ่มขึ้น ๕๐.๐๐ คะแนน (ข้อนี้ใน ITA ปี ๒๕๖๗ คือ ข้อ o13)",
        "คะแนน ITA ข้อ o1 ปี ๒๕๖๗ ได้ ๑๐๐ คะแนน ส่วนปี ๒๕๖๘ รอประกาศผล",
    ]


def test_a_report_speaks_the_digits_of_the_organisation(world: World, plan_id: int) -> None:
    complete(world, 0, "จัดทำคู่มือ 2 เล่ม")
    assert "๒ เล่ม" in result(world)
    with world.write():
        db.session.scalars(
            select(Organisation).where(Organisation.slug == world.slug)
        ).one().thai_digits = False
    assert "2 เล่ม" in result(world)


def test_a_division_whose_task_was_cancelled_is_not_called_silent(world: World) -> None:
    world.adopted_plan([(1, [0, 1], *YEAR)])
    complete(world, 0, "จัดทำคู่มือแล้ว")
    with world.write():
        for task in db.session.scalars(select(Task).where(Task.division_id == world.division_ids[1])).all():
            progress.cancel(task, "ยุบรวมกับโครงการอื่น", now=NOW, by=world.actor("coordinator", NOW))
    value = draft(world)
    assert "ไม่ได้รายงาน" not in value.results.rows[0].result
    assert "ยุบรวมกับโครงการอื่น" in to_json(value)


def test_closing_freezes_the_value_with_its_hash(world: World, plan_id: int) -> None:
    complete(world, 0, "จัดทำคู่มือแล้ว")
    version, digest = close(world)
    with world.read():
        db.session.rollback()
        row = db.session.scalars(select(Report)).one()
        frozen = from_json(row.frozen)
        assert (version, row.version, row.sha256) == (1, 1, digest)
        assert sha256_of(frozen) == digest
        assert to_json(frozen) == row.frozen
        assert json.loads(row.frozen)["fiscal_year"] == 2569
        assert (row.document_number, row.signer, row.signed_on) == (
            SIGNED.document_number,
            SIGNED.signer,
            SIGNED.signed_on,
        )
        assert plan_of().state is PlanState.CLOSED
        assert plan_of().closed_at == NOW
    assert SIGNED.signer in to_json(frozen)


def test_closing_prints_what_was_not_finished_and_not_answered(world: World, plan_id: int) -> None:
    complete(world, 0, "จัดทำคู่มือแล้ว")
    assert draft(world).unfinished.rows == ()
    close(world)
    with world.read():
        db.session.rollback()
        closed = reporting.closed(plan_of())
        assert closed is not None
        assert set(db.session.scalars(select(FollowUp.state))) == {FollowUpState.UNANSWERED}
    rows = closed[1].unfinished.rows
    assert [row[1] for row in rows] == ["๑", "๒", "๓", "๔"]
    assert all("สำนักปลัด" not in row[2] and "กองคลัง" in row[2] for row in rows)
    assert all("ไม่แล้วเสร็จ" in str(row) for row in rows)


def test_a_closed_report_stays_as_it_was(world: World, plan_id: int) -> None:
    evidence = complete(world, 0, "จัดทำคู่มือแล้ว")
    _version, digest = close(world)
    withdraw(world, evidence)
    with world.read():
        db.session.rollback()
        closed = reporting.closed(plan_of())
        assert closed is not None
        assert sha256_of(closed[1]) == closed[0].sha256 == digest


def test_a_reopened_year_is_worked_on_and_closed_as_the_next_version(world: World, plan_id: int) -> None:
    complete(world, 0, "จัดทำคู่มือแล้ว")
    _first, digest = close(world)
    reopen(world)
    with world.read():
        db.session.rollback()
        assert (plan_of().state, plan_of().closed_at) == (PlanState.ADOPTED, None)
    complete(world, 1, "เผยแพร่แล้ว")
    version, other = close(world, Signed("", None, "", ""))
    assert version == 2
    assert other != digest
    with world.read():
        db.session.rollback()
        rows = db.session.scalars(select(Report).order_by(Report.version)).all()
        assert [row.sha256 for row in rows] == [digest, other]
        latest = reporting.closed(plan_of())
        assert latest is not None
        assert latest[0].version == 2
    assert chain_faults(world) == []


def test_only_what_is_open_is_closed_and_only_what_is_closed_reopened(world: World, plan_id: int) -> None:
    with pytest.raises(Refused, match="ยังไม่ได้ปิด"):
        reopen(world)
    close(world)
    with pytest.raises(Refused, match="ยังไม่ปิด"):
        close(world)
    with world.read():
        db.session.rollback()
        assert len(db.session.scalars(select(Report)).all()) == 1


def test_a_draft_plan_is_not_closed(world: World) -> None:
    with world.write():
        world.add_plan([(1, [0], *YEAR)])
    with pytest.raises(Refused, match="ประกาศใช้แล้ว"):
        close(world)


def test_looking_at_the_draft_changes_nothing(world: World, plan_id: int) -> None:
    complete(world, 0, "จัดทำคู่มือแล้ว")
    assert to_json(draft(world)) == to_json(draft(world))
    assert len(task_ids(world, group_of(world))) == 1
    with world.read():
        db.session.rollback()
        assert reporting.closed(plan_of()) is None
