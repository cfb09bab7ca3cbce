"""Thai digits, Buddhist dates and folding."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.thai import (
    MONTHS,
    SHORT_MONTHS,
    arabic_digits,
    clean,
    fold,
    full_year,
    letters,
    long_date,
    month_number,
    parse_date,
    short_date,
    thai_digits,
)

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
# Letters of the kinds that meet in Thai office documents, with the invisible and the combining ones.
TEXTS = st.text(
    st.sampled_from("กขคงจนมรสอ เแโใไาิีึืุูำํ่้๊๋์็aBZ09๐๙.-/\n\t\u00a0\u200b\u2060\ufeff\u00ad\u200e"), max_size=30
)


@given(st.text(st.characters(codec="utf-8", exclude_characters="๐๑๒๓๔๕๖๗๘๙"), max_size=40))
@settings(max_examples=100)
def test_digits_go_to_thai_and_back(text: str) -> None:
    there = thai_digits(text)
    assert not set(there) & set("0123456789")
    assert arabic_digits(there) == text


def test_digits_of_numbers_are_written_in_thai() -> None:
    assert thai_digits(2569) == "๒๕๖๙"
    assert thai_digits("95.96") == "๙๕.๙๖"


@given(DAYS)
@settings(max_examples=200)
def test_written_dates_are_read_back_in_every_form(day: date) -> None:
    year = day.year + 543
    forms = [
        long_date(day),
        short_date(day),
        thai_digits(long_date(day)),
        thai_digits(short_date(day)),
        f"วันที่ {long_date(day)}",
        f"{day.day} {MONTHS[day.month - 1]} พ.ศ. {year}",
        f"{day.day}{SHORT_MONTHS[day.month - 1]}{year % 100:02}",
        f"{day.day}/{day.month}/{year}",
        thai_digits(f"{day.day:02}/{day.month:02}/{year}"),
        f"{day.day}-{day.month}-{year % 100:02}",
        day.isoformat(),
        f"{year}-{day.month:02}-{day.day:02}",
    ]
    assert [parse_date(form) for form in forms] == [day] * len(forms)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5 ต.ค. 65", date(2022, 10, 5)),
        ("๕ ต.ค. ๖๕", date(2022, 10, 5)),
        ("๕ ตุลาคม พ.ศ. ๒๕๖๕", date(2022, 10, 5)),
        ("30 กันยายน 2569", date(2026, 9, 30)),
        ("29 ก.พ. 2571", date(2028, 2, 29)),
        ("29 ก.พ. 2569", None),
        ("22 Nov 2569", date(2026, 11, 22)),
        ("22 november 2569 B.E.", date(2026, 11, 22)),
        ("22 Nov 2026", date(2026, 11, 22)),
        ("29 Feb 2569", None),
        ("22 Novem 2569", None),
        ("31 เม.ย. 2569", None),
        ("32/1/2569", None),
        ("5 ตุลา 2565", None),
        ("ตุลาคม 2565", None),
        ("5/10", None),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text: str, day: date | None) -> None:
    assert parse_date(text) == day


def test_dates_are_written_with_buddhist_years() -> None:
    assert long_date(date(2026, 9, 30)) == "30 กันยายน 2569"
    assert short_date(date(2026, 9, 30)) == "30 ก.ย. 2569"


@pytest.mark.parametrize(
    ("written", "full"), [(69, 2569), (2569, 2569), (2026, 2569), (0, 2500), (2668, 2668)]
)
def test_the_buddhist_year_meant(written: int, full: int) -> None:
    assert full_year(written) == full


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("มี.ค.", 3),
        ("มีค", 3),
        ("มี.ค", 3),
        ("มีนาคม", 3),
        ("มิ.ย.", 6),
        ("ต. ค.", 10),
        ("ธัน วาคม", 12),
        ("March", None),
        ("", None),
    ],
)
def test_months_in_their_usual_spellings(name: str, number: int | None) -> None:
    assert month_number(name) == number


def test_every_month_is_known_by_both_its_names() -> None:
    assert [month_number(name) for name in MONTHS] == list(range(1, 13))
    assert [month_number(name) for name in SHORT_MONTHS] == list(range(1, 13))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("ดำ\u200bเนินการ", "ดำเนินการ"),
        ("ด\u0e4d\u0e32เนินการ", "ดำเนินการ"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("เเผน", "แผน"),
        ("  กอง\u00a0คลัง \n\tที่ 2 ", "กอง คลัง ที่ 2"),
        ("\ufeffงบ\u2060ประมาณ\u200e", "งบประมาณ"),
    ],
)
def test_cleaning_mends_what_documents_break(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(TEXTS)
@settings(max_examples=200)
def test_cleaning_and_folding_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold(fold(text)) == fold(text)
    assert " " not in letters(text)
    assert letters(letters(text)) == letters(text)


def test_folded_texts_meet_in_search() -> None:
    assert fold("ข้อ ๑๐  ITA") == fold("ข้อ 10 ita")
    assert letters("กอง คลัง") == letters("กองคลัง")


@pytest.mark.parametrize(
    ("copied", "meant"),
    [
        ("ส ำนักปลัด", "สำนักปลัด"),
        ("ก าหนดให้จัดท า คู่มือ", "กำหนดให้จัดทำ คู่มือ"),
        ("นำ้ ท่ี ทีี่", "น้ำ ที่ ที่"),
        ("ที ่ ข ั้นตอน", "ที่ ขั้นตอน"),
        ("ท\uf713 ป\uf710ญหา", "ท่ ปัญหา"),
    ],
)
def test_what_programs_break_in_copying_is_put_together(copied: str, meant: str) -> None:
    assert clean(copied) == meant


@pytest.mark.parametrize("text", ["เวล า", "ก าร", "เจ้ าหน้าที่", "ศึกษ า", "สู่ ผู้", "พัฒน า"])
def test_a_space_inside_a_word_is_no_lost_sara_am(text: str) -> None:
    assert clean(text) == text
