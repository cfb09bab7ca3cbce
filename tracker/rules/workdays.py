"""Working days of a government office: weekends, Thai holidays and the organisation's own days."""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import MappingProxyType

import holidays

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5

# Banks and companies close on Labour Day; Children's Day closes nobody. Government offices work on both, and
# on the substitutes the library makes for them ("ชดเชย…" with the same name inside).
_NOT_FOR_OFFICES = ("วันแรงงานแห่งชาติ", "วันเด็กแห่งชาติ")
_BETWEEN_NAMES = "; "


@dataclass(frozen=True)
class Calendar:
    """The working days (วันทำการ) of one organisation.

    `added` are its own extra holidays, `removed` holidays on which it works all the same; a day in both is a
    holiday. A day that the government declares later than the `holidays` release knows belongs into `added`.
    """

    added: frozenset[date] = frozenset()
    removed: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        if day in self.added:
            return False
        if day in self.removed:
            return True
        return day.weekday() < _SATURDAY and day not in office_holidays(day.year)

    def holiday_name(self, day: date) -> str | None:
        """The Thai name of the holiday on `day`; None on working days and on ordinary weekends."""
        if day in self.removed - self.added:
            return None
        name = office_holidays(day.year).get(day)
        if name is None and day in self.added:
            return "วันหยุดของหน่วยงาน"
        return name

    def on_or_before(self, day: date) -> date:
        while not self.is_working(day):
            day -= _ONE_DAY
        return day

    def on_or_after(self, day: date) -> date:
        while not self.is_working(day):
            day += _ONE_DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself need not be one; ValueError below 1."""
        if count < 1:
            raise ValueError("only days that follow can be counted")
        for _ in range(count):
            day = self.on_or_after(day + _ONE_DAY)
        return day

    def first_of_month(self, year: int, month: int) -> date:
        """The first working day of a month of the Gregorian year."""
        return self.on_or_after(date(year, month, 1))

    def last_of_month(self, year: int, month: int) -> date:
        """The last working day of a month of the Gregorian year."""
        return self.on_or_before(date(year, month, month_lengths.monthrange(year, month)[1]))


@cache
def office_holidays(year: int) -> Mapping[date, str]:
    """Holidays of government offices in a Gregorian year, by day, with their Thai names."""
    thailand = _thailand()(years=year, categories=(holidays.PUBLIC, holidays.GOVERNMENT), language="th")
    kept = {day: _office_names(names) for day, names in thailand.items() if day.year == year}
    return MappingProxyType({day: names for day, names in sorted(kept.items()) if names})


@cache
def _thailand() -> Callable[..., holidays.HolidayBase]:
    # Asked for a country, the library reads all of them: 0.4 s and 20 MiB for one.
    file = Path(holidays.__file__).parent / "countries" / "thailand.py"
    spec = spec_from_file_location("tracker_thailand", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    country: Callable[..., holidays.HolidayBase] = module.Thailand
    return country


def _office_names(names: str) -> str:
    parts = names.split(_BETWEEN_NAMES)
    return _BETWEEN_NAMES.join(
        part for part in parts if not any(dropped in part for dropped in _NOT_FOR_OFFICES)
    )
