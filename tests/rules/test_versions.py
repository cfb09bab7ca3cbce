"""Frozen documents come back from their JSON as they were, and two versions tell what differs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from tests.rules.test_annual import some_inputs
from tests.rules.test_papers import INPUTS
from tracker.errors import Unreadable
from tracker.rules.annual import compose
from tracker.rules.frozen import sha256_of, to_json
from tracker.rules.memo import compose_memo
from tracker.rules.paper import (
    Bar,
    Block,
    Chart,
    Compared,
    Comparison,
    Grid,
    Letterhead,
    Paper,
    Photo,
    Photos,
    Prose,
)
from tracker.rules.plan_paper import compose_plan
from tracker.rules.report_inputs import MemoInputs, Person, PlanInputs, Signed
from tracker.rules.six_month import compose_six_month
from tracker.rules.versions import KINDS, Change, changes, read

YEAR = some_inputs()
MEMO = MemoInputs(
    report=compose(YEAR),
    organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
    division="สำนักปลัด",
    author=Person("หัวหน้าสำนักปลัด", "นายสมมุติ"),
    clerk=Person("ปลัด"),
    chief=Person("นายก"),
    adopted=Signed("", None, "", ""),
    risen=1,
    fallen=0,
)
SIX = compose_six_month(INPUTS, date(2026, 3, 31))
VALUES = {
    "annual": compose(YEAR),
    "memo": compose_memo(MEMO),
    "six-month": SIX,
    "plan": compose_plan(PlanInputs(INPUTS)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_frozen_document_comes_back_as_it_was(kind: str) -> None:
    value = VALUES[kind]
    back = read(kind, to_json(value))  # type: ignore[arg-type]
    assert back == value
    assert sha256_of(back) == sha256_of(value)


def test_every_kind_of_block_comes_back() -> None:
    blocks = (
        Letterhead((("ที่", "ตย 1"),)),
        Prose("หัวข้อ", ("ก", "ข")),
        Chart("สรุป", (Bar("กองคลัง", 1, 2, 50, "1 จาก 2"),), "รวม"),
        Grid("annex", "หลักฐาน", ("ที่",), (("1",),), "ไม่มี", ("หมายเหตุ",)),
        Photos("ภาพ", (Photo("1", "ภาพ", "1 ม.ค. 2569", "abc"),)),
        Comparison(
            "คะแนน",
            (2568, 2569),
            ("รายการ", "2568", "2569", "เปลี่ยน"),
            (
                Compared("instrument", "IIT", 30, 80.5, None, ("80.50", "–", "–")),
                Compared("total", "รวม", None, 80.5, 90.0, ("80.50", "90.00", "+9.50")),
            ),
            "ผ่าน",
            "สูงขึ้น",
        ),
    )
    assert {type(block) for block in blocks} == set(get_args(Block))
    paper = replace(SIX, blocks=blocks, annex=blocks)
    assert read("six-month", to_json(paper)) == paper


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 99}', to_json(VALUES["plan"])])
def test_what_is_no_such_document_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read("six-month", text)


def test_a_block_of_another_kind_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read("six-month", to_json(SIX).replace('"block":"prose"', '"block":"film"'))


def test_the_same_document_has_no_changes_whenever_it_was_frozen() -> None:
    later = replace(SIX, frozen_at=YEAR.frozen_at, as_of="วันอื่น")
    assert changes(SIX, SIX) == changes(SIX, later) == ()


def grid(*rows: tuple[str, ...], name: str = "progress") -> Paper:
    columns = ("หัวข้อ", "มาตรการ", "ผล")
    return replace(SIX, blocks=(Grid(name, "2. ความก้าวหน้า", columns, rows, ""),))


def test_a_cell_a_row_and_a_missing_row_are_told_by_their_place() -> None:
    older = grid(("ก", "คู่มือ", "ร่างแล้ว"), ("ข", "อบรม", "จัดแล้ว"))
    newer = grid(("ค", "ประกาศ", "ติดแล้ว"), ("ก", "คู่มือ", "เผยแพร่แล้ว"))
    assert changes(older, newer) == (
        Change("2. ความก้าวหน้า", "ค · ประกาศ", "", "", "ค\nประกาศ\nติดแล้ว"),
        Change("2. ความก้าวหน้า", "ก · คู่มือ", "ผล", "ร่างแล้ว", "เผยแพร่แล้ว"),
        Change("2. ความก้าวหน้า", "ข · อบรม", "", "ข\nอบรม\nจัดแล้ว", ""),
    )


def test_rows_of_the_same_name_are_compared_in_their_order() -> None:
    older, newer = grid(("ก", "ก", "1"), ("ก", "ก", "2")), grid(("ก", "ก", "1"), ("ก", "ก", "3"))
    assert [(one.before, one.after) for one in changes(older, newer)] == [("2", "3")]


def test_a_moved_proof_is_no_change() -> None:
    columns = ("ที่", "หลักฐาน", "แฟ้ม", "วันที่", "ค่าตรวจสอบ")
    rows = (("1", "ก", "a.pdf", "", "x"), ("2", "ข", "b.pdf", "", "y"))
    older = replace(SIX, annex=(Grid("annex", "5.", columns, rows, ""),))
    newer = replace(SIX, annex=(Grid("annex", "5.", columns, (("1", *rows[1][1:]),), ""),))
    assert [(one.row, one.after) for one in changes(older, newer)] == [("a.pdf · x", "")]


def test_head_bars_letterhead_and_signatures_are_told() -> None:
    older = replace(
        SIX,
        blocks=(Letterhead((("ที่", "1"),)), Chart("สรุป", (Bar("กองคลัง", 0, 2, 0, "0 จาก 2"),), "รวม 0")),
    )
    newer = replace(
        SIX,
        lines=(*SIX.lines, "เลขที่ 9"),
        blocks=(Letterhead((("ที่", "2"),)), Chart("สรุป", (Bar("กองคลัง", 1, 2, 50, "1 จาก 2"),), "รวม 1")),
        signatures=(("นายสมมุติ",),),
    )
    told = [(one.part, one.row, one.after) for one in changes(older, newer)]
    assert told[1:4] == [("", "ที่", "2"), ("สรุป", "กองคลัง", "1 จาก 2"), ("สรุป", "", "รวม 1")]
    assert told[-1] == ("", "", "นายสมมุติ")


def test_a_score_that_changed_is_told() -> None:
    row = Compared("total", "รวม", None, 80.5, 90.0, ("80.50", "90.00", "+9.50"))
    older = replace(
        SIX, blocks=(Comparison("คะแนน", (2568, 2569), ("", "ก่อน", "หลัง", "ต่าง"), (row,), "", ""),)
    )
    risen = replace(row, after=91.0, told=("80.50", "91.00", "+10.50"))
    newer = replace(
        SIX, blocks=(Comparison("คะแนน", (2568, 2569), ("", "ก่อน", "หลัง", "ต่าง"), (risen,), "", ""),)
    )
    assert [(one.row, one.before, one.after) for one in changes(older, newer)] == [
        ("รวม", "90.00", "91.00"),
        ("รวม", "+9.50", "+10.50"),
    ]


def test_a_part_that_is_only_in_one_version_is_told_row_by_row() -> None:
    without = replace(SIX, blocks=())
    [told] = changes(without, grid(("ก", "คู่มือ", "ร่างแล้ว")))
    assert (told.before, told.after) == ("", "ก\nคู่มือ\nร่างแล้ว")
    [gone] = changes(grid(("ก", "คู่มือ", "ร่างแล้ว")), without)
    assert (gone.before, gone.after) == ("ก\nคู่มือ\nร่างแล้ว", "")
