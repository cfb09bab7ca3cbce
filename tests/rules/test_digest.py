"""Which lines of a digest are shown, and in which order."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.digest import LINES_SHOWN, SECTIONS, Line, digest_of

DAY = date(2026, 2, 18)
LINES = st.lists(
    st.builds(
        Line,
        section=st.sampled_from(SECTIONS),
        path=st.integers().map(str),
        due_on=st.none() | st.dates(DAY, DAY + timedelta(days=30)),
        position=st.sampled_from(["ก", "ข"]),
        vacant=st.sampled_from(["", "ค"]),
        measures=st.integers(1, 3),
    ),
    min_size=1,
    max_size=40,
)


@given(LINES)
def test_never_more_than_twelve_lines_are_shown_and_of_each_block_one_as_far_as_they_reach(
    lines: list[Line],
) -> None:
    digest = digest_of("a@x.example", "th", lines)
    shown = [line for block in digest.blocks for line in block.shown]
    assert all(block.shown == block.lines[: len(block.shown)] for block in digest.blocks)
    assert all(block.shown for block in digest.blocks[:LINES_SHOWN])
    assert len(shown) == min(len(lines), LINES_SHOWN)
    assert len(digest.hidden) == len(lines) - len(shown)
    assert sum(block.tasks for block in digest.blocks) == sum(line.measures for line in lines)


@given(LINES)
def test_lines_stand_by_section_and_in_it_by_due_day(lines: list[Line]) -> None:
    digest = digest_of("a@x.example", "th", lines)
    keys = [(SECTIONS.index(line.section), line.due_on or date.max) for line in digest.lines]
    assert keys == sorted(keys)
    assert sorted(map(repr, digest.lines)) == sorted(map(repr, lines))
    assert set(digest.titles) == {line.position for line in lines}
