"""What is kept of a field that two people had open."""

from __future__ import annotations

import pytest

from tracker.rules.merging import merge, seal

SEEN = seal("แจกคู่มือ")


@pytest.mark.parametrize(
    ("given", "seen", "current", "kept"),
    [
        ("แจกคู่มือ 2 เล่ม", SEEN, "แจกคู่มือ", ("แจกคู่มือ 2 เล่ม", False)),
        ("แจกคู่มือ", SEEN, "แจกครบแล้ว", ("แจกครบแล้ว", False)),
        ("แจกครบแล้ว", SEEN, "แจกครบแล้ว", ("แจกครบแล้ว", False)),
        ("แจกคู่มือ 2 เล่ม", SEEN, "แจกครบแล้ว", ("แจกคู่มือ 2 เล่ม", True)),
        ("", SEEN, "แจกครบแล้ว", ("", True)),
        ("แจกคู่มือ 2 เล่ม", None, "แจกครบแล้ว", ("แจกคู่มือ 2 เล่ม", False)),
    ],
    ids=["mine alone", "theirs alone", "the same", "both", "emptied by me", "a form that does not say"],
)
def test_a_field_goes_to_whoever_touched_it(
    given: str, seen: str | None, current: str, kept: tuple[str, bool]
) -> None:
    assert merge(given, seen, current) == kept


def test_ends_of_lines_and_blanks_around_are_no_change() -> None:
    assert seal("ก\r\nข ") == seal("ก\nข")
    assert seal("ก\nข") != seal("กข")
