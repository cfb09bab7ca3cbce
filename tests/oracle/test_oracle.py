"""The oracle alone against every literal case of the design."""

from datetime import date, timedelta

import pytest

from tests.oracle.days import ONE, Days, quarters, task_days
from tests.oracle.office import Event, FollowUp, Group, Holding, Office, Seat
from tests.oracle.telling import standing, tell

DAYS = Days()
LONG_AGO = date(2025, 10, 1)


def office(adopted: date = date(2025, 9, 30)) -> Office:
    early = date(2020, 1, 1)
    return Office(
        name="o",
        adopted=adopted,
        heads={"works": "head"},
        seats={
            "head": Seat("clerk", None, [Holding("head@x", early)]),
            "clerk": Seat("chief", None, [Holding("clerk@x", early)]),
            "chief": Seat(None, None, [Holding("chief@x", early)]),
            "coordinator": Seat("clerk", None, [Holding("coord@x", early)]),
        },
    )


def division_told(
    one: Office, subject: str, until: date, off: tuple[date, ...] = ()
) -> list[tuple[date, str]]:
    telling = tell(one, one.adopted, until, off)
    return [(day, stage) for day, stage, address in telling.sent(subject) if address == "head@x"]


def test_new_year_takes_the_eve_and_the_day_together():
    one = office()
    one.groups = [Group("g", "works", date(2025, 12, 31))]
    assert division_told(one, "g", date(2026, 1, 18)) == [
        (date(2025, 12, 17), "before-14"),
        (date(2025, 12, 24), "before-7"),
        (date(2025, 12, 30), "on"),
        (date(2026, 1, 5), "late-1"),
        (date(2026, 1, 9), "late-5"),
        (date(2026, 1, 16), "weekly-01"),
    ]
    assert tell(one, one.adopted, date(2026, 1, 18)).ledger["g", 1, "before-1", "head@x"] == "superseded"


def test_chakri_day_and_songkran_move_what_comes_after_the_thirty_first_of_march():
    one = office()
    one.groups = [Group("g", "works", date(2026, 3, 31))]
    assert division_told(one, "g", date(2026, 4, 25)) == [
        (date(2026, 3, 17), "before-14"),
        (date(2026, 3, 24), "before-7"),
        (date(2026, 3, 30), "before-1"),
        (date(2026, 3, 31), "on"),
        (date(2026, 4, 1), "late-1"),
        (date(2026, 4, 8), "late-5"),
        (date(2026, 4, 16), "weekly-01"),
        (date(2026, 4, 22), "weekly-02"),
    ]


def test_a_saturday_is_reminded_of_on_the_friday():
    one = office(date(2028, 10, 2))
    one.groups = [Group("g", "works", date(2029, 3, 31))]
    assert division_told(one, "g", date(2029, 4, 2)) == [
        (date(2029, 3, 16), "before-14"),
        (date(2029, 3, 23), "before-7"),
        (date(2029, 3, 30), "on"),
        (date(2029, 4, 2), "late-1"),
    ]


@pytest.mark.parametrize(
    ("period_end", "opens", "due"),
    [
        (date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 16)),
        (date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 17)),
        (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 16)),
    ],
)
def test_rounds_open_and_are_due(period_end, opens, due):
    assert DAYS.round_after(period_end) == (opens, due)


def test_the_six_month_round_is_reminded_of_around_songkran():
    one = office()
    opens, due = DAYS.round_after(date(2026, 3, 31))
    one.follow_ups = [FollowUp("f", "works", opens, due)]
    assert division_told(one, "f", date(2026, 4, 30)) == [
        (date(2026, 4, 1), "open"),
        (date(2026, 4, 9), "before-7"),
        (date(2026, 4, 10), "before-1"),
        (date(2026, 4, 16), "on"),
        (date(2026, 4, 17), "late-1"),
        (date(2026, 4, 23), "late-5"),
        (date(2026, 4, 30), "weekly-01"),
    ]


@pytest.mark.parametrize(
    ("adopted", "due"), [(date(2025, 12, 20), date(2026, 1, 14)), (date(2026, 2, 15), date(2026, 3, 9))]
)
def test_the_first_quarter_looks_back_when_the_plan_is_late(adopted, due):
    first_quarter = quarters(2569)[0][1]
    assert DAYS.look_back(first_quarter, adopted)
    assert DAYS.task_due(first_quarter, adopted) == due


def test_a_group_sent_back_has_five_working_days_more_and_stays_on_time():
    group = Group(
        "g",
        "works",
        date(2026, 3, 31),
        [Event(date(2026, 3, 30), "submitted"), Event(date(2026, 4, 2), "sent_back")],
    )
    now = standing(DAYS, LONG_AGO, group, date(2026, 4, 3))
    assert (now.due, now.version, now.on_time, now.state) == (date(2026, 4, 10), 2, True, "waiting")


def test_a_server_that_was_off_sends_the_latest_only():
    one = office()
    one.groups = [Group("g", "works", date(2026, 3, 31))]
    off = tuple(date(2026, 3, 15) + timedelta(days=n) for n in range(12))
    telling = tell(one, one.adopted, date(2026, 3, 27), off)
    assert telling.sent("g") == [(date(2026, 3, 27), "before-7", "head@x")]
    assert telling.ledger["g", 1, "before-14", "head@x"] == "superseded"


def test_a_round_that_opened_before_adoption_opens_after_it():
    assert DAYS.round_after(date(2026, 3, 31), date(2026, 5, 15)) == (date(2026, 5, 18), date(2026, 6, 9))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2027, 5, 3), True),
        (date(2026, 6, 1), False),
        (date(2026, 5, 1), True),
        (date(2026, 4, 6), False),
    ],
)
def test_labour_day_and_what_stands_in_for_it_are_worked(day, working):
    assert DAYS.working(day) is working


def test_the_chief_executive_has_a_month_on_its_first_working_day():
    one = office()
    telling = tell(one, one.adopted, date(2026, 1, 31))
    assert [(day, stage) for day, stage, _ in telling.sent("plan")] == [
        (date(2025, 10, 1), "monthly-2025-10"),
        (date(2025, 11, 3), "monthly-2025-11"),
        (date(2025, 12, 1), "monthly-2025-12"),
        (date(2026, 1, 5), "monthly-2026-01"),
    ]


def test_a_window_gives_a_task_in_every_quarter_it_touches():
    assert task_days(2569, (date(2025, 11, 1), date(2026, 5, 15))) == [
        (1, date(2025, 12, 31)),
        (2, date(2026, 3, 31)),
        (3, date(2026, 5, 15)),
    ]


def test_where_nobody_is_reached_every_day_says_so_and_whoever_comes_is_told():
    one = office()
    for seat in one.seats.values():
        seat.holdings = []
    one.seats["head"].holdings = [Holding("head@x", date(2026, 3, 19))]
    one.groups = [Group("g", "works", date(2026, 3, 31))]
    telling = tell(one, one.adopted, date(2026, 3, 20))
    assert sorted(row for row in telling.unreached if row[2] == "g") == [
        (date(2026, 3, 17), "head", "g", "before-14"),
        (date(2026, 3, 18), "head", "g", "before-14"),
    ]
    assert telling.sent("g") == [(date(2026, 3, 19), "before-14", "head@x")]


def test_every_week_has_its_summary_also_before_a_plan_and_when_its_monday_was_missed():
    one = office(date(2026, 5, 1))
    songkran = [date(2026, 4, day) for day in (16, 17)]
    off = (date(2026, 3, 23), date(2026, 3, 24), *(date(2026, 3, 30) + n * ONE for n in range(5)), *songkran)
    telling = tell(one, date(2026, 3, 16), date(2026, 4, 21), off)
    assert telling.sent("week") == [
        (date(2026, 3, 16), "week-2026-12", "coord@x"),
        (date(2026, 3, 25), "week-2026-13", "coord@x"),
        # Nobody is told of the fourteenth, which the server slept through; the sixth of April is Chakri Day.
        (date(2026, 4, 7), "week-2026-15", "coord@x"),
        (date(2026, 4, 20), "week-2026-17", "coord@x"),
    ]
