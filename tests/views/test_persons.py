"""Pages on which a person's name is corrected, a copy is handed out, and a leaver becomes nameless."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser
from tests.world import World
from tracker.access import CONFIRMED_FOR
from tracker.database import db
from tracker.models import Holding, JournalEntry, User

Enter = Callable[[str], Browser]


def leave(world: World, who: str) -> None:
    with world.write():
        for holding in db.session.scalars(select(Holding).where(Holding.user_id == world.users[who])):
            holding.until_on = holding.from_on


def last_deed(world: World) -> tuple[str, str, int | None]:
    with world.read():
        db.session.rollback()
        entry = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number.desc())).first()
        assert entry is not None
        return entry.deed, entry.actor, entry.subject_id


def test_a_person_takes_a_copy_of_what_is_kept(world: World, signed_in: Enter) -> None:
    browser = signed_in("head2")
    assert any(form.get("action") == "/account/copy" for form in browser.get("/account").forms)
    answer = browser.post("/account/copy")
    number = world.users["head2"]
    assert answer.headers["Content-Disposition"] == f"attachment; filename=person-{number}.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        tables = json.loads(archive.read("person.json"))
        assert set(archive.namelist()) == {"person.json", *(f"{name}.csv" for name in tables)}
        assert archive.read("holding.csv").startswith(b"\xef\xbb\xbf")
    assert tables["user_account"][0]["address"] == "head2@tuayang.example"
    assert "เข้าสู่ระบบ" in {row["deed_words"] for row in tables["journal_entry"]}
    assert last_deed(world) == ("user.copied", f"user:{number}", number)


def test_a_person_corrects_the_own_name_beside_its_field(world: World, signed_in: Enter) -> None:
    browser = signed_in("head2")
    assert browser.post("/account/name", {"name": "นายถูก ต้อง"}).location == "/account"
    assert "นายถูก ต้อง" in browser.get("/account").text
    refused = browser.post("/account/name", {"name": " "})
    assert refused.status_code == 422
    assert "กรุณาระบุชื่อ" in refused.text


def test_the_office_finds_each_account_and_corrects_it(world: World, signed_in: Enter) -> None:
    browser, number = signed_in("coordinator"), world.users["head1"]
    assert "/settings/accounts" in browser.get("/settings/people").links
    assert f"/settings/accounts/{number}" in browser.get("/settings/accounts").links
    path = f"/settings/accounts/{number}"
    assert browser.post(f"{path}/name", {"name": "นางแก้ แล้ว"}).location == path
    assert "นางแก้ แล้ว" in browser.get(path).texts["h1"][0]
    assert browser.post(f"{path}/name", {"name": "ก" * 300}).status_code == 422
    assert browser.post(f"{path}/copy").mimetype == "application/zip"
    assert last_deed(world) == ("user.copied", f"user:{world.users['coordinator']}", number)


def test_the_password_is_asked_for_again_first(
    world: World, signed_in: Enter, clock: time_machine.Traveller
) -> None:
    browser, path = signed_in("coordinator"), f"/settings/accounts/{world.users['head1']}"
    clock.shift(CONFIRMED_FOR + timedelta(seconds=1))
    page = browser.get(path)
    assert [form["action"] for form in page.forms if form.get("action", "").startswith(path)] == []
    assert f"/account/confirm?next={path}" in page.links
    for deed in ("name", "copy", "anonymise"):
        answer = browser.post(f"{path}/{deed}", {"name": "x", "sure": "yes"})
        assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/account/confirm")


@pytest.mark.parametrize("who", ["head0", "clerk", "chief"])
def test_nobody_else_sees_accounts(world: World, signed_in: Enter, who: str) -> None:
    browser = signed_in(who)
    assert browser.open("/settings/accounts").status_code == 403
    assert browser.post(f"/settings/accounts/{world.users['head1']}/copy").status_code == 403


def test_a_leaver_becomes_nameless_when_it_is_meant(world: World, signed_in: Enter) -> None:
    browser, number = signed_in("coordinator"), world.users["head1"]
    path = f"/settings/accounts/{number}"
    assert "ยังทำไม่ได้" in browser.get(path).text
    assert browser.post(f"{path}/anonymise", {"sure": "yes"}).status_code == 422
    leave(world, "head1")
    assert "รายงานที่ปิดแล้ว" in browser.get(path).text
    assert browser.post(f"{path}/anonymise").status_code == 422
    assert browser.post(f"{path}/anonymise", {"sure": "yes"}).location == path
    page = browser.get(path)
    assert f"ผู้ใช้หมายเลข {number}" in page.text
    assert "head1@" not in page.text + browser.get("/settings/accounts").text
    with world.read():
        db.session.rollback()
        assert not db.session.scalars(select(User).where(User.id == number)).one().active
    assert last_deed(world) == ("user.anonymised", f"user:{world.users['coordinator']}", number)
