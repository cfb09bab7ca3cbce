"""What is decided for one form day by day, whoever holds the positions, stands in or is paused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.digest import Line
from tracker.rules.ladders import USUAL, Escalation, Recipient, StagePlan
from tracker.rules.reminders import Office, Pauses, Post, Subject, decide_day
from tracker.rules.stages import stages_for, stages_until
from tracker.rules.workdays import Calendar

PLAIN = Calendar()
DUE = date(2026, 3, 31)
DAYS = [DUE - timedelta(days=20) + timedelta(days=number) for number in range(60)]
TITLES = ("head", "clerk", "chief")
PLAN = StagePlan(USUAL.task, USUAL.follow_up, Escalation.CHIEF_EXECUTIVE)
LINE = Line(section="due", path="/work/1/1/1", due_on=DUE)
# Of each position from the lowest up: who holds it, None where it is vacant.
SEATS = st.tuples(*(st.sampled_from([None, 1, 2, 3]) for _ in TITLES))
PAUSES = st.builds(
    Pauses,
    st.booleans(),
    st.frozensets(st.integers(0, len(TITLES) - 1), max_size=2),
    st.sampled_from([frozenset[str](), frozenset({"group"})]),
)
SPELLS = st.lists(st.tuples(st.integers(0, len(DAYS) - 1), SEATS, PAUSES), max_size=4)


def offices(seats: Sequence[int | None]) -> list[Office]:
    """The positions as they are reached: a vacant one at the first above it that is held."""
    found = []
    for place, title in enumerate(TITLES):
        reached = next((at for at in range(place, len(TITLES)) if seats[at] is not None), None)
        post = None
        if reached is not None:
            post = Post(reached, TITLES[reached], f"{seats[reached]}@x.example", "th", seats[reached])
        found.append(Office(title, post, reached != place and post is not None, place == 0, place))
    return found


def subject(day: date, seats: Sequence[int | None]) -> Subject:
    dues = stages_until(day, DUE, PLAIN, plan=PLAN)
    line = (Recipient.DIVISION, Recipient.CLERK, Recipient.CHIEF_EXECUTIVE)
    calls = [
        (office, stages_for(recipient, dues, "task", PLAN))
        for recipient, office in zip(line, offices(seats), strict=True)
    ]
    return Subject("group", 1, DAYS[0], LINE, calls)


@given(SEATS, SPELLS)
def test_no_row_is_written_twice_and_nobody_is_told_twice(
    first: tuple[int | None, ...], spells: list[tuple[int, tuple[int | None, ...], Pauses]]
) -> None:
    seats, pauses = first, Pauses()
    recorded: list[str] = []
    told: list[tuple[str, str]] = []
    for number, day in enumerate(DAYS):
        for starts, others, held in spells:
            if starts == number:
                seats, pauses = others, held
        decided = decide_day(
            day, [subject(day, seats)], recorded=set(recorded), served=(), calendar=PLAIN, pauses=pauses
        )
        recorded += [entry.key for entry in decided.entries]
        told += [(digest.address, line.stage) for digest in decided.digests for line in digest.lines]
        assert all(len(digest.lines) == 1 for digest in decided.digests)
    assert len(recorded) == len(set(recorded))
    assert len(told) == len(set(told))
