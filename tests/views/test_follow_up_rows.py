"""The rows of a follow-up form: what two editors wrote, files, drafts, texts of the quarters, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
import time_machine

from tests.client import Browser, Page
from tests.deeds import PDF, approve, follow_up_of, group_of, prove, report, settle
from tests.views.test_follow_up import filled, lines, state
from tests.world import World, at
from tracker.groups import evidence_of
from tracker.models import FollowUpState
from tracker.rules.claims import NONE

SignedIn = Callable[[str], Browser]
APRIL = at("2026-04-02")


@pytest.fixture
def here(world: World, clock: time_machine.Traveller) -> str:
    """The open form of the first division: one quarter reported, nothing approved."""
    world.adopted_plan()
    report(world, group_of(world), now=at("2026-01-06"), result="แจกคู่มือ 40 เล่ม", suggestions="ควรพิมพ์เพิ่ม")
    clock.move_to(APRIL)
    return f"/follow-up/{follow_up_of(world)}"


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def ids(world: World) -> list[int]:
    return [line.id for line in lines(world, follow_up_of(world))]


def test_the_texts_of_the_quarter_stand_there_with_their_source(
    world: World, signed_in: SignedIn, here: str
) -> None:
    page = signed_in("head0").get(here)
    first = ids(world)[0]
    fields = page.form(here)
    assert (fields[f"result-{first}"], fields[f"suggestions-{first}"]) == ("แจกคู่มือ 40 เล่ม", "ควรพิมพ์เพิ่ม")
    assert "ดึงจากไตรมาส 1" in plain(page)
    assert "ช้า 6 วัน" in plain(page)


def test_the_bottom_bar_names_what_is_missing(world: World, signed_in: SignedIn, here: str) -> None:
    person, (first, second) = signed_in("head0"), ids(world)
    assert "ยังขาด 2 ข้อ คือข้อ 1, 2" in plain(person.get(here))
    assert "ตอบแล้ว 0 จาก 2" in plain(person.get(here))
    fields = filled(world, follow_up_of(world))
    kept = {name: text for name, text in fields.items() if f"-{first}" in name}
    person.post(here, kept | {"draft": "1"})
    page = plain(person.get(here))
    assert "ยังขาด 1 ข้อ คือข้อ 2" in page
    assert "ตอบแล้ว 1 จาก 2" in page
    person.post(here, fields | {"draft": "1"})
    assert "ครบทุกข้อแล้ว" in plain(person.get(here))
    assert second in ids(world)
    assert state(world, follow_up_of(world)) is FollowUpState.WAITING


def test_the_text_of_the_quarter_comes_back(world: World, signed_in: SignedIn, here: str) -> None:
    person, (first, second) = signed_in("head0"), ids(world)
    typed = {f"result-{first}": "เขียนทับ", f"result-{second}": "ของข้อสอง"}
    assert person.post(here, typed | {"restore": str(first)}).location == here
    fields = person.get(here).form(here)
    assert (fields[f"result-{first}"], fields[f"result-{second}"]) == ("แจกคู่มือ 40 เล่ม", "ของข้อสอง")


def test_none_for_the_rest_fills_untouched_cells_only_and_is_taken_back(
    world: World, signed_in: SignedIn, here: str
) -> None:
    person, (first, second) = signed_in("head0"), ids(world)
    typed = {
        f"problems-{first}": "ฝนตก", f"problems-{first}_answer": "some", f"suggestions-{second}_answer": "none",
    }  # fmt: skip
    answer = person.post(here, typed | {"fill_none": "1"})
    assert answer.location == f"{here}?filled=suggestions-{first}.problems-{second}"
    assert [(line.problems, line.suggestions) for line in lines(world, follow_up_of(world))] == [
        ("ฝนตก", NONE),
        (NONE, NONE),
    ]
    page = person.get(answer.location)
    assert "ตอบ “ไม่มี” ให้แล้ว: ปัญหา ข้อ 2 · ข้อเสนอแนะ ข้อ 1" in plain(page)
    fields = page.form(here)
    person.post(here, fields | {"fill_none": "", "draft": "", "restore": ""})
    assert [(line.problems, line.suggestions) for line in lines(world, follow_up_of(world))] == [
        ("ฝนตก", ""),
        ("", NONE),
    ]


# Two editors


def opened(person: Browser, here: str) -> dict[str, str]:
    """The form as a browser would send it back by "keep": what it shows, with its seals."""
    fields = person.get(here).form(here)
    return {name: text for name, text in fields.items() if name not in {"fill_none", "restore", "unfill"}}


def test_what_another_editor_saved_in_other_fields_stays(
    world: World, signed_in: SignedIn, here: str
) -> None:
    first, second = ids(world)
    head, coordinator = signed_in("head0"), signed_in("coordinator")
    mine, theirs = opened(head, here), opened(coordinator, here)
    coordinator.post(here, theirs | {f"result-{second}": "ผู้ประสานงานเขียน", f"outcome-{first}": "ดีขึ้น"})
    assert head.post(here, mine | {f"result-{first}": "หัวหน้าเขียน"}).status_code == 303
    assert [(line.result, line.outcome) for line in lines(world, follow_up_of(world))] == [
        ("หัวหน้าเขียน", "ดีขึ้น"),
        ("ผู้ประสานงานเขียน", ""),
    ]


def test_a_field_that_both_wrote_shows_the_newer_text_beside_mine(
    world: World, signed_in: SignedIn, here: str
) -> None:
    first, _second = ids(world)
    head, coordinator = signed_in("head0"), signed_in("coordinator")
    mine, theirs = opened(head, here), opened(coordinator, here)
    told = {f"result-{first}": "ผู้ประสานงานเขียน", f"completion-{first}": "full"}
    assert coordinator.post(here, theirs | told).status_code == 303
    answer = head.post(here, mine | {f"result-{first}": "หัวหน้าเขียน"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "มีคนแก้พร้อมกัน 1 ช่อง" in plain(page)
    assert "ผู้ประสานงานเขียน" in page.text
    assert "บันทึกไว้ 2 เม.ย. 2569" in plain(page)
    again = page.form(here)
    assert again[f"result-{first}"] == "หัวหน้าเขียน"
    assert again[f"completion-{first}"] == "full"
    assert lines(world, follow_up_of(world))[0].result == "ผู้ประสานงานเขียน"
    drop = {"fill_none", "restore", "unfill"}
    again = {name: text for name, text in again.items() if name not in drop and not name.startswith("newer-")}
    taken = head.post(here, again | {f"newer-result-{first}": "1"})
    assert taken.status_code == 303
    assert lines(world, follow_up_of(world))[0].result == "ผู้ประสานงานเขียน"
    assert head.post(here, again).status_code == 303
    assert lines(world, follow_up_of(world))[0].result == "หัวหน้าเขียน"


def test_the_script_saves_beside_the_typing_and_learns_what_was_seen(
    world: World, signed_in: SignedIn, here: str
) -> None:
    first, _second = ids(world)
    head = signed_in("head0")
    mine = opened(head, here) | {f"result-{first}": "รอบแรก", "quiet": "1"}
    told = head.post(here, mine).get_json()
    assert told["at"].startswith("บันทึกแล้ว 09.00")
    mine |= {f"seen-{answer_id}": seals for answer_id, seals in told["seen"].items()}
    assert head.post(here, mine | {f"result-{first}": "รอบสอง"}).get_json()["seen"]
    assert lines(world, follow_up_of(world))[0].result == "รอบสอง"
    coordinator = signed_in("coordinator")
    coordinator.post(here, opened(coordinator, here) | {f"result-{first}": "คนอื่น"})
    assert head.post(here, mine | {f"result-{first}": "รอบสาม"}).get_json() == {"contested": True}
    assert lines(world, follow_up_of(world))[0].result == "คนอื่น"


def test_an_answered_form_keeps_no_half_answers(world: World, signed_in: SignedIn, here: str) -> None:
    person = signed_in("head0")
    person.post(here, filled(world, follow_up_of(world)))
    assert "draft" not in person.get(f"{here}?edit=1").form(here)
    assert person.post(here, {"draft": "1"}).status_code == 422
    assert [line.completion for line in lines(world, follow_up_of(world))] == ["full"] * 2


# Evidence


def test_evidence_of_the_quarters_stands_in_the_row_and_more_is_attached_there(
    world: World, signed_in: SignedIn, here: str
) -> None:
    told = prove(world, group_of(world), "คู่มือเล่มที่ 1.pdf")
    person, (first, _second) = signed_in("head0"), ids(world)
    assert f"/evidence/{told}" in person.get(here).links
    file = (BytesIO(PDF), "ภาพถ่าย ครั้งที่ ๒.pdf")
    assert person.post(here, opened(person, here) | {f"files-{first}": file}).status_code == 303
    with world.read():
        [added] = evidence_of(group_of(world, quarter=2))
        assert (added.name, added.about_on.isoformat()) == ("ภาพถ่าย ครั้งที่ ๒.pdf", "2026-03-31")
    assert "ภาพถ่าย ครั้งที่ ๒" in person.get(here).text


def test_a_file_that_is_not_taken_is_told_beside_its_row_and_nothing_is_kept(
    world: World, signed_in: SignedIn, here: str
) -> None:
    person, (first, second) = signed_in("head0"), ids(world)
    files = {f"files-{first}": (BytesIO(PDF), "ก.pdf"), f"files-{second}": (BytesIO(b"x"), "ข.heic")}
    answer = person.post(here, opened(person, here) | files | {f"result-{first}": "พิมพ์ไว้"})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(page.beside) == {f"files-{second}"}
    assert page.form(here)[f"result-{first}"] == "พิมพ์ไว้"
    assert list(world.app.extensions["tracker.config"].evidence_folder.glob("*/*")) == []


# What is only read


def test_a_closed_round_says_the_day(world: World, signed_in: SignedIn, here: str) -> None:
    approve(world, group_of(world), APRIL)
    settle(world, APRIL)
    signed_in("coordinator").post("/report/2569/close")
    page = signed_in("head0").get(here)
    assert "ปิดเมื่อ 2 เมษายน 2569 จึงอ่านได้อย่างเดียว" in plain(page)
    assert not any(name.startswith("result-") for name in page.form(here))


def test_told_lines_keep_what_the_quarters_said_of_problems(
    world: World, signed_in: SignedIn, here: str
) -> None:
    report(world, group_of(world, quarter=2), now=APRIL, result="ครบแล้ว", problems="ขาดคน")
    for quarter in (1, 2):
        approve(world, group_of(world, quarter=quarter), APRIL)
    first, _second = ids(world)
    person = signed_in("head0")
    assert "ยังไม่ได้ยืนยันผลรายไตรมาส" in plain(person.get(here))
    assert person.post(here, {"confirm": "1", f"result-{first}": "เขียนเพิ่มเอง"}).status_code == 303
    assert [(line.result, line.problems) for line in lines(world, follow_up_of(world))] == [
        ("เขียนเพิ่มเอง", "ขาดคน"),
        ("ครบแล้ว", "ขาดคน"),
    ]
