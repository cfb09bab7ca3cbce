"""Towns made up from a number: who sits where, what is to be done, and what people make of it in a year."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from tests.oracle.days import ONE, Days
from tests.oracle.office import Event, Group, Holding, Office, Seat
from tests.oracle.plans import Item, follow_ups_of, groups_of

FISCAL_YEAR = 2569
FIRST, LAST = date(2025, 10, 1), date(2026, 10, 20)
EARLY = date(2025, 1, 1)
ADOPTIONS = (date(2025, 10, 3), date(2025, 12, 20), date(2026, 2, 15), date(2025, 10, 31), date(2026, 5, 15))
WINDOWS = (
    (date(2025, 10, 1), date(2026, 9, 30)),
    (date(2025, 10, 1), date(2026, 3, 31)),
    (date(2026, 4, 1), date(2026, 4, 12)),
    (date(2025, 11, 1), date(2026, 5, 15)),
    (date(2025, 12, 1), date(2025, 12, 31)),
    (date(2026, 3, 1), date(2026, 4, 30)),
    (date(2026, 7, 1), date(2026, 9, 30)),
)
RULES: tuple[tuple[str, tuple[date, ...]], ...] = (
    ("six_twelve", ()),
    ("quarterly", ()),
    ("months", (date(2026, 4, 1), date(2026, 10, 1))),
    ("twelve_months", ()),
    ("six_months", ()),
)
SEAT_FATES = (
    "steady",
    "handed over",
    "vacant",
    "acted for",
    "mailbox",
    "two seats",
    "clerk sits in",
    "shared mailbox",
)
GROUP_FATES = (
    *("never", "never", "in time", "in time", "late", "late", "sent back", "sent back early"),
    *(
        "stuck",
        "moved",
        "moved twice",
        "cancelled",
        "reopened",
        "waits",
        "sent back twice",
        "in parts",
        "in parts",
    ),
)


@dataclass(frozen=True)
class Town:
    """An office, its plan, and the days on which its server is off."""

    office: Office
    items: tuple[Item, ...]
    off: frozenset[date] = frozenset()

    @property
    def people(self) -> set[str]:
        return {holding.person for seat in self.office.seats.values() for holding in seat.holdings}


def town(number: int, divisions: int = 8, name: str = "") -> Town:
    """A town; the same number gives the same town, under another name where one is given."""
    chance = Random(number)
    name = name or f"town{number}"
    days = Days(
        closed=frozenset({date(2025, 12, 30), date(2026, 4, 16), date(2026, 6, 5)} if number % 2 else ()),
        worked=frozenset({date(2026, 3, 28), date(2026, 4, 13)} if number % 3 == 1 else ()),
    )
    heads = {f"division {n}": f"head {n}" for n in range(1, divisions + 1)}
    seats = _seats(name, list(heads.values()), chance, number)
    adopted = ADOPTIONS[number % len(ADOPTIONS)]
    items = []
    for n in range(1, 6):
        rule, months = RULES[(n + number) % len(RULES)] if n > 1 else RULES[0]
        window = WINDOWS[0] if n == 1 else chance.choice(WINDOWS)
        some = tuple(sorted(chance.sample(list(heads), chance.randint(2, min(4, divisions)))))
        items.append(Item(n, chance.randint(1, 2), tuple(heads) if n == 1 else some, window, rule, months))
    office = Office(name, adopted, heads, seats, days=days)
    office.groups = groups_of(items, FISCAL_YEAR)
    if number % 3 == 0:
        office.closed = date(2026, 9, 1) + chance.randint(0, 40) * ONE
    several = tuple(f"item {item.number}," for item in items if item.measures > 1)
    for group in office.groups:
        group.events = _lived(group, office, chance, any(item in group.name for item in several))
    office.follow_ups = follow_ups_of(items, FISCAL_YEAR, adopted, days)
    for follow_up in office.follow_ups:
        answered = max(follow_up.opens, adopted + ONE) + chance.randint(0, 40) * ONE
        if chance.random() < 0.7 and answered <= (office.closed or LAST):
            follow_up.events = [Event(answered, "answered")]
    off = frozenset(date(2026, 3, 15) + n * ONE for n in range(12)) if number % 4 == 1 else frozenset()
    if number % 4 == 3:
        off = frozenset(date(2026, 1, 20) + n * ONE for n in range(45))
    return Town(office, tuple(items), off)


def _seats(name: str, heads: list[str], chance: Random, number: int) -> dict[str, Seat]:
    def person(seat: str) -> str:
        return f"{seat.replace(' ', '-')}@{name}.example"

    seats = {
        "chief": Seat(None, None, [Holding(person("chief"), EARLY)]),
        "clerk": Seat("chief", None, [Holding(person("clerk"), EARLY)]),
        "coordinator": Seat("clerk", None, [Holding(person("coordinator"), EARLY)]),
    }
    fates = list(SEAT_FATES)
    chance.shuffle(fates)
    for place, head in enumerate(heads):
        seat = Seat("clerk")
        fate = fates[place % len(fates)]
        since = date(2025, 11, 15) + chance.randint(0, 200) * ONE
        until = since + chance.randint(3, 60) * ONE
        own, other = person(head), person(f"next {head}")
        seat.holdings = [Holding(own, EARLY)]
        if fate in ("handed over", "mailbox"):
            seat.holdings = [Holding(own, EARLY, since), Holding(other, since + ONE)]
        if fate == "vacant":
            seat.holdings = [Holding(own, EARLY, since), Holding(other, until)]
        if fate == "acted for":
            seat.holdings.append(Holding(other, since, until, acting=True))
        if fate == "two seats":
            seat.holdings = [Holding(person(heads[0]), EARLY)]
        if fate == "clerk sits in":
            seat.holdings = [Holding(own, EARLY, since), Holding(person("clerk"), since, until, acting=True)]
        if fate == "mailbox":
            seat.mailbox = f"office-{place}@{name}.example"
        if fate == "shared mailbox":
            seat.mailbox = f"saraban@{name}.example"
        seats[head] = seat
    above = number % 6
    if above == 1:  # nobody is clerk for a while: the chief executive stands in
        seats["clerk"].holdings = [
            Holding(person("clerk"), EARLY, date(2026, 1, 4)),
            Holding(person("next clerk"), date(2026, 2, 20)),
        ]
    if above == 2:
        seats["coordinator"].holdings = [Holding(person("clerk"), EARLY)]
    if above == 3:
        seats["coordinator"].holdings = [Holding(person(heads[-1]), EARLY)]
    if above == 4:
        seats["chief"].holdings = [Holding(person("chief"), EARLY, date(2025, 12, 25))]
    if above == 5:
        seats["clerk"].mailbox = f"saraban@{name}.example"
    return seats


def _lived(group: Group, office: Office, chance: Random, several: bool) -> list[Event]:
    """What happens to a group; never before adoption, never two things on a day."""
    due = office.days.task_due(group.planned, office.adopted)
    fate = chance.choice(GROUP_FATES)
    if fate == "cancelled" and not group.name.endswith(("item 1, quarter 1", "item 1, quarter 3")):
        fate = "never"
    if fate == "in parts" and not several:
        fate = "stuck"
    if fate == "never":
        return []
    story = {
        "in time": ["submitted", "approved"],
        "late": ["submitted", "approved"],
        "waits": ["submitted"],
        "stuck": ["stuck", "submitted", "approved"],
        "in parts": ["partly", "approved", "submitted", "approved"],
        "cancelled": ["cancelled"],
        "moved": ["moved", "submitted", "approved"],
        "moved twice": ["moved", "moved"],
        "sent back": ["submitted", "sent_back", "submitted", "approved"],
        "sent back early": ["submitted", "sent_back", "submitted"],
        "sent back twice": ["submitted", "sent_back", "submitted", "sent_back", "submitted", "approved"],
        "reopened": ["submitted", "approved", "reopened", "submitted", "approved"],
    }[fate]
    start = {"late": 1, "sent back early": -60, "moved": -25, "moved twice": -10, "reopened": -15}.get(
        fate, -18
    )
    on = max(due + (start + chance.randint(0, 24)) * ONE, office.adopted + chance.randint(1, 5) * ONE)
    events = []
    for what in story:
        moved_to = max(due, on) + chance.randint(3, 40) * ONE if what == "moved" else None
        events.append(Event(on, what, moved_to))
        on += timedelta(days=chance.choice((1, 1, 2, 3, 5, 8, 13)))
    return [event for event in events if event.on <= (office.closed or LAST)]
