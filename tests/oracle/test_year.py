"""A fiscal year of whole towns, lived in the real database and told by the oracle, mail by mail."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import count

import hypothesis
import hypothesis.strategies as st
import pytest

from tests.oracle.days import ONE
from tests.oracle.office import Holding
from tests.oracle.play import Lived, Play
from tests.oracle.telling import Telling, tell
from tests.oracle.towns import FIRST, LAST, Town, town
from tracker.app import Tracker

LONG = bool(os.environ.get("TRACKER_LONG"))
# Twenty-four towns are 300 people.
TOWNS = range(24) if LONG else range(2)
_numbers = count(1)
EVERY_DAY = [FIRST + n * ONE for n in range((LAST - FIRST).days + 1)]
# New Year, Chakri Day and Songkran, the quarters' ends and what follows them; spread over the year.
SOME_DAYS = [
    *(date(2025, 11, day) for day in (3, 17)),
    *(date(2025, 12, day) for day in (15, 17, 24, 30)),
    *(date(2026, 1, day) for day in (5, 9, 16)),
    *(date(2026, 3, day) for day in (2, 17, 27, 31)),
    *(date(2026, 4, day) for day in (1, 8, 10, 16)),
    *(date(2026, 6, day) for day in (9, 30)),
    date(2026, 10, 1),
]


def differences(told: Telling, lived: Lived) -> list[str]:
    """Each mail, ledger row and vacancy that is not the same in both, the earliest first."""
    found = []
    for day, address in sorted(told.mails.keys() | lived.mails.keys()):
        ours, theirs = told.mails.get((day, address), set()), lived.mails.get((day, address), set())
        found += [f"{day} {address}: only the oracle: {line}" for line in sorted(ours - theirs)]
        found += [f"{day} {address}: only the engine: {line}" for line in sorted(theirs - ours)]
    for slot in sorted(told.ledger.keys() | lived.ledger.keys()):
        if told.ledger.get(slot) != lived.ledger.get(slot):
            found.append(f"{slot}: oracle {told.ledger.get(slot)}, engine {lived.ledger.get(slot)}")
    found += [
        f"told already, only one says: {slot}" for slot in sorted(told.told_otherwise ^ lived.same_person)
    ]
    found += [f"nobody reached, only one says: {one}" for one in sorted(told.unreached ^ lived.unreached)]
    found += [f"vacancy, only one says: {seat}" for seat in sorted(told.vacancies ^ lived.vacancies)]
    return found


def compare(app: Tracker, lived_town: Town, last: date, foretell: Iterable[date]) -> None:
    office = lived_town.office
    told = tell(office, FIRST, last, lived_town.off)
    lived = Play(lived_town).live(foretell, last=last)
    assert differences(told, lived)[:20] == []
    assert lived.digests == lived.mails
    assert Counter(lived.letters) == Counter(dict.fromkeys(told.mails, 1))
    assert not [day for day, _ in lived.letters if not office.days.working(day)]
    assert lived.second_mails == []
    for forecast, planned in lived.foretold:
        assert forecast == planned


@pytest.mark.parametrize("number", TOWNS)
def test_a_year_of_mails_is_what_the_oracle_tells(app: Tracker, number: int) -> None:
    compare(app, town(number, divisions=7 if LONG else 5), LAST, EVERY_DAY if LONG else SOME_DAYS)


@hypothesis.settings(
    max_examples=60 if LONG else 3,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
@hypothesis.given(number=st.integers(100, 10**9), spell=st.integers(30, 60))
def test_the_first_weeks_of_any_town_are_what_the_oracle_tells(app: Tracker, number: int, spell: int) -> None:
    # A number may be drawn again: then its people need other addresses.
    any_town = town(number, divisions=4, name=f"any{next(_numbers)}")
    last = any_town.office.adopted + spell * ONE
    compare(app, any_town, last, [last])


def test_a_town_that_nobody_is_reached_in_for_a_while_has_it_in_its_ledger_every_day(app: Tracker) -> None:
    deserted = town(4, divisions=3)
    for seat in deserted.office.seats.values():
        seat.mailbox = None
        seat.holdings = [
            Holding(seat.holdings[0].person, date(2020, 1, 1), deserted.office.adopted + 20 * ONE)
        ]
    for head in deserted.office.heads.values():
        seat = deserted.office.seats[head]
        seat.holdings.append(Holding(f"new-{seat.holdings[0].person}", deserted.office.adopted + 26 * ONE))
    last = deserted.office.adopted + 40 * ONE
    told = tell(deserted.office, FIRST, last, deserted.off)
    assert {stage for _, _, _, stage in told.unreached} > {"submitted"}
    compare(app, deserted, last, [last])
