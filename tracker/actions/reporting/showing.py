"""Decides which evidence the public may see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker import journal
from tracker.database import db
from tracker.errors import NotFound, Refused
from tracker.models import Evidence, EvidenceUse, Plan, PlanItem, PlanState
from tracker.rules.permissions import Actor
from tracker.rules.readiness import tells_of_a_person


@dataclass(frozen=True)
class Shown:
    """An evidence, and whether its name or caption looks like personal data."""

    evidence: Evidence
    tells_of_a_person: bool


def evidence_of_plan(plan: Plan) -> list[Shown]:
    """The plan's evidence that was not withdrawn, in the order in which it came."""
    used = (
        select(EvidenceUse.evidence_id)
        .join(PlanItem, PlanItem.id == EvidenceUse.item_id)
        .where(PlanItem.plan_id == plan.id)
    )
    return [
        Shown(evidence, tells_of_a_person(evidence.name) or tells_of_a_person(evidence.caption))
        for evidence in db.session.scalars(
            select(Evidence)
            .where(Evidence.id.in_(used), Evidence.withdrawn_at.is_(None), Evidence.newer_id.is_(None))
            .order_by(Evidence.id)
        )
    ]


def show_evidence(plan: Plan, ids: Collection[int], *, now: datetime, by: Actor) -> int:
    """Let the public see this evidence of the plan and no other; returns how many they are."""
    if plan.state is not PlanState.ADOPTED:
        raise Refused("เปลี่ยนการเปิดเผยหลักฐานได้เฉพาะเมื่อรายงานยังเป็นร่าง")
    every = evidence_of_plan(plan)
    for one in every:
        chosen = one.evidence.id in ids
        if chosen is one.evidence.public:
            continue
        one.evidence.public = chosen
        deed = "evidence.shown" if chosen else "evidence.hidden"
        journal.record(deed, "evidence", one.evidence.id, now=now, by=by)
    db.session.flush()
    return sum(one.evidence.public for one in every)


def check_evidence(plan: Plan, evidence_id: int, checked: bool, *, now: datetime, by: Actor) -> None:
    """Mark an evidence of the plan as looked at by a person who found nothing of anybody in it, or take that back."""
    if plan.state is not PlanState.ADOPTED:
        raise Refused("เปลี่ยนการเปิดเผยหลักฐานได้เฉพาะเมื่อรายงานยังเป็นร่าง")
    found = [one.evidence for one in evidence_of_plan(plan) if one.evidence.id == evidence_id]
    if not found:
        raise NotFound("ไม่พบหลักฐานนี้")
    [evidence] = found
    if (evidence.checked_at is not None) is checked:
        return
    evidence.checked_at, evidence.checked_by_id = (now, by.user_id) if checked else (None, None)
    db.session.flush()
    deed = "evidence.checked" if checked else "evidence.unchecked"
    journal.record(deed, "evidence", evidence.id, now=now, by=by)
