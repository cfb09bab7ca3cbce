"""From what was posted on the preview to what is decided about the document."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tracker.errors import Refused
from tracker.forms.plan import RowForm, fiscal_year_in, lines_in
from tracker.models import PlanReading
from tracker.reading.decisions import KEPT, PROPOSAL, Decisions, Naming, proposed_naming, without
from tracker.rules.thai import clean, letters
from tracker.views import import_lines
from tracker.views.import_lines import NEW, NOBODY, Looked
from tracker.views.import_look import STALE, again, look_with


def taken(document: PlanReading, looked: Looked, values: dict[str, str]) -> Looked:
    """The document as it is after one decision that was posted; Refused for one that does not fit it."""
    try:
        year, decisions = _decision(looked, values)
    except (KeyError, ValueError, IndexError, StopIteration) as unfit:
        raise Refused(STALE.template) from unfit
    if year != looked.chosen_year:
        return look_with(document, year, decisions)
    return again(looked, decisions)


def all_taken(document: PlanReading, looked: Looked) -> Looked:
    """The document with every proposal that may be taken without looking at it alone."""
    for line in import_lines.lines(looked):
        if line["proposed"] and line["look"] != import_lines.DONE:
            made = taken(document, looked, line["proposed"])
            if made.chosen_year != looked.chosen_year:
                # Other days are proposed for another year.
                return all_taken(document, made)
            looked = made
    return looked


def _decision(looked: Looked, values: dict[str, str]) -> tuple[int | None, Decisions]:
    """The year and the decisions after this one."""
    act = values["act"]
    if act == "year":
        year = fiscal_year_in(values["year"])
        if year is None:
            raise Refused("ปีงบประมาณต้องเป็น พ.ศ. เช่น 2569")
        return year, looked.decisions
    if act == "undo" and values["undo"] == "year":
        return None, looked.decisions
    return looked.chosen_year, _decided(looked, act, values)


def _decided(looked: Looked, act: str, values: dict[str, str]) -> Decisions:
    decisions = looked.decisions
    if act == "results":
        return replace(decisions, as_plan=True)
    if act == "name":
        return decisions.naming(_naming(looked, values))
    if act == "answer":
        if values["answer"] not in {PROPOSAL, KEPT}:
            raise ValueError(values["answer"])
        return decisions.answering(values["key"], values["answer"])
    if act == "follow_ups":
        kind = next((kind for kind in import_lines.FOLLOW_UPS if kind == values["kind"]), None)
        if kind is None:
            raise ValueError(values["kind"])
        return replace(decisions, follow_ups=kind)
    if act == "drop":
        quarters = tuple(int(one) for one in values["quarters"].split(",") if one in {"1", "2", "3", "4"})
        reason = clean(values["reason"]) if quarters else ""
        return replace(decisions, dropped=quarters, dropped_reason=reason)
    if act == "row":
        return _of_row(looked, values)
    if act == "windows":
        return _moved(looked)
    if act == "undo":
        return _undone(decisions, values["undo"])
    raise ValueError(act)


def _naming(looked: Looked, values: dict[str, str]) -> Naming:
    text, chosen = values["text"], values["division"]
    if letters(text) not in {letters(question.name) for question in looked.draft.questions}:
        raise ValueError(text)
    remember = values.get("remember") == "1"
    if chosen == NOBODY:
        return Naming(text, "")
    if chosen == NEW:
        meant = proposed_naming(text, [])
        return Naming(text, meant.division if meant else clean(text), new=True, remember=remember)
    division = next(one for one in looked.divisions if one.id == int(chosen))
    return Naming(text, division.name, remember=remember)


def _of_row(looked: Looked, values: dict[str, str]) -> Decisions:
    number, take = int(values["row"]), values["take"]
    # A row before the first would be counted from the end.
    row = looked.draft.read.rows[max(number, 1) - 1]
    if take == "leave_out":
        return looked.decisions.editing(number, left_out=True)
    if take == "heading" and row.heading:
        return looked.decisions.editing(number, measures=(row.heading,))
    if take == "coordinator":
        name = next(one.name for one in looked.divisions if one.coordinates)
        return looked.decisions.editing(number, divisions=(name,), everyone=False)
    if take == "window":
        start, end = (date.fromisoformat(values[name]) for name in ("start", "end"))
        return looked.decisions.editing(number, start=start.isoformat(), end=end.isoformat())
    raise ValueError(take)


def _moved(looked: Looked) -> Decisions:
    """Every window of another year in the plan's own."""
    decisions = looked.decisions
    for question in import_lines.of_other_years(looked):
        days = question.proposal or {}
        decisions = decisions.editing(question.row, start=str(days["start"]), end=str(days["end"]))
    return decisions


def _undone(decisions: Decisions, undo: str) -> Decisions:
    kind, _colon, key = undo.partition(":")
    if kind == "results":
        return replace(decisions, as_plan=False)
    if kind == "follow_ups":
        return replace(decisions, follow_ups=None)
    if kind == "drop":
        return replace(decisions, dropped=(), dropped_reason="")
    if kind == "name":
        return replace(decisions, names=without(decisions.names, key))
    if kind == "answer":
        return replace(decisions, answers=without(decisions.answers, key))
    if kind == "row":
        return replace(decisions, edits=without(decisions.edits, int(key)))
    raise ValueError(undo)


def changes_of(form: RowForm, before: RowForm, amends: bool) -> dict[str, Any]:
    """The fields of a row that are not as they were."""
    changes: dict[str, Any] = {}
    if clean(form.heading.data or "") != clean(before.heading.data or ""):
        changes["heading"] = clean(form.heading.data or "")
    changes |= {
        name: form[name].data
        for name in ("topic", "indicator", "follow_up")
        if form[name].data != before[name].data
    }
    changes |= {
        name: lines_in(form[name].data)
        for name in ("measures", "steps")
        if lines_in(form[name].data) != lines_in(before[name].data)
    }
    if (
        form.start.day
        and form.end.day
        and (form.start.day, form.end.day) != (before.start.day, before.end.day)
    ):
        changes |= {"start": form.start.day.isoformat(), "end": form.end.day.isoformat()}
    chosen = tuple(form.divisions.data or ())
    if form.everyone.data and not before.everyone.data:
        changes |= {"everyone": True, "divisions": ()}
    elif chosen != tuple(before.divisions.data or ()) or form.everyone.data != before.everyone.data:
        changes |= {"everyone": False, "divisions": chosen}
    if not amends and set(form.references.data or ()) != set(before.references.data or ()):
        changes["references"] = tuple(form.references.data or ())
    return changes
