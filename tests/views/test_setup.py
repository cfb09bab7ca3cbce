"""The first run: an empty installation becomes an organisation, once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.client import Browser, Page
from tests.world import World
from tracker.actions import admitting
from tracker.app import Tracker
from tracker.database import across_organisations, db
from tracker.models import Division, Kind, Organisation, User

FILLED = {
    "kind": "municipality",
    "name": "เทศบาลตำบลตัวอย่าง",
    "divisions": "สำนักปลัด\n\n กองคลัง \nกองช่าง",
    "email": "plan@example.go.th",
    "password": "a good password",
}


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    light = admitting.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(admitting, "_hasher", light)


def counts() -> tuple[int, int, int]:
    with across_organisations("test"):
        db.session.rollback()
        made = select(Organisation.id).where(Organisation.kind != Kind.SYSTEM)
        found = tuple(
            len(db.session.scalars(query).all()) for query in (made, select(Division.id), select(User.id))
        )
        db.session.rollback()
    return found  # type: ignore[return-value]


def test_an_empty_installation_leads_to_the_first_run(app: Tracker) -> None:
    assert Browser(app).open("/").location == "/first-run"


def test_the_first_run_makes_an_organisation_and_lets_its_coordinator_in(app: Tracker) -> None:
    browser = Browser(app)
    browser.get("/first-run")
    answer = browser.post("/first-run", FILLED)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "เทศบาลตำบลตัวอย่าง" in browser.get("/plan/upload").text
    assert counts() == (1, 3, 1)
    assert Browser(app).sign_in("plan@example.go.th", "a good password").location == "/"


def test_the_first_run_is_gone_afterwards(app: Tracker) -> None:
    Browser(app).post("/first-run", FILLED)
    stranger = Browser(app)
    stranger.get("/first-run", 404)
    assert stranger.post("/first-run", FILLED | {"email": "thief@example.com"}).status_code == 404
    assert stranger.open("/").location == "/sign-in"
    assert counts() == (1, 3, 1)


def test_the_first_run_is_not_there_where_an_organisation_is(world: World, browser: Browser) -> None:
    browser.get("/first-run", 404)


@pytest.mark.parametrize(
    ("field", "value", "beside", "sentence"),
    [
        ("name", "", "name", "กรุณากรอกชื่อหน่วยงาน"),
        ("password", "short", "password", "อย่างน้อย 8 ตัวอักษร"),
        ("email", "", "email", "กรุณากรอกอีเมล"),
        ("email", "not an address", "email", "ไม่ใช่ที่อยู่อีเมล"),
        ("divisions", "กองคลัง\nกอง คลัง", "divisions", "ว่างหรือซ้ำ"),
        ("divisions", "", "divisions", "กรุณากรอกอย่างน้อยหนึ่ง"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_made(
    app: Tracker, field: str, value: str, beside: str, sentence: str
) -> None:
    browser = Browser(app)
    answer = browser.post("/first-run", FILLED | {field: value})
    assert answer.status_code == 422
    assert sentence in Page(answer.text).beside[beside]
    assert counts() == (0, 0, 0)


def test_a_kind_that_does_not_exist_is_refused(app: Tracker) -> None:
    assert Browser(app).post("/first-run", FILLED | {"kind": "system"}).status_code == 422
    assert counts() == (0, 0, 0)
