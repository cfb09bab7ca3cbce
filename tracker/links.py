"""Links that open the work of a position without a login: made, found by their token, and what they may open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from tracker.access import new_token, token_hash
from tracker.database import across_organisations, db, organisation_scope
from tracker.errors import NotFound
from tracker.extensions import settings
from tracker.groups import Group
from tracker.models import (
    Division,
    FollowUp,
    FollowUpState,
    MailLink,
    Organisation,
    Plan,
    PlanState,
    Round,
    Task,
)
from tracker.people import Post, answers_for, head_of, posts_on
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Actor, Role
from tracker.rules.states import OUTSTANDING

LINK_DAYS = 14
LOOK_AHEAD = timedelta(days=31)


@dataclass(frozen=True)
class Bearer:
    """Whoever came with a link: the position acted for, what may be opened, and until when.

    `over` says that the link was revoked, has expired, or that the position is reached elsewhere by now.
    `colleague` is the name of the person it was passed on to, blank where it is the position's own; `merged` are
    the divisions whose work the own one took over.
    """

    link_id: int
    organisation_id: int
    organisation_name: str
    contact: str
    position_id: int
    title: str
    language: str
    division_id: int
    division: str
    subjects: tuple[str, ...]
    made_on: date
    good_until: date
    over: bool
    shared: bool
    colleague: str
    merged: frozenset[int]

    @property
    def passes_on(self) -> bool:
        """Whether more links may come from this one."""
        return not self.colleague and not self.shared

    @property
    def actor(self) -> Actor:
        return Actor(
            organisation_id=self.organisation_id,
            name=self.title,
            roles=frozenset({Role.HEAD}),
            division_ids=frozenset({self.division_id}) | self.merged,
            link_id=self.link_id,
            position_id=self.position_id,
        )


def issue(post: Post, subjects: Iterable[str], *, now: datetime) -> tuple[str, dict[str, Any]]:
    """A new link of a position that can be reached: its token to give away, and the values of its MailLink."""
    assert post.address is not None
    token, hashed = new_token()
    return token, {
        "position_id": post.position_id,
        "token_hash": hashed,
        "subjects": list(subjects),
        "address": post.address.lower(),
        "created_at": now,
        # To the end of the day that mails and pages name.
        "expires_at": moment_on(day_of(now) + timedelta(days=LINK_DAYS + 1), 0) - timedelta(seconds=1),
    }


def path_of(token: str) -> str:
    """The address of a link's list, below the installation's."""
    return f"/m/{token}"


def form_address(post: Post, group: Group, *, now: datetime) -> tuple[str, date | None]:
    """The full address of a group's form for a mail to `post`.

    Where it heads the division it is a link that opens without a login, and the last day of that comes with it.
    """
    head = head_of(posts_on(day_of(now)).values(), group.division_id)
    if head is None or post.position_id != head.position_id:
        return settings().url + group.path, None
    token, values = issue(post, [group.subject], now=now)
    db.session.add(MailLink(**values))
    return settings().url + path_of(token) + group.path, day_of(values["expires_at"])


def find(token: str, *, now: datetime, lock: bool = False) -> Bearer:
    """Who comes with this token; NotFound where nobody was ever given it. `lock` keeps a second press waiting."""
    statement = (
        select(MailLink, Organisation)
        .join(Organisation, Organisation.id == MailLink.organisation_id)
        .where(MailLink.token_hash == token_hash(token))
    )
    with across_organisations("mail link by token"):
        found = db.session.execute(
            statement.with_for_update(of=MailLink) if lock else statement
        ).one_or_none()
    if found is None:
        raise NotFound("ลิงก์นี้ไม่ถูกต้อง โปรดเปิดจากจดหมายอีกครั้ง")
    link, organisation = found
    with organisation_scope(organisation.id):
        post = posts_on(day_of(now))[link.position_id]
        assert post.division_id is not None
        divisions = db.session.scalars(
            select(Division).where(Division.id.in_(answers_for(post.division_id)))
        ).all()
        division = next(one for one in divisions if one.id == post.division_id)
    return Bearer(
        link_id=link.id,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        contact=organisation.contact,
        position_id=post.position_id,
        title=post.title,
        language=post.language,
        division_id=division.id,
        division=division.name,
        subjects=tuple(link.subjects),
        made_on=day_of(link.created_at),
        good_until=day_of(link.expires_at),
        over=link.revoked_at is not None
        or link.expires_at <= now
        or (post.address or "").lower() != link.address,
        shared=link.shared,
        colleague=link.colleague_name or "",
        merged=frozenset(one.id for one in divisions) - {division.id},
    )


def due_subjects(division_id: int, today: date) -> list[str]:
    """What a division owes now and soon, for those merged into it too: open groups by due day, then follow-ups."""
    groups = db.session.execute(
        select(Task.item_id, Task.division_id, Task.quarter)
        .join(Plan, Plan.id == Task.plan_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            Task.division_id.in_(answers_for(division_id)),
            Task.state.in_(OUTSTANDING),
            Task.due_on <= today + LOOK_AHEAD,
        )
        .order_by(Task.due_on, Task.item_id)
    )
    follow_ups = db.session.scalars(
        select(FollowUp.id)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(
            Plan.state == PlanState.ADOPTED,
            FollowUp.division_id.in_(answers_for(division_id)),
            FollowUp.state == FollowUpState.WAITING,
            FollowUp.prompts,
            Round.opens_on <= today,
        )
        .order_by(Round.due_on, FollowUp.id)
    )
    subjects = [Group(*place).subject for place in groups] + [f"follow-up:{one}" for one in follow_ups]
    return list(dict.fromkeys(subjects))
