"""The tasks of an amended plan: what is added, cancelled, moved, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from tracker.actions.amending.entries import Identities
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.models import Claim, Division, Plan, Task
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.differences import Differences, Entry
from tracker.rules.grouping import PlannedItem
from tracker.rules.rework import NewTask, Rework, TaskNow, rework
from tracker.rules.states import REPORTED, TaskState
from tracker.rules.thai import letters


def reason_of(number: int) -> str:
    """The reason that tasks cancelled by this amendment carry; the report prints it."""
    return f"แก้ไขแผนครั้งที่ {number}"


def reworked(
    plan: Plan, differences: Differences, known: Identities, amendments: int, amended_on: date
) -> Rework:
    """What the amendment would do to the plan's tasks; `amendments` have been before it. Reads only."""
    before = [_planned(entry, f"i{entry.key}", _stored_names(entry)) for entry in _befores(differences)]
    after = [
        _planned(entry, _item_name(entry, known), _names(entry, known)) for entry in _afters(differences)
    ]
    moved = {
        f"m{known.measures[new]}" if new in known.measures else f"n{new}": f"m{old}"
        for new, old in differences.moved.items()
    }
    tasks = _tasks_now(plan, {reason_of(number) for number in range(1, amendments + 1)})
    return rework(tasks, before, after, moved, amended_on, working_calendar())


def _befores(differences: Differences) -> list[Entry]:
    return [item.before for item in differences.items if item.before is not None]


def _afters(differences: Differences) -> list[Entry]:
    return [item.after for item in differences.items if item.after is not None]


def _stored_names(entry: Entry) -> tuple[str, ...]:
    return tuple(f"m{title.key}" for title in entry.measures)


def _names(entry: Entry, ids: Identities) -> tuple[str, ...]:
    return tuple(
        f"m{ids.measures[title.key]}" if title.key in ids.measures else f"n{title.key}"
        for title in entry.measures
    )


def _item_name(entry: Entry, ids: Identities) -> str:
    return f"i{ids.items[entry.key]}" if entry.key in ids.items else f"n{entry.key}"


def _planned(entry: Entry, key: str, measures: tuple[str, ...]) -> PlannedItem[str]:
    return PlannedItem(key, measures, tuple(map(letters, entry.divisions)), entry.start, entry.end)


def _tasks_now(plan: Plan, reasons: set[str]) -> list[TaskNow]:
    words = _latest_words(plan)
    rows = db.session.execute(
        select(Task, Division)
        .join(Division, Division.id == Task.division_id)
        .where(Task.plan_id == plan.id)
        .order_by(Task.id)
    ).all()
    names = dict(db.session.execute(select(Division.id, Division.name)).all())
    known = {(task.measure_id, task.division_id, task.quarter) for task, _ in rows}

    def teller(task: Task, division: Division) -> str:
        """Whose a task is to the plan: what a merged division has told of stands for its successor."""
        heir = division.successor_id
        if heir is None or (task.measure_id, heir, task.quarter) in known:
            return division.name
        return names[heir]

    return [
        TaskNow(
            task_id=task.id,
            item=f"i{task.item_id}",
            measure=f"m{task.measure_id}",
            division=letters(teller(task, division)),
            quarter=task.quarter,
            state=task.state,
            completion=task.completion,
            due_on=task.due_on,
            version=task.due_version,
            amended_away=task.state is TaskState.CANCELLED and task.reason in reasons,
            complete=task.state in REPORTED and words.get(task.id) is ClaimWord.COMPLETE,
        )
        for task, division in rows
    ]


def _latest_words(plan: Plan) -> dict[int, ClaimWord]:
    latest = (
        select(func.max(Claim.id))
        .join(Task, Task.id == Claim.task_id)
        .where(Task.plan_id == plan.id)
        .group_by(Claim.task_id)
    )
    rows = db.session.execute(select(Claim.task_id, Claim.word).where(Claim.id.in_(latest)))
    return dict(rows.all())


def write_tasks(
    plan: Plan,
    work: Rework,
    ids: Identities,
    divisions: Mapping[str, int],
    number: int,
    amended_on: date,
) -> list[int]:
    """Do to the tasks what was worked out; returns the ids of the new ones."""
    rows = {task.id: task for task in db.session.scalars(select(Task).where(Task.plan_id == plan.id))}
    for task_id in work.cancelled:
        rows[task_id].state, rows[task_id].reason = TaskState.CANCELLED, reason_of(number)
    for change in work.changed:
        task = rows[change.task_id]
        task.completion = change.completion
        if change.look_back is not None:
            task.look_back = change.look_back
        if change.moved:
            task.due_on, task.due_set_on, task.due_version = change.due_on, amended_on, change.version
        if change.reopened:
            task.state = TaskState.OPEN if change.needed else TaskState.NOT_NEEDED
            task.reason = ""
    added = [_row(plan, new, ids, divisions, amended_on) for new in work.added]
    db.session.add_all(added)
    db.session.flush()
    return [task.id for task in added]


def _row(plan: Plan, new: NewTask, ids: Identities, divisions: Mapping[str, int], amended_on: date) -> Task:
    task = new.planned
    return Task(
        plan_id=plan.id,
        item_id=_id(task.item, ids.items),
        measure_id=_id(task.measure, ids.measures),
        division_id=divisions[task.division],
        quarter=task.quarter.number,
        completion=task.completion,
        look_back=task.look_back,
        state=TaskState.OPEN if new.needed else TaskState.NOT_NEEDED,
        due_on=task.due_on,
        due_version=new.version,
        due_set_on=amended_on,
    )


def _id(name: str, made: Mapping[int, int]) -> int:
    """The id behind a name of this module: an id after "i" or "m", a key of the corrected plan after "n"."""
    return made[int(name[1:])] if name.startswith("n") else int(name[1:])
