"""Who holds a position on a day, who acts for it, and where it is reached."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.world import World, at
from tracker.actions import organising, staffing
from tracker.database import db
from tracker.errors import NotFound, Refused
from tracker.models import Holding, Position, User
from tracker.people import head_of, posts_on, reached, roles_of, with_role
from tracker.rules.permissions import SYSTEM, Role

LATER = at("2026-02-02")
DAY = LATER.date()


def user(world: World, who: str) -> User:
    return db.session.scalars(select(User).where(User.id == world.users[who])).one()


def head_position(world: World, place: int) -> Position:
    query = select(Position).where(
        Position.division_id == world.division_ids[place], Position.role == Role.HEAD
    )
    return db.session.scalars(query).one()


def test_everybody_of_the_world_is_reached_at_the_own_address(world: World) -> None:
    with world.read():
        posts = posts_on(DAY)
        post = head_of(posts.values(), world.division_ids[1])
        assert post is not None
        assert (post.title, post.address, post.vacant) == ("ผู้อำนวยการกองคลัง", "head1@tuayang.example", False)
        coordinator = with_role(posts.values(), Role.COORDINATOR)
        assert coordinator is not None
        assert coordinator.holder_id == world.users["coordinator"]


def test_who_acts_goes_before_who_holds(world: World) -> None:
    with world.write():
        clerk, position = user(world, "clerk"), head_position(world, 1)
        staffing.hand_over(position, clerk, DAY, None, acting=True, now=LATER, by=SYSTEM)
    with world.read():
        for day, address in ((DAY - timedelta(days=1), "head1"), (DAY, "clerk")):
            post = head_of(posts_on(day).values(), world.division_ids[1])
            assert post is not None
            assert post.address == f"{address}@tuayang.example"
        # Both may do the division's work while one acts for the other.
        for who in ("clerk", "head1"):
            roles, divisions = roles_of(world.users[who], DAY)
            assert Role.HEAD in roles
            assert divisions == {world.division_ids[1]}


def test_a_position_passes_from_one_day_to_the_next(world: World) -> None:
    with world.write():
        position = head_position(world, 2)
        organising.appoint(user(world, "head3"), position, now=LATER, by=SYSTEM)
        position_id = position.id
    with world.read():
        query = (
            select(Holding.user_id, Holding.from_on, Holding.until_on)
            .where(Holding.position_id == position_id)
            .order_by(Holding.id)
        )
        assert [tuple(row) for row in db.session.execute(query)] == [
            (world.users["head2"], date(2025, 10, 3), date(2026, 2, 1)),
            (world.users["head3"], date(2026, 2, 2), None),
        ]
        assert roles_of(world.users["head2"], DAY) == (frozenset(), frozenset())
        before = roles_of(world.users["head2"], DAY - timedelta(days=1))
        assert before == ({Role.HEAD}, {world.division_ids[2]})
        both = {world.division_ids[2], world.division_ids[3]}
        assert roles_of(world.users["head3"], DAY) == ({Role.HEAD}, both)
        assert roles_of(world.users["head3"], date(2025, 10, 2)) == (frozenset(), frozenset())


def test_a_vacant_position_is_reached_at_its_superior(world: World) -> None:
    with world.write():
        user(world, "head1").active = False
    with world.read():
        posts = posts_on(DAY)
        vacant = head_of(posts.values(), world.division_ids[1])
        assert vacant is not None
        assert vacant.vacant
        post = reached(posts, vacant)
        assert post is not None
        assert post.address == "clerk@tuayang.example"
    with world.write():
        user(world, "clerk").active = False
    with world.read():
        posts = posts_on(DAY)
        post = reached(posts, head_of(posts.values(), world.division_ids[1]))
        assert post is not None
        assert post.address == "chief@tuayang.example"
    with world.write():
        user(world, "chief").active = False
    with world.read():
        posts = posts_on(DAY)
        assert reached(posts, head_of(posts.values(), world.division_ids[1])) is None
        assert reached(posts, None) is None


def test_superiors_in_a_circle_end_the_search(world: World) -> None:
    with world.write():
        for who in ("head1", "clerk", "chief"):
            user(world, who).active = False
        chief = db.session.scalars(select(Position).where(Position.role == Role.CHIEF_EXECUTIVE)).one()
        chief.superior_id = head_position(world, 1).id
    with world.read():
        posts = posts_on(DAY)
        assert reached(posts, head_of(posts.values(), world.division_ids[1])) is None


def test_a_mailbox_of_the_position_goes_before_the_holder_s_address(world: World) -> None:
    with world.write():
        head_position(world, 1).mailbox = "finance@tuayang.example"
        user(world, "head1").active = False
    with world.read():
        post = head_of(posts_on(DAY).values(), world.division_ids[1])
        assert post is not None
        assert (post.address, post.vacant, post.holder_id) == ("finance@tuayang.example", False, None)


def test_a_position_is_found_by_its_title_or_by_its_division(world: World) -> None:
    with world.read():
        for words in ("ผู้อำนวยการกองคลัง", "กองคลัง", " กอง คลัง "):
            assert organising.position_named(words).division_id == world.division_ids[1]
        assert organising.position_named("ผู้ประสานงานแผน").role is Role.COORDINATOR
        with pytest.raises(NotFound, match="กองประปา"):
            organising.position_named("กองประปา")


def test_an_address_is_used_once_in_the_installation(world: World) -> None:
    other = World(world.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
    with pytest.raises(Refused, match="มีบัญชีอยู่แล้ว"), other.write():
        organising.add_user(" HEAD1@Tuayang.example ", "ใครสักคน", now=LATER, by=SYSTEM)
    with other.write():
        added = organising.add_user("head9@tuayang.example", "", now=LATER, by=SYSTEM)
        assert (added.name, added.organisation_id) == ("head9", other.organisation_id)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "somebody",
        "a@b",
        "a b@example.org",
        "a@example.org,b@example.org",
        "<a@example.org>",
        "a@b@c.d",
        "a@example.org\r\nBcc: b@example.org",
    ],
)
def test_what_is_no_address_is_refused(world: World, address: str) -> None:
    with pytest.raises(Refused), world.write():
        organising.add_user(address, "ใครสักคน", now=LATER, by=SYSTEM)
