"""Which documents the OIT of a year asks for, and at which items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Demand:
    """What a year's OIT wants to see of the measures.

    `measures_item` takes the plan of the assessment year itself, `report_item` the results of the fiscal year
    that lies `report_years_back` before it. `chosen_indicators` is how many indicators must be worked on; None
    means all. `certain` is False where no official list was seen.
    """

    year: int
    measures_item: str
    report_item: str
    report_years_back: int
    chosen_indicators: int | None = None
    certain: bool = True


DEMANDS = {
    2565: Demand(2565, "o42", "o43", 0),
    2566: Demand(2566, "o42", "o43", 0, certain=False),
    2567: Demand(2567, "o34", "o35", 1),
    2568: Demand(2568, "o27", "o28", 1, certain=False),
    2569: Demand(2569, "o25", "o26", 1, chosen_indicators=1, certain=False),
}
