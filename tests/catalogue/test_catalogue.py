"""The catalogue agrees with itself and with what is known of each year."""

from __future__ import annotations

from collections import Counter

import pytest

from tracker.catalogue import assessment, demands, grading, items, topics


@pytest.mark.parametrize(("year", "count"), [(2565, 43), (2566, 43), (2567, 35), (2568, 28), (2569, 26)])
def test_each_year_has_its_number_of_items(year: int, count: int) -> None:
    assert [item.code for item in items.items(year)] == [f"o{n}" for n in range(1, count + 1)]


def test_a_code_means_another_item_in_another_year() -> None:
    assert items.ITEMS[2565, "o13"].title != items.ITEMS[2567, "o13"].title
    assert items.ITEMS[2567, "o13"].title == "E-Service"


@pytest.mark.parametrize("year", sorted(demands.DEMANDS))
def test_demanded_documents_are_items_of_that_year(year: int) -> None:
    demand = demands.DEMANDS[year]
    known = {item.code for item in items.items(year)}
    assert {demand.measures_item, demand.report_item} <= known
    assert "คุณธรรมและความโปร่งใส" in items.ITEMS[year, demand.report_item].title


def test_sub_indicators_of_2565_have_the_sizes_proven_by_real_results() -> None:
    sizes = {sub: len(codes) for sub, codes in items.sub_indicators(2565).items()}
    assert sizes == {"9.1": 9, "9.2": 8, "9.3": 7, "9.4": 4, "9.5": 5, "10.1": 8, "10.2": 2}


def test_every_question_of_2567_belongs_to_exactly_one_topic() -> None:
    codes = Counter(code for topic in topics.TOPICS for code in topics.questions_of(topic.number, 2567))
    expected = {*assessment.survey_questions(2567), *(item.code for item in items.items(2567))}
    assert set(codes) == expected
    assert set(codes.values()) == {1}


def test_every_item_of_2568_belongs_to_exactly_one_topic() -> None:
    found = [
        code for topic in topics.TOPICS for code in topics.questions_of(topic.number, 2568) if code[0] == "o"
    ]
    assert sorted(found) == sorted(item.code for item in items.items(2568))


def test_a_question_code_needs_its_year() -> None:
    assert assessment.survey_questions(2565)["i6"] == 1
    assert assessment.survey_questions(2567)["i6"] == 2
    assert topics.topic_of("o25", 2567) == 2
    assert topics.topic_of("o25", 2565) is None


@pytest.mark.parametrize("year", assessment.YEARS)
def test_weights_add_up_and_every_indicator_has_an_instrument(year: int) -> None:
    assert sum(assessment.weights(year).values()) == 100
    numbers = [n for group in assessment.instrument_indicators(year).values() for n in group]
    assert sorted(numbers) == list(range(1, 11))


@pytest.mark.parametrize("year", assessment.YEARS)
def test_levels_fall_from_best_to_zero(year: int) -> None:
    totals = [level.least_total for level in grading.levels(year)]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == 0
