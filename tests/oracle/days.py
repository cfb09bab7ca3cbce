"""What falls on which day, counted day by day on the fingers: working days, stages, due days and rounds."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

ONE = timedelta(days=1)


@cache
def national_holidays() -> frozenset[date]:
    """Public and government holidays without Children's Day and Labour Day, nor what stands in for those two."""
    off = set()
    for day, names in holidays.country_holidays(
        "TH", years=range(2022, 2032), categories=("public", "government"), language="en_US"
    ).items():
        real = [
            name for name in names.split("; ") if "Children's Day" not in name and "Labor Day" not in name
        ]
        if real:
            off.add(day)
    return frozenset(off)


@dataclass(frozen=True)
class Days:
    """An office's calendar: the country's, and the days the office adds or takes away itself."""

    closed: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def working(self, day: date) -> bool:
        if day in self.worked:
            return True
        return day.weekday() < 5 and day not in national_holidays() and day not in self.closed

    def at_or_before(self, day: date) -> date:
        while not self.working(day):
            day -= ONE
        return day

    def at_or_after(self, day: date) -> date:
        while not self.working(day):
            day += ONE
        return day

    def after(self, day: date, count: int) -> date:
        """The count-th working day after this one."""
        while count:
            day += ONE
            if self.working(day):
                count -= 1
        return day

    def passed(self, since: date, until: date) -> int:
        """How many working days lie after one day, up to and with the other."""
        count = 0
        while since < until:
            since += ONE
            count += self.working(since)
        return count

    def stages_of_tasks(self, due: date, until: date) -> list[tuple[date, str]]:
        """Everything a group is reminded of on the way to a day, in order."""
        before = [
            (self.at_or_before(due - 14 * ONE), "before-14"),
            (self.at_or_before(due - 7 * ONE), "before-7"),
        ]
        return [stage for stage in [*before, *self._from_the_eve(due, until)] if stage[0] <= until]

    def stages_of_follow_up(self, opens: date, due: date, until: date) -> list[tuple[date, str]]:
        before = [(opens, "open"), (self.at_or_before(due - 7 * ONE), "before-7")]
        return [stage for stage in [*before, *self._from_the_eve(due, until)] if stage[0] <= until]

    def _from_the_eve(self, due: date, until: date) -> list[tuple[date, str]]:
        stages = [
            (self.at_or_before(due - ONE), "before-1"),
            (self.at_or_before(due), "on"),
            (self.after(due, 1), "late-1"),
            (self.after(due, 5), "late-5"),
        ]
        week = 1
        while (day := self.after(due, 5) + 7 * week * ONE) <= until:
            stages.append((self.at_or_after(day), f"weekly-{week:02}"))
            week += 1
        return stages

    def look_back(self, due: date, adopted: date) -> bool:
        return due <= adopted + 14 * ONE

    def task_due(self, due: date, adopted: date) -> date:
        """The day a task of a plan adopted that day is due: looking back gives fifteen working days."""
        return self.after(adopted, 15) if self.look_back(due, adopted) else due

    def due_again(self, due: date, sent_back: date) -> date:
        return max(due, self.after(sent_back, 5))

    def round_after(self, period_end: date, adopted: date | None = None) -> tuple[date, date]:
        """When a round of a quarter, a half-year or a year opens and is due."""
        opens = self.after(period_end, 1)
        if adopted is not None and opens < adopted:
            return self.after(adopted, 1), self.after(adopted, 15)
        return opens, self.at_or_after(opens + 15 * ONE)

    def first_of_month(self, day: date) -> date:
        return self.at_or_after(day.replace(day=1))


def quarters(fiscal_year: int) -> list[tuple[date, date]]:
    """First and last day of the four quarters of a Buddhist fiscal year."""
    year = fiscal_year - 543
    return [
        (date(year - 1, 10, 1), date(year - 1, 12, 31)),
        (date(year, 1, 1), date(year, 3, 31)),
        (date(year, 4, 1), date(year, 6, 30)),
        (date(year, 7, 1), date(year, 9, 30)),
    ]


def task_days(fiscal_year: int, window: tuple[date, date]) -> list[tuple[int, date]]:
    """Quarter and last day of each task a window gives: a quarter's end, and the window's own end in its last."""
    return [
        (number, min(last, window[1]))
        for number, (first, last) in enumerate(quarters(fiscal_year), start=1)
        if window[0] <= last and first <= window[1]
    ]
