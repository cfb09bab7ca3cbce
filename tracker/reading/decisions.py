"""What a person decided about a document that was read, and the rows as they are with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, TypeVar

from tracker.errors import Message
from tracker.reading import checks
from tracker.reading.divisions import Responsible, division_of
from tracker.reading.likely import likely_division
from tracker.reading.values import Problem, ReadMeasure, ReadRow
from tracker.rules import fiscal
from tracker.rules.follow_ups import ReadFollowUp, before_window
from tracker.rules.rounds import RuleKind
from tracker.rules.thai import letters
from tracker.rules.windows import Window

PROPOSAL, KEPT = "proposal", "kept"
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Naming:
    """Whom a name of the document means: a division of the register, a `new` one, nobody where it is ""."""

    text: str
    division: str
    new: bool = False
    remember: bool = False


@dataclass(frozen=True)
class RowEdit:
    """What a person wrote instead of what was read of a row; None leaves a field as it was read.

    `topic` and `indicator` are 0 where the person says that there is none. `references` are "indicator:9" or
    "question:o13".
    """

    left_out: bool = False
    heading: str | None = None
    topic: int | None = None
    indicator: int | None = None
    measures: tuple[str, ...] | None = None
    steps: tuple[str, ...] | None = None
    start: str | None = None
    end: str | None = None
    everyone: bool | None = None
    divisions: tuple[str, ...] | None = None
    follow_up: RuleKind | None = None
    references: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Decisions:
    """All decisions about one document.

    `names` by the letters of the name, `edits` by row, `answers` (PROPOSAL or KEPT) by `key_of` of the problem;
    `follow_ups` is the kind for all rows that leave it open.
    """

    as_plan: bool = False
    names: Mapping[str, Naming] = field(default_factory=dict)
    edits: Mapping[int, RowEdit] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    follow_ups: RuleKind | None = None
    dropped: tuple[int, ...] = ()
    dropped_reason: str = ""

    def naming(self, naming: Naming) -> Decisions:
        return replace(self, names={**self.names, letters(naming.text): naming})

    def answering(self, key: str, answer: str) -> Decisions:
        return replace(self, answers={**self.answers, key: answer})

    def editing(self, row: int, **changes: Any) -> Decisions:
        edit = replace(self.edits.get(row, RowEdit()), **changes)
        edits = {**self.edits, row: edit}
        return replace(self, edits=edits if edit != RowEdit() else without(edits, row))

    def to_json(self) -> dict[str, Any]:
        return {
            "as_plan": self.as_plan,
            "names": {key: _plain(naming) for key, naming in self.names.items()},
            "edits": {str(row): _plain(edit) for row, edit in self.edits.items()},
            "answers": dict(self.answers),
            "follow_ups": self.follow_ups,
            "dropped": list(self.dropped),
            "dropped_reason": self.dropped_reason,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Decisions:
        return cls(
            as_plan=told.get("as_plan", False),
            names={key: Naming(**naming) for key, naming in told.get("names", {}).items()},
            edits={int(row): RowEdit(**_tupled(edit)) for row, edit in told.get("edits", {}).items()},
            answers=dict(told.get("answers", {})),
            follow_ups=told.get("follow_ups"),
            dropped=tuple(told.get("dropped", ())),
            dropped_reason=told.get("dropped_reason", ""),
        )


def without(mapping: Mapping[_Key, _Value], key: _Key) -> dict[_Key, _Value]:
    """The mapping as it is without a key."""
    return {one: value for one, value in mapping.items() if one != key}


def _plain(value: Naming | RowEdit) -> dict[str, Any]:
    told = {one.name: getattr(value, one.name) for one in fields(value)}
    return {
        name: list(one) if isinstance(one, tuple) else one for name, one in told.items() if one is not None
    }


def _tupled(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(one) if isinstance(one, list) else one for name, one in told.items()}


def key_of(row: int, problem: Problem) -> str:
    """What a decision about the problem is kept under; the same whenever the document is read again."""
    values = sorted((name, str(value)) for name, value in problem.message.values.items())
    told = repr((row, problem.code, problem.message.template, values))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def doubts(number: int, row: ReadRow, year: int | None) -> list[Problem]:
    """The row's problems, with days in the fiscal year proposed for windows that leave it."""
    window = row.window
    if window is None or year is None or _inside(window, year):
        return list(row.problems)
    meant = _moved(window, year)
    proposal = {"start": meant[0].isoformat(), "end": meant[1].isoformat()}
    told = [
        replace(problem, proposal=problem.proposal or proposal)
        if problem.code == "year_mismatch"
        else problem
        for problem in row.problems
    ]
    if any(problem.code == "year_mismatch" for problem in told):
        return told
    message = Message("ระยะเวลา “%(text)s” ยาวกว่าปีงบประมาณ %(year)s", {"text": window.text, "year": year})
    return [*told, Problem("window_beyond_year", checks.place(number - 1, "ระยะเวลา"), message, proposal)]


def late_doubts(number: int, written: ReadRow, row: ReadRow) -> list[Problem]:
    """What is doubtful only with the days that were decided: report months before a window that is now known."""
    asked = {problem.code for problem in written.problems}
    if row.window is None or row.follow_up is None or "follow_up_before_window" in asked:
        return []
    follow_up = written.follow_up or row.follow_up
    meant = before_window(follow_up, row.window)
    if meant is None:
        return []
    message = Message("เดือนที่ให้รายงานใน “%(text)s” มาก่อนระยะเวลาดำเนินการ", {"text": follow_up.text})
    where = checks.place(number - 1, "การติดตามผล")
    return [Problem("follow_up_before_window", where, message, {"months": list(meant)})]


def _inside(window: Window, year: int) -> bool:
    return fiscal.first_day(year) <= window.start and window.end <= fiscal.last_day(year)


def _moved(window: Window, year: int) -> tuple[date, date]:
    """The days of the window in the year: what lies outside is cut off, a window of another year is moved."""
    first, last = fiscal.first_day(year), fiscal.last_day(year)
    if checks.touches(window, year):
        return max(window.start, first), min(window.end, last)
    years = year - fiscal.fiscal_year_of(window.start)
    start, end = _years_later(window.start, years), _years_later(window.end, years)
    return start, min(end, last)


def _years_later(day: date, years: int) -> date:
    # 29 February has no sister in most years.
    return day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day)


def decided(number: int, row: ReadRow, decisions: Decisions, year: int | None = None) -> ReadRow | None:
    """The row as the decisions make it, None where it is left out; `number` counts from 1."""
    edit = decisions.edits.get(number, RowEdit())
    if edit.left_out:
        return None
    for problem in doubts(number, row, year):
        if decisions.answers.get(key_of(number, problem)) == PROPOSAL:
            row = with_proposal(row, problem.proposal or {})
    if decisions.follow_ups and leaves_follow_up_open(row):
        row = _with_follow_up(row, decisions.follow_ups)
    made = _edited(row, edit)
    for problem in late_doubts(number, row, made):
        if decisions.answers.get(key_of(number, problem)) == PROPOSAL:
            made = with_proposal(made, problem.proposal or {})
    return made


def leaves_follow_up_open(row: ReadRow) -> bool:
    """Whether the text of a row does not say how often it is followed up."""
    return row.follow_up is None or row.follow_up.kind == "unspecified"


def with_proposal(row: ReadRow, proposal: Mapping[str, object]) -> ReadRow:
    """The row with a problem's proposal in place of what is written."""
    start, end, months = (proposal.get(name) for name in ("start", "end", "months"))
    if start and end:
        row = _with_window(row, date.fromisoformat(str(start)), date.fromisoformat(str(end)))
    if isinstance(months, (list, tuple)) and row.follow_up is not None:
        row = replace(row, follow_up=replace(row.follow_up, months=tuple(str(month) for month in months)))
    return row


def _with_window(row: ReadRow, start: date, end: date) -> ReadRow:
    return replace(row, window=Window(row.window.text if row.window else "", start, end))


def _with_follow_up(row: ReadRow, kind: RuleKind) -> ReadRow:
    return replace(row, follow_up=ReadFollowUp(row.follow_up.text if row.follow_up else "", kind))


def _edited(row: ReadRow, edit: RowEdit) -> ReadRow:
    changes: dict[str, Any] = {}
    if edit.heading is not None:
        changes["heading"] = edit.heading or None
    if edit.topic is not None:
        changes["topic"] = edit.topic or None
    if edit.indicator is not None:
        changes["indicator"] = edit.indicator or None
    if edit.measures is not None:
        changes["measures"] = tuple(ReadMeasure(place, title) for place, title in enumerate(edit.measures, 1))
    if edit.steps is not None:
        changes["steps"] = edit.steps
    if edit.everyone is not None:
        changes |= {"everyone": edit.everyone, "whole_organisation": False}
    if edit.divisions is not None:
        responsible = () if edit.everyone else tuple(Responsible(name, name) for name in edit.divisions)
        changes |= {"responsible": responsible, "whole_organisation": False}
    row = replace(row, **changes)
    if edit.start and edit.end:
        row = _with_window(row, date.fromisoformat(edit.start), date.fromisoformat(edit.end))
    return _with_follow_up(row, edit.follow_up) if edit.follow_up else row


def proposed_naming(text: str, names: Sequence[str]) -> Naming | None:
    """Whom an unknown name most likely means: a division the register lacks, else one of `names`."""
    missing = division_of(text)
    if missing is not None:
        return Naming(text, missing, new=True)
    likely = likely_division(text, names)
    return Naming(text, likely, remember=True) if likely else None
