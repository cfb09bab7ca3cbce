"""The ITA results of the fictional organisation, told from its closed year."""

from __future__ import annotations

from datetime import date

from tracker.catalogue.assessment import INDICATORS, instrument_indicators
from tracker.models import Assessment
from tracker.rules import scoring
from tracker.rules.fiscal import BUDDHIST_OFFSET
from tracker.rules.workdays import Calendar

# From two years before the closed year to the year after it: nine rise, the seventh falls once, the tenth
# reaches full marks and keeps them.
_SCORES: dict[int, tuple[float, float, float, float]] = {
    1: (90.42, 93.18, 95.67, 96.12),
    2: (88.75, 91.30, 94.85, 95.40),
    3: (91.06, 92.44, 95.02, 96.38),
    4: (84.20, 88.91, 92.76, 94.15),
    5: (92.11, 94.03, 96.57, 97.20),
    6: (89.64, 91.85, 93.40, 95.11),
    7: (90.18, 92.27, 90.96, 93.84),
    8: (83.55, 87.62, 91.48, 93.05),
    9: (80.00, 87.50, 95.00, 95.00),
    10: (93.75, 100.00, 100.00, 100.00),
}
FIRST, LAST = -2, 1


def years(closed_year: int) -> range:
    """The assessment years that have a result, oldest first."""
    return range(closed_year + FIRST, closed_year + LAST + 1)


def announced_on(year: int, calendar: Calendar) -> date:
    """The day on which a year's result is made known: the first working day from 15 August on."""
    return calendar.on_or_after(date(year - BUDDHIST_OFFSET, 8, 15))


def indicator_score(indicator: int, year: int, closed_year: int) -> float:
    return _SCORES[indicator][year - closed_year - FIRST]


def assessment(year: int, closed_year: int) -> Assessment:
    """The result of one year as a row; total and level follow from the indicators."""
    indicators = {one.number: indicator_score(one.number, year, closed_year) for one in INDICATORS}
    instruments = scoring.instrument_means(indicators, year)
    total = scoring.total(instruments, year)
    assert total is not None
    return Assessment(
        year=year,
        total=total,
        level=scoring.level(total, instruments, year) or "",
        scores={str(number): score for number, score in indicators.items()}
        | {code: scoring.rounded(instruments[code]) for code in instrument_indicators(year)},
    )


def told(indicator: int, year: int, closed_year: int) -> str:
    """What a plan's analysis says of a score: how it stands to the year before."""
    now = indicator_score(indicator, year, closed_year)
    if year - 1 not in years(closed_year):
        return f"ได้คะแนน {now:.2f} คะแนน"
    before = indicator_score(indicator, year - 1, closed_year)
    if now == before:
        return f"ได้คะแนน {now:.2f} คะแนน เท่ากับปีก่อน"
    change = "เพิ่มขึ้น" if now > before else "ลดลง"
    return f"ได้คะแนน {now:.2f} คะแนน {change}จากปีก่อน {abs(now - before):.2f} คะแนน"
