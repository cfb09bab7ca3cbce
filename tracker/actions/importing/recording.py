"""Keeps a results report as the record of its year, which is past: closed, and never in force."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from tracker import journal
from tracker.actions.importing.storing import active_divisions, new_plan, save_item, save_scores
from tracker.actions.importing.understanding import Draft, DraftItem, year_taken
from tracker.database import db
from tracker.errors import Message, Refused
from tracker.models import Plan, PlanItem, PlanState, RecordedResult
from tracker.reading import references
from tracker.reading.decisions import Decisions, decided
from tracker.rules import fiscal
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor


def why_no_record(draft: Draft, today: date) -> Message | None:
    """What keeps a results report from being kept as the record of its year."""
    year = draft.fiscal_year
    if year is None:
        return Message("ไม่พบปีงบประมาณในเอกสาร กรุณาระบุปี")
    if not draft.read.rows:
        return Message("ไม่พบตารางมาตรการในเอกสารนี้")
    if year_taken(year) is not None:
        return Message("ปีงบประมาณ %(year)s มีแผนหรือบันทึกผลอยู่แล้ว รายงานผลจึงไม่ทับ", {"year": year})
    if fiscal.last_day(year) >= today:
        return Message("ปีงบประมาณ %(year)s ยังไม่สิ้นสุด จึงยังเก็บเป็นบันทึกผลไม่ได้", {"year": year})
    return None


def record(
    draft: Draft,
    source_sha256: str = "",
    decisions: Decisions | None = None,
    *,
    now: datetime,
    by: Actor,
) -> Plan:
    """Keep a results report as the closed record of its past year: no tasks, no rounds, nothing to remind of.

    Rows that a person left out stay out. Divisions that the organisation does not have are kept as text only; a
    row without days counts for the whole year, its window text empty. Refused for the reasons of `why_no_record`.
    """
    year, obstacle = draft.fiscal_year, why_no_record(draft, day_of(now))
    if obstacle is not None or year is None:
        raise Refused(obstacle.template if obstacle else "", **(obstacle.values if obstacle else {}))
    plan = new_plan(year, draft.read, source_sha256)
    plan.state, plan.closed_at = PlanState.CLOSED, now
    divisions = active_divisions()
    told = [
        (number, row)
        for number, written in enumerate(draft.read.rows, 1)
        if (row := decided(number, written, decisions or Decisions(), year)) is not None
    ]
    for place, (number, row) in enumerate(told, 1):
        start, end = fiscal.first_day(year), fiscal.last_day(year)
        if row.window is not None:
            start, end = row.window.start, row.window.end
        names = tuple(name for name in draft.named.get(number, ()) if name in divisions)
        months = row.follow_up.months if row.follow_up else ()
        item = DraftItem(number, row, names, start, end, months, references.of_indicator(row))
        item_id = save_item(plan, place, item, divisions)
        db.session.add(RecordedResult(item_id=item_id, results=list(row.results), outcome=row.outcome or ""))
    save_scores(draft.read)
    db.session.flush()
    journal.record("plan.recorded", "plan", plan.id, now=now, by=by, items=len(told))
    return plan


def recorded(plan: Plan) -> list[tuple[PlanItem, RecordedResult]]:
    """The items of a record with what was reported of each, in order."""
    found = db.session.execute(
        select(PlanItem, RecordedResult)
        .join(RecordedResult, RecordedResult.item_id == PlanItem.id)
        .where(PlanItem.plan_id == plan.id)
        .order_by(PlanItem.number)
    )
    return [(item, result) for item, result in found]
