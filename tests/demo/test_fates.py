"""What becomes of forms, decided without a database."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.demo import fates
from tracker.demo.fates import Deed, Form
from tracker.demo.office import DIVISIONS
from tracker.rules.fiscal import quarters_of
from tracker.rules.workdays import Calendar

CALENDAR = Calendar()


def forms_of(year: int) -> list[Form]:
    """A row for everyone in every quarter."""
    return [
        Form(
            year,
            "register",
            division,
            quarter.number - 1,
            quarter.number,
            quarter.first_day,
            quarter.last_day,
        )
        for quarter in quarters_of(year)
        for division in DIVISIONS
    ]


@given(st.integers(2565, 2590))
@settings(max_examples=15, deadline=None)
def test_every_step_is_on_a_working_day_after_the_form_opens_and_in_order(year: int) -> None:
    for form, steps in fates.of_closed_year(forms_of(year), CALENDAR).items():
        days = [step.on for step in steps]
        assert days == sorted(days)
        assert all(CALENDAR.is_working(day) and day >= form.opens_on for day in days)


@given(st.dates(date(2026, 1, 15), date(2026, 9, 30)))
@settings(max_examples=25, deadline=None)
def test_a_running_year_shows_every_state_on_any_day(today: date) -> None:
    steps = fates.of_running_year(forms_of(2569), today, CALENDAR)

    standing = [[step.deed for step in of_form if step.on < today] for of_form in steps.values()]
    last = [deeds[-1] for deeds in standing if deeds]
    assert {Deed.REPORT, Deed.SEND_BACK, Deed.GET_STUCK, Deed.BEGIN} <= set(last)
    assert [form for form, of_form in steps.items() if form.due_on < today and not of_form]


def test_the_same_day_always_tells_the_same_story() -> None:
    today = date(2026, 2, 18)

    assert fates.of_running_year(forms_of(2569), today, CALENDAR) == fates.of_running_year(
        forms_of(2569), today, CALENDAR
    )
