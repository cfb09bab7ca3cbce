"""Tells the chief executive, the clerk and the staff meeting how the year stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from tracker import journal
from tracker.catalogue.assessment import INDICATORS
from tracker.catalogue.topics import TOPICS
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Message, Refused
from tracker.groups import Group
from tracker.models import (
    Assessment,
    Claim,
    Division,
    FollowUp,
    Matter,
    Outcome,
    OutgoingMail,
    Plan,
    PlanItem,
    PlanState,
    Position,
    Reminder,
    Round,
    Submission,
    Task,
)
from tracker.rules.executive import (
    LONGEST_MATTER,
    MOST_MATTERS,
    Attempt,
    Behind,
    ExecutiveInputs,
    Result,
    Told,
    Work,
    state_on,
)
from tracker.rules.fiscal import Quarter, same_day_last_year
from tracker.rules.looks import NOT_COUNTED, TaskLook, look_of, looks_of, overdue
from tracker.rules.meeting import Due, MeetingInputs
from tracker.rules.meeting import Matter as MatterOfMeeting
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor, Role
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.thai import clean

_OFFICES: dict[Role, Told] = {
    Role.HEAD: "head",
    Role.STAFF: "head",
    Role.CLERK: "clerk",
    Role.CHIEF_EXECUTIVE: "chief_executive",
}
_ROUNDS = {
    "six_months": Message("รอบติดตามผล 6 เดือน"),
    "twelve_months": Message("รอบติดตามผล 12 เดือน"),
}


@dataclass(frozen=True)
class Cluster:
    """Tasks of one group, called by the first measure and how many `more` it has."""

    group: Group
    tasks: tuple[Task, ...]

    @property
    def title(self) -> str:
        return self.tasks[0].measure.title

    @property
    def more(self) -> int:
        return len(self.tasks) - 1

    @property
    def due_on(self) -> date:
        return min(task.due_on for task in self.tasks)


def executive_inputs(plan: Plan, *, now: datetime) -> ExecutiveInputs:
    """What the executive page of the plan's year is told from, as it stands now."""
    today = day_of(now)
    tasks = tasks_of(plan)
    organisation = current_organisation()
    items = {task.item_id: task.item for task in tasks}
    return ExecutiveInputs(
        organisation=organisation.name,
        fiscal_year=plan.fiscal_year,
        moment=now,
        now=[_work(task, task.state, today) for task in tasks],
        before=_a_year_ago(plan, today),
        divisions={
            task.division_id: task.division.name for task in sorted(tasks, key=lambda one: one.division.place)
        },
        topics=_topics(items.values()),
        behind=_behind(tasks, today),
        matters=matters_of(plan),
        results=_results(plan),
        quarter=_this_quarter(plan, tasks, today),
        next_round=_next_round(plan, today),
        thai_digits=organisation.thai_digits,
    )


def meeting_inputs(plan: Plan, *, now: datetime) -> MeetingInputs:
    """What the sheet of the next staff meeting is told from: the groups that are late, due this month, waiting."""
    organisation = current_organisation()
    tasks = tasks_of(plan)
    found: dict[Division, list[Due]] = {}
    for task in sorted(tasks, key=lambda one: one.division.place):
        found.setdefault(task.division, [])
    for matter, own in _by_matter(tasks, day_of(now)).items():
        for one in own:
            due = Due(one.title, one.more, one.due_on, matter)
            found[one.tasks[0].division].append(due)
    return MeetingInputs(
        organisation=organisation.name,
        fiscal_year=plan.fiscal_year,
        moment=now,
        divisions=[(division.name, dues) for division, dues in found.items()],
        thai_digits=organisation.thai_digits,
    )


def spoken_of(plan: Plan, today: date) -> dict[MatterOfMeeting, list[Cluster]]:
    """The groups that the next staff meeting speaks of, by why."""
    return _by_matter(tasks_of(plan), today)


def require_running(plan: Plan) -> None:
    """Refused unless the plan is in force."""
    if plan.state is not PlanState.ADOPTED:
        raise Refused("แผนของปีนี้ปิดแล้ว จึงแนบเพิ่มไม่ได้")


def _by_matter(tasks: Sequence[Task], today: date) -> dict[MatterOfMeeting, list[Cluster]]:
    by_matter: dict[MatterOfMeeting, list[Task]] = defaultdict(list)
    for task in tasks:
        matter = _matter(task, today)
        if matter is not None:
            by_matter[matter].append(task)
    return {matter: clusters(own) for matter, own in by_matter.items()}


def _matter(task: Task, today: date) -> MatterOfMeeting | None:
    """Why a task is spoken of in the meeting, if it is."""
    if task.state is TaskState.SUBMITTED:
        return "waiting"
    if overdue(task.state, task.due_on, today):
        return "late"
    same_month = (task.due_on.year, task.due_on.month) == (today.year, today.month)
    return "due" if same_month and task.state in OUTSTANDING else None


def tasks_of(plan: Plan) -> Sequence[Task]:
    return db.session.scalars(
        select(Task)
        .where(Task.plan_id == plan.id)
        .order_by(Task.due_on, Task.item_id, Task.measure_id, Task.division_id)
        .options(selectinload(Task.division), selectinload(Task.item), selectinload(Task.measure))
    ).all()


def clusters(tasks: Sequence[Task]) -> list[Cluster]:
    """The tasks by group, in their order."""
    members: dict[Group, list[Task]] = defaultdict(list)
    for task in tasks:
        members[Group(task.item_id, task.division_id, task.quarter)].append(task)
    return [Cluster(group, tuple(own)) for group, own in members.items()]


def write_matters(plan: Plan, texts: Sequence[str], *, now: datetime, by: Actor) -> None:
    """Put up to three matters before the chief executive in the place of the earlier ones; blank ones are left out.

    FieldsRefused by "matter1" and on.
    """
    if plan.state is PlanState.DRAFT:
        raise Refused("แผนนี้ยังไม่ได้ประกาศใช้")
    tidy = [clean(text) for text in texts[:MOST_MATTERS]]
    faults = {
        f"matter{place}": Message("เขียนไม่เกิน %(limit)s ตัวอักษร", {"limit": LONGEST_MATTER})
        for place, text in enumerate(tidy, 1)
        if len(text) > LONGEST_MATTER
    }
    if faults:
        raise FieldsRefused(faults)
    told = [text for text in tidy if text]
    if told == matters_of(plan):
        return
    row = Matter(plan_id=plan.id, texts=told, at=now, by_user_id=by.user_id)
    db.session.add(row)
    db.session.flush()
    journal.record("matters.written", "matter", row.id, now=now, by=by, plan=plan.id, number=len(told))


def matters_of(plan: Plan) -> list[str]:
    """What the chief executive is asked to consider now."""
    row = db.session.scalars(
        select(Matter).where(Matter.plan_id == plan.id).order_by(Matter.id.desc()).limit(1)
    ).one_or_none()
    return list(row.texts) if row else []


def _topic(item: PlanItem) -> Hashable:
    """The key under which an item's progress is counted."""
    if item.topic is not None:
        return "topic", item.topic
    return ("indicator", item.indicator) if item.indicator is not None else ("heading", item.heading)


def _topics(items: Collection[PlanItem]) -> dict[Hashable, str]:
    titles: dict[Hashable, str] = {("topic", one.number): f"{one.number}. {one.title}" for one in TOPICS}
    titles |= {("indicator", one.number): f"{one.number}. {one.name}" for one in INDICATORS}
    found = {_topic(item): item for item in sorted(items, key=lambda item: item.number)}
    known = [key for key in titles if key in found]
    more = [key for key in found if key not in titles]
    return {key: titles.get(key) or found[key].heading or "–" for key in (*known, *more)}


def _a_year_ago(plan: Plan, today: date) -> list[Work] | None:
    """The tasks of last year's plan as they looked on the same calendar day; None without such a plan."""
    last = db.session.scalars(
        select(Plan).where(Plan.fiscal_year == plan.fiscal_year - 1, Plan.adopted_at.is_not(None))
    ).one_or_none()
    if last is None:
        return None
    day = same_day_last_year(today)
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for task_id, word, submitted_at, approved_at, returned_at in db.session.execute(
        select(
            Claim.task_id,
            Claim.word,
            Submission.submitted_at,
            Submission.approved_at,
            Submission.returned_at,
        )
        .join(Submission, Submission.id == Claim.submission_id)
        .join(Task, Task.id == Claim.task_id)
        .where(Task.plan_id == last.id)
        .order_by(Submission.submitted_at, Submission.number)
    ):
        attempts[task_id].append(Attempt(word, submitted_at, approved_at, returned_at))
    return [_work(task, state_on(day, task.state, attempts[task.id]), day) for task in tasks_of(last)]


def _work(task: Task, state: TaskState, day: date) -> Work:
    return Work(task.division_id, _topic(task.item), looks_of(state, task.due_on, day))


def _behind(tasks: Sequence[Task], today: date) -> list[Behind]:
    late = [one for one in tasks if overdue(one.state, one.due_on, today) or one.state is TaskState.STUCK]
    found = clusters(late)
    told = _told([one.group.subject for one in found])
    problems = _problems(found)
    return [
        Behind(
            title=one.title,
            more=one.more,
            quarter=one.group.quarter,
            division=one.tasks[0].division.name,
            due_on=one.due_on,
            stuck=any(task.state is TaskState.STUCK for task in one.tasks),
            problem=problems.get(one.group, ""),
            told=told.get(one.group.subject, {}),
        )
        for one in found
    ]


def _told(subjects: Collection[str]) -> dict[str, dict[Told, tuple[date, ...]]]:
    """The days on which each office was sent a mail about a subject, from the ledger."""
    days: dict[str, dict[Told, set[date]]] = defaultdict(lambda: defaultdict(set))
    for subject, role, sent_at in db.session.execute(
        select(Reminder.subject, Position.role, OutgoingMail.sent_at)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .join(Position, Position.id == Reminder.position_id)
        .where(
            Reminder.subject.in_(subjects),
            Reminder.outcome == Outcome.ENQUEUED,
            OutgoingMail.sent_at.is_not(None),
        )
    ):
        if role in _OFFICES and sent_at is not None:
            days[subject][_OFFICES[role]].add(day_of(sent_at))
    return {
        subject: {office: tuple(sorted(on)) for office, on in offices.items()}
        for subject, offices in days.items()
    }


def _problems(found: Sequence[Cluster]) -> dict[Group, str]:
    stuck = [one.group for one in found if any(task.state is TaskState.STUCK for task in one.tasks)]
    rows = db.session.execute(
        select(Submission.item_id, Submission.division_id, Submission.quarter, Submission.problems)
        .where(Submission.item_id.in_({group.item_id for group in stuck}))
        .order_by(Submission.number)
    )
    return {Group(item, division, quarter): problems for item, division, quarter, problems in rows}


def _results(plan: Plan) -> list[Result]:
    year = plan.assessment_year or plan.fiscal_year - 1
    return [
        Result(row.year, row.total, row.level)
        for row in db.session.scalars(
            select(Assessment).where(Assessment.year.in_((year - 1, year))).order_by(Assessment.year)
        )
        if row.total is not None
    ]


def _this_quarter(plan: Plan, tasks: Sequence[Task], today: date) -> tuple[int, int] | None:
    """(done, all) of the running quarter; None outside of the plan's year."""
    quarter = Quarter.of(today)
    if quarter.fiscal_year != plan.fiscal_year:
        return None
    own = [
        look
        for task in tasks
        if task.quarter == quarter.number
        and (look := look_of(task.state, task.due_on, today)) not in NOT_COUNTED
    ]
    return sum(look is TaskLook.DONE for look in own), len(own)


def _next_round(plan: Plan, today: date) -> tuple[Message, date, int] | None:
    row = db.session.scalars(
        select(Round)
        .where(Round.plan_id == plan.id, Round.opens_on > today)
        .order_by(Round.opens_on, Round.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    number = db.session.scalar(
        select(func.count(FollowUp.division_id.distinct())).where(FollowUp.round_id == row.id)
    )
    return _ROUNDS.get(row.kind, Message("รอบติดตามผล")), row.opens_on, number or 0
