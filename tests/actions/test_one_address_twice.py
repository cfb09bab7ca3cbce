"""One address in several places of the line: somebody stands in for vacant positions, or holds two, also in a pause."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.actions.test_settings import ahead, head_position, plan_days, reasons, set_stages, user
from tests.deeds import group_of, report, send_back
from tests.world import World, at
from tracker.actions import pausing, staffing
from tracker.database import db
from tracker.groups import Group
from tracker.models import OutgoingMail, Position
from tracker.rules.permissions import Role
from tracker.rules.reminders import Day

YEAR = (date(2025, 10, 1), date(2026, 9, 30))
NOW = at("2025-12-15", "10:00")
CLERK = "clerk@tuayang.example"
# What the clerk is told of the form by himself, as late-5 says, and what in the head's place.
LATE_5, WEEKLY = ("late-5", "2026-01-09"), ("weekly-02", "2026-01-23")


@pytest.fixture
def owing(world: World) -> World:
    """The second division owes the first quarter's report."""
    world.adopted_plan([(1, [1], *YEAR)])
    return world


@pytest.fixture
def vacant(owing: World) -> World:
    """Nobody heads that division from the 16th on; the clerk is its head's superior."""
    with owing.write():
        held = staffing.holdings_of(head_position())[0]
        staffing.end(held, date(2025, 12, 15), now=NOW, by=owing.actor("coordinator"))
    return owing


def clerk_position() -> Position:
    return db.session.scalars(select(Position).where(Position.role == Role.CLERK)).one()


def hold(world: World, about: str) -> None:
    """Pause it over the week-end before the second weekly stage."""
    with world.write():
        what: dict[str, Group | Position | None] = {
            "everything": None,
            "clerk": clerk_position(),
            "head": head_position(),
            "group": group_of(world, 1),
        }
        pausing.pause(what[about], date(2026, 1, 18), "ไปราชการ", now=NOW, by=world.actor("coordinator"))


def stages(days: list[Day], address: str = CLERK) -> list[tuple[str, str]]:
    return [
        (line.stage, day.day.isoformat())
        for day in days
        for digest in day.digests
        for line in digest.lines
        if digest.address == address and line.section in {"due", "late"}
    ]


@pytest.mark.parametrize(
    ("about", "sent"),
    [("everything", [WEEKLY]), ("group", [WEEKLY]), ("clerk", [WEEKLY]), ("head", [LATE_5, WEEKLY])],
)
def test_a_pause_holds_what_is_told_in_the_place_of_a_vacant_head(
    vacant: World, about: str, sent: list[tuple[str, str]]
) -> None:
    hold(vacant, about)
    foretold = stages(ahead(vacant, "2025-12-16", "2026-01-23"))
    assert stages(plan_days(vacant, "2025-12-16", "2026-01-23")) == foretold == sent
    assert reasons(vacant, CLERK)["on"] == "paused"


def test_whoever_heads_a_division_besides_is_told_as_the_clerk_while_its_head_is_paused(owing: World) -> None:
    with owing.write():
        staffing.hand_over(
            head_position(),
            user(owing, "clerk"),
            date(2025, 12, 15),
            None,
            acting=True,
            now=NOW,
            by=owing.actor("coordinator"),
        )
    hold(owing, "head")
    assert stages(plan_days(owing, "2025-12-16", "2026-01-23")) == [LATE_5, WEEKLY]


def test_what_is_sent_back_to_a_vacant_head_waits_for_the_end_of_its_pause(vacant: World) -> None:
    report(vacant, group_of(vacant, 1), who="head1", now=at("2025-12-15"))
    hold(vacant, "head")
    send_back(vacant, group_of(vacant, 1), at("2025-12-16"))
    with vacant.read():
        assert db.session.scalars(select(OutgoingMail.kind)).all() == []
        db.session.rollback()


@pytest.mark.parametrize(("about", "said"), [("head", False), ("clerk", None), (None, True)])
def test_the_clerk_is_told_that_the_division_knows_only_where_it_was_told(
    owing: World, about: str | None, said: bool | None
) -> None:
    if about is not None:
        hold(owing, about)
    plan_days(owing, "2026-01-09", "2026-01-09")
    with owing.read():
        mails = db.session.scalars(select(OutgoingMail).where(OutgoingMail.to_address == CLERK)).all()
        found = ["ผู้รับผิดชอบได้รับจดหมายของตนแล้ว" in mail.body_text for mail in mails]
        db.session.rollback()
    assert found == ([] if said is None else [said])


def test_whoever_stands_in_for_head_and_clerk_and_is_escalated_to_is_told_once(vacant: World) -> None:
    set_stages(vacant, escalation="chief_executive")
    with vacant.write():
        held = staffing.holdings_of(clerk_position())[0]
        staffing.end(held, date(2025, 12, 15), now=NOW, by=vacant.actor("coordinator"))
    told = stages(plan_days(vacant, "2026-01-05", "2026-01-16"), "chief@tuayang.example")
    assert told == [("late-1", "2026-01-05"), LATE_5, ("weekly-01", "2026-01-16")]
