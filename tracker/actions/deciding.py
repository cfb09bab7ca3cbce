"""Keeps what a person decides about an uploaded plan document, until the plan is adopted."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import select

from tracker import journal, storage
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.errors import NotFound
from tracker.models import Amendment, Division, Plan, PlanReading
from tracker.reading.apart import read_apart
from tracker.reading.decisions import Decisions
from tracker.reading.sources import cells_of, lines_of
from tracker.reading.values import ReadPlan
from tracker.rules.grouping import PlannedItem, plan_tasks
from tracker.rules.permissions import Actor
from tracker.rules.thai import letters


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
    data: bytes, name: str, year: int | None, known: Iterable[str], *, now: datetime, by: Actor
) -> PlanReading:
    """Read and keep the document; the same one again goes on with its decisions. Raises Unreadable."""
    read_apart(data, name, year, tuple(known))
    digest = storage.keep_source(data)
    reading = db.session.scalars(select(PlanReading).where(PlanReading.sha256 == digest)).one_or_none()
    if reading is None:
        reading = PlanReading(
            sha256=digest, name=name, fiscal_year=year, decisions={}, created_at=now, by_user_id=by.user_id
        )
        db.session.add(reading)
        db.session.flush()
    elif year is not None:
        reading.fiscal_year = year
    return reading


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
    """The plan that was made of the document."""
    return db.session.scalars(select(Plan).where(Plan.source_sha256 == reading.sha256)).first()


def read_again(reading: PlanReading, known: Iterable[str]) -> ReadPlan:
    """What the document says, read for the year that was chosen; NotFound where its file is gone."""
    return _read(reading.sha256, reading.name, reading.fiscal_year, tuple(known))


# A page and each decision on it need the document again, and reading takes a process of its own.
@lru_cache(maxsize=16)
def _read(digest: str, name: str, year: int | None, known: tuple[str, ...]) -> ReadPlan:
    return read_apart(_data(digest), name, year, known)


@lru_cache(maxsize=16)
def cells(digest: str, name: str) -> Sequence[dict[str, str]]:
    """The texts of the document's rows word for word, by what their column is."""
    return [dict(row) for row in cells_of(_data(digest), name)]


def lines(reading: PlanReading) -> list[str]:
    """The first lines of a document in which no plan was found."""
    return lines_of(_data(reading.sha256), reading.name)


def size_of(reading: PlanReading) -> int:
    return len(_data(reading.sha256))


def _data(digest: str) -> bytes:
    data = storage.source(digest)
    if data is None:
        raise NotFound("ไม่พบไฟล์ที่อัปโหลดไว้ กรุณาอัปโหลดอีกครั้ง")
    return data


def decisions_of(reading: PlanReading) -> Decisions:
    return Decisions.from_json(reading.decisions)


def keep(reading: PlanReading, decisions: Decisions) -> None:
    reading.decisions = decisions.to_json()


def seen(reading: PlanReading) -> str:
    """What tells whether the decisions are still those that a person saw."""
    told = json.dumps([reading.fiscal_year, reading.decisions], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


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
