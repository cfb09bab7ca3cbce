"""The settings of an organisation, changed by its own people; the page of the system administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import chain_faults
from tests.world import FOUNDED, World, at
from tracker import clock
from tracker.actions import organising, planning
from tracker.database import current_organisation, db, organisation_scope, writing
from tracker.models import Division, Kind, Organisation, Position
from tracker.rules.permissions import SYSTEM

SignedIn = Callable[[str], Browser]
FIELDS = ("name", "kind", "district", "province", "contact", "thai_digits", "document_font",
          "follow_up_policy")  # fmt: skip


def habits(world: World) -> dict[str, Any]:
    with world.read():
        db.session.rollback()
        own = current_organisation()
        found = {name: getattr(own, name) for name in FIELDS}
        db.session.rollback()
    return found


def test_the_settings_lead_to_every_page_that_sets_something(world: World, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/settings")
    for address in ("organisation", "divisions", "people", "users", "approval", "stages", "calendar"):
        assert f"/settings/{address}" in page.links
    assert "/reminders/pauses" in page.links


def test_what_the_organisation_is_and_does_is_written_down(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    fields = browser.get("/settings/organisation").form("/settings/organisation")
    given = {"name": " เทศบาลตำบลใหม่ ", "kind": "municipality", "district": "กลาง", "province": "ใหม่", "contact": "0",
             "document_font": "TH SarabunIT๙", "follow_up_policy": "quarterly"}  # fmt: skip
    assert set(given) | {"thai_digits", "csrf_token"} == set(fields)
    assert browser.post("/settings/organisation", given).status_code == 303
    assert habits(world) == given | {
        "name": "เทศบาลตำบลใหม่",
        "kind": Kind.MUNICIPALITY,
        "thai_digits": False,
    }
    assert "เทศบาลตำบลใหม่" in browser.get("/settings").text
    assert chain_faults(world) == []


@pytest.mark.parametrize("name", ["", "  "])
def test_an_organisation_without_a_name_is_refused(world: World, signed_in: SignedIn, name: str) -> None:
    before = habits(world)
    answer = signed_in("coordinator").post("/settings/organisation", {"name": name, "district": "ใหม่"})
    assert answer.status_code == 422
    assert Page(answer.text).beside["name"]
    assert habits(world) == before


def test_a_choice_that_is_not_offered_changes_nothing(world: World, signed_in: SignedIn) -> None:
    before = habits(world)
    given = {"name": before["name"], "kind": "system", "document_font": "Comic", "follow_up_policy": "once"}
    assert signed_in("coordinator").post("/settings/organisation", given).status_code == 303
    kept = habits(world)
    assert [kept[name] for name in ("kind", "document_font", "follow_up_policy")] == [
        before[name] for name in ("kind", "document_font", "follow_up_policy")
    ]


def test_the_clerk_reads_and_changes_nothing(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("clerk")
    assert '<button class="btn btn-go btn-big">' not in browser.open("/settings/organisation").text
    assert browser.post("/settings/organisation", {"name": "x"}).status_code == 403


# Divisions


def division(world: World, place: int = 1) -> tuple[str, list[str], str]:
    """(name, aliases, title of its head)."""
    with world.read():
        db.session.rollback()
        row = db.session.scalars(select(Division).where(Division.id == world.division_ids[place])).one()
        head = db.session.scalars(select(Position.title).where(Position.division_id == row.id)).one()
        found = row.name, list(row.aliases), head
        db.session.rollback()
    return found


def test_a_renamed_division_keeps_its_old_name_for_documents_and_history(
    world: World, signed_in: SignedIn
) -> None:
    browser, address = signed_in("coordinator"), f"/settings/divisions/{world.division_ids[1]}"
    assert browser.post(f"{address}/rename", {"name": "กองการเงิน"}).status_code == 303
    assert division(world) == ("กองการเงิน", ["กองคลัง"], "ผู้อำนวยการกองการเงิน")
    assert "กองคลัง ถึง 16 ธ.ค. 2568" in browser.get(address).text.replace("\u00a0", " ")
    assert browser.post(f"{address}/rename", {"name": "กองคลัง"}).status_code == 303
    assert division(world) == ("กองคลัง", ["กองการเงิน"], "ผู้อำนวยการกองคลัง")


def test_the_names_of_a_division_are_shown_with_their_days(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    address = f"/settings/divisions/{world.division_ids[1]}"
    assert "ชื่อแต่ละช่วง" not in signed_in("coordinator").get(address).text
    # The name given in error is mended on the same day and was never in use.
    for day, name in (("2025-12-17", "กองเงิน"), ("2025-12-17", "กองการเงิน"), ("2026-03-02", "กองการคลัง")):
        clock.move_to(at(day))
        assert signed_in("coordinator").post(f"{address}/rename", {"name": name}).status_code == 303
    words = signed_in("coordinator").get(address).text.replace("\u00a0", " ")
    assert (
        "กองการคลัง ตั้งแต่ 2 มี.ค. 2569 กองการเงิน ตั้งแต่ 17 ธ.ค. 2568 ถึง 1 มี.ค. 2569 กองคลัง ถึง 16 ธ.ค. 2568"
    ) in words
    assert "กองเงิน ตั้งแต่" not in words


def test_each_line_of_the_settings_says_its_present_value(world: World, signed_in: SignedIn) -> None:
    desk = signed_in("coordinator")
    desk.post(
        "/settings/organisation", {"name": "องค์การบริหารส่วนตำบลตัวอย่าง", "document_font": "TH Sarabun New"}
    )
    text = desk.get("/settings").text.replace("\u00a0", " ")
    for words in (
        "เลขอารบิก · TH Sarabun New",
        "5 ส่วนราชการ",
        "8 ตำแหน่ง มีผู้ดำรงครบ",
        "ใช้งานอยู่ 8 บัญชี",
        "อัตโนมัติ: ตรวจเมื่อมีผู้ใช้มากกว่าหนึ่งคน",
        "จดหมายออก 08.30 น. ก่อนกำหนด 14, 7, 1 วัน",
        "วันของหน่วยงาน 0 วัน",
        "ไม่มีที่พักอยู่",
    ):
        assert words in text, words


@pytest.mark.parametrize("name", ["", "กองช่าง", "กอง ช่าง", "ตรวจสอบภายใน"])
def test_a_name_that_another_division_has_is_refused(world: World, signed_in: SignedIn, name: str) -> None:
    address = f"/settings/divisions/{world.division_ids[1]}/rename"
    answer = signed_in("coordinator").post(address, {"name": name})
    assert answer.status_code == 422
    assert Page(answer.text).beside["name"]
    assert division(world)[0] == "กองคลัง"


def test_aliases_are_one_a_line_and_belong_to_one_division(world: World, signed_in: SignedIn) -> None:
    browser, address = signed_in("coordinator"), f"/settings/divisions/{world.division_ids[1]}/aliases"
    assert browser.post(address, {"aliases": " คลัง \n\nฝ่ายการเงิน\nคลัง"}).status_code == 303
    assert division(world)[1] == ["คลัง", "ฝ่ายการเงิน"]
    answer = browser.post(address, {"aliases": "กองช่าง"})
    assert answer.status_code == 422
    assert "กองช่าง" in Page(answer.text).beside["aliases"]
    assert division(world)[1] == ["คลัง", "ฝ่ายการเงิน"]


def test_a_new_division_has_a_head_and_a_double_name_is_refused(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    assert browser.post("/settings/divisions", {"name": "กองสาธารณสุข"}).status_code == 303
    assert "ผู้อำนวยการกองสาธารณสุข" in browser.get("/settings/divisions").text
    assert browser.post("/settings/divisions", {"name": "กองคลัง"}).status_code == 422


def test_a_division_ends_only_when_it_owes_nothing(world: World, signed_in: SignedIn) -> None:
    browser = signed_in("coordinator")
    address = f"/settings/divisions/{world.division_ids[2]}/end"
    assert browser.post(address).status_code == 303
    with world.read():
        db.session.rollback()
        active = [row.id for row in planning.divisions()]
        db.session.rollback()
    assert world.division_ids[2] not in active
    assert browser.post(address).status_code == 422
    world.adopted_plan()
    owing = browser.post(f"/settings/divisions/{world.division_ids[3]}/end")
    assert "งานค้าง" in Page(owing.text).beside["end"]
    coordinating = browser.post(f"/settings/divisions/{world.division_ids[0]}/end")
    assert coordinating.status_code == 422


# The system administrator


def test_the_system_administrator_is_led_to_the_organisations(world: World) -> None:
    with writing():
        system = Organisation(slug="system", name="ระบบ", kind=Kind.SYSTEM, created_at=FOUNDED)
        db.session.add(system)
        db.session.flush()
        with organisation_scope(system.id):
            user = organising.add_user("root@example.org", "ผู้ดูแล", now=clock.now(), by=SYSTEM)
            user.administrator = True
            db.session.flush()
            ids = user.id, system.id
    browser = Browser(world.app).enter_as(*ids)
    assert browser.open("/").location == "/settings/installation"
    page = browser.get("/settings/installation")
    assert "องค์การบริหารส่วนตำบลตัวอย่าง" in page.text
    assert "ตัวตั้งเวลายังไม่เคยทำงาน" in page.text
