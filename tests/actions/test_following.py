"""What a round still asks, the division's answer, and what the quarters have told."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select, update

from tests.deeds import approve, chain_faults, group_of, report, send_back
from tests.world import World, at
from tracker.actions import following
from tracker.actions.following import LineAnswer
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.models import (
    Completion,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanState,
    Round,
    Task,
)
from tracker.rules.claims import NONE, Claim
from tracker.rules.permissions import SYSTEM
from tracker.rules.rounds import Line
from tracker.rules.states import TaskState

NOW = at("2026-04-02")
# When what is decided at NOW cannot be taken back any more.
LATER = at("2026-04-02", "09:10")
FULL = LineAnswer(Completion.FULL, "จัดทำคู่มือครบ", "ลดเวลารอ", NONE, NONE)


@pytest.fixture
def plan_id(world: World) -> int:
    """Two measures of all five divisions, the whole year, asked after six and twelve months."""
    return world.adopted_plan()


def follow_up_of(world: World, place: int = 0, kind: str = "six_months") -> FollowUp:
    """The first follow-up of a division in a round, inside a scope."""
    return db.session.scalars(
        select(FollowUp)
        .join(Round, Round.id == FollowUp.round_id)
        .where(FollowUp.division_id == world.division_ids[place], Round.kind == kind)
        .order_by(Round.period_end)
        .limit(1)
    ).one()


def lines(world: World, place: int = 0, kind: str = "six_months") -> list[tuple[int, Line, str, int | None]]:
    """(answer id, what is asked, what was told, in which quarter) of each line."""
    with world.read():
        db.session.rollback()
        return [
            (line.answer_id, line.line, line.told, line.told_quarter)
            for line in following.lines_of(follow_up_of(world, place, kind))
        ]


def answer(
    world: World, given: dict[int, LineAnswer], *, confirmed: bool = False, kind: str = "six_months"
) -> None:
    with world.write():
        following.answer(
            follow_up_of(world, kind=kind), given, confirmed, now=NOW, by=world.actor("head0", NOW)
        )


def rows(world: World) -> list[tuple[str | None, str, bool, bool]]:
    """(completion, result, confirmed, changed) of the first division's six-month lines."""
    with world.read():
        db.session.rollback()
        found = db.session.scalars(
            select(FollowUpAnswer)
            .where(FollowUpAnswer.follow_up_id == follow_up_of(world).id)
            .order_by(FollowUpAnswer.id)
        )
        return [(row.completion, row.result, row.confirmed, row.changed) for row in found]


def tell(world: World, *quarters: int, result: str = "จัดทำคู่มือแล้ว") -> None:
    """The first division reports these quarters, and the coordinator approves."""
    for quarter in quarters:
        report(world, group_of(world, quarter=quarter), result=result)
        approve(world, group_of(world, quarter=quarter))


def test_a_round_asks_what_the_quarters_have_not_told(world: World, plan_id: int) -> None:
    assert [line for _, line, *_ in lines(world)] == [Line.ASK, Line.ASK]
    tell(world, 1)
    assert [(line, told) for _, line, told, _ in lines(world)] == [(Line.ASK, "จัดทำคู่มือแล้ว")] * 2
    tell(world, 2, result="จัดทำคู่มือ 2 เล่ม")
    assert [(line, told, quarter) for _, line, told, quarter in lines(world)] == [
        (Line.CONFIRM, "จัดทำคู่มือ 2 เล่ม", 2)
    ] * 2
    assert [line for _, line, *_ in lines(world, kind="twelve_months")] == [Line.ASK, Line.ASK]
    assert [line for _, line, *_ in lines(world, place=1)] == [Line.ASK, Line.ASK]


def test_what_is_not_approved_or_was_sent_back_has_told_nothing(world: World, plan_id: int) -> None:
    tell(world, 1)
    report(world, group_of(world, quarter=2), result="ยังไม่ครบ")
    assert [line for _, line, *_ in lines(world)] == [Line.ASK, Line.ASK]
    send_back(world, group_of(world, quarter=2))
    assert [told for _, _, told, _ in lines(world)] == ["จัดทำคู่มือแล้ว"] * 2


def test_every_asked_line_needs_every_answer(world: World, plan_id: int) -> None:
    (first, *_), (second, *_) = lines(world)
    with pytest.raises(FieldsRefused) as caught:
        answer(world, {first: FULL, second: LineAnswer(result=" ")})
    assert set(caught.value.fields) == {
        f"{field}-{second}" for field in ("completion", "result", "problems", "suggestions")
    }
    assert rows(world) == [(None, "", False, False)] * 2


def test_an_answer_is_kept_and_can_be_changed(world: World, plan_id: int) -> None:
    ids = [answer_id for answer_id, *_ in lines(world)]
    answer(world, dict.fromkeys(ids, FULL))
    assert rows(world) == [("full", "จัดทำคู่มือครบ", True, True)] * 2
    answer(world, dict.fromkeys(ids, LineAnswer(Completion.PARTLY, "ทำได้เล่มเดียว", "", "ขาดคน", NONE)))
    assert rows(world) == [("partly", "ทำได้เล่มเดียว", True, True)] * 2
    with world.read():
        follow_up = follow_up_of(world)
        assert (follow_up.state, follow_up.answered_at) == (FollowUpState.ANSWERED, NOW)
        assert follow_up.by_user_id == world.users["head0"]
    assert chain_faults(world) == []


def test_lines_told_by_approved_tasks_need_one_tick(world: World, plan_id: int) -> None:
    tell(world, 1, 2)
    with pytest.raises(FieldsRefused) as caught:
        answer(world, {})
    assert set(caught.value.fields) == {"confirmed"}
    answer(world, {}, confirmed=True)
    assert rows(world) == [("full", "จัดทำคู่มือแล้ว", True, False)] * 2


def test_an_own_text_in_a_told_line_is_marked_as_changed(world: World, plan_id: int) -> None:
    tell(world, 1, 2)
    (first, *_), _second = lines(world)
    answer(world, {first: FULL}, confirmed=True)
    assert rows(world) == [("full", "จัดทำคู่มือครบ", True, True), ("full", "จัดทำคู่มือแล้ว", True, False)]


def test_the_same_text_again_is_no_change(world: World, plan_id: int) -> None:
    tell(world, 1)
    ids = [answer_id for answer_id, *_ in lines(world)]
    same = LineAnswer(Completion.FULL, " จัดทำคู่มือแล้ว ", "", NONE, NONE)
    answer(world, dict.fromkeys(ids, same))
    assert [changed for *_, changed in rows(world)] == [False, False]


def test_a_draft_keeps_what_is_written_and_the_round_goes_on_waiting(world: World, plan_id: int) -> None:
    (first, *_), _second = lines(world)
    with world.write():
        following.keep(
            follow_up_of(world),
            {first: LineAnswer(None, "เขียนค้างไว้")},
            now=NOW,
            by=world.actor("head0", NOW),
        )
    assert rows(world) == [(None, "เขียนค้างไว้", False, False), (None, "", False, False)]
    with world.read():
        assert follow_up_of(world).state is FollowUpState.WAITING


def test_answers_to_lines_of_others_are_left_out(world: World, plan_id: int) -> None:
    own = [answer_id for answer_id, *_ in lines(world)]
    other = [answer_id for answer_id, *_ in lines(world, place=1)]
    answer(world, dict.fromkeys([*own, *other, 99_999], FULL))
    with world.read():
        db.session.rollback()
        query = select(FollowUpAnswer.result).where(FollowUpAnswer.id.in_(other))
        assert db.session.scalars(query).all() == ["", ""]


def test_nobody_answers_before_the_round_opens_or_after_the_year_is_closed(
    world: World, plan_id: int
) -> None:
    ids = [answer_id for answer_id, *_ in lines(world, kind="twelve_months")]
    with pytest.raises(Refused, match="เปิดให้ตอบวันที่"):
        answer(world, dict.fromkeys(ids, FULL), kind="twelve_months")
    with world.write():
        db.session.execute(update(Plan).values(state=PlanState.CLOSED))
    ids = [answer_id for answer_id, *_ in lines(world)]
    with pytest.raises(Refused, match="ปิดแล้ว"):
        answer(world, dict.fromkeys(ids, FULL))
    assert [confirmed for *_, confirmed, _ in rows(world)] == [False, False]


def test_cancelled_measures_are_not_asked(world: World, plan_id: int) -> None:
    with world.write():
        first = db.session.scalars(select(Measure.id).order_by(Measure.id)).first()
        db.session.execute(update(Task).where(Task.measure_id == first).values(state=TaskState.CANCELLED))
    assert [line for _, line, *_ in lines(world)] == [Line.NOT_ASKED, Line.ASK]
    second = lines(world)[1][0]
    answer(world, {second: FULL})
    assert [confirmed for *_, confirmed, _ in rows(world)] == [False, True]


def test_an_early_completion_tells_the_later_rounds_too(world: World, plan_id: int) -> None:
    group = group_of(world, quarter=1)
    report(world, group, Claim.COMPLETE, no_evidence_reason="ต้นฉบับอยู่ที่อำเภอ")
    approve(world, group)
    for kind in ("six_months", "twelve_months"):
        assert [line for _, line, *_ in lines(world, kind=kind)] == [Line.CONFIRM, Line.CONFIRM]


def test_a_quarterly_round_is_answered_by_the_approval_alone(world: World) -> None:
    world.adopted_plan(follow_up="quarterly")

    def settle(now: datetime) -> int:
        with world.write():
            return following.settle(following.answered_by_tasks(now), now=now, by=SYSTEM)

    assert [line for _, line, *_ in lines(world, kind="quarterly")] == [Line.AWAIT_APPROVAL] * 2
    assert settle(LATER) == 0
    tell(world, 1)
    assert [line for _, line, *_ in lines(world, kind="quarterly")] == [Line.SETTLED] * 2
    assert settle(LATER) == 1
    assert settle(LATER) == 0
    with world.read():
        db.session.rollback()
        states = db.session.scalars(select(FollowUp.state)).all()
        assert (states.count(FollowUpState.ANSWERED), states.count(FollowUpState.WAITING)) == (1, 19)
        assert not any(db.session.scalars(select(FollowUp.prompts)))


def test_looking_for_what_is_answered_changes_nothing(world: World, plan_id: int) -> None:
    with world.read():
        db.session.rollback()
        assert following.answered_by_tasks(NOW) == []
        assert not db.session.dirty
