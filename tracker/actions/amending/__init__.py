"""Amends an adopted plan by a corrected document, numbered, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from tracker import journal
from tracker.actions.amending.entries import Identities, entries_of, known_ids, stored_items
from tracker.actions.amending.items import write_items
from tracker.actions.amending.rounds import write_rounds
from tracker.actions.amending.tasks import reason_of, reworked, write_tasks
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Amendment, Division, Plan, PlanState
from tracker.rules.differences import Differences
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.rework import Rework
from tracker.rules.thai import clean, letters

__all__ = ["Correction", "amend", "amendments_of", "entries_of", "forecast", "hindrance", "reason_of"]


@dataclass(frozen=True)
class Correction:
    """A corrected document, under which number and on which day it was signed, and why it was needed."""

    source_name: str
    source_sha256: str
    reason: str
    document_number: str = ""
    signed_on: date | None = None


def amendments_of(plan: Plan) -> Sequence[Amendment]:
    """The plan's amendments, the first one first."""
    return db.session.scalars(
        select(Amendment).where(Amendment.plan_id == plan.id).order_by(Amendment.number)
    ).all()


def hindrance(plan: Plan, source_sha256: str) -> Message | None:
    """Why this document cannot amend the plan: the plan does not run, or the document is in force already."""
    year = {"year": plan.fiscal_year}
    if plan.state is PlanState.CLOSED:
        return Message("แผนปีงบประมาณ %(year)s ปิดแล้ว จึงแก้ไขไม่ได้", year)
    if plan.state is PlanState.DRAFT:
        return Message("แผนปีงบประมาณ %(year)s ยังไม่ได้ประกาศใช้ จึงยังไม่ต้องทำเป็นการแก้ไขแผน", year)
    amendments = amendments_of(plan)
    if amendments and amendments[-1].source_sha256 == source_sha256:
        return Message(
            "ไฟล์นี้คือฉบับที่ใช้อยู่แล้ว (แก้ไขครั้งที่ %(number)s) ไม่มีอะไรเปลี่ยนแปลง", {"number": amendments[-1].number}
        )
    if plan.source_sha256 == source_sha256 and amendments:
        return Message(
            "ไฟล์นี้คือแผนฉบับแรก ซึ่งแก้ไขมาแล้ว %(number)s ครั้ง ไม่มีอะไรเปลี่ยนแปลง", {"number": len(amendments)}
        )
    if plan.source_sha256 == source_sha256:
        return Message("ไฟล์นี้คือแผนฉบับที่ใช้อยู่แล้ว ไม่มีอะไรเปลี่ยนแปลง")
    return None


def forecast(plan: Plan, differences: Differences, amended_on: date) -> Rework:
    """What amending the plan on a day would do to its tasks; reads only."""
    return reworked(plan, differences, known_ids(plan, differences), len(amendments_of(plan)), amended_on)


def amend(
    plan: Plan,
    differences: Differences,
    correction: Correction,
    *,
    number: int,
    now: datetime,
    by: Actor,
) -> Amendment:
    """Make the corrected items those in force, as the amendment of this number.

    New measures, divisions and quarters give tasks that look back from this day; outstanding tasks of what was
    taken out are cancelled, and where a window changed they get its due days. Submitted and approved tasks,
    evidence and answers stay. Divisions that are new must have been added before. Refused where there is
    nothing to change, or where another amendment was made since `number` was shown.
    """
    stopped = hindrance(plan, correction.source_sha256)
    if stopped is not None:
        raise Refused(stopped.template, **stopped.values)
    if differences.empty:
        raise Refused("เอกสารนี้ตรงกับแผนที่ใช้อยู่ ไม่มีอะไรเปลี่ยนแปลง")
    reason = clean(correction.reason)
    if not reason:
        raise FieldsRefused({"reason": Message("กรุณาระบุเหตุผลที่แก้ไขแผน")})
    if number != len(amendments_of(plan)) + 1:
        raise Refused("แผนนี้เพิ่งถูกแก้ไขไปแล้ว โปรดเปิดหน้านี้ใหม่เพื่อดูความแตกต่างล่าสุด")
    divisions = _division_ids(differences)
    today = day_of(now)
    known = known_ids(plan, differences)
    work = reworked(plan, differences, known, number - 1, today)
    ids = write_items(plan, differences, known, divisions, number)
    new_tasks = write_tasks(plan, work, ids, divisions, number, today)
    write_rounds(plan, [item for item in stored_items(plan) if item.removed_in is None], today)
    amendment = Amendment(
        plan_id=plan.id,
        number=number,
        at=now,
        by_user_id=by.user_id,
        source_name=correction.source_name,
        source_sha256=correction.source_sha256,
        document_number=correction.document_number,
        signed_on=correction.signed_on,
        reason=reason,
        changes=_changes(differences, work, ids, new_tasks),
    )
    db.session.add(amendment)
    db.session.flush()
    journal.record(
        "plan.amended", "plan", plan.id, now=now, by=by, amendment=number, added=len(work.added),
        cancelled=len(work.cancelled), moved=sum(one.moved for one in work.changed),
    )  # fmt: skip
    return amendment


def _division_ids(differences: Differences) -> dict[str, int]:
    """The active divisions by the letters of their names; Refused where the corrected plan names another."""
    found = {
        letters(division.name): division.id
        for division in db.session.scalars(select(Division).where(Division.ended_on.is_(None)))
    }
    for item in differences.items:
        if item.after is None:
            continue
        for name in item.after.divisions:
            if letters(name) not in found:
                raise Refused("ไม่รู้จักผู้รับผิดชอบ “%(name)s”", name=name)
        if not item.after.measures or not item.after.divisions:
            raise Refused("รายการที่ %(number)s ยังไม่มีมาตรการหรือผู้รับผิดชอบ", number=item.after.key)
    return found


def _changes(
    differences: Differences, work: Rework, ids: Identities, new_tasks: Sequence[int]
) -> dict[str, Any]:
    """What was changed, by ids: who asks for the texts finds them in the plan and in the kept documents."""
    items = differences.items
    return {
        "items": {
            "added": [ids.items[item.after.key] for item in items if item.after and not item.before],
            "removed": [item.before.key for item in items if item.before and not item.after],
            "changed": {
                str(item.before.key): list(item.fields) for item in items if item.before and item.fields
            },
        },
        "measures": {
            "added": [ids.measures[title.key] for item in items for title in item.added],
            "removed": [title.key for item in items for title in item.removed],
            "retitled": [title.key for item in items for title, _ in item.retitled],
        },
        "tasks": {
            "added": list(new_tasks),
            "cancelled": list(work.cancelled),
            "moved": [one.task_id for one in work.changed if one.moved and not one.reopened],
            "reopened": [one.task_id for one in work.changed if one.reopened],
        },
    }
