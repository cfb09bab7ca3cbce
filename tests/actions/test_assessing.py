"""ITA results kept: typed, pasted, journalled, and the plan that answers them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.world import World, at
from tracker.actions import assessing
from tracker.database import db
from tracker.errors import FieldsRefused
from tracker.models import JournalEntry
from tracker.rules.scoring import Scores

NOW = at("2025-12-17")


def keep(world: World, scores: Scores, year: int = 2568) -> None:
    with world.write():
        assessing.keep(year, scores, now=NOW, by=world.actor("coordinator"))


def test_scores_come_back_as_they_were_kept_and_are_journalled_once(world: World) -> None:
    scores = Scores(95.96, "ผ่านดี", {"OIT": 90.0}, {1: 100.0, 9: 80.0}, {"o13": 50.0})
    keep(world, scores)
    keep(world, scores)
    keep(world, Scores(95.96, "ผ่านดี", {"OIT": 90.0}, {1: 100.0}, {"o13": 100.0}))
    with world.read():
        assert assessing.scores_of(2568) == Scores(95.96, "ผ่านดี", {"OIT": 90.0}, {1: 100.0}, {"o13": 100.0})
        assert assessing.years() == [2568]
        told = [
            (one.deed, one.details)
            for one in db.session.scalars(
                select(JournalEntry)
                .where(JournalEntry.subject_kind == "assessment")
                .order_by(JournalEntry.number)
            )
        ]
        db.session.rollback()
    assert [deed for deed, _ in told] == ["assessment.kept", "assessment.changed"]
    assert told[1][1] == {"year": 2568, "total": 95.96, "codes": ["9", "o13"]}


def test_fields_are_understood_in_both_digits_and_refused_one_by_one() -> None:
    given = {"total": "๙๕.๙๖", "level": "ผ่านดี", "IIT": "100", "n9": " 80,5 ", "o13": "50 %", "i1": ""}
    assert assessing.understand(2568, given) == Scores(
        95.96, "ผ่านดี", {"IIT": 100.0}, {9: 80.5}, {"o13": 50.0}
    )
    with pytest.raises(FieldsRefused) as refused:
        assessing.understand(2568, {"total": "101", "n1": "ดี", "n2": "1e9", "level": "AA", "o1": "-1"})
    assert set(refused.value.fields) == {"total", "n1", "n2", "level", "o1"}
    with pytest.raises(FieldsRefused):
        assessing.understand(2568, {"total": " "})


def test_pasted_lines_and_tables_are_read() -> None:
    text = "ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่ 98.57\nคุณภาพการดำเนินงาน ๙๙.๖๐\no13 จัดซื้อ 100\nคะแนนรวม 95.96 คะแนน"
    read = assessing.read_document(text.encode(), assessing.PASTED, 2568).scores
    assert (read.total, read.indicators, read.questions) == (95.96, {1: 98.57, 6: 99.6}, {"o13": 100.0})
    table = "<table><tr><th>ตัวชี้วัด</th><th>คะแนน</th></tr><tr><td>การใช้อำนาจ</td><td>91.02</td></tr></table>"
    assert assessing.read_document(table.encode(), "paste.html", 2568).scores.indicators == {3: 91.02}


def test_the_plan_of_the_next_year_answers_a_result(world: World) -> None:
    world.adopted_plan()
    with world.read():
        plan, items = assessing.plan_answering(2568)
        assert plan is not None
        assert plan.fiscal_year == 2569
        assert [(one.indicator, one.references, len(one.measures)) for one in items] == [
            (1, frozenset({("indicator", "1")}), 2)
        ]
        assert assessing.plan_answering(2560) == (None, [])
        db.session.rollback()
