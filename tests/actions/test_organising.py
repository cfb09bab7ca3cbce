"""Organisations with their divisions and positions, and who holds them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.deeds import chain_faults
from tests.world import World, at
from tracker.actions import organising
from tracker.app import Tracker
from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.errors import NotFound, Refused
from tracker.models import Division, Holding, Kind, Organisation, Position, User
from tracker.rules.permissions import SYSTEM, Role

NOW = at("2026-01-05")


@pytest.mark.parametrize(
    ("kind", "chief", "clerk"),
    [
        (Kind.SAO, "นายกองค์การบริหารส่วนตำบล", "ปลัดองค์การบริหารส่วนตำบล"),
        (Kind.MUNICIPALITY, "นายกเทศมนตรี", "ปลัดเทศบาล"),
        (Kind.PAO, "นายกองค์การบริหารส่วนจังหวัด", "ปลัดองค์การบริหารส่วนจังหวัด"),
    ],
)
def test_a_new_organisation_has_its_usual_offices(app: Tracker, kind: Kind, chief: str, clerk: str) -> None:
    with writing():
        made = organising.add_organisation("new", " อปท.  ใหม่ ", kind, now=NOW, by=SYSTEM).id
    with organisation_scope(made):
        posts = {post.title: post for post in db.session.scalars(select(Position).order_by(Position.id))}
        divisions = db.session.scalars(select(Division).order_by(Division.place)).all()
        assert db.session.get(Organisation, made).name == "อปท. ใหม่"  # type: ignore[union-attr]
    assert list(posts) == [
        chief,
        clerk,
        organising.COORDINATOR_TITLE,
        "หัวหน้าสำนักปลัด",
        "ผู้อำนวยการกองคลัง",
        "ผู้อำนวยการกองช่าง",
        "หัวหน้าหน่วยตรวจสอบภายใน",
    ]
    assert posts[clerk].superior_id == posts[chief].id
    assert {post.superior_id for post in posts.values() if post.role is Role.HEAD} == {posts[clerk].id}
    assert [division.coordinates for division in divisions] == [True, False, False, False]
    assert divisions[-1].aliases == ["ตรวจสอบภายใน"]


@pytest.mark.parametrize("slug", ["", "a", "A1", "-ab", "ก-ข", "a b", "x" * 41, "ab\n"])
def test_a_slug_of_other_letters_is_refused(app: Tracker, slug: str) -> None:
    with pytest.raises(Refused), writing():
        organising.add_organisation(slug, "อปท.", Kind.SAO, now=NOW, by=SYSTEM)


def test_a_slug_is_used_once(world: World) -> None:
    with pytest.raises(Refused, match="tuayang"), writing():
        organising.add_organisation("tuayang", "อีกแห่ง", Kind.SAO, now=NOW, by=SYSTEM)


@pytest.mark.parametrize("name", ["", " \u200b ", "กอง คลัง", "กองคลัง"])
def test_a_division_needs_a_name_of_its_own(world: World, name: str) -> None:
    with pytest.raises(Refused), world.write():
        organising.add_division(name, now=NOW, by=SYSTEM)


def test_a_new_division_comes_last_with_its_head(world: World) -> None:
    with world.write():
        organising.add_division("กองสาธารณสุข", now=NOW, by=SYSTEM)
    with world.read():
        found = db.session.scalars(select(Division).where(Division.name == "กองสาธารณสุข")).one()
        head = db.session.scalars(select(Position).where(Position.division_id == found.id)).one()
    assert (found.place, found.coordinates) == (5, False)
    assert (head.title, head.role) == ("ผู้อำนวยการกองสาธารณสุข", Role.HEAD)
    assert chain_faults(world) == []


def test_the_same_division_may_stand_in_two_organisations(world: World) -> None:
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    with other.read():
        assert len(db.session.scalars(select(Division)).all()) == 5


def test_an_address_is_used_once_in_the_whole_installation(world: World) -> None:
    other = World(world.app, "other", "เทศบาลตำบลอื่น")
    with pytest.raises(Refused, match="มีบัญชีอยู่แล้ว"), other.write():
        organising.add_user("HEAD0@tuayang.example", "", now=NOW, by=SYSTEM)


def test_a_new_holder_ends_the_time_of_the_one_before(world: World) -> None:
    with world.write():
        position = organising.position_named("กองคลัง")
        user = organising.add_user("new@tuayang.example", "", now=NOW, by=SYSTEM)
        organising.appoint(user, position, now=NOW, by=SYSTEM)
        found = db.session.scalars(
            select(Holding).where(Holding.position_id == position.id).order_by(Holding.id)
        ).all()
        assert user.name == "new"
        assert [(one.from_on, one.until_on) for one in found] == [
            (date(2025, 10, 3), date(2026, 1, 4)),
            (date(2026, 1, 5), None),
        ]


def test_who_acts_leaves_the_regular_holder_in_place(world: World) -> None:
    with world.write():
        position = organising.position_named("กองคลัง")
        deputy = db.session.get(User, world.users["head2"])
        assert deputy is not None
        organising.appoint(deputy, position, now=NOW, by=SYSTEM, acting=True)
        untils = db.session.scalars(select(Holding.until_on).where(Holding.position_id == position.id)).all()
        assert untils == [None, None]


def test_a_position_that_is_not_there_is_not_found(world: World) -> None:
    with world.read(), pytest.raises(NotFound, match="กองไม่มี"):
        organising.position_named("กองไม่มี")


def test_nothing_of_a_refused_organisation_stays(app: Tracker) -> None:
    with pytest.raises(Refused), writing():
        organising.add_organisation("new", "อปท.", Kind.SAO, ("กองคลัง", "กองคลัง"), now=NOW, by=SYSTEM)
    with across_organisations("test"):
        assert db.session.scalars(select(Organisation).where(Organisation.slug == "new")).all() == []
