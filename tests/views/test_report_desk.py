"""The coordinator's desk: findings with links that mend them, cells, public evidence, the other documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import docx
import openpyxl
import pytest

from tests.client import Browser, Page
from tests.deeds import approve, group_of, prove, report, settle
from tests.world import World, at

SignedIn = Callable[[str], Browser]
RESULT = "จัดทำคู่มือประชาชนครบถ้วน"
CELL = "/report/2569/cells/1/result"
NOW = at("2025-12-17")


@pytest.fixture(autouse=True)
def year(world: World) -> None:
    world.adopted_plan([(1, [0], at("2025-10-02").date(), at("2026-09-30").date())])
    report(world, group_of(world), result=RESULT)
    approve(world, group_of(world))


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def test_each_finding_links_to_what_mends_it(signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get("/report/2569")
    assert "ต้องแก้ก่อนปิด" in plain(page)
    assert "แก้อีก 2 ข้อจึงจะปิดรายงานได้" in plain(page)
    assert {
        "/report/2569/findings/follow_ups",
        "/report/2569/findings/open",
        "/report/2569/website",
        "/report/2569/cells/1/outcome",
    } <= set(page.links)
    head = signed_in("head0").get("/report/2569")
    assert not [link for link in head.links if "/cells/" in link or "/findings/" in link]


def test_a_finding_opens_exactly_its_rows(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    page = person.get("/report/2569/findings/open")
    assert [link for link in page.links if link.startswith("/work/")] == [
        f"/work/1/{world.division_ids[0]}/{quarter}" for quarter in (2, 3, 4)
    ]
    page = person.get("/report/2569/findings/follow_ups")
    assert len([link for link in page.links if link.startswith("/follow-up/") and "/year/" not in link]) == 2
    page = person.get("/report/2569/findings/awaited")
    assert "/report/2569/cells/1/outcome" in page.links
    assert not [form for form in page.forms if "text" in form["fields"]]
    assert person.post("/report/2569/findings/awaited", {"text": "เหตุผล"}).status_code == 404


def test_closing_with_something_to_mend_is_refused_with_its_number(signed_in: SignedIn) -> None:
    answer = signed_in("coordinator").post("/report/2569/close")
    assert answer.status_code == 422
    assert "ยังปิดรายงานไม่ได้ ต้องแก้ก่อน 2 ข้อ" in plain(Page(answer.text))


def test_a_reason_is_written_shown_and_taken_back(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    path = "/report/2569/findings/open"
    assert person.post(path, {"text": " "}).status_code == 422
    assert person.post(path, {"text": "โอนงบประมาณไม่ทัน"}).status_code == 303
    page = person.get("/report/2569")
    assert "โอนงบประมาณไม่ทัน" in plain(page)
    assert "แก้อีก 1 ข้อจึงจะปิดรายงานได้" in plain(page)
    assert person.post(path, {"restore": "1"}).status_code == 303
    assert "โอนงบประมาณไม่ทัน" not in plain(person.get("/report/2569"))
    person.get("/report/2569/findings/waiting", 404)
    person.get("/report/2569/findings/nothing", 404)


def test_an_address_of_the_website_is_asked_for_also_after_closing(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    settle(world, NOW)
    person.post("/report/2569/close")
    path = "/report/2569/website"
    assert path in person.get("/report/2569").links
    wrong = person.post(path, {"addresses_annual": "www.tuayang.example", "explanation_plan": "เมนู ITA"})
    assert wrong.status_code == 422
    assert "เมนู ITA" in wrong.text
    written = {"addresses_annual": "https://tuayang.example/o26", "explanation_annual": "เมนู ITA ข้อ o26"}
    assert person.post(path, written).status_code == 303
    assert "https://tuayang.example/o26" in person.get(path).text
    assert "เมนู ITA ข้อ o26" in plain(person.get(path))
    assert signed_in("head0").post(path, written).status_code == 403
    assert person.open("/report/2575/website").status_code == 404


def test_a_cell_is_edited_beside_its_proposal_and_restored(signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    assert RESULT in person.get(CELL).text
    assert person.post(CELL, {"text": "  "}).status_code == 422
    assert person.post(CELL, {"text": "จัดทำคู่มือ 3 เล่ม <b>"}).status_code == 303
    page = person.get("/report/2569")
    assert "จัดทำคู่มือ 3 เล่ม <b>" in plain(page)
    assert "แก้โดยผู้ประสานงาน" in plain(page)
    assert RESULT in plain(page)
    value = json.loads(person.open("/report/2569/annual.json").data)
    assert value["results"]["rows"][0]["result"] == "จัดทำคู่มือ ๓ เล่ม <b>"
    assert person.post(CELL, {"restore": "1"}).status_code == 303
    assert "แก้โดยผู้ประสานงาน" not in plain(person.get("/report/2569"))


def test_a_changed_source_is_shown_at_the_cell(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    person.post(CELL, {"text": "จัดทำคู่มือ 3 เล่ม"})
    later = group_of(world, quarter=2)
    report(world, later, result="แจกคู่มือครบทุกหมู่บ้าน")
    approve(world, later)
    assert "ที่มาเปลี่ยนหลังแก้ไข" in plain(person.get("/report/2569"))
    page = plain(person.get(CELL))
    assert "แจกคู่มือครบทุกหมู่บ้าน" in page
    assert RESULT in page


@pytest.mark.parametrize(
    "path", ["/report/2569/cells/1/heading", "/report/2569/cells/99/result", "/report/2570/cells/1/result"]
)
def test_other_cells_are_not_found(signed_in: SignedIn, path: str) -> None:
    signed_in("coordinator").get(f"/report/{path}", 404)


def test_evidence_is_opened_to_the_public_by_ticks(world: World, signed_in: SignedIn) -> None:
    private = prove(world, group_of(world), "สำเนาบัตรประชาชน.pdf")
    harmless = prove(world, group_of(world), "ภาพกิจกรรม.pdf")
    person = signed_in("coordinator")
    assert "ชื่ออาจมีข้อมูลส่วนบุคคล" in plain(person.get("/report/2569/evidence"))
    answer = person.post("/report/2569/evidence", {"public": [str(private), str(harmless), "x", "99"]})
    assert answer.status_code == 303
    page = person.get("/report/2569")
    assert "หลักฐานสาธารณะ 1 รายการ อาจมีข้อมูลส่วนบุคคล" in plain(page)
    ticks = {"public": [str(private), str(harmless)]}
    assert person.post("/report/2569/evidence", ticks | {"checked": str(private)}).status_code == 303
    assert "คนตรวจแล้วเมื่อ 17 ธ.ค. 2568" in plain(person.get("/report/2569/evidence"))
    assert "อาจมีข้อมูลส่วนบุคคล" not in plain(person.get("/report/2569"))
    person.post("/report/2569/evidence", ticks | {"unchecked": str(private)})
    assert "อาจมีข้อมูลส่วนบุคคล" in plain(person.get("/report/2569"))
    person.post("/report/2569/evidence", {"public": [str(harmless)]})
    assert "อาจมีข้อมูลส่วนบุคคล" not in plain(person.get("/report/2569"))


def test_every_document_has_every_face(signed_in: SignedIn) -> None:
    person = signed_in("chief")
    links = person.get("/report/2569").links
    for kind in ("annual", "plan", "six-month", "memo"):
        for ending in ("docx", "pdf", "xlsx", "html"):
            assert f"/report/2569/{kind}.{ending}" in links
        word = docx.Document(BytesIO(person.open(f"/report/2569/{kind}.docx").data))
        value = json.loads(person.open(f"/report/2569/{kind}.json").data)
        assert word.paragraphs[0].text.replace("\u00a0", " ") == value["title"]
        page = person.open(f"/report/2569/{kind}.html")
        assert page.headers["Content-Disposition"].startswith("attachment")
        assert f"<h1>{value['title']}</h1>" in page.text
        book = openpyxl.load_workbook(BytesIO(person.open(f"/report/2569/{kind}.xlsx").data))
        assert book.worksheets[0]["A1"].value == value["title"]
    person.get("/report/2569/letter.docx", 404)
    person.get("/report/2569/memo.exe", 404)


def test_who_only_looks_reads_the_desk_and_changes_nothing(world: World, signed_in: SignedIn) -> None:
    private = prove(world, group_of(world), "สำเนาบัตรประชาชน.pdf")
    person, reader = signed_in("coordinator"), signed_in("clerk")
    person.post(CELL, {"text": "จัดทำคู่มือ 3 เล่ม"})
    person.post("/report/2569/findings/open", {"text": "โอนงบประมาณไม่ทัน"})
    person.post("/report/2569/website", {"addresses_annual": "https://tuayang.example/o26"})
    report_page = reader.get("/report/2569")
    pages = {
        CELL: "จัดทำคู่มือ 3 เล่ม",
        "/report/2569/evidence": "ชื่ออาจมีข้อมูลส่วนบุคคล",
        "/report/2569/website": "https://tuayang.example/o26",
    }
    assert set(pages) <= set(report_page.links)
    assert "/report/2569/cells/1/problems" not in report_page.links
    pages["/report/2569/findings/open"] = "โอนงบประมาณไม่ทัน"
    for path, words in pages.items():
        page = reader.get(path)
        assert words in plain(page), path
        # What stands around a page: the language, the theme, signing out.
        own = {form.get("action") for form in page.forms} - {None, ""}
        assert own <= {"/language", "/theme", "/sign-out"}, path
        assert not [form for form in page.forms if not form.get("action")], path
        assert reader.post(path, {"text": "ลองดู", "public": str(private)}).status_code == 403, path
        assert signed_in("head0").open(path).status_code == 403, path
    assert RESULT in reader.get(CELL).text


def test_who_only_looks_reads_what_is_published(world: World, signed_in: SignedIn) -> None:
    settle(world, NOW)
    person, reader = signed_in("coordinator"), signed_in("clerk")
    person.post("/report/2569/close")
    path = "/report/2569/publication"
    assert "ยังไม่ได้เผยแพร่" in plain(reader.get(path))
    person.post(path, {"sure": "1"})
    person.post(path, {"withdraw": "1", "reason-1": "พบชื่อบุคคลในภาคผนวก"})
    assert path in reader.get("/report/2569").links
    page = reader.get(path)
    assert "พบชื่อบุคคลในภาคผนวก" in plain(page)
    assert not [form for form in page.forms if not form.get("action")]
    assert reader.post(path).status_code == 403
