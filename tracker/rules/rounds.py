"""Follow-up rounds: which periods a rule asks for, when each round opens and is due, what it still asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, get_args

from tracker.errors import Message
from tracker.rules.fiscal import Quarter, first_day, last_day, quarters_between, quarters_of
from tracker.rules.grouping import late_due_on
from tracker.rules.states import SET_ASIDE, TaskState
from tracker.rules.workdays import Calendar

RuleKind = Literal[
    "quarterly",
    "six_twelve",
    "six_months",
    "twelve_months",
    "months",
    "monthly",
    "at_least_per_year",
    "once",
    "on_completion",
    "unspecified",
]
KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
# What a round is called beside its period.
ROUND_NAMES: Mapping[str, Message] = {
    "quarterly": Message("รอบรายไตรมาส"),
    "six_months": Message("รอบ 6 เดือน"),
    "twelve_months": Message("รอบ 12 เดือน"),
    "months": Message("รอบตามเดือนที่แผนกำหนด"),
    "monthly": Message("รอบรายเดือน"),
    "at_least_per_year": Message("รอบตามจำนวนครั้งต่อปี"),
    "once": Message("รอบครั้งเดียว"),
    "on_completion": Message("รอบเมื่อแล้วเสร็จ"),
}
DAYS_TO_ANSWER = 15
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class FollowUpRule:
    """How often a measure is followed up (การติดตามผล).

    `n` is the times a year of "at_least_per_year" or the days after "on_completion"; `months` are Gregorian
    months as "2023-10" of "months" and "once".
    """

    kind: RuleKind
    n: int | None = None
    months: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoundDue:
    """A round (รอบติดตาม) that asks a measure for a period.

    `kind` is never "six_twelve" or "unspecified". `prompts` False: the approval of the one task where period
    and window meet answers it. `waits_until` is the due day of its look-back tasks where it has no others.
    """

    kind: RuleKind
    period_start: date
    period_end: date
    opens_on: date
    due_on: date
    prompts: bool = True
    waits_until: date | None = None

    @property
    def asks_on(self) -> date:
        """The day of the prompt: the opening, or the day on which its look-back tasks are due."""
        return max(self.opens_on, self.waits_until or self.opens_on)


def rounds_of(
    rule: FollowUpRule,
    fiscal_year: int,
    window_start: date,
    window_end: date,
    calendar: Calendar,
    policy: RuleKind = "six_twelve",
    completed_on: date | None = None,
) -> list[RoundDue]:
    """The rounds of a fiscal year that ask a measure with this window, by period.

    `policy` stands in for "unspecified". `completed_on` is the approval of the completion task, if there was
    one: an "on_completion" round opens then or at the window's end, whichever is first. Rounds of a period
    that the window does not touch are left out.
    """
    kind = policy if rule.kind == "unspecified" else rule.kind
    if kind == "on_completion" or (kind == "once" and not rule.months):
        return [_on_completion(rule, window_start, window_end, calendar, completed_on)]
    if kind in ("months", "monthly", "once"):
        months = _months_after_each(fiscal_year) if kind == "monthly" else sorted(map(_month, rule.months))
        rounds = _named_months(kind, months, fiscal_year, window_start, calendar)
    else:
        rounds = (_after(*period, calendar) for period in _periods(kind, rule.n, fiscal_year))
    return [due for due in rounds if due.period_start <= window_end and window_start <= due.period_end]


def rounds_asked(
    rule: FollowUpRule,
    fiscal_year: int,
    window_start: date,
    window_end: date,
    calendar: Calendar,
    policy: RuleKind,
) -> list[RoundDue]:
    """`rounds_of`, and where those months lie outside the year the rounds of the organisation's policy."""
    own = rounds_of(rule, fiscal_year, window_start, window_end, calendar, policy)
    unspecified = FollowUpRule("unspecified")
    return own or rounds_of(unspecified, fiscal_year, window_start, window_end, calendar, policy)


def soonest(*dues: RoundDue) -> RoundDue:
    """The one that is to be answered first: measures whose round has one kind and period are asked together."""
    return min(dues, key=lambda due: due.due_on)


def _periods(kind: RuleKind, n: int | None, fiscal_year: int) -> Iterator[tuple[RuleKind, date, date]]:
    start, end = first_day(fiscal_year), last_day(fiscal_year)
    if kind == "quarterly":
        yield from (
            ("quarterly", quarter.first_day, quarter.last_day) for quarter in quarters_of(fiscal_year)
        )
    if kind in ("six_months", "six_twelve"):
        yield "six_months", start, Quarter(fiscal_year, 2).last_day
    if kind in ("twelve_months", "six_twelve"):
        yield "twelve_months", start, end
    if kind == "at_least_per_year":
        firsts = _equal_parts(fiscal_year, n or 1)
        ends = [first - _ONE_DAY for first in firsts[1:]] + [end]
        yield from (("at_least_per_year", *part) for part in zip(firsts, ends, strict=True))


def _equal_parts(fiscal_year: int, n: int) -> list[date]:
    """The first days of `n` equal parts of the year: whole months where they come out even."""
    start = first_day(fiscal_year)
    if 12 % n == 0:
        return [_first_of_next(start, 12 // n * part) for part in range(n)]
    length = (last_day(fiscal_year) - start).days + 1
    return [start + timedelta(days=length * part // n) for part in range(n)]


def _after(kind: RuleKind, start: date, end: date, calendar: Calendar) -> RoundDue:
    opens_on = calendar.on_or_after(end + _ONE_DAY)
    due_on = _days_later(opens_on, DAYS_TO_ANSWER, calendar)
    # A quarter's only task has been approved or is being asked for: a prompt would ask the same again.
    return RoundDue(kind, start, end, opens_on, due_on, prompts=kind != "quarterly")


def _on_completion(
    rule: FollowUpRule, start: date, end: date, calendar: Calendar, completed_on: date | None
) -> RoundDue:
    opens_on = calendar.on_or_after(min(completed_on, end) if completed_on else end)
    days = rule.n if rule.n is not None and rule.kind == "on_completion" else DAYS_TO_ANSWER
    return RoundDue(
        "on_completion",
        start,
        end,
        opens_on,
        _days_later(opens_on, days, calendar),
        prompts=len(quarters_between(start, end)) > 1,
    )


def _named_months(
    kind: RuleKind, months: Sequence[date], fiscal_year: int, window_start: date, calendar: Calendar
) -> Iterator[RoundDue]:
    """A round for each named month, about the time since the last one; none where no time has passed.

    A single report in the very month in which the window begins can only be about that month.
    """
    start = first_day(fiscal_year)
    for month in months:
        last = _first_of_next(month) - _ONE_DAY
        begins_then = kind == "once" and month <= window_start <= last
        end = min(last if begins_then else month - _ONE_DAY, last_day(fiscal_year))
        if end < start:
            continue
        opens_on = calendar.first_of_month(month.year, month.month)
        yield RoundDue(kind, start, end, opens_on, calendar.last_of_month(month.year, month.month))
        start = end + _ONE_DAY


def _months_after_each(fiscal_year: int) -> list[date]:
    """The months that follow those of the year: November to October."""
    return [_first_of_next(first_day(fiscal_year), ahead) for ahead in range(1, 13)]


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _first_of_next(first: date, ahead: int = 1) -> date:
    months = first.year * 12 + first.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


def _days_later(opens_on: date, days: int, calendar: Calendar) -> date:
    return calendar.on_or_after(opens_on + timedelta(days=days))


def adopted_late(
    due: RoundDue, adopted_on: date, calendar: Calendar, tasks_look_back: bool = False
) -> RoundDue:
    """The round as it is for a plan adopted on a day, perhaps after the round should have opened.

    One that opened before opens on the first working day after adoption and is due 15 working days after it.
    With `tasks_look_back`, all its tasks being look-back, it waits until they are due.
    """
    late_due = late_due_on(adopted_on, calendar)
    if due.opens_on < adopted_on:
        due = replace(due, opens_on=calendar.add(adopted_on, 1), due_on=late_due)
    if tasks_look_back:
        due = replace(due, due_on=max(due.due_on, late_due), waits_until=late_due)
    return due


class Line(StrEnum):
    """What a follow-up still asks about one measure."""

    ASK = "ask"
    CONFIRM = "confirm"
    AWAIT_APPROVAL = "await_approval"
    SETTLED = "settled"
    NOT_ASKED = "not_asked"


def answered_from_tasks(states: Iterable[TaskState], prompts: bool) -> Line:
    """What the states of a measure's tasks in the period leave to ask its division.

    All approved: one confirmation answers, or nothing where the round has no prompt. Cancelled and not needed
    tasks have nothing to tell; where the period has only such, nothing is asked.
    """
    states = list(states)
    telling = [state for state in states if state not in SET_ASIDE]
    if states and not telling:
        return Line.NOT_ASKED
    approved = bool(telling) and all(state is TaskState.APPROVED for state in telling)
    if not prompts:
        return Line.SETTLED if approved else Line.AWAIT_APPROVAL
    return Line.CONFIRM if approved else Line.ASK
