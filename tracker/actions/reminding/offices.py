"""The positions that are told of things, as they are reached on a day, and that day's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker import people
from tracker.rules.ladders import Kind, Recipient, StagePlan
from tracker.rules.permissions import Role
from tracker.rules.reminders import Office, Post
from tracker.rules.stages import StageDue, stages_for
from tracker.rules.workdays import Calendar


@dataclass(frozen=True)
class Offices:
    """What every question of a day needs: its calendar, its hour and whom each position reaches."""

    day: date
    calendar: Calendar
    send_minute: int
    stages: StagePlan
    heads: Mapping[int, Office]
    approvers: Mapping[int, Office]
    coordinator: Office
    clerk: Office
    chief: Office

    def line_up(
        self, division_id: int, division: str, dues: Sequence[StageDue], kind: Kind = "task"
    ) -> list[tuple[Office, list[StageDue]]]:
        """The stages by office, from the lowest up; the chief executive only where the organisation wants it."""
        line = [(Recipient.DIVISION, self.head(division_id, division)), (Recipient.CLERK, self.clerk)]
        if Recipient.CHIEF_EXECUTIVE in self.stages.escalation.recipients:
            line.append((Recipient.CHIEF_EXECUTIVE, self.chief))
        return [(office, stages_for(recipient, dues, kind, self.stages)) for recipient, office in line]

    def head(self, division_id: int, division: str) -> Office:
        """The division's head; a division without the position is a vacancy by its own name."""
        return self.heads.get(division_id) or Office(division, None, answers=True)

    def approver(self, division_id: int) -> Office:
        """Who approves the division's reports: the position set for it, else the coordinator."""
        return self.approvers.get(division_id, self.coordinator)


def offices_on(
    day: date, posts: dict[int, people.Post], calendar: Calendar, send_minute: int, stages: StagePlan
) -> Offices:
    """The offices as their positions are held on a day."""
    divisions = dict.fromkeys(post.division_id for post in posts.values() if post.division_id is not None)
    heads = {division_id: people.head_of(posts.values(), division_id) for division_id in divisions}
    return Offices(
        day=day,
        calendar=calendar,
        send_minute=send_minute,
        stages=stages,
        heads={
            division_id: _office(head, posts, answers=True)
            for division_id, head in heads.items()
            if head is not None
        },
        approvers={
            division_id: _office(posts[position_id], posts, answers=True)
            for division_id, position_id in people.approvers().items()
        },
        coordinator=_with_role(Role.COORDINATOR, posts, answers=True),
        clerk=_with_role(Role.CLERK, posts),
        chief=_with_role(Role.CHIEF_EXECUTIVE, posts),
    )


def _with_role(role: Role, posts: dict[int, people.Post], answers: bool = False) -> Office:
    post = people.with_role(posts.values(), role)
    return _office(post, posts, answers) if post is not None else Office(role, None, answers=answers)


def _office(post: people.Post, posts: dict[int, people.Post], answers: bool = False) -> Office:
    reached = people.reached(posts, post)
    if reached is None or reached.address is None:
        return Office(post.title, None, answers=answers, position_id=post.position_id)
    stands_in = Post(
        position_id=reached.position_id,
        title=reached.title,
        address=reached.address.lower(),
        language=reached.language,
        holder_id=reached.holder_id,
    )
    vacant = reached is not post
    return Office(post.title, stands_in, vacant, answers, position_id=post.position_id)
