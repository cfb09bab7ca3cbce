"""Decides each day who is reminded of what, and writes ledger rows and digests together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import select

from tracker import mail
from tracker.calendar import working_calendar
from tracker.database import current_organisation_id, db
from tracker.extensions import settings
from tracker.models import (
    Claim,
    Division,
    FollowUp,
    FollowUpState,
    Measure,
    Organisation,
    Outcome,
    OutgoingMail,
    Plan,
    PlanState,
    Reminder,
    Round,
    Submission,
    Task,
)
from tracker.people import Post, head_of, posts_on, reached, with_role
from tracker.rules.claims import Claim as ClaimWord
from tracker.rules.fiscal import Quarter
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Role
from tracker.rules.stages import (
    Decision,
    Reason,
    Recipient,
    Send,
    StageDue,
    Supersede,
    Suppress,
    approval_stages_until,
    decide,
    next_untold,
    stages_for,
    stages_until,
    summaries_until,
)
from tracker.rules.states import OUTSTANDING, REPORTED, TaskState
from tracker.rules.workdays import Calendar

Section = Literal["late", "due", "follow_up", "approval", "news", "summary"]
SECTIONS: tuple[Section, ...] = ("late", "due", "follow_up", "approval", "news", "summary")
LOOK_AHEAD = timedelta(days=31)
NEWS_DAYS = timedelta(days=14)


@dataclass(frozen=True)
class Line:
    """One thing that a digest tells, with the address of its own form."""

    section: Section
    stage: str
    title: str
    division: str
    position: str
    due_on: date | None
    quarter: int | None
    path: str
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """A ledger row to be."""

    subject: str
    due_version: int
    stage: str
    stage_on: date
    recipient: str
    position_id: int | None
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True)
class Digest:
    """One address's mail of the day."""

    address: str
    language: str
    titles: tuple[str, ...]
    lines: tuple[Line, ...]

    def of(self, section: Section) -> list[Line]:
        return [line for line in self.lines if line.section == section]


@dataclass(frozen=True)
class Day:
    """All that is decided for one organisation on one day; `unreached` are stages that found nobody."""

    day: date
    digests: tuple[Digest, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreached: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Subject:
    """Something that is reminded of: its stages, and the line that tells of it."""

    key: str
    version: int
    dues: Sequence[StageDue]
    since: date
    line: Line
    division_id: int | None
    reason: Reason = Reason.BEFORE_ADOPTION


@dataclass
class _Draft:
    """The day while it is being decided."""

    posts: dict[int, Post]
    recorded: dict[tuple[str, int, str], set[str]]
    served: set[str]
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    languages: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)


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
        sent_by = mails.get(entry.recipient) if entry.outcome is Outcome.ENQUEUED else None
        db.session.add(
            Reminder(
                key=f"{entry.subject}:{entry.stage}:{entry.due_version}:{entry.recipient}",
                subject=entry.subject,
                stage=entry.stage,
                due_version=entry.due_version,
                recipient=entry.recipient,
                position_id=entry.position_id,
                stage_on=entry.stage_on,
                planned_at=now,
                outcome=entry.outcome,
                reason=entry.reason,
                mail_id=sent_by.id if sent_by else None,
            )
        )
    return decided


def decide_day(today: date) -> Day:
    """What goes out on a day as things stand now; reads only, so that a forecast is the same function."""
    calendar = working_calendar()
    if not calendar.is_working(today):
        return Day(today)
    subjects = [*_groups(today, calendar), *_follow_ups(today, calendar), *_approvals(today, calendar)]
    draft = _Draft(posts=posts_on(today), recorded=_recorded(), served=_served(today))
    for subject in subjects:
        _decide_subject(subject, draft, today, calendar)
    _decide_summary(draft, today, calendar)
    return Day(
        day=today,
        digests=tuple(
            Digest(address, draft.languages[address], tuple(draft.titles[address]), _in_order(lines))
            for address, lines in sorted(draft.lines.items())
        ),
        entries=tuple(draft.entries),
        unreached=tuple(draft.unreached),
    )


def _in_order(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: (SECTIONS.index(line.section), line.due_on or date.max)))


def _recorded() -> dict[tuple[str, int, str], set[str]]:
    """The stages with a ledger row, by subject, due version and recipient."""
    recorded: dict[tuple[str, int, str], set[str]] = defaultdict(set)
    rows = db.session.execute(select(Reminder.subject, Reminder.due_version, Reminder.recipient, Reminder.stage))
    for subject, version, recipient, stage in rows:
        recorded[subject, version, recipient].add(stage)
    return recorded


def _served(today: date) -> set[str]:
    """The addresses that have had their digest today."""
    prefix = f"digest:{current_organisation_id()}:{today}:"
    keys = db.session.scalars(
        select(OutgoingMail.dedup_key).where(OutgoingMail.dedup_key.startswith(prefix, autoescape=True))
    )
    return {key.removeprefix(prefix) for key in keys}


def _groups(today: date, calendar: Calendar) -> Iterator[_Subject]:
    """The groups that are due soon or late."""
    rows = db.session.execute(
        select(Task, Measure.title, Division.name)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Task.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.state.in_(OUTSTANDING),
            Task.due_on <= today + LOOK_AHEAD,
        )
        .order_by(Task.due_on, Task.item_id, Task.division_id, Task.measure_id)
    )
    groups: dict[tuple[int, int, int], list[tuple[Task, str, str]]] = defaultdict(list)
    for task, title, division in rows:
        groups[task.item_id, task.division_id, task.quarter].append((task, title, division))
    for (item_id, division_id, quarter), members in groups.items():
        task, title, division = members[0]
        due_on = min(member.due_on for member, _, _ in members)
        yield _Subject(
            key=f"group:{item_id}:{division_id}:{quarter}",
            version=max(member.due_version for member, _, _ in members),
            dues=stages_until(today, due_on, calendar),
            since=max(member.due_set_on for member, _, _ in members),
            reason=Reason.BEFORE_NEW_DUE_DAY if task.due_version > 1 else Reason.BEFORE_ADOPTION,
            division_id=division_id,
            line=Line(
                section="late" if due_on < today else "due",
                stage="",
                title=title if len(members) == 1 else f"{title} (+{len(members) - 1})",
                division=division,
                position="",
                due_on=due_on,
                quarter=quarter,
                path=f"/work/{item_id}/{division_id}/{quarter}",
            ),
        )


def _follow_ups(today: date, calendar: Calendar) -> Iterator[_Subject]:
    """The follow-ups that are open and not answered."""
    rows = db.session.execute(
        select(FollowUp, Round, Division.name, Plan)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .join(Division, Division.id == FollowUp.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
            Round.asks_on <= today,
        )
        .order_by(Round.due_on, FollowUp.id)
    )
    for follow_up, asked, division, plan in rows:
        yield _Subject(
            key=f"follow-up:{follow_up.id}",
            version=asked.due_version,
            dues=stages_until(today, asked.due_on, calendar, "follow_up", asked.asks_on),
            since=plan.adopted_on or asked.asks_on,
            division_id=follow_up.division_id,
            line=Line(
                section="follow_up",
                stage=asked.kind,
                title="",
                division=division,
                position="",
                due_on=asked.due_on,
                quarter=None,
                path=f"/follow-up/{follow_up.id}",
            ),
        )


def _approvals(today: date, calendar: Calendar) -> Iterator[_Subject]:
    """Attempts that wait for approval or are stuck (for the coordinator), and approved ones (for the division)."""
    rows = db.session.execute(
        select(Submission, Task.state, Claim.word, Measure.title, Division.name)
        .join(Claim, Claim.submission_id == Submission.id)
        .join(Task, Task.id == Claim.task_id)
        .join(Plan, Plan.id == Task.plan_id)
        .join(Measure, Measure.id == Task.measure_id)
        .join(Division, Division.id == Submission.division_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Submission.returned_at.is_(None),
            Task.state.in_({TaskState.STUCK, *REPORTED}),
        )
        .order_by(Submission.id, Task.measure_id)
    )
    seen: set[int] = set()
    for submission, state, word, title, division in rows:
        if submission.id in seen:
            continue
        told = _stages_of_attempt(submission, state, word, today, calendar)
        if not told:
            continue
        seen.add(submission.id)
        path = f"/work/{submission.item_id}/{submission.division_id}/{submission.quarter}"
        yield _Subject(
            key=f"submission:{submission.id}",
            version=1,
            dues=told,
            since=told[0].on,
            division_id=submission.division_id,
            line=Line(
                section="news" if state is TaskState.APPROVED else "approval",
                stage="",
                title=title,
                division=division,
                position="",
                due_on=None,
                quarter=submission.quarter,
                path=path,
                note=submission.problems if state is TaskState.STUCK else "",
            ),
        )


def _stages_of_attempt(
    submission: Submission, state: TaskState, word: ClaimWord, today: date, calendar: Calendar
) -> list[StageDue]:
    submitted_on = day_of(submission.submitted_at)
    if state is TaskState.STUCK and word is ClaimWord.STUCK:
        return [StageDue("stuck", submitted_on)]
    if state is TaskState.SUBMITTED:
        return [StageDue("submitted", submitted_on), *approval_stages_until(today, submitted_on, calendar)]
    if state is TaskState.APPROVED and submission.approved_at is not None:
        approved_on = day_of(submission.approved_at)
        return [StageDue("approved", approved_on)] if today - approved_on <= NEWS_DAYS else []
    return []


_FOR_COORDINATOR = frozenset({"submitted", "stuck", "waiting-3"})


def _decide_subject(subject: _Subject, draft: _Draft, today: date, calendar: Calendar) -> None:
    posts = draft.posts
    own_line = subject.key.startswith("submission:") and subject.line.section == "approval"
    if own_line:
        first = with_role(posts.values(), Role.COORDINATOR)
        first_dues = [due for due in subject.dues if due.stage in _FOR_COORDINATOR]
    else:
        first = head_of(posts.values(), subject.division_id or 0)
        first_dues = stages_for(Recipient.DIVISION, subject.dues)
    told = _address(subject, first_dues, reached(posts, first), draft, today, calendar)
    clerk_dues = stages_for(Recipient.CLERK, subject.dues)
    if not clerk_dues:
        return
    clerk = reached(posts, with_role(posts.values(), Role.CLERK))
    # Single cases reach the chief executive only where the organisation opts in, so the line ends at the clerk.
    address = next_untold({told} if told else set(), [clerk.address if clerk else None])
    if clerk is not None and clerk.address is not None and address is None:
        _suppress(subject, clerk_dues, clerk, draft)
        return
    _address(subject, clerk_dues, clerk, draft, today, calendar)


def _address(
    subject: _Subject,
    dues: Sequence[StageDue],
    post: Post | None,
    draft: _Draft,
    today: date,
    calendar: Calendar,
) -> str | None:
    """Decide the stages for one recipient; returns the address."""
    if post is None or post.address is None:
        if dues:
            draft.unreached.append(subject.key)
        return None
    address = post.address.lower()
    if address in draft.served:
        return address
    recorded = draft.recorded.get((subject.key, subject.version, address), set())
    decisions = decide(
        dues, recorded, today=today, since=subject.since, calendar=calendar, reason=subject.reason
    )
    days = {due.stage: due.on for due in dues}
    for decision in decisions:
        outcome, reason = _outcome(decision)
        draft.entries.append(
            Entry(
                subject.key, subject.version, decision.stage, days[decision.stage], address, post.position_id,
                outcome, reason,
            )  # fmt: skip
        )
        if isinstance(decision, Send):
            _tell(subject, decision.stage, post, address, draft)
    return address


def _tell(subject: _Subject, stage: str, post: Post, address: str, draft: _Draft) -> None:
    line = subject.line
    draft.lines[address].append(
        Line(
            line.section, line.stage or stage, line.title, line.division, post.title, line.due_on, line.quarter,
            line.path, line.note,
        )  # fmt: skip
    )
    draft.titles[address][post.title] = None
    draft.languages[address] = post.language


def _suppress(subject: _Subject, dues: Sequence[StageDue], post: Post, draft: _Draft) -> None:
    address = (post.address or "").lower()
    recorded = draft.recorded.get((subject.key, subject.version, f"{address}#clerk"), set())
    draft.entries.extend(
        Entry(
            subject.key, subject.version, due.stage, due.on, f"{address}#clerk", post.position_id,
            Outcome.SUPPRESSED, str(Reason.SAME_PERSON),
        )  # fmt: skip
        for due in dues
        if due.stage not in recorded
    )


def _outcome(decision: Decision) -> tuple[Outcome, str]:
    match decision:
        case Send():
            return Outcome.ENQUEUED, ""
        case Supersede(by=later):
            return Outcome.SUPERSEDED, later
        case Suppress(reason=reason):
            return Outcome.SUPPRESSED, str(reason)


def _decide_summary(draft: _Draft, today: date, calendar: Calendar) -> None:
    """The chief executive's monthly page of the running plan."""
    chief = with_role(draft.posts.values(), Role.CHIEF_EXECUTIVE)
    if chief is None or chief.address is None:
        return
    plans = db.session.scalars(select(Plan).where(Plan.state == PlanState.ADOPTED).order_by(Plan.fiscal_year))
    for plan in plans:
        if plan.adopted_on is None:
            continue
        done, late, total = _counts(plan, today)
        _address(
            _Subject(
                key=f"plan:{plan.id}",
                version=1,
                dues=summaries_until(today, plan.adopted_on, calendar),
                since=plan.adopted_on,
                division_id=None,
                line=Line(
                    "summary", "", str(plan.fiscal_year), "", "", None, Quarter.of(today).number,
                    f"/plan/{plan.fiscal_year}", f"{done}/{total}/{late}",
                ),  # fmt: skip
            ),
            summaries_until(today, plan.adopted_on, calendar),
            chief,
            draft,
            today,
            calendar,
        )


def _counts(plan: Plan, today: date) -> tuple[int, int, int]:
    """Approved, late and all tasks of a plan that still count."""
    rows = db.session.execute(select(Task.state, Task.due_on).where(Task.plan_id == plan.id)).all()
    counted = [row for row in rows if row.state not in {TaskState.CANCELLED, TaskState.NOT_NEEDED}]
    done = sum(row.state is TaskState.APPROVED for row in counted)
    late = sum(row.state in OUTSTANDING and row.due_on < today for row in counted)
    return done, late, len(counted)


def _enqueue(organisation: Organisation, digest: Digest, today: date, now: datetime) -> OutgoingMail:
    words = mail.render(
        "digest",
        digest.language,
        organisation=organisation,
        digest=digest,
        sections=SECTIONS,
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
