"""Whom a position answers to, set on its page; a circle is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select

from tests.client import Browser, Page
from tests.deeds import chain_faults
from tests.world import FOUNDED, World
from tracker.database import db
from tracker.models import Holding, Position
from tracker.people import head_of, posts_on, reached
from tracker.rules.moments import day_of

SignedIn = Callable[[str], Browser]


def ids(world: World) -> dict[str, int]:
    with world.read():
        found = {row.role.value: row.id for row in db.session.scalars(select(Position))}
        for place, division_id in enumerate(world.division_ids):
            found[f"head{place}"] = db.session.scalars(
                select(Position.id).where(Position.division_id == division_id)
            ).one()
        db.session.rollback()
    return found


def superior_of(world: World, position_id: int) -> int | None:
    with world.read():
        db.session.rollback()
        found = db.session.scalars(select(Position.superior_id).where(Position.id == position_id)).one()
        db.session.rollback()
    return found


def test_a_superior_is_chosen_and_stands_in_for_the_vacant_position(
    world: World, signed_in: SignedIn
) -> None:
    posts, browser = ids(world), signed_in("coordinator")
    page = f"/settings/people/{posts['head1']}"
    assert set(browser.get(page).form(f"{page}/superior")) == {"csrf_token", "superior"}
    assert browser.post(f"{page}/superior", {"superior": str(posts["head0"])}).status_code == 303
    assert superior_of(world, posts["head1"]) == posts["head0"]
    with world.write():
        db.session.execute(delete(Holding).where(Holding.position_id == posts["head1"]))
    with world.read():
        today = posts_on(day_of(FOUNDED))
        instead = reached(today, head_of(today.values(), world.division_ids[1]))
        assert instead is not None
        assert instead.position_id == posts["head0"]
        db.session.rollback()
    assert browser.post(f"{page}/superior", {"superior": ""}).status_code == 303
    assert superior_of(world, posts["head1"]) is None
    assert chain_faults(world) == []


@pytest.mark.parametrize("below", ["clerk", "head1", "chief_executive"])
def test_a_circle_is_refused_at_the_field(world: World, signed_in: SignedIn, below: str) -> None:
    posts, browser = ids(world), signed_in("coordinator")
    # The chief executive would answer to the clerk or a head, who answer to him; or to himself.
    answer = browser.post(
        f"/settings/people/{posts['chief_executive']}/superior", {"superior": str(posts[below])}
    )
    assert answer.status_code == 422
    assert Page(answer.text).beside["superior"]
    assert superior_of(world, posts["chief_executive"]) is None


def test_a_position_that_is_not_there_is_not_found_and_the_clerk_sets_nothing(
    world: World, signed_in: SignedIn
) -> None:
    posts = ids(world)
    address = f"/settings/people/{posts['head1']}/superior"
    for wrong in ("x", "99999", "9" * 30):
        assert signed_in("coordinator").post(address, {"superior": wrong}).status_code == 404
    assert signed_in("clerk").post(address, {"superior": ""}).status_code == 403
    assert superior_of(world, posts["head1"]) == posts["clerk"]
