"""The arithmetic of real results, published and printed in real plans."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.catalogue import assessment, items
from tracker.rules import scoring
from tracker.rules.scoring import Scores

RESULTS = {
    "2565 first": (2565, [97.06, 94.13, 96.85, 93.56, 95.91, 92.63, 90.76, 90.91, 82.42, 100.0]),
    "2565 second": (2565, [100.0, 97.19, 99.80, 98.79, 99.80, 99.04, 97.72, 98.49, 84.56, 81.25]),
    "2568": (2568, [100.0, 100.0, 100.0, 100.0, 100.0, 99.60, 100.0, 100.0, 80.0, 100.0]),
}


def by_number(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values, 1))


@pytest.mark.parametrize(
    ("result", "means", "total", "level"),
    [
        ("2565 first", {"IIT": 95.50, "EIT": 91.43, "OIT": 91.21}, 92.56, "A"),
        ("2565 second", {"IIT": 99.12, "EIT": 98.42, "OIT": 82.91}, 92.42, "A"),
        ("2568", {"IIT": 100.0, "EIT": 99.87, "OIT": 90.0}, 95.96, "ผ่านดี"),
    ],
)
def test_real_results_add_up(result: str, means: dict[str, float], total: float, level: str) -> None:
    year, values = RESULTS[result]
    instruments = scoring.instrument_means(by_number(values), year)
    assert {code: scoring.rounded(score) for code, score in instruments.items()} == means
    assert scoring.total(instruments, year) == total
    assert scoring.level(total, instruments, year) == level
    assert scoring.contradictions(Scores(total=total, indicators=by_number(values)), year) == []


def item_scores(year: int, missing: set[str]) -> dict[str, float]:
    return {item.code: 0.0 if item.code in missing else 100.0 for item in items.items(year)}


def test_indicator_nine_is_the_mean_of_its_parts_not_of_its_items() -> None:
    scores = item_scores(2565, {"o3", "o11", "o12", "o17", "o20", "o28"})
    computed = scoring.open_data_indicator(scores, 2565, 9)
    assert computed is not None
    assert scoring.rounded(computed) == 82.42


def test_indicator_ten_with_three_items_missing_of_its_first_part() -> None:
    scores = item_scores(2565, {"o35", "o37", "o40"})
    assert scoring.open_data_indicator(scores, 2565, 10) == 81.25


def test_an_item_without_a_score_leaves_its_indicator_open() -> None:
    scores = item_scores(2565, set())
    del scores["o3"]
    assert scoring.open_data_indicator(scores, 2565, 9) is None
    assert scoring.open_data_indicator(scores, 2565, 10) == 100


@pytest.mark.parametrize(
    ("total", "lowest", "year", "level"),
    [
        (95.0, 95.0, 2568, "ผ่านดีเยี่ยม"),
        (95.96, 94.99, 2568, "ผ่านดี"),
        (94.64, 84.99, 2568, "ผ่าน"),
        (85.0, 85.0, 2567, "ผ่านดี"),
        (84.99, 84.0, 2567, "ต้องปรับปรุง"),
        (69.99, 60.0, 2567, "ต้องปรับปรุงโดยด่วน"),
        (95.0, 80.0, 2565, "AA"),
        (88.37, 80.0, 2564, "A"),
        (49.99, 40.0, 2565, "F"),
    ],
)
def test_levels_ask_total_and_instruments(total: float, lowest: float, year: int, level: str) -> None:
    assert scoring.level(total, {"IIT": lowest, "EIT": 100.0, "OIT": 100.0}, year) == level


def test_a_level_that_needs_unknown_instruments_is_not_guessed() -> None:
    assert scoring.level(96.0, {}, 2568) is None
    assert scoring.level(80.0, {}, 2568) == "ต้องปรับปรุง"


def test_printed_scores_that_their_parts_do_not_give_are_found() -> None:
    questions = {"i1": 98.57, "i2": 98.57, "i3": 100.0, "e4": 100.0, "e5": 100.0, "e6": 100.0}
    questions |= {f"o{n}": 100.0 for n in range(1, 32)}
    indicators = by_number(RESULTS["2568"][1])
    found = scoring.contradictions(Scores(total=95.96, indicators=indicators, questions=questions), 2568)
    assert [(one.of, one.computed) for one in found] == [(1, 99.05), (9, 100.0)]
    wrong_total = scoring.contradictions(Scores(total=97.0, indicators=indicators), 2568)
    assert [(one.of, one.computed) for one in wrong_total] == [("total", 95.96)]
    wrong_mean = scoring.contradictions(Scores(instruments={"OIT": 95.0}, indicators=indicators), 2568)
    assert [(one.of, one.computed) for one in wrong_mean] == [("OIT", 90.0)]


@given(st.lists(st.floats(0, 100), min_size=10, max_size=10), st.sampled_from(assessment.YEARS))
@settings(max_examples=100)
def test_a_total_lies_between_its_lowest_and_highest_indicator(values: list[float], year: int) -> None:
    total = scoring.total(scoring.instrument_means(by_number(values), year), year)
    assert total is not None
    assert min(values) - 0.01 <= total <= max(values) + 0.01
