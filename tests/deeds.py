"""What divisions and the coordinator of a World do, through the real actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

from PIL import Image
from sqlalchemy import select

from tests.world import World, at
from tracker import journal, storage
from tracker.actions import progress, proving, reporting
from tracker.actions.progress import GroupReport
from tracker.database import db
from tracker.groups import Group
from tracker.models import (
    FollowUp,
    JournalEntry,
    MailState,
    OutgoingMail,
    Plan,
    PlanState,
    Round,
    Task,
)
from tracker.rules.claims import NONE, Claim
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import TaskState

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"
DECEMBER = at("2025-12-17")


def saved_picture(kind: str, **how: Any) -> bytes:
    """A small picture as a file."""
    stream = BytesIO()
    Image.new("RGB", (60, 40), "#cc3311").save(stream, kind, **how)
    return stream.getvalue()


def group_of(world: World, place: int = 0, quarter: int = 1, item: int = 1) -> Group:
    """The group of the division at this place."""
    return Group(item, world.division_ids[place], quarter)


def follow_up_of(world: World, place: int = 0, kind: str = "six_months") -> int:
    """The division's form in the only round of a kind."""
    with world.read():
        found = db.session.scalars(
            select(FollowUp.id)
            .join(Round, Round.id == FollowUp.round_id)
            .where(FollowUp.division_id == world.division_ids[place], Round.kind == kind)
        ).one()
        db.session.rollback()
    return found


def task_ids(world: World, group: Group) -> list[int]:
    with world.read():
        found = list(
            db.session.scalars(
                select(Task.id)
                .where(
                    Task.item_id == group.item_id,
                    Task.division_id == group.division_id,
                    Task.quarter == group.quarter,
                )
                .order_by(Task.measure_id)
            )
        )
        db.session.rollback()
    return found


def states(world: World, place: int = 0, measure: int = 1) -> list[TaskState]:
    """The states of a measure's tasks in one division, by quarter."""
    with world.read():
        found = list(
            db.session.scalars(
                select(Task.state)
                .where(Task.division_id == world.division_ids[place], Task.measure_id == measure)
                .order_by(Task.quarter)
            )
        )
        db.session.rollback()
    return found


def tasks(world: World, group: Group) -> list[tuple[TaskState, date, int, bool | None]]:
    """(state, due day, version of the due day, on time) of the group's tasks."""
    with world.read():
        found = [
            (state, due_on, version, on_time)
            for state, due_on, version, on_time in db.session.execute(
                select(Task.state, Task.due_on, Task.due_version, Task.on_time)
                .where(Task.id.in_(task_ids(world, group)))
                .order_by(Task.id)
            )
        ]
        db.session.rollback()
    return found


def report(
    world: World,
    group: Group,
    words: Claim | Mapping[int, Claim] = Claim.AS_PLANNED,
    *,
    who: str = "head0",
    now: datetime = DECEMBER,
    result: str = "จัดทำคู่มือแล้ว",
    problems: str = NONE,
    suggestions: str = NONE,
    no_evidence_reason: str = "",
) -> int:
    """Report the group with one claim for all its tasks, or one each; returns the attempt's number."""
    claims = dict.fromkeys(task_ids(world, group), words) if isinstance(words, Claim) else words
    told = GroupReport(result, problems, suggestions, no_evidence_reason, claims)
    with world.write():
        return progress.report_group(group, told, now=now, by=world.actor(who, now)).number


def approve(world: World, group: Group, now: datetime = DECEMBER) -> int:
    with world.write():
        return progress.approve(group, now=now, by=world.actor("coordinator", now))


def send_back(world: World, group: Group, now: datetime = DECEMBER, note: str = "ขอจำนวนเล่ม") -> int:
    with world.write():
        return progress.send_back(group, note, now=now, by=world.actor("coordinator", now))


def prove(world: World, group: Group, name: str = "คู่มือ.pdf", now: datetime = DECEMBER) -> int:
    """Attach a small PDF to the group; returns the id of the evidence."""
    stored = storage.store(BytesIO(PDF), name)
    with world.write():
        return proving.attach_file(
            stored, "", day_of(now), group, now=now, by=world.actor("coordinator", now)
        ).id


def settle(world: World, now: datetime) -> None:
    """Give the reasons that let the year be closed."""
    with world.write():
        give_reasons(db.session.scalars(select(Plan)).one(), now, world.actor("coordinator", now))


def give_reasons(plan: Plan, now: datetime, by: Actor) -> None:
    """Answer everything that the report of an adopted plan lacks and a reason settles, inside `write`."""
    if plan.state is not PlanState.ADOPTED:
        return
    for finding in reporting.under_way(plan, now=now).readiness.must:
        reporting.answer_finding(plan, finding, "ไม่แล้วเสร็จเพราะเหตุสมมุติ", now=now, by=by)


def chain_faults(world: World) -> list[str]:
    """What is wrong with the organisation's journal; empty where the chain is whole."""
    with world.read():
        entries = db.session.scalars(select(JournalEntry).order_by(JournalEntry.number)).all()
        faults = [
            f"{entry.number} is not the hash of what it says"
            for entry in entries
            if entry.hash != journal.entry_hash(entry, world.organisation_id)
        ]
        faults += [
            f"{later.number} does not follow {earlier.number}"
            for earlier, later in pairwise(entries)
            if later.previous_hash != earlier.hash or later.number != earlier.number + 1
        ]
        if not entries or entries[0].number != 1:
            faults.append("the first entry is missing")
        db.session.rollback()
    return faults


def mails_to(world: World, address: str) -> list[tuple[str, MailState]]:
    """(kind, state) of each mail to an address, in the order in which they were written."""
    with world.read():
        db.session.rollback()
        found = db.session.execute(
            select(OutgoingMail.kind, OutgoingMail.state)
            .where(OutgoingMail.to_address == address)
            .order_by(OutgoingMail.id)
        ).all()
        db.session.rollback()
    return [(kind, state) for kind, state in found]
