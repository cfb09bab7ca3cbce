"""The scores of two years side by side: words for every change, and what the frozen report keeps of them."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.rules.test_annual import some_inputs
from tracker.rules.annual import compose
from tracker.rules.appraisal import appraise
from tracker.rules.comparison import compare
from tracker.rules.report import from_json, to_json
from tracker.rules.scoring import Scores

BEFORE = Scores(total=88.42, indicators={1: 93.2, 5: 94.35, 7: 87.5})
AFTER = Scores(total=93.17, level="ผ่านดี", indicators={1: 96.05, 5: 93.1, 7: 87.5, 8: 91.0})


def test_every_change_is_told_in_words() -> None:
    told = compare(appraise(AFTER, 2569, BEFORE))
    assert told is not None
    assert told.years == (2568, 2569)
    assert told.columns[1:] == ("ปี 2568", "ปี 2569", "เปลี่ยนแปลง")
    rows = {row.name.partition(" ")[0]: row.told for row in told.rows}
    assert rows["คะแนนรวม"] == ("88.42", "93.17", "เพิ่มขึ้น 4.75")
    assert rows["1."] == ("93.20", "96.05", "เพิ่มขึ้น 2.85")
    assert rows["5."] == ("94.35", "93.10", "ลดลง 1.25")
    assert rows["7."] == ("87.50", "87.50", "เท่าเดิม")
    assert rows["8."] == ("-", "91.00", "ไม่มีคะแนนปีก่อน")
    assert told.sentence == "คะแนน ITA ปี 2569 ได้ 93.17 คะแนน ระดับ ผ่านดี เพิ่มขึ้น 4.75"


def test_a_score_that_is_missing_this_year_is_awaited() -> None:
    told = compare(appraise(Scores(total=90.0), 2569, BEFORE))
    assert told is not None
    assert told.rows[-1].told == ("87.50", "-", "รอประกาศผล")


def test_nothing_is_compared_before_the_result_is_announced() -> None:
    assert compare(None) is None
    assert compose(some_inputs()).scores is None


def test_the_scores_are_frozen_with_the_report_and_come_back() -> None:
    report = compose(replace(some_inputs(), result=appraise(AFTER, 2569, BEFORE)))
    assert report.scores is not None
    assert report.scores.rows[0].told == ("๘๘.๔๒", "๙๓.๑๗", "เพิ่มขึ้น ๔.๗๕")
    assert (report.scores.rows[0].before, report.scores.rows[0].after) == (88.42, 93.17)
    assert from_json(to_json(report)) == report


def test_a_report_frozen_before_scores_were_kept_can_still_be_read() -> None:
    report = compose(some_inputs())
    told = json.loads(to_json(report)) | {"format": 2}
    del told["scores"]
    assert from_json(json.dumps(told)) == report
