"""Score tables of the ITA: indicators and items are known by name, whatever number stands before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from tests.reading.conftest import OFFICIAL
from tracker.catalogue import items
from tracker.catalogue.assessment import INDICATORS, YEARS
from tracker.reading import names, plan
from tracker.reading.values import ReadPlan

Make = Callable[..., bytes]
ROW = ("การใช้อำนาจ", "ซักซ้อม", "ประชุม", "ไตรมาส ๑-๔", "กองคลัง", "ทุกไตรมาส")


def read(tsv: Make, year: int, *table: Sequence[str]) -> ReadPlan:
    return plan.read(
        tsv(
            f"ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. {year}",
            *table,
            f"มาตรการส่งเสริมคุณธรรมและความโปร่งใส ประจำปีงบประมาณ พ.ศ. {year + 1}",
            OFFICIAL,
            ROW,
        ),
        "แผน.txt",
    )


def problem(found: ReadPlan, code: str) -> list[dict[str, object]]:
    return [dict(one.proposal or {}) for one in found.problems if one.code == code]


@pytest.mark.parametrize("year", YEARS)
def test_every_item_is_known_by_its_title_in_its_year(year: int) -> None:
    assert [names.item_of(one.title, year) for one in items.items(year)] == [
        one.code for one in items.items(year)
    ]


@pytest.mark.parametrize(("earlier", "later"), list(pairwise(YEARS)))
def test_a_table_numbered_by_the_year_before_is_told_and_renumbered_by_title(
    earlier: int, later: int, tsv: Make
) -> None:
    table = [(one.code, one.title, f"{number}.00") for number, one in enumerate(items.items(earlier), 50)]
    found = read(tsv, later, ("ข้อ", "ข้อคำถาม", "คะแนน"), *table)

    assert found.scores.questions == {code: float(score) for code, _title, score in table}
    [meant] = problem(found, "items_renumbered")
    by_title = {names.item_of(title, later): float(score) for _code, title, score in table}
    questions = meant["questions"]
    assert isinstance(questions, dict)
    assert questions.items() <= by_title.items()
    same = {one.title: one.code for one in items.items(later)}
    assert {same[title] for _code, title, _score in table if title in same} <= questions.keys()


@pytest.mark.parametrize("year", YEARS)
def test_a_table_of_its_own_year_is_not_renumbered(year: int, tsv: Make) -> None:
    table = [(one.code, one.title, "100") for one in items.items(year)]
    assert problem(read(tsv, year, ("ข้อ", "ข้อคำถาม", "คะแนน"), *table), "items_renumbered") == []


def test_items_without_a_code_are_known_by_their_titles_in_the_assessed_year(tsv: Make) -> None:
    table = (("1", "ข้อมูลสถิติการให้บริการ ปี 2567", "50"), ("2", "แผน การบริหารและพัฒนาทรัพยากร บุคคล*", "100"))
    assert read(tsv, 2568, ("ลำดับ", "ข้อคำถาม", "คะแนน"), *table).scores.questions == {"o11": 50, "o14": 100}
    assert read(tsv, 2567, ("ลำดับ", "ข้อคำถาม", "คะแนน"), *table).scores.questions == {"o12": 50, "o18": 100}


def test_one_item_with_anothers_number_is_put_right_by_its_title(tsv: Make) -> None:
    table = (("O13 E-Service", "70"), ("O11 ข้อมูลสถิติการให้บริการ", "80"), ("o3 ข้อมูลการติดต่อ", "90"))
    found = read(tsv, 2568, ("ข้อคำถาม", "คะแนน"), *table)
    assert problem(found, "items_renumbered") == [{"questions": {"o10": 70, "o11": 80, "o3": 90}}]


@pytest.mark.parametrize("order", [range(1, 11), range(10, 0, -1)])
@pytest.mark.parametrize("number", ["{:02}", "{}", "{}.", "ตัวชี้วัดที่ {}"])
def test_indicators_in_any_order_and_numbering_are_known_by_name(
    order: Sequence[int], number: str, tsv: Make
) -> None:
    by_number = {one.number: one.name for one in INDICATORS}
    table = [(number.format(place), by_number[of], f"{80 + of}.5") for place, of in enumerate(order, 1)]
    found = read(tsv, 2568, ("อันดับ", "ตัวชี้วัด", "คะแนน"), *table)
    assert found.scores.indicators == {of: 80.5 + of for of in range(1, 11)}
    assert found.scores.questions == {}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("การปรับปรุงระบบการทำงาน", 8),
        ("การใช้ทรัพย์สิน ของทางราชการ", 4),
        ("การเเก้ไขปัญหาการทุจริต", 5),
        ("ด้านคุณภาพการดำเนินงาน", 6),
        ("การ ใช้ งบ ประมาณ", 2),
        ("ประสิทธิภาพในการสื่อสาร", 7),
        ("การเปิดเผยข้อมูลสาธารณะ (OIT)", 9),
    ],
)
def test_drifted_names_of_indicators_are_known(written: str, number: int, tsv: Make) -> None:
    found = read(tsv, 2568, ("ตัวชี้วัด", "คะแนน"), (written, "91.25"), ("การใช้อำนาจ", "80"))
    assert found.scores.indicators == {number: 91.25, 3: 80}


def test_of_several_years_the_column_of_the_assessment_counts(tsv: Make) -> None:
    heads = ("ตัวชี้วัด", "คะแนน ปี 2567", "คะแนน ปี 2568", "ผลต่าง")
    found = read(
        tsv, 2568, heads, ("การใช้อำนาจ", "80.00", "90.00", "10.00"), ("การใช้งบประมาณ", "95", "85", "-10")
    )
    assert found.scores.indicators == {3: 90, 2: 85}


def test_a_score_that_is_left_blank_is_not_taken_from_the_number_of_the_row(tsv: Make) -> None:
    found = read(tsv, 2568, ("ลำดับ", "ตัวชี้วัด", "คะแนน"), ("9", "การเปิดเผยข้อมูล", ""), ("3", "การใช้อำนาจ", "80"))
    assert found.scores.indicators == {3: 80}


def test_a_score_of_nothing_known_is_told(tsv: Make) -> None:
    found = read(
        tsv, 2568, ("ลำดับ", "ตัวชี้วัด", "คะแนน"), ("1", "การใช้อำนาจ", "80"), ("2", "การปลูกต้นไม้ริมทาง", "70")
    )
    assert [one.message.values["text"] for one in found.problems if one.code == "score_unknown"] == [
        "การปลูกต้นไม้ริมทาง"
    ]
