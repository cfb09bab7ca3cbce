"""Keeps what a person decides about an uploaded plan document, until the plan is adopted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from tracker import journal, storage
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.errors import NotFound, TrackerError
from tracker.models import Amendment, Division, Plan, PlanReading, PlanState
from tracker.reading.apart import Opened, open_apart
from tracker.reading.decisions import Decisions
from tracker.reading.inheriting import inherited
from tracker.reading.values import ReadPlan
from tracker.rules.grouping import PlannedItem, plan_tasks
from tracker.rules.permissions import Actor
from tracker.rules.thai import letters

NONE_YET = Decisions()
OPENED_KEPT = 16
# A page and each decision on it need the document again, and reading takes a process of its own.
_opened: dict[tuple[str, str, int | None, tuple[str, ...]], Opened] = {}


@dataclass(frozen=True)
class DivisionWork:
    """The tasks and forms that a division would have, by quarter 1 to 4, and how many of its tasks look back."""

    division: str
    tasks: dict[int, int]
    forms: dict[int, int]
    look_back: int


@dataclass(frozen=True)
class Workload:
    """What adoption on a day would make; `past` are the quarters with tasks that look back, dropped ones too."""

    divisions: tuple[DivisionWork, ...]
    tasks: int
    forms: int
    look_back: int
    past: tuple[int, ...]
    dropped: int


def begin(
    data: bytes, name: str, year: int | None, earlier: Decisions = NONE_YET, *, now: datetime, by: Actor
) -> PlanReading:
    """Keep a document that was opened; the same one again goes on with its decisions, a new one with `earlier`."""
    digest = storage.keep_source(data)
    reading = kept(digest)
    if reading is None:
        reading = PlanReading(
            sha256=digest,
            name=name,
            fiscal_year=year,
            decisions={} if earlier == NONE_YET else earlier.to_json(),
            created_at=now,
            by_user_id=by.user_id,
        )
        db.session.add(reading)
        db.session.flush()
    elif year is not None:
        reading.fiscal_year = year
    return reading


def kept(digest: str) -> PlanReading | None:
    """The document with this hash, where it was uploaded before."""
    return db.session.scalars(select(PlanReading).where(PlanReading.sha256 == digest)).one_or_none()


def opened(
    digest: str, name: str, year: int | None, known: Iterable[str], data: bytes | None = None
) -> Opened:
    """What the document says, read for the year that was chosen.

    `data` are its bytes where it has not been kept. Raises Unreadable; NotFound where its file is gone.
    """
    key = (digest, name, year, tuple(known))
    found = _opened.get(key)
    if found is None:
        found = _opened[key] = open_apart(_data(digest) if data is None else data, name, year, key[3])
        for oldest in list(_opened)[:-OPENED_KEPT]:
            _opened.pop(oldest, None)
    return found


def earlier_decisions(read: ReadPlan, year: int | None, divisions: Sequence[Division]) -> Decisions:
    """What was decided about the document that is in force, as far as it holds for one that corrects it."""
    plan = db.session.scalars(
        select(Plan).where(Plan.fiscal_year == (year or read.fiscal_year), Plan.state == PlanState.ADOPTED)
    ).one_or_none()
    if plan is None:
        return NONE_YET
    latest = db.session.scalars(
        select(Amendment.source_sha256).where(Amendment.plan_id == plan.id).order_by(Amendment.number.desc())
    ).first()
    before = kept(latest or plan.source_sha256)
    if before is None or not before.decisions:
        return NONE_YET
    names = [name for one in divisions for name in (one.name, *one.aliases)]
    try:
        old = opened(before.sha256, before.name, before.fiscal_year, names).plan
    except TrackerError:
        return NONE_YET
    return inherited(decisions_of(before), old, read, names)


def open_readings() -> Sequence[PlanReading]:
    """The documents that became no plan and no amendment, the newest first."""
    used = {
        *db.session.scalars(select(Plan.source_sha256)),
        *db.session.scalars(select(Amendment.source_sha256)),
    }
    readings = db.session.scalars(
        select(PlanReading).order_by(PlanReading.created_at.desc(), PlanReading.id.desc())
    )
    return [reading for reading in readings if reading.sha256 not in used]


def plan_of(reading: PlanReading) -> Plan | None:
    """The plan that the document made or last amended."""
    made = db.session.scalars(select(Plan).where(Plan.source_sha256 == reading.sha256)).first()
    if made is not None:
        return made
    amended = db.session.execute(
        select(Plan, Amendment)
        .join(Amendment, Amendment.plan_id == Plan.id)
        .where(Amendment.source_sha256 == reading.sha256)
    ).all()
    return next((plan for plan, one in amended if one.number == _latest(plan)), None)


def _latest(plan: Plan) -> int | None:
    return db.session.scalar(select(func.max(Amendment.number)).where(Amendment.plan_id == plan.id))


def size_of(reading: PlanReading) -> int:
    return len(_data(reading.sha256))


def _data(digest: str) -> bytes:
    data = storage.source(digest)
    if data is None:
        raise NotFound("ไม่พบไฟล์ที่อัปโหลดไว้ กรุณาอัปโหลดอีกครั้ง")
    return data


def decisions_of(reading: PlanReading) -> Decisions:
    return Decisions.from_json(reading.decisions)


def keep(reading: PlanReading, decisions: Decisions, year: int | None) -> None:
    """Keep what was decided and the year that was chosen."""
    reading.decisions, reading.fiscal_year = decisions.to_json(), year


def learn_names(decisions: Decisions, used: Iterable[str], *, now: datetime, by: Actor) -> None:
    """Remember the names that were mapped as other names of their divisions; `used` are those in the document."""
    wanted = {letters(text) for text in used}
    divisions = {
        division.name: division
        for division in db.session.scalars(select(Division).where(Division.ended_on.is_(None)))
    }
    known = {letters(name) for one in divisions.values() for name in (one.name, *one.aliases)}
    for key, naming in decisions.names.items():
        division = divisions.get(naming.division)
        if division is None or not naming.remember or key not in wanted or key in known:
            continue
        division.aliases = [*division.aliases, naming.text]
        journal.record("division.alias_added", "division", division.id, now=now, by=by)


def workload(
    items: Iterable[PlannedItem[str]], divisions: Sequence[str], adopted_on: date, dropped: Sequence[int]
) -> Workload:
    """What adopting these items on a day would make, without the tasks of dropped quarters that look back."""
    every = plan_tasks(items, adopted_on, working_calendar())
    tasks = [task for task in every if not (task.look_back and task.quarter.number in dropped)]
    groups = {task.group for task in tasks}
    named = [name for name in divisions if any(task.division == name for task in every)]
    return Workload(
        divisions=tuple(
            DivisionWork(
                name,
                dict(Counter(task.quarter.number for task in tasks if task.division == name)),
                dict(Counter(group.quarter.number for group in groups if group.division == name)),
                sum(task.look_back for task in tasks if task.division == name),
            )
            for name in named
        ),
        tasks=len(tasks),
        forms=len(groups),
        look_back=sum(task.look_back for task in tasks),
        past=tuple(sorted({task.quarter.number for task in every if task.look_back})),
        dropped=len(every) - len(tasks),
    )
