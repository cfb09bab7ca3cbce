"""A draft plan written by hand: carried over, changed, undone, thrown away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.deeds import approve, report
from tests.world import World, at
from tracker.actions import drafting, planning
from tracker.actions.drafting import ItemText, lastyear
from tracker.actions.drafting.content import contents_of
from tracker.database import db
from tracker.errors import FieldsRefused, Refused
from tracker.groups import Group
from tracker.models import (
    Division,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    PlanSnapshot,
    Round,
    ScoreReference,
    Step,
    Task,
)

NOW = at("2026-09-01")
YEAR = (date(2026, 10, 1), date(2027, 9, 30))
TEXT = ItemText(
    heading="การใช้งบประมาณ",
    indicator=2,
    measures=("เปิดเผยแผนการใช้จ่าย", "รายงานการใช้จ่าย"),
    steps=("รวบรวมข้อมูล",),
    targets=("ร้อยละ 100",),
    start=YEAR[0],
    end=date(2027, 3, 31),
)


def seen(world: World, plan_id: int) -> list[dict[str, Any]]:
    """What the draft holds, item by item in order."""
    with world.read():
        items = db.session.scalars(
            select(PlanItem).where(PlanItem.plan_id == plan_id).order_by(PlanItem.number)
        ).all()
        assert [item.number for item in items] == list(range(1, len(items) + 1))
        found = list(contents_of(items).values())
        db.session.rollback()
    return found


class Draft:
    """The draft of FY2570, changed by the coordinator; a deed is a transaction of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.text = replace(TEXT, division_ids=frozenset(world.division_ids[:2]))
        with world.write():
            self.plan_id = drafting.start_empty(2570, now=NOW, by=world.actor("coordinator")).id

    def _items(self) -> list[PlanItem]:
        return list(
            db.session.scalars(
                select(PlanItem).where(PlanItem.plan_id == self.plan_id).order_by(PlanItem.number)
            )
        )

    def _do(self, deed: Any, *given: Any) -> Any:
        plan = db.session.get(Plan, self.plan_id)
        return deed(plan, *given, now=NOW, by=self.world.actor("coordinator"))

    def save(self, text: ItemText | None = None, place: int | None = None) -> int:
        with self.world.write():
            item = self._items()[place] if place is not None else None
            saved: PlanItem = self._do(drafting.save_item, text or self.text, item)
            return saved.id

    def move(self, place: int, direction: str) -> None:
        with self.world.write():
            self._do(drafting.move_item, self._items()[place], direction)

    def remove(self, place: int) -> None:
        with self.world.write():
            self._do(drafting.remove_item, self._items()[place])

    def undo(self) -> None:
        with self.world.write():
            self._do(drafting.undo)

    def seen(self) -> list[dict[str, Any]]:
        return seen(self.world, self.plan_id)

    def headings(self) -> list[str]:
        return [content["heading"] for content in self.seen()]


@pytest.fixture
def draft(world: World) -> Draft:
    return Draft(world)


def test_an_item_is_stored_as_it_was_written(draft: Draft) -> None:
    draft.save()
    [content] = draft.seen()
    assert content["measures"] == [
        {"number": 1, "title": "เปิดเผยแผนการใช้จ่าย"},
        {"number": 2, "title": "รายงานการใช้จ่าย"},
    ]
    assert content["steps"] == [{"number": 1, "text": "รวบรวมข้อมูล"}]
    assert content["window_text"] == "ต.ค. 2569 - มี.ค. 2570"
    assert content["responsible_text"] == "สำนักปลัด / กองคลัง"
    assert content["scores"] == [{"kind": "indicator", "code": "2"}]
    assert content["targets"] == ["ร้อยละ 100"]


def test_everyone_is_every_active_division(draft: Draft) -> None:
    draft.save(replace(draft.text, everyone=True, division_ids=frozenset()))
    [content] = draft.seen()
    assert [part["division_id"] for part in content["divisions"]] == sorted(draft.world.division_ids)
    assert content["responsible_text"] == ""


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"measures": ()}, "measures"),
        ({"start": None}, "window"),
        ({"end": date(2026, 9, 30)}, "window"),
        ({"end": date(2027, 10, 1)}, "window"),
        ({"division_ids": frozenset()}, "divisions"),
        ({"division_ids": frozenset({0})}, "divisions"),
        ({"follow_up": "months"}, "follow_up"),
        ({"follow_up": "months", "months": ("2026-09",)}, "follow_up"),
        ({"follow_up": "once", "months": ("2027-01", "2027-02")}, "follow_up"),
        ({"follow_up": "at_least_per_year"}, "follow_up"),
        ({"follow_up": "on_completion", "n": 0}, "follow_up"),
    ],
)
def test_what_is_missing_is_told_beside_its_field_and_nothing_changes(
    draft: Draft, wrong: dict[str, Any], field: str
) -> None:
    draft.save()
    before = draft.seen()
    with pytest.raises(FieldsRefused) as refused:
        draft.save(replace(draft.text, **wrong), place=0)
    assert set(refused.value.fields) == {field}
    assert draft.seen() == before


def test_words_of_a_document_stay_while_their_meaning_does(draft: Draft) -> None:
    draft.save()
    with draft.world.write():
        item = db.session.scalars(select(PlanItem)).one()
        item.window_text, item.follow_up_text = "ต.ค.๖๙-มี.ค.๗๐", "ตามปฏิทิน"
    draft.save(replace(draft.text, analysis="ควรเร่ง"), place=0)
    [content] = draft.seen()
    assert (content["window_text"], content["follow_up_text"]) == ("ต.ค.๖๙-มี.ค.๗๐", "ตามปฏิทิน")
    draft.save(replace(draft.text, end=date(2026, 12, 31), follow_up="quarterly"), place=0)
    [content] = draft.seen()
    assert (content["window_text"], content["follow_up_text"]) == ("ต.ค. 2569 - ธ.ค. 2569", "ทุกไตรมาส")


def test_items_change_places_and_stay_at_the_edges(draft: Draft) -> None:
    for heading in ("ก", "ข", "ค"):
        draft.save(replace(draft.text, heading=heading))
    draft.move(2, "up")
    assert draft.headings() == ["ก", "ค", "ข"]
    draft.move(0, "down")
    assert draft.headings() == ["ค", "ก", "ข"]
    draft.move(0, "up")
    draft.move(2, "down")
    assert draft.headings() == ["ค", "ก", "ข"]
    draft.remove(0)
    assert draft.headings() == ["ก", "ข"]


def test_saving_the_same_again_is_no_change(draft: Draft) -> None:
    draft.save()
    draft.save(place=0)
    draft.undo()
    assert draft.seen() == []
    with pytest.raises(Refused):
        draft.undo()


def test_an_item_that_is_still_there_keeps_its_row_through_undo(draft: Draft) -> None:
    first = draft.save()
    draft.save(replace(draft.text, heading="อื่น"), place=0)
    draft.undo()
    with draft.world.read():
        assert db.session.scalars(select(PlanItem.id)).all() == [first]


DEEDS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "up", "down", "remove"]), st.integers(0, 5)),
    min_size=1,
    max_size=8,
)


@given(DEEDS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_leads_back_through_every_state(draft: Draft, deeds: list[tuple[str, int]]) -> None:
    while drafts_left(draft):
        draft.undo()
    states = [draft.seen()]
    for number, (deed, place) in enumerate(deeds):
        here = place % max(1, len(states[-1]))
        text = replace(draft.text, heading=f"เรื่องที่ {number}", measures=(f"มาตรการ {number}",), end=YEAR[1])
        if deed == "add" or not states[-1]:
            draft.save(text)
        elif deed == "change":
            draft.save(text, here)
        elif deed == "remove":
            draft.remove(here)
        else:
            draft.move(here, deed)
        if draft.seen() != states[-1]:
            states.append(draft.seen())
    while len(states) > 1:
        assert draft.seen() == states.pop()
        draft.undo()
    assert draft.seen() == states[0] == []


def drafts_left(draft: Draft) -> bool:
    with draft.world.read():
        left = db.session.scalar(select(PlanSnapshot.id).limit(1)) is not None
        db.session.rollback()
    return left


def test_a_draft_thrown_away_leaves_nothing_and_the_year_is_free_again(draft: Draft) -> None:
    draft.save()
    draft.save()
    with draft.world.write():
        draft._do(drafting.discard)
    with draft.world.read():
        for model in (Plan, PlanItem, Measure, Step, PlanItemDivision, ScoreReference, PlanSnapshot):
            assert db.session.scalars(select(model)).all() == []
        db.session.rollback()
    Draft(draft.world)


def test_a_year_has_one_plan(draft: Draft) -> None:
    with pytest.raises(Refused):
        Draft(draft.world)


def test_an_adopted_plan_is_no_draft_any_more(draft: Draft) -> None:
    draft.save()
    with draft.world.write():
        draft._do(planning.adopt)
    before = draft.seen()
    for deed in (
        draft.undo,
        lambda: draft.save(place=0),
        lambda: draft.move(0, "up"),
        lambda: draft.remove(0),
    ):
        with pytest.raises(Refused):
            deed()
    with pytest.raises(Refused), draft.world.write():
        draft._do(drafting.discard)
    assert draft.seen() == before


def test_a_draft_by_hand_is_adopted_like_any_other(draft: Draft) -> None:
    draft.save()
    with draft.world.write():
        draft._do(planning.adopt)
    with draft.world.read():
        assert len(db.session.scalars(select(Task)).all()) == 2 * 2 * 2


def carried(world: World, now: str = "2026-09-01") -> drafting.Carried:
    """The draft of FY2570 made of the latest plan, inside `write`."""
    old = drafting.previous_plan(2570)
    assert old is not None
    return drafting.carry_over(old, 2570, now=at(now), by=world.actor("coordinator"))


def test_last_years_plan_is_carried_over_a_year_later(world: World) -> None:
    window = (date(2025, 10, 1), date(2026, 2, 28))
    with world.write():
        plan = world.add_plan([(2, [1, 2], *window), (1, range(5), date(2025, 11, 5), date(2026, 9, 30))])
        first = db.session.scalars(select(PlanItem).where(PlanItem.number == 1)).one()
        first.window_text, first.analysis, first.targets = "ต.ค. ๖๘ - ก.พ. ๖๙", "ผลปี ๒๕๖๘", ["ร้อยละ 80"]
        first.follow_up_kind, first.follow_up_months = "months", ["2026-04", "2026-10"]
        first.follow_up_text = "เม.ย. และ ต.ค. ๖๙"
        planning.adopt(plan, now=at("2025-10-03"), by=world.actor("coordinator"))
        old_id = plan.id
    with world.write():
        new = carried(world)
        new_id = new.plan.id
        assert (new.plan.fiscal_year, new.plan.assessment_year, new.lost_divisions) == (2570, 2569, ())
    before, after = seen(world, old_id), seen(world, new_id)
    moved = {
        "analysis": "",
        "starts_on": date(2026, 10, 1),
        "ends_on": date(2027, 2, 28),
        "window_text": "ต.ค. 2569 - ก.พ. 2570",
        "follow_up_months": ["2027-04", "2027-10"],
        "follow_up_text": "เม.ย. 2570, ต.ค. 2570",
    }
    assert after[0] == before[0] | moved
    assert after[1]["window_text"] == "5 พ.ย. 2569 - 30 ก.ย. 2570"
    assert after[1] == before[1] | {
        key: after[1][key] for key in ("starts_on", "ends_on", "window_text", "analysis")
    }


def test_a_draft_is_not_carried_over_and_years_between_are_skipped(world: World) -> None:
    with world.read():
        assert drafting.previous_plan(2570) is None
        db.session.rollback()
    world.adopted_plan()
    with world.write():
        drafting.start_empty(2570, now=NOW, by=world.actor("coordinator"))
        old = drafting.previous_plan(2571)
        assert old is not None
        new = drafting.carry_over(old, 2571, now=NOW, by=world.actor("coordinator"))
        [item] = planning.items_of(new.plan)
        assert (item.starts_on, item.ends_on) == (date(2027, 10, 1), date(2028, 9, 30))


def test_a_merged_division_is_followed_and_a_lost_one_is_named(world: World) -> None:
    world.adopted_plan(
        [(1, [1, 2], date(2025, 10, 1), date(2026, 9, 30)), (1, [2], date(2025, 10, 1), date(2026, 9, 30))]
    )
    with world.write():
        merged = db.session.get(Division, world.division_ids[1])
        lost = db.session.get(Division, world.division_ids[2])
        assert merged is not None
        assert lost is not None
        merged.ended_on, merged.successor_id = date(2026, 8, 1), world.division_ids[0]
        lost.ended_on = date(2026, 8, 1)
        new = carried(world)
        first, second = planning.items_of(new.plan)
        assert [division.id for division in first.divisions] == [world.division_ids[0]]
        assert list(second.divisions) == []
        assert new.lost_divisions == ("กองช่าง",)
        assert len(drafting.unready(new.plan, second)) == 1
        assert drafting.unready(new.plan, first) == []


def results(world: World) -> dict[str, list[tuple[str, str, int | None]]]:
    """What stands beside the measures of the carried draft, by their titles."""
    with world.write():
        new = carried(world)
        old = drafting.previous_plan(2570)
        assert old is not None
        items = planning.items_of(new.plan)
        beside = lastyear.results_beside(items, old)
        return {
            f"{item.number}.{measure.number}": [
                (told.division, told.text, told.quarter) for told in beside[measure.id]
            ]
            for item in items
            for measure in item.measures
        }


def test_last_years_latest_approved_result_stands_beside_each_measure(world: World) -> None:
    world.adopted_plan(
        [(2, [0, 1], date(2025, 10, 1), date(2026, 9, 30)), (1, [2], date(2025, 10, 1), date(2026, 9, 30))]
    )
    with world.write():
        first, second = db.session.scalars(select(PlanItem).order_by(PlanItem.number)).all()
        second.heading, second.indicator = "การใช้งบประมาณ", 2
        item_id = first.id
    own = world.division_ids
    for quarter, day, text in (
        (1, "2025-12-20", "ร่างแล้ว"),
        (2, "2026-03-20", "พิมพ์แล้ว"),
        (3, "2026-06-20", "รอตรวจ"),
    ):
        report(world, Group(item_id, own[0], quarter), now=at(day), result=text)
        if quarter < 3:
            approve(world, Group(item_id, own[0], quarter), now=at(day))
    found = results(world)
    assert found == {"1.1": [("สำนักปลัด", "พิมพ์แล้ว", 2)], "1.2": [("สำนักปลัด", "พิมพ์แล้ว", 2)], "2.1": []}


def test_the_answer_of_the_twelve_months_goes_before_the_quarters(world: World) -> None:
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])
    with world.read():
        item_id = db.session.scalars(select(PlanItem.id)).one()
        db.session.rollback()
    group = Group(item_id, world.division_ids[0], 1)
    report(world, group, result="ร่างแล้ว")
    approve(world, group)
    with world.write():
        answer = db.session.scalars(
            select(FollowUpAnswer)
            .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
            .join(Round, Round.id == FollowUp.round_id)
            .where(Round.kind == "twelve_months")
        ).one()
        follow_up = db.session.scalars(select(FollowUp).where(FollowUp.id == answer.follow_up_id)).one()
        answer.result, follow_up.state = "ใช้คู่มือทั้งปี", FollowUpState.ANSWERED
    assert results(world) == {"1.1": [("สำนักปลัด", "ใช้คู่มือทั้งปี", None)]}
