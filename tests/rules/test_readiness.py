from __future__ import annotations

from dataclasses import replace

import pytest

from tracker.rules.readiness import (
    Answered,
    Code,
    Readiness,
    ReadinessInputs,
    Subject,
    Wanted,
    assess,
    explains_the_fall,
    tells_of_a_person,
)

NOTHING = ReadinessInputs({}, {}, (Wanted("o25", 2569, "https://tuayang.example/o25"), Wanted("o26", 2570)))
TWO = (Subject(1, "กองช่าง"), Subject(2, "กองคลัง"))


def level_of(readiness: Readiness, code: Code) -> str:
    [found] = [one for one in (*readiness.must, *readiness.look, *readiness.ready) if one.code == code]
    return found.level


def test_a_report_that_lacks_nothing_is_ready_but_for_its_address() -> None:
    readiness = assess(NOTHING)
    assert (readiness.must, [one.code for one in readiness.look]) == ((), ["website"])
    assert "ข้อ o26" in str(readiness.look[0].title)
    assert readiness.checks == 11
    addresses = tuple(replace(one, addresses=f"https://tuayang.example/{one.item}") for one in NOTHING.wanted)
    published = assess(replace(NOTHING, wanted=addresses))
    assert published.look == ()
    assert published.ready[-1].answer == "https://tuayang.example/o25\nhttps://tuayang.example/o26"


def test_every_document_without_an_address_is_named() -> None:
    for wanted, words in (
        ((Wanted("o25", 2569), Wanted("o26", 2570)), "สำหรับข้อ o25, o26"),
        ((Wanted("o25", 2569), Wanted("", 2570)), "สำหรับข้อ o25 และรายการของ OIT ปี 2570"),
        ((Wanted("", 2570), Wanted("", 2571)), "สำหรับรายการของ OIT ปี 2570, 2571"),
    ):
        nowhere = assess(replace(NOTHING, wanted=wanted))
        assert words in str(nowhere.look[0].title)


@pytest.mark.parametrize("code", ["late", "open", "waiting", "follow_ups", "unsaid", "unproved", "fallen"])
def test_what_must_be_mended(code: Code) -> None:
    readiness = assess(replace(NOTHING, subjects={code: TWO}))
    [finding] = readiness.must
    assert finding.code == code
    assert "2" in str(finding.title)
    assert finding.names == (("กองช่าง", 1), ("กองคลัง", 1))


@pytest.mark.parametrize("code", ["awaited", "stale", "personal"])
def test_what_should_be_looked_at(code: Code) -> None:
    readiness = assess(replace(NOTHING, subjects={code: TWO}))
    assert (readiness.must, level_of(readiness, code)) == ((), "look")


def test_a_reason_settles_what_it_was_written_for_and_nothing_that_came_later() -> None:
    answers = {"late": Answered("น้ำท่วม", frozenset({1, 2, 3}))}
    settled = assess(replace(NOTHING, subjects={"late": TWO}, answers=answers))
    assert level_of(settled, "late") == "look"
    more = assess(replace(NOTHING, subjects={"late": (*TWO, Subject(4, "กองช่าง"))}, answers=answers))
    assert level_of(more, "late") == "must"


def test_the_divisions_with_most_come_first_and_few_are_named() -> None:
    many = tuple(Subject(place, f"กอง {place % 9}") for place in range(10))
    [finding] = assess(replace(NOTHING, subjects={"open": many})).must
    assert finding.names[0] == ("กอง 0", 2)
    assert (len(finding.names), finding.more) == (6, 3)


@pytest.mark.parametrize(
    "name",
    [
        "สำเนาบัตรประชาชน นายสมมุติ.pdf",
        "1-1017-00230-70-8.jpg",
        "ผู้ร่วมโครงการ ๑๑๐๑๗๐๐๒๓๐๗๐๘.xlsx",
        "ติดต่อ 081-234-5678.pdf",
    ],
)
def test_names_that_look_like_personal_data(name: str) -> None:
    assert tells_of_a_person(name)


@pytest.mark.parametrize(
    "name", ["ภาพการประชุม 2569-02-05.jpg", "1700000000000.jpg", "คำสั่งที่ 123/2569.pdf", ""]
)
def test_names_that_do_not(name: str) -> None:
    assert not tells_of_a_person(name)


@pytest.mark.parametrize(
    ("outcome", "explained"),
    [
        ("ปี ๒๕๖๘ ได้ ๙๐ คะแนน ลดลง ๒ คะแนน", False),
        ("ปี ๒๕๖๘ ได้ ๙๐ คะแนน ลดลง ๒ คะแนน\nเพราะเปลี่ยนระบบบริการ", True),
        ("คะแนนเปลี่ยนไปเพราะเปลี่ยนระบบบริการ", False),
        ("ลดลงเพราะเปลี่ยนระบบบริการ", True),
    ],
)
def test_a_fall_is_called_one_and_explained(outcome: str, explained: bool) -> None:
    assert explains_the_fall(outcome, ["ปี 2568 ได้ 90 คะแนน ลดลง 2 คะแนน"]) is explained
