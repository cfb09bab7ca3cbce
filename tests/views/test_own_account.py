"""One's own account: new passwords and addresses by links, sessions, and the password asked for once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import PASSWORD, World
from tracker.access import CONFIRMED_FOR
from tracker.actions import admitting, recovering
from tracker.database import db
from tracker.models import AddressChange, JournalEntry, LinkToken, OutgoingMail, Position, User, WebSession

HEAD = "head0@tuayang.example"
NEW = "a new password"
AGENT = (
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36"
)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Everybody's password is PASSWORD, hashed with less work."""
    light = admitting.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(admitting, "_hasher", light)
    monkeypatch.setattr(admitting, "_NOBODY", light.hash("nobody"))
    with world.write():
        for user in db.session.scalars(select(User)):
            user.password_hash = light.hash(PASSWORD)


def mails(world: World, kind: str) -> Sequence[OutgoingMail]:
    with world.read():
        db.session.rollback()
        found = db.session.scalars(
            select(OutgoingMail).where(OutgoingMail.kind == kind).order_by(OutgoingMail.id)
        ).all()
        db.session.expunge_all()
        return found


def link_in(mail: OutgoingMail) -> str:
    """The path of the link in a mail, which is folded in its text."""
    found = re.search(r'href="http://127\.0\.0\.1:8000(/[a-z]+/[\w-]+)"', mail.body_html)
    assert found
    return found[1]


def deeds(world: World) -> list[str]:
    with world.read():
        db.session.rollback()
        return list(db.session.scalars(select(JournalEntry.deed).order_by(JournalEntry.id)))


def ask(world: World, address: str = HEAD) -> str:
    Browser(world.app).post("/reset", {"email": address})
    return link_in(mails(world, "reset")[-1])


def test_a_forgotten_password_is_set_anew_by_mail(world: World, browser: Browser) -> None:
    assert "/reset" in browser.get("/sign-in").links
    path = ask(world)
    assert f"หัวหน้าสำนักปลัด · {HEAD}" in browser.get(path).text
    assert browser.post(path, {"password": NEW}).location == "/"
    assert browser.open("/work").status_code == 200
    assert Browser(world.app).sign_in(HEAD, NEW).location == "/"
    assert Browser(world.app).sign_in(HEAD).location == "/sign-in?failed=1"
    assert {"user.reset_asked", "user.password_set", "user.signed_out_everywhere"} <= set(deeds(world))
    [told] = mails(world, "changed")
    assert told.to_address == HEAD
    assert "รหัสผ่านของท่านถูกเปลี่ยน" in told.subject


@pytest.mark.parametrize("address", ["nobody@tuayang.example", "ไม่ใช่อีเมล", "x" * 254])
def test_the_answer_is_the_same_where_there_is_no_account(
    world: World, browser: Browser, address: str
) -> None:
    known = browser.post("/reset", {"email": HEAD})
    unknown = browser.post("/reset", {"email": address})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    assert browser.get(known.location).text == browser.get(unknown.location).text
    assert [mail.to_address for mail in mails(world, "reset")] == [HEAD]


def test_somebody_who_left_gets_no_link(world: World, browser: Browser) -> None:
    path = ask(world)
    with world.write():
        db.session.scalars(select(User).where(User.address == HEAD)).one().active = False
    browser.post("/reset", {"email": HEAD})
    assert len(mails(world, "reset")) == 1
    assert browser.post(path, {"password": NEW}).status_code == 404


def test_a_link_for_a_new_password_works_once_and_ends_the_others(world: World, browser: Browser) -> None:
    first, second = ask(world), ask(world)
    assert browser.post(second, {"password": NEW}).status_code == 303
    for path in (first, second):
        assert Browser(world.app).post(path, {"password": "another one"}).status_code == 404
    assert Browser(world.app).sign_in(HEAD, NEW).location == "/"


def test_a_link_for_a_new_password_ends_after_two_hours(
    world: World, browser: Browser, clock: time_machine.Traveller
) -> None:
    path = ask(world)
    clock.shift(timedelta(hours=recovering.RESET_HOURS))
    assert browser.post(path, {"password": NEW}).status_code == 404


def test_opening_the_link_or_a_short_password_does_not_use_it_up(world: World, browser: Browser) -> None:
    path = ask(world)
    browser.get(path)
    assert "อย่างน้อย 8 ตัวอักษร" in browser.post(path, {"password": "short"}).text
    assert browser.post(path, {"password": NEW}).status_code == 303


def test_an_invitation_is_no_link_for_a_new_password(world: World, browser: Browser) -> None:
    path = ask(world)
    assert browser.open(path.replace("/reset/", "/invitation/")).status_code == 404


def test_three_links_an_account_and_no_more_until_it_is_later(
    world: World, browser: Browser, clock: time_machine.Traveller
) -> None:
    answers = {browser.post("/reset", {"email": HEAD}).location for _ in range(admitting.RESETS + 2)}
    assert answers == {"/reset?sent=1"}
    assert len(mails(world, "reset")) == admitting.RESETS
    clock.shift(timedelta(minutes=admitting.TRIES_MINUTES, seconds=1))
    browser.post("/reset", {"email": HEAD})
    assert len(mails(world, "reset")) == admitting.RESETS + 1


def test_one_place_cannot_ask_for_everybody(world: World, browser: Browser) -> None:
    for number in range(admitting.TRIES_OF_ADDRESS):
        browser.post("/reset", {"email": f"somebody{number}@tuayang.example"})
    browser.post("/reset", {"email": HEAD})
    assert mails(world, "reset") == []


def test_asking_for_links_does_not_hold_signing_in_back(world: World, browser: Browser) -> None:
    for _ in range(admitting.TRIES + 1):
        browser.post("/reset", {"email": HEAD})
    assert Browser(world.app).sign_in(HEAD).location == "/"


def test_a_new_password_lets_in_an_account_that_guesses_held_back(world: World, browser: Browser) -> None:
    for _ in range(admitting.TRIES):
        browser.sign_in(HEAD, "guess")
    browser.post(ask(world), {"password": NEW})
    assert Browser(world.app).sign_in(HEAD, NEW).location == "/"


def test_no_token_of_a_link_is_in_its_table(world: World, signed_in: Callable[[str], Browser]) -> None:
    reset = ask(world)
    signed_in("head0").post("/account/address", {"address": "new@tuayang.example", "proof": PASSWORD})
    change = link_in(mails(world, "address")[-1])
    with world.read():
        kept = {
            hashed
            for column in (LinkToken.token_hash, AddressChange.token_hash)
            for hashed in db.session.scalars(select(column))
        }
    assert {len(one) for one in kept} == {64}
    assert not {path.rpartition("/")[2] for path in (reset, change)} & kept


def test_a_new_address_counts_when_its_mailbox_confirms_it(
    world: World, browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    person = signed_in("head0")
    person.post("/account/address", {"address": " New@tuayang.example ", "proof": PASSWORD})
    [mail] = mails(world, "address")
    assert mail.to_address == "new@tuayang.example"
    assert browser.sign_in(HEAD).location == "/"
    path = link_in(mail)
    assert "new@tuayang.example" in Browser(world.app).get(path).text
    assert Browser(world.app).sign_in("new@tuayang.example").location == "/sign-in?failed=1"
    assert Browser(world.app).post(path).location == "/sign-in"
    assert Browser(world.app).sign_in("new@tuayang.example").location == "/"
    assert Browser(world.app).sign_in(HEAD).location == "/sign-in?failed=1"
    assert Browser(world.app).post(path).status_code == 404
    [told] = mails(world, "changed")
    assert told.to_address == HEAD


def test_a_reset_in_the_old_mailbox_ends_with_the_address(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    old = ask(world)
    person = signed_in("head0")
    person.post("/account/address", {"address": "new@tuayang.example", "proof": PASSWORD})
    person.post(link_in(mails(world, "address")[-1]))
    assert Browser(world.app).post(old, {"password": NEW}).status_code == 404


def test_an_address_that_another_account_has_is_neither_taken_nor_told(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    person = signed_in("head0")
    free = person.post("/account/address", {"address": "new@tuayang.example", "proof": PASSWORD})
    taken = person.post("/account/address", {"address": "head1@tuayang.example", "proof": PASSWORD})
    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    assert [mail.to_address for mail in mails(world, "address")] == ["new@tuayang.example"]


def test_an_address_that_was_taken_meanwhile_is_not_given_twice(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    person = signed_in("head0")
    person.post("/account/address", {"address": "new@tuayang.example", "proof": PASSWORD})
    with world.write():
        db.session.scalars(
            select(User).where(User.address == "head1@tuayang.example")
        ).one().address = "new@tuayang.example"
    assert person.post(link_in(mails(world, "address")[-1])).status_code == 404


@pytest.mark.parametrize(
    ("address", "proof", "field"),
    [
        ("new@tuayang.example", "guess", "proof"),
        (HEAD, PASSWORD, "address"),
        ("ไม่ใช่", PASSWORD, "address"),
        ("", PASSWORD, "address"),
    ],
)
def test_an_address_that_cannot_be_is_refused_beside_its_field(
    world: World, signed_in: Callable[[str], Browser], address: str, proof: str, field: str
) -> None:
    answer = signed_in("head0").post("/account/address", {"address": address, "proof": proof})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert mails(world, "address") == []


def test_the_password_is_changed_by_whoever_knows_it(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    here, there = signed_in("head0"), signed_in("head0")
    assert here.post("/account/password", {"current": "guess", "password": NEW}).status_code == 422
    assert here.post("/account/password", {"current": PASSWORD, "password": "short"}).status_code == 422
    assert here.post("/account/password", {"current": PASSWORD, "password": NEW}).status_code == 303
    assert here.open("/account").status_code == 200
    assert there.open("/account").status_code == 303
    assert Browser(world.app).sign_in(HEAD, NEW).location == "/"


def test_guesses_at_the_password_of_an_open_session_are_counted(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    person = signed_in("head0")
    for _ in range(admitting.TRIES):
        person.post("/account/confirm", {"password": "guess"})
    assert person.post("/account/confirm", {"password": PASSWORD}).status_code == 422
    assert Browser(world.app).sign_in(HEAD).location == "/sign-in?failed=1"


def test_the_own_page_lists_the_devices_and_signs_one_out(
    world: World, browser: Browser, signed_in: Callable[[str], Browser]
) -> None:
    phone = Browser(world.app)
    phone.inner.environ_base["HTTP_USER_AGENT"] = AGENT
    phone.sign_in(HEAD)
    here = signed_in("head0")
    page = here.get("/account")
    assert "Chrome · Android" in page.text
    assert page.text.count("เครื่องนี้ เข้าเมื่อ") == 1
    [number] = [form["fields"]["session"] for form in page.forms if "session" in form["fields"]]
    assert here.post("/account/sessions/end", {"session": number}).location == "/account"
    assert phone.open("/work").status_code == 303
    assert here.open("/work").status_code == 200
    assert here.post("/account/sessions/end", {"session": number}).status_code == 422


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "²", "9" * 30])
def test_what_is_no_session_is_refused(signed_in: Callable[[str], Browser], number: str) -> None:
    assert signed_in("head0").post("/account/sessions/end", {"session": number}).status_code == 422


def test_nobody_signs_somebody_else_out(world: World, signed_in: Callable[[str], Browser]) -> None:
    clerk = signed_in("clerk")
    with world.read():
        number = db.session.scalars(select(WebSession.id)).one()
    assert signed_in("head0").post("/account/sessions/end", {"session": number}).status_code == 422
    assert clerk.open("/account").status_code == 200


def test_signing_out_everywhere_ends_every_session_of_the_person_only(
    signed_in: Callable[[str], Browser],
) -> None:
    here, there, other = signed_in("head0"), signed_in("head0"), signed_in("clerk")
    assert here.post("/account/sessions/end-all").location == "/sign-in"
    assert [one.open("/account").status_code for one in (here, there, other)] == [303, 303, 200]


def test_a_session_that_is_not_used_ends(
    signed_in: Callable[[str], Browser], clock: time_machine.Traveller
) -> None:
    person = signed_in("head0")
    clock.shift(timedelta(minutes=59))
    assert person.open("/work").status_code == 200
    clock.shift(timedelta(minutes=59))
    assert person.open("/work").status_code == 200
    clock.shift(timedelta(minutes=60))
    assert person.open("/work").status_code == 303


def test_a_session_in_use_is_written_down_every_few_minutes_only(
    world: World, signed_in: Callable[[str], Browser], clock: time_machine.Traveller
) -> None:
    person = signed_in("head0")

    def seen() -> object:
        with world.read():
            db.session.rollback()
            return db.session.scalars(select(WebSession.seen_at)).one()

    begun = seen()
    clock.shift(timedelta(minutes=4))
    person.open("/work")
    assert seen() == begun
    clock.shift(timedelta(minutes=2))
    person.open("/work")
    assert seen() != begun


def head_position(world: World) -> int:
    with world.read():
        db.session.rollback()
        return db.session.scalars(select(Position.id).order_by(Position.id.desc())).first() or 0


def test_roles_and_people_are_changed_only_after_the_password_was_given_again(
    world: World, signed_in: Callable[[str], Browser], clock: time_machine.Traveller
) -> None:
    person, page = signed_in("coordinator"), f"/settings/people/{head_position(world)}"
    clock.shift(CONFIRMED_FOR + timedelta(seconds=1))
    confirm = f"/account/confirm?next={page}"
    shown = person.get(page)
    assert confirm in shown.links
    assert not [form for form in shown.forms if str(form.get("action")).startswith("/settings/people")]
    asked = person.post(
        f"{page}/mailbox", {"mailbox": "a@b.example"}, headers={"Referer": f"http://localhost{page}"}
    )
    assert asked.location == confirm
    with world.read():
        assert db.session.get(Position, head_position(world)).mailbox is None  # type: ignore[union-attr]
    assert person.post(confirm, {"password": "guess"}).status_code == 422
    assert person.post(confirm, {"password": PASSWORD}).location == page
    assert person.post(f"{page}/mailbox", {"mailbox": "a@b.example"}).location == page


def test_confirming_leads_to_no_other_site(
    world: World, signed_in: Callable[[str], Browser], clock: time_machine.Traveller
) -> None:
    person = signed_in("coordinator")
    answer = person.post("/account/confirm?next=//evil.example/", {"password": PASSWORD})
    assert answer.location == "/settings/people"
    clock.shift(CONFIRMED_FOR + timedelta(seconds=1))
    asked = person.post("/settings/people/1/mailbox", headers={"Referer": "http://evil.example/x"})
    assert asked.location == "/account/confirm"


def test_the_links_in_mails_of_accounts_are_shown_to_nobody_else(
    world: World, signed_in: Callable[[str], Browser]
) -> None:
    ask(world)
    signed_in("head0").post("/account/address", {"address": "new@tuayang.example", "proof": PASSWORD})
    for mail in (*mails(world, "reset"), *mails(world, "address")):
        token = link_in(mail).rpartition("/")[2]
        assert token in mail.body_text
        shown = signed_in("coordinator").open(f"/reminders/mail/{mail.id}").text
        assert "จึงไม่แสดงข้อความ" in Page(shown).text
        assert token[20:] not in shown


def test_the_mails_of_accounts_keep_their_lines_short_and_say_why(world: World, browser: Browser) -> None:
    path = ask(world)
    browser.post(path, {"password": NEW})
    for mail in (*mails(world, "reset"), *mails(world, "changed")):
        assert "ทำไมท่านได้รับ" in mail.body_text
        assert "หัวหน้าสำนักปลัด" in mail.body_text
