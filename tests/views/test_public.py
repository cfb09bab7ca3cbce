"""The published pages: what anybody may open, what nobody may, and what is left when something is withdrawn."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from threading import Semaphore
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.client import Browser, Page
from tests.deeds import approve, group_of, report, settle
from tests.world import World, at
from tracker import storage
from tracker.actions import proving
from tracker.config import CHECKOUT
from tracker.database import db
from tracker.models import Evidence, Organisation, Report
from tracker.rules.report import from_json
from tracker.rules.thai import arabic_digits
from tracker.views import public_files
from tracker.writing.fonts import webfonts

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")
ADDRESS = "/p/tuayang/2569"
DESK = "/report/2569/publication"
SECRET = "แบบสอบถามภายใน ลับมาก"
LIMIT = 50_000


def attach(world: World, data: bytes, name: str, public: bool, item: int = 1) -> str:
    stored = storage.store(BytesIO(data), name)
    with world.write():
        evidence = proving.attach_file(
            stored, name, NOW.date(), group_of(world, item=item), now=NOW, by=world.actor("coordinator")
        )
        evidence.caption, evidence.public = name.partition(".")[0], public
        return evidence.sha256


@pytest.fixture
def files(world: World) -> dict[str, str]:
    """A year with one public and one internal file, ready to be closed; their hashes."""
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    hashes = {
        "public": attach(world, b"%PDF-1.7 public %%EOF", "คู่มือ.pdf", True),
        "internal": attach(world, b"%PDF-1.7 kept in the safe %%EOF", f"{SECRET}.pdf", False),
    }
    report(world, group_of(world), result="จัดทำคู่มือครบถ้วน")
    approve(world, group_of(world))
    return hashes


def close(world: World, person: Browser) -> None:
    settle(world, NOW)
    assert person.post("/report/2569/close").status_code == 303


@pytest.fixture
def published(world: World, files: dict[str, str], signed_in: SignedIn) -> dict[str, str]:
    person = signed_in("coordinator")
    close(world, person)
    assert person.post(DESK).status_code == 303
    return files


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def test_a_closed_report_is_published_for_everybody(published: dict[str, str], browser: Browser) -> None:
    answer = browser.open(ADDRESS)
    assert answer.status_code == 200
    assert answer.headers.getlist("Set-Cookie") == []
    page = Page(answer.text)
    assert page.forms == []
    assert b"<script" not in answer.data
    assert "X-Robots-Tag" not in answer.headers
    assert b"noindex" not in answer.data
    assert "ผลการดำเนินการตามมาตรการส่งเสริมคุณธรรมและความโปร่งใส" in plain(page)
    told = browser.get(f"{ADDRESS}/1/1")
    assert "จัดทำคู่มือครบถ้วน" in told.text
    assert f"{ADDRESS}/1/evidence/{published['public']}" in told.links
    assert f"{ADDRESS}/1" in page.links
    assert ADDRESS in browser.get("/p/tuayang").links


def test_nothing_is_there_before_it_is_published(
    world: World, files: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    paths = (
        "/p/tuayang",
        ADDRESS,
        f"{ADDRESS}/1",
        f"{ADDRESS}/1/1",
        f"{ADDRESS}/1/report.json",
        f"{ADDRESS}/1/report.pdf",
        f"{ADDRESS}/1/evidence/{files['public']}",
    )
    answer = person.post(DESK)
    assert answer.status_code == 422
    close(world, person)
    for path in paths:
        answer = browser.open(path)
        assert answer.status_code == 404, path
        assert answer.headers.getlist("Set-Cookie") == []
        assert "no-store" in answer.headers["Cache-Control"]
        assert Page(answer.text).forms == []


def test_unknown_addresses_are_not_found(published: dict[str, str], browser: Browser, world: World) -> None:
    World(world.app, slug="neighbour", name="องค์การบริหารส่วนตำบลข้างเคียง")
    for path in (
        "/p/",
        "/p/tuayang/",
        "/p/tuayang/2569/x/y/z",
        "/p/neighbour",
        "/p/neighbour/2569",
        f"/p/neighbour/2569/1/evidence/{published['public']}",
        "/p/unknown",
        "/p/system",
        "/p/tuayang/2568",
        f"{ADDRESS}/2",
        f"{ADDRESS}/1/2",
        f"{ADDRESS}/1/0",
        f"{ADDRESS}?page=2",
        f"{ADDRESS}/1/report.exe",
        f"{ADDRESS}/1/manifest.json",
        f"{ADDRESS}/1/evidence/{'0' * 64}",
    ):
        answer = browser.open(path)
        assert answer.status_code == 404, path
        assert answer.headers.getlist("Set-Cookie") == [], path


def test_nothing_internal_can_be_reached(published: dict[str, str], browser: Browser) -> None:
    for path in (ADDRESS, f"{ADDRESS}/1/1", *(f"{ADDRESS}/1/report.{ending}" for ending in ("json", "csv"))):
        told = browser.open(path).data
        assert SECRET.encode() not in told, path
        assert published["internal"].encode() not in told, path
    assert browser.open(f"{ADDRESS}/1/evidence/{published['internal']}").status_code == 404
    with zipfile.ZipFile(BytesIO(browser.open(f"{ADDRESS}/1/package.zip").data)) as archive:
        assert [name for name in archive.namelist() if name.startswith("evidence/")] == ["evidence/001.pdf"]
        assert all(SECRET.encode() not in archive.read(name) for name in archive.namelist())


def test_a_public_file_that_the_disk_has_lost_is_to_be_asked_for_later(
    world: World, published: dict[str, str], browser: Browser
) -> None:
    with world.read():
        name = db.session.scalars(
            select(Evidence.storage_name).where(Evidence.sha256 == published["public"])
        ).one()
        db.session.rollback()
    storage.path_of(str(name)).unlink()
    answer = browser.open(f"{ADDRESS}/1/evidence/{published['public']}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "ยังดาวน์โหลดไม่ได้" in answer.text
    assert answer.headers.getlist("Set-Cookie") == []


def test_the_public_file_is_the_file_and_runs_nothing(published: dict[str, str], browser: Browser) -> None:
    path = f"{ADDRESS}/1/evidence/{published['public']}"
    answer = browser.open(path)
    assert hashlib.sha256(answer.data).hexdigest() == published["public"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert browser.open(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_data_are_the_page_s_and_their_hash_is_on_it(published: dict[str, str], browser: Browser) -> None:
    data = browser.open(f"{ADDRESS}/1/report.json").data
    value = from_json(data.decode())
    assert hashlib.sha256(data).hexdigest() in browser.get(ADDRESS).text
    rows = browser.open(f"{ADDRESS}/1/report.csv").data.decode("utf-8-sig").splitlines()
    assert rows[0].startswith(value.results.columns[0])
    assert "จัดทำคู่มือครบถ้วน" in "".join(rows)
    assert browser.open(f"{ADDRESS}/1/report.csv").mimetype == "text/csv"


def test_documents_are_made_once_for_what_can_be_seen(
    world: World, published: dict[str, str], browser: Browser
) -> None:
    path = f"{ADDRESS}/1/report.pdf"
    first = browser.open(path)
    assert first.data.startswith(b"%PDF")
    folder = world.app.extensions["tracker.config"].cache_folder / "published"
    [kept] = folder.rglob("*.pdf")
    kept.write_bytes(b"%PDF kept")
    assert browser.open(path).data == b"%PDF kept"
    assert browser.open(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    withdraw_evidence(world, published["public"])
    assert browser.open(path).data not in (b"%PDF kept", first.data)
    assert len(list(folder.rglob("*.pdf"))) == 1


def test_a_signed_scan_that_was_taken_out_is_in_no_package_any_more(
    published: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    person, path = signed_in("coordinator"), f"{ADDRESS}/1/package.zip"

    def packed(**asked: Any) -> list[str]:
        answer = browser.open(path, **asked)
        assert answer.status_code == 200
        return zipfile.ZipFile(BytesIO(answer.data)).namelist()

    assert "signed-2569.pdf" not in packed()
    paper = {"scan": (BytesIO(b"%PDF-1.7 signed %%EOF"), "ลงนาม.pdf")}
    assert person.post("/report/2569/annual/1/scan", paper).status_code == 303
    assert "signed-2569.pdf" in packed()
    tag = browser.open(path).headers["ETag"]
    assert person.post("/report/2569/annual/1/scan/remove", {"reason": "มีเลขบัตรประชาชน"}).status_code == 303
    assert "signed-2569.pdf" not in packed(headers={"If-None-Match": tag})


def test_strangers_who_wait_for_a_document_take_few_threads(
    published: dict[str, str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Semaphore(0)
    monkeypatch.setattr(public_files, "_MAKING", taken)
    monkeypatch.setattr(public_files, "_WAITING", taken)
    answer = browser.open(f"{ADDRESS}/1/report.pdf")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    # What needs no making is given out all the same.
    assert browser.open(f"{ADDRESS}/1/report.json").status_code == 200


def test_whoever_has_the_page_already_is_told_so(published: dict[str, str], browser: Browser) -> None:
    for path in (ADDRESS, f"{ADDRESS}/1", f"{ADDRESS}/1/1", "/p/tuayang"):
        answer = browser.open(path)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = browser.open(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        english = browser.open(f"{path}?language=en", headers={"If-None-Match": answer.headers["ETag"]})
        assert english.status_code == 200
        head = browser.open(path, method="HEAD")
        assert (head.status_code, head.data) == (200, b"")


def test_a_day_alone_never_says_that_nothing_changed(
    world: World, published: dict[str, str], browser: Browser
) -> None:
    later = {"If-Modified-Since": "Mon, 01 Jan 2035 00:00:00 GMT"}
    paths = (ADDRESS, f"{ADDRESS}/1/1", "/p/tuayang", f"{ADDRESS}/1/report.pdf", f"{ADDRESS}/1/report.json")
    for path in paths:
        assert browser.open(path, headers=later).status_code == 200, path
    kept = f"{ADDRESS}/1/evidence/{published['public']}"
    assert browser.open(kept, headers=later).status_code == 200
    with world.write():
        db.session.scalars(
            select(Evidence).where(Evidence.sha256 == published["public"])
        ).one().public = False
    told = browser.open(f"{ADDRESS}/1/1", headers=later)
    assert told.status_code == 200
    assert published["public"] not in told.text
    assert browser.open(kept, headers=later).status_code == 404


def test_it_is_the_same_page_for_whoever_is_signed_in(
    published: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    assert signed_in("chief").open(ADDRESS).data == browser.open(ADDRESS).data


def test_english_is_a_link_and_no_cookie(published: dict[str, str], browser: Browser) -> None:
    page = browser.get(ADDRESS)
    assert f"{ADDRESS}?language=en" in page.links
    answer = browser.open(f"{ADDRESS}?language=en")
    assert answer.headers.getlist("Set-Cookie") == []
    english = Page(answer.text)
    assert english.language == "en"
    assert ADDRESS in english.links
    assert f"{ADDRESS}/1/1?language=en" in english.links
    assert browser.get(f"{ADDRESS}?language=fr").language == "th"


def test_pages_tell_in_arabic_digits_what_documents_print_in_thai_ones(
    published: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    thai = set("๐๑๒๓๔๕๖๗๘๙")
    for path in (ADDRESS, f"{ADDRESS}/1/1"):
        for language in ("", "?language=en"):
            text = plain(browser.get(path + language))
            assert not thai & set(text), (path, language)
    assert "17 ธ.ค. 2568" in plain(browser.get(f"{ADDRESS}/1/1"))
    assert f"{ADDRESS}/1/evidence/{published['public']}" in browser.get(f"{ADDRESS}/1/1").links
    with zipfile.ZipFile(BytesIO(browser.open(f"{ADDRESS}/1/package.zip").data)) as archive:
        assert thai & set(archive.read("annual-2569.html").decode())
    assert thai & set(browser.open(f"{ADDRESS}/1/report.json").data.decode())
    inside = signed_in("coordinator").get("/report/2569").text
    assert not thai & set(inside)


def withdraw_evidence(world: World, sha256: str) -> None:
    with world.write():
        row = db.session.scalars(select(Evidence).where(Evidence.sha256 == sha256)).one()
        row.withdrawn_at, row.withdrawn_reason = NOW, "แนบผิดแฟ้ม"


def test_withdrawn_evidence_leaves_its_day_and_reason(
    world: World, published: dict[str, str], browser: Browser
) -> None:
    before = browser.open(f"{ADDRESS}/1/1").headers["ETag"]
    withdraw_evidence(world, published["public"])
    answer = browser.open(f"{ADDRESS}/1/1", headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert "ถอนเมื่อ 17 ธันวาคม 2568 เพราะ แนบผิดแฟ้ม" in plain(Page(answer.text))
    assert "คู่มือ.pdf" not in answer.text
    gone = browser.open(f"{ADDRESS}/1/evidence/{published['public']}")
    assert gone.status_code == 410
    assert gone.headers["X-Robots-Tag"] == "noindex"
    assert "แนบผิดแฟ้ม" in gone.text
    withdraw_evidence(world, published["internal"])
    assert browser.open(f"{ADDRESS}/1/evidence/{published['internal']}").status_code == 404


def test_a_withdrawn_version_leaves_its_day_and_reason(
    published: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    refused = person.post(DESK, {"withdraw": "1", "reason-1": "  "})
    assert refused.status_code == 422
    assert Page(refused.text).beside["reason-1"]
    before = browser.open(ADDRESS).headers["ETag"]
    assert person.post(DESK, {"withdraw": "1", "reason-1": "ตัวเลขผิด"}).status_code == 303
    for path in (ADDRESS, f"{ADDRESS}/1", f"{ADDRESS}/1/1", f"{ADDRESS}/1/report.pdf"):
        gone = browser.open(path, headers={"If-None-Match": before})
        assert gone.status_code == 410, path
        assert gone.headers["X-Robots-Tag"] == "noindex"
        assert gone.headers["Cache-Control"] == "no-store"
        assert "ตัวเลขผิด" in gone.text
        assert "จัดทำคู่มือครบถ้วน" not in gone.text
    assert browser.open(f"{ADDRESS}/1/evidence/{published['public']}").status_code == 410
    assert "ถอนเมื่อ 17 ธันวาคม 2568" in plain(browser.get("/p/tuayang"))
    assert person.post(DESK, {"withdraw": "1", "reason-1": "อีกครั้ง"}).status_code == 404
    assert person.post(DESK).status_code == 303
    browser.get(ADDRESS)


def test_the_next_version_takes_the_year_s_address_and_the_old_one_keeps_its_own(
    world: World,
    published: dict[str, str],
    browser: Browser,
    signed_in: SignedIn,
    clock: time_machine.Traveller,
) -> None:
    person = signed_in("coordinator")
    assert person.post("/report/2569/reopen").status_code == 303
    assert "จัดทำคู่มือครบถ้วน" in browser.get(f"{ADDRESS}/1/1").text
    assert person.post("/report/2569/cells/1/result", {"text": "ข้อความใหม่"}).status_code == 303
    close(world, person)
    assert "ฉบับที่ 2" not in plain(browser.get(ADDRESS))
    browser.get(f"{ADDRESS}/2/1", 404)
    clock.shift(60)
    assert person.post(DESK).status_code == 303
    assert "ข้อความใหม่" in browser.get(f"{ADDRESS}/2/1").text
    assert f"{ADDRESS}/2/1" in browser.get(ADDRESS).links
    old = browser.get(f"{ADDRESS}/1")
    assert "มีฉบับใหม่กว่านี้แล้ว" in plain(old)
    assert ADDRESS in old.links
    assert "จัดทำคู่มือครบถ้วน" in browser.get(f"{ADDRESS}/1/1").text
    person.post(DESK, {"withdraw": "2", "reason-2": "ตัวเลขผิด"})
    assert browser.open(ADDRESS).status_code == 410
    assert f"{ADDRESS}/1" in Page(browser.open(ADDRESS).text).links
    assert "มีฉบับใหม่กว่านี้แล้ว" not in plain(browser.get(f"{ADDRESS}/1"))


def test_what_looks_like_personal_data_is_confirmed_first(
    world: World, files: dict[str, str], signed_in: SignedIn
) -> None:
    attach(world, b"%PDF-1.7 card %%EOF", "สำเนาบัตรประชาชน.pdf", True)
    person = signed_in("coordinator")
    close(world, person)
    page = person.get(DESK)
    assert "อาจมีข้อมูลส่วนบุคคล" in plain(page)
    refused = person.post(DESK)
    assert refused.status_code == 422
    assert "ติ๊กยืนยัน" in refused.text
    assert person.post(DESK, {"sure": "1"}).status_code == 303
    assert person.post(DESK, {"sure": "1"}).status_code == 422


def test_the_report_leads_to_its_page(published: dict[str, str], signed_in: SignedIn) -> None:
    assert {ADDRESS, DESK} <= set(signed_in("coordinator").get("/report/2569").links)
    # Whoever oversees looks at the desk too; a division has no business there.
    assert {ADDRESS, DESK} <= set(signed_in("clerk").get("/report/2569").links)
    assert signed_in("clerk").post(DESK).status_code == 403
    assert signed_in("head0").open(DESK).status_code == 403


def test_a_full_page_with_its_style_stays_small(world: World, browser: Browser, signed_in: SignedIn) -> None:
    with world.write():
        organisation = db.session.scalars(
            select(Organisation).where(Organisation.id == world.organisation_id)
        ).one()
        organisation.name = "องค์การบริหารส่วนตำบล" + "ก" * 60
        world.add_scores()
    span = (at("2025-10-02").date(), at("2025-12-30").date())
    world.adopted_plan([(9, [0], *span)] * 41)
    person = signed_in("coordinator")
    close(world, person)
    assert person.post(DESK).status_code == 303
    style = (CHECKOUT / "tracker" / "static" / "public.css").read_bytes()
    fonts = sum(
        path.stat().st_size for path in webfonts(world.app.extensions["tracker.config"].cache_folder).values()
    )
    sizes = []
    for path in (ADDRESS, f"{ADDRESS}/1?page=3", f"{ADDRESS}?language=en"):
        answer = browser.open(path)
        assert answer.data.count(b'<link rel="stylesheet"') == 1
        sizes.append((len(answer.data) + len(style), len(gzip.compress(answer.data + style)) + fonts))
    assert all(size <= LIMIT and sent <= LIMIT for size, sent in sizes), sizes
    browser.get(f"{ADDRESS}/1?page=4", 404)


def test_rows_stand_under_their_topics_with_what_is_done(
    world: World, files: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    person = signed_in("coordinator")
    close(world, person)
    person.post(DESK)
    value = from_json(browser.open(f"{ADDRESS}/1/report.json").data.decode())
    [row] = value.results.rows
    assert (row.done, row.total) == (1, 4)
    text = plain(browser.get(ADDRESS))
    heading = text.rindex(arabic_digits(row.heading))
    assert heading < text.index("งานแล้วเสร็จ 1 จาก 4", heading)
    assert f"{ADDRESS}/1/1" in browser.get(ADDRESS).links


def test_the_scores_stand_on_the_page_with_words_for_every_change(
    world: World, files: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    with world.write():
        world.add_scores()
    person = signed_in("coordinator")
    close(world, person)
    person.post(DESK)
    answer = browser.open(ADDRESS)
    text = plain(Page(answer.text))
    assert "เพิ่มขึ้น 4.75" in text
    assert "ลดลง 1.25" in text
    assert "เท่าเดิม" in text
    assert answer.text.count('<svg class="bars"') == answer.text.count('<rect class="before"') >= 10
    assert "Up 4.75" in plain(browser.get(f"{ADDRESS}?language=en"))
    rows = browser.open(f"{ADDRESS}/1/scores.csv").data.decode("utf-8-sig").splitlines()
    assert rows[0] == "kind,name,weight,2568,2569,change"
    assert rows[1] == "total,คะแนนรวม,,88.42,93.17,4.75"
    value = json.loads(browser.open(f"{ADDRESS}/1/report.json").data)
    assert value["scores"]["rows"][0]["after"] == 93.17


def test_one_document_is_made_at_a_time_and_nobody_waits_for_long(
    published: dict[str, str], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_files, "WAIT_SECONDS", 0)
    with public_files._MAKING:
        answer = browser.open(f"{ADDRESS}/1/report.pdf")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers.getlist("Set-Cookie") == []
    assert browser.open(f"{ADDRESS}/1/report.xlsx").status_code == 200


def test_where_nothing_is_hidden_the_data_are_the_frozen_text_itself(
    world: World, files: dict[str, str], browser: Browser, signed_in: SignedIn
) -> None:
    with world.write():
        for evidence in db.session.scalars(select(Evidence)):
            evidence.public = True
    person = signed_in("coordinator")
    close(world, person)
    assert person.post(DESK, {"sure": "1"}).status_code == 303
    with world.read():
        frozen, digest = db.session.execute(select(Report.frozen, Report.sha256)).one()
        db.session.rollback()
    data = browser.open(f"{ADDRESS}/1/report.json").data
    assert (data.decode(), hashlib.sha256(data).hexdigest()) == (frozen, digest)
    assert "ของรายงานที่ปิดในหน่วยงาน" not in browser.open(ADDRESS).text
