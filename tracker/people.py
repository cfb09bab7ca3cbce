"""Who holds a position on a day, and where it is reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, bindparam, or_, select

from tracker.database import db
from tracker.models import Approver, Division, Holding, Position, User
from tracker.rules.permissions import PERMISSIONS, Deed, Role

# Kept, because making the statements takes longer than running them.
_HELD = (
    select(Holding.position_id, User.id, User.name, User.address, User.language)
    .join(User, (User.id == Holding.user_id) & (User.organisation_id == Holding.organisation_id))
    .where(
        Holding.from_on <= bindparam("day"),
        or_(Holding.until_on.is_(None), Holding.until_on >= bindparam("day")),
        User.active,
    )
    .order_by(Holding.acting, Holding.from_on)
)
_POSITIONS = (
    select(
        Position.id,
        Position.title,
        Position.role,
        Position.division_id,
        Position.superior_id,
        Position.mailbox,
        Position.ended_on,
        Division.ended_on,
        Division.successor_id,
    )
    .outerjoin(
        Division,
        (Division.id == Position.division_id) & (Division.organisation_id == Position.organisation_id),
    )
    .order_by(Position.id)
)
_APPROVERS = select(Approver.division_id, Approver.position_id)


@dataclass(frozen=True)
class Post:
    """A position as it stands on one day: who holds it and at which address it is reached.

    `ended` says that it or its division is no longer, `successor_id` which division took its work over.
    """

    position_id: int
    title: str
    role: Role
    division_id: int | None
    superior_id: int | None
    holder_id: int | None
    holder_name: str
    address: str | None
    language: str
    ended: bool = False
    successor_id: int | None = None

    @property
    def vacant(self) -> bool:
        return self.address is None


def posts_on(day: date) -> dict[int, Post]:
    """Every position of the organisation by id, as it stands on `day`; acting goes before regular."""
    holders = {holder.position_id: holder for holder in db.session.execute(_HELD, {"day": day})}
    posts = {}
    for row in db.session.execute(_POSITIONS):
        position_id, title, role, division_id, superior_id, mailbox, ended_on, division_ended, successor = row
        holder = holders.get(position_id)
        posts[position_id] = Post(
            position_id=position_id,
            title=title,
            role=role,
            division_id=division_id,
            superior_id=superior_id,
            holder_id=holder.id if holder else None,
            holder_name=holder.name if holder else "",
            address=mailbox or (holder.address if holder else None),
            language=holder.language if holder else "th",
            ended=division_ended is not None or (ended_on is not None and ended_on <= day),
            successor_id=successor,
        )
    return posts


def head_of(posts: Collection[Post], division_id: int) -> Post | None:
    """The head position of a division, of its successor where it was merged."""
    head = next((post for post in posts if post.role is Role.HEAD and post.division_id == division_id), None)
    if head is None or head.successor_id is None:
        return head
    return head_of(posts, head.successor_id)


@dataclass(frozen=True)
class Standing:
    """What a user is by the positions held on a day.

    `division_ids` are the own ones and those merged into them, `approves` those whose reports the user approves;
    `titles` in the order of the positions.
    """

    roles: frozenset[Role]
    division_ids: frozenset[int]
    approves: frozenset[int]
    titles: tuple[str, ...]


def answers_for(division_id: int) -> Select[int]:
    """The ids of the division and of those that were merged into it, as a query."""
    return select(Division.id).where(or_(Division.id == division_id, Division.successor_id == division_id))


def with_role(posts: Iterable[Post], role: Role) -> Post | None:
    return next((post for post in posts if post.role is role and not post.ended), None)


def reached(posts: dict[int, Post], post: Post | None) -> Post | None:
    """The post itself, or where it is vacant the first superior that can be reached."""
    seen: set[int] = set()
    while post is not None and post.vacant and post.position_id not in seen:
        seen.add(post.position_id)
        post = posts.get(post.superior_id) if post.superior_id else None
    return post if post is not None and not post.vacant else None


def roles_of(user_id: int, day: date) -> tuple[frozenset[Role], frozenset[int]]:
    """The roles and divisions a user has by the positions held on `day`, merged divisions with their successors."""
    standing = standing_of(user_id, day)
    return standing.roles, standing.division_ids


# Every page asks this: it is put together once.
_STANDING = (
    select(
        Position.role,
        Position.division_id,
        Division.id,
        Approver.division_id,
        Holding.id,
        Position.title,
    )
    .join(
        Holding,
        (Holding.position_id == Position.id) & (Holding.organisation_id == Position.organisation_id),
    )
    .outerjoin(
        Division,
        (Division.successor_id == Position.division_id)
        & (Division.organisation_id == Position.organisation_id),
    )
    .outerjoin(
        Approver,
        (Approver.position_id == Position.id) & (Approver.organisation_id == Position.organisation_id),
    )
    .where(Holding.user_id == bindparam("user_id"), Holding.from_on <= bindparam("day"))
    .where(or_(Holding.until_on.is_(None), Holding.until_on >= bindparam("day")))
    .order_by(Position.id)
)


def standing_of(user_id: int, day: date) -> Standing:
    """What a user is by the positions held on `day`."""
    rows = db.session.execute(_STANDING, {"user_id": user_id, "day": day}).all()
    return Standing(
        roles=frozenset(role for role, *_ in rows),
        division_ids=frozenset(
            one for _, own, merged, *_ in rows for one in (own, merged) if one is not None
        ),
        approves=frozenset(approved for _, _, _, approved, *_ in rows if approved is not None),
        # A holding stands in several rows where more was merged or is approved.
        titles=tuple({holding: title for *_, holding, title in rows}.values()),
    )


def approvers() -> dict[int, int]:
    """The position that approves a division's reports, by the division, where one is set."""
    return {row.division_id: row.position_id for row in db.session.execute(_APPROVERS)}


def managers_on(day: date) -> set[int]:
    """The users that can sign in and manage people on a day: by a position, or as administrator."""
    by_position = (
        select(Holding.user_id)
        .join(Position, Position.id == Holding.position_id)
        .where(
            Position.role.in_(PERMISSIONS[Deed.MANAGE_PEOPLE]),
            Holding.from_on <= day,
            or_(Holding.until_on.is_(None), Holding.until_on >= day),
        )
    )
    holders = set(db.session.scalars(by_position))
    users = db.session.execute(
        select(User.id, User.administrator).where(User.active, User.password_hash.is_not(None))
    )
    return {user_id for user_id, administrator in users if administrator or user_id in holders}
