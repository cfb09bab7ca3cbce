"""What the plan before came to, measure by measure, for those who write the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tracker.database import db
from tracker.models import (
    Claim,
    Division,
    FollowUp,
    FollowUpAnswer,
    FollowUpState,
    Measure,
    Plan,
    PlanItem,
    RecordedResult,
    Round,
    Submission,
    Task,
)
from tracker.rules.thai import letters


@dataclass(frozen=True)
class Told:
    """What a division told of a measure: in the twelve-month round, or in a quarter, 1 to 4.

    `recorded` is what the results report of a year before the tracker tells of the measure's whole item.
    """

    division: str
    text: str
    quarter: int | None
    recorded: bool = False


def results_beside(items: Sequence[PlanItem], old: Plan) -> dict[int, tuple[Told, ...]]:
    """For each measure of the items, by its id, what was told of the measure of that name in the old plan.

    Where the old plan had the name in several items, the one under the same heading or indicator counts.
    """
    told = _recorded(old) if old.is_record else _told(old)
    named: dict[str, list[tuple[PlanItem, Measure]]] = defaultdict(list)
    rows = db.session.execute(
        select(PlanItem, Measure)
        .join(Measure, Measure.item_id == PlanItem.id)
        .where(PlanItem.plan_id == old.id)
        .order_by(PlanItem.number, Measure.number)
    )
    for before, measure in rows:
        named[letters(measure.title)].append((before, measure))
    found = {}
    for item in items:
        for measure in item.measures:
            same = named.get(letters(measure.title), [])
            nearest = [one for one in same if _alike(one[0], item)] or same
            found[measure.id] = tuple(line for _item, one in nearest for line in told.get(one.id, ()))
    return found


def _alike(before: PlanItem, item: PlanItem) -> bool:
    if letters(before.heading) == letters(item.heading) != "":
        return True
    return (before.topic, before.indicator) == (item.topic, item.indicator) != (None, None)


def _recorded(old: Plan) -> dict[int, tuple[Told, ...]]:
    """By measure what the report tells of its item: it does not say which result is of which measure."""
    rows = db.session.execute(
        select(Measure.id, PlanItem, RecordedResult)
        .join(PlanItem, PlanItem.id == Measure.item_id)
        .join(RecordedResult, RecordedResult.item_id == PlanItem.id)
        .where(PlanItem.plan_id == old.id)
    )
    found: dict[int, tuple[Told, ...]] = {}
    for measure_id, item, result in rows:
        text = "\n".join(one for one in (*result.results, result.outcome) if one)
        names = ", ".join(division.name for division in item.divisions) or item.responsible_text
        found[measure_id] = (Told(names, text, None, recorded=True),) if text else ()
    return found


def _told(old: Plan) -> dict[int, tuple[Told, ...]]:
    """By measure and division the twelve-month answer, else the latest result that was approved."""
    names = {one.id: one.name for one in db.session.scalars(select(Division).order_by(Division.place))}
    lines: dict[tuple[int, int], Told] = {}
    approved = db.session.execute(
        select(Task.measure_id, Task.division_id, Task.quarter, Submission.result)
        .join(Claim, Claim.task_id == Task.id)
        .join(Submission, Submission.id == Claim.submission_id)
        .where(Task.plan_id == old.id, Submission.approved_at.is_not(None), Submission.returned_at.is_(None))
        .where(Submission.result != "")
        .order_by(Task.quarter, Submission.number)
    )
    for measure_id, division_id, quarter, text in approved:
        lines[measure_id, division_id] = Told(names[division_id], text, quarter)
    answered = db.session.execute(
        select(FollowUpAnswer.measure_id, FollowUp.division_id, FollowUpAnswer.result)
        .join(FollowUp, FollowUp.id == FollowUpAnswer.follow_up_id)
        .join(Round, Round.id == FollowUp.round_id)
        .where(Round.plan_id == old.id, Round.kind == "twelve_months")
        .where(FollowUp.state == FollowUpState.ANSWERED, FollowUpAnswer.result != "")
    )
    for measure_id, division_id, text in answered:
        lines[measure_id, division_id] = Told(names[division_id], text, None)
    by_measure: dict[int, list[Told]] = defaultdict(list)
    for division_id in names:
        for (measure_id, of), line in lines.items():
            if of == division_id:
                by_measure[measure_id].append(line)
    return {measure_id: tuple(told) for measure_id, told in by_measure.items()}
