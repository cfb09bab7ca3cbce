"""All that an item of a plan holds as one value, and an item made of such a value again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, delete, inspect, select

from tracker.database import db
from tracker.models import Measure, Plan, PlanItem, PlanItemDivision, ScoreReference, Step

# The columns of a plan item by name; below "measures", "steps", "divisions", "scores" those of its parts.
Content = dict[str, Any]

_PARTS: dict[str, Any] = {
    "measures": Measure,
    "steps": Step,
    "divisions": PlanItemDivision,
    "scores": ScoreReference,
}
_ORDER = {"measures": "number", "steps": "number", "divisions": "division_id", "scores": "id"}
_KEYS = frozenset({"id", "organisation_id", "plan_id", "item_id", "removed_in"})


def contents_of(items: Sequence[PlanItem]) -> dict[int, Content]:
    """What each item holds in force, by its id; its number is where it stands and no part of it."""
    ids = [item.id for item in items]
    found = {item.id: _columns(item, _KEYS | {"number"}) | {name: [] for name in _PARTS} for item in items}
    for name, model in _PARTS.items():
        parts = select(model).where(model.item_id.in_(ids)).order_by(getattr(model, _ORDER[name]))
        if name != "scores":
            parts = parts.where(model.removed_in.is_(None))
        for part in db.session.scalars(parts):
            found[part.item_id][name].append(_columns(part, _KEYS))
    return found


def to_json(content: Content) -> Content:
    """The content with its days as text."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in content.items()}


def from_json(content: Content) -> Content:
    """The content with its days as days again, without the id of the row."""
    days = {column.key for column in inspect(PlanItem).columns if isinstance(column.type, Date)}
    return {
        key: date.fromisoformat(value) if key in days and value else value
        for key, value in content.items()
        if key != "id"
    }


def write(plan: Plan, number: int, content: Content, item: PlanItem | None = None) -> PlanItem:
    """Make an item of the content, or make the given one hold it; parts that stay the same keep their rows."""
    held = contents_of([item])[item.id] if item is not None else {name: [] for name in _PARTS}
    row = item or PlanItem(plan_id=plan.id)
    row.number = number
    for key, value in content.items():
        if key not in _PARTS:
            setattr(row, key, value)
    db.session.add(row)
    db.session.flush()
    for name, model in _PARTS.items():
        if content[name] == held[name]:
            continue
        db.session.execute(delete(model).where(model.item_id == row.id))
        for part in content[name]:
            db.session.add(model(item_id=row.id, **part))
            db.session.flush()
    db.session.expire(row)
    return row


def delete_item(item: PlanItem) -> None:
    """Take an item out of the database with its parts."""
    for model in _PARTS.values():
        db.session.execute(delete(model).where(model.item_id == item.id))
    db.session.delete(item)
    db.session.flush()


def park(items: Iterable[PlanItem]) -> None:
    """Take the items from their numbers, so that others may stand there for a moment."""
    for place, item in enumerate(items, 1):
        item.number = -place
    db.session.flush()


def renumber(items: Sequence[PlanItem]) -> None:
    """Number the items from 1 in this order."""
    park(items)
    for place, item in enumerate(items, 1):
        item.number = place
    db.session.flush()


def _columns(row: Any, without: frozenset[str]) -> Content:
    keys = [attribute.key for attribute in inspect(type(row)).column_attrs if attribute.key not in without]
    # Lists are copied: the row's own must not change with the content.
    return {key: list(value) if isinstance(value := getattr(row, key), list) else value for key in keys}
