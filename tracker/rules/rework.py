"""What becomes of a plan's tasks when the plan is amended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.rules.fiscal import quarters_between
from tracker.rules.grouping import PlannedItem, PlannedTask, plan_tasks
from tracker.rules.states import OUTSTANDING, REPORTED, TaskState
from tracker.rules.workdays import Calendar

Place = tuple[str, str, int]


@dataclass(frozen=True)
class TaskNow:
    """A task before the amendment; `amended_away`: an earlier amendment cancelled it.

    `complete`: it is reported, and its latest claim says that the whole measure is done.
    """

    task_id: int
    item: str
    measure: str
    division: str
    quarter: int
    state: TaskState
    completion: bool
    due_on: date
    version: int
    amended_away: bool = False
    complete: bool = False

    @property
    def place(self) -> Place:
        return self.measure, self.division, self.quarter


@dataclass(frozen=True)
class NewTask:
    """A task that the amendment makes; not `needed` where the measure was reported complete before it."""

    planned: PlannedTask[str]
    version: int
    needed: bool


@dataclass(frozen=True)
class ChangedTask:
    """A task that goes on: with another due day where `moved`, open again where `reopened`."""

    task_id: int
    due_on: date
    version: int
    completion: bool
    look_back: bool | None
    moved: bool
    reopened: bool = False
    needed: bool = True


@dataclass(frozen=True)
class Rework:
    """Everything an amendment does to tasks; `cancelled` are ids, `reported` counts those left as they are."""

    added: tuple[NewTask, ...] = ()
    changed: tuple[ChangedTask, ...] = ()
    cancelled: tuple[int, ...] = ()
    reported: int = 0


def rework(
    tasks: Sequence[TaskNow],
    before: Iterable[PlannedItem[str]],
    after: Iterable[PlannedItem[str]],
    moved: Mapping[str, str],
    amended_on: date,
    calendar: Calendar,
) -> Rework:
    """What the amended items make of the tasks there are; submitted and approved ones stay as they are.

    `moved` names measures that went to another item, by their new key: what was reported there is not asked
    again. New tasks follow the rules of look-back on the day of the amendment.
    """
    after = list(after)
    was_due, now_due = _last_days(before), _last_days(after)
    wanted = {
        (task.measure, task.division, task.quarter.number): task
        for task in plan_tasks(after, amended_on, calendar)
    }
    own = [task for task in tasks if task.measure not in moved.values()]
    known = {task.place: task for task in tasks}
    versions = _Versions(tasks)
    changed = []
    for task in own:
        planned = wanted.get(task.place)
        if planned is None:
            continue
        if task.state is TaskState.CANCELLED and task.amended_away:
            version = versions.after(task.item, task.division, task.quarter)
            needed = not _done_before(tasks, task.measure, planned)
            changed.append(_goes_on(task, planned, version, moved=True, reopened=True, needed=needed))
        elif task.state in OUTSTANDING or task.state is TaskState.NOT_NEEDED:
            due = (task.measure, task.quarter)
            move = was_due.get(due) != now_due[due] and not (
                # Who is late already is not given more time by a day that moves forward.
                task.due_on < amended_on and now_due[due] <= was_due.get(due, now_due[due])
            )
            version = versions.after(task.item, task.division, task.quarter) if move else task.version
            if move or planned.completion != task.completion:
                changed.append(_goes_on(task, planned, version, moved=move))
    dues = {(one.task_id): one for one in changed}
    added = []
    for place, planned in wanted.items():
        earlier = known.get((moved.get(planned.measure, ""), planned.division, planned.quarter.number))
        if place in known or (earlier is not None and earlier.state in REPORTED | {TaskState.NOT_NEEDED}):
            continue
        version = versions.joining(planned, dues)
        names = (planned.measure, moved.get(planned.measure, planned.measure))
        needed = not any(_done_before(tasks, name, planned) for name in names)
        added.append(NewTask(planned, version, needed))
    cancelled = [task.task_id for task in tasks if task.state in OUTSTANDING and task.place not in wanted]
    return Rework(
        tuple(added),
        tuple(changed),
        tuple(cancelled),
        reported=sum(task.state in REPORTED for task in tasks),
    )


def _goes_on(
    task: TaskNow,
    planned: PlannedTask[str],
    version: int,
    *,
    moved: bool,
    reopened: bool = False,
    needed: bool = True,
) -> ChangedTask:
    return ChangedTask(
        task.task_id,
        planned.due_on if moved else task.due_on,
        version,
        planned.completion,
        planned.look_back if moved else None,
        moved,
        reopened,
        needed,
    )


def _last_days(items: Iterable[PlannedItem[str]]) -> dict[tuple[str, int], date]:
    """By measure and quarter the day on which the work of that quarter ends."""
    return {
        (measure, quarter.number): min(quarter.last_day, item.end)
        for item in items
        for measure in item.measures
        for quarter in quarters_between(item.start, item.end)
    }


def _done_before(tasks: Iterable[TaskNow], measure: str, planned: PlannedTask[str]) -> bool:
    return any(
        task.complete
        and task.measure == measure
        and task.division == planned.division
        and task.quarter < planned.quarter.number
        for task in tasks
    )


class _Versions:
    """The versions of due days by group: a new day gets a new one, so that its reminders are not the old ones."""

    def __init__(self, tasks: Iterable[TaskNow]) -> None:
        self._of: dict[tuple[str, str, int], list[TaskNow]] = defaultdict(list)
        for task in tasks:
            self._of[task.item, task.division, task.quarter].append(task)

    def after(self, item: str, division: str, quarter: int) -> int:
        return 1 + max((task.version for task in self._of[item, division, quarter]), default=0)

    def joining(self, planned: PlannedTask[str], changed: Mapping[int, ChangedTask]) -> int:
        """The version of a new task: that of a task of its group with the same due day, else a new one."""
        group = self._of[planned.item, planned.division, planned.quarter.number]
        for task in group:
            now: TaskNow | ChangedTask = changed.get(task.task_id, task)
            if task.state in OUTSTANDING and now.due_on == planned.due_on:
                return now.version
        return self.after(planned.item, planned.division, planned.quarter.number)
