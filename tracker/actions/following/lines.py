"""The lines of follow-ups: what is still asked, what the quarters told, what two editors wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from tracker.database import db
from tracker.errors import Message
from tracker.groups import Group
from tracker.models import (
    Completion,
    Division,
    Evidence,
    EvidenceUse,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Round,
    Submission,
    Task,
)
from tracker.rules.fiscal import Quarter
from tracker.rules.merging import merge
from tracker.rules.rounds import Line, answered_from_tasks
from tracker.rules.thai import clean, fold


@dataclass(frozen=True)
class AskedLine:
    """One measure in a follow-up: what is still asked, and what the quarters have told so far."""

    answer_id: int
    number: int
    title: str
    line: Line
    tasks: tuple[Task, ...]
    told: str
    told_quarter: int | None
    problems: str
    suggestions: str
    saved: FollowUpAnswer


@dataclass(frozen=True)
class LineAnswer:
    """What a division writes in one line."""

    completion: Completion | None = None
    result: str = ""
    outcome: str = ""
    problems: str = ""
    suggestions: str = ""

    @property
    def texts(self) -> dict[str, str]:
        """The fields as a form shows them."""
        return {
            "completion": str(self.completion) if self.completion else "",
            "result": self.result,
            "outcome": self.outcome,
            "problems": self.problems,
            "suggestions": self.suggestions,
        }

    @classmethod
    def of_texts(cls, texts: Mapping[str, str]) -> LineAnswer:
        word = texts["completion"]
        return cls(
            Completion(word) if word in set(Completion) else None,
            texts["result"],
            texts["outcome"],
            texts["problems"],
            texts["suggestions"],
        )


def lines_of(follow_up: FollowUp) -> list[AskedLine]:
    """The lines of a follow-up in the order of the plan."""
    return lines_by([follow_up])[follow_up.id]


def lines_by(follow_ups: Sequence[FollowUp]) -> dict[int, list[AskedLine]]:
    """The lines of many follow-ups by their ids, with as many queries as for one."""
    measures: dict[int, list[tuple[FollowUpAnswer, Measure]]] = {row.id: [] for row in follow_ups}
    for answer, measure in db.session.execute(
        select(FollowUpAnswer, Measure)
        .join(Measure, Measure.id == FollowUpAnswer.measure_id)
        .where(FollowUpAnswer.follow_up_id.in_(measures))
        .order_by(Measure.item_id, Measure.number)
    ):
        measures[answer.follow_up_id].append((answer, measure))
    asked = [measure for rows in measures.values() for _, measure in rows]
    telling = _telling(follow_ups)
    divisions = {one for ids in telling.values() for one in ids}
    tasks: dict[tuple[int, int], list[Task]] = defaultdict(list)
    for task in db.session.scalars(
        select(Task)
        .where(Task.measure_id.in_({measure.id for measure in asked}), Task.division_id.in_(divisions))
        .order_by(Task.quarter)
    ):
        tasks[task.measure_id, task.division_id].append(task)
    texts = _reported({measure.item_id for measure in asked}, divisions)
    return {
        row.id: [
            _asked_line(
                row,
                number,
                answer,
                measure,
                _by_quarter(tasks[measure.id, one] for one in telling[row.id]),
                _by_quarter(texts[measure.item_id, one] for one in telling[row.id]),
            )
            for number, (answer, measure) in enumerate(measures[row.id], 1)
        ]
        for row in follow_ups
    }


def _telling(follow_ups: Sequence[FollowUp]) -> dict[int, list[int]]:
    """Whose quarters tell of each: its division's and, while it waits, those of the divisions merged into that one."""
    merged = defaultdict(list)
    waiting = {row.division_id for row in follow_ups if row.state is FollowUpState.WAITING}
    for one, successor in db.session.execute(
        select(Division.id, Division.successor_id).where(Division.successor_id.in_(waiting))
    ):
        merged[successor].append(one)
    return {
        row.id: [row.division_id, *(merged[row.division_id] if row.state is FollowUpState.WAITING else ())]
        for row in follow_ups
    }


_Told = TypeVar("_Told", Task, Submission)


def _by_quarter(rows: Iterable[Sequence[_Told]]) -> list[_Told]:
    return sorted((one for some in rows for one in some), key=lambda one: one.quarter)


def _asked_line(
    follow_up: FollowUp,
    number: int,
    answer: FollowUpAnswer,
    measure: Measure,
    tasks: Sequence[Task],
    texts: Sequence[Submission],
) -> AskedLine:
    inside = tuple(task for task in tasks if _inside(task.quarter, follow_up.round))
    told = [row for row in texts if _inside(row.quarter, follow_up.round)]
    text = told[-1] if told else None
    return AskedLine(
        answer_id=answer.id,
        number=number,
        title=measure.title,
        line=answered_from_tasks([task.state for task in inside], follow_up.prompts),
        tasks=inside,
        told=text.result if text else "",
        told_quarter=text.quarter if text else None,
        problems=text.problems if text else "",
        suggestions=text.suggestions if text else "",
        saved=answer,
    )


def _inside(quarter: int, asked: Round) -> bool:
    year = Quarter.of(asked.period_start).fiscal_year
    span = Quarter(year, quarter)
    return span.first_day <= asked.period_end and asked.period_start <= span.last_day


def _reported(item_ids: set[int], division_ids: set[int]) -> dict[tuple[int, int], list[Submission]]:
    """What divisions reported of items and was not sent back, by (item, division), the latest quarter last."""
    found: dict[tuple[int, int], list[Submission]] = defaultdict(list)
    for row in db.session.scalars(
        select(Submission)
        .where(
            Submission.item_id.in_(item_ids),
            Submission.division_id.in_(division_ids),
            Submission.returned_at.is_(None),
            Submission.result != "",
        )
        .order_by(Submission.quarter, Submission.number)
    ):
        found[row.item_id, row.division_id].append(row)
    return found


def shown(line: AskedLine) -> LineAnswer:
    """What the form shows in a line: what was saved, else what the quarters told; in a told line the own text."""
    saved = line.saved
    if line.line is Line.CONFIRM:
        own = "" if fold(saved.result) == fold(line.told) else saved.result
        return LineAnswer(result=own, outcome=saved.outcome)
    if (
        saved.confirmed
        or saved.completion
        or saved.result
        or saved.outcome
        or saved.problems
        or saved.suggestions
    ):
        return LineAnswer(
            Completion(saved.completion) if saved.completion else None,
            saved.result,
            saved.outcome,
            saved.problems,
            saved.suggestions,
        )
    return LineAnswer(result=line.told, problems=line.problems, suggestions=line.suggestions)


def merged(
    lines: Sequence[AskedLine], answers: Mapping[int, LineAnswer], seen: Mapping[int, Mapping[str, str]]
) -> tuple[dict[int, LineAnswer], dict[int, dict[str, str]]]:
    """The answers joined with what others saved since the form was opened, and by line the fields both wrote.

    `seen` holds by line and field the seal of what the form showed; the value of a contested field is the
    newer text.
    """
    joined, contested = dict(answers), {}
    for line in lines:
        given, current = answers.get(line.answer_id), shown(line).texts
        if given is None or line.line not in {Line.ASK, Line.CONFIRM}:
            continue
        asked = current if line.line is Line.ASK else ("result", "outcome")
        seals = seen.get(line.answer_id, {})
        texts, both = given.texts, {}
        for name in asked:
            texts[name], twice = merge(texts[name], seals.get(name), current[name])
            if twice:
                both[name] = current[name]
        joined[line.answer_id] = LineAnswer.of_texts(texts)
        if both:
            contested[line.answer_id] = both
    return joined, contested


def lacks(line: AskedLine, given: LineAnswer) -> bool:
    """Whether something of the line still waits for its division: an answer, or the one confirmation."""
    if line.line is Line.CONFIRM:
        return not line.saved.confirmed
    return bool(faults_of(line, given))


def proofs_of(lines: Sequence[AskedLine]) -> dict[int, list[tuple[Evidence, Group]]]:
    """What counts as evidence of the tasks of each line, by answer id, each file once."""
    groups = {Group(task.item_id, task.division_id, task.quarter) for line in lines for task in line.tasks}
    found: dict[Group, list[Evidence]] = defaultdict(list)
    for evidence, use in db.session.execute(
        select(Evidence, EvidenceUse)
        .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
        .where(
            EvidenceUse.item_id.in_({group.item_id for group in groups}),
            EvidenceUse.division_id.in_({group.division_id for group in groups}),
            Evidence.withdrawn_at.is_(None),
            Evidence.newer_id.is_(None),
        )
        .order_by(Evidence.id)
    ):
        found[Group(use.item_id, use.division_id, use.quarter)].append(evidence)
    proofs: dict[int, list[tuple[Evidence, Group]]] = {}
    for line in lines:
        places = [Group(task.item_id, task.division_id, task.quarter) for task in line.tasks]
        each = {evidence.id: (evidence, place) for place in places for evidence in found[place]}
        proofs[line.answer_id] = list(each.values())
    return proofs


def place_of(line: AskedLine) -> Group | None:
    """The group that new evidence of a line proves: its latest quarter in the period, None where it has none."""
    if not line.tasks:
        return None
    task = line.tasks[-1]
    return Group(task.item_id, task.division_id, task.quarter)


def faults_of(line: AskedLine, given: LineAnswer) -> dict[str, Message]:
    """What an answer of an asked line lacks, by "<field>-<answer id>"."""
    if line.line is not Line.ASK:
        return {}
    number = {"number": line.number}
    faults: dict[str, Message] = {}
    if given.completion is None:
        faults[f"completion-{line.answer_id}"] = Message("ข้อ %(number)s กรุณาเลือกความสำเร็จ", number)
    if not clean(given.result):
        faults[f"result-{line.answer_id}"] = Message("ข้อ %(number)s กรุณาเขียนผลการดำเนินงาน", number)
    if not clean(given.problems):
        faults[f"problems-{line.answer_id}"] = Message(
            "ข้อ %(number)s กรุณาตอบเรื่องปัญหา/อุปสรรค หากไม่มีให้เลือก “ไม่มี”", number
        )
    if not clean(given.suggestions):
        faults[f"suggestions-{line.answer_id}"] = Message(
            "ข้อ %(number)s กรุณาตอบเรื่องข้อเสนอแนะ หากไม่มีให้เลือก “ไม่มี”", number
        )
    return faults
