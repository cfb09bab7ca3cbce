"""The accounts of an organisation on their pages: seen, invited, granted, closed and opened again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import PASSWORD, World, at
from tracker.database import db
from tracker.models import OutgoingMail, Position, User

SignedIn = Callable[[str], Browser]


@pytest.fixture
def desk(signed_in: SignedIn) -> Browser:
    return signed_in("coordinator")


def user_of(world: World, address: str) -> User:
    with world.read():
        db.session.rollback()
        row = db.session.scalars(select(User).where(User.address == address)).one()
        db.session.expunge_all()
        db.session.rollback()
    return row


def place_of(world: World, title: str) -> int:
    with world.read():
        db.session.rollback()
        found = db.session.scalars(select(Position.id).where(Position.title == title)).one()
        db.session.rollback()
    return found


def invite(desk: Browser, part: object, email: str = "new@tuayang.example") -> int:
    given = {"email": email, "name": "คนใหม่", "part": str(part)}
    return desk.post("/settings/users", given).status_code


def test_every_account_is_shown_with_what_it_is_and_when_it_was_last_used(
    world: World, desk: Browser
) -> None:
    Browser(world.app).sign_in("head1@tuayang.example")
    page = desk.get("/settings/users")
    assert "/settings/users" in desk.get("/settings").links
    assert "บัญชีทั้งหมด 8 บัญชี" in page.text
    assert "head1@tuayang.example ผู้อำนวยการกองคลัง 17 ธ.ค. 2568 09.00" in page.text
    assert "head2@tuayang.example ผู้อำนวยการกองช่าง ยังไม่เคย ใช้งานอยู่" in page.text


def test_somebody_is_invited_to_a_position_and_shown_as_not_yet_accepted(world: World, desk: Browser) -> None:
    assert invite(desk, place_of(world, "ผู้อำนวยการกองคลัง")) == 303
    page = desk.get("/settings/users")
    assert "new@tuayang.example ผู้อำนวยการกองคลัง ยังไม่เคย เชิญเมื่อ 17 ธ.ค. 2568 ยังไม่ตอบรับ" in page.text
    with time_machine.travel(at("2026-01-05"), tick=False):
        browser = Browser(world.app).enter(world, "coordinator")
        assert (
            "new@tuayang.example ผู้อำนวยการกองคลัง ยังไม่เคย คำเชิญหมดอายุ" in browser.get("/settings/users").text
        )


@pytest.mark.parametrize(("part", "shown"), [("auditor", "ผู้ตรวจสอบ"), ("administrator", "ผู้ดูแลระบบ")])
def test_somebody_is_invited_with_a_granted_role(world: World, desk: Browser, part: str, shown: str) -> None:
    assert invite(desk, part) == 303
    row = user_of(world, "new@tuayang.example")
    assert (row.auditor, row.administrator) == (part == "auditor", part == "administrator")
    assert f"new@tuayang.example {shown}" in desk.get("/settings/users").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "ไม่ใช่"}, "email"),
        ({"email": "head2@tuayang.example"}, "email"),
        ({"part": ""}, "part"),
        ({"part": "999999"}, "part"),
        ({"part": "system_administrator"}, "part"),
    ],
)
def test_an_invitation_that_cannot_be_is_said_at_its_field(
    world: World, desk: Browser, changes: dict[str, str], field: str
) -> None:
    given = {"email": "new@tuayang.example", "name": "คนใหม่", "part": "auditor"} | changes
    answer = desk.post("/settings/users", given)
    assert answer.status_code == 422
    assert Page(answer.text).beside[field]
    assert Page(answer.text).form("/settings/users")["name"] == "คนใหม่"
    assert "บัญชีทั้งหมด 8 บัญชี" in desk.get("/settings/users").text


def test_an_invitation_is_sent_again_and_withdrawn(world: World, desk: Browser) -> None:
    invite(desk, "auditor")
    address = f"/settings/users/{user_of(world, 'new@tuayang.example').id}"
    assert desk.post(f"{address}/invite-again").status_code == 303
    with world.read():
        db.session.rollback()
        assert len(db.session.scalars(select(OutgoingMail.id)).all()) == 2
        db.session.rollback()
    assert desk.post(f"{address}/close").status_code == 303
    page = desk.get(address)
    assert "ถอนคำเชิญแล้ว" in page.text
    assert f"{address}/invite-again" in [form.get("action") for form in page.forms]
    assert desk.post(f"{address}/invite-again").status_code == 303
    assert "ยังไม่ตอบรับ" in desk.get(address).text


def test_a_name_and_granted_roles_are_changed(world: World, desk: Browser) -> None:
    address = f"/settings/users/{world.users['head2']}"
    assert desk.get(address).form(f"{address}/grant")["name"] == "ผู้อำนวยการกองช่าง"
    assert desk.post(f"{address}/grant", {"name": "นายสมมุติ", "auditor": "y"}).status_code == 303
    row = user_of(world, "head2@tuayang.example")
    assert (row.name, row.auditor, row.administrator) == ("นายสมมุติ", True, False)
    answer = desk.post(f"{address}/grant", {"name": "", "administrator": "y"})
    assert answer.status_code == 422
    assert Page(answer.text).beside["name"]
    assert not user_of(world, "head2@tuayang.example").administrator


def test_an_account_is_closed_at_once_and_opened_again(
    world: World, desk: Browser, signed_in: SignedIn
) -> None:
    head = signed_in("head1")
    address = f"/settings/users/{world.users['head1']}"
    assert desk.post(f"{address}/close").status_code == 303
    assert head.open("/work").status_code == 303
    refused = Browser(world.app).sign_in("head1@tuayang.example", PASSWORD)
    assert "failed" in (refused.location or "")
    page = desk.get(address)
    assert "ปิดแล้ว" in page.text
    assert [form.get("action") for form in page.forms if "/settings/" in str(form.get("action"))] == [
        f"{address}/reopen"
    ]
    assert desk.post(f"{address}/reopen").status_code == 303
    assert "failed" not in (Browser(world.app).sign_in("head1@tuayang.example", PASSWORD).location or "")


def test_the_last_manager_is_told_why_the_account_stays(world: World, desk: Browser) -> None:
    address = f"/settings/users/{world.users['coordinator']}"
    page = desk.get(address)
    assert f"{address}/close" not in [form.get("action") for form in page.forms]
    assert "เป็นบัญชีสุดท้ายที่จัดการผู้ใช้" in page.text
    answer = desk.post(f"{address}/close")
    assert answer.status_code == 422
    assert "เป็นบัญชีสุดท้ายที่จัดการผู้ใช้" in Page(answer.text).text
    assert desk.open("/settings/users").status_code == 200


def test_accounts_are_changed_after_the_password_was_given_again(
    world: World, desk: Browser, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2025-12-17", "09:20"))
    page = desk.get("/settings/users")
    assert "/account/confirm?next=/settings/users" in page.links
    assert all(form.get("action") != "/settings/users" for form in page.forms)
    answer = desk.post(f"/settings/users/{world.users['head1']}/close")
    assert answer.location.startswith("/account/confirm")
    assert user_of(world, "head1@tuayang.example").active


def test_those_who_only_look_see_no_form(world: World, signed_in: SignedIn) -> None:
    clerk = signed_in("clerk")
    for path in ("/settings/users", f"/settings/users/{world.users['head1']}"):
        actions = [str(form.get("action")) for form in clerk.get(path).forms]
        assert not any(action.startswith("/settings") for action in actions)
    signed_in("head1").get("/settings/users", 403)
