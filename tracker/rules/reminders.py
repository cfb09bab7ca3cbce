"""Who is told of what on a day, decided from the day's subjects and the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from tracker.rules.digest import Digest, Line, digest_of
from tracker.rules.moments import day_of, moment_on
from tracker.rules.stages import Decision, Reason, Send, StageDue, Supersede, Suppress, decide, next_untold
from tracker.rules.workdays import Calendar


@dataclass(frozen=True)
class Post:
    """Where somebody is reached: a position, its address that day and the person who holds it."""

    position_id: int
    title: str
    address: str
    language: str
    holder_id: int | None


@dataclass(frozen=True)
class Office:
    """A position that stages are meant for, and the post they reach: its own, its superior's, or none.

    `answers` says that who holds it can do what is asked; others are told. `position_id` is its own, None where
    there is no such position.
    """

    title: str
    post: Post | None
    vacant: bool = False
    answers: bool = False
    position_id: int | None = None


@dataclass(frozen=True)
class Pauses:
    """What is not reminded of on a day: everything, what goes to a position, or single subjects by their keys."""

    everything: bool = False
    positions: frozenset[int] = frozenset()
    subjects: frozenset[str] = frozenset()

    def hold(self, subject: str, *position_ids: int | None) -> bool:
        """Whether nothing is told of the subject to these positions: the one it is meant for, the one it reaches."""
        return self.everything or subject in self.subjects or not self.positions.isdisjoint(position_ids)


NO_PAUSES = Pauses()


# A tuple, and so are the entries, because there is one for each line of a day.
class Subject(NamedTuple):
    """Something that is reminded of; `calls` are the fallen stages of each office, from the lowest up.

    What is told `once` waits for the end of a pause instead of being passed over, to the day `until` if there is
    one.
    """

    key: str
    version: int
    since: date
    line: Line
    calls: Sequence[tuple[Office, Sequence[StageDue]]]
    reason: Reason = Reason.BEFORE_ADOPTION
    once: bool = False
    until: date | None = None


class Entry(NamedTuple):
    """A ledger row to be; `recipient` is an address in lower case, blank where nobody is reached.

    Such a row says for one day, `unreached_on`, that the position `title` was to be told; whoever is named later,
    on that day or another, is told all the same.
    """

    subject: str
    due_version: int
    stage_on: date
    recipient: str
    position_id: int | None
    decision: Decision
    unreached_on: date | None = None
    title: str = ""

    @property
    def key(self) -> str:
        if self.unreached_on is not None:
            nobody = f"nobody:{self.title}:{self.unreached_on}"
            return ledger_key(self.subject, self.due_version, self.stage, nobody)
        return ledger_key(self.subject, self.due_version, self.stage, self.recipient, self.told_already)

    @property
    def stage(self) -> str:
        return self.decision.stage

    @property
    def outcome(self) -> Literal["enqueued", "superseded", "suppressed"]:
        match self.decision:
            case Send():
                return "enqueued"
            case Supersede():
                return "superseded"
            case Suppress():
                return "suppressed"

    @property
    def reason(self) -> str:
        """Why it is suppressed, or the stage that speaks for it."""
        match self.decision:
            case Send():
                return ""
            case Supersede(by=later):
                return later
            case Suppress(reason=reason):
                return str(reason)

    @property
    def told_already(self) -> bool:
        return isinstance(self.decision, Suppress) and self.decision.reason is Reason.SAME_PERSON


@dataclass(frozen=True)
class Vacancy:
    """A position that should have been told and is vacant; `instead` is the superior's title, None for nobody."""

    title: str
    instead: str | None


@dataclass(frozen=True)
class Day:
    """All that is decided for one organisation on one day."""

    day: date
    digests: tuple[Digest, ...] = ()
    entries: tuple[Entry, ...] = ()
    vacancies: tuple[Vacancy, ...] = ()


@dataclass
class _Draft:
    """The day while it is being decided."""

    recorded: Collection[str]
    served: Collection[str]
    pauses: Pauses
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    languages: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    vacancies: dict[Vacancy, None] = field(default_factory=dict)


def ledger_key(subject: str, version: int, stage: str, recipient: str, told_already: bool = False) -> str:
    """What makes a reminder one of its kind; a suppressed escalation stands beside the stage that told him."""
    return f"{subject}:{stage}:{version}:{recipient}" + (":same-person" if told_already else "")


def told_from(moment: datetime | None, send_minute: int) -> date:
    """The first day whose digest can tell of what happened at `moment`: digests leave at `send_minute`.

    What has no moment was always so.
    """
    if moment is None:
        return date.min
    day = day_of(moment)
    return day if moment < moment_on(day, send_minute) else day + timedelta(days=1)


def decide_day(
    day: date,
    subjects: Iterable[Subject],
    *,
    recorded: Collection[str],
    served: Collection[str],
    calendar: Calendar,
    pauses: Pauses = NO_PAUSES,
) -> Day:
    """What goes out on a day.

    `recorded` are the ledger's keys, `served` the addresses that have had their digest of the day: whatever
    concerns those waits for the next one. A stage that `pauses` hold is suppressed for good, what is told once
    waits. Nothing is decided on a day on which nobody works.
    """
    if not calendar.is_working(day):
        return Day(day)
    draft = _Draft(recorded, served, pauses)
    for subject in subjects:
        _decide_subject(subject, draft, day, calendar)
    return Day(
        day=day,
        digests=tuple(
            digest_of(address, draft.languages[address], lines)
            for address, lines in sorted(draft.lines.items())
        ),
        entries=tuple(draft.entries),
        vacancies=tuple(draft.vacancies),
    )


def _decide_subject(subject: Subject, draft: _Draft, day: date, calendar: Calendar) -> None:
    told: set[str] = set()
    people: set[int] = set()
    asked = False
    entries: list[Entry] = []
    addresses: set[str] = set()
    for office, dues in subject.calls:
        post = office.post
        if dues and (office.vacant or post is None):
            draft.vacancies[Vacancy(office.title, post.title if post else None)] = None
        if post is None:
            if dues:
                draft.entries += _unreached(subject, dues, office, draft, day, calendar)
            continue
        # A vacant position's pause holds for whoever is told in its place too.
        paused = draft.pauses.hold(subject.key, office.position_id, post.position_id)
        known = post.holder_id in people
        decided: Iterator[Entry]
        if next_untold(told, [None if known else post.address]) is None:
            decided = _told_already(subject, dues, post, draft.recorded)
        else:
            decided = _due_now(subject, dues, post, draft.recorded, day, calendar, paused)
        if not paused:
            told.add(post.address)
            people |= {post.holder_id} if post.holder_id is not None else set()
            asked = asked or (office.answers and not office.vacant)
        if post.address in draft.served:
            continue
        again = post.address in addresses
        addresses.add(post.address)
        for entry in decided:
            # Who stands in for a vacant position may be meant by the same stage for his own: one row, and sent wins.
            same = [one for one in entries if one.key == entry.key] if again else []
            if same and not isinstance(entry.decision, Send):
                continue
            entries = [one for one in entries if one not in same] if same else entries
            entries.append(entry)
            if isinstance(entry.decision, Send):
                _tell(subject.line, entry.stage, office, post, draft, unasked=not asked)
    draft.entries += entries


def _unreached(
    subject: Subject, dues: Sequence[StageDue], office: Office, draft: _Draft, day: date, calendar: Calendar
) -> Iterator[Entry]:
    """That today the latest stage found nobody."""
    if draft.pauses.hold(subject.key, office.position_id):
        return
    days = {due.stage: due.on for due in dues}
    for decision in decide(dues, (), today=day, since=subject.since, calendar=calendar):
        if isinstance(decision, Send):
            entry = Entry(
                subject.key,
                subject.version,
                days[decision.stage],
                "",
                office.position_id,
                Suppress(decision.stage, Reason.NOBODY_REACHABLE),
                unreached_on=day,
                title=office.title,
            )
            if entry.key not in draft.recorded:
                yield entry


def _told_already(
    subject: Subject, dues: Sequence[StageDue], post: Post, recorded: Collection[str]
) -> Iterator[Entry]:
    for due in dues:
        entry = _entry(subject, Suppress(due.stage, Reason.SAME_PERSON), due.on, post)
        if entry.key not in recorded:
            yield entry


def _due_now(
    subject: Subject,
    dues: Sequence[StageDue],
    post: Post,
    recorded: Collection[str],
    day: date,
    calendar: Calendar,
    paused: bool,
) -> Iterator[Entry]:
    stages = {
        due.stage
        for due in dues
        if ledger_key(subject.key, subject.version, due.stage, post.address) in recorded
    }
    days = {due.stage: due.on for due in dues}
    for decision in decide(
        dues, stages, today=day, since=subject.since, calendar=calendar, reason=subject.reason
    ):
        if paused and not isinstance(decision, Suppress):
            if subject.once and not _is_last_day(subject, day, calendar):
                continue
            decision = Suppress(decision.stage, Reason.PAUSED)
        yield _entry(subject, decision, days[decision.stage], post)


def _is_last_day(subject: Subject, day: date, calendar: Calendar) -> bool:
    """Whether it is no longer told on the next working day."""
    return subject.until is not None and calendar.on_or_after(day + timedelta(days=1)) > subject.until


def _entry(subject: Subject, decision: Decision, stage_on: date, post: Post) -> Entry:
    return Entry(subject.key, subject.version, stage_on, post.address, post.position_id, decision)


def _tell(line: Line, stage: str, office: Office, post: Post, draft: _Draft, *, unasked: bool) -> None:
    vacant = office.title if office.vacant else ""
    answers = office.answers and not office.vacant
    draft.lines[post.address].append(
        line._replace(stage=stage, position=post.title, vacant=vacant, answers=answers, unasked=unasked)
    )
    draft.languages.setdefault(post.address, post.language)
