"""Keeps the evidence of groups: files, links, captions, versions, and what proves more than one group."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import bindparam, select, tuple_

from tracker import journal
from tracker.database import db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group, of_this
from tracker.models import Evidence, EvidenceRemoval, EvidenceUse, Plan, PlanItem, PlanState
from tracker.rules.fiscal import Quarter
from tracker.rules.permissions import Actor
from tracker.rules.readiness import tells_of_a_person
from tracker.rules.thai import clean
from tracker.storage import Stored

LONGEST_URL = 2000
EARLIER_SHOWN = 20


def day_about(quarter: Quarter, today: date) -> date:
    """The day that stands for a quarter: today inside it, else its nearest end."""
    return min(max(today, quarter.first_day), quarter.last_day)


def attach_file(
    stored: Stored,
    caption: str,
    about_on: date,
    group: Group,
    *,
    now: datetime,
    by: Actor,
    public: bool = False,
) -> Evidence:
    """Write down a stored file as evidence of a group; what looks like personal data stays internal."""
    evidence = _of_file(stored, caption, about_on, now, by)
    evidence.public = public and not looks_personal(evidence)
    return _attach(evidence, group, now, by)


def _of_file(stored: Stored, caption: str, about_on: date, now: datetime, by: Actor) -> Evidence:
    return Evidence(
        name=stored.name,
        caption=clean(caption) or stored.name.rpartition(".")[0],
        storage_name=stored.storage_name,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
        about_on=about_on,
        created_at=now,
        by_user_id=by.user_id,
    )


def attach_link(
    url: str,
    caption: str,
    about_on: date,
    group: Group,
    *,
    now: datetime,
    by: Actor,
    public: bool = False,
) -> Evidence:
    """Write down an http or https address as evidence; it is kept as text and never fetched."""
    url = url.strip()
    host = _host(url)
    if host is None or len(url) > LONGEST_URL or any(sign <= " " for sign in url):
        raise FieldsRefused({"link": Message("ลิงก์หลักฐานต้องขึ้นต้นด้วย http:// หรือ https://")})
    evidence = Evidence(
        name=url,
        caption=clean(caption) or host,
        url=url,
        about_on=about_on,
        created_at=now,
        by_user_id=by.user_id,
    )
    evidence.public = public and not looks_personal(evidence)
    return _attach(evidence, group, now, by)


def looks_personal(evidence: Evidence) -> bool:
    """Whether its name or caption looks like personal data."""
    return tells_of_a_person(evidence.name) or tells_of_a_person(evidence.caption)


def _host(url: str) -> str | None:
    """The host of an http or https address, None for any other text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def _attach(evidence: Evidence, group: Group, now: datetime, by: Actor) -> Evidence:
    db.session.add(evidence)
    db.session.flush()
    _use(evidence, group)
    journal.record("evidence.attached", "evidence", evidence.id, now=now, by=by)
    return evidence


def _use(evidence: Evidence, group: Group) -> None:
    db.session.add(
        EvidenceUse(
            evidence_id=evidence.id,
            item_id=group.item_id,
            division_id=group.division_id,
            quarter=group.quarter,
        )
    )
    db.session.flush()


_OF_DIVISION = EvidenceUse.division_id == bindparam("division_id")
_EARLIER = (
    select(Evidence)
    .where(
        Evidence.id.in_(select(EvidenceUse.evidence_id).where(_OF_DIVISION)),
        Evidence.id.not_in(select(EvidenceUse.evidence_id).where(of_this(EvidenceUse))),
        Evidence.withdrawn_at.is_(None),
        Evidence.newer_id.is_(None),
    )
    .order_by(Evidence.id.desc())
    .limit(EARLIER_SHOWN)
)


def earlier(group: Group, among: Collection[Group] | None) -> list[Evidence]:
    """What the division has attached to other groups and may use again, the newest first.

    `among` are the only groups whose evidence may be seen, None where all of the division's may.
    """
    found = _EARLIER
    if among is not None:
        place = tuple_(EvidenceUse.item_id, EvidenceUse.division_id, EvidenceUse.quarter)
        seen = place.in_([(one.item_id, one.division_id, one.quarter) for one in among])
        found = found.where(Evidence.id.in_(select(EvidenceUse.evidence_id).where(seen, _OF_DIVISION)))
    return list(db.session.scalars(found, vars(group)))


def use_again(evidence: Evidence, group: Group, *, now: datetime, by: Actor) -> None:
    """Let an evidence prove one more group."""
    _use(evidence, group)
    journal.record("evidence.used_again", "evidence", evidence.id, now=now, by=by, group=group.subject)


def use_for(evidence: Evidence, groups: Collection[Group], *, now: datetime, by: Actor) -> int:
    """Let an evidence prove all of these groups; returns for how many it is new.

    A group that nobody has reported yet keeps it: its form counts it when the division reports.
    """
    _require_changeable(evidence)
    known = set(groups_of(evidence))
    new = [group for group in groups if group not in known]
    for group in new:
        use_again(evidence, group, now=now, by=by)
    return len(new)


def of_plan(plan_id: int) -> list[Evidence]:
    """What proves any group of the plan and counts, the newest first."""
    uses = (
        select(EvidenceUse.evidence_id)
        .join(PlanItem, PlanItem.id == EvidenceUse.item_id)
        .where(PlanItem.plan_id == plan_id)
    )
    return list(
        db.session.scalars(
            select(Evidence)
            .where(Evidence.id.in_(uses), Evidence.withdrawn_at.is_(None), Evidence.newer_id.is_(None))
            .order_by(Evidence.id.desc())
            .limit(EARLIER_SHOWN)
        )
    )


def describe(evidence: Evidence, caption: str, public: bool, *, now: datetime, by: Actor) -> None:
    """Change the caption, and whether the public may see it."""
    _require_changeable(evidence)
    caption = clean(caption) or evidence.caption
    if caption != evidence.caption:
        # Who checked it saw another caption.
        evidence.caption, evidence.checked_at, evidence.checked_by_id = caption, None, None
    evidence.public = public
    db.session.flush()
    journal.record("evidence.described", "evidence", evidence.id, now=now, by=by, public=public)


def replace(evidence: Evidence, stored: Stored, *, now: datetime, by: Actor) -> Evidence:
    """Write down a newer version, which proves what the old one proved; the old one is kept and marked."""
    _require_changeable(evidence)
    newer = _of_file(stored, evidence.caption, evidence.about_on, now, by)
    newer.public = evidence.public and not looks_personal(newer)
    db.session.add(newer)
    db.session.flush()
    for place in groups_of(evidence):
        _use(newer, place)
    evidence.newer_id = newer.id
    db.session.flush()
    journal.record("evidence.replaced", "evidence", evidence.id, now=now, by=by, newer=newer.id)
    return newer


def groups_of(evidence: Evidence) -> list[Group]:
    """The groups that an evidence proves."""
    uses = db.session.scalars(
        select(EvidenceUse).where(EvidenceUse.evidence_id == evidence.id).order_by(EvidenceUse.id)
    )
    return [Group(use.item_id, use.division_id, use.quarter) for use in uses]


def removals_of(evidence: Evidence) -> Sequence[EvidenceRemoval]:
    """When and why it was taken off groups, the latest first."""
    return db.session.scalars(
        select(EvidenceRemoval)
        .where(EvidenceRemoval.evidence_id == evidence.id)
        .order_by(EvidenceRemoval.id.desc())
    ).all()


def versions_of(evidence: Evidence) -> list[Evidence]:
    """The versions before this one, the latest of them first."""
    before = db.session.scalars(select(Evidence).where(Evidence.newer_id == evidence.id)).one_or_none()
    return [] if before is None else [before, *versions_of(before)]


def changeable(evidence: Evidence) -> bool:
    """Whether it counts, and the plan of none of its groups was closed."""
    if evidence.withdrawn_at is not None or evidence.newer_id is not None:
        return False
    closed = db.session.scalar(
        select(Plan.id)
        .join(PlanItem, PlanItem.plan_id == Plan.id)
        .join(EvidenceUse, EvidenceUse.item_id == PlanItem.id)
        .where(EvidenceUse.evidence_id == evidence.id, Plan.state == PlanState.CLOSED)
        .limit(1)
    )
    return closed is None


def _require_changeable(evidence: Evidence) -> None:
    if not changeable(evidence):
        raise Refused("หลักฐานนี้ถอนแล้ว มีฉบับใหม่กว่า หรือปีนั้นปิดแล้ว จึงเปลี่ยนไม่ได้")
