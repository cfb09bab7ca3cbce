"""Stores a draft plan with its parts, and the scores that its document prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import select

from tracker import journal
from tracker.actions.importing.understanding import Draft, DraftItem, Undecided, year_taken
from tracker.database import db
from tracker.errors import Refused
from tracker.models import (
    Assessment,
    Division,
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    ScoreReference,
    Step,
)
from tracker.reading.values import ReadPlan
from tracker.rules.differences import without_number
from tracker.rules.permissions import Actor


def save(draft: Draft, source_sha256: str = "", *, now: datetime, by: Actor) -> Plan:
    """Store the draft as the year's plan; Undecided while questions are open, Refused where the year has a plan.

    Divisions that are new must have been added before.
    """
    if draft.questions or draft.fiscal_year is None:
        raise Undecided(draft.questions)
    if year_taken(draft.fiscal_year) is not None:
        raise Refused("ปีงบประมาณ %(year)s มีแผนอยู่แล้ว", year=draft.fiscal_year)
    plan = new_plan(draft.fiscal_year, draft.read, source_sha256)
    divisions = active_divisions()
    for number, item in enumerate(draft.items, 1):
        save_item(plan, number, item, divisions)
    save_scores(draft.read)
    db.session.flush()
    proposals = [one.row for one in draft.accepted]
    told = {"proposals": proposals} if proposals else {}
    journal.record("plan.drafted", "plan", plan.id, now=now, by=by, items=len(draft.items), **told)
    return plan


def new_plan(year: int, read: ReadPlan, source_sha256: str) -> Plan:
    """An empty plan of the year with the document's analysis."""
    plan = Plan(
        fiscal_year=year,
        assessment_year=read.assessment_year,
        analysis=[{"heading": part.heading, "text": part.text} for part in read.analysis],
        source_name=read.source,
        source_sha256=source_sha256,
    )
    db.session.add(plan)
    db.session.flush()
    return plan


def active_divisions() -> dict[str, int]:
    """The ids of the divisions of today by their names."""
    return {
        division.name: division.id
        for division in db.session.scalars(select(Division).where(Division.ended_on.is_(None)))
    }


def save_item(plan: Plan, number: int, item: DraftItem, divisions: Mapping[str, int]) -> int:
    """Stores the item with its parts; gives back its id."""
    row = item.row
    follow_up = row.follow_up
    stored = PlanItem(
        plan_id=plan.id,
        number=number,
        heading=without_number(row.heading or ""),
        topic=row.topic,
        indicator=row.indicator,
        analysis=row.analysis or "",
        everyone=row.everyone,
        responsible_text=" / ".join(one.text for one in row.responsible),
        window_text=row.window.text if row.window else "",
        starts_on=item.start,
        ends_on=item.end,
        follow_up_text=follow_up.text if follow_up else "",
        follow_up_kind=follow_up.kind if follow_up else "unspecified",
        follow_up_n=follow_up.n if follow_up else None,
        follow_up_months=list(item.follow_up_months),
        targets=list(row.targets),
    )
    db.session.add(stored)
    db.session.flush()
    db.session.add_all(
        PlanItemDivision(item_id=stored.id, division_id=divisions[name]) for name in item.divisions
    )
    db.session.add_all(
        Measure(item_id=stored.id, number=place, title=measure.title)
        for place, measure in enumerate(row.measures, 1)
    )
    db.session.add_all(
        Step(item_id=stored.id, number=place, text=text) for place, text in enumerate(row.steps, 1)
    )
    for reference in item.references:
        kind, _colon, code = reference.partition(":")
        db.session.add(ScoreReference(item_id=stored.id, kind=kind, code=code))
    return stored.id


def save_scores(read: ReadPlan) -> None:
    """Keep the printed scores as that year's assessment, unless there is one.

    Items that the document numbers by another year's list are kept under the codes of their titles.
    """
    scores = read.scores
    if read.assessment_year is None or not (scores.indicators or scores.total):
        return
    known = db.session.scalar(select(Assessment.id).where(Assessment.year == read.assessment_year))
    if known is None:
        printed: dict[str, float] = {str(number): value for number, value in scores.indicators.items()}
        db.session.add(
            Assessment(
                year=read.assessment_year,
                total=scores.total,
                level=scores.level or "",
                scores=printed | _questions(read),
            )
        )


def _questions(read: ReadPlan) -> dict[str, float]:
    renumbered = next((one.proposal for one in read.problems if one.code == "items_renumbered"), None)
    told = renumbered["questions"] if renumbered else read.scores.questions
    return dict(cast("Mapping[str, float]", told))
