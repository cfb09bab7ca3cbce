"""Reminder stages: on which working day each falls, whom it reaches and which one is sent now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from tracker.rules.ladders import USUAL, Kind, Recipient, StagePlan
from tracker.rules.workdays import Calendar

_APPROVAL_WAITS = (3, 7)


class Reason(StrEnum):
    """Why a stage is suppressed, as the ledger keeps it."""

    BEFORE_ADOPTION = "before adoption"
    BEFORE_NEW_DUE_DAY = "before the new due day was set"
    SAME_PERSON = "same person"
    BEFORE_STAGE = "before the stage was set"
    PAUSED = "paused"
    NOBODY_REACHABLE = "nobody reachable"
    TOLD_BEFORE_MERGER = "told before the merger"


@dataclass(frozen=True)
class StageDue:
    """A stage and the working day on which it falls; it is only sent where that is not before `since`."""

    stage: str
    on: date
    since: date = date.min


@dataclass(frozen=True)
class Send:
    """The stage to send today."""

    stage: str


@dataclass(frozen=True)
class Supersede:
    """A stage that was missed and that the later one `by` speaks for."""

    stage: str
    by: str


@dataclass(frozen=True)
class Suppress:
    """A stage that is never sent."""

    stage: str
    reason: Reason


Decision = Send | Supersede | Suppress


def stage_day(
    stage: str,
    due_on: date,
    calendar: Calendar,
    opens_on: date | None = None,
    last_late: int = USUAL.task.last_late,
) -> date:
    """The working day of a stage of a task or a follow-up.

    "before-n" and "on" move to the working day before, "late-n" is the n-th working day after the due day,
    "weekly-nn" counts seven days each from the last late stage and moves to the working day after. "open" needs
    `opens_on`. ValueError for any other stage.
    """
    if stage == "on":
        return calendar.on_or_before(due_on)
    if stage == "open" and opens_on is not None:
        return calendar.on_or_after(opens_on)
    found = re.fullmatch(r"(before|late|weekly)-([0-9]+)", stage)
    if not found:
        raise ValueError(f"no such stage: {stage!r}")
    count = int(found[2])
    if found[1] == "before":
        return calendar.on_or_before(due_on - timedelta(days=count))
    if found[1] == "late":
        return calendar.add(due_on, count)
    return _weekly(_last(due_on, last_late, calendar), count, calendar)


def stages_until(
    day: date,
    due_on: date,
    calendar: Calendar,
    kind: Kind = "task",
    opens_on: date | None = None,
    plan: StagePlan = USUAL,
) -> list[StageDue]:
    """Every stage of a subject that falls on or before `day`, in order.

    A follow-up has no stage before the one that opens it; a task opens with its first stage.
    """
    ladder = plan.ladder(kind)
    opened = calendar.on_or_after(opens_on) if opens_on is not None else date.min
    names = ("open", *ladder.stages) if opens_on is not None else ladder.stages
    days = [(stage, stage_day(stage, due_on, calendar, opens_on)) for stage in names]
    if ladder.weekly:
        last = _last(due_on, ladder.last_late, calendar)
        weeks = range(1, max(0, (day - last).days // 7) + 1)
        days += [(f"weekly-{week:02}", _weekly(last, week, calendar)) for week in weeks]
    return [StageDue(stage, on, plan.since_of(kind, stage)) for stage, on in days if opened <= on <= day]


def _last(due_on: date, last_late: int, calendar: Calendar) -> date:
    return calendar.add(due_on, last_late) if last_late else due_on


def _weekly(after: date, week: int, calendar: Calendar) -> date:
    return calendar.on_or_after(after + timedelta(weeks=week))


def approval_stages_until(day: date, submitted_on: date, calendar: Calendar) -> list[StageDue]:
    """The stages of a submission that waits: "waiting-3" and "waiting-7", after so many working days."""
    dues = [StageDue(f"waiting-{wait}", calendar.add(submitted_on, wait + 1)) for wait in _APPROVAL_WAITS]
    return [due for due in dues if due.on <= day]


def summaries_until(day: date, adopted_on: date, calendar: Calendar) -> list[StageDue]:
    """The chief executive's monthly summaries of a plan, each on the first working day of its month."""
    dues = []
    year, month = adopted_on.year, adopted_on.month
    while (first := calendar.first_of_month(year, month)) <= day:
        dues.append(StageDue(f"monthly-{year}-{month:02}", first))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return [due for due in dues if due.on > adopted_on]


def week_of(day: date, calendar: Calendar) -> StageDue:
    """The weekly summary of the week of a working day, on the week's first working day; none of earlier weeks."""
    year, week, weekday = day.isocalendar()
    return StageDue(f"week-{year}-{week:02}", calendar.on_or_after(day - timedelta(days=weekday - 1)))


def recipients_of(stage: str, kind: Kind = "task", plan: StagePlan = USUAL) -> tuple[Recipient, ...]:
    """Whom a stage reaches: the last late one also tells those above, the weekly ones the division alone."""
    if stage == "waiting-3":
        return (Recipient.COORDINATOR,)
    if stage == "waiting-7":
        return (Recipient.CLERK,)
    if stage.startswith("monthly-"):
        return (Recipient.CHIEF_EXECUTIVE,)
    if stage == f"late-{plan.ladder(kind).last_late}":
        return (Recipient.DIVISION, *plan.escalation.recipients)
    return (Recipient.DIVISION,)


def stages_for(
    recipient: Recipient, dues: Iterable[StageDue], kind: Kind = "task", plan: StagePlan = USUAL
) -> list[StageDue]:
    """Those of the stages that reach the recipient, and since when they do."""
    since = plan.since_of(kind, recipient)
    return [
        replace(due, since=max(due.since, since))
        for due in dues
        if recipient in recipients_of(due.stage, kind, plan)
    ]


def decide(
    dues: Sequence[StageDue],
    recorded: Collection[str],
    *,
    today: date,
    since: date,
    calendar: Calendar,
    reason: Reason = Reason.BEFORE_ADOPTION,
) -> list[Decision]:
    """What happens today to the stages of one subject for one recipient, in their order.

    `dues` are the stages that have fallen (those of a later day are left alone), `recorded` the ones with a
    ledger row for this due day and recipient. The latest that has fallen is sent unless it has its row; the
    others without a row are superseded, or suppressed where they fell before `since`, the day from which the
    subject has this due day (for `reason`), or before the day on which the stage itself was set. On a day on
    which nobody works nothing is decided.
    """
    if not calendar.is_working(today):
        return []
    fallen = [due for due in dues if due.on <= today]
    latest = next((due for due in reversed(fallen) if due.on >= max(since, due.since)), None)
    decisions: list[Decision] = []
    for due in fallen:
        if due.stage in recorded:
            continue
        if due.on < since:
            decisions.append(Suppress(due.stage, reason))
        elif due.on < due.since or latest is None:
            decisions.append(Suppress(due.stage, Reason.BEFORE_STAGE))
        elif due is latest:
            decisions.append(Send(due.stage))
        else:
            decisions.append(Supersede(due.stage, by=latest.stage))
    return decisions


def next_untold(told: Collection[str], upwards: Iterable[str | None]) -> str | None:
    """The first address up the line that has not been told of the subject at a lower stage.

    `upwards` begins with the position the stage is meant for; None stands for one that may not be reached.
    None as the answer means the stage is suppressed (same person).
    """
    return next((address for address in upwards if address is not None and address not in told), None)
