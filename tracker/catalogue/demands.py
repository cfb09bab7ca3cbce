"""Which documents the OIT of a year asks for, and at which items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Demand:
    """What a year's OIT wants to see of the measures.

    `measures_item` takes the plan of the assessment year itself, `report_item` the results of the fiscal year
    that lies `report_years_back` before it.
    """

    year: int
    measures_item: str
    report_item: str
    report_years_back: int


# Of 2566, 2568 and 2569 no official list was seen; 2569 wants one chosen indicator worked on, not all.
DEMANDS = {
    2565: Demand(2565, "o42", "o43", 0),
    2566: Demand(2566, "o42", "o43", 0),
    2567: Demand(2567, "o34", "o35", 1),
    2568: Demand(2568, "o27", "o28", 1),
    2569: Demand(2569, "o25", "o26", 1),
}
