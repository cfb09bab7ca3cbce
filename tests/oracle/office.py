"""A plain description of an office: who sits where and when, what it has to do, what came of that."""

from dataclasses import dataclass, field
from datetime import date

from tests.oracle.days import Days


@dataclass(frozen=True)
class Holding:
    person: str  # the address of the person, who is known by it
    since: date
    until: date | None = None  # last day, inclusive
    acting: bool = False


@dataclass
class Seat:
    """A position: whom it answers to, its mailbox, and who sat in it."""

    superior: str | None = None
    mailbox: str | None = None
    holdings: list[Holding] = field(default_factory=list)

    def person(self, day: date) -> str | None:
        there = [h for h in self.holdings if h.since <= day and (h.until is None or day <= h.until)]
        for holding in sorted(there, key=lambda h: not h.acting):
            return holding.person
        return None


@dataclass(frozen=True)
class Event:
    """What happened to a group or a follow-up on the afternoon of a day, after that day's mails."""

    on: date
    what: str  # submitted, partly (the rest is stuck), stuck, approved, sent_back, reopened, moved, cancelled; answered
    due: date | None = None  # of moved


@dataclass
class Group:
    """One form, an item's tasks for a division in a quarter; its day is the plan's, before adoption is weighed."""

    name: str
    division: str
    planned: date
    events: list[Event] = field(default_factory=list)


@dataclass
class FollowUp:
    """A division's answer to a round, with the two days the round has."""

    name: str
    division: str
    opens: date
    due: date
    waits_until: date | None = None  # all it asks about is look-back work due that day
    events: list[Event] = field(default_factory=list)


@dataclass
class Office:
    name: str
    adopted: date
    heads: dict[str, str]  # division → seat
    seats: dict[str, Seat]
    groups: list[Group] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    clerk: str = "clerk"
    chief: str = "chief"
    coordinator: str = "coordinator"
    days: Days = field(default_factory=Days)
    closed: date | None = None  # on the afternoon of this day the year was closed

    def vacant(self, seat: str, day: date) -> bool:
        return self.seats[seat].mailbox is None and self.seats[seat].person(day) is None

    def reach(self, seat: str | None, day: date) -> tuple[str, str] | None:
        """The address a seat is written to on a day and the person it means; a vacant seat falls to its superior."""
        while seat is not None and self.vacant(seat, day):
            seat = self.seats[seat].superior
        if seat is None:
            return None
        person = self.seats[seat].person(day)
        address = self.seats[seat].mailbox or person
        assert address is not None
        return address, person or address
