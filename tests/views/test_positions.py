"""Positions are added and ended on the page of positions, as far as the office can be without them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import chain_faults
from tests.world import FOUNDED, World
from tracker.database import db
from tracker.models import Position
from tracker.people import Post, posts_on, with_role
from tracker.rules.moments import day_of
from tracker.rules.permissions import Role

SignedIn = Callable[[str], Browser]
PATH = "/settings/people"


@pytest.fixture
def desk(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


def post_titled(world: World, title: str) -> Post:
    with world.read():
        db.session.rollback()
        found = next(post for post in posts_on(date(2025, 12, 17)).values() if post.title == title)
        db.session.rollback()
    return found


def place_of(world: World, role: Role) -> int:
    with world.read():
        found = db.session.scalars(
            select(Position.id).where(Position.role == role).order_by(Position.id)
        ).first()
        db.session.rollback()
    assert found is not None
    return found


def test_a_deputy_clerk_is_added_held_and_ended_again(world: World, desk: Browser) -> None:
    chief, clerk = place_of(world, Role.CHIEF_EXECUTIVE), place_of(world, Role.CLERK)
    assert set(desk.get(PATH).form(PATH)) >= {"title", "role", "division", "superior"}
    given = {"title": "รองปลัด", "role": "clerk", "division": "", "superior": str(clerk)}
    answer = desk.post(PATH, given)
    deputy = post_titled(world, "รองปลัด")
    page = f"{PATH}/{deputy.position_id}"
    assert answer.location == page
    assert (deputy.role, deputy.superior_id, deputy.vacant) == (Role.CLERK, clerk, True)
    with world.read():
        first = with_role(posts_on(day_of(FOUNDED)).values(), Role.CLERK)
        assert first is not None
        assert first.position_id == clerk
        db.session.rollback()
    held = {"user_id": str(world.users["head4"]), "from_on": "1 มี.ค. 2569", "acting": "no"}
    assert desk.post(f"{page}/hand-over", held).status_code == 303
    assert "ยังมีผู้ดำรงหรือจะดำรงตำแหน่งนี้" in desk.get(page).text
    assert desk.post(f"{page}/end").status_code == 422
    [coming] = [form["action"] for form in desk.get(page).forms if "/holdings/" in form.get("action", "")]
    assert desk.post(coming).status_code == 303
    below = {"superior": str(deputy.position_id)}
    assert desk.post(f"{PATH}/{place_of(world, Role.COORDINATOR)}/superior", below).status_code == 303
    assert desk.post(f"{page}/end").location == PATH
    assert post_titled(world, "รองปลัด").ended
    assert post_titled(world, "ผู้ประสานงานแผน").superior_id == clerk
    assert page not in desk.get(PATH).links
    assert "รองปลัด" not in desk.get("/settings/users").text
    assert f"{page}/hand-over" not in [form.get("action") for form in desk.get(page).forms]
    assert desk.post(f"{page}/hand-over", held).status_code == 422
    assert desk.post(f"{page}/invite", {"email": "new@tuayang.example"}).status_code == 422
    # Under its title it comes back.
    assert desk.post(PATH, given | {"superior": str(chief)}).location == page
    again = post_titled(world, "รองปลัด")
    assert (again.ended, again.superior_id) == (False, chief)
    assert chain_faults(world) == []


def test_who_holds_a_second_coordination_may_do_the_same_and_the_first_can_end(
    world: World, desk: Browser, signed_in: SignedIn
) -> None:
    first = place_of(world, Role.COORDINATOR)
    desk.post(PATH, {"title": "ผู้ช่วยผู้ประสานงาน", "role": "coordinator"})
    second = post_titled(world, "ผู้ช่วยผู้ประสานงาน").position_id
    today = {"user_id": str(world.users["head4"]), "from_on": "17 ธ.ค. 2568", "acting": "no"}
    assert desk.post(f"{PATH}/{second}/hand-over", today).status_code == 303
    helper = signed_in("head4")
    assert helper.open("/settings/users").status_code == 200
    [held] = [
        form["action"]
        for form in helper.get(f"{PATH}/{first}").forms
        if "/holdings/" in form.get("action", "")
    ]
    assert helper.post(held, {"last_on": "16 ธ.ค. 2568"}).status_code == 303
    assert helper.post(f"{PATH}/{first}/end").status_code == 303
    with world.read():
        db.session.rollback()
        told = with_role(posts_on(date(2025, 12, 17)).values(), Role.COORDINATOR)
        assert told is not None
        assert told.position_id == second
        db.session.rollback()
    refused = helper.post(f"{PATH}/{second}/end")
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "ผู้ประสานงานแผน"}, "title"),
        ({"role": ""}, "role"),
        ({"role": "administrator"}, "role"),
        ({"role": "chief_executive"}, "role"),
        ({"role": "head", "division": "own"}, "role"),
        ({"role": "staff"}, "division"),
        ({"role": "clerk", "division": "own"}, "division"),
    ],
)
def test_what_the_rules_do_not_allow_is_said_at_its_field(
    world: World, desk: Browser, changes: dict[str, str], field: str
) -> None:
    given = {"title": "ตำแหน่งใหม่", "role": "clerk", "division": "", "superior": ""} | changes
    if given["division"]:
        given["division"] = str(world.division_ids[1])
    answer = desk.post(PATH, given)
    assert answer.status_code == 422
    assert set(Page(answer.text).beside) == {field}
    assert Page(answer.text).form(PATH)["title"] == given["title"]
    assert "ตำแหน่งใหม่" not in desk.get(PATH).text


@pytest.mark.parametrize("role", [Role.HEAD, Role.CHIEF_EXECUTIVE, Role.CLERK, Role.COORDINATOR])
def test_an_office_keeps_what_it_cannot_be_without(world: World, desk: Browser, role: Role) -> None:
    page = f"{PATH}/{place_of(world, role)}"
    assert f"{page}/end" not in [form.get("action") for form in desk.get(page).forms]
    assert desk.post(f"{page}/end").status_code == 422


def test_staff_of_a_division_reports_for_it(world: World, desk: Browser, signed_in: SignedIn) -> None:
    world.adopted_plan()
    given = {"title": "เจ้าหน้าที่กองคลัง", "role": "staff", "division": str(world.division_ids[1])}
    assert desk.post(PATH, given).status_code == 303
    place = post_titled(world, "เจ้าหน้าที่กองคลัง").position_id
    held = {"user_id": str(world.users["head4"]), "from_on": "17 ธ.ค. 2568", "acting": "no"}
    desk.post(f"{PATH}/{place}/hand-over", held)
    assert "กองคลัง" in signed_in("head4").get("/work").text
    assert signed_in("head0").post(PATH, given).status_code == 403
    assert signed_in("clerk").post(f"{PATH}/{place}/end").status_code == 403
