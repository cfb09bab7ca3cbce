"""Files and links as evidence of a group."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from tests.deeds import DECEMBER, PDF, chain_faults, group_of, prove, report, states
from tests.world import World
from tracker import storage
from tracker.actions import proving
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.groups import evidence_of
from tracker.models import Evidence, EvidenceUse
from tracker.rules.claims import Claim
from tracker.rules.states import TaskState

S = TaskState


@pytest.fixture
def one(world: World) -> int:
    """One measure of the first two divisions, the whole year."""
    return world.adopted_plan([(1, range(2), date(2025, 10, 1), date(2026, 9, 30))])


def test_a_file_is_written_down_with_what_it_is(world: World, one: int) -> None:
    stored = storage.store(BytesIO(PDF), "คู่มือ ฉบับที่ 1.pdf")
    group = group_of(world)
    with world.write():
        evidence_id = proving.attach_file(
            stored, "", date(2025, 12, 1), group, now=DECEMBER, by=world.actor("head0")
        ).id
    with world.read():
        db.session.rollback()
        evidence = db.session.get(Evidence, evidence_id)
        assert evidence is not None
        assert (evidence.name, evidence.caption) == ("คู่มือ ฉบับที่ 1.pdf", "คู่มือ ฉบับที่ 1")
        assert (evidence.media_type, evidence.size, evidence.sha256) == (
            "application/pdf",
            len(PDF),
            stored.sha256,
        )
        assert (evidence.about_on, evidence.created_at) == (date(2025, 12, 1), DECEMBER)
        assert evidence.by_user_id == world.users["head0"]
        assert not evidence.public
        use = db.session.scalars(select(EvidenceUse)).one()
        assert (use.item_id, use.division_id, use.quarter) == (
            group.item_id,
            group.division_id,
            group.quarter,
        )
    assert chain_faults(world) == []


def test_a_caption_of_the_division_s_own_is_kept(world: World, one: int) -> None:
    stored = storage.store(BytesIO(PDF), "scan0001.pdf")
    with world.write():
        evidence = proving.attach_file(
            stored, " คำสั่งแต่งตั้ง ", date(2025, 12, 1), group_of(world), now=DECEMBER, by=world.actor("head0")
        )
        assert evidence.caption == "คำสั่งแต่งตั้ง"


def test_evidence_belongs_to_its_group_only(world: World, one: int) -> None:
    evidence_id = prove(world, group_of(world))
    with world.read():
        db.session.rollback()
        assert [row.id for row in evidence_of(group_of(world))] == [evidence_id]
        for other in (group_of(world, quarter=2), group_of(world, place=1)):
            assert evidence_of(other) == []


@pytest.mark.parametrize("url", ["http://ok.example.go.th/a", "https://ok.example.go.th/ก?x=1#y"])
def test_a_link_is_evidence_kept_as_text(world: World, one: int, url: str) -> None:
    group = group_of(world, quarter=4)
    with world.write():
        evidence = proving.attach_link(
            f" {url} ", "", date(2026, 1, 5), group, now=DECEMBER, by=world.actor("head0")
        )
        assert (evidence.url, evidence.caption, evidence.storage_name) == (url, "ok.example.go.th", None)
    report(world, group, Claim.COMPLETE)
    assert states(world)[3] is S.SUBMITTED


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://example.org/a",
        "http://",
        "https:///a",
        "example.org",
        "http://a b.example",
        "http://[half",
        "https://example.org/\tx",
        "https://example.org/" + "x" * 2000,
        "data:text/html,x",
    ],
)
def test_any_other_link_is_refused_beside_its_field(world: World, one: int, url: str) -> None:
    with pytest.raises(FieldsRefused) as caught, world.write():
        proving.attach_link(url, "", date(2026, 1, 5), group_of(world), now=DECEMBER, by=world.actor("head0"))
    assert set(caught.value.fields) == {"link"}
