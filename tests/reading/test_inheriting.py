"""Decisions about an earlier document, for one that corrects it."""

from __future__ import annotations

from dataclasses import replace

from tests.actions.test_import_decisions import GOOD, NAMES, read, row_with
from tracker.reading.decisions import KEPT, Decisions, Naming, RowEdit, doubts, key_of
from tracker.reading.inheriting import inherited
from tracker.reading.values import ReadPlan

EDIT = RowEdit(start="2026-01-01", end="2026-03-31", divisions=("กองช่าง",), everyone=False, topic=3)
OTHER = row_with(heading="การใช้อำนาจ", measure="ซักซ้อมแนวทางมอบหมายงาน")


def later(decisions: Decisions, before: ReadPlan, after: ReadPlan) -> Decisions:
    return inherited(decisions, before, after, NAMES)


def test_an_edit_follows_its_row_to_another_place() -> None:
    made = later(Decisions(edits={1: EDIT}), read(GOOD), read(OTHER, GOOD))

    assert made.edits == {2: EDIT}


def test_of_an_edited_row_that_was_corrected_the_untouched_fields_stay() -> None:
    longer = row_with(window="ต.ค. ๖๘ - มิ.ย. ๖๙")
    made = later(Decisions(edits={1: EDIT}), read(GOOD), read(longer))

    assert made.edits == {1: replace(EDIT, start=None, end=None)}


def test_a_row_left_out_returns_when_its_text_was_corrected() -> None:
    left_out = Decisions(edits={1: RowEdit(left_out=True)})

    assert later(left_out, read(GOOD, OTHER), read(GOOD, OTHER)).edits == left_out.edits
    assert later(left_out, read(GOOD, OTHER), read(row_with(responsible="กองช่าง"), OTHER)).edits == {}


def test_a_row_that_is_gone_takes_its_edit_with_it() -> None:
    assert later(Decisions(edits={1: EDIT}), read(GOOD, OTHER), read(OTHER)).edits == {}


def test_an_answer_stays_where_the_doubt_has_the_same_words() -> None:
    doubtful = row_with(steps="๑. ร่าง ๓. แจก")
    before, after = read(doubtful), read(OTHER, doubtful)
    [problem] = [one for one in doubts(1, before.rows[0], 2569) if one.code == "numbering_gap"]

    made = later(Decisions(answers={key_of(1, problem): KEPT}), before, after)

    assert made.answers == {key_of(2, problem): KEPT}


def test_names_stay_and_who_was_to_be_added_has_been() -> None:
    decisions = (
        Decisions(as_plan=True, follow_ups="monthly", dropped=(1,), dropped_reason="ปิดแล้ว")
        .naming(Naming("งานพัสดุฯ", "กองคลัง", remember=True))
        .naming(Naming("กองช่างโยธา", "กองช่าง", new=True))
        .naming(Naming("กองช่าง", "กองช่าง", new=True))
    )

    made = later(decisions, read(GOOD), read(GOOD))

    assert made == Decisions(as_plan=True, follow_ups="monthly").naming(
        Naming("งานพัสดุฯ", "กองคลัง", remember=True)
    ).naming(Naming("กองช่างโยธา", "กองช่าง"))
