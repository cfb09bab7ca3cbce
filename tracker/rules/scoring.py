"""The arithmetic of an ITA result: means, total and level, and what contradicts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from tracker.catalogue import assessment, grading, items

TOLERANCE = 0.02


@dataclass(frozen=True)
class Scores:
    """The scores of one assessment as printed: each 0 to 100, instruments by code, indicators by number."""

    total: float | None = None
    level: str | None = None
    instruments: Mapping[str, float] = field(default_factory=dict)
    indicators: Mapping[int, float] = field(default_factory=dict)
    questions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Contradiction:
    """A printed score that its parts do not give: `of` is "total", an instrument code or an indicator number."""

    of: str | int
    printed: float
    computed: float


def rounded(value: float) -> float:
    """To two decimals, halves up, as results are printed."""
    return float(Decimal(repr(round(value, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def mean(values: Iterable[float]) -> float:
    """The plain mean; ValueError for none."""
    listed = list(values)
    if not listed:
        raise ValueError("no scores")
    return sum(listed) / len(listed)


def instrument_means(indicators: Mapping[int, float], year: int) -> dict[str, float]:
    """Unrounded mean of each instrument whose indicators all have a score."""
    return {
        code: mean(indicators[number] for number in numbers)
        for code, numbers in assessment.instrument_indicators(year).items()
        if all(number in indicators for number in numbers)
    }


def total(instruments: Mapping[str, float], year: int) -> float | None:
    """Weighted sum of the instrument scores, to two decimals; None unless every instrument has one."""
    weights = assessment.weights(year)
    if any(code not in instruments for code in weights):
        return None
    return rounded(sum(weight * instruments[code] for code, weight in weights.items()) / 100)


def open_data_indicator(item_scores: Mapping[str, float], year: int, indicator: int) -> float | None:
    """Indicator 9 or 10: the mean of its sub-indicators' means, not of all items; None while an item is missing."""
    groups = [codes for sub, codes in items.sub_indicators(year).items() if sub.startswith(f"{indicator}.")]
    if not groups or any(code not in item_scores for codes in groups for code in codes):
        return None
    return mean(mean(item_scores[code] for code in codes) for codes in groups)


def level(total_score: float, instruments: Mapping[str, float], year: int) -> str | None:
    """The level that a total earns; None where the scheme asks for instruments that are not known."""
    lowest = min(instruments.values()) if len(instruments) == len(assessment.INSTRUMENTS) else None
    for step in grading.levels(year):
        if total_score < step.least_total:
            continue
        if step.least_instrument is None:
            return step.name
        if lowest is None:
            return None
        if rounded(lowest) >= step.least_instrument:
            return step.name
    return None


def contradictions(scores: Scores, year: int) -> list[Contradiction]:
    """Where the printed scores of `year` do not follow from their parts."""
    found = [
        Contradiction(number, scores.indicators[number], rounded(computed))
        for number, computed in indicator_means(scores.questions, year).items()
        if number in scores.indicators and abs(scores.indicators[number] - computed) > TOLERANCE
    ]
    computed_instruments = instrument_means(scores.indicators, year)
    found += [
        Contradiction(code, scores.instruments[code], rounded(computed))
        for code, computed in computed_instruments.items()
        if code in scores.instruments and abs(scores.instruments[code] - computed) > TOLERANCE
    ]
    computed_total = total({**scores.instruments, **computed_instruments}, year)
    if (
        scores.total is not None
        and computed_total is not None
        and abs(scores.total - computed_total) > TOLERANCE
    ):
        found.append(Contradiction("total", scores.total, computed_total))
    return found


def indicator_means(asked: Mapping[str, float], year: int) -> dict[int, float]:
    """Unrounded means of the indicators whose questions all have a score.

    Of items whose list is not known they are told only when all are equal.
    """
    computed: dict[int, float] = {}
    questions = assessment.survey_questions(year)
    for number in sorted(set(questions.values())):
        codes = [code for code, of in questions.items() if of == number]
        if all(code in asked for code in codes):
            computed[number] = mean(asked[code] for code in codes)
    item_scores = {code: score for code, score in asked.items() if code.startswith("o")}
    for number in (9, 10):
        if not item_scores:
            continue
        exact = open_data_indicator(item_scores, year, number)
        if exact is not None:
            computed[number] = exact
        elif len(set(item_scores.values())) == 1 and len(item_scores) > 9:
            computed[number] = next(iter(item_scores.values()))
    return computed
