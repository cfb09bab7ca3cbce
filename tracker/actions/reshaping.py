"""Changes what an organisation is: its name and habits, the names of its divisions, and which of them exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from tracker import journal, storage
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.models import Approver, Division, DivisionName, Kind, Plan, PlanState, Position, Task
from tracker.people import answers_for
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.rounds import RuleKind
from tracker.rules.states import OUTSTANDING
from tracker.rules.thai import clean, letters

FONTS = ("TH SarabunPSK", "TH SarabunIT๙", "TH Sarabun New")
POLICIES: tuple[RuleKind, ...] = ("six_twelve", "six_months", "twelve_months", "quarterly")
KINDS = (Kind.SAO, Kind.MUNICIPALITY, Kind.PAO)


@dataclass(frozen=True)
class Habits:
    """What an organisation calls itself and how it works."""

    name: str
    kind: Kind
    district: str
    province: str
    contact: str
    thai_digits: bool
    document_font: str
    follow_up_policy: RuleKind


def settle(habits: Habits, *, now: datetime, by: Actor) -> None:
    """Write the organisation's habits down; plans in force keep the rounds they were adopted with."""
    if not clean(habits.name):
        raise FieldsRefused({"name": Message("กรุณาระบุชื่อหน่วยงาน")})
    organisation = current_organisation(lock=True)
    changed = [name for name, value in asdict(habits).items() if getattr(organisation, name) != value]
    for name in changed:
        value = getattr(habits, name)
        setattr(organisation, name, clean(value) if isinstance(value, str) and name != "kind" else value)
    db.session.flush()
    journal.record("organisation.settled", "organisation", organisation.id, now=now, by=by, changed=changed)


def set_logo(picture: bytes | None, *, now: datetime, by: Actor) -> None:
    """Keep the picture, as `reading.seal` made it, as the organisation's logo; None takes it away.

    The picture itself stays under its hash.
    """
    organisation = current_organisation(lock=True)
    organisation.logo = storage.keep_source(picture) if picture is not None else None
    db.session.flush()
    deed = "organisation.logo_set" if picture is not None else "organisation.logo_removed"
    journal.record(deed, "organisation", organisation.id, now=now, by=by)


def set_approval(approval: bool | None, approvers: Mapping[int, int], *, now: datetime, by: Actor) -> None:
    """Whether reports wait for approval, None: by the number of users; and the position that approves, by division.

    The coordinator may always. FieldsRefused by "approver-<division id>".
    """
    positions = {row.id: row for row in db.session.scalars(select(Position))}
    faults: dict[str, Message] = {}
    for division_id, position_id in approvers.items():
        position = positions.get(position_id)
        if position is None:
            faults[f"approver-{division_id}"] = Message("ไม่พบตำแหน่งนี้")
        elif position.division_id == division_id:
            faults[f"approver-{division_id}"] = Message("เลือกตำแหน่งนอกส่วนราชการนี้ ผู้ส่งไม่ควรอนุมัติงานของตนเอง")
    if faults:
        raise FieldsRefused(faults)
    organisation = current_organisation(lock=True)
    organisation.approval = approval
    known = {row.division_id: row for row in db.session.scalars(select(Approver))}
    for division_id, row in known.items():
        if division_id not in approvers:
            db.session.delete(row)
    for division_id, position_id in approvers.items():
        if division_id in known:
            known[division_id].position_id = position_id
        else:
            db.session.add(Approver(division_id=division_id, position_id=position_id))
    db.session.flush()
    told = {str(division_id): position_id for division_id, position_id in sorted(approvers.items())}
    journal.record(
        "organisation.approval_set",
        "organisation",
        organisation.id,
        now=now,
        by=by,
        approval=approval,
        approvers=told,
    )


def rename(division: Division, name: str, *, now: datetime, by: Actor) -> None:
    """A new name from today on; the old one is kept with its last day, and documents that use it still match."""
    name = clean(name)
    others = db.session.scalars(select(Division).where(Division.id != division.id)).all()
    taken = {letters(text) for other in others for text in (other.name, *other.aliases)}
    if not name or letters(name) in taken:
        raise FieldsRefused({"name": Message("ชื่อส่วนราชการ “%(name)s” ว่างหรือซ้ำ", {"name": name})})
    if name == division.name:
        return
    old = division.name
    db.session.add(DivisionName(division_id=division.id, name=old, until_on=day_of(now) - timedelta(days=1)))
    division.aliases = [alias for alias in division.aliases if letters(alias) != letters(name)] + [old]
    division.name = name
    for position in db.session.scalars(select(Position).where(Position.division_id == division.id)):
        position.title = position.title.replace(old, name)
    db.session.flush()
    journal.record("division.renamed", "division", division.id, now=now, by=by)


def set_aliases(division: Division, text: str, *, now: datetime, by: Actor) -> None:
    """The other names under which documents know the division, one a line; no two divisions share one."""
    aliases = list(dict.fromkeys(clean(line)[:200] for line in text.splitlines() if clean(line)))[:20]
    others = db.session.scalars(
        select(Division).where(Division.id != division.id, Division.id.not_in(answers_for(division.id)))
    ).all()
    taken = {letters(name): other.name for other in others for name in (other.name, *other.aliases)}
    for alias in aliases:
        if (owner := taken.get(letters(alias))) is not None:
            values = {"alias": alias, "division": owner}
            raise FieldsRefused({"aliases": Message("“%(alias)s” เป็นชื่อของ%(division)sอยู่แล้ว", values)})
    division.aliases = aliases
    db.session.flush()
    journal.record("division.aliases_set", "division", division.id, now=now, by=by, number=len(aliases))


def end(division: Division, *, now: datetime, by: Actor) -> None:
    """Take the division out of use from today; Refused while it owes work, or where it coordinates."""
    if division.coordinates:
        raise Refused("หน่วยงานที่ประสานแผนยุบไม่ได้")
    if division.ended_on is not None:
        raise Refused("ส่วนราชการนี้ยุบไปแล้ว")
    owes = db.session.scalar(
        select(Task.id)
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            Task.division_id == division.id,
            Task.state.in_(OUTSTANDING),
            Plan.state == PlanState.ADOPTED,
        )
        .limit(1)
    )
    if owes is not None:
        raise Refused("ยังมีงานค้างในแผนที่ใช้อยู่ รวมเข้ากับส่วนราชการอื่น หรือแก้ไขแผนให้ส่วนราชการอื่นรับงานก่อนจึงยุบได้")
    division.ended_on = day_of(now)
    db.session.flush()
    journal.record("division.ended", "division", division.id, now=now, by=by)


def earlier_names(division: Division) -> Sequence[DivisionName]:
    """What it was called before, the latest name first."""
    return db.session.scalars(
        select(DivisionName).where(DivisionName.division_id == division.id).order_by(DivisionName.id.desc())
    ).all()
