"""Who holds no position any more is told what happened and whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.client import Browser
from tests.world import World, at
from tracker.actions import merging, staffing
from tracker.database import db
from tracker.models import Division, Holding
from tracker.rules.moments import day_of
from tracker.rules.permissions import SYSTEM

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")


def held(world: World, who: str) -> Holding:
    return db.session.scalars(select(Holding).where(Holding.user_id == world.users[who])).one()


@pytest.mark.parametrize("path", ["/", "/work", "/plan/2569"])
def test_the_head_of_a_merged_division_reads_what_happened(
    world: World, signed_in: SignedIn, path: str
) -> None:
    world.adopted_plan()
    head = signed_in("head2")
    with world.write():
        old, into = (
            db.session.scalars(select(Division).where(Division.id == world.division_ids[place])).one()
            for place in (2, 1)
        )
        merging.merge(old, into, now=NOW, by=SYSTEM)
    answer = head.open(path)
    if path != "/":
        assert (answer.status_code, answer.location) == (303, "/")
    page = head.get("/")
    text = page.text.replace("\u00a0", " ")
    assert "กองช่าง รวมเข้ากับกองคลังแล้ว" in text
    assert "ท่านดำรงตำแหน่งถึง 16 ธันวาคม 2568" in text
    assert "mailto:coordinator@tuayang.example" in page.links
    assert "/account" in page.links
    assert head.post("/plan/upload").status_code == 403


def test_who_left_a_post_or_is_to_come_reads_the_day(world: World, signed_in: SignedIn) -> None:
    head = signed_in("head1")
    with world.write():
        staffing.end(held(world, "head1"), day_of(NOW) - timedelta(days=1), now=NOW, by=SYSTEM)
        held_by_clerk = held(world, "clerk")
        clerk = held_by_clerk.position_id
        db.session.add(
            Holding(position_id=clerk, user_id=world.users["head1"], from_on=day_of(NOW) + timedelta(days=9))
        )
    text = head.get("/").text.replace("\u00a0", " ")
    assert "ผู้อำนวยการกองคลัง" in text
    assert "รวมเข้ากับ" not in text
    assert "26 ธันวาคม 2568" in text
