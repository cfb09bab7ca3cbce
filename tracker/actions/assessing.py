"""Keeps the ITA results of the years, typed, pasted or taken from a document, and finds what answers them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker import journal
from tracker.catalogue import assessment
from tracker.database import db
from tracker.errors import FieldsRefused, Message
from tracker.models import Assessment, Plan, PlanItem
from tracker.reading.apart import read_apart
from tracker.reading.values import ReadPlan
from tracker.rules.appraisal import Answering, Appraisal, appraise, codes_of, level_names
from tracker.rules.permissions import Actor
from tracker.rules.scoring import Scores
from tracker.rules.thai import arabic_digits

PASTED = "paste.txt"
_SCORE = re.compile(r"\d{1,3}(?:\.\d{1,4})?")
_ENDS_IN_SCORE = re.compile(
    r"^(?P<words>[^\t|<]*\S)[ \u00a0]+(?P<score>\d{1,3}(?:\.\d{1,2})?)[ \u00a0]*(?:คะแนน|%)?\s*$"
)


def scores_of(year: int) -> Scores | None:
    """The printed scores of a year; None where it has no result."""
    row = _row(year)
    return row.printed if row else None


def years() -> list[int]:
    """The assessment years that have a result, the latest first."""
    return list(db.session.scalars(select(Assessment.year).order_by(Assessment.year.desc())))


def appraisal_of(year: int) -> Appraisal | None:
    """The year's result beside what it should be and what the year before had; None where it has none."""
    rows = {
        row.year: row.printed
        for row in db.session.scalars(select(Assessment).where(Assessment.year.in_((year, year - 1))))
    }
    return appraise(rows[year], year, rows.get(year - 1)) if year in rows else None


def understand(year: int, given: Mapping[str, str]) -> Scores:
    """The scores of a filled-in form, whose fields are the codes; FieldsRefused by field."""
    faults: dict[str, Message] = {}

    def score(field: str) -> float | None:
        text = arabic_digits(given.get(field, "")).replace(" ", "").replace(",", ".").removesuffix("%")
        if not text:
            return None
        if not _SCORE.fullmatch(text) or float(text) > 100:
            faults[field] = Message("กรอกคะแนน 0 ถึง 100 ทศนิยมไม่เกิน 4 ตำแหน่ง เช่น 98.57")
            return None
        return float(text)

    def known(fields: Mapping[str, str]) -> dict[str, float]:
        read = {name: score(field) for name, field in fields.items()}
        return {name: one for name, one in read.items() if one is not None}

    total = score("total")
    instruments = known({code: code for code in assessment.weights(year)})
    indicators = known({str(one.number): f"n{one.number}" for one in assessment.indicators(year)})
    asked = known({code: code for code in codes_of(year)})
    level = given.get("level", "").strip()
    if level and level not in level_names(year):
        faults["level"] = Message("เลือกระดับจากรายการ")
    if not (total is not None or instruments or indicators or asked or faults):
        faults["total"] = Message("กรอกคะแนนอย่างน้อยหนึ่งช่อง")
    if faults:
        raise FieldsRefused(faults)
    return Scores(total, level or None, instruments, {int(n): one for n, one in indicators.items()}, asked)


def keep(year: int, scores: Scores, *, now: datetime, by: Actor) -> Assessment:
    """Make these the printed scores of the year; what was there before is replaced as a whole."""
    row = _row(year)
    deed = "assessment.changed" if row else "assessment.kept"
    if row is None:
        row = Assessment(year=year)
        db.session.add(row)
    elif row.printed == scores:
        return row
    before = dict(row.scores or {})
    row.total, row.level = scores.total, scores.level or ""
    row.scores = {
        **{str(number): score for number, score in scores.indicators.items()},
        **scores.instruments,
        **scores.questions,
    }
    db.session.flush()
    changed = sorted(code for code in {*before, *row.scores} if before.get(code) != row.scores.get(code))
    journal.record(deed, "assessment", row.id, now=now, by=by, year=year, total=row.total, codes=changed)
    return row


def read_document(data: bytes, name: str, year: int) -> ReadPlan:
    """What a document, or text that was pasted, says; read apart, before any writing. Raises Unreadable.

    Items that it numbers by another year's list have the codes of their titles.
    """
    if name == PASTED:
        data = b"\n".join(_tabbed(line).encode() for line in data.decode(errors="replace").splitlines())
    read = read_apart(data, name, year + 1)
    renumbered = next((one.proposal for one in read.problems if one.code == "items_renumbered"), None)
    if renumbered is None:
        return read
    told = cast("Mapping[str, float]", renumbered["questions"])
    return replace(read, scores=replace(read.scores, questions=dict(told)))


def _tabbed(line: str) -> str:
    """A line "title score" as the two cells that it was before it was copied."""
    found = _ENDS_IN_SCORE.match(arabic_digits(line))
    return f"{found['words']}\t{found['score']}" if found else line


def plan_answering(year: int) -> tuple[Plan | None, list[Answering]]:
    """The plan that answers the result of assessment `year`, and its items."""
    plan = db.session.scalars(
        select(Plan)
        .where(
            (Plan.assessment_year == year) | (Plan.assessment_year.is_(None) & (Plan.fiscal_year == year + 1))
        )
        .order_by(Plan.fiscal_year.desc())
        .limit(1)
    ).one_or_none()
    if plan is None:
        return None, []
    found = db.session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id == plan.id, PlanItem.removed_in.is_(None))
        .order_by(PlanItem.number)
        .options(selectinload(PlanItem.measures), selectinload(PlanItem.scores))
    )
    return plan, [
        Answering(
            item.id,
            item.heading,
            tuple(one.title for one in item.measures if one.removed_in is None),
            frozenset((one.kind, one.code) for one in item.scores),
            item.topic,
            item.indicator,
        )
        for item in found
    ]


def _row(year: int) -> Assessment | None:
    return db.session.scalars(select(Assessment).where(Assessment.year == year)).one_or_none()
