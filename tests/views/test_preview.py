"""The report's pages as pictures: the true ones, quick, and the last good one where typesetting fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
import time_machine
from PIL import Image, ImageChops

from jobs.housekeeping import clean_up
from tests.client import Browser
from tests.deeds import approve, group_of, report, settle
from tests.world import World, at
from tracker.writing import pdf
from tracker.writing.pdf import NotTypeset

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    report(world, group_of(world), result="จัดทำคู่มือประชาชนครบถ้วน")
    approve(world, group_of(world))


def picture_of(html: str) -> str:
    [address] = [part.split('"')[0] for part in html.split('<img src="')[1:] if "/preview/" in part]
    return address.replace("&amp;", "&")


def test_the_picture_is_the_first_page_of_the_pdf_and_the_page_counts(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    html = person.open("/report/2569").text
    assert 'id="preview" data-live="3"' in html, "asked again until it is made"
    answer = person.open(picture_of(html))
    assert answer.mimetype == "image/webp"
    seen = Image.open(BytesIO(answer.data)).convert("RGB")
    with pypdfium2.PdfDocument(person.open("/report/2569/annual.pdf").data) as document:
        pages = len(document)
        page = document[0]
        drawn = page.render(scale=max(seen.size) / max(page.get_size())).to_pil().convert("RGB")
    difference = ImageChops.difference(seen, drawn.resize(seen.size)).convert("L")
    assert sum(difference.histogram()[64:]) < seen.width * seen.height / 50
    html = person.open("/report/2569").text.replace("\u00a0", " ")
    assert f"หน้า 1 จาก {pages}" in html
    assert 'id="preview" data-live="0"' in html
    assert "paper-draft" in html


def test_arrows_page_through(signed_in: SignedIn) -> None:
    person = signed_in("chief")
    first = person.open(picture_of(person.open("/report/2569").text)).data
    html = person.open("/report/2569").text
    assert 'rel="next" href="/report/2569?page=2#preview"' in html
    assert 'rel="prev"' not in html
    html = person.open("/report/2569?page=2").text
    assert 'rel="prev" href="/report/2569?page=1#preview"' in html
    assert person.open(picture_of(html)).data != first
    last = person.open("/report/2569?page=999").text
    assert 'rel="next"' not in last
    assert person.open(picture_of(last)).status_code == 200
    assert person.open("/report/2569/preview/999").status_code == 404


def test_a_page_is_typeset_once_for_the_same_value(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    made: list[int] = []
    real = pdf.write
    monkeypatch.setattr(pdf, "write", lambda *given: made.append(1) or real(*given))
    person = signed_in("coordinator")
    before = picture_of(person.open("/report/2569").text)
    person.open(before)
    clock.shift(1800)
    assert picture_of(person.open("/report/2569").text) == before
    person.open(before)
    assert len(made) == 1
    later = group_of(world, quarter=2)
    report(world, later, result="แจกคู่มือครบทุกหมู่บ้าน")
    approve(world, later)
    after = picture_of(person.open("/report/2569").text)
    assert after != before
    person.open(after)
    assert len(made) == 2


def test_the_pdf_of_the_picture_is_the_one_that_is_downloaded(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = signed_in("coordinator")
    fresh = person.open("/report/2569/annual.pdf").data
    person.open(picture_of(person.open("/report/2569").text))

    def refuse(*_: object) -> bytes:
        raise NotTypeset("ทำไฟล์ PDF ไม่ได้")

    monkeypatch.setattr(pdf, "write", refuse)
    assert person.open("/report/2569/annual.pdf").data == fresh


def test_where_typesetting_fails_the_last_good_page_stays_with_the_reason(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    person = signed_in("coordinator")
    good = picture_of(person.open("/report/2569").text)
    picture = person.open(good).data
    later = group_of(world, quarter=2)
    report(world, later, result="แจกคู่มือครบทุกหมู่บ้าน")
    approve(world, later)

    def refuse(*_: object) -> bytes:
        raise NotTypeset("ทำไฟล์ PDF ไม่เสร็จใน %(seconds)s วินาที", seconds=120)

    with monkeypatch.context() as broken:
        broken.setattr(pdf, "write", refuse)
        clock.shift(600)
        assert person.open(picture_of(person.open("/report/2569").text)).status_code == 404
        page = person.get("/report/2569")
        assert "ทำไฟล์ PDF ไม่เสร็จใน 120 วินาที" in page.text.replace("\u00a0", " ")
        assert "ตัวอย่างนี้ทำเมื่อ 17 ธ.ค. 2568 09.00 น." in page.text.replace("\u00a0", " ")
        assert person.open(picture_of(person.open("/report/2569").text)).data == picture
        assert page.form("/report/2569/close"), "the checks are still of use"
    assert person.post("/report/2569/preview/retry").status_code == 303
    html = person.open("/report/2569").text
    assert person.open(picture_of(html)).status_code == 200
    assert "ทำไฟล์ PDF ไม่เสร็จ" not in person.open("/report/2569").text


def test_a_closed_report_bears_no_mark(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    person = signed_in("coordinator")
    assert person.post("/report/2569/close").status_code == 303
    html = person.open("/report/2569").text
    assert "paper-draft" not in html
    assert person.open(picture_of(html)).status_code == 200


def test_a_long_report_shows_its_pages_once_its_pdf_is_made(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = signed_in("coordinator")
    monkeypatch.setattr("tracker.rules.paper.LONG_ROWS", 1)
    page = person.get("/report/2569")
    assert page.form("/report/2569/annual/make/pdf")
    assert person.open("/report/2569/preview/1").status_code == 404


def test_what_was_made_for_previews_goes_after_a_week(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    person.open(picture_of(person.open("/report/2569").text))
    folder = world.app.extensions["tracker.config"].cache_folder / "documents"
    for path in folder.glob("*/*"):
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    assert clean_up(at("2025-12-23")) == 0
    clean_up(at("2025-12-25"))
    assert list(folder.glob("*/*")) == []
