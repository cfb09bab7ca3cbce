"""The plan in force, as it is compared with a corrected document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.database import db
from tracker.models import Division, Plan, PlanItem, PlanItemDivision
from tracker.rules.differences import Differences, Entry, Title
from tracker.rules.rounds import FollowUpRule
from tracker.rules.thai import letters


@dataclass
class Identities:
    """The ids that the rows of a corrected plan have or get, by their keys there."""

    items: dict[int, int] = field(default_factory=dict)
    measures: dict[int, int] = field(default_factory=dict)


def stored_items(plan: Plan) -> Sequence[PlanItem]:
    """All items of a plan in order, those that were taken out included."""
    return db.session.scalars(
        select(PlanItem)
        .where(PlanItem.plan_id == plan.id)
        .order_by(PlanItem.number)
        .options(selectinload(PlanItem.measures), selectinload(PlanItem.steps))
        .execution_options(populate_existing=True)
    ).all()


def entries_of(plan: Plan) -> list[Entry]:
    """The plan in force, as it is compared with a corrected document."""
    names: dict[int, list[str]] = {}
    for item_id, name in db.session.execute(
        select(PlanItemDivision.item_id, Division.name)
        .join(Division, Division.id == PlanItemDivision.division_id)
        .where(PlanItemDivision.removed_in.is_(None))
        .order_by(Division.place)
    ):
        names.setdefault(item_id, []).append(name)
    return [_entry(item, names.get(item.id, ())) for item in stored_items(plan) if item.removed_in is None]


def _entry(item: PlanItem, divisions: Sequence[str]) -> Entry:
    return Entry(
        key=item.id,
        measures=tuple(
            Title(measure.id, measure.title) for measure in item.measures if measure.removed_in is None
        ),
        divisions=tuple(divisions),
        start=item.starts_on,
        end=item.ends_on,
        heading=item.heading,
        topic=item.topic,
        indicator=item.indicator,
        analysis=item.analysis,
        steps=tuple(step.text for step in item.steps if step.removed_in is None),
        targets=tuple(item.targets),
        everyone=item.everyone,
        follow_up=FollowUpRule(item.follow_up_kind, item.follow_up_n, tuple(item.follow_up_months)),
        responsible_text=item.responsible_text,
        window_text=item.window_text,
        follow_up_text=item.follow_up_text,
    )


def known_ids(plan: Plan, differences: Differences) -> Identities:
    """The ids of what is in the plan already, or was until an earlier amendment took it out under this title."""
    removed = {
        (item.id, letters(measure.title)): measure.id
        for item in stored_items(plan)
        for measure in item.measures
        if measure.removed_in is not None or item.removed_in is not None
    }
    gone = {item.id for item in stored_items(plan) if item.removed_in is not None}
    known = Identities()
    for difference in differences.items:
        after = difference.after
        if after is None:
            continue
        item_id = difference.before.key if difference.before else _returning(after, removed, gone)
        if item_id is None:
            continue
        gone.discard(item_id)
        known.items[after.key] = item_id
        known.measures |= {title.key: before.key for before, title in difference.kept}
        for title in difference.added:
            measure_id = removed.pop((item_id, letters(title.text)), None)
            if measure_id is not None and title.key not in differences.moved:
                known.measures[title.key] = measure_id
    return known


def _returning(after: Entry, removed: Mapping[tuple[int, str], int], gone: set[int]) -> int | None:
    """The item taken out before that holds one of the entry's measures."""
    titles = {letters(title.text) for title in after.measures}
    return next((item_id for item_id, title in removed if item_id in gone and title in titles), None)
