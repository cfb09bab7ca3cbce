"""Which decisions about an earlier document hold for a corrected one: those about words that stayed the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracker.reading.decisions import Decisions, RowEdit, doubts, key_of
from tracker.reading.values import Problem, ReadPlan, ReadRow
from tracker.rules.differences import pair_texts
from tracker.rules.thai import letters

_FIELDS = ("heading", "topic", "indicator", "measures", "steps", "follow_up")


def inherited(
    decisions: Decisions, earlier: ReadPlan, corrected: ReadPlan, names: Iterable[str]
) -> Decisions:
    """What was decided about `earlier`, for the document that corrects it.

    `names` are the divisions there are now: who was to be added then has been. A row is found again by its
    measures; of what a person wrote of it, each field stays whose text did not change. Quarters that were
    dropped at adoption concern the adoption alone.
    """
    known = {letters(name) for name in names}
    pairs = _pairs(earlier.rows, corrected.rows)
    edits = {
        number: edit
        for old, number in pairs.items()
        if (edit := _still(decisions.edits.get(old), earlier.rows[old - 1], corrected.rows[number - 1]))
    }
    return Decisions(
        as_plan=decisions.as_plan,
        names={
            key: replace(naming, new=False) if letters(naming.division) in known else naming
            for key, naming in decisions.names.items()
            if key not in known
        },
        edits=edits,
        answers=_answers(decisions.answers, earlier, corrected, pairs),
        follow_ups=decisions.follow_ups,
    )


def _pairs(old: Sequence[ReadRow], new: Sequence[ReadRow]) -> dict[int, int]:
    """The number of a row in the corrected document by its number in the earlier one."""
    found = pair_texts([_title(row) for row in old], [_title(row) for row in new])
    return {place + 1: number for number, place in enumerate(found, 1) if place is not None}


def _title(row: ReadRow) -> str:
    return " ".join(measure.title for measure in row.measures) or row.heading or ""


def _still(edit: RowEdit | None, old: ReadRow, new: ReadRow) -> RowEdit | None:
    """What stays of an edit, None where nothing does."""
    if edit is None:
        return None
    if replace(old, problems=()) == replace(new, problems=()):
        return edit
    changed: dict[str, Any] = {name: None for name in _FIELDS if getattr(old, name) != getattr(new, name)}
    if old.window != new.window:
        changed |= {"start": None, "end": None}
    if (old.responsible, old.everyone, old.whole_organisation) != (
        new.responsible,
        new.everyone,
        new.whole_organisation,
    ):
        changed |= {"everyone": None, "divisions": None}
    kept = replace(edit, left_out=False, **changed)
    return kept if kept != RowEdit() else None


def _answers(
    answers: Mapping[str, str], earlier: ReadPlan, corrected: ReadPlan, pairs: Mapping[int, int]
) -> dict[str, str]:
    """The answers to doubts that the corrected document raises with the same words."""
    rows = {0: 0, **pairs}
    told = {(number, _said(one)): answers.get(key_of(number, one)) for number, one in _problems(earlier)}
    back = {new: old for old, new in rows.items()}
    return {
        key_of(number, one): answer
        for number, one in _problems(corrected)
        if number in back and (answer := told.get((back[number], _said(one))))
    }


def _problems(read: ReadPlan) -> list[tuple[int, Problem]]:
    year = read.fiscal_year
    return [
        *((0, one) for one in read.problems),
        *((number, one) for number, row in enumerate(read.rows, 1) for one in doubts(number, row, year)),
    ]


def _said(problem: Problem) -> str:
    return key_of(0, problem)
