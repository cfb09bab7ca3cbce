"""A real plan on a division's page: how many forms a quarter costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.client import Browser
from tests.views.test_link import filled
from tests.world import World, at
from tracker.actions import importing, planning
from tracker.reading import plan as reader

SignedIn = Callable[[str], Browser]


def test_a_division_of_the_items_of_everyone_answers_its_first_quarter_in_six_forms(
    world: World, real_documents: Path, signed_in: SignedIn
) -> None:
    with world.write():
        divisions = planning.divisions()
        path = next(real_documents.glob("000_*.txt"))
        read = reader.read(path, divisions=importing.known_names(divisions))
        adopted = at("2025-10-01")
        plan = importing.save(
            importing.understand(read, divisions), now=adopted, by=world.actor("coordinator")
        )
        assert plan.fiscal_year == 2569
        planning.adopt(plan, now=adopted, by=world.actor("coordinator", adopted))
    head, forms = signed_in("head3"), 0
    here = next(link for link in head.get("/work").links if link.startswith("/work/"))
    # Each saved form leads to the next one that is due, and the last one back to the list.
    while here != "/work":
        assert here.endswith("/1")
        answer = head.open(here, method="POST", data=filled(head.get(here), here))
        assert answer.status_code == 303, answer.text
        here, forms = answer.location, forms + 1
    assert forms == 6
