"""An adopted plan amended by a corrected document: what was reported stays, everything else follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from tests.deeds import approve, chain_faults, group_of, prove, report, states
from tests.world import DIVISIONS, World, at
from tracker.actions import amending, following, reporting
from tracker.actions.amending import Correction
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.models import (
    Amendment,
    Completion,
    Evidence,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    JournalEntry,
    Measure,
    Organisation,
    Plan,
    PlanItem,
    PlanState,
    Reminder,
    Round,
    Step,
    StepTick,
    Submission,
    Task,
)
from tracker.rules.claims import Claim
from tracker.rules.differences import Entry, Title, compare
from tracker.rules.report import to_json
from tracker.rules.rounds import FollowUpRule
from tracker.rules.states import TaskState

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
HALF = (date(2025, 10, 1), date(2026, 3, 31))
JANUARY = at("2026-01-20")
REASON = "แก้ไขตามมติที่ประชุมสภา"
Change = Callable[[list[Entry]], list[Entry]]
OPEN, APPROVED, CANCELLED = TaskState.OPEN, TaskState.APPROVED, TaskState.CANCELLED


def new_entry(
    *titles: str, window: tuple[date, date] = YEAR, divisions: Sequence[str] = DIVISIONS[:1]
) -> Entry:
    """A row that the plan does not have yet; its keys are above those of the others."""
    return Entry(
        900, tuple(Title(9000 + n, title) for n, title in enumerate(titles)), tuple(divisions), *window
    )


def amend(
    world: World,
    change: Change,
    *,
    now: str = "2026-01-20",
    number: int = 1,
    reason: str = REASON,
    sha256: str = "",
) -> dict[str, object]:
    """Amend the plan by what `change` makes of its entries; returns the amendment's changes."""
    with world.write():
        plan = db.session.scalars(select(Plan)).one()
        current = amending.entries_of(plan)
        found = compare(current, change(current))
        correction = Correction(
            "แผนแก้ไข.docx", sha256 or f"sha-{number}", reason, "ทย 1/2569", date(2026, 1, 19)
        )
        made = amending.amend(
            plan, found, correction, number=number, now=at(now), by=world.actor("coordinator", at(now))
        )
        return made.changes


def first(**changes: object) -> Change:
    """The plan with another first row."""
    return lambda entries: [replace(entries[0], **changes), *entries[1:]]  # type: ignore[arg-type]


def due_days(world: World, measure: int, place: int = 0) -> list[tuple[int, date, int, TaskState]]:
    with world.read():
        rows = db.session.execute(
            select(Task.quarter, Task.due_on, Task.due_version, Task.state)
            .where(Task.measure_id == measure, Task.division_id == world.division_ids[place])
            .order_by(Task.quarter)
        ).all()
        db.session.rollback()
    return [(quarter, due_on, version, state) for quarter, due_on, version, state in rows]


def reported(world: World) -> None:
    """The first division reports its first quarter with evidence, the coordinator approves it."""
    group = group_of(world)
    prove(world, group)
    report(world, group)
    approve(world, group)


def test_an_amendment_is_numbered_written_down_and_journalled(world: World) -> None:
    world.adopted_plan()
    changes = amend(world, first(end=HALF[1]))
    with world.read():
        [row] = db.session.scalars(select(Amendment)).all()
        entry = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number.desc()).limit(1)).one()
        assert (row.number, row.reason, row.document_number) == (1, REASON, "ทย 1/2569")
        assert (row.source_name, row.source_sha256, row.signed_on) == (
            "แผนแก้ไข.docx",
            "sha-1",
            date(2026, 1, 19),
        )
        assert row.by_user_id == world.users["coordinator"]
        assert (entry.deed, entry.details) == (
            "plan.amended", {"amendment": 1, "added": 0, "cancelled": 20, "moved": 0},
        )  # fmt: skip
    assert changes["items"] == {"added": [], "removed": [], "changed": {"1": ["window"]}}
    assert chain_faults(world) == []


def test_what_was_reported_stays_when_its_item_is_taken_out(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR), (1, [1], *YEAR)])
    reported(world)
    amend(world, lambda entries: [new_entry("เปิดช่องทางร้องเรียนออนไลน์"), entries[1]])
    assert states(world) == [APPROVED, CANCELLED, CANCELLED, CANCELLED]
    with world.read():
        reasons = set(db.session.scalars(select(Task.reason).where(Task.state == CANCELLED)))
        assert reasons == {"แก้ไขแผนครั้งที่ 1"}
        assert db.session.scalars(select(Submission)).one().approved_at is not None
        assert db.session.scalars(select(Evidence)).one().withdrawn_at is None
        item = db.session.get(PlanItem, 1)
        assert item is not None
        assert (item.removed_in, item.number, item.measures[0].removed_in) == (1, 3, 1)
        assert [division.name for division in item.divisions] == [DIVISIONS[0]]


def test_a_changed_title_keeps_the_measure_and_its_history(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    reported(world)
    title = "จัดทำคู่มือการให้บริการ เล่มที่ 1 ฉบับประชาชน"
    amend(world, first(measures=(Title(5, title),)))
    with world.read():
        [measure] = db.session.scalars(select(Measure)).all()
        assert (measure.id, measure.title, measure.removed_in) == (1, title, None)
    assert states(world) == [APPROVED, OPEN, OPEN, OPEN]


def test_a_new_measure_gets_tasks_and_its_past_quarter_looks_back(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    amend(world, lambda entries: [*entries, new_entry("เปิดช่องทางร้องเรียนออนไลน์", divisions=DIVISIONS[:2])])
    assert [day for _, day, _, _ in due_days(world, 2, 1)] == [
        date(2026, 2, 10), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30),
    ]  # fmt: skip
    with world.read():
        looks = db.session.execute(
            select(Task.quarter, Task.look_back, Task.due_set_on).where(Task.measure_id == 2).distinct()
        ).all()
        assert {(quarter, back) for quarter, back, _ in looks} == {
            (1, True),
            (2, False),
            (3, False),
            (4, False),
        }
        assert {day for _, _, day in looks} == {date(2026, 1, 20)}


def test_a_changed_window_moves_due_days_of_outstanding_tasks_only(world: World) -> None:
    world.adopted_plan([(1, [0, 1], *HALF)])
    reported(world)
    amend(world, first(end=date(2026, 5, 31)))
    assert due_days(world, 1) == [
        (1, date(2025, 12, 31), 1, APPROVED),
        (2, date(2026, 3, 31), 1, OPEN),
        (3, date(2026, 5, 31), 1, OPEN),
    ]
    amend(world, first(end=date(2026, 2, 28)), number=2)
    assert due_days(world, 1) == [
        (1, date(2025, 12, 31), 1, APPROVED),
        (2, date(2026, 2, 28), 2, OPEN),
        (3, date(2026, 5, 31), 1, CANCELLED),
    ]
    with world.read():
        row = db.session.scalars(select(Task).where(Task.quarter == 2).limit(1)).one()
        assert (row.completion, row.due_set_on) == (True, date(2026, 1, 20))
        assert db.session.scalars(select(Task.reason).where(Task.state == CANCELLED).distinct()).all() == [
            "แก้ไขแผนครั้งที่ 2"
        ]


def test_quarters_that_come_back_open_the_same_tasks_again(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    amend(world, first(end=HALF[1]))
    amend(world, first(end=YEAR[1]), number=2)
    assert due_days(world, 1)[2:] == [(3, date(2026, 6, 30), 2, OPEN), (4, date(2026, 9, 30), 2, OPEN)]


def test_a_measure_that_comes_back_is_the_one_it_was(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR), (1, [1], *YEAR)])
    with world.write():
        measure = db.session.get(Measure, 2)
        assert measure is not None
        measure.title = "เปิดช่องทางร้องเรียนออนไลน์"
    amend(world, lambda entries: entries[:1])
    assert states(world, 1, 2) == [CANCELLED] * 4
    back = new_entry("เปิดช่องทางร้องเรียนออนไลน์", divisions=DIVISIONS[1:2])
    amend(world, lambda entries: [*entries, back], number=2)
    assert states(world, 1, 2) == [OPEN] * 4
    with world.read():
        assert len(db.session.scalars(select(Measure)).all()) == 2
        plan = db.session.scalars(select(Plan)).one()
        assert len(amending.entries_of(plan)) == 2


def test_a_division_that_leaves_keeps_what_it_reported(world: World) -> None:
    world.adopted_plan([(1, [0, 1], *YEAR)])
    reported(world)
    amend(world, first(divisions=DIVISIONS[1:3]))
    assert states(world, 0) == [APPROVED, CANCELLED, CANCELLED, CANCELLED]
    assert states(world, 2) == [OPEN] * 4
    with world.read():
        item = db.session.get(PlanItem, 1)
        assert item is not None
        assert [division.name for division in item.divisions] == list(DIVISIONS[:3])
        assert amending.entries_of(db.session.scalars(select(Plan)).one())[0].divisions == DIVISIONS[1:3]


def test_a_measure_claimed_complete_is_not_asked_for_in_new_quarters(world: World) -> None:
    world.adopted_plan([(1, [0], *HALF)])
    group = group_of(world)
    prove(world, group)
    report(world, group, Claim.COMPLETE)
    amend(world, first(end=YEAR[1]))
    assert states(world) == [TaskState.SUBMITTED, *[TaskState.NOT_NEEDED] * 3]


def test_steps_keep_their_ticks_in_other_words_and_ticked_ones_stay_to_be_seen(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    with world.write():
        db.session.add(Step(item_id=1, number=2, text="เผยแพร่บนเว็บไซต์"))
        db.session.add(StepTick(step_id=1, division_id=world.division_ids[0], ticked_at=JANUARY))
    amend(world, first(steps=("แต่งตั้งคณะทำงานจัดทำคู่มือ", "รายงานผู้บริหาร")))
    amend(world, first(steps=("รายงานผู้บริหาร",)), number=2)
    with world.read():
        rows = db.session.execute(
            select(Step.id, Step.text, Step.number, Step.removed_in).order_by(Step.number)
        )
        assert rows.all() == [(3, "รายงานผู้บริหาร", 1, None), (1, "แต่งตั้งคณะทำงานจัดทำคู่มือ", 2, 2)]


def test_rows_follow_the_order_of_the_corrected_plan(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR), (2, [1], *YEAR)])
    amend(world, lambda entries: [new_entry("อบรมมาตรฐานจริยธรรม"), entries[1], entries[0]])
    with world.read():
        rows = db.session.execute(select(PlanItem.id).order_by(PlanItem.number))
        assert [item_id for (item_id,) in rows] == [3, 2, 1]


def test_new_lines_join_the_rounds_there_are_and_new_rules_make_rounds(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    amend(
        world,
        lambda entries: [
            *entries,
            replace(
                new_entry("อบรมมาตรฐานจริยธรรม", divisions=DIVISIONS[:2]), follow_up=FollowUpRule("quarterly")
            ),
        ],
    )
    with world.read():
        kinds = db.session.scalars(select(Round.kind).order_by(Round.period_end, Round.kind)).all()
        assert kinds == ["quarterly", "quarterly", "six_months", "quarterly", "quarterly", "twelve_months"]
        late = db.session.scalars(select(Round).where(Round.kind == "quarterly").order_by(Round.id)).first()
        assert late is not None
        assert (late.opens_on, late.asks_on) == (date(2026, 1, 21), date(2026, 2, 10))


def test_lines_nobody_wrote_in_go_with_the_rule_that_asked_for_them(world: World) -> None:
    world.adopted_plan([(1, [0, 1], *YEAR)])
    amend(world, first(follow_up=FollowUpRule("twelve_months")))
    with world.read():
        assert db.session.scalars(select(Round.kind)).all() == ["twelve_months"]
        assert len(db.session.scalars(select(FollowUpAnswer)).all()) == 2


def test_a_follow_up_that_was_reminded_of_keeps_its_row(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    with world.write():
        reminder = Reminder(
            key="k", subject="follow-up:1", stage="open", due_version=1, recipient="a@b.example",
            stage_on=date(2026, 4, 1), planned_at=JANUARY, outcome="enqueued",
        )  # fmt: skip
        db.session.add(reminder)
    amend(world, first(follow_up=FollowUpRule("twelve_months")))
    with world.read():
        row = db.session.get(FollowUp, 1)
        assert row is not None
        assert row.state is FollowUpState.ANSWERED


def answered_first_round(world: World) -> None:
    """The division reports and answers its six-month round."""
    for quarter in (1, 2):
        group = group_of(world, quarter=quarter)
        report(world, group, now=at("2026-03-20"))
        approve(world, group, now=at("2026-03-21"))
    with world.write():
        follow_up = db.session.get(FollowUp, 1)
        assert follow_up is not None
        [line] = following.lines_of(follow_up)
        answer = LineAnswer(Completion.FULL, "จัดทำและแจกคู่มือแล้ว", "", "ไม่มี", "ไม่มี")
        following.answer(
            follow_up, {line.answer_id: answer}, True, now=at("2026-04-03"), by=world.actor("head0")
        )


def test_an_answered_round_is_asked_again_only_for_new_work_and_keeps_its_answers(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    answered_first_round(world)
    amend(world, lambda entries: [*entries, new_entry("อบรมมาตรฐานจริยธรรม")], now="2026-04-20")
    with world.read():
        follow_up = db.session.get(FollowUp, 1)
        assert follow_up is not None
        assert follow_up.state is FollowUpState.WAITING
        asked = select(FollowUpAnswer).where(FollowUpAnswer.follow_up_id == 1).order_by(FollowUpAnswer.id)
        assert [answer.result for answer in db.session.scalars(asked)] == ["จัดทำและแจกคู่มือแล้ว", ""]
        assert (follow_up.round.due_on, follow_up.round.due_version) == (date(2026, 5, 12), 2)


def test_an_answered_round_stays_answered_where_no_work_is_added(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    answered_first_round(world)
    amend(world, first(end=date(2026, 8, 31)), now="2026-04-20")
    with world.read():
        row = db.session.get(FollowUp, 1)
        assert row is not None
        assert (row.state, row.round.due_version) == (FollowUpState.ANSWERED, 1)


def snapshot(world: World) -> list[object]:
    """Everything an amendment could change."""
    with world.read():
        found: list[object] = []
        for model in (
            Plan,
            PlanItem,
            Measure,
            Step,
            Task,
            Round,
            FollowUp,
            FollowUpAnswer,
            Amendment,
            JournalEntry,
        ):
            for row in db.session.scalars(select(model).order_by(model.id)):
                found.append([getattr(row, column.key) for column in model.__table__.columns])
        db.session.rollback()
    return found


@pytest.mark.parametrize("state", [PlanState.CLOSED, PlanState.DRAFT])
def test_only_a_running_plan_is_amended(world: World, state: PlanState) -> None:
    world.adopted_plan()
    with world.write():
        db.session.scalars(select(Plan)).one().state = state
    before = snapshot(world)
    with pytest.raises(Refused, match=r"ปิดแล้ว|ยังไม่ได้ประกาศใช้"):
        amend(world, first(end=HALF[1]))
    assert snapshot(world) == before


def test_the_same_file_changes_nothing(world: World) -> None:
    world.adopted_plan()
    with world.write():
        db.session.scalars(select(Plan)).one().source_sha256 = "original"
    with pytest.raises(Refused, match="ไม่มีอะไรเปลี่ยนแปลง"):
        amend(world, first(end=HALF[1]), sha256="original")
    amend(world, first(end=HALF[1]), sha256="corrected")
    before = snapshot(world)
    for again in ("corrected", "original"):
        with pytest.raises(Refused, match="ไม่มีอะไรเปลี่ยนแปลง"):
            amend(world, first(end=YEAR[1]), sha256=again, number=2)
    assert snapshot(world) == before


def test_another_file_that_says_the_same_changes_nothing(world: World) -> None:
    world.adopted_plan()
    before = snapshot(world)
    with pytest.raises(Refused, match="ตรงกับแผนที่ใช้อยู่"):
        amend(world, list)
    assert snapshot(world) == before


def test_a_reason_is_needed(world: World) -> None:
    world.adopted_plan()
    with pytest.raises(FieldsRefused) as refused:
        amend(world, first(end=HALF[1]), reason="  ")
    assert list(refused.value.fields) == ["reason"]


def test_two_people_cannot_amend_by_the_same_number(world: World) -> None:
    world.adopted_plan()
    amend(world, first(end=HALF[1]))
    before = snapshot(world)
    with pytest.raises(Refused, match="เพิ่งถูกแก้ไข"):
        amend(world, first(end=date(2026, 6, 30)), sha256="other")
    assert snapshot(world) == before


def test_an_amendment_with_an_unknown_division_changes_nothing(world: World) -> None:
    world.adopted_plan()
    before = snapshot(world)
    with pytest.raises(Refused, match="กองที่ไม่มีอยู่"):
        amend(world, lambda entries: [*entries, new_entry("อบรม", divisions=["กองที่ไม่มีอยู่"])])
    assert snapshot(world) == before


def test_the_forecast_is_what_the_amendment_then_does(world: World) -> None:
    world.adopted_plan([(2, range(5), *YEAR), (1, [1], *HALF)])
    reported(world)

    def change(entries: list[Entry]) -> list[Entry]:
        return [
            replace(entries[0], divisions=DIVISIONS[:3], measures=entries[0].measures[:1]),
            replace(entries[1], end=date(2026, 6, 30)),
            new_entry("อบรมมาตรฐานจริยธรรม"),
        ]

    with world.read():
        plan = db.session.scalars(select(Plan)).one()
        current = amending.entries_of(plan)
        work = amending.forecast(plan, compare(current, change(current)), date(2026, 1, 20))
        db.session.rollback()
    done = amend(world, change)["tasks"]
    assert isinstance(done, dict)
    assert (len(done["added"]), len(done["cancelled"])) == (len(work.added), len(work.cancelled))
    assert done["cancelled"] == list(work.cancelled)
    assert len(done["added"]) == 4 + 1
    assert work.reported == 2


def test_months_of_another_year_leave_the_asking_to_the_policy(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR)])
    with world.write():
        db.session.scalars(select(Organisation)).one().follow_up_policy = "quarterly"

    amend(world, first(follow_up=FollowUpRule("months", None, ("2023-04",))))

    with world.read():
        assert db.session.scalars(select(Round.kind)).all() == ["quarterly"] * 4
        assert len(db.session.scalars(select(FollowUpAnswer)).all()) == 4


def test_a_measure_and_a_division_taken_out_are_asked_no_more_and_what_they_reported_is_printed(
    world: World,
) -> None:
    """Of two measures and two divisions one each is taken out, after the first division reported everything."""
    world.adopted_plan([(2, [0, 1], *YEAR)])
    with world.write():
        gone = db.session.get(Measure, 2)
        assert gone is not None
        gone.title = "เปิดช่องทางร้องเรียนออนไลน์"
    reported(world)

    amend(world, first(measures=(Title(1, "จัดทำคู่มือการให้บริการ เล่มที่ 1"),), divisions=DIVISIONS[1:2]))

    with world.read():
        printed = to_json(reporting.draft(db.session.scalars(select(Plan)).one(), now=JANUARY))
        assert "เปิดช่องทางร้องเรียนออนไลน์" in printed
        assert "จัดทำคู่มือแล้ว" in printed
        asked = db.session.execute(
            select(FollowUp.division_id, FollowUpAnswer.measure_id)
            .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
            .distinct()
        ).all()
        assert asked == [(world.division_ids[1], 1)]
        db.session.rollback()
    assert states(world, 0, 2) == [APPROVED, CANCELLED, CANCELLED, CANCELLED]
    assert states(world, 1, 2) == [CANCELLED] * 4
    assert states(world, 1, 1) == [OPEN] * 4


def test_an_item_taken_out_without_a_report_is_told_of_only_as_cancelled(world: World) -> None:
    world.adopted_plan([(1, [0], *YEAR), (1, [1], *YEAR)])
    with world.write():
        other = db.session.get(Measure, 2)
        assert other is not None
        other.title = "เปิดช่องทางร้องเรียนออนไลน์"

    amend(world, lambda entries: entries[:1])

    with world.read():
        told = reporting.draft(db.session.scalars(select(Plan)).one(), now=JANUARY)
        db.session.rollback()
    assert "เปิดช่องทางร้องเรียนออนไลน์" not in str(told.results)
    assert "จัดทำคู่มือการให้บริการ" in str(told.results)
    assert [row[3:] for row in told.unfinished.rows] == [("ยกเลิก", "แก้ไขแผนครั้งที่ ๑")] * 4
