"""Lines of so many cells, sentences cut between letters, and the short names of organisations."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.rules.mailtext import cells, short_name, shortened, wrapped

WORDS = st.text(st.sampled_from("กขคงจชดตนปพมรลวสหอ เแโไาะำิีุู่้์ๆฯ0123456789abc\n"), max_size=400)
MARKS = "ิีุู่้์"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("องค์การบริหารส่วนตำบลตัวอย่าง", "อบต.ตัวอย่าง"),
        ("องค์การบริหารส่วนจังหวัดตัวอย่าง", "อบจ.ตัวอย่าง"),
        ("เทศบาลตำบลตัวอย่าง", "ทต.ตัวอย่าง"),
        ("เทศบาลเมืองตัวอย่าง", "ทม.ตัวอย่าง"),
        ("เทศบาลนครตัวอย่าง", "ทน.ตัวอย่าง"),
        ("สำนักงานตัวอย่าง", "สำนักงานตัวอย่าง"),
        ("เทศบาลตำบล", "เทศบาลตำบล"),
    ],
)
def test_organisations_are_called_by_their_short_names(name: str, short: str) -> None:
    assert short_name(name) == short


def test_marks_above_and_below_take_no_cell() -> None:
    assert cells("ที่นี้") == 2
    assert cells("น้ำ") == 2


@given(WORDS)
@settings(max_examples=150)
def test_no_line_is_too_wide_and_nothing_is_lost(text: str) -> None:
    lines = wrapped(text).split("\n")
    assert max(map(cells, lines)) <= 60
    assert "".join(wrapped(text).split()) == "".join(text.split())
    assert wrapped("\n".join(lines)) == "\n".join(lines)


def test_lines_break_at_spaces_but_not_between_a_number_and_its_word() -> None:
    text = "กก " * 19 + "เรื่อง 12 งาน"
    assert wrapped(text).split("\n") == [("กก " * 19).strip(), "เรื่อง 12 งาน"]


def test_thai_without_spaces_breaks_before_a_leading_vowel() -> None:
    assert wrapped("ก" * 50 + "เ" + "ข" * 20).split("\n") == ["ก" * 50, "เ" + "ข" * 20]


def test_a_numbered_line_goes_on_below_its_text_and_an_address_is_left_whole() -> None:
    address = "   https://ita.example/" + "a" * 80
    assert wrapped("12) " + "กข " * 30).split("\n")[1].startswith("    กข")
    assert wrapped(address) == address


@given(WORDS, st.integers(2, 200))
def test_a_shortened_text_keeps_to_its_length_and_cuts_no_letter_from_its_marks(
    text: str, length: int
) -> None:
    short = shortened(text, length)
    whole = " ".join(text.split())
    assert len(short) <= max(length, 2)
    if short != whole:
        kept = short.removesuffix("…")
        assert whole.startswith(kept)
        rest = whole.removeprefix(kept)
        assert rest[0] not in MARKS or len(kept) <= 1
