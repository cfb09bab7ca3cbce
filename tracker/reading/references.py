"""The scores of the ITA that a row of the plan means to move, as "indicator:9" or "question:o13"."""

from __future__ import annotations

from tracker.catalogue import topics
from tracker.reading.values import ReadPlan, ReadRow


def of_indicator(row: ReadRow) -> tuple[str, ...]:
    """The row's indicator."""
    return () if row.indicator is None else (f"indicator:{row.indicator}",)


def assessed_year(read: ReadPlan, year: int | None) -> int | None:
    """The assessment that a plan of the fiscal year answers."""
    return read.assessment_year or (year - 1 if year is not None else None)


def offered(row: ReadRow, read: ReadPlan, year: int | None) -> tuple[str, ...]:
    """The indicator of the row and the questions of its topic."""
    assessed = assessed_year(read, year)
    if row.topic is None or assessed is None:
        return of_indicator(row)
    return (*of_indicator(row), *(f"question:{code}" for code in topics.questions_of(row.topic, assessed)))


def proposed(row: ReadRow, read: ReadPlan, year: int | None) -> tuple[str, ...]:
    """Of those offered what can rise: full marks are left out, unless all are full."""
    full = {f"question:{code}" for code, score in read.scores.questions.items() if score >= 100}
    every = offered(row, read, year)
    return tuple(one for one in every if one not in full) or every
