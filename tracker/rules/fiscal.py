"""Thai fiscal years and their quarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

BUDDHIST_OFFSET = 543


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter (ไตรมาส) of a fiscal year B.E.: 1 is October to December, 4 is July to September."""

    fiscal_year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 4:
            raise ValueError(f"no quarter {self.number}")

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter in which `day` lies."""
        return cls(fiscal_year_of(day), (day.month - 10) % 12 // 3 + 1)

    @property
    def first_day(self) -> date:
        year = self.fiscal_year - BUDDHIST_OFFSET
        if self.number == 1:
            return date(year - 1, 10, 1)
        return date(year, 3 * self.number - 5, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Quarter:
        if self.number == 4:
            return Quarter(self.fiscal_year + 1, 1)
        return Quarter(self.fiscal_year, self.number + 1)

    def __str__(self) -> str:
        return f"{self.fiscal_year}Q{self.number}"


def fiscal_year_of(day: date) -> int:
    """The fiscal year B.E. in which `day` lies: 1 October 2025 opens 2569."""
    return day.year + BUDDHIST_OFFSET + (day.month >= 10)


def first_day(fiscal_year: int) -> date:
    return Quarter(fiscal_year, 1).first_day


def last_day(fiscal_year: int) -> date:
    return Quarter(fiscal_year, 4).last_day


def quarters_of(fiscal_year: int) -> list[Quarter]:
    return [Quarter(fiscal_year, number) for number in range(1, 5)]


def quarters_between(start: date, end: date) -> list[Quarter]:
    """Every quarter that the days from `start` to `end` touch, in order; ValueError when they are swapped."""
    if end < start:
        raise ValueError("the window ends before it starts")
    quarters = [Quarter.of(start)]
    while quarters[-1].last_day < end:
        quarters.append(quarters[-1].next)
    return quarters


def same_day_last_year(day: date) -> date:
    """29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
