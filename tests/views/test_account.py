"""Signing in and out, invitations, language and colours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.world import PASSWORD, World, at
from tracker import clock as moment
from tracker.actions import admitting, organising
from tracker.database import across_organisations, db
from tracker.models import OutgoingMail, Throttle, User, WebSession
from tracker.rules.permissions import SYSTEM

HEAD = "head0@tuayang.example"
FAILED = "อีเมลหรือรหัสผ่านไม่ถูกต้อง"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\/evil.example/",
    "/\t/evil.example/",
    "/\r/evil.example/",
    "/\n/evil.example/",
    " //evil.example/",
    "javascript:alert(1)",
    "evil.example",
]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New passwords are hashed with less work; what verifies them reads the work from the hash."""
    light = admitting.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(admitting, "_hasher", light)
    monkeypatch.setattr(admitting, "_NOBODY", light.hash("nobody"))


def give_password(world: World, who: str = "head0", password: str = PASSWORD) -> None:
    with world.write():
        user = db.session.get(User, world.users[who])
        assert user is not None
        user.password_hash = admitting.hash_password(password)


def test_the_right_password_leads_to_the_work(world: World, browser: Browser) -> None:
    give_password(world)
    answer = browser.sign_in(HEAD.upper())
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.open("/").location == "/work"
    assert "งานของสำนักปลัด" in browser.get("/work").text


def test_a_person_without_a_division_starts_at_the_dashboard(signed_in: Callable[[str], Browser]) -> None:
    assert signed_in("chief").open("/").location == "/plan/2569"


def test_wrong_password_and_unknown_address_get_the_same_answer(world: World, browser: Browser) -> None:
    give_password(world)
    wrong = browser.sign_in(HEAD, "another password")
    unknown = browser.sign_in("nobody@tuayang.example", "another password")
    assert wrong.status_code == unknown.status_code == 303
    assert wrong.location == unknown.location
    assert FAILED in browser.get(wrong.location).text
    assert browser.open("/work").location.startswith("/sign-in")


@pytest.mark.parametrize("who", ["inactive", "invited"])
def test_who_may_not_enter_gets_the_answer_of_a_wrong_password(
    world: World, browser: Browser, who: str
) -> None:
    give_password(world)
    with world.write():
        user = db.session.get(User, world.users["head0"])
        assert user is not None
        if who == "inactive":
            user.active = False
        else:
            user.password_hash = None
    assert browser.sign_in(HEAD).location == "/sign-in?failed=1"


def test_ten_wrong_tries_hold_back_even_the_right_password(
    world: World, browser: Browser, clock: time_machine.Traveller
) -> None:
    give_password(world)
    for _ in range(admitting.TRIES):
        browser.sign_in(HEAD, "guess")
    held = browser.sign_in(HEAD)
    assert held.location == "/sign-in?failed=1"
    assert "รอ 15 นาที" in browser.get(held.location).text
    clock.shift(timedelta(minutes=admitting.TRIES_MINUTES, seconds=1))
    assert browser.sign_in(HEAD).location == "/"


def test_nine_wrong_tries_do_not_hold_back(world: World, browser: Browser) -> None:
    give_password(world)
    for _ in range(admitting.TRIES - 1):
        browser.sign_in(HEAD, "guess")
    assert browser.sign_in(HEAD).location == "/"


def test_one_place_cannot_guess_at_everybody(world: World, browser: Browser) -> None:
    give_password(world)
    with world.write():
        for number in range(admitting.TRIES_OF_ADDRESS):
            admitting.note_try(f"somebody{number}@tuayang.example", "127.0.0.1", now=moment.now())
    assert browser.sign_in(HEAD).location == "/sign-in?failed=1"
    elsewhere = Browser(world.app)
    elsewhere.inner.environ_base["REMOTE_ADDR"] = "127.0.0.2"
    assert elsewhere.sign_in(HEAD).location == "/"


def test_the_brake_keeps_no_address_in_the_clear(world: World, browser: Browser) -> None:
    browser.sign_in(HEAD, "guess")
    with across_organisations("test"):
        keys = sorted(db.session.scalars(select(Throttle.key)))
    assert len(keys) == 2
    assert not any("head0" in key for key in keys)


def test_missing_fields_are_named(browser: Browser) -> None:
    page = browser.post("/sign-in", {"email": "", "password": ""})
    assert "กรุณากรอกอีเมล" in page.text
    assert "กรุณากรอกรหัสผ่าน" in page.text


def test_a_form_without_the_token_is_refused(world: World, browser: Browser) -> None:
    answer = browser.open("/sign-in", method="POST", data={"email": HEAD, "password": PASSWORD})
    assert answer.status_code == 400
    assert "โหลดหน้าใหม่" in answer.text


def test_signing_in_goes_on_to_the_wanted_page(world: World, browser: Browser) -> None:
    give_password(world)
    wanted = browser.open("/plan/2569/tasks?look=overdue").location
    assert wanted == "/sign-in?next=/plan/2569/tasks?look%3Doverdue"
    answer = browser.sign_in(HEAD, next="/plan/2569/tasks?look=overdue")
    assert answer.location == "/plan/2569/tasks?look=overdue"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(world: World, browser: Browser, wanted: str) -> None:
    give_password(world)
    assert browser.sign_in(HEAD, next=wanted).location == "/"


@pytest.mark.parametrize("wanted", ELSEWHERE)
@pytest.mark.parametrize("path", ["/language", "/theme"])
def test_switches_lead_to_no_other_site(browser: Browser, path: str, wanted: str) -> None:
    assert browser.post(path, {"next": wanted}).location == "/"


def test_signing_out_ends_the_session_on_the_server(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    person = signed_in("head0")
    with person.inner.session_transaction() as session:
        stolen = session["_user_id"]
    assert person.post("/sign-out").location == "/sign-in"
    assert person.open("/work").status_code == 303
    thief = Browser(world.app)
    with thief.inner.session_transaction() as session:
        session["_user_id"] = stolen
    assert thief.open("/work").location.startswith("/sign-in")
    with world.read():
        assert db.session.scalars(select(WebSession)).one().ended_at == at("2025-12-17")


def test_a_session_ends_by_itself(signed_in: Callable[[str], Browser], clock: time_machine.Traveller) -> None:
    person = signed_in("chief")
    for _ in range(23):
        clock.shift(timedelta(minutes=30))
        assert person.open("/plan/2569").status_code == 200
    clock.shift(timedelta(minutes=30))
    assert person.open("/plan/2569").location.startswith("/sign-in")


def test_the_database_holds_no_token_of_a_session(world: World, signed_in: Callable[[str], Browser]) -> None:
    person = signed_in("chief")
    with person.inner.session_transaction() as session:
        token = session["_user_id"]
    with world.read():
        kept = db.session.scalars(select(WebSession.token_hash)).one()
    assert kept != token
    assert len(kept) == 64


def invite(world: World, address: str = "new@tuayang.example") -> str:
    """Invite a person to head the second division; returns the link's path."""
    with world.write():
        position = organising.position_named("กองคลัง")
        _user, url = organising.invite(address, "สมหญิง", position, now=at("2025-12-17"), by=SYSTEM)
    return url.removeprefix(world.app.extensions["tracker.config"].url)


def test_an_invitation_sets_a_password_and_lets_in(world: World, browser: Browser) -> None:
    path = invite(world)
    page = browser.get(path)
    assert "สมหญิง · new@tuayang.example" in page.text
    answer = browser.post(path, {"password": "a new password"})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "งานของกองคลัง" in browser.get("/work").text
    assert Browser(world.app).sign_in("new@tuayang.example", "a new password").location == "/"


def test_opening_an_invitation_does_not_use_it_up(world: World, browser: Browser) -> None:
    path = invite(world)
    for _ in range(2):
        browser.get(path)


def test_an_invitation_works_once(world: World, browser: Browser) -> None:
    path = invite(world)
    browser.post(path, {"password": "a new password"})
    stranger = Browser(world.app)
    assert "ใช้ไม่ได้แล้ว ถ้าเคยตั้งรหัสผ่านแล้วให้เข้าสู่ระบบ" in stranger.get(path, 404).text
    assert stranger.post(path, {"password": "another password"}).status_code == 404
    assert Browser(world.app).sign_in("new@tuayang.example", "a new password").location == "/"


def test_an_invitation_expires(world: World, browser: Browser, clock: time_machine.Traveller) -> None:
    path = invite(world)
    clock.shift(timedelta(days=organising.INVITATION_DAYS))
    assert "ใช้ไม่ได้แล้ว" in browser.get(path, 404).text


def test_a_made_up_invitation_leads_nowhere(world: World, browser: Browser) -> None:
    browser.get("/invitation/abcdefgh", 404)


def test_a_short_password_does_not_use_the_invitation_up(world: World, browser: Browser) -> None:
    path = invite(world)
    answer = browser.post(path, {"password": "short"})
    assert "อย่างน้อย 8 ตัวอักษร" in answer.text
    assert browser.post(path, {"password": "a new password"}).status_code == 303


def test_the_invitation_goes_out_at_once_with_its_link(world: World) -> None:
    path = invite(world)
    with world.read():
        mail = db.session.scalars(select(OutgoingMail)).one()
    assert (mail.to_address, mail.next_at) == ("new@tuayang.example", at("2025-12-17"))
    assert path in mail.body_text.replace("\n", "")


def test_the_language_stays_chosen(browser: Browser) -> None:
    assert browser.get("/sign-in").language == "th"
    assert browser.post("/language", {"language": "en", "next": "/sign-in?x=1"}).location == "/sign-in?x=1"
    page = browser.get("/sign-in")
    assert page.language == "en"
    assert "Sign in" in page.text
    browser.post("/language", {"language": "xx"})
    assert browser.get("/sign-in").language == "en"


def test_the_language_outlives_signing_in(world: World, browser: Browser) -> None:
    give_password(world)
    browser.post("/language", {"language": "en"})
    browser.sign_in(HEAD)
    assert browser.get("/work").language == "en"


@pytest.mark.parametrize(("theme", "shown"), [("dark", True), ("light", True), ("", False), ("pink", False)])
def test_colours_are_chosen(browser: Browser, theme: str, shown: bool) -> None:
    browser.post("/theme", {"theme": theme, "next": "/sign-in"})
    assert ("data-bs-theme=" in browser.open("/sign-in").text) is shown
