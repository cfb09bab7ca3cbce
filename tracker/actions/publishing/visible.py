"""Tells which evidence of a plan the public may see now, and which it may see no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tracker.database import db
from tracker.models import Evidence, EvidenceUse, PlanItem


@dataclass(frozen=True)
class Visible:
    """Evidence by what the annex of a report knows it by: the hash of a file, the address of a link.

    `shown` may be seen, `withdrawn` could be until it was withdrawn; what is in neither is internal.
    """

    shown: Mapping[str, Evidence]
    withdrawn: Mapping[str, Evidence]

    @property
    def public(self) -> frozenset[str]:
        return frozenset(self.shown)

    @property
    def changed_at(self) -> list[datetime]:
        return [one.withdrawn_at for one in self.withdrawn.values() if one.withdrawn_at is not None]


def visible(plan_id: int) -> Visible:
    evidence = evidence_of(plan_id)
    # A file that is internal in one place stays internal, whatever else it proves.
    internal = {known_by(one) for one in evidence if not one.public}
    public = [one for one in evidence if known_by(one) not in internal]
    shown = {known_by(one): one for one in public if one.withdrawn_at is None}
    withdrawn = {known_by(one): one for one in public if known_by(one) not in shown}
    return Visible(shown, withdrawn)


def evidence_of(plan_id: int) -> list[Evidence]:
    used = (
        select(EvidenceUse.evidence_id)
        .join(PlanItem, PlanItem.id == EvidenceUse.item_id)
        .where(PlanItem.plan_id == plan_id)
    )
    return list(db.session.scalars(select(Evidence).where(Evidence.id.in_(used)).order_by(Evidence.id)))


def known_by(evidence: Evidence) -> str:
    return evidence.sha256 or evidence.url or evidence.name
