"""Merges a division into another, which takes over what is still to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update

from tracker import journal
from tracker.actions.merging.asking import hand_over_questions, waiting_of
from tracker.actions.merging.work import Moving, hand_over_work, moving_of
from tracker.database import current_organisation, db
from tracker.errors import Refused
from tracker.models import (
    CalendarFeed,
    Division,
    FollowUp,
    Holding,
    MailLink,
    Plan,
    PlanState,
    Position,
    Task,
    User,
)
from tracker.people import Post, head_of, posts_on, reached
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor
from tracker.rules.states import REPORTED
from tracker.rules.thai import letters


@dataclass(frozen=True)
class Preview:
    """What a merging would do: tasks that move and those that are dropped, questions, what stays, who leaves.

    `told` is the post that reminders go to from then on, None where nobody is reached; `leaving` are the names of
    those who hold positions of the old division now or will; `reported` counts tasks, `links` live mail links.
    """

    moving: Moving
    follow_ups: Sequence[FollowUp]
    reported: int
    told: Post | None
    leaving: Sequence[str]
    links: int


def successors(old: Division) -> Sequence[Division]:
    """The divisions that could take over."""
    return db.session.scalars(
        select(Division)
        .where(Division.ended_on.is_(None), Division.id != old.id)
        .order_by(Division.place, Division.id)
    ).all()


def preview(old: Division, successor: Division, *, now: datetime) -> Preview:
    """What `merge` would do at this moment; reads only. Refused where it would be."""
    _require_mergeable(old, successor)
    posts = posts_on(day_of(now))
    return Preview(
        moving=moving_of(old, successor),
        follow_ups=waiting_of(old),
        reported=db.session.scalar(
            select(func.count(Task.id))
            .join(Plan, Plan.id == Task.plan_id)
            .where(Task.division_id == old.id, Task.state.in_(REPORTED), Plan.state == PlanState.ADOPTED)
        )
        or 0,
        told=reached(posts, head_of(posts.values(), successor.id)),
        leaving=db.session.scalars(
            select(User.name)
            .join(Holding, Holding.user_id == User.id)
            .where(Holding.id.in_([holding.id for holding in _holdings(old, now)]))
            .distinct()
            .order_by(User.name)
        ).all(),
        links=len(_links(old, now)),
    )


def merge(old: Division, successor: Division, *, now: datetime, by: Actor) -> None:
    """Let the successor take over from today; what was submitted or approved stays told by the old division.

    Open tasks and unanswered follow-ups become the successor's. Positions of the old division are vacant from
    today, its links and calendar addresses end, and documents that use its names mean the successor.
    """
    # Two mergings at a time, or one and a planner, must not see each other half done.
    current_organisation(lock=True)
    db.session.refresh(old)
    db.session.refresh(successor)
    _require_mergeable(old, successor)
    moving = hand_over_work(old, successor, now=now)
    asked = hand_over_questions(old, successor)
    _end_positions(old, now)
    names = [old.name, *old.aliases]
    own = {letters(name) for name in (successor.name, *successor.aliases)}
    successor.aliases = [*successor.aliases, *(name for name in names if letters(name) not in own)]
    old.aliases = []
    old.ended_on, old.successor_id = day_of(now), successor.id
    # Whoever was merged into the old division is answered for by the new one as well.
    for earlier in db.session.scalars(select(Division).where(Division.successor_id == old.id)):
        earlier.successor_id = successor.id
    db.session.flush()
    journal.record(
        "division.merged",
        "division",
        old.id,
        now=now,
        by=by,
        into=successor.id,
        tasks=[task.id for task in moving.tasks],
        cancelled=[task.id for task in moving.doubles],
        follow_ups=asked,
    )


def _require_mergeable(old: Division, successor: Division) -> None:
    if old.coordinates:
        raise Refused("หน่วยงานที่ประสานแผนรวมเข้ากับส่วนราชการอื่นไม่ได้")
    if old.ended_on is not None:
        raise Refused("ส่วนราชการนี้ยุบไปแล้ว")
    if successor.id == old.id or successor.ended_on is not None:
        raise Refused("กรุณาเลือกส่วนราชการที่รับงานต่อและยังไม่ยุบ")


def _positions(old: Division) -> Sequence[Position]:
    return db.session.scalars(select(Position).where(Position.division_id == old.id)).all()


def _holdings(old: Division, now: datetime) -> Sequence[Holding]:
    """The holdings of its positions that are not over."""
    return db.session.scalars(
        select(Holding)
        .where(Holding.position_id.in_([position.id for position in _positions(old)]))
        .where(or_(Holding.until_on.is_(None), Holding.until_on >= day_of(now)))
        .order_by(Holding.id)
    ).all()


def _links(old: Division, now: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(MailLink.id).where(
            MailLink.position_id.in_([position.id for position in _positions(old)]),
            MailLink.revoked_at.is_(None),
            MailLink.expires_at > now,
        )
    ).all()


def _end_positions(old: Division, now: datetime) -> None:
    """Nobody holds or is reached at the old division's positions; who answered to them answers one higher."""
    today = day_of(now)
    links = _links(old, now)
    for holding in _holdings(old, now):
        if holding.from_on > today:
            db.session.delete(holding)
        else:
            holding.until_on = today - timedelta(days=1)
    above = {position.id: position.superior_id for position in _positions(old)}
    for position in _positions(old):
        position.mailbox = None
    for below in db.session.scalars(select(Position).where(Position.superior_id.in_(above))):
        while below.id not in above and below.superior_id in above:
            below.superior_id = above[below.superior_id]
    _revoke(MailLink, MailLink.id.in_(links), now)
    _revoke(CalendarFeed, CalendarFeed.division_id == old.id, now)


def _revoke(table: type[MailLink] | type[CalendarFeed], which: ColumnElement[bool], now: datetime) -> None:
    db.session.execute(
        update(table)
        .where(which, table.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
