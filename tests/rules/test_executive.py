"""The one page: per cents and last year's marks, who was told, what is left out, states on a past day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from tests.world import at
from tracker.rules.claims import Claim
from tracker.rules.executive import (
    Attempt,
    Behind,
    ExecutiveInputs,
    Result,
    Work,
    compose_executive,
    state_on,
)
from tracker.rules.fiscal import same_day_last_year
from tracker.rules.looks import TaskLook
from tracker.rules.states import TaskState

NOW = at("2026-02-18", "09:12")
DONE, OPEN = TaskLook.DONE, TaskLook.NOT_YET


def works(*looks: TaskLook, division: int = 1) -> list[Work]:
    return [Work(division, ("topic", 1), frozenset({look})) for look in looks]


def inputs(now: Sequence[Work], before: Sequence[Work] | None = None) -> ExecutiveInputs:
    return ExecutiveInputs(
        organisation="องค์การบริหารส่วนตำบลตัวอย่าง",
        fiscal_year=2569,
        moment=NOW,
        now=now,
        before=before,
        divisions={1: "สำนักปลัด", 2: "กองคลัง"},
        topics={("topic", 1): "1. กระบวนการ"},
        behind=(),
    )


def test_progress_is_told_against_the_same_day_of_last_year() -> None:
    now = works(DONE, DONE, OPEN, TaskLook.OVERDUE) + works(DONE, division=2)
    before = works(DONE, OPEN, OPEN, OPEN, TaskLook.STUCK)
    page = compose_executive(inputs(now, before))
    assert (page.all.percent, page.all.before, page.all.count, page.all.change) == (
        60,
        20,
        "3/5",
        "เพิ่ม 40 จุด",
    )
    assert page.all_before == "ปีก่อนวันเดียวกันร้อยละ 20"
    assert [(row.name, row.percent, row.before, row.direction) for row in page.divisions] == [
        ("สำนักปลัด", 50, 20, "up"),
        ("กองคลัง", 100, None, "none"),
    ]
    assert [(one.label, one.value, one.before) for one in page.counts] == [
        ("เกินกำหนด", "1 งาน", "ปีก่อน 0"),
        ("ติดปัญหา", "0 งาน", "ปีก่อน 1"),
        ("รออนุมัติ", "0 งาน", "ปีก่อน 0"),
    ]
    assert page.note == ""
    assert page.quarter_line == "ไตรมาสที่ 2 เหลืออีก 41 วัน"


def test_what_is_late_and_stuck_counts_as_both_as_on_the_other_pages() -> None:
    late = Work(1, ("topic", 1), frozenset({TaskLook.OVERDUE, TaskLook.STUCK}))

    page = compose_executive(inputs([late, *works(TaskLook.STUCK)]))

    assert [one.value for one in page.counts] == ["1 งาน", "2 งาน", "0 งาน"]


def test_the_first_year_compares_nothing_and_says_why() -> None:
    page = compose_executive(inputs(works(DONE, OPEN, TaskLook.CANCELLED, TaskLook.NOT_NEEDED)))
    assert (page.all.count, page.all.before, page.all.change) == ("1/2", None, "")
    assert {one.before for one in page.counts} == {""}
    assert "ไม่เปรียบเทียบ" in page.note


def test_falling_and_standing_still_are_said_plainly() -> None:
    assert compose_executive(inputs(works(OPEN), works(DONE))).all.change == "ลด 100 จุด"
    assert compose_executive(inputs(works(DONE), works(DONE))).all.change == "เท่าเดิม"


def test_a_late_card_tells_the_chain_of_notices() -> None:
    told = {"head": (date(2026, 1, 5), date(2026, 2, 16)), "clerk": (date(2026, 1, 9),)}
    late = Behind("จัดทำคู่มือ", 1, "กองคลัง", date(2025, 12, 31), False, more=1, told=told)  # type: ignore[arg-type]
    stuck = Behind("ทะเบียน", 2, "สำนักปลัด", date(2026, 3, 31), True, "ไม่มีผู้รับผิดชอบ")
    page = compose_executive(replace(inputs(works(DONE)), behind=(stuck, late)))
    first, second = page.late
    assert first.title == "จัดทำคู่มือ และอีก 1 มาตรการ ไตรมาสที่ 1"
    assert (first.badge, first.look) == ("49 วัน", "overdue")
    assert first.told == "แจ้งกอง 2 ครั้ง ล่าสุด 16 ก.พ. 2569 · แจ้งปลัด 9 ม.ค. 2569"
    assert (second.badge, second.look) == ("ติดปัญหา", "stuck")
    assert second.told == "“ไม่มีผู้รับผิดชอบ” · ยังไม่ได้แจ้งกอง · ยังไม่ถึงเกณฑ์แจ้งปลัด"


def test_the_worst_come_first_where_there_are_too_many() -> None:
    divisions = {key: f"กอง {key}" for key in range(1, 12)}
    now = [one for key in divisions for one in works(DONE if key < 9 else OPEN, DONE, division=key)]
    behind = [Behind(f"งาน {n}", 1, "ก", date(2026, 1, 31 - n), False) for n in range(7)]
    page = compose_executive(replace(inputs(now), divisions=divisions, behind=behind))
    assert [row.name for row in page.divisions[:3]] == ["กอง 9", "กอง 10", "กอง 11"]
    assert len(page.divisions) == 8
    assert page.more_divisions == "และอีก 3 รายการที่ก้าวหน้ากว่านี้"
    assert [one.title[:5] for one in page.late] == ["งาน 6", "งาน 5", "งาน 4", "งาน 3", "งาน 2"]
    assert page.more_late == "และอีก 2 เรื่อง"


def test_the_page_speaks_in_the_digits_that_are_asked_for() -> None:
    told = replace(inputs(works(DONE)), thai_digits=True, results=(Result(2568, 88.42, "ผ่าน"),))
    assert compose_executive(told).results == (("๒๕๖๘", "๘๘.๔๒", "ผ่าน"),)
    assert compose_executive(told, thai_digits=False).results == (("2568", "88.42", "ผ่าน"),)


DAY = date(2025, 2, 18)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        ([], TaskState.OPEN),
        ([Attempt(Claim.COMPLETE, at("2025-02-19"), None, None)], TaskState.OPEN),
        ([Attempt(Claim.COMPLETE, at("2025-02-18"), at("2025-02-20"), None)], TaskState.SUBMITTED),
        ([Attempt(Claim.COMPLETE, at("2025-02-01"), at("2025-02-18"), None)], TaskState.APPROVED),
        ([Attempt(Claim.AS_PLANNED, at("2025-02-01"), None, at("2025-02-10"))], TaskState.IN_PROGRESS),
        ([Attempt(Claim.AS_PLANNED, at("2025-02-01"), None, at("2025-02-20"))], TaskState.SUBMITTED),
        ([Attempt(Claim.STUCK, at("2025-02-01"), None, None)], TaskState.STUCK),
        ([Attempt(Claim.NOT_YET, at("2025-02-01"), None, None)], TaskState.IN_PROGRESS),
        (
            [
                Attempt(Claim.STUCK, at("2025-02-01"), None, None),
                Attempt(Claim.COMPLETE, at("2025-02-10"), at("2025-02-11"), None),
            ],
            TaskState.APPROVED,
        ),
    ],
)
def test_a_task_of_last_year_has_the_state_of_that_day(attempts: list[Attempt], state: TaskState) -> None:
    assert state_on(DAY, TaskState.APPROVED, attempts) is state
    assert state_on(DAY, TaskState.CANCELLED, attempts) is TaskState.CANCELLED


def test_the_same_day_of_last_year_is_always_a_day() -> None:
    assert same_day_last_year(date(2028, 2, 29)) == date(2027, 2, 28)
    assert same_day_last_year(date(2026, 2, 18)) == DAY
