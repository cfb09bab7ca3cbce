"""The year told day by day: who gets which lines on which morning, and what is never sent and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.days import ONE, Days
from tests.oracle.office import Event, FollowUp, Group, Office

Line = tuple[str, str]  # subject, stage
Slot = tuple[str, int, str, str]  # subject, version of its due day, stage, and for whom: division, clerk, …


@dataclass
class Telling:
    mails: dict[tuple[date, str], set[Line]] = field(default_factory=dict)
    ledger: dict[Slot, str] = field(default_factory=dict)  # sent, superseded, or suppressed (why)
    vacancies: set[tuple[date, str]] = field(default_factory=set)

    def sent(self, subject: str) -> list[tuple[date, str, str]]:
        """The day, stage and address of everything a subject was told of."""
        return sorted(
            (day, stage, address)
            for (day, address), lines in self.mails.items()
            for name, stage in lines
            if name == subject
        )


@dataclass
class Standing:
    """A group as the morning of a day finds it."""

    due: date
    version: int
    born: date  # the afternoon this version of the due day came to be
    state: str  # waiting, submitted, approved, cancelled
    submitted: date | None
    on_time: bool | None


def standing(days: Days, adopted: date, group: Group, morning: date) -> Standing:
    """What the events before that morning made of a group."""
    now = Standing(days.task_due(group.planned, adopted), 1, adopted, "waiting", None, None)
    for event in sorted(group.events, key=lambda e: e.on):
        if event.on >= morning:
            break
        if event.what == "submitted":
            now.state, now.submitted = "submitted", event.on
            if now.on_time is None:
                now.on_time = event.on <= now.due
        elif event.what in ("sent_back", "reopened"):
            now.state, now.due = "waiting", days.due_again(now.due, event.on)
            now.version, now.born = now.version + 1, event.on
        elif event.what == "moved":
            assert event.due is not None
            now.due, now.version, now.born = event.due, now.version + 1, event.on
        elif event.what in ("approved", "cancelled"):
            now.state = event.what
    return now


def tell(office: Office, first: date, last: date, off: Iterable[date] = ()) -> Telling:
    """Every morning from one day to another; on the days off the server does not run."""
    telling = Telling()
    dark = set(off)
    day = first
    while day <= last:
        in_force = office.adopted < day and (office.closed is None or day <= office.closed)
        if in_force and office.days.working(day) and day not in dark:
            _Morning(office, telling, day).tell()
        day += ONE
    return telling


class _Morning:
    """One morning of an office."""

    def __init__(self, office: Office, telling: Telling, day: date) -> None:
        self.office = office
        self.telling = telling
        self.day = day

    def tell(self) -> None:
        for group in self.office.groups:
            self.tell_group(group)
        for follow_up in self.office.follow_ups:
            self.tell_follow_up(follow_up)
        self.summarise()

    def tell_group(self, group: Group) -> None:
        now = standing(self.office.days, self.office.adopted, group, self.day)
        if now.state == "waiting":
            stages = self.office.days.stages_of_tasks(now.due, self.day)
            self.remind(group.name, group.division, now.version, now.born, stages)
        if now.state == "submitted" and not self.office.alone:
            self.ask_for_approval(group, now)
        self.pass_on_news(group)

    def tell_follow_up(self, follow_up: FollowUp) -> None:
        if any(event.on < self.day for event in follow_up.events):
            return
        if follow_up.waits_until is not None and self.day < follow_up.waits_until:
            return
        stages = self.office.days.stages_of_follow_up(follow_up.opens, follow_up.due, self.day)
        self.remind(follow_up.name, follow_up.division, 1, self.office.adopted, stages)

    def remind(
        self, subject: str, division: str, version: int, born: date, stages: list[tuple[date, str]]
    ) -> None:
        """The latest stage not yet settled goes to the division; late-5 goes to the clerk beside it."""
        new = []
        for stage_day, stage in stages:
            slot = (subject, version, stage, "division")
            if slot in self.telling.ledger:
                continue
            if version == 1 and stage_day <= born:
                self.telling.ledger[slot] = "suppressed (before adoption)"
                continue
            new.append(slot)
        head = self.office.heads[division]
        reached = self.reach(head)
        for slot in new[:-1]:
            self.telling.ledger[slot] = "superseded"
        told = None
        if new:
            told = self.write(new[-1], reached, None)
        for _, version_, stage, _ in new:
            if stage == "late-5" and not self.office.alone:
                self.escalate((subject, version_, stage, "clerk"), told or (reached and reached[1]))

    def escalate(self, slot: Slot, told: str | None) -> None:
        """The clerk is told too; one told already is passed over for the chief executive, if he takes single cases."""
        clerk = self.reach(self.office.clerk)
        chief = self.reach(self.office.chief) if self.office.chief_gets_cases else None
        for who in (clerk, chief):
            if who is not None and who[1] != told:
                self.write(slot, who, None)
                return
        self.telling.ledger[slot] = "suppressed (same person)" if clerk else "suppressed (nobody)"

    def ask_for_approval(self, group: Group, now: Standing) -> None:
        """More than three working days without an answer remind the coordinator, more than seven the clerk."""
        assert now.submitted is not None
        waited = self.office.days.passed(now.submitted, self.day)
        subject = f"{group.name} #{self.attempt(group)}"
        coordinator = self.reach(self.office.coordinator)
        if waited > 3:
            self.write((subject, now.version, "approval-3", "coordinator"), coordinator, group.name)
        if waited > 7:
            slot = (subject, now.version, "approval-7", "clerk")
            if slot not in self.telling.ledger:
                self.escalate_approval(slot, coordinator, group.name)

    def escalate_approval(self, slot: Slot, coordinator: tuple[str, str] | None, name: str) -> None:
        clerk = self.reach(self.office.clerk)
        chief = self.reach(self.office.chief) if self.office.chief_gets_cases else None
        for who in (clerk, chief):
            if who is not None and (coordinator is None or who[1] != coordinator[1]):
                self.write(slot, who, name)
                return
        self.telling.ledger[slot] = "suppressed (same person)" if clerk else "suppressed (nobody)"

    def attempt(self, group: Group) -> int:
        return sum(event.what == "submitted" and event.on < self.day for event in group.events)

    def pass_on_news(self, group: Group) -> None:
        """What one side did is told to the other in its next digest."""
        to_coordinator = {"stuck", "submitted"}
        to_division = {"approved", "moved", "cancelled", "reopened"}
        for number, event in enumerate(group.events):
            if not self.is_news(event):
                continue
            if event.what in to_coordinator and not self.office.alone:
                seat = self.office.coordinator
            elif event.what in to_division:
                seat = self.office.heads[group.division]
            else:
                continue
            self.write((f"{group.name} !{number}", 1, event.what, "news"), self.reach(seat), group.name)

    def is_news(self, event: Event) -> bool:
        return event.on < self.day

    def summarise(self) -> None:
        """On the first working day of a month the chief executive has the month on one page."""
        stages = []
        at = self.office.adopted.replace(day=1)
        while at <= self.day:
            stage_day = self.office.days.first_of_month(at)
            if self.office.adopted < stage_day <= self.day:
                stages.append((stage_day, f"monthly-{at:%Y-%m}"))
            at = (at + 31 * ONE).replace(day=1)
        new = [stage for _, stage in stages if ("office", 1, stage, "chief") not in self.telling.ledger]
        for stage in new[:-1]:
            self.telling.ledger["office", 1, stage, "chief"] = "superseded"
        if new:
            self.write(("office", 1, new[-1], "chief"), self.reach(self.office.chief), None)

    def reach(self, seat: str) -> tuple[str, str] | None:
        if self.office.seats[seat].person(self.day) is None:
            self.telling.vacancies.add((self.day, seat))
        return self.office.reach(seat, self.day)

    def write(self, slot: Slot, who: tuple[str, str] | None, subject: str | None) -> str | None:
        """Put a line into the address's one mail of the day, once; gives the person it went to."""
        if slot in self.telling.ledger:
            return None
        if who is None:
            self.telling.ledger[slot] = "suppressed (nobody)"
            return None
        self.telling.ledger[slot] = "sent"
        self.telling.mails.setdefault((self.day, who[0]), set()).add((subject or slot[0], slot[2]))
        return who[1]
