"""Writes a draft plan by hand: empty or carried over, changed item by item, each change undone at will."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import delete, func, select

from tracker import journal
from tracker.actions.drafting.content import (
    Content,
    contents_of,
    delete_item,
    from_json,
    park,
    renumber,
    to_json,
    write,
)
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Division, Plan, PlanItem, PlanSnapshot, PlanState
from tracker.rules.carrying import follow_up_text as words_of_rule
from tracker.rules.carrying import later_month, later_window
from tracker.rules.carrying import window_text as words_of_window
from tracker.rules.fiscal import first_day, last_day
from tracker.rules.permissions import Actor
from tracker.rules.thai import arabic_digits

Direction = Literal["up", "down"]


@dataclass(frozen=True)
class ItemText:
    """What a person writes of an item; `start` and `end` are None where no window could be read.

    `months` are Gregorian months as "2025-10". With `everyone` the divisions are all active ones.
    """

    heading: str = ""
    topic: int | None = None
    indicator: int | None = None
    analysis: str = ""
    measures: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    everyone: bool = False
    division_ids: frozenset[int] = frozenset()
    start: date | None = None
    end: date | None = None
    follow_up: str = "unspecified"
    n: int | None = None
    months: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """A plan carried over, and the names of divisions that are no more and have no successor."""

    plan: Plan
    lost_divisions: tuple[str, ...]


def start_empty(fiscal_year: int, *, now: datetime, by: Actor) -> Plan:
    """A draft plan without items; Refused where the year has a plan."""
    plan = _new_plan(fiscal_year)
    journal.record("plan.drafted", "plan", plan.id, now=now, by=by, items=0)
    return plan


def previous_plan(fiscal_year: int) -> Plan | None:
    """The latest plan of an earlier year that was adopted."""
    return db.session.scalars(
        select(Plan)
        .where(Plan.fiscal_year < fiscal_year, Plan.state != PlanState.DRAFT)
        .order_by(Plan.fiscal_year.desc())
        .limit(1)
    ).one_or_none()


def carry_over(old: Plan, fiscal_year: int, *, now: datetime, by: Actor) -> Carried:
    """A draft made of an earlier plan, its days moved; what was said of the old assessment stays behind."""
    plan = _new_plan(fiscal_year)
    divisions = {division.id: division for division in db.session.scalars(select(Division))}
    lost: dict[str, None] = {}
    contents = contents_of([item for item in _items(old) if item.removed_in is None])
    for number, told in enumerate(contents.values(), 1):
        content = _moved(told, fiscal_year - old.fiscal_year)
        ids = [part["division_id"] for part in content["divisions"]]
        heirs = [_heir(divisions[division_id], divisions) for division_id in ids]
        lost |= {
            divisions[division_id].name: None
            for division_id, heir in zip(ids, heirs, strict=True)
            if heir is None
        }
        kept = dict.fromkeys(heir.id for heir in heirs if heir is not None)
        if content["everyone"]:
            kept = dict.fromkeys(one.id for one in divisions.values() if one.ended_on is None)
        content["divisions"] = _parts(kept)
        write(plan, number, content)
    journal.record("plan.drafted", "plan", plan.id, now=now, by=by, items=len(contents), carried_from=old.id)
    return Carried(plan, tuple(lost))


def _new_plan(fiscal_year: int) -> Plan:
    if db.session.scalar(select(Plan.id).where(Plan.fiscal_year == fiscal_year)) is not None:
        raise Refused("ปีงบประมาณ %(year)s มีแผนอยู่แล้ว", year=fiscal_year)
    plan = Plan(fiscal_year=fiscal_year, assessment_year=fiscal_year - 1)
    db.session.add(plan)
    db.session.flush()
    return plan


def _moved(content: Content, years: int) -> Content:
    """An item's content so many years later, without the analysis of the assessment it answered."""
    start, end = later_window(content["starts_on"], content["ends_on"], years)
    months = [later_month(month, years) for month in content["follow_up_months"]]
    told = content["follow_up_text"]
    if months or re.search(r"2[56]\d\d", arabic_digits(told)):
        told = words_of_rule(content["follow_up_kind"], content["follow_up_n"], months)
    return content | {
        "analysis": "",
        "starts_on": start,
        "ends_on": end,
        "window_text": words_of_window(start, end),
        "follow_up_months": months,
        "follow_up_text": told,
    }


def _heir(division: Division, divisions: dict[int, Division]) -> Division | None:
    """The division itself, else the first active one among its successors."""
    seen: set[int] = set()
    heir: Division | None = division
    while heir is not None and heir.ended_on is not None and heir.id not in seen:
        seen.add(heir.id)
        heir = divisions.get(heir.successor_id) if heir.successor_id else None
    return heir if heir is not None and heir.ended_on is None else None


def save_item(plan: Plan, told: ItemText, item: PlanItem | None, *, now: datetime, by: Actor) -> PlanItem:
    """Add an item at the end, or change the given one; FieldsRefused names what is missing."""
    hold(plan)
    chosen = _chosen(told)
    start, end = _checked(plan, told, chosen)
    items = _items(plan)
    held = contents_of([item])[item.id] if item is not None else None
    content = _content(told, start, end, chosen, held)
    if item is not None and content == held:
        return item
    number = item.number if item is not None else len(items) + 1
    _remember(plan, items, "changed" if item is not None else "added", number, now)
    written = write(plan, number, content, item)
    journal.record("plan.item_saved", "plan_item", written.id, now=now, by=by, plan=plan.id)
    return written


def move_item(plan: Plan, item: PlanItem, direction: Direction, *, now: datetime, by: Actor) -> None:
    """Change places with the item before or after it; at the edge nothing happens."""
    hold(plan)
    items = _items(plan)
    place = items.index(item)
    other = place + (1 if direction == "down" else -1)
    if not 0 <= other < len(items):
        return
    _remember(plan, items, "moved", item.number, now)
    items[place], items[other] = items[other], items[place]
    renumber(items)
    journal.record("plan.item_moved", "plan_item", item.id, now=now, by=by, plan=plan.id)


def remove_item(plan: Plan, item: PlanItem, *, now: datetime, by: Actor) -> None:
    """Take an item out; the ones after it move up."""
    hold(plan)
    items = _items(plan)
    _remember(plan, items, "removed", item.number, now)
    item_id = item.id
    delete_item(item)
    items.remove(item)
    renumber(items)
    journal.record("plan.item_removed", "plan_item", item_id, now=now, by=by, plan=plan.id)


def last_change(plan: Plan) -> PlanSnapshot | None:
    """How the draft was before the change that `undo` would take back; `content` says which it was."""
    return db.session.scalars(
        select(PlanSnapshot)
        .where(PlanSnapshot.plan_id == plan.id)
        .order_by(PlanSnapshot.number.desc())
        .limit(1)
    ).one_or_none()


def undo(plan: Plan, *, now: datetime, by: Actor) -> None:
    """Make the draft what it was before its last change; Refused where nothing is left to undo."""
    hold(plan)
    before = last_change(plan)
    if before is None:
        raise Refused("ไม่มีการแก้ไขให้เลิกทำแล้ว")
    told: list[Content] = before.content["items"]
    ids = {content["id"] for content in told}
    known = {item.id: item for item in _items(plan)}
    for item in known.values():
        if item.id not in ids:
            delete_item(item)
    park(item for item in known.values() if item.id in ids)
    for number, content in enumerate(told, 1):
        # A row that was taken out comes back under a new id: its old one may have been given away.
        write(plan, number, from_json(content), known.get(content["id"]))
    db.session.delete(before)
    journal.record("plan.change_undone", "plan", plan.id, now=now, by=by)


def discard(plan: Plan, *, now: datetime, by: Actor) -> None:
    """Throw the draft away with all that was written in it."""
    hold(plan)
    for item in _items(plan):
        delete_item(item)
    db.session.execute(delete(PlanSnapshot).where(PlanSnapshot.plan_id == plan.id))
    journal.record("plan.discarded", "plan", plan.id, now=now, by=by)
    db.session.delete(plan)
    db.session.flush()


def unready(plan: Plan, item: PlanItem) -> list[Message]:
    """What keeps an item, and with it the plan, from being adopted."""
    found = []
    if not item.measures:
        found.append(Message("ยังไม่มีมาตรการ"))
    if not item.divisions:
        found.append(Message("ยังไม่มีผู้รับผิดชอบ"))
    if not _inside(plan, item.starts_on, item.ends_on):
        found.append(Message("ระยะเวลาไม่อยู่ในปีงบประมาณ %(year)s", {"year": plan.fiscal_year}))
    return found


def hold(plan: Plan) -> None:
    """Hold the plan for this transaction; Refused unless it is a draft."""
    state = db.session.scalars(select(Plan.state).where(Plan.id == plan.id).with_for_update()).one()
    if state is not PlanState.DRAFT:
        raise Refused("แผนปีงบประมาณ %(year)s ประกาศใช้แล้ว แก้ไขเป็นร่างไม่ได้", year=plan.fiscal_year)


def _items(plan: Plan) -> list[PlanItem]:
    return list(
        db.session.scalars(select(PlanItem).where(PlanItem.plan_id == plan.id).order_by(PlanItem.number))
    )


def _remember(plan: Plan, items: Sequence[PlanItem], change: str, number: int, now: datetime) -> None:
    """Keep the draft as it is before a change to the item with this number."""
    last = db.session.scalar(select(func.max(PlanSnapshot.number)).where(PlanSnapshot.plan_id == plan.id))
    told = [{"id": item_id, **to_json(content)} for item_id, content in contents_of(items).items()]
    content = {"change": change, "number": number, "items": told}
    db.session.add(PlanSnapshot(plan_id=plan.id, number=(last or 0) + 1, at=now, content=content))
    db.session.flush()


def _chosen(told: ItemText) -> list[int]:
    """The ids of the divisions that are meant, of the active ones."""
    active = db.session.scalars(select(Division.id).where(Division.ended_on.is_(None)))
    return sorted(one for one in active if told.everyone or one in told.division_ids)


def _parts(division_ids: Iterable[int]) -> list[Content]:
    return [{"division_id": division_id} for division_id in sorted(division_ids)]


def _checked(plan: Plan, told: ItemText, chosen: Sequence[int]) -> tuple[date, date]:
    """The window; FieldsRefused where anything that the year's work needs is missing or contradicts itself."""
    faults: dict[str, Message] = {}
    if not told.measures:
        faults["measures"] = Message("กรุณาเขียนมาตรการอย่างน้อยหนึ่งเรื่อง")
    if told.start is None or told.end is None:
        faults["window"] = Message("กรุณาระบุระยะเวลา เลือกไตรมาส หรือเขียนวันเริ่มและวันสิ้นสุด")
    elif told.end < told.start:
        faults["window"] = Message("วันสิ้นสุดมาก่อนวันเริ่ม")
    elif not _inside(plan, told.start, told.end):
        faults["window"] = Message("ระยะเวลาต้องอยู่ในปีงบประมาณ %(year)s", {"year": plan.fiscal_year})
    if not chosen:
        faults["divisions"] = Message("กรุณาเลือกผู้รับผิดชอบอย่างน้อยหนึ่งกอง")
    rule = _fault_of_rule(told)
    if rule is not None:
        faults["follow_up"] = rule
    if faults or told.start is None or told.end is None:
        raise FieldsRefused(faults)
    return told.start, told.end


def _fault_of_rule(told: ItemText) -> Message | None:
    if told.follow_up == "months" and not told.months:
        return Message("กรุณาระบุเดือนที่ให้รายงาน เช่น เม.ย. 2569")
    if told.follow_up == "once" and len(told.months) > 1:
        return Message("ติดตามครั้งเดียวให้ระบุเดือนเดียว")
    if told.follow_up == "at_least_per_year" and not 1 <= (told.n or 0) <= 12:
        return Message("กรุณาระบุจำนวนครั้งต่อปี 1 ถึง 12")
    if told.follow_up == "on_completion" and told.n is not None and not 1 <= told.n <= 365:
        return Message("จำนวนวันหลังเสร็จต้องเป็น 1 ถึง 365")
    if told.start is not None and any(month < f"{told.start:%Y-%m}" for month in told.months):
        return Message("เดือนที่ให้รายงานมาก่อนระยะเวลาดำเนินการ")
    return None


def _inside(plan: Plan, start: date, end: date) -> bool:
    return first_day(plan.fiscal_year) <= start <= end <= last_day(plan.fiscal_year)


def _content(told: ItemText, start: date, end: date, chosen: Sequence[int], held: Content | None) -> Content:
    """What a person wrote, over what the item held; words of the document stay where their meaning did."""
    known = held or {"measures": [], "steps": [], "divisions": [], "scores": []}
    divisions = _parts(chosen)
    new: Content = {
        "heading": told.heading,
        "topic": told.topic,
        "indicator": told.indicator,
        "analysis": told.analysis,
        "everyone": told.everyone,
        "starts_on": start,
        "ends_on": end,
        "follow_up_kind": told.follow_up,
        "follow_up_n": told.n,
        "follow_up_months": list(told.months),
        "targets": list(told.targets),
        "measures": [{"number": place, "title": title} for place, title in enumerate(told.measures, 1)],
        "steps": [{"number": place, "text": text} for place, text in enumerate(told.steps, 1)],
        "divisions": divisions,
    }

    def same(*keys: str) -> bool:
        return held is not None and all(new[key] == held[key] for key in keys)

    if not same("starts_on", "ends_on"):
        new["window_text"] = words_of_window(start, end)
    if not same("follow_up_kind", "follow_up_n", "follow_up_months"):
        new["follow_up_text"] = words_of_rule(told.follow_up, told.n, told.months)
    if not same("everyone", "divisions"):
        new["responsible_text"] = "" if told.everyone else _names(chosen)
    if not same("indicator"):
        others = [score for score in known["scores"] if score["kind"] != "indicator"]
        own = [{"kind": "indicator", "code": str(told.indicator)}] if told.indicator else []
        new["scores"] = own + others
    return known | new


def _names(division_ids: Sequence[int]) -> str:
    found = db.session.scalars(
        select(Division.name).where(Division.id.in_(division_ids)).order_by(Division.place)
    )
    return " / ".join(found)
