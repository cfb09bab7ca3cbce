"""New organisations, divisions and people."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.deeds import chain_faults
from tests.world import World, at
from tracker.actions import organising
from tracker.app import Tracker
from tracker.database import db, organisation_scope, writing
from tracker.errors import Refused
from tracker.models import Division, Kind, LinkToken, Organisation, OutgoingMail, Position
from tracker.people import posts_on
from tracker.rules.permissions import SYSTEM, Role

NOW = at("2025-10-03")


def add(slug: str = "new", kind: Kind = Kind.SAO, *divisions: str) -> int:
    with writing():
        return organising.add_organisation(slug, "หน่วยงานใหม่", kind, divisions, now=NOW, by=SYSTEM).id


@pytest.mark.parametrize(
    ("kind", "chief", "clerk"),
    [
        (Kind.SAO, "นายกองค์การบริหารส่วนตำบล", "ปลัดองค์การบริหารส่วนตำบล"),
        (Kind.MUNICIPALITY, "นายกเทศมนตรี", "ปลัดเทศบาล"),
        (Kind.PAO, "นายกองค์การบริหารส่วนจังหวัด", "ปลัดองค์การบริหารส่วนจังหวัด"),
    ],
)
def test_titles_follow_what_the_organisation_is(app: Tracker, kind: Kind, chief: str, clerk: str) -> None:
    with organisation_scope(add(kind=kind)):
        titles = {row.role: row.title for row in db.session.scalars(select(Position))}
    assert (titles[Role.CHIEF_EXECUTIVE], titles[Role.CLERK]) == (chief, clerk)
    assert titles[Role.COORDINATOR] == organising.COORDINATOR_TITLE


def test_heads_answer_to_the_clerk_and_the_clerk_to_the_chief_executive(app: Tracker) -> None:
    with organisation_scope(add()):
        posts = posts_on(NOW.date())
        by_role = {post.role: post for post in posts.values()}
        heads = [post for post in posts.values() if post.role is Role.HEAD]
    assert len(heads) == len(organising.USUAL_DIVISIONS)
    assert {post.superior_id for post in heads} == {by_role[Role.CLERK].position_id}
    assert by_role[Role.COORDINATOR].superior_id == by_role[Role.CLERK].position_id
    assert by_role[Role.CLERK].superior_id == by_role[Role.CHIEF_EXECUTIVE].position_id
    assert by_role[Role.CHIEF_EXECUTIVE].superior_id is None
    assert all(post.vacant for post in posts.values())


def test_the_first_division_coordinates(app: Tracker) -> None:
    with organisation_scope(add("new", Kind.SAO, "กองคลัง", "สำนักปลัด")):
        rows = db.session.scalars(select(Division).order_by(Division.place)).all()
        assert [(row.name, row.coordinates) for row in rows] == [("กองคลัง", True), ("สำนักปลัด", False)]


@pytest.mark.parametrize(
    ("name", "title", "aliases"),
    [
        ("กองสวัสดิการสังคม", "ผู้อำนวยการกองสวัสดิการสังคม", []),
        ("สำนักช่าง", "หัวหน้าสำนักช่าง", []),
        ("หน่วยประปา", "หัวหน้าหน่วยประปา", ["ประปา"]),
    ],
)
def test_a_division_comes_with_its_head(world: World, name: str, title: str, aliases: list[str]) -> None:
    with world.write():
        division = organising.add_division(f" {name} ", now=NOW, by=SYSTEM)
        assert (division.name, division.aliases, division.place) == (name, aliases, 5)
        head = db.session.scalars(select(Position).where(Position.division_id == division.id)).one()
        assert (head.title, head.role) == (title, Role.HEAD)
    assert chain_faults(world) == []


@pytest.mark.parametrize("name", ["", "  ", "กองคลัง", "กอง คลัง"])
def test_a_division_without_a_name_of_its_own_is_refused(world: World, name: str) -> None:
    with pytest.raises(Refused, match="ว่างหรือซ้ำ"), world.write():
        organising.add_division(name, now=NOW, by=SYSTEM)


@pytest.mark.parametrize("slug", ["", "a", "UPPER", "has space", "-dash", "ไทย", "x" * 41, "a/b"])
def test_a_slug_is_of_small_letters_and_digits(app: Tracker, slug: str) -> None:
    with pytest.raises(Refused):
        add(slug)
    db.session.rollback()
    assert db.session.scalars(select(Organisation)).all() == []


def test_a_slug_is_used_once(app: Tracker) -> None:
    add("new")
    with pytest.raises(Refused, match="new"):
        add("new")


def test_organisations_have_divisions_of_the_same_name(app: Tracker) -> None:
    first, second = add("first"), add("second")
    assert first != second
    for organisation in (first, second):
        with organisation_scope(organisation):
            db.session.rollback()
            assert len(db.session.scalars(select(Division)).all()) == 4
            assert len(db.session.scalars(select(Position)).all()) == 7


def test_an_invitation_goes_to_the_outbox_with_a_link_of_which_only_the_hash_is_kept(world: World) -> None:
    with world.write():
        position = organising.position_named("กองคลัง")
        user, url = organising.invite(" New@Tuayang.example", "", position, now=NOW, by=SYSTEM)
        assert (user.address, user.name, user.password_hash) == ("new@tuayang.example", "new", None)
    token = url.rpartition("/")[2]
    assert url == f"http://127.0.0.1:8000/invitation/{token}"
    with world.read():
        db.session.rollback()
        link = db.session.scalars(select(LinkToken)).one()
        assert token not in link.token_hash
        mail = db.session.scalars(select(OutgoingMail)).one()
        assert (mail.kind, mail.to_address, mail.next_at) == ("invitation", "new@tuayang.example", NOW)
        assert token in mail.body_html
    assert chain_faults(world) == []


def test_whoever_is_invited_takes_the_position_from_that_day(world: World) -> None:
    with world.write():
        position = organising.position_named("กองคลัง")
        organising.invite("new@tuayang.example", "คนใหม่", position, now=at("2026-01-05"), by=SYSTEM)
        position_id = position.id
    with world.read():
        db.session.rollback()
        assert posts_on(at("2026-01-04").date())[position_id].address == "head1@tuayang.example"
        assert posts_on(at("2026-01-05").date())[position_id].address == "new@tuayang.example"
