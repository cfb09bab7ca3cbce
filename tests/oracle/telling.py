"""The year told day by day: who gets which lines on which morning, and what is never sent and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.oracle.days import ONE, Days
from tests.oracle.office import Event, FollowUp, Group, Office

Line = tuple[str, str]  # what it is about, and the stage
Slot = tuple[str, int, str, str]  # subject, version of its due day, stage, address
Stages = Sequence[tuple[date, str]]

NEWS_ARE_FRESH = timedelta(days=14)
FOR_THE_COORDINATOR = {"submitted", "partly", "stuck"}
FOR_THE_DIVISION = {"approved", "reopened", "moved", "cancelled"}


@dataclass
class Telling:
    """All mails by day and address, the outcome of every stage for every address, and the seats found vacant."""

    mails: dict[tuple[date, str], set[Line]] = field(default_factory=dict)
    ledger: dict[Slot, str] = field(default_factory=dict)  # sent, superseded, suppressed (why)
    vacancies: set[tuple[date, str]] = field(default_factory=set)
    unreached: set[tuple[date, str, str, str]] = field(
        default_factory=set
    )  # day, seat, subject, stage: nobody there
    told_otherwise: set[Slot] = field(default_factory=set)  # an escalation to somebody who was told below

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
    """A group as the morning of a day finds it; `born` is the afternoon on which its due day was set."""

    due: date
    version: int
    born: date
    state: str  # waiting, submitted, approved, cancelled
    attempt: Event | None = None  # the latest one; none once it was sent back
    answered: bool = False
    whole: bool = True  # nothing of it is stuck beside what was submitted
    on_time: bool | None = None


def standing(days: Days, adopted: date, group: Group, morning: date) -> Standing:
    """What the events before that morning made of a group."""
    now = Standing(days.task_due(group.planned, adopted), 1, adopted, "waiting")
    for event in group.events:
        if event.on >= morning:
            break
        if event.what in FOR_THE_COORDINATOR:
            now.attempt, now.answered = event, False
        elif event.what in ("approved", "reopened"):
            now.answered = True
        elif event.what in ("sent_back", "cancelled"):
            now.attempt = None
        if event.what == "submitted":
            now.state, now.whole = "submitted", True
            if now.on_time is None:
                now.on_time = event.on <= now.due
        elif event.what in ("sent_back", "reopened"):
            now.state, now.due = "waiting", days.due_again(now.due, event.on)
            now.version, now.born = now.version + 1, event.on
        elif event.what == "moved":
            assert event.due is not None
            now.due, now.version, now.born = event.due, now.version + 1, event.on
        elif event.what == "partly":
            now.whole = False
        elif event.what == "cancelled" or (event.what == "approved" and now.whole):
            now.state = event.what
    return now


def tell(office: Office, first: date, last: date, off: Iterable[date] = ()) -> Telling:
    """Every morning from one day to another; on the days off the server does not run."""
    telling = Telling()
    dark = set(off)
    day = first
    while day <= last:
        in_force = office.adopted < day and (office.closed is None or day <= office.closed)
        if office.days.working(day) and day not in dark:
            morning = _Morning(office, telling, day)
            if in_force:
                morning.tell()
            morning.show_the_journal()
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
            now = standing(self.office.days, self.office.adopted, group, self.day)
            if now.state == "waiting":
                stages = self.office.days.stages_of_tasks(now.due, self.day)
                self.warn(group.name, group.division, now.version, now.born, stages)
            self.ask_for_approval(group, now)
            self.pass_on_news(group)
        for follow_up in self.office.follow_ups:
            if not any(event.on < self.day for event in follow_up.events):
                self.ask(follow_up)
        self.summarise()

    def ask(self, follow_up: FollowUp) -> None:
        """A follow-up is not asked before it opens, nor before the look-back work it asks about is due."""
        asks = max(follow_up.opens, follow_up.waits_until or follow_up.opens)
        stages = self.office.days.stages_of_follow_up(asks, follow_up.due, self.day)
        opened = [stage for stage in stages if stage[0] >= self.office.days.at_or_after(asks)]
        self.warn(follow_up.name, follow_up.division, 1, self.office.adopted, opened)

    def warn(self, subject: str, division: str, version: int, born: date, stages: Stages) -> None:
        """Every stage goes to the division, late-5 to the clerk beside it."""
        late_5 = [stage for stage in stages if stage[1] == "late-5"]
        head = self.office.heads[division]
        self.write(subject, subject, version, born, [(head, stages), (self.office.clerk, late_5)])

    def ask_for_approval(self, group: Group, now: Standing) -> None:
        """The coordinator has what came in; more than three working days remind him, more than seven the clerk."""
        if now.attempt is None:
            return
        came = now.attempt.on
        key = f"{group.name} {group.events.index(now.attempt)}"
        if now.attempt.what in ("stuck", "partly"):
            trouble = [(came + ONE, "stuck")]
            self.write(f"{key} stuck", group.name, 1, came, [(self.office.coordinator, trouble)])
        if now.attempt.what == "stuck" or now.answered:
            return
        stages, above = [(came + ONE, "submitted")], []
        # Day by day: the first morning on which more than that many working days have passed.
        at = came
        while at < self.day:
            at += ONE
            passed = self.office.days.passed(came, at)
            if passed == 4 and self.office.days.working(at):
                stages.append((at, "waiting-3"))
            if passed == 8 and self.office.days.working(at):
                above.append((at, "waiting-7"))
        self.write(key, group.name, 1, came, [(self.office.coordinator, stages), (self.office.clerk, above)])

    def pass_on_news(self, group: Group) -> None:
        """What became of its work is told to the division in its next digest, while it is news."""
        for number, event in enumerate(group.events):
            if event.what in FOR_THE_DIVISION and event.on < self.day <= event.on + NEWS_ARE_FRESH:
                calls = [(self.office.heads[group.division], [(event.on + ONE, event.what)])]
                self.write(f"{group.name} {number}", group.name, 1, event.on, calls)

    def summarise(self) -> None:
        """On the first working day of a month the chief executive has the month on one page."""
        stages = []
        month = self.office.adopted.replace(day=1)
        while month <= self.day:
            on = self.office.days.first_of_month(month)
            if self.office.adopted < on <= self.day:
                stages.append((on, f"monthly-{month:%Y-%m}"))
            month = (month + 31 * ONE).replace(day=1)
        self.write("plan", "plan", 1, self.office.adopted, [(self.office.chief, stages)])

    def show_the_journal(self) -> None:
        """Once a week, from its first working day on, the coordinator has the journal's end; what passed is past."""
        day = self.day - self.day.weekday() * ONE
        while not self.office.days.working(day):
            day += ONE
        if self.office.reach(self.office.coordinator, self.day) is not None:
            stage = f"week-{self.day:%G-%V}"
            self.write("week", "week", 1, date.min, [(self.office.coordinator, [(day, stage)])])

    def write(
        self, subject: str, about: str, version: int, born: date, calls: Sequence[tuple[str, Stages]]
    ) -> None:
        """Put what has fallen and was not decided into each address's one mail of the day, from the lowest up."""
        told: set[str] = set()
        for seat, stages in calls:
            who = self.office.reach(seat, self.day)
            if stages and self.office.vacant(seat, self.day):
                self.telling.vacancies.add((self.day, seat))
            if who is None:
                # What would be sent has fallen last; it is noted on each such day, and told once there is somebody.
                if stages and stages[-1][0] > born:
                    self.telling.unreached.add((self.day, seat, subject, stages[-1][1]))
                continue
            address, person = who
            if address in told or person in told:
                for _, stage in stages:
                    self.telling.told_otherwise.add((subject, version, stage, address))
                continue
            told |= {address, person}
            for number, (on, stage) in enumerate(stages, start=1):
                slot = (subject, version, stage, address)
                if slot in self.telling.ledger:
                    continue
                if on <= born:
                    self.telling.ledger[slot] = "suppressed"
                elif number < len(stages):
                    self.telling.ledger[slot] = "superseded"
                else:
                    self.telling.ledger[slot] = "sent"
                    self.telling.mails.setdefault((self.day, address), set()).add((about, stage))
