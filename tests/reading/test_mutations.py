"""Whatever happens to a plan's document, the reader does not fail and no measure is dropped in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reading import plans
from tests.reading.plans import Drawn, Line
from tracker.reading import plan
from tracker.reading.values import Problem, ReadPlan, ReadRow
from tracker.rules import thai

WRITERS: dict[str, Callable[[Sequence[Line]], bytes]] = {
    "a.txt": plans.as_text,
    "a.html": plans.as_page,
    "a.docx": plans.as_word,
}
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def in_silence(titles: Sequence[str], found: ReadPlan) -> list[str]:
    """The titles that are neither measures nor, where they went instead, pointed at by a problem."""
    if {"no_plan_table", "rows_unread"} & {problem.code for problem in found.problems}:
        return []
    measures = thai.letters(" ".join(one.title for row in found.rows for one in row.measures))
    pointed = thai.letters(" ".join(_said(one) for row in found.rows for one in row.problems))
    doubtful = thai.letters(" ".join(_texts(row) for row in found.rows if row.problems))
    return [title for title in titles if thai.letters(title) not in measures + "|" + pointed + "|" + doubtful]


def _said(problem: Problem) -> str:
    return str(problem.message)


def _texts(row: ReadRow) -> str:
    responsible = [one.text for one in row.responsible]
    others = [row.heading, row.analysis, row.outcome]
    others += [row.window.text if row.window else None, row.follow_up.text if row.follow_up else None]
    return " ".join([*row.steps, *row.targets, *row.results, *responsible, *(one or "" for one in others)])


@given(drawn=plans.plans(), name=st.sampled_from(sorted(WRITERS)))
@settings(max_examples=plans.examples(40), deadline=None, suppress_health_check=SLOW)
def test_a_plan_in_order_is_read_whole(drawn: Drawn, name: str) -> None:
    found = plan.read(WRITERS[name]([plans.TITLE, *drawn.rows]), name)
    assert [one.title for row in found.rows for one in row.measures] == drawn.titles
    assert len(found.rows) == len(drawn.rows) - 1
    assert all(row.window and row.steps and (row.everyone or row.responsible) for row in found.rows)
    assert [problem.code for row in found.rows for problem in row.problems] == []


@pytest.mark.parametrize("name", WRITERS)
@given(data=st.data())
@settings(max_examples=plans.examples(70), deadline=None, suppress_health_check=SLOW)
def test_an_accident_is_told_or_harmless(name: str, data: st.DataObject) -> None:
    drawn = data.draw(plans.plans())
    lines = data.draw(plans.mangled(drawn))
    found = plan.read(WRITERS[name](lines), name)
    assert in_silence(drawn.titles, found) == []
