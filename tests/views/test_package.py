"""The package for the office's website: what is in it, what must not be, and why a draft has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report, settle
from tests.packages import unpacked
from tests.world import World, at
from tracker import storage
from tracker.actions import proving, reporting
from tracker.database import db
from tracker.models import Evidence, Plan, User
from tracker.rules.report import from_json

SignedIn = Callable[[str], Browser]
PATH = "/report/2569/package.zip"
NOW = at("2025-12-17")
CAMERA = "GPS 13.7563 100.5018"
SECRET = "สำเนาบัตรประชาชน ลับมาก"


def photo() -> bytes:
    picture, written = Image.new("RGB", (40, 30), "green"), BytesIO()
    told = picture.getexif()
    told[0x010E] = CAMERA
    picture.save(written, "JPEG", exif=told)
    return written.getvalue()


def attach(world: World, data: bytes, name: str, caption: str, public: bool) -> str:
    stored = storage.store(BytesIO(data), name)
    with world.write():
        evidence = proving.attach_file(
            stored, caption, NOW.date(), group_of(world), now=NOW, by=world.actor("coordinator")
        )
        evidence.caption, evidence.public = caption, public
        return evidence.sha256


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    attach(world, b"%PDF-1.7 public %%EOF", "คู่มือ.pdf", "คู่มือประชาชน", True)
    attach(world, b"%PDF-1.7 kept in the safe %%EOF", f"{SECRET}.pdf", SECRET, False)
    attach(world, photo(), "กิจกรรม.jpg", "ภาพกิจกรรม", True)
    report(world, group_of(world), result="จัดทำคู่มือครบถ้วน")
    approve(world, group_of(world))


def close(world: World, person: Browser) -> None:
    settle(world, NOW)
    assert person.post("/report/2569/close").status_code == 303


def test_a_draft_says_why_there_is_no_package(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    answer = person.open(PATH)
    assert answer.status_code == 422
    assert "รายงานยังเป็นฉบับร่าง" in Page(answer.text).text
    page = person.get("/report/2569")
    assert PATH not in page.links
    assert person.open("/report/2575/package.zip").status_code == 404


def test_a_closed_report_gives_its_faces_public_evidence_and_hashes(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    close(world, person)
    written = {"addresses_annual": "https://tuayang.example/o26", "explanation_annual": "เมนู ITA"}
    person.post("/report/2569/website", written)
    assert PATH in person.get("/report/2569").links
    answer = person.open(PATH)
    files = unpacked(answer.data)
    assert set(files) == {
        "annual-2569.pdf",
        "annual-2569.html",
        "annual-2569.json",
        "index.html",
        "manifest.json",
        "evidence/001.pdf",
        "evidence/003.jpg",
        "SHA256SUMS",
    }
    assert files["evidence/001.pdf"] == b"%PDF-1.7 public %%EOF"
    manifest = json.loads(files["manifest.json"])
    assert manifest["version"] == 1
    assert manifest["demanded"] == [
        {"document": "plan", "year": 2569, "item": "o25", "addresses": [], "explanation": ""},
        {
            "document": "annual",
            "year": 2570,
            "item": "",
            "addresses": ["https://tuayang.example/o26"],
            "explanation": "เมนู ITA",
        },
    ]
    assert manifest["signed"] == ""
    with world.read():
        row = reporting.closed(db.session.scalars(select(Plan)).one())
        assert row is not None
        assert manifest["report_sha256"] == row[0].sha256
        db.session.rollback()
    contents = files["index.html"].decode()
    assert "https://tuayang.example/o26" in contents
    assert "เมนู ITA" in contents
    assert all(
        name in contents for name in files if name not in ("index.html", "manifest.json", "SHA256SUMS")
    )
    assert b"http" not in files["annual-2569.html"].replace(b"https://tuayang.example", b"")
    assert person.open(PATH).data == answer.data


def test_the_signed_scan_is_the_first_file_as_it_was_kept(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    close(world, person)
    paper = photo()
    sent = {"scan": (BytesIO(paper), "ลงนาม.jpg")}
    assert person.post("/report/2569/annual/1/scan", sent).status_code == 303
    kept = person.open("/report/2569/annual/1/scan").data
    files = unpacked(person.open(PATH).data)
    assert next(iter(files)) == "signed-2569.jpg"
    assert files["signed-2569.jpg"] == kept
    assert CAMERA.encode() not in kept
    assert json.loads(files["manifest.json"])["signed"] == "signed-2569.jpg"
    person.post("/report/2569/annual/1/scan/remove", {"reason": "ผิดฉบับ"})
    assert "signed-2569.jpg" not in unpacked(person.open(PATH).data)


def test_nothing_internal_is_in_it(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    settle(world, NOW)
    person.post("/report/2569/cells/1/result", {"text": "ข้อความที่ผู้ประสานงานเขียน"})
    assert person.post("/report/2569/close").status_code == 303
    files = unpacked(signed_in("chief").open(PATH).data)
    document = pypdfium2.PdfDocument(files["annual-2569.pdf"])
    files["text of the pdf"] = "".join(page.get_textpage().get_text_range() for page in document).encode()
    document.close()
    with world.read():
        addresses = [user.address for user in db.session.scalars(select(User))]
        stored = list(db.session.scalars(select(Evidence.storage_name)))
        secret = db.session.scalars(select(Evidence.sha256).where(~Evidence.public)).one()
        db.session.rollback()
    assert len(addresses) == 8
    internal = [
        SECRET,
        "kept in the safe",
        CAMERA,
        "GPS",
        secret,
        *addresses,
        *map(str, stored),
        "จัดทำคู่มือครบถ้วน",
    ]
    for name, data in files.items():
        for word in internal:
            assert word.encode() not in data, (name, word)
    value = from_json(files["annual-2569.json"].decode())
    assert [one.caption for one in value.annex.proofs] == [
        "คู่มือประชาชน",
        "หลักฐานภายใน เก็บไว้ที่หน่วยงาน",
        "ภาพกิจกรรม",
    ]


def test_evidence_that_was_withdrawn_since_is_left_out_and_named_by_its_number(
    world: World, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    close(world, person)
    with world.write():
        row = db.session.scalars(select(Evidence).where(Evidence.name == "คู่มือ.pdf")).one()
        row.withdrawn_at, row.withdrawn_reason = NOW, "ผิดแฟ้ม"
    files = unpacked(person.open(PATH).data)
    assert "evidence/001.pdf" not in files
    assert json.loads(files["manifest.json"])["withdrawn"] == ["๑"]
    assert "คู่มือประชาชน".encode() not in files["annual-2569.html"]


def test_the_same_file_kept_internal_elsewhere_stays_internal(world: World, signed_in: SignedIn) -> None:
    attach(world, b"%PDF-1.7 public %%EOF", "สำเนา.pdf", "ฉบับภายใน", False)
    person = signed_in("coordinator")
    close(world, person)
    files = unpacked(person.open(PATH).data)
    assert not [name for name in files if name.endswith(".pdf") and name.startswith("evidence/")]
    assert b"%PDF-1.7 public %%EOF" not in b"".join(files.values())
