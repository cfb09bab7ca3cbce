"""What a corrected plan changes: items and measures are found again by their titles, whatever their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.differences import Differences, Entry, Field, Title, compare, pair_texts, similarity
from tracker.rules.rounds import FollowUpRule

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
HALF = (date(2025, 10, 1), date(2026, 3, 31))
MANUAL = "จัดทำคู่มือการให้บริการประชาชน"
COMPLAINTS = "เปิดช่องทางร้องเรียนออนไลน์"
QUEUE = "ปรับปรุงระบบคิว ณ จุดบริการ"
REGISTER = "ทบทวนทะเบียนพัสดุครุภัณฑ์"
TITLES = (
    MANUAL,
    COMPLAINTS,
    QUEUE,
    REGISTER,
    "ประกาศเจตนารมณ์ไม่รับของขวัญ",
    "อบรมมาตรฐานจริยธรรม",
    "สำรวจความพึงพอใจ",
)


def entry(
    key: int, *titles: str, window: tuple[date, date] = YEAR, divisions: Sequence[str] = ("กองคลัง",)
) -> Entry:
    """An item with these measures, whose keys are 10 × `key` and up."""
    measures = tuple(Title(key * 10 + place, title) for place, title in enumerate(titles))
    return Entry(key, measures, tuple(divisions), *window)


def kinds(found: Differences) -> list[str]:
    return [item.kind for item in found.items]


def test_equal_plans_differ_in_nothing() -> None:
    plan = [entry(1, MANUAL, COMPLAINTS), entry(2, QUEUE)]
    assert compare(plan, plan).empty


def test_an_inserted_row_is_added_and_those_after_it_are_unchanged() -> None:
    current = [entry(1, MANUAL), entry(2, COMPLAINTS)]
    corrected = [entry(1, REGISTER), entry(2, MANUAL), entry(3, COMPLAINTS)]
    found = compare(current, corrected)
    assert kinds(found) == ["added", "unchanged", "unchanged"]
    assert [item.before.key for item in found.items if item.before] == [1, 2]


def test_a_row_that_is_gone_is_removed_and_comes_last() -> None:
    found = compare([entry(1, MANUAL), entry(2, QUEUE)], [entry(1, QUEUE)])
    assert kinds(found) == ["unchanged", "removed"]
    assert [title.text for title in found.items[1].removed] == [MANUAL]


def test_a_title_in_other_words_is_the_same_measure() -> None:
    found = compare([entry(1, MANUAL), entry(2, QUEUE)], [entry(7, MANUAL + " ฉบับปรับปรุง"), entry(8, QUEUE)])
    [pair] = found.items[0].retitled
    assert (pair[0].key, pair[1].key) == (10, 70)
    assert kinds(found) == ["changed", "unchanged"]


def test_a_title_set_apart_by_a_person_is_another_measure() -> None:
    current, corrected = [entry(1, MANUAL, QUEUE)], [entry(1, MANUAL + " ฉบับปรับปรุง", QUEUE)]
    [item] = compare(current, corrected, apart={10}).items
    assert ([title.key for title in item.added], [title.key for title in item.removed]) == ([10], [10])


def test_spaces_digits_and_numbers_before_headings_are_no_difference() -> None:
    current = [replace(entry(1, "จัดทำคู่มือ 3 เล่ม"), heading="การใช้อำนาจ", steps=("ประชุม คณะทำงาน",))]
    corrected = [replace(entry(1, "จัดทำ คู่มือ ๓ เล่ม"), heading="๓. การใช้อำนาจ", steps=("ประชุมคณะทำงาน",))]
    assert compare(current, corrected).empty


def test_every_field_that_changed_is_named() -> None:
    before = replace(
        entry(1, MANUAL), heading="การใช้อำนาจ", topic=1, analysis="ก", steps=("ประชุม",), targets=("1 เล่ม",)
    )
    after = replace(
        before,
        start=HALF[0],
        end=HALF[1],
        divisions=("กองคลัง", "กองช่าง"),
        heading="การใช้งบประมาณ",
        topic=2,
        indicator=3,
        analysis="ข",
        steps=("ประชุม", "รายงาน"),
        targets=("2 เล่ม",),
        follow_up=FollowUpRule("quarterly"),
    )
    [item] = compare([before], [after]).items
    assert set(item.fields) == set(Field)


def test_the_order_of_divisions_is_no_difference() -> None:
    before, after = (entry(1, MANUAL, divisions=names) for names in (("ก", "ข"), ("ข", "ก")))
    assert compare([before], [after]).empty


def test_a_column_that_the_corrected_document_does_not_have_changes_nothing() -> None:
    before = replace(
        entry(1, MANUAL), steps=("ประชุม",), heading="การใช้อำนาจ", follow_up=FollowUpRule("quarterly")
    )
    assert compare([before], [entry(1, MANUAL)]).empty


def test_steps_of_one_row_that_are_gone_while_others_have_theirs_are_a_difference() -> None:
    current = [replace(entry(1, MANUAL), steps=("ประชุม",)), replace(entry(2, QUEUE), steps=("ประชุม",))]
    corrected = [replace(entry(1, MANUAL), steps=("ประชุม",)), entry(2, QUEUE)]
    assert [item.fields for item in compare(current, corrected).items] == [(), (Field.STEPS,)]


def test_rows_with_the_same_titles_are_told_apart_by_what_else_they_say() -> None:
    current = [entry(1, MANUAL, window=YEAR), entry(2, MANUAL, window=HALF)]
    corrected = [entry(1, MANUAL, window=HALF), entry(2, MANUAL, window=YEAR)]
    found = compare(current, corrected)
    assert found.empty
    assert [item.before.key for item in found.items if item.before] == [2, 1]


def test_a_measure_that_went_to_another_row_is_added_there_and_known_as_moved() -> None:
    current = [entry(1, MANUAL, COMPLAINTS, QUEUE)]
    corrected = [entry(1, MANUAL, COMPLAINTS), entry(2, QUEUE)]
    found = compare(current, corrected)
    assert kinds(found) == ["changed", "added"]
    assert found.moved == {20: 12}
    assert [title.key for title in found.items[0].removed] == [12]


def test_unrelated_titles_are_never_paired() -> None:
    assert max(similarity(one, other) for one in TITLES for other in TITLES if one != other) < 0.6
    assert similarity(MANUAL, "จัดทำ คู่มือ การให้บริการ ประชาชน") == 1


def test_texts_are_paired_with_the_old_ones_they_continue() -> None:
    old = ("แต่งตั้งคณะทำงาน", "ประชุมคณะทำงาน", "รายงานผลต่อผู้บริหาร")
    assert pair_texts(old, ("ประชุมคณะทำงาน", "แต่งตั้งคณะทำงานฯ", "เผยแพร่บนเว็บไซต์")) == [1, 0, None]


plans = st.lists(st.lists(st.sampled_from(TITLES), min_size=1, max_size=3), min_size=1, max_size=5).map(
    lambda rows: [entry(place, *titles) for place, titles in enumerate(rows, 1)]
)


@settings(max_examples=60, deadline=None)
@given(plans, plans)
def test_no_measure_is_lost_or_counted_twice(current: list[Entry], corrected: list[Entry]) -> None:
    found = compare(current, corrected)
    before = [one.key for item in found.items for one, _ in item.kept] + [
        title.key for item in found.items for title in item.removed
    ]
    after = [other.key for item in found.items for _, other in item.kept] + [
        title.key for item in found.items for title in item.added
    ]
    assert sorted(before) == sorted(title.key for one in current for title in one.measures)
    assert sorted(after) == sorted(title.key for one in corrected for title in one.measures)


@settings(max_examples=60, deadline=None)
@given(plans, st.randoms())
def test_a_plan_in_another_order_is_the_same_plan(plan: list[Entry], chance: Random) -> None:
    distinct = {tuple(title.text for title in one.measures): one for one in plan}
    rows = [entry(place, *titles) for place, titles in enumerate(distinct, 1)]
    titles = [title.text for one in rows for title in one.measures]
    if len(set(titles)) < len(titles):
        return
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert compare(rows, shuffled).empty
