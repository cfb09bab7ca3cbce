"""An ITA result looked at: computed beside printed, renumbered items, the three written forms, what answers it."""

from __future__ import annotations

import pytest

from tracker.rules.appraisal import Answering, Line, answering, appraise, counterpart
from tracker.rules.scoring import Scores

PUBLIC = Scores(
    total=92.56,
    level="A",
    indicators={
        1: 97.06,
        2: 94.13,
        3: 96.85,
        4: 93.56,
        5: 95.91,
        6: 92.63,
        7: 90.76,
        8: 90.91,
        9: 82.42,
        10: 100,
    },
)


def test_total_level_and_instruments_are_computed_beside_the_printed_ones() -> None:
    found = appraise(PUBLIC, 2565)
    assert (found.total.printed, found.total.computed) == (92.56, 92.56)
    assert found.levels == ("A", "A")
    assert [line.computed for line in found.instruments] == [95.5, 91.43, 91.21]
    assert not found.contradictions
    assert not found.misprinted


def test_both_schemes_give_their_level_and_a_wrong_one_is_named() -> None:
    indicators = {**dict.fromkeys(range(1, 9), 100.0), 6: 99.6, 9: 80.0, 10: 100.0}
    found = appraise(Scores(95.96, "ผ่านดีเยี่ยม", indicators=indicators), 2568)
    assert found.levels == ("ผ่านดีเยี่ยม", "ผ่านดี")
    assert found.misprinted
    assert appraise(Scores(95.96, "AA", indicators=indicators), 2565).levels == ("AA", "AA")


def test_contradictions_of_questions_and_total_are_named() -> None:
    asked = {"i1": 98.57, "i2": 98.57, "i3": 100.0}
    found = appraise(Scores(90.0, indicators={**PUBLIC.indicators, 1: 100.0}, questions=asked), 2568)
    first = found.contradictions[0]
    assert (first.of, first.printed, first.computed) == (1, 100.0, 99.05)
    assert found.contradictions[-1].of == "total"
    assert found.indicators[0].score == 100.0
    assert found.indicators[0].computed == 99.05


def test_an_indicator_that_is_not_printed_is_computed_from_its_questions() -> None:
    found = appraise(Scores(questions={"e4": 90.0, "e5": 80.0, "e6": 85.0}), 2568)
    assert found.indicators[6].printed is None
    assert found.indicators[6].score == 85.0
    assert found.total.score is None


def test_a_year_is_compared_with_the_one_before() -> None:
    before = Scores(90.0, indicators={**PUBLIC.indicators, 7: 95.0, 10: 100, 9: 80.0})
    found = appraise(PUBLIC, 2565, before)
    assert found.total.change == 2.56
    assert [(line.code, line.change) for line in found.moved] == [("7", -4.24), ("9", 2.42)]
    assert found.indicators[9].change == 0
    assert appraise(PUBLIC, 2565).indicators[0].change is None


def test_items_keep_their_score_under_a_new_number_and_questions_only_in_the_same_form() -> None:
    assert counterpart("o10", 2568, 2567) == "o13"  # E-Service
    assert counterpart("i1", 2568, 2567) == "i1"
    assert counterpart("i1", 2567, 2566) is None
    assert counterpart("o1", 2568, 2567) is None  # another title
    found = appraise(Scores(questions={"o10": 100.0}), 2568, Scores(questions={"o10": 0.0, "o13": 50.0}))
    assert [line.change for line in found.questions if line.code == "o10"] == [50.0]


def test_the_three_written_forms_part_the_same_questions() -> None:
    asked = {"i1": 96.0, "i2": 88.0, "i3": 84.99, "o13": 50.0}
    found = appraise(Scores(indicators={1: 89.66, 2: 99.0}, questions=asked), 2568)
    keep, mend = found.two_columns[0].parts
    assert [line.code for line in keep] == ["i1", "i2"]
    assert [line.code for line in mend] == ["i3"]
    assert [line.code for line in found.two_columns[1].parts[0]] == ["2"]
    topics = {
        one.number: [[line.code for line in part] for part in one.parts] for one in found.three_headings
    }
    assert topics[1] == [["i3"], ["i2"], ["i1"]]
    assert topics[5] == [["o13"], [], []]
    strong, weak = found.strong_and_weak
    assert ([line.code for line in strong], [line.code for line in weak]) == (["2"], ["1"])
    assert not appraise(PUBLIC, 2565).three_headings


def test_where_nothing_is_weak_the_lowest_indicator_is_looked_at() -> None:
    found = appraise(Scores(indicators={1: 99.0, 2: 95.0}), 2568)
    assert [line.code for line in found.weak] == ["2"]


ITEMS = [
    Answering(1, "ก", ("คู่มือ",), frozenset({("question", "o13")}), None, None),
    Answering(2, "ข", ("ทะเบียน",), frozenset({("indicator", "4")}), None, None),
    Answering(3, "ค", ("จัดซื้อ",), frozenset(), 5, None),
    Answering(4, "ง", ("ประกาศ",), frozenset(), None, 9),
]


@pytest.mark.parametrize(
    ("weak", "ids"),
    [
        (Line("o13", "", 0, topic=5, indicator=9), [1]),
        (Line("o12", "", 0, topic=5, indicator=9), [3, 4]),
        (Line("i11", "", 0, indicator=4), [2]),
        (Line("4", "", 0), [2]),
        (Line("9", "", 0), [4]),
        (Line("e1", "", 0, topic=2, indicator=6), []),
    ],
)
def test_a_weak_score_leads_to_the_measures_that_answer_it(weak: Line, ids: list[int]) -> None:
    assert [one.item_id for one in answering(weak, ITEMS)] == ids
