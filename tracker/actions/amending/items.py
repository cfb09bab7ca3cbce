"""Writes a corrected plan's items over those in force: nothing that was reported on is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from tracker.actions.amending.entries import Identities, stored_items
from tracker.database import db
from tracker.models import (
    Measure,
    Plan,
    PlanItem,
    PlanItemDivision,
    ScoreReference,
    Step,
    StepTick,
    Task,
)
from tracker.rules.differences import Differences, Field, ItemDifference, pair_texts, without_number
from tracker.rules.states import REPORTED
from tracker.rules.thai import letters

# Above every number in use: numbers are unique, so rows change places by way of here.
_ASIDE = 1_000_000


def write_items(
    plan: Plan, differences: Differences, known: Identities, divisions: Mapping[str, int], number: int
) -> Identities:
    """Store every change as the amendment of this number; returns the ids of all that is in force now.

    `divisions` are ids by the letters of the name.
    """
    rows = {item.id: item for item in stored_items(plan)}
    ids = Identities(dict(known.items), dict(known.measures))
    order: list[PlanItem] = []
    for difference in differences.items:
        if difference.after is None:
            continue
        item = rows.get(ids.items.get(difference.after.key, 0))
        if item is None:
            item = PlanItem(
                plan_id=plan.id,
                number=_ASIDE + len(rows) + difference.after.key,
                starts_on=difference.after.start,
                ends_on=difference.after.end,
            )
            db.session.add(item)
            db.session.flush()
            ids.items[difference.after.key] = item.id
        item.removed_in = None
        _write_fields(item, difference)
        _write_measures(item, difference, ids, number)
        if difference.before is None or Field.STEPS in difference.fields:
            _write_steps(item, difference.after.steps, number)
        if difference.before is None or Field.DIVISIONS in difference.fields:
            wanted = [divisions[letters(name)] for name in difference.after.divisions]
            _write_divisions(item, wanted, number)
        order.append(item)
    placed = {item.id for item in order}
    for item in rows.values():
        if item.id in placed:
            continue
        order.append(item)
        if item.removed_in is None:
            item.removed_in = number
            for measure in item.measures:
                measure.removed_in = measure.removed_in or number
    _renumber(order)
    return ids


def _write_fields(item: PlanItem, difference: ItemDifference) -> None:
    after = difference.after
    assert after is not None
    changed = set(difference.fields) if difference.before else set(Field)
    if Field.HEADING in changed:
        item.heading = without_number(after.heading)
    if Field.TOPIC in changed:
        item.topic = after.topic
    if Field.INDICATOR in changed:
        _refer_to(item, after.indicator)
        item.indicator = after.indicator
    if Field.ANALYSIS in changed:
        item.analysis = after.analysis
    if Field.TARGETS in changed:
        item.targets = list(after.targets)
    if Field.WINDOW in changed:
        item.starts_on, item.ends_on, item.window_text = after.start, after.end, after.window_text
    if Field.DIVISIONS in changed:
        item.everyone, item.responsible_text = after.everyone, after.responsible_text
    if Field.FOLLOW_UP in changed:
        rule = after.follow_up
        item.follow_up_kind, item.follow_up_n, item.follow_up_months = rule.kind, rule.n, list(rule.months)
        item.follow_up_text = after.follow_up_text


def _refer_to(item: PlanItem, indicator: int | None) -> None:
    """Move the reference to the item's indicator; references that a person added stay."""
    references = {
        row.code: row
        for row in db.session.scalars(
            select(ScoreReference).where(
                ScoreReference.item_id == item.id, ScoreReference.kind == "indicator"
            )
        )
    }
    if str(item.indicator) in references and item.indicator != indicator:
        db.session.delete(references[str(item.indicator)])
    if indicator is not None and str(indicator) not in references:
        db.session.add(ScoreReference(item_id=item.id, kind="indicator", code=str(indicator)))


def _write_measures(item: PlanItem, difference: ItemDifference, ids: Identities, number: int) -> None:
    assert difference.after is not None
    rows = {
        row.id: row
        for row in db.session.scalars(
            select(Measure).where(Measure.item_id == item.id).order_by(Measure.number)
        )
    }
    retitled = {title.key for _, title in difference.retitled}
    order = []
    for title in difference.after.measures:
        row = rows.pop(ids.measures.get(title.key, 0), None)
        if row is None:
            row = Measure(item_id=item.id, number=_ASIDE * 2 + title.key, title=title.text)
            db.session.add(row)
            db.session.flush()
            ids.measures[title.key] = row.id
        elif title.key in retitled:
            row.title = title.text
        row.removed_in = None
        order.append(row)
    for row in rows.values():
        row.removed_in = row.removed_in or number
    _renumber([*order, *rows.values()])


def _write_steps(item: PlanItem, texts: Sequence[str], number: int) -> None:
    """A step that goes on in other words keeps its ticks; one that was ticked and is taken out stays to be seen."""
    rows = list(db.session.scalars(select(Step).where(Step.item_id == item.id).order_by(Step.number)))
    ticked = set(
        db.session.scalars(select(StepTick.step_id).where(StepTick.step_id.in_([row.id for row in rows])))
    )
    order: list[Step] = []
    for text, place in zip(texts, pair_texts([row.text for row in rows], texts), strict=True):
        if place is None:
            row = Step(item_id=item.id, number=_ASIDE + len(rows) + len(order), text=text)
            db.session.add(row)
        else:
            row = rows[place]
            row.text, row.removed_in = text, None
        order.append(row)
    db.session.flush()
    going = {row.id for row in order}
    for row in rows:
        if row.id in going:
            continue
        if row.id in ticked:
            row.removed_in = row.removed_in or number
            order.append(row)
        else:
            db.session.delete(row)
    db.session.flush()
    _renumber(order)


def _write_divisions(item: PlanItem, wanted: Sequence[int], number: int) -> None:
    """A division that reported on the item stays with it, marked, so that its results are printed."""
    rows = {
        row.division_id: row
        for row in db.session.scalars(select(PlanItemDivision).where(PlanItemDivision.item_id == item.id))
    }
    reported = set(
        db.session.scalars(select(Task.division_id).where(Task.item_id == item.id, Task.state.in_(REPORTED)))
    )
    for division_id in wanted:
        if division_id not in rows:
            db.session.add(PlanItemDivision(item_id=item.id, division_id=division_id))
        else:
            rows[division_id].removed_in = None
    for division_id, row in rows.items():
        if division_id in wanted:
            continue
        if division_id in reported:
            row.removed_in = row.removed_in or number
        else:
            db.session.delete(row)


def _renumber(rows: Sequence[PlanItem | Measure | Step]) -> None:
    """Number the rows from 1 in this order, where they are not numbered so."""
    if [row.number for row in rows] == list(range(1, len(rows) + 1)):
        return
    for place, row in enumerate(rows, 1):
        row.number = -place
    db.session.flush()
    for place, row in enumerate(rows, 1):
        row.number = place
    db.session.flush()
