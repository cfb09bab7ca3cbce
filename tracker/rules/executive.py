"""The one page of the chief executive and the clerk: how far, against last year, what is late, what to decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tracker.errors import Message
from tracker.rules.cells import Say
from tracker.rules.claims import Claim
from tracker.rules.fiscal import Quarter
from tracker.rules.frozen import VERBATIM, finished
from tracker.rules.looks import NOT_COUNTED, TaskLook
from tracker.rules.mailtext import shortened
from tracker.rules.moments import day_of
from tracker.rules.official import as_of_line
from tracker.rules.official import percent as whole
from tracker.rules.states import SET_ASIDE, TaskState
from tracker.rules.thai import PrintedDay

MOST_DIVISIONS, MOST_TOPICS, MOST_LATE, MOST_MATTERS = 8, 10, 5, 3
LONGEST_MATTER, LONGEST_TITLE = 160, 70
Direction = Literal["up", "down", "same", "none"]
Told = Literal["head", "clerk", "chief_executive"]


@dataclass(frozen=True)
class Work:
    """One task as it looked on a day, with the keys of its division and its topic; what is late may be stuck too."""

    division: int
    topic: Hashable
    looks: frozenset[TaskLook]


@dataclass(frozen=True)
class Behind:
    """A group that is overdue or stuck: its first measure and how many `more` it has.

    `told` are the days on which each office was sent a mail about it.
    """

    title: str
    quarter: int
    division: str
    due_on: date
    stuck: bool
    problem: str = ""
    more: int = 0
    told: Mapping[Told, tuple[date, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A year's ITA total."""

    year: int
    total: float
    level: str


@dataclass(frozen=True)
class ExecutiveInputs:
    """The year's work now and, on the same calendar day, a year ago; None where that year had none.

    `divisions` and `topics` are the names by key, in the order in which the organisation lists them. `quarter`
    is how many tasks the running quarter has and how many of them are done; `next_round` the name, the opening
    day and the number of divisions.
    """

    organisation: str
    fiscal_year: int
    moment: datetime
    now: Sequence[Work]
    before: Sequence[Work] | None
    divisions: Mapping[int, str]
    topics: Mapping[Hashable, str]
    behind: Sequence[Behind]
    matters: Sequence[str] = ()
    results: Sequence[Result] = ()
    quarter: tuple[int, int] | None = None
    next_round: tuple[Message, date, int] | None = None
    thai_digits: bool = False


@dataclass(frozen=True)
class Standing:
    """How far something came, in whole per cent now and a year ago (None without a comparison), and in words."""

    name: str
    percent: int
    percent_text: str
    before: int | None
    count: str
    change: str
    direction: Direction = field(metadata=VERBATIM)


@dataclass(frozen=True)
class Count:
    look: str = field(metadata=VERBATIM)
    label: str
    value: str
    before: str


@dataclass(frozen=True)
class LateCard:
    look: str = field(metadata=VERBATIM)
    title: str
    line: str
    told: str
    badge: str


@dataclass(frozen=True)
class Headings:
    divisions: str
    division: str
    topics: str
    topic: str
    done: str
    tasks: str
    change: str
    this_year: str
    last_year: str
    late: str
    no_late: str
    matters: str
    quarter: str
    scores: str


@dataclass(frozen=True)
class Executive:
    """The page as finished texts in their language and digits; `note` says why nothing is compared."""

    title: str
    subtitle: str
    as_of: str
    quarter_line: str
    all: Standing
    all_before: str
    counts: tuple[Count, ...]
    results: tuple[tuple[str, str, str], ...]
    divisions: tuple[Standing, ...]
    more_divisions: str
    topics: tuple[Standing, ...]
    more_topics: str
    late: tuple[LateCard, ...]
    more_late: str
    matters: tuple[str, ...]
    quarter: tuple[tuple[str, str], ...]
    note: str
    headings: Headings
    thai_digits: bool
    frozen_at: datetime


@dataclass(frozen=True)
class Attempt:
    """A claim of one task in a submission: when it was made, approved and given back."""

    word: Claim
    submitted_at: datetime
    approved_at: datetime | None
    returned_at: datetime | None


def state_on(day: date, ended: TaskState, attempts: Iterable[Attempt]) -> TaskState:
    """The state that a task of a past year had on a day, told from its attempts in their order.

    What ended cancelled or not needed counts as such on every day.
    """
    if ended in SET_ASIDE:
        return ended
    made = [one for one in attempts if day_of(one.submitted_at) <= day]
    if not made:
        return TaskState.OPEN
    last = made[-1]
    if last.returned_at is not None and day_of(last.returned_at) <= day:
        return TaskState.IN_PROGRESS
    if last.word is Claim.STUCK:
        return TaskState.STUCK
    if last.word is Claim.NOT_YET:
        return TaskState.IN_PROGRESS
    if last.approved_at is not None and day_of(last.approved_at) <= day:
        return TaskState.APPROVED
    return TaskState.SUBMITTED


def compose_executive(
    inputs: ExecutiveInputs, say: Say = str, *, thai_digits: bool | None = None
) -> Executive:
    """The page, worst first where there is more than fits on one sheet.

    `thai_digits` are those of the organisation's documents where nothing else is said.
    """
    today = day_of(inputs.moment)
    now = [one for one in inputs.now if NOT_COUNTED.isdisjoint(one.looks)]
    before = (
        None if inputs.before is None else [one for one in inputs.before if NOT_COUNTED.isdisjoint(one.looks)]
    )
    all_of = _standing(say(Message("งานแล้วเสร็จ")), now, before, say)
    divisions, more_divisions = _worst(
        [
            (name, [one for one in now if one.division == key], _of(before, "division", key))
            for key, name in inputs.divisions.items()
        ],
        MOST_DIVISIONS,
        say,
    )
    topics, more_topics = _worst(
        [
            (name, [one for one in now if one.topic == key], _of(before, "topic", key))
            for key, name in inputs.topics.items()
        ],
        MOST_TOPICS,
        say,
    )
    behind = sorted(inputs.behind, key=lambda one: (one.due_on >= today, one.due_on, one.division))
    rest = len(behind) - MOST_LATE
    return finished(
        Executive(
            title=say(Message("สรุปสำหรับผู้บริหาร: มาตรการคุณธรรมและความโปร่งใส")),
            subtitle=say(
                Message(
                    "%(organisation)s · ปีงบประมาณ พ.ศ. %(year)s",
                    {"organisation": inputs.organisation, "year": inputs.fiscal_year},
                )
            ),
            as_of=as_of_line(inputs.moment, say),
            quarter_line=_quarter_line(inputs.fiscal_year, today, say),
            all=all_of,
            all_before=""
            if all_of.before is None
            else say(Message("ปีก่อนวันเดียวกันร้อยละ %(percent)s", {"percent": all_of.before})),
            counts=_counts(now, before, say),
            results=tuple((str(one.year), f"{one.total:.2f}", one.level) for one in inputs.results),
            divisions=divisions,
            more_divisions=more_divisions,
            topics=topics,
            more_topics=more_topics,
            late=tuple(_late(one, today, say) for one in behind[:MOST_LATE]),
            more_late=say(Message("และอีก %(number)s เรื่อง", {"number": rest})) if rest > 0 else "",
            matters=tuple(f"{n}. {text}" for n, text in enumerate(inputs.matters[:MOST_MATTERS], 1)),
            quarter=_quarter(inputs, today, say),
            note=say(Message("ยังไม่มีงานของปีก่อนในระบบ จึงไม่เปรียบเทียบ")) if before is None else "",
            headings=_headings(say),
            thai_digits=inputs.thai_digits if thai_digits is None else thai_digits,
            frozen_at=inputs.moment,
        )
    )


def _headings(say: Say) -> Headings:
    return Headings(
        divisions=say(Message("ความก้าวหน้ารายกอง")),
        division=say(Message("สำนัก/กอง/หน่วย")),
        topics=say(Message("ความก้าวหน้ารายหัวข้อ")),
        topic=say(Message("หัวข้อ")),
        done=say(Message("ร้อยละแล้วเสร็จ")),
        tasks=say(Message("งาน")),
        change=say(Message("ต่างปีก่อน")),
        this_year=say(Message("ปีนี้")),
        last_year=say(Message("ปีก่อน ณ วันเดียวกัน")),
        late=say(Message("งานที่ล่าช้าหรือติดปัญหา")),
        no_late=say(Message("ไม่มีงานที่ล่าช้าหรือติดปัญหา")),
        matters=say(Message("เรื่องที่ขอให้ผู้บริหารพิจารณา")),
        quarter=say(Message("ไตรมาสนี้")),
        scores=say(Message("คะแนน ITA ที่ใช้วางแผน")),
    )


def _of(works: Sequence[Work] | None, name: str, key: Hashable) -> list[Work] | None:
    """The works of one division or topic; None where there is nothing to compare with."""
    found = [one for one in works or () if getattr(one, name) == key]
    return found or None


def _done(works: Sequence[Work]) -> int:
    return sum(TaskLook.DONE in one.looks for one in works)


def _standing(name: str, now: Sequence[Work], before: Sequence[Work] | None, say: Say) -> Standing:
    percent = whole(_done(now), len(now))
    earlier = None if not before else whole(_done(before), len(before))
    change, direction = _change(percent, earlier, say)
    return Standing(name, percent, str(percent), earlier, f"{_done(now)}/{len(now)}", change, direction)


def _change(percent: int, earlier: int | None, say: Say) -> tuple[str, Direction]:
    if earlier is None:
        return "", "none"
    if percent == earlier:
        return say(Message("เท่าเดิม")), "same"
    if percent > earlier:
        return say(Message("เพิ่ม %(points)s จุด", {"points": percent - earlier})), "up"
    return say(Message("ลด %(points)s จุด", {"points": earlier - percent})), "down"


def _worst(
    named: Sequence[tuple[str, list[Work], list[Work] | None]], most: int, say: Say
) -> tuple[tuple[Standing, ...], str]:
    """The standings in their order; where they are too many the worst, and how many are left out."""
    shown = [_standing(name, now, before, say) for name, now, before in named if now]
    if len(shown) <= most:
        return tuple(shown), ""
    rest = Message("และอีก %(number)s รายการที่ก้าวหน้ากว่านี้", {"number": len(shown) - most})
    return tuple(sorted(shown, key=lambda one: one.percent)[:most]), say(rest)


def _counts(now: Sequence[Work], before: Sequence[Work] | None, say: Say) -> tuple[Count, ...]:
    labels = {
        TaskLook.OVERDUE: ("overdue", Message("เกินกำหนด")),
        TaskLook.STUCK: ("stuck", Message("ติดปัญหา")),
        TaskLook.WAITING: ("submitted", Message("รออนุมัติ")),
    }
    today, then = _tally(now), _tally(before or ())
    return tuple(
        Count(
            look,
            say(label),
            say(Message("%(number)s งาน", {"number": today[kind]})),
            "" if before is None else say(Message("ปีก่อน %(number)s", {"number": then[kind]})),
        )
        for kind, (look, label) in labels.items()
    )


def _tally(works: Sequence[Work]) -> Counter[TaskLook]:
    return Counter(look for one in works for look in one.looks)


def _late(one: Behind, today: date, say: Say) -> LateCard:
    number = (today - one.due_on).days
    title = shortened(one.title, LONGEST_TITLE)
    if one.more:
        title = say(Message("%(title)s และอีก %(number)s มาตรการ", {"title": title, "number": one.more}))
    late = number > 0
    return LateCard(
        look="overdue" if late else "stuck",
        title=say(Message("%(title)s ไตรมาสที่ %(quarter)s", {"title": title, "quarter": one.quarter})),
        line=say(
            Message("%(division)s · กำหนด %(day)s", {"division": one.division, "day": PrintedDay(one.due_on)})
        ),
        told=_told(one, say),
        badge=say(Message("%(days)s วัน", {"days": number})) if late else say(Message("ติดปัญหา")),
    )


def _told(one: Behind, say: Say) -> str:
    """The chain of notices: how often, the last day, and who has not been told yet."""
    parts = [f"“{shortened(one.problem, LONGEST_TITLE)}”"] if one.stuck and one.problem else []
    heads = one.told.get("head", ())
    if heads:
        values = {"times": len(heads), "day": PrintedDay(max(heads))}
        parts.append(say(Message("แจ้งกอง %(times)s ครั้ง ล่าสุด %(day)s", values)))
    else:
        parts.append(say(Message("ยังไม่ได้แจ้งกอง")))
    clerk, chief = one.told.get("clerk", ()), one.told.get("chief_executive", ())
    if clerk:
        parts.append(say(Message("แจ้งปลัด %(day)s", {"day": PrintedDay(max(clerk))})))
    if chief:
        parts.append(say(Message("แจ้งนายก %(day)s", {"day": PrintedDay(max(chief))})))
    if not clerk and not chief:
        parts.append(say(Message("ยังไม่ถึงเกณฑ์แจ้งปลัด")))
    return " · ".join(parts)


def _quarter_line(fiscal_year: int, today: date, say: Say) -> str:
    quarter = Quarter.of(today)
    if quarter.fiscal_year != fiscal_year:
        return ""
    values = {"number": quarter.number, "days": (quarter.last_day - today).days}
    return say(Message("ไตรมาสที่ %(number)s เหลืออีก %(days)s วัน", values))


def _quarter(inputs: ExecutiveInputs, today: date, say: Say) -> tuple[tuple[str, str], ...]:
    found = []
    if inputs.quarter is not None:
        done, total = inputs.quarter
        last = {"day": PrintedDay(Quarter.of(today).last_day, whole=True)}
        found.append(
            (
                say(Message("งานของไตรมาสนี้ ถึง %(day)s", last)),
                say(Message("%(number)s งาน", {"number": total})),
            )
        )
        found.append((say(Message("เสร็จแล้ว")), say(Message("%(number)s งาน", {"number": done}))))
    if inputs.next_round is not None:
        name, opens_on, number = inputs.next_round
        told = Message("%(round)s เปิด %(day)s", {"round": name, "day": PrintedDay(opens_on, whole=True)})
        found.append((say(told), say(Message("%(number)s กอง", {"number": number}))))
    return tuple(found)
