"""What a plan's items ask of an office: its groups and its follow-ups, with their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tests.oracle.days import ONE, Days, quarters, task_days
from tests.oracle.office import FollowUp, Group

Period = tuple[date, date]


@dataclass(frozen=True)
class Item:
    """One row of the plan; `months` are the first days of the months in which it is to be followed up."""

    number: int
    measures: int
    divisions: tuple[str, ...]
    window: Period
    rule: str = "six_twelve"  # or quarterly, six_months, twelve_months, months
    months: tuple[date, ...] = ()


def group_name(item: int, division: str, quarter: int) -> str:
    return f"{division}: item {item}, quarter {quarter}"


def groups_of(items: Sequence[Item], fiscal_year: int) -> list[Group]:
    return [
        Group(group_name(item.number, division, quarter), division, due)
        for item in items
        for division in item.divisions
        for quarter, due in task_days(fiscal_year, item.window)
    ]


def follow_ups_of(items: Sequence[Item], fiscal_year: int, adopted: date, days: Days) -> list[FollowUp]:
    """One a round and division that has to answer something itself."""
    kinds: dict[tuple[str, Period], list[Item]] = {}
    opening: dict[tuple[str, Period], tuple[date, date]] = {}
    for item in items:
        for kind, period, opens, due in _rounds(item, fiscal_year, days):
            if item.window[0] <= period[1] and period[0] <= item.window[1]:
                kinds.setdefault((kind, period), []).append(item)
                opening[kind, period] = (opens, due)
    found = []
    for (kind, period), asked in kinds.items():
        if kind == "quarterly":
            continue  # period and window meet in that one quarter: approving its task answers
        opens, due = opening[kind, period]
        if opens < adopted:
            opens, due = days.after(adopted, 1), days.after(adopted, 15)
        planned = [
            day
            for item in asked
            for (_, day), (first, _) in zip(
                task_days(fiscal_year, item.window), _touched(item, fiscal_year), strict=True
            )
            if first <= period[1]
        ]
        waits_until = None
        if all(days.look_back(day, adopted) for day in planned):
            waits_until = days.after(adopted, 15)
            due = max(due, waits_until)
        divisions = dict.fromkeys(division for item in asked for division in item.divisions)
        found += [
            FollowUp(f"{division}: {kind} to {period[1]}", division, opens, due, waits_until)
            for division in divisions
        ]
    return found


def _touched(item: Item, fiscal_year: int) -> list[Period]:
    return [q for q in quarters(fiscal_year) if item.window[0] <= q[1] and q[0] <= item.window[1]]


def _rounds(item: Item, fiscal_year: int, days: Days) -> list[tuple[str, Period, date, date]]:
    (start, _), (_, half), _, (_, end) = quarters(fiscal_year)
    found = []
    if item.rule == "quarterly":
        for period in quarters(fiscal_year):
            found.append(("quarterly", period, *days.round_after(period[1])))
    if item.rule in ("six_months", "six_twelve"):
        found.append(("six_months", (start, half), *days.round_after(half)))
    if item.rule in ("twelve_months", "six_twelve"):
        found.append(("twelve_months", (start, end), *days.round_after(end)))
    if item.rule == "months":
        for month in item.months:
            opens, due = (
                days.first_of_month(month),
                days.at_or_before((month + 31 * ONE).replace(day=1) - ONE),
            )
            found.append(("months", (start, month - ONE), opens, due))
            start = month
    return found
