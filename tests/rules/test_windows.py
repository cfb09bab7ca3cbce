"""Windows of real plans, written in every usual way, and texts that are no window."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.plans import examples
from tracker.rules import fiscal, thai, windows
from tracker.rules.windows import Unclear, Window


def span(text: str, fiscal_year: int | None = None) -> tuple[str, str]:
    window = windows.read(text, fiscal_year)
    assert isinstance(window, Window), window
    return window.start.isoformat(), window.end.isoformat()


@pytest.mark.parametrize(
    ("text", "start", "end", "quarters"),
    [
        ("ไตรมาสที่ ๑-๒ (ปีงบประมาณ พ.ศ. ๒๕๖๙)", "2025-10-01", "2026-03-31", "2569Q1 2569Q2"),
        ("ไตรมาสที่ ๑-๔ (ปีงบประมาณ พ.ศ. ๒๕๖๙)", "2025-10-01", "2026-09-30", "2569Q1 2569Q2 2569Q3 2569Q4"),
        ("ต.ค. 67 - ก.ย. 68", "2024-10-01", "2025-09-30", "2568Q1 2568Q2 2568Q3 2568Q4"),
        ("ต.ค.-ก.ย.๖๖", "2022-10-01", "2023-09-30", "2566Q1 2566Q2 2566Q3 2566Q4"),
        ("มี.ค.-เม.ย.๖๖", "2023-03-01", "2023-04-30", "2566Q2 2566Q3"),
        ("มี.ค.๖๖", "2023-03-01", "2023-03-31", "2566Q2"),
        ("มี.ค.-ก.ย.๖๖", "2023-03-01", "2023-09-30", "2566Q2 2566Q3 2566Q4"),
    ],
)
def test_the_windows_of_the_real_plans(text: str, start: str, end: str, quarters: str) -> None:
    window = windows.read(text)
    assert isinstance(window, Window)
    assert (window.start.isoformat(), window.end.isoformat()) == (start, end)
    assert " ".join(map(str, window.quarters)) == quarters
    assert window.text == text
    assert window.year_written


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("ตลอดปีงบประมาณ พ.ศ. ๒๕๖๙", "2025-10-01", "2026-09-30"),
        ("ปีงบประมาณ พ.ศ. 2569", "2025-10-01", "2026-09-30"),
        ("ตลอดปีงบประมาณ\n2569", "2025-10-01", "2026-09-30"),
        ("๒๕๖๙", "2025-10-01", "2026-09-30"),
        ("ปีงบประมาณ พ.ศ. 2568 - 2569", "2024-10-01", "2026-09-30"),
        ("ตุลาคม ๒๕๖๗ – กันยายน ๒๕๖๘", "2024-10-01", "2025-09-30"),
        ("ตุลาคม 2567 ถึง กันยายน 2568", "2024-10-01", "2025-09-30"),
        ("๑ ต.ค. ๒๕๖๗ - ๓๐ ก.ย. ๒๕๖๘", "2024-10-01", "2025-09-30"),
        ("1 ต.ค.67-30 ก.ย.68", "2024-10-01", "2025-09-30"),
        ("ตั้งแต่วันที่ 1 ตุลาคม พ.ศ. 2567 ถึงวันที่ 30 กันยายน พ.ศ. 2568", "2024-10-01", "2025-09-30"),
        ("ต.ค.๖๕ - ก.ย. ๖๖", "2022-10-01", "2023-09-30"),
        ("ต. ค. ๖๕ - ก. ย. ๖๖", "2022-10-01", "2023-09-30"),
        ("ตค 65 - กย 66", "2022-10-01", "2023-09-30"),
        ("ต.ค.65 ถึง ก.ย.66", "2022-10-01", "2023-09-30"),
        ("ตุลา คม 2567 - กัน ยายน 2568", "2024-10-01", "2025-09-30"),
        ("ต.ค. 68 - ธ.ค.", "2025-10-01", "2025-12-31"),
        ("พ.ย. 68 - ก.พ.", "2025-11-01", "2026-02-28"),
        ("ต.ค. 2024 - ก.ย. 2025", "2024-10-01", "2025-09-30"),
        ("1/10/2567 - 30/9/2568", "2024-10-01", "2025-09-30"),
        ("๑ – ๓๑ มีนาคม ๒๕๖๘", "2025-03-01", "2025-03-31"),
        ("15 - 20 มี.ค. 68", "2025-03-15", "2025-03-20"),
        ("5 มกราคม 2569", "2026-01-05", "2026-01-05"),
        ("เดือนมีนาคม ๒๕๖๙", "2026-03-01", "2026-03-31"),
        ("ก.พ. 67", "2024-02-01", "2024-02-29"),
        ("ระหว่างเดือนมกราคม-มีนาคม 2569", "2026-01-01", "2026-03-31"),
        ("ไตรมาสที่ 1/2569", "2025-10-01", "2025-12-31"),
        ("ไตรมาสที่ 4/2568 - ไตรมาสที่ 1/2569", "2025-07-01", "2025-12-31"),
        ("ไตรมาส 2 – ไตรมาส 3 ปี 2569", "2026-01-01", "2026-06-30"),
        ("ไตรมาสที่ 1, 2, 3 และ 4 พ.ศ. 2569", "2025-10-01", "2026-09-30"),
        ("ไตรมาสที่ ๒ (ม.ค. - มี.ค. ๒๕๖๙)", "2026-01-01", "2026-03-31"),
        ("ต.ค. - ธ.ค. (ปีงบประมาณ พ.ศ. ๒๕๖๙)", "2025-10-01", "2025-12-31"),
        ("6 เดือนแรกของปีงบประมาณ พ.ศ. 2569", "2025-10-01", "2026-03-31"),
        ("มี.ค. 69 เป็นต้นไป", "2026-03-01", "2026-09-30"),
    ],
)
def test_a_window_with_its_year_needs_nothing_else(text: str, start: str, end: str) -> None:
    assert span(text) == (start, end)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("ไตรมาส ๑ - ๔", "2025-10-01", "2026-09-30"),
        ("ไตรมาสที่ 2", "2026-01-01", "2026-03-31"),
        ("ไตรมาสที่ ๓ ถึง ๔", "2026-04-01", "2026-09-30"),
        ("Q1-Q2", "2025-10-01", "2026-03-31"),
        ("ทุกไตรมาส", "2025-10-01", "2026-09-30"),
        ("ทุกเดือน", "2025-10-01", "2026-09-30"),
        ("เดือนละครั้ง", "2025-10-01", "2026-09-30"),
        ("เดือนละ ๑ ครั้ง", "2025-10-01", "2026-09-30"),
        ("ตลอดปีงบประมาณ", "2025-10-01", "2026-09-30"),
        ("ตลอดทั้งปี", "2025-10-01", "2026-09-30"),
        ("ดำเนินการอย่างต่อเนื่อง", "2025-10-01", "2026-09-30"),
        ("ต.ค. - ก.ย.", "2025-10-01", "2026-09-30"),
        ("ตุลาคม - ธันวาคม", "2025-10-01", "2025-12-31"),
        ("มกราคม", "2026-01-01", "2026-01-31"),
        ("1 ปี", "2025-10-01", "2026-09-30"),
    ],
)
def test_a_window_without_a_year_takes_the_year_of_the_plan(text: str, start: str, end: str) -> None:
    assert span(text, 2569) == (start, end)
    window = windows.read(text, 2569)
    assert isinstance(window, Window)
    assert not window.year_written
    unplaced = windows.read(text)
    assert isinstance(unplaced, Unclear)
    assert unplaced.code == "window_unreadable"


def test_a_written_year_is_stronger_than_the_plan() -> None:
    assert span("ไตรมาสที่ ๑ (ปีงบประมาณ พ.ศ. ๒๕๖๖)", 2569) == ("2022-10-01", "2022-12-31")
    assert span("มี.ค.๖๖", 2569) == ("2023-03-01", "2023-03-31")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("ภายในเดือน ธ.ค. ๒๕๖๘", "2025-12-01", "2025-12-31"),
        ("ภายในวันที่ 15 ธันวาคม 2568", "2025-12-01", "2025-12-15"),
    ],
)
def test_a_deadline_leaves_its_start_open_and_says_so(text: str, start: str, end: str) -> None:
    window = windows.read(text)
    assert isinstance(window, Window)
    assert (window.start.isoformat(), window.end.isoformat()) == (start, end)
    assert window.notes == ("start_assumed",)


@pytest.mark.parametrize("text", ["ธ.ค. 68, มี.ค. 69 และ มิ.ย. 69", "ไตรมาสที่ 1 และ 3 ปี 2569"])
def test_a_list_with_holes_is_marked(text: str) -> None:
    window = windows.read(text)
    assert isinstance(window, Window)
    assert window.notes == ("gaps",)


@pytest.mark.parametrize("text", ["", "-", " – ", "…………", "​"])
def test_an_empty_cell_is_missing(text: str) -> None:
    unclear = windows.read(text, 2569)
    assert isinstance(unclear, Unclear)
    assert unclear.code == "window_missing"


@pytest.mark.parametrize(
    "text", ["ตามความเหมาะสม", "3 เดือน", "ภายใน 30 วัน", "ต.ค. 2668", "ไตรมาสที่ 5", "31 ก.พ. 2568", "กองคลัง"]
)
def test_what_is_no_window_is_not_guessed(text: str) -> None:
    unclear = windows.read(text, 2569)
    assert isinstance(unclear, Unclear)
    assert unclear.code == "window_unreadable"
    assert text in str(unclear.message)


def test_a_window_that_ends_before_it_starts_is_refused_with_a_proposal() -> None:
    unclear = windows.read("ต.ค. 2568 - ก.ย. 2568")
    assert isinstance(unclear, Unclear)
    assert unclear.proposal is not None
    assert (unclear.proposal.start, unclear.proposal.end) == (date(2024, 10, 1), date(2025, 9, 30))


@given(st.dates(date(2015, 1, 1), date(2040, 12, 31)), st.integers(0, 700), st.booleans(), st.booleans())
@settings(max_examples=150)
def test_a_range_of_days_written_out_comes_back(start: date, days: int, long: bool, digits: bool) -> None:
    end = start + timedelta(days=days)
    write = thai.long_date if long else thai.short_date
    text = f"{write(start)} - {write(end)}"
    assert span(thai.thai_digits(text) if digits else text) == (start.isoformat(), end.isoformat())


@given(
    st.integers(2560, 2580),
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from(["-", " - ", " – ", " ถึง "]),
)
@settings(max_examples=60)
def test_quarters_written_out_come_back(year: int, first: int, last: int, dash: str) -> None:
    first, last = sorted((first, last))
    window = windows.read(f"ไตรมาสที่ {first}{dash}{last} ปีงบประมาณ พ.ศ. {year}")
    assert isinstance(window, Window)
    assert window.quarters == fiscal.quarters_of(year)[first - 1 : last]


DASHES = ("-", " - ", "–", " – ", " ถึง ", " จนถึง ")
MONTH_STYLES = ("long", "short", "bare", "spaced", "broken")


def written_month(number: int, style: str) -> str:
    """A month's name: มีนาคม, มี.ค., มีค, มี. ค. or with a space inside a word as scanners leave it."""
    if style in ("long", "broken"):
        name = thai.MONTHS[number - 1]
        return f"{name[:3]} {name[3:]}" if style == "broken" else name
    name = thai.SHORT_MONTHS[number - 1]
    return (
        name
        if style == "short"
        else name.replace(".", "")
        if style == "bare"
        else name.replace(".", ". ").strip()
    )


@given(
    start=st.dates(date(2018, 1, 1), date(2035, 12, 1)),
    months=st.integers(0, 11),
    style=st.sampled_from(MONTH_STYLES),
    dash=st.sampled_from(DASHES),
    year=st.sampled_from(["{}", "พ.ศ. {}", "ปี {}"]),
    short=st.booleans(),
    once=st.booleans(),
    before=st.sampled_from(["", "เดือน", "ตั้งแต่เดือน ", "ระหว่าง ", "ช่วง "]),
    digits=st.booleans(),
)
@settings(max_examples=examples(150))
def test_months_written_in_every_style_come_back(
    start: date,
    months: int,
    style: str,
    dash: str,
    year: str,
    short: bool,
    once: bool,
    before: str,
    digits: bool,
) -> None:
    last = (start.year * 12 + start.month - 1) + months
    end = date(last // 12, last % 12 + 1, calendar.monthrange(last // 12, last % 12 + 1)[1])

    def point(day: date, with_year: bool) -> str:
        told = (day.year + 543) % 100 if short else day.year + 543
        return written_month(day.month, style) + (" " + year.format(told) if with_year else "")

    text = (before if months else "") + (point(start, not once) + dash if months else "") + point(end, True)
    assert span(thai.thai_digits(text) if digits else text) == (
        start.replace(day=1).isoformat(),
        end.isoformat(),
    )


@given(
    year=st.integers(2560, 2580),
    first=st.integers(1, 4),
    last=st.integers(1, 4),
    style=st.sampled_from(
        [
            "ไตรมาสที่ {a} - {b} (ปีงบประมาณ พ.ศ. {y})",
            "ไตรมาส {a}–{b} ปี {y}",
            "ไตรมาสที่ {a} ถึงไตรมาสที่ {b} ปีงบประมาณ {y}",
            "ไตรมาส {a}/{y} - {b}/{y}",
            "ไตรมาสที่ {a}/{s} ถึง ไตรมาสที่ {b}/{s}",
            "Q{a}-Q{b} {y}",
            "ไตรมาส\n{a} - {b}\n(พ.ศ. {y})",
        ]
    ),
    digits=st.booleans(),
)
@settings(max_examples=examples(80))
def test_quarters_written_in_every_style_come_back(
    year: int, first: int, last: int, style: str, digits: bool
) -> None:
    first, last = sorted((first, last))
    text = style.format(a=first, b=last, y=year, s=year % 100)
    window = windows.read(thai.thai_digits(text) if digits else text, 2550)
    assert isinstance(window, Window)
    assert window.quarters == fiscal.quarters_of(year)[first - 1 : last]
    assert window.year_written


@given(
    st.integers(2560, 2580),
    st.sampled_from(
        [
            "ตลอดปีงบประมาณ พ.ศ. {}",
            "ปีงบประมาณ {}",
            "ตลอดปี {}",
            "{}",
            "ทุกเดือน ปีงบประมาณ พ.ศ.{}",
            "ปีงบประมาณ\nพ.ศ.\n{}",
        ]
    ),
)
@settings(max_examples=examples(30))
def test_whole_years_written_in_every_style_come_back(year: int, style: str) -> None:
    whole = (fiscal.first_day(year).isoformat(), fiscal.last_day(year).isoformat())
    assert span(style.format(year)) == span(thai.thai_digits(style.format(year))) == whole


@pytest.mark.parametrize(
    ("text", "start", "end", "notes"),
    [
        ("ต.ค. - ธ.ค. 68 และ เม.ย. - มิ.ย. 69", "2025-10-01", "2026-06-30", ("gaps",)),
        ("ไตรมาสที่ 1-2 และ 4", "2025-10-01", "2026-09-30", ("gaps",)),
        ("ครั้งที่ 1 ต.ค. 68 ครั้งที่ 2 มี.ค. 69", "2025-10-01", "2026-03-31", ("gaps",)),
        ("ทุกวันที่ ๕ ของเดือน", "2025-10-01", "2026-09-30", ()),
        ("ภายในไตรมาสที่ ๒", "2026-01-01", "2026-03-31", ("start_assumed",)),
        ("ไตรมาสแรก", "2025-10-01", "2025-12-31", ()),
        ("ไตรมาสสุดท้าย งปม. ๒๕๖๙", "2026-07-01", "2026-09-30", ()),
    ],
)
def test_several_windows_and_words_for_numbers(
    text: str, start: str, end: str, notes: tuple[str, ...]
) -> None:
    window = windows.read(text, 2569)
    assert isinstance(window, Window)
    assert (window.start.isoformat(), window.end.isoformat(), window.notes) == (start, end, notes)


@given(st.text(alphabet="ต.คกยม-ี ๑๒569/ไตรมาสภายใน()พศงบป", max_size=40), st.none() | st.just(2569))
@settings(max_examples=200)
def test_any_text_gives_a_window_in_order_or_a_sentence(text: str, fiscal_year: int | None) -> None:
    answer = windows.read(text, fiscal_year)
    assert str(answer.message) if isinstance(answer, Unclear) else answer.start <= answer.end


def test_words_that_a_scanner_split_are_joined() -> None:
    window = windows.read("ไตร มาส ๒-๔ ปีงบ ประมาณ ๒๕๖๙")
    assert isinstance(window, windows.Window)
    assert (window.start, window.end) == (date(2026, 1, 1), date(2026, 9, 30))


def test_a_year_that_is_a_century_late_is_proposed_as_meant() -> None:
    unclear = windows.read("ก.พ. ๒๖๖๙")
    assert isinstance(unclear, windows.Unclear)
    assert unclear.proposal is not None
    assert (unclear.proposal.start, unclear.proposal.end) == (date(2026, 2, 1), date(2026, 2, 28))
