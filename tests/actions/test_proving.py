"""Evidence of a group: files as they were stored, links as text."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from tests.deeds import DECEMBER, PDF, chain_faults, group_of
from tests.world import World
from tracker import storage
from tracker.actions import proving
from tracker.database import db
from tracker.errors import Refused
from tracker.groups import evidence_of
from tracker.models import Evidence
from tracker.rules.moments import day_of

TODAY = day_of(DECEMBER)


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan()


def attach_link(world: World, url: str, caption: str = "") -> Evidence:
    with world.write():
        by = world.actor("head0", DECEMBER)
        proving.attach_link(url, caption, TODAY, group_of(world), now=DECEMBER, by=by)
    return only(world)


def only(world: World) -> Evidence:
    with world.read():
        found = db.session.scalars(select(Evidence)).one()
        db.session.expunge(found)
        db.session.rollback()
    return found


@pytest.mark.parametrize(("caption", "shown"), [("", "คู่มือ ๒"), (" ปก  คู่มือ ", "ปก คู่มือ")])
def test_a_file_is_written_down_with_what_proves_it(world: World, caption: str, shown: str) -> None:
    stored = storage.store(BytesIO(PDF), "คู่มือ ๒.pdf")
    with world.write():
        by = world.actor("head0", DECEMBER)
        proving.attach_file(stored, caption, TODAY, group_of(world), now=DECEMBER, by=by)
    found = only(world)
    assert (found.name, found.caption, found.size) == ("คู่มือ ๒.pdf", shown, len(PDF))
    assert found.sha256 == storage.sha256_of(found.storage_name or "")
    assert (found.about_on, found.created_at, found.by_user_id) == (TODAY, DECEMBER, world.users["head0"])
    assert not found.public
    assert chain_faults(world) == []


def test_evidence_belongs_to_its_group_alone(world: World) -> None:
    attach_link(world, "https://example.go.th/a")
    with world.read():
        assert len(evidence_of(group_of(world))) == 1
        for other in (group_of(world, place=1), group_of(world, quarter=2)):
            assert evidence_of(other) == []


def test_a_link_is_kept_as_it_was_written(world: World) -> None:
    found = attach_link(world, " https://example.go.th/คู่มือ?ปี=2569#ท้าย ")
    assert found.url == found.name == "https://example.go.th/คู่มือ?ปี=2569#ท้าย"
    assert (found.caption, found.storage_name) == ("example.go.th", None)


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "data:text/html,x", "//example.go.th", "https://", "https://a b", "x" * 2001],
)
def test_other_links_are_refused_and_nothing_is_written(world: World, url: str) -> None:
    with pytest.raises(Refused):
        attach_link(world, url)
    with world.read():
        assert db.session.scalars(select(Evidence)).all() == []
