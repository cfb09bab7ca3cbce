"""Follow-ups of real plans and the other usual wordings."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.plans import examples
from tracker.rules import follow_ups, thai, windows
from tracker.rules.rounds import KINDS
from tracker.rules.windows import Window


def window(text: str) -> Window:
    found = windows.read(text)
    assert isinstance(found, Window)
    return found


YEAR = window("ต.ค.-ก.ย.๖๖")
MARCH_TO_APRIL = window("มี.ค.-เม.ย.๖๖")
MARCH = window("มี.ค.๖๖")
MARCH_TO_SEPTEMBER = window("มี.ค.-ก.ย.๖๖")


@pytest.mark.parametrize(
    ("text", "of", "kind", "ends", "months"),
    [
        ("รายงานผลการดำเนินงานทุกไตรมาส", YEAR, "quarterly", "2022-12-31 2023-03-31 2023-06-30 2023-09-30", ""),
        ("รายงานผลการดำเนินงานรอบ เม.ย.และต.ค.ของทุกปี", YEAR, "months", "", "2023-04 2023-10"),
        ("รายงานผลการดำเนินงานในการประชุม พนง. เดือน เม.ย.๖๕", MARCH_TO_APRIL, "once", "", "2022-04"),
        ("รายงานผลหลังกิจกรรมแล้วเสร็จ", MARCH, "on_completion", "", ""),
        (
            "รายงานผลการดำเนินงานรอบ ๖ เดือน และรอบ ๑๒ เดือน",
            MARCH_TO_SEPTEMBER,
            "six_twelve",
            "2023-03-31 2023-09-30",
            "",
        ),
        (
            "รายงานผลการ ดำเนินงานรอบ ๖ เดือนและรอบ ๑๒ เดือน",
            MARCH_TO_SEPTEMBER,
            "six_twelve",
            "2023-03-31 2023-09-30",
            "",
        ),
    ],
)
def test_the_follow_ups_of_the_real_plans(text: str, of: Window, kind: str, ends: str, months: str) -> None:
    found = follow_ups.read(text, of)
    assert found.kind == kind
    assert found.period_ends == tuple(date.fromisoformat(day) for day in ends.split())
    assert found.months == tuple(months.split())
    assert found.text == text


def test_a_month_before_the_window_stays_as_written_and_its_meaning_is_proposed() -> None:
    found = follow_ups.read("รายงานผลการดำเนินงานในการประชุม พนง. เดือน เม.ย.๖๕", MARCH_TO_APRIL)
    assert follow_ups.before_window(found, MARCH_TO_APRIL) == ("2023-04",)
    later = follow_ups.read("รายงานผลการดำเนินงานรอบ เม.ย.และต.ค.ของทุกปี", YEAR)
    assert follow_ups.before_window(later, YEAR) is None


@pytest.mark.parametrize(
    ("text", "kind", "n"),
    [
        ("ทุกไตรมาส", "quarterly", None),
        ("รายงานผลรายไตรมาส", "quarterly", None),
        ("ติดตามทุก ๓ เดือน", "quarterly", None),
        ("รอบ 3 6 9 และ 12 เดือน", "quarterly", None),
        ("ทุกเดือน", "monthly", None),
        ("รายงานในการประชุมประจำเดือน", "monthly", None),
        ("เดือนละ 1 ครั้ง", "monthly", None),
        ("ทุก ๖ เดือน", "six_twelve", None),
        ("รอบ 6 เดือน/12 เดือน", "six_twelve", None),
        ("ปีละ 2 ครั้ง (รอบ 6 เดือน และรอบ 12 เดือน)", "six_twelve", None),
        ("รอบ ๖ และ ๑๒ เดือน", "six_twelve", None),
        ("รายงานผลรอบ 6 เดือน", "six_months", None),
        ("รายงานผลรอบ 12 เดือน", "twelve_months", None),
        ("รายงานผลเมื่อสิ้นปีงบประมาณ", "twelve_months", None),
        ("อย่างน้อยปีละ ๒ ครั้ง", "at_least_per_year", 2),
        ("ปีละครั้ง", "at_least_per_year", 1),
        ("2 ครั้งต่อปี", "at_least_per_year", 2),
        ("รายงานผล ๑ ครั้ง", "once", None),
        ("รายงานภายใน ๓๐ วัน หลังเสร็จสิ้นโครงการ", "on_completion", 30),
        ("เมื่อสิ้นสุดโครงการ", "on_completion", None),
        ("รายงานให้ผู้บริหารทราบ", "unspecified", None),
        ("", "unspecified", None),
    ],
)
def test_usual_wordings(text: str, kind: str, n: int | None) -> None:
    found = follow_ups.read(text, YEAR)
    assert (found.kind, found.n) == (kind, n)


def test_the_half_year_is_not_asked_where_the_window_opens_after_it() -> None:
    late = window("ก.ค. - ก.ย. 66")
    assert follow_ups.read("รอบ 6 เดือน และรอบ 12 เดือน", late).period_ends == (date(2023, 9, 30),)


def test_equal_parts_of_the_year_end_with_months() -> None:
    assert follow_ups.read("ปีละ 2 ครั้ง", YEAR).period_ends == (date(2023, 3, 31), date(2023, 9, 30))
    thirds = follow_ups.read("ปีละ 3 ครั้ง", YEAR).period_ends
    assert thirds == (date(2023, 1, 31), date(2023, 5, 31), date(2023, 9, 30))


def test_a_monthly_follow_up_ends_with_every_month_of_the_window() -> None:
    assert follow_ups.read("ทุกเดือน", MARCH_TO_APRIL).period_ends == (date(2023, 3, 31), date(2023, 4, 30))


def test_without_a_window_the_fiscal_year_stands_in_for_it() -> None:
    assert follow_ups.read("รอบ 6 เดือน", None, 2569).period_ends == (date(2026, 3, 31),)
    assert follow_ups.read("รอบ 6 เดือน").period_ends == ()


SAID = ("{}", "รายงานผล{}", "รายงานผลการดำเนินงาน {}", "ให้รายงาน{}ต่อผู้บริหาร", "ติดตามประเมินผล\n{}")
STYLES: dict[str, tuple[str, ...]] = {
    "quarterly": ("ทุกไตรมาส", "ราย ไตรมาส", "ทุก ๓ เดือน", "ไตรมาสละ ๑ ครั้ง", "รอบ 3, 6, 9 และ 12 เดือน"),
    "monthly": ("ทุกเดือน", "รายเดือน", "เดือนละ ๑ ครั้ง", "ทุกวันที่ ๕ ของเดือน", "ทุกเดือน (ต.ค. 65 - ก.ย. 66)"),
    "six_twelve": (
        "รอบ ๖ เดือน และรอบ ๑๒ เดือน",
        "รอบ 6 และ 12 เดือน",
        "ทุก ๆ 6 เดือน",
        "รอบ 6 เดือน (ต.ค. - มี.ค.) และรอบ 12 เดือน (เม.ย. - ก.ย.)",
    ),
    "six_months": ("รอบ ๖ เดือน", "รอบ 6 เดือนแรก"),
    "twelve_months": ("รอบ ๑๒ เดือน", "เมื่อสิ้นปีงบประมาณ", "ประจำปี"),
    "on_completion": ("หลังเสร็จสิ้นโครงการ", "เมื่อดำเนินการแล้วเสร็จ", "หลังกิจกรรมแล้วเสร็จ"),
    "unspecified": ("อย่างเหมาะสม", "ต.ค. 65 - ก.ย. 66"),
}


@given(data=st.data(), kind=st.sampled_from(sorted(STYLES)), said=st.sampled_from(SAID), digits=st.booleans())
@settings(max_examples=examples(120))
def test_a_kind_written_in_every_style_comes_back(
    data: st.DataObject, kind: str, said: str, digits: bool
) -> None:
    text = said.format(data.draw(st.sampled_from(STYLES[kind])))
    found = follow_ups.read(thai.thai_digits(text) if digits else thai.arabic_digits(text), YEAR)
    assert (found.kind, found.months) == (kind, ())


@given(
    st.integers(1, 12),
    st.sampled_from(["อย่างน้อยปีละ {} ครั้ง", "ปีละไม่น้อยกว่า {} ครั้ง", "{} ครั้งต่อปี", "ปีละ {} ครั้ง"]),
    st.sampled_from(["ภายใน {} วัน หลังเสร็จสิ้นโครงการ", "หลังดำเนินการแล้วเสร็จภายใน {} วัน"]),
    st.booleans(),
)
@settings(max_examples=examples(50))
def test_counts_come_back(n: int, times: str, days: str, digits: bool) -> None:
    write = thai.thai_digits if digits else str
    a_year = follow_ups.read(write(times.format(n)), YEAR)
    assert (a_year.kind, a_year.n, len(a_year.period_ends)) == ("at_least_per_year", n, n)
    after = follow_ups.read(write(days.format(n)), YEAR)
    assert (after.kind, after.n) == ("on_completion", n)


@given(
    months=st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(sorted),
    joint=st.sampled_from([" และ ", ", ", "/", " "]),
    long=st.booleans(),
)
@settings(max_examples=examples(60))
def test_named_months_come_back_within_the_year(months: list[int], joint: str, long: bool) -> None:
    names = thai.MONTHS if long else thai.SHORT_MONTHS
    text = "รายงานผลในเดือน " + joint.join(names[month - 1] for month in months)
    found = follow_ups.read(text, YEAR)
    assert found.kind == ("months" if len(months) > 1 else "once")
    assert sorted(int(month[5:]) for month in found.months) == months
    assert all("2022-10" < month <= "2023-10" for month in found.months)


@given(st.text(alphabet="รายงานทุกไตรมาส ปีละครั้งเดือนรอบ๖12/หลังแล้วเสร็จต.ค.", max_size=50))
@settings(max_examples=150)
def test_any_text_gives_one_of_the_kinds(text: str) -> None:
    assert follow_ups.read(text, YEAR).kind in KINDS
