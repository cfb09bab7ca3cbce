"""The versions of the four documents: closed, listed, downloaded, scanned, compared, opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import PDF, approve, chain_faults, group_of, report, saved_picture, settle
from tests.world import World, at
from tracker.database import db
from tracker.models import Report, ReportScan
from tracker.operations import verifying
from tracker.operations.findings import Level
from tracker.rules.frozen import sha256_of
from tracker.rules.versions import read

SignedIn = Callable[[str], Browser]
NOW = at("2026-04-20")
SIGNED = {
    "document_number": "ตย 71001/45",
    "document_on": "20 เม.ย. 2569",
    "signer": "นางสาวสมมุติ ตัวอย่าง",
    "signer_position": "ปลัด อบต.",
}
LATER = {"document_number": "ตย 71001/99"}


@pytest.fixture(autouse=True)
def year(world: World, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW)
    world.adopted_plan([(1, [0], date(2025, 10, 1), date(2026, 9, 30))])
    report(world, group_of(world), result="จัดทำคู่มือแล้ว")
    approve(world, group_of(world))


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def rows(world: World, kind: str) -> list[Report]:
    with world.read():
        found = list(db.session.scalars(select(Report).where(Report.kind == kind).order_by(Report.version)))
        for row in found:
            db.session.expunge(row)
        db.session.rollback()
    return found


def close(person: Browser, kind: str, data: dict[str, Any] = SIGNED) -> None:
    assert person.post(f"/report/2569/{kind}/close", data).status_code == 303


def reopen(person: Browser, kind: str) -> None:
    assert person.post(f"/report/2569/{kind}/reopen").status_code == 303


@pytest.mark.parametrize("kind", ["plan", "six-month"])
def test_a_document_is_closed_with_what_was_signed_and_its_hash(
    world: World, signed_in: SignedIn, kind: str
) -> None:
    person = signed_in("coordinator")
    assert "ปิดเอกสาร" in plain(person.get(f"/report/2569/{kind}/close"))
    close(person, kind)
    [row] = rows(world, kind)
    value = read(kind, row.frozen)  # type: ignore[arg-type]
    assert (row.version, row.sha256) == (1, sha256_of(value))
    assert (row.document_number, row.signed_on, row.signer, row.signer_position) == (
        "ตย 71001/45", date(2026, 4, 20), "นางสาวสมมุติ ตัวอย่าง", "ปลัด อบต.",
    )  # fmt: skip
    assert "นางสาวสมมุติ ตัวอย่าง" in row.frozen
    page = person.get(f"/report/2569/{kind}/1")
    assert row.sha256 in page.text.replace(" ", "")
    assert "ตย 71001/45" in plain(page)
    assert f"/report/2569/{kind}/1" in person.get("/report/2569/versions").links
    assert chain_faults(world) == []


@pytest.mark.parametrize("ending", ["json", "docx", "xlsx", "html", "pdf"])
def test_every_face_is_made_of_the_frozen_value(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller, ending: str
) -> None:
    person = signed_in("coordinator")
    close(person, "six-month")
    path = f"/report/2569/six-month/1.{ending}"
    first = person.open(path)
    assert first.status_code == 200
    assert first.headers["Content-Disposition"].startswith("attachment; filename")
    report(world, group_of(world, quarter=2), result="เขียนภายหลัง", now=NOW)
    clock.move_to(at("2026-04-20", "11:00"))
    person = signed_in("coordinator")
    assert person.open(path).data == first.data
    # The address without a version gives the one in force.
    assert person.open(f"/report/2569/six-month.{ending}").data == first.data
    if ending == "json":
        assert first.data == rows(world, "six-month")[0].frozen.encode()
    if ending == "pdf":
        pdf = pypdfium2.PdfDocument(first.data)
        text = "".join(page.get_textpage().get_text_bounded() for page in pdf)
        pdf.close()
        assert "๗๑๐๐๑/๔๕" in text


def test_a_document_opened_again_is_a_draft_and_closes_as_the_next_version(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    close(person, "six-month")
    assert person.post("/report/2569/six-month/close", SIGNED).status_code == 422
    reopen(person, "six-month")
    assert person.post("/report/2569/six-month/reopen").status_code == 422
    assert "ฉบับที่ 1" in plain(person.get("/report/2569/versions"))
    close(person, "six-month", LATER)
    first, second = rows(world, "six-month")
    assert (first.version, second.version) == (1, 2)
    assert (first.reopened_at, second.reopened_at) == (NOW, None)
    page = plain(person.get("/report/2569/six-month/2"))
    assert "สิ่งที่เปลี่ยน" in page
    assert "๗๑๐๐๑/๙๙" in page
    assert "มีฉบับใหม่กว่าหรือเปิดแก้แล้ว" in plain(person.get("/report/2569/six-month/1"))


def test_the_page_of_a_version_tells_what_changed_since(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    close(person, "plan")
    assert "ข้อความเหมือนกันทุกส่วน" not in plain(person.get("/report/2569/plan/1"))
    assert "สิ่งที่เปลี่ยน" in plain(person.get("/report/2569/plan/1?with=now"))
    reopen(person, "plan")
    close(person, "plan")
    assert "ข้อความเหมือนกันทุกส่วน" in plain(person.get("/report/2569/plan/2"))
    assert "ข้อความเหมือนกันทุกส่วน" not in plain(person.get("/report/2569/plan/2?with=9999999999"))


def test_the_memo_waits_for_the_report_and_makes_room_with_it(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    assert "ปิดบันทึกข้อความได้เมื่อปิดรายงานประจำปีแล้ว" in plain(person.get("/report/2569/memo/close"))
    assert person.post("/report/2569/memo/close", SIGNED).status_code == 422
    settle(world, NOW)
    assert person.post("/report/2569/close").status_code == 303
    close(person, "memo")
    [memo] = rows(world, "memo")
    assert "๗๑๐๐๑/๔๕" in memo.frozen
    assert "(นางสาวสมมุติ ตัวอย่าง)" in memo.frozen
    assert person.post("/report/2569/report/reopen").status_code == 404
    assert person.post("/report/2569/reopen").status_code == 303
    assert rows(world, "memo")[0].reopened_at == NOW
    assert rows(world, "annual")[0].reopened_at == NOW
    assert person.open("/report/2569/annual/1.json").data == rows(world, "annual")[0].frozen.encode()


def test_the_six_month_report_closes_when_its_period_is_over(
    world: World, signed_in: SignedIn, clock: time_machine.Traveller
) -> None:
    clock.move_to(at("2026-03-31", "23:00"))
    person = signed_in("coordinator")
    assert person.post("/report/2569/six-month/close", SIGNED).status_code == 422
    assert rows(world, "six-month") == []
    person.post("/language", {"language": "en"})
    assert "can be closed after 31 March 2569 B.E." in plain(person.get("/report/2569/versions"))
    clock.move_to(at("2026-04-01", "08:00"))
    close(signed_in("coordinator"), "six-month")


def test_a_day_that_cannot_be_read_closes_nothing(world: World, signed_in: SignedIn) -> None:
    answer = signed_in("coordinator").post("/report/2569/plan/close", {"document_on": "วันหนึ่ง"})
    assert answer.status_code == 422
    assert "อ่านวันที่ไม่ได้" in answer.text
    assert rows(world, "plan") == []


def test_what_does_not_exist_is_not_found(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    for path in (
        "/report/2570/versions", "/report/2569/plan/1", "/report/2569/plan/1.pdf", "/report/2569/film/close",
        "/report/2569/plan/1/scan",
    ):  # fmt: skip
        assert person.open(path).status_code == 404
    close(person, "plan")
    assert person.open("/report/2569/plan/1.exe").status_code == 404
    assert person.open("/report/2569/plan/1/scan").status_code == 404


def test_others_read_the_versions_and_change_nothing(signed_in: SignedIn) -> None:
    close(signed_in("coordinator"), "plan")
    head = signed_in("head0")
    assert [
        form for form in head.get("/report/2569/plan/1").forms if "/report/" in str(form.get("action"))
    ] == []
    for path in ("plan/close", "plan/reopen", "plan/1/scan", "plan/1/scan/remove"):
        assert head.post(f"/report/2569/{path}").status_code == 403


def scan(data: bytes = PDF, name: str = "ลงนามแล้ว.pdf") -> dict[str, Any]:
    return {"scan": (BytesIO(data), name)}


@pytest.mark.parametrize(
    ("data", "name"),
    [(PDF, "ลงนามแล้ว.pdf"), (saved_picture("JPEG"), "ภาพ.jpg"), (saved_picture("PNG"), "a.png")],
)
def test_a_signed_scan_is_offered_first(world: World, signed_in: SignedIn, data: bytes, name: str) -> None:
    person = signed_in("coordinator")
    close(person, "plan")
    assert person.post("/report/2569/plan/1/scan", scan(data, name)).status_code == 303
    page = person.get("/report/2569/plan/1")
    files = [link for link in page.links if link.startswith("/report/2569/plan/1")]
    assert files[0] == "/report/2569/plan/1/scan"
    assert "/report/2569/plan/1/scan" in person.get("/report/2569/versions").links
    given = person.open("/report/2569/plan/1/scan")
    assert given.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert name.endswith(".pdf") is (given.data == PDF)
    assert person.post("/report/2569/plan/1/scan", scan()).status_code == 422
    assert chain_faults(world) == []


def test_what_is_no_scan_is_refused_and_leaves_no_file(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    close(person, "plan")
    for data in (None, scan(b"GIF89a", "a.gif"), scan(b"%PDF", "a.jpg")):
        assert person.post("/report/2569/plan/1/scan", data).status_code == 422
    with world.read():
        assert db.session.scalars(select(ReportScan)).all() == []
        folder = world.app.extensions["tracker.config"].evidence_folder
        assert [path for path in folder.glob("*/*") if path.is_file()] == []


def test_a_removed_scan_leaves_its_name_its_hash_and_the_reason(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    close(person, "plan")
    person.post("/report/2569/plan/1/scan", scan())
    assert person.post("/report/2569/plan/1/scan/remove", {"reason": " "}).status_code == 422
    assert person.post("/report/2569/plan/1/scan/remove", {"reason": "สแกนผิดหน้า"}).status_code == 303
    assert person.post("/report/2569/plan/1/scan/remove", {"reason": "อีกครั้ง"}).status_code == 422
    page = person.get("/report/2569/plan/1")
    assert "สแกนผิดหน้า" in plain(page)
    assert "ลงนามแล้ว.pdf" in plain(page)
    assert "/report/2569/plan/1/scan" not in page.links
    assert person.open("/report/2569/plan/1/scan").status_code == 404
    assert person.post("/report/2569/plan/1/scan", scan()).status_code == 303


def test_verify_knows_scans_and_finds_what_was_changed(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    close(person, "plan")
    close(person, "six-month")
    person.post("/report/2569/plan/1/scan", scan())
    assert [one for one in verifying.verify() if one.level is not Level.GOOD] == []
    folder = world.app.extensions["tracker.config"].evidence_folder
    [file] = [path for path in folder.glob("*/*") if path.is_file()]
    file.write_bytes(b"%PDF another")
    with world.write():
        db.session.scalars(select(Report).where(Report.kind == "six-month")).one().frozen += " "
    assert [one.level for one in verifying.verify()] == [Level.BAD] * 3
    file.unlink()
    assert [one.level for one in verifying.verify()] == [Level.BAD] * 3
