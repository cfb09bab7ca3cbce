"""Asks the data each day who is reminded of what, and writes ledger rows and digests together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from tracker import mail, people
from tracker.calendar import working_calendar
from tracker.database import current_organisation_id, db
from tracker.extensions import settings
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    JournalEntry,
    Measure,
    Organisation,
    Outcome,
    OutgoingMail,
    Plan,
    PlanItem,
    PlanState,
    Reminder,
    Round,
    Submission,
    Task,
)
from tracker.rules.digest import (
    Count,
    Day,
    Digest,
    Line,
    Office,
    Post,
    Subject,
    Summary,
    decide_day as decide,
    outcome_of,
    told_from,
)
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Role
from tracker.rules.stages import (
    Reason,
    Recipient,
    StageDue,
    approval_stages_until,
    stages_for,
    stages_until,
    summaries_until,
)
from tracker.rules.states import OUTSTANDING, TaskState
from tracker.rules.workdays import Calendar

LOOK_AHEAD = timedelta(days=31)
NEWS_DAYS = timedelta(days=14)
# What the journal tells a division of its work, and the stage that the ledger writes for it. A group that was
# sent back has had a mail of its own.
NEWS = {
    "group.approved": "approved",
    "group.reopened": "reopened",
    "group.due_day_moved": "moved",
    "task.cancelled": "cancelled",
}


@dataclass(frozen=True)
class _Today:
    """What every query of a day needs."""

    day: date
    calendar: Calendar
    send_minute: int
    heads: dict[int, Office]
    coordinator: Office
    clerk: Office
    chief: Office

    def head(self, division_id: int, division: str) -> Office:
        return self.heads.get(division_id, Office(division, None))


def plan_day(*, now: datetime) -> Day:
    """Write the ledger rows and put the digests of today into the outbox; nothing before the sending hour."""
    organisation = db.session.scalars(
        select(Organisation).where(Organisation.id == current_organisation_id()).with_for_update()
    ).one()
    today = day_of(now)
    if now < moment_on(today, organisation.send_minute):
        return Day(today)
    decided = decide_day(today)
    mails = {digest.address: _enqueue(organisation, digest, today, now) for digest in decided.digests}
    db.session.flush()
    for entry in decided.entries:
        outcome, reason = outcome_of(entry.decision)
        db.session.add(
            Reminder(
                key=entry.key,
                subject=entry.subject,
                stage=entry.stage,
                due_version=entry.version,
                recipient=entry.recipient,
                position_id=entry.position_id,
                stage_on=entry.stage_on,
                planned_at=now,
                outcome=Outcome(outcome),
                reason=reason,
                mail_id=mails[entry.recipient].id if outcome == "enqueued" else None,
            )
        )
    return decided


def _enqueue(organisation: Organisation, digest: Digest, today: date, now: datetime) -> OutgoingMail:
    words = mail.render(
        "digest",
        digest.language,
        organisation=organisation.name,
        contact=organisation.contact,
        digest=digest,
        today=today,
        base=settings().url,
    )
    return mail.enqueue(
        "digest",
        (digest.address, digest.titles[0]),
        words,
        f"digest:{organisation.id}:{today}:{digest.address}",
        now=now,
    )


def decide_day(today: date) -> Day:
    """What goes out on a day as things stand now; reads only."""
    return forecast([today])[0]


def forecast(days: Iterable[date]) -> list[Day]:
    """What goes out on each of the days, in their order, if nobody does anything until then; reads only."""
    calendar = working_calendar()
    send_minute = db.session.scalars(
        select(Organisation.send_minute).where(Organisation.id == current_organisation_id())
    ).one()
    decided: list[Day] = []
    for day in sorted(days):
        if not calendar.is_working(day):
            decided.append(Day(day))
            continue
        subjects = list(_subjects(_today(day, calendar, send_minute)))
        recorded = _recorded(subjects) | {entry.key for earlier in decided for entry in earlier.entries}
        decided.append(decide(day, subjects, recorded=recorded, served=_served(day), calendar=calendar))
    return decided


def _today(day: date, calendar: Calendar, send_minute: int) -> _Today:
    posts = people.posts_on(day)

    def office(post: people.Post | None, missing: str = "") -> Office:
        reached = people.reached(posts, post)
        if post is None or reached is None or reached.address is None:
            return Office(post.title if post else missing, None)
        return Office(
            title=post.title,
            post=Post(
                reached.position_id, reached.title, reached.address.lower(), reached.language, reached.holder_id
            ),
            vacant=reached is not post,
        )

    divisions = [post.division_id for post in posts.values() if post.division_id is not None]
    return _Today(
        day=day,
        calendar=calendar,
        send_minute=send_minute,
        heads={
            division_id: office(head)
            for division_id in dict.fromkeys(divisions)
            if (head := people.head_of(posts.values(), division_id)) is not None
        },
        coordinator=office(people.with_role(posts.values(), Role.COORDINATOR), Role.COORDINATOR),
        clerk=office(people.with_role(posts.values(), Role.CLERK), Role.CLERK),
        chief=office(people.with_role(posts.values(), Role.CHIEF_EXECUTIVE), Role.CHIEF_EXECUTIVE),
    )


def _recorded(subjects: Sequence[Subject]) -> set[str]:
    """The ledger's keys of these subjects."""
    keys = select(Reminder.key).where(Reminder.subject.in_([subject.key for subject in subjects]))
    return set(db.session.scalars(keys))


def _served(day: date) -> set[str]:
    """The addresses that have had their digest of the day."""
    prefix = f"digest:{current_organisation_id()}:{day}:"
    keys = db.session.scalars(
        select(OutgoingMail.dedup_key).where(OutgoingMail.dedup_key.startswith(prefix, autoescape=True))
    )
    return {key.removeprefix(prefix) for key in keys}


def _subjects(today: _Today) -> Iterator[Subject]:
    yield from _groups(today)
    yield from _follow_ups(today)
    yield from _attempts(today)
    yield from _news(today)
    yield from _summaries(today)


def _groups(today: _Today) -> Iterator[Subject]:
    """The groups that are due soon or late."""
    member = aliased(Task)
    # Over all tasks of a group: a version must not fall back when the task that was sent back is done.
    group = (
        select(
            member.item_id,
            member.division_id,
            member.quarter,
            func.max(member.due_version).label("version"),
            func.max(member.due_set_on).label("set_on"),
        )
        .group_by(member.item_id, member.division_id, member.quarter)
        .subquery()
    )
    rows = db.session.execute(
        select(Task, Measure.title, Division.name, Plan.adopted_at, group.c.version, group.c.set_on)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Task.division_id)
        .join(
            group,
            (group.c.item_id == Task.item_id)
            & (group.c.division_id == Task.division_id)
            & (group.c.quarter == Task.quarter),
        )
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.state.in_(OUTSTANDING),
            Task.due_on <= today.day + LOOK_AHEAD,
        )
        .order_by(Task.due_on, Task.item_id, Measure.number, Task.division_id)
    )
    groups = defaultdict(list)
    for row in rows:
        groups[row.Task.item_id, row.Task.division_id, row.Task.quarter].append(row)
    notes = _notes()
    for place, members in groups.items():
        item_id, division_id, quarter = place
        task, title, division, adopted_at, version, set_on = members[0]
        dues = stages_until(today.day, task.due_on, today.calendar)
        # The digest of the day on which a due day moves has left by then.
        moved = version > 1
        yield Subject(
            key=f"group:{item_id}:{division_id}:{quarter}",
            version=version,
            since=set_on + timedelta(days=1) if moved else told_from(adopted_at, today.send_minute),
            reason=Reason.BEFORE_NEW_DUE_DAY if moved else Reason.BEFORE_ADOPTION,
            line=Line(
                section="late" if task.due_on < today.day else "due",
                path=f"/work/{item_id}/{division_id}/{quarter}",
                title=title,
                division=division,
                due_on=task.due_on,
                quarter=quarter,
                measures=len(members),
                completion=any(row.Task.completion for row in members),
                note=notes.get(place, ""),
            ),
            calls=_line_up(today.head(division_id, division), Recipient.DIVISION, today.clerk, dues),
        )


def _line_up(
    first: Office, recipient: Recipient, clerk: Office, dues: Sequence[StageDue]
) -> list[tuple[Office, list[StageDue]]]:
    """The stages by office; single cases never reach the chief executive, so the line ends at the clerk."""
    return [(first, stages_for(recipient, dues)), (clerk, stages_for(Recipient.CLERK, dues))]


def _notes() -> dict[tuple[int, int, int], str]:
    """What the coordinator wrote to the groups whose latest attempt was sent back."""
    rows = db.session.execute(
        select(Submission.item_id, Submission.division_id, Submission.quarter, Submission.returned_note)
        .join(PlanItem, PlanItem.id == Submission.item_id)
        .join(Plan, Plan.id == PlanItem.plan_id)
        .where(Plan.state == PlanState.ADOPTED, Submission.returned_at.is_not(None), _is_latest())
    )
    return {(item_id, division_id, quarter): note for item_id, division_id, quarter, note in rows}


def _is_latest():  # type: ignore[no-untyped-def]
    other = aliased(Submission)
    return Submission.number == (
        select(func.max(other.number))
        .where(
            other.item_id == Submission.item_id,
            other.division_id == Submission.division_id,
            other.quarter == Submission.quarter,
        )
        .correlate(Submission)
        .scalar_subquery()
    )


def _follow_ups(today: _Today) -> Iterator[Subject]:
    """The follow-ups that are asked and not answered."""
    rows = db.session.execute(
        select(FollowUp, Round, Division.name, Plan.adopted_at)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .join(Division, Division.id == FollowUp.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
            Round.asks_on <= today.day,
        )
        .order_by(Round.due_on, FollowUp.id)
    )
    for follow_up, asked, division, adopted_at in rows:
        dues = stages_until(today.day, asked.due_on, today.calendar, "follow_up", asked.asks_on)
        yield Subject(
            key=f"follow-up:{follow_up.id}",
            version=asked.due_version,
            since=told_from(adopted_at, today.send_minute),
            line=Line(
                section="follow_up",
                path=f"/follow-up/{follow_up.id}",
                division=division,
                due_on=asked.due_on,
                round_kind=asked.kind,
                period_end=asked.period_end,
            ),
            calls=_line_up(
                today.head(follow_up.division_id, division), Recipient.DIVISION, today.clerk, dues
            ),
        )


def _attempts(today: _Today) -> Iterator[Subject]:
    """The latest attempts that wait for approval or tell of trouble: for the coordinator, then the clerk."""
    rows = db.session.execute(
        select(Submission, Task.state, Measure.title, Division.name)
        .join(
            Task,
            (Task.item_id == Submission.item_id)
            & (Task.division_id == Submission.division_id)
            & (Task.quarter == Submission.quarter),
        )
        .join(Plan, Plan.id == Task.plan_id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Submission.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Submission.returned_at.is_(None),
            Task.state.in_((TaskState.STUCK, TaskState.SUBMITTED)),
            _is_latest(),
        )
        .order_by(Submission.id, Measure.number)
    )
    attempts: dict[tuple[Submission, TaskState], list[tuple[str, str]]] = defaultdict(list)
    for submission, state, title, division in rows:
        attempts[submission, state].append((title, division))
    for (submission, state), members in attempts.items():
        title, division = members[0]
        stuck = state is TaskState.STUCK
        told_on = told_from(submission.submitted_at, today.send_minute)
        dues = [StageDue("stuck" if stuck else "submitted", told_on)]
        waits = [] if stuck else approval_stages_until(today.day, day_of(submission.submitted_at), today.calendar)
        yield Subject(
            key=f"{'stuck' if stuck else 'submission'}:{submission.id}",
            version=1,
            since=told_on,
            line=Line(
                section="approval",
                path=f"/work/{submission.item_id}/{submission.division_id}/{submission.quarter}",
                title=title,
                division=division,
                quarter=submission.quarter,
                measures=len(members),
                note=submission.problems if stuck else "",
            ),
            calls=[
                (today.coordinator, dues + stages_for(Recipient.COORDINATOR, waits)),
                (today.clerk, stages_for(Recipient.CLERK, waits)),
            ],
        )


def _news(today: _Today) -> Iterator[Subject]:
    """What became of a division's work in the last days, as the journal tells it."""
    entries = db.session.scalars(
        select(JournalEntry)
        .where(
            JournalEntry.subject_kind.in_(("submission", "task")),
            JournalEntry.deed.in_(NEWS),
            JournalEntry.at >= moment_on(today.day - NEWS_DAYS, 0),
        )
        .order_by(JournalEntry.number)
    ).all()
    concerned = {entry.number: entry.details.get("tasks") or [entry.subject_id] for entry in entries}
    tasks = {
        row.Task.id: row
        for row in db.session.execute(
            select(Task, Measure.title, Division.name)
            .join(Plan, Plan.id == Task.plan_id)
            .join(Measure, Measure.id == Task.measure_id)
            .join(Division, Division.id == Task.division_id)
            .where(
                Plan.state == PlanState.ADOPTED,
                Task.id.in_({task_id for ids in concerned.values() for task_id in ids}),
            )
        )
    }
    for entry in entries:
        rows = [tasks[task_id] for task_id in concerned[entry.number] if task_id in tasks]
        if not rows:
            continue
        task, title, division = rows[0]
        told_on = told_from(entry.at, today.send_minute)
        stage = NEWS[entry.deed]
        yield Subject(
            key=f"journal:{entry.number}",
            version=1,
            since=told_on,
            line=Line(
                section="news",
                path=f"/work/{task.item_id}/{task.division_id}/{task.quarter}",
                title=title,
                division=division,
                due_on=task.due_on if stage in {"reopened", "moved"} else None,
                quarter=task.quarter,
                measures=len(rows),
                note="" if stage == "approved" else task.reason,
            ),
            calls=[(today.head(task.division_id, division), [StageDue(stage, told_on)])],
        )


def _summaries(today: _Today) -> Iterator[Subject]:
    """The chief executive's monthly page of each running plan."""
    plans = db.session.scalars(
        select(Plan).where(Plan.state == PlanState.ADOPTED).order_by(Plan.fiscal_year)
    ).all()
    counts = _counts(today.day)
    for plan in plans:
        if plan.adopted_on is None:
            continue
        divisions = tuple(counts[plan.id])
        yield Subject(
            key=f"plan:{plan.id}",
            version=1,
            since=plan.adopted_on,
            line=Line(
                section="summary",
                path=f"/plan/{plan.fiscal_year}",
                summary=Summary(plan.fiscal_year, _whole(divisions), divisions),
            ),
            calls=[(today.chief, summaries_until(today.day, plan.adopted_on, today.calendar))],
        )


def _counts(day: date) -> dict[int, list[Count]]:
    """How far the divisions are in each running plan, in their order; what is not to be done does not count."""

    def number_of(condition):  # type: ignore[no-untyped-def]
        return func.sum(case((condition, 1), else_=0))

    rows = db.session.execute(
        select(
            Task.plan_id,
            Division.name,
            number_of(Task.state == TaskState.APPROVED),
            number_of(Task.state == TaskState.SUBMITTED),
            number_of(Task.state.in_(OUTSTANDING) & (Task.due_on < day)),
            func.count(Task.id),
        )
        .join(Plan, Plan.id == Task.plan_id)
        .join(Division, Division.id == Task.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.state.not_in((TaskState.CANCELLED, TaskState.NOT_NEEDED)),
        )
        .group_by(Task.plan_id, Division.id, Division.name, Division.place)
        .order_by(Division.place)
    )
    counts: dict[int, list[Count]] = defaultdict(list)
    for plan_id, *values in rows:
        counts[plan_id].append(Count(*values))
    return counts


def _whole(divisions: Sequence[Count]) -> Count:
    return Count(
        "",
        done=sum(count.done for count in divisions),
        waiting=sum(count.waiting for count in divisions),
        late=sum(count.late for count in divisions),
        total=sum(count.total for count in divisions),
    )
