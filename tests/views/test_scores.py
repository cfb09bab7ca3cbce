"""The page of an ITA result: typed, pasted, from an imported document; who may change it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from tests.client import Browser, Page
from tests.world import World, at
from tracker.actions import assessing, deciding
from tracker.database import db
from tracker.rules.appraisal import codes_of
from tracker.rules.scoring import Scores

SignedIn = Callable[[str], Browser]
NOW = at("2025-12-17")
TYPED = {f"n{number}": "90" for number in range(1, 11)} | {
    "total": "91.00",
    "level": "ผ่านดีเยี่ยม",
    "n7": "80.25",
}


def plain(page: Page) -> str:
    return page.text.replace("\u00a0", " ")


def kept(world: World) -> Scores | None:
    with world.read():
        found = assessing.scores_of(2568)
        db.session.rollback()
    return found


def test_typed_scores_are_shown_beside_what_they_should_be(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    person = signed_in("coordinator")
    assert "/scores/2568/edit" in person.get("/scores/2568").links
    answer = person.post("/scores/2568/edit", TYPED)
    assert (answer.status_code, answer.location) == (303, "/scores/2568")
    text = plain(person.get("/scores/2568"))
    assert "คะแนนรวม ตามเอกสาร 91.00 แต่คำนวณจากส่วนย่อยได้ 89.03" in text
    assert "ระดับตามเอกสาร “ผ่านดีเยี่ยม” แต่คะแนนเข้าเกณฑ์ “ผ่านดี”" in text
    assert "ไม่มีคะแนนปี 2567" in text
    assert "7. ประสิทธิภาพการสื่อสาร 80.25 ยังไม่มีมาตรการที่ตอบเรื่องนี้" in text


def test_what_rose_and_fell_is_told_in_words(world: World, signed_in: SignedIn) -> None:
    with world.write():
        by = world.actor("coordinator")
        assessing.keep(2567, Scores(indicators={1: 90.0, 2: 99.5, 3: 88.0}), now=NOW, by=by)
        assessing.keep(2568, Scores(indicators={1: 92.5, 2: 97.0, 3: 88.0}), now=NOW, by=by)
    text = plain(signed_in("clerk").get("/scores/2568"))
    assert "1. การปฏิบัติหน้าที่ เพิ่มขึ้น 2.50" in text
    assert "2. การใช้งบประมาณ ลดลง 2.50" in text
    assert "เท่าเดิม" in text


def test_both_years_are_drawn_and_the_figures_stand_beside(world: World, signed_in: SignedIn) -> None:
    with world.write():
        world.add_scores()
    answer = signed_in("clerk").open("/scores/2569")
    assert answer.text.count('class="marked-before"') == answer.text.count('class="marked-bar"') == 10
    assert '<rect class="marked-before" y="2" width="188.7" height="5">' in answer.text
    assert '<rect class="marked-bar" y="9" width="186.2" height="7">' in answer.text
    assert "93.10 ปีก่อน 94.35 ลดลง 1.25" in plain(Page(answer.text))
    assert "เส้นคือเกณฑ์ผ่าน 85" in plain(Page(answer.text))


def test_a_weak_indicator_links_to_the_measures_that_answer_it(world: World, signed_in: SignedIn) -> None:
    world.adopted_plan()
    with world.write():
        assessing.keep(2568, Scores(indicators={1: 70.0}), now=NOW, by=world.actor("coordinator"))
    person = signed_in("head0")
    page = person.get("/scores/2568")
    found = [link for link in page.links if link.startswith("/plan/2569/measures?q=")]
    assert len(found) == 2
    assert "คู่มือการให้บริการ" in person.get(found[0]).text


def test_a_pasted_table_fills_the_fields_and_stores_nothing(world: World, signed_in: SignedIn) -> None:
    person = signed_in("coordinator")
    pasted = "ผลการประเมิน ITA ปี 2567\nการปฏิบัติหน้าที่\t98.57\nการใช้งบประมาณ\t97.00\n"
    answer = person.post("/scores/2568/read", {"pasted": pasted})
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.form("/scores/2568/edit")["n1"] == "98.57"
    assert "อ่านได้ 2 คะแนน" in plain(page)
    assert "ผล ITA ปี 2567 แต่หน้านี้เป็นของปี 2568" in plain(page)
    assert kept(world) is None
    assert person.post("/scores/2568/edit", page.form("/scores/2568/edit")).status_code == 303
    scores = kept(world)
    assert scores is not None
    assert scores.indicators == {1: 98.57, 2: 97.0}


@pytest.mark.parametrize("pasted", ["", "ไม่มีตัวเลข", "<table><tr><td>"])
def test_what_holds_no_scores_is_refused_beside_the_field(signed_in: SignedIn, pasted: str) -> None:
    answer = signed_in("coordinator").post("/scores/2568/read", {"pasted": pasted})
    assert answer.status_code == 422
    assert Page(answer.text).beside["pasted"]


def test_scores_are_taken_from_a_file_and_from_an_imported_document(
    world: World, signed_in: SignedIn
) -> None:
    data = "การใช้อำนาจ\t91.02\n".encode()
    person = signed_in("coordinator")
    answer = person.post("/scores/2568/read", {"document": (BytesIO(data), "ผล.txt")})
    assert Page(answer.text).form("/scores/2568/edit")["n3"] == "91.02"
    with world.write():
        row = deciding.begin(data, "แผน.txt", 2569, now=NOW, by=world.actor("coordinator"))
        source = row.id
    answer = person.post("/scores/2568/read", {"source": source})
    assert Page(answer.text).form("/scores/2568/edit")["n3"] == "91.02"
    assert person.post("/scores/2568/read", {"source": source + 1}).status_code == 404


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(world: World, signed_in: SignedIn) -> None:
    answer = signed_in("coordinator").post("/scores/2568/edit", {"total": "91", "n1": "ร้อย"})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert set(page.beside) == {"n1"}
    assert page.form("/scores/2568/edit")["n1"] == "ร้อย"
    assert kept(world) is None


def test_lookers_see_and_do_not_change(signed_in: SignedIn) -> None:
    for who in ("head0", "clerk", "chief"):
        person = signed_in(who)
        assert "/scores/2568/edit" not in person.get("/scores/2568").links
        assert person.open("/scores/2568/edit").status_code == 403
        assert person.post("/scores/2568/edit", TYPED).status_code == 403
        assert person.post("/scores/2568/read", {"pasted": "การใช้อำนาจ\t91.02"}).status_code == 403


@pytest.mark.parametrize("path", ["/scores/2400", "/scores/2599", "/scores/2599/edit"])
def test_other_years_are_no_page(signed_in: SignedIn, path: str) -> None:
    signed_in("coordinator").get(path, 404)


def test_who_only_looks_reads_every_score_that_was_written(signed_in: SignedIn) -> None:
    for assessed in (2566, 2568, 2569):
        codes = codes_of(assessed)
        given = {code: f"{90 + place / 100:.2f}" for place, code in enumerate(codes)}
        assert signed_in("coordinator").post(f"/scores/{assessed}/edit", given).status_code == 303
        page = signed_in("clerk").get(f"/scores/{assessed}")
        assert [text for text in given.values() if text not in page.text] == [], assessed
