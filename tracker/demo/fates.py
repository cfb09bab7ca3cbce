"""Decides, without a database, what becomes of each form and each follow-up, as seen from today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from tracker.demo.office import AUDIT, EDUCATION, FINANCE, OFFICE, WELFARE, WORKS
from tracker.rules.workdays import Calendar


class Deed(StrEnum):
    """Something that is done to a form on a day."""

    BEGIN = "begin"
    GET_STUCK = "get_stuck"
    REPORT = "report"
    REPORT_ALL_DONE = "report_all_done"
    SEND_BACK = "send_back"
    CORRECT = "correct"
    APPROVE = "approve"
    CANCEL = "cancel"


OF_COORDINATOR = frozenset({Deed.SEND_BACK, Deed.APPROVE, Deed.CANCEL})


@dataclass(frozen=True)
class Form:
    """A group of tasks as adoption made it; `place` counts its row's quarters from 0."""

    year: int
    key: str
    division: str
    place: int
    quarter: int
    opens_on: date
    due_on: date

    def chance(self, *more: object) -> Random:
        """The same chance every time for the same form."""
        return Random(f"{self.year} {self.key} {self.division} {self.quarter} {more}")


@dataclass(frozen=True)
class Step:
    on: date
    deed: Deed


class Fate(StrEnum):
    """How a form stands in the end, or today."""

    SETTLED = "settled"
    CORRECTED = "corrected"
    HELPED = "helped"
    EARLY = "early"
    CANCELLED = "cancelled"
    SILENT = "silent"
    WAITING = "waiting"
    RETURNED = "returned"
    STUCK = "stuck"
    BEGUN = "begun"


# How many working days before the due day a division reports, least and most; the works division is often late.
_LEADS = {
    OFFICE: (3, 8),
    FINANCE: (2, 6),
    WORKS: (-6, 2),
    EDUCATION: (1, 5),
    WELFARE: (0, 4),
    AUDIT: (4, 9),
}
# After how many working days a division answers a follow-up; the works division only after it was due.
_ANSWERS = {OFFICE: 2, FINANCE: 4, EDUCATION: 6, WELFARE: 8, AUDIT: 1}
_AFTER_DUE = 2

_IN_ANY_YEAR = {
    ("assignment", OFFICE, 3): Fate.EARLY,
    ("assignment", OFFICE, 4): Fate.SILENT,  # not needed any more
    ("e-service", WORKS, 2): Fate.HELPED,
    ("manuals", EDUCATION, 2): Fate.CORRECTED,
}
_IN_THE_CLOSED_YEAR = {
    ("hearing", WELFARE, 1): Fate.CANCELLED,
    ("website", EDUCATION, 4): Fate.SILENT,
}
# What today's eye falls on, in this order, always the nearest form that allows it.
_NOW = (
    Fate.WAITING, Fate.SILENT, Fate.SETTLED, Fate.STUCK, Fate.SETTLED, Fate.RETURNED, Fate.WAITING,
    Fate.SETTLED, Fate.BEGUN, Fate.SETTLED, Fate.SILENT, Fate.SETTLED, Fate.WAITING,
)  # fmt: skip
_IN_GOOD_TIME = frozenset({Fate.WAITING, Fate.RETURNED, Fate.BEGUN})
_LATE_AT_MOST = timedelta(days=7)
_BEGUN_FOR = timedelta(days=10)
_ONE_IN = 9


def of_closed_year(forms: Iterable[Form], calendar: Calendar) -> dict[Form, list[Step]]:
    """What happened to the forms of the year that is over."""
    fates = _IN_ANY_YEAR | _IN_THE_CLOSED_YEAR
    return {form: _steps(form, fates.get(_name(form)) or _usual(form), calendar) for form in forms}


def of_running_year(forms: Sequence[Form], today: date, calendar: Calendar) -> dict[Form, list[Step]]:
    """What has happened by today and will in time; a few forms stand today in each state there is."""
    fates = {form: _IN_ANY_YEAR.get(_name(form)) or _usual(form) for form in forms}
    return {form: _steps(form, fate, calendar) for form, fate in fates.items()} | {
        form: _steps_up_to(form, fate, today, calendar)
        for form, fate in _seen_today(forms, today).items()
        if fate is not Fate.SETTLED
    }


def answered_on(
    division: str, kind: str, asks_on: date, due_on: date, closed: bool, calendar: Calendar
) -> date | None:
    """The day on which a division answers a follow-up, None for never."""
    if division == WORKS:
        return None if closed and kind == "twelve_months" else calendar.add(due_on, _AFTER_DUE)
    return calendar.add(asks_on, _ANSWERS[division])


def _name(form: Form) -> tuple[str, str, int]:
    return form.key, form.division, form.quarter


def _usual(form: Form) -> Fate:
    return Fate.CORRECTED if form.chance("corrected").randrange(_ONE_IN) == 0 else Fate.SETTLED


def _seen_today(forms: Sequence[Form], today: date) -> dict[Form, Fate]:
    candidates = [
        form for form in forms if form.opens_on + _BEGUN_FOR <= today and _name(form) not in _IN_ANY_YEAR
    ]
    candidates.sort(key=lambda form: (abs(form.due_on - today), form.chance("today").random()))
    seen: dict[Form, Fate] = {}
    for fate in _NOW:
        free = [form for form in candidates if form not in seen]
        if fate is Fate.SILENT:
            free = sorted(
                (form for form in free if form.due_on < today), key=lambda form: form.division != WORKS
            )
        elif fate in _IN_GOOD_TIME:
            free.sort(key=lambda form: form.due_on < today - _LATE_AT_MOST)
        if free:
            seen[free[0]] = fate
    return seen


def _steps(form: Form, fate: Fate, calendar: Calendar) -> list[Step]:
    if fate is Fate.SILENT:
        return []
    reported = _report_day(form, calendar)
    if fate is Fate.CANCELLED:
        return [Step(reported, Deed.CANCEL)]
    if fate is Fate.HELPED:
        stuck = max(_back(reported, 8, calendar), calendar.on_or_after(form.opens_on))
        return [
            Step(stuck, Deed.GET_STUCK),
            Step(calendar.add(stuck, 9), Deed.REPORT),
            Step(calendar.add(stuck, 11), Deed.APPROVE),
        ]
    told = Deed.REPORT_ALL_DONE if fate is Fate.EARLY else Deed.REPORT
    looked_at = calendar.add(reported, form.chance("approved").randint(1, 3))
    if fate is not Fate.CORRECTED:
        return [Step(reported, told), Step(looked_at, Deed.APPROVE)]
    mended = calendar.add(looked_at, 2)
    return [
        Step(reported, told),
        Step(looked_at, Deed.SEND_BACK),
        Step(mended, Deed.CORRECT),
        Step(calendar.add(mended, 1), Deed.APPROVE),
    ]


def _report_day(form: Form, calendar: Calendar) -> date:
    """A division writes the forms that are due together on one or two days."""
    together = Random(f"{form.year} {form.due_on} {form.division}")
    lead = together.randint(*_LEADS[form.division]) + form.chance("lead").randint(0, 1)
    if lead > 0:
        day = _back(form.due_on, lead, calendar)
    else:
        day = calendar.on_or_before(form.due_on) if lead == 0 else calendar.add(form.due_on, -lead)
    return max(day, calendar.add(form.opens_on, 2))


def _steps_up_to(form: Form, fate: Fate, today: date, calendar: Calendar) -> list[Step]:
    """The steps that leave the form as it is to stand today."""

    def ago(days: int) -> date:
        return max(_back(today, days, calendar), calendar.on_or_after(form.opens_on))

    match fate:
        case Fate.WAITING:
            return [Step(ago(form.chance("waiting").randint(1, 2)), Deed.REPORT)]
        case Fate.RETURNED:
            return [Step(ago(4), Deed.REPORT), Step(ago(2), Deed.SEND_BACK)]
        case Fate.STUCK:
            return [Step(ago(5), Deed.GET_STUCK)]
        case Fate.BEGUN:
            return [Step(ago(6), Deed.BEGIN)]
    return []


def _back(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day before `day`."""
    for _ in range(count):
        day = calendar.on_or_before(day - timedelta(days=1))
    return day
