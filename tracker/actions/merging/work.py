"""The tasks of a division that is merged: what moves with them, and what the successor has already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload

from tracker import groups
from tracker.database import add_rows, db
from tracker.errors import Message
from tracker.groups import Group
from tracker.locale import say
from tracker.models import (
    Division,
    EvidenceUse,
    MailState,
    Outcome,
    OutgoingMail,
    Pause,
    Plan,
    PlanItem,
    PlanItemDivision,
    PlanState,
    Reminder,
    Step,
    StepTick,
    Submission,
    Task,
)
from tracker.rules.reminders import ledger_key
from tracker.rules.stages import Reason
from tracker.rules.states import OUTSTANDING, REPORTED, Deed, state_after

RUNNING = (PlanState.DRAFT, PlanState.ADOPTED)
_MAY_BE_CANCELLED = (MailState.QUEUED, MailState.CLAIMED, MailState.CANCELLED)


@dataclass(frozen=True)
class Moving:
    """Outstanding tasks of the old division: those that move, and `doubles` that the successor has already."""

    tasks: Sequence[Task]
    doubles: Sequence[Task]

    @property
    def forms(self) -> dict[tuple[int, int], list[Task]]:
        """The tasks that move by form: (item id, quarter)."""
        found: dict[tuple[int, int], list[Task]] = defaultdict(list)
        for task in self.tasks:
            found[task.item_id, task.quarter].append(task)
        return found


def moving_of(old: Division, successor: Division, *, lock: bool = False) -> Moving:
    """The open, begun and stuck tasks of plans in force, in the order of their due days.

    With `lock` nobody reports them until the commit, and what was reported just before is seen.
    """
    asked = (
        select(Task)
        .join(Plan, Plan.id == Task.plan_id)
        .where(Task.division_id == old.id, Task.state.in_(OUTSTANDING), Plan.state == PlanState.ADOPTED)
        .options(joinedload(Task.measure))
        .order_by(Task.due_on, Task.item_id, Task.measure_id)
    )
    if lock:
        asked = asked.with_for_update(of=Task).execution_options(populate_existing=True)
    tasks = db.session.scalars(asked).all()
    has = {
        (measure_id, quarter)
        for measure_id, quarter in db.session.execute(
            select(Task.measure_id, Task.quarter).where(
                Task.division_id == successor.id, Task.measure_id.in_({task.measure_id for task in tasks})
            )
        )
    }
    return Moving(
        tasks=[task for task in tasks if (task.measure_id, task.quarter) not in has],
        doubles=[task for task in tasks if (task.measure_id, task.quarter) in has],
    )


def hand_over_work(old: Division, successor: Division, *, now: datetime) -> Moving:
    """Give the successor what is outstanding and the items it now answers for; doubles are cancelled with a reason."""
    moving = moving_of(old, successor, lock=True)
    reason = say(
        Message(
            "รวม%(old)sเข้ากับ%(new)sซึ่งมีงานของมาตรการและไตรมาสเดียวกันอยู่แล้ว",
            {"old": old.name, "new": successor.name},
        ),
        "th",
    )
    for task in moving.doubles:
        task.state, task.reason = state_after(Deed.CANCEL, task.state), reason
    for task in moving.tasks:
        task.division_id = successor.id
    db.session.flush()
    for item_id, quarter in moving.forms:
        source, target = Group(item_id, old.id, quarter), Group(item_id, successor.id, quarter)
        _move_history(source, target)
        _move_pauses(source, target)
        _keep_told(source, target, now)
    _move_ticks({task.item_id for task in moving.tasks}, old, successor)
    _move_items(old, successor)
    return moving


def _move_history(source: Group, target: Group) -> None:
    """Attempts and evidence go with a form that moves whole: what was sent back is mended by whoever has it now."""
    reported = select(Task.id).where(groups.of(Task, source), Task.state.in_(REPORTED))
    taken = select(Submission.id).where(groups.of(Submission, target))
    if db.session.scalars(reported.limit(1)).first() or db.session.scalars(taken.limit(1)).first():
        return
    for attempt in db.session.scalars(select(Submission).where(groups.of(Submission, source))):
        attempt.division_id = target.division_id
    there = set(db.session.scalars(select(EvidenceUse.evidence_id).where(groups.of(EvidenceUse, target))))
    for use in db.session.scalars(select(EvidenceUse).where(groups.of(EvidenceUse, source))):
        if use.evidence_id not in there:
            use.division_id = target.division_id
    db.session.flush()


def _move_pauses(source: Group, target: Group) -> None:
    db.session.execute(
        update(Pause)
        .where(Pause.subject == source.subject)
        .values(subject=target.subject)
        .execution_options(synchronize_session=False)
    )


def _keep_told(source: Group, target: Group, now: datetime) -> None:
    """Whoever was told of the form under its old division is not told the same stages under the new one.

    A mail that may still be cancelled has told nobody.
    """
    told = db.session.scalars(
        select(Reminder)
        .outerjoin(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(Reminder.subject == source.subject, Reminder.outcome != Outcome.CANCELLED)
        .where(or_(OutgoingMail.id.is_(None), OutgoingMail.state.not_in(_MAY_BE_CANCELLED)))
    ).all()
    known = set(db.session.scalars(select(Reminder.key).where(Reminder.subject == target.subject)))
    rows = {
        ledger_key(target.subject, row.due_version, row.stage, row.recipient): row
        for row in told
        if not row.key.endswith(":same-person")
    }
    add_rows(
        Reminder,
        [
            {
                "key": key,
                "subject": target.subject,
                "stage": row.stage,
                "due_version": row.due_version,
                "recipient": row.recipient,
                "position_id": row.position_id,
                "stage_on": row.stage_on,
                "planned_at": now,
                "outcome": Outcome.SUPPRESSED,
                "reason": row.reason if row.outcome is Outcome.SUPPRESSED else str(Reason.TOLD_BEFORE_MERGER),
                "mail_id": None,
            }
            for key, row in rows.items()
            if key not in known
        ],
    )


def _move_ticks(item_ids: set[int], old: Division, successor: Division) -> None:
    """Steps that were done are done."""
    steps = select(Step.id).where(Step.item_id.in_(item_ids))
    done = set(
        db.session.scalars(
            select(StepTick.step_id).where(StepTick.division_id == successor.id, StepTick.step_id.in_(steps))
        )
    )
    ticks = db.session.scalars(
        select(StepTick).where(StepTick.division_id == old.id, StepTick.step_id.in_(steps))
    )
    for tick in ticks:
        if tick.step_id not in done:
            db.session.add(StepTick(step_id=tick.step_id, division_id=successor.id, ticked_at=tick.ticked_at))


def _move_items(old: Division, successor: Division) -> None:
    """The successor answers for the items of drafts and plans in force; the old division for what it reported."""
    rows = db.session.execute(
        select(PlanItemDivision, Plan.state)
        .join(PlanItem, PlanItem.id == PlanItemDivision.item_id)
        .join(Plan, Plan.id == PlanItem.plan_id)
        .where(PlanItemDivision.division_id.in_((old.id, successor.id)), Plan.state.in_(RUNNING))
    ).all()
    has = {row.item_id: row for row, _ in rows if row.division_id == successor.id}
    with_tasks = set(db.session.scalars(select(Task.item_id).where(Task.division_id == old.id).distinct()))
    for row, _state in rows:
        if row.division_id != old.id or row.removed_in is not None:
            continue
        if row.item_id in has:
            has[row.item_id].removed_in = None
        else:
            db.session.add(PlanItemDivision(item_id=row.item_id, division_id=successor.id))
        if row.item_id in with_tasks:
            row.removed_in = 0
        else:
            db.session.delete(row)
    db.session.flush()
