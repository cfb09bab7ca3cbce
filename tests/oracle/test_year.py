"""A fiscal year of whole towns, lived in the real database and told by the oracle, mail by mail."""

from __future__ import annotations

import os
from collections import Counter
from datetime import date

import pytest

from tests.oracle.days import ONE
from tests.oracle.play import Lived, Play
from tests.oracle.telling import Telling, tell
from tests.oracle.towns import FIRST, LAST, town
from tracker.app import Tracker

LONG = bool(os.environ.get("TRACKER_LONG"))
TOWNS = range(30) if LONG else range(3)
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
    found += [f"vacancy, only one says: {seat}" for seat in sorted(told.vacancies ^ lived.vacancies)]
    return found


@pytest.mark.parametrize("number", TOWNS)
def test_a_year_of_mails_is_what_the_oracle_tells(app: Tracker, number: int) -> None:
    lived_town = town(number, divisions=7)
    told = tell(lived_town.office, FIRST, LAST, lived_town.off)
    lived = Play(lived_town).live(foretell=EVERY_DAY if LONG else SOME_DAYS)
    assert differences(told, lived)[:20] == []
    assert Counter(lived.letters) == Counter(dict.fromkeys(told.mails, 1))
    assert not [day for day, _ in lived.letters if not lived_town.office.days.working(day)]
    for forecast, planned in lived.foretold:
        assert forecast == planned
    assert lived.foretold
