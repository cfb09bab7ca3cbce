"""The tasks that a plan's items give, and the groups that are answered in one form."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from tracker.rules.fiscal import Quarter, quarters_between
from tracker.rules.workdays import Calendar

LOOK_BACK_WITHIN = timedelta(days=14)
LATE_WORKING_DAYS = 15

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class PlannedItem(Generic[Key]):
    """What of a plan item decides its tasks; `divisions` with "everyone" already spelled out."""

    key: Key
    measures: tuple[Key, ...]
    divisions: tuple[Key, ...]
    start: date
    end: date


@dataclass(frozen=True)
class Group(Generic[Key]):
    """The tasks of one item, division and quarter: one form."""

    item: Key
    division: Key
    quarter: Quarter


@dataclass(frozen=True)
class PlannedTask(Generic[Key]):
    """A task (งาน) as it is at adoption: `completion` is the one that finishes its measure."""

    item: Key
    measure: Key
    division: Key
    quarter: Quarter
    due_on: date
    completion: bool
    look_back: bool

    @property
    def group(self) -> Group[Key]:
        return Group(self.item, self.division, self.quarter)


def late_due_on(adopted_on: date, calendar: Calendar) -> date:
    """The due day of what should have been asked before adoption: 15 working days after it."""
    return calendar.add(adopted_on, LATE_WORKING_DAYS)


def plan_tasks(
    items: Iterable[PlannedItem[Key]], adopted_on: date, calendar: Calendar
) -> list[PlannedTask[Key]]:
    """One task per measure, responsible division and fiscal quarter that the window touches, in that order.

    Progress tasks are due at their quarter's end, the last one at the window's end; what is due before or
    within 14 days of adoption looks back (ย้อนหลัง) and is due 15 working days after it. ValueError when a
    window ends before it starts.
    """
    return [
        _task(item, measure, division, quarter, adopted_on, calendar)
        for item in items
        for measure in item.measures
        for division in dict.fromkeys(item.divisions)
        for quarter in quarters_between(item.start, item.end)
    ]


def _task(
    item: PlannedItem[Key],
    measure: Key,
    division: Key,
    quarter: Quarter,
    adopted_on: date,
    calendar: Calendar,
) -> PlannedTask[Key]:
    due_on = min(quarter.last_day, item.end)
    look_back = due_on <= adopted_on + LOOK_BACK_WITHIN
    return PlannedTask(
        item=item.key,
        measure=measure,
        division=division,
        quarter=quarter,
        due_on=late_due_on(adopted_on, calendar) if look_back else due_on,
        completion=quarter == Quarter.of(item.end),
        look_back=look_back,
    )
