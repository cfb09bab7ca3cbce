"""What becomes of links: pressed, revoked, renewed, passed on to a colleague, given away for a chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from tracker import journal, links, mail
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Message, NotFound, Refused
from tracker.extensions import settings
from tracker.groups import Group, tasks_of
from tracker.links import Bearer
from tracker.models import LinkPress, MailLink, Position
from tracker.people import Post, head_of, posts_on
from tracker.rules.moments import day_of
from tracker.rules.permissions import Actor, Role
from tracker.rules.states import OUTSTANDING
from tracker.rules.thai import clean

RENEWED_EVERY = timedelta(hours=1)
LONGEST_NAME = 100
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def earlier_press(link_id: int, key: str) -> LinkPress | None:
    """What came of the form with this key when it was sent before, None where it was not."""
    return db.session.scalars(
        select(LinkPress).where(LinkPress.link_id == link_id, LinkPress.key == key)
    ).one_or_none()


def note_press(bearer: Bearer, key: str, leads_to: str, said: str, *, now: datetime) -> None:
    """Use the form's key up, and write down that the link was opened where this is its first press."""
    db.session.execute(
        update(MailLink)
        .where(MailLink.id == bearer.link_id, MailLink.opened_at.is_(None))
        .values(opened_at=now)
    )
    db.session.add(LinkPress(link_id=bearer.link_id, key=key, at=now, leads_to=leads_to, said=said))
    db.session.flush()


def revoke(link_id: int, *, now: datetime, by: Actor) -> None:
    """End a link and all that came from it; a link that has ended stays as it is."""
    ended = update(MailLink).where(
        or_(MailLink.id == link_id, MailLink.by_link_id == link_id), MailLink.revoked_at.is_(None)
    )
    if db.session.execute(ended.values(revoked_at=now)).rowcount:  # type: ignore[attr-defined]
        journal.record("link.revoked", "mail_link", link_id, now=now, by=by)


def renew(bearer: Bearer, *, now: datetime) -> bool:
    """Mail a new link with what is owed today to the position's address of today.

    False where nobody is reached there, or a new link was sent within the last hour.
    """
    post = posts_on(day_of(now))[bearer.position_id]
    recent = select(MailLink.id).where(
        MailLink.position_id == bearer.position_id,
        MailLink.renewed,
        MailLink.created_at > now - RENEWED_EVERY,
    )
    if post.address is None or db.session.scalars(recent.limit(1)).first() is not None:
        return False
    token, values = links.issue(post, links.due_subjects(bearer.division_id, day_of(now)), now=now)
    link = MailLink(**values, renewed=True)
    _add(link, "link.renewed", now=now, by=bearer.actor)
    words = mail.render(
        "link",
        post.language,
        organisation=current_organisation().name,
        title=post.title,
        division=bearer.division,
        url=settings().url + links.path_of(token),
        until=day_of(link.expires_at),
    )
    link.mail_id = mail.enqueue("link", (post.address, post.title), words, f"link:{link.id}", now=now)
    return True


def pass_on(group: Group, name: str, address: str, *, now: datetime, by: Actor) -> MailLink:
    """Mail a colleague a link that opens this one group; FieldsRefused names "name" or "address"."""
    tasks = [task for task in tasks_of(group) if task.state in OUTSTANDING]
    if not tasks:
        raise Refused("งานนี้ส่งผลแล้วหรือปิดไปแล้ว จึงส่งต่อไม่ได้")
    name, address = clean(name), address.strip().lower()
    faults = {}
    if not name or len(name) > LONGEST_NAME:
        faults["name"] = Message("กรุณาเขียนชื่อผู้รับงาน")
    if not _ADDRESS.fullmatch(address) or not address.isascii() or len(address) > LONGEST_ADDRESS:
        faults["address"] = Message("กรุณาเขียนอีเมลของผู้รับงานให้ครบ เช่น name@example.go.th")
    if faults:
        raise FieldsRefused(faults)
    post = _head(group.division_id, now)
    token, values = links.issue(post, [group.subject], now=now)
    link = MailLink(
        **values, colleague_name=name, colleague_address=address, by_user_id=by.user_id, by_link_id=by.link_id
    )
    _add(
        link, "group.passed_on", now=now, by=by,
        item=group.item_id, division=group.division_id, quarter=group.quarter,
    )  # fmt: skip
    words = mail.render(
        "passed_on",
        post.language,
        organisation=current_organisation().name,
        name=name,
        title=post.title,
        division=tasks[0].division.name,
        heading=tasks[0].measure.title,
        measures=len(tasks),
        quarter=group.quarter,
        due_on=min(task.due_on for task in tasks),
        url=settings().url + links.path_of(token) + group.path,
        until=day_of(link.expires_at),
    )
    link.mail_id = mail.enqueue("passed_on", (address, name), words, f"passed-on:{link.id}", now=now)
    return link


# The links of any head: to whom the division's is addressed asks two more questions, which most forms need not put.
_PASSED_ON = (
    select(MailLink)
    .where(
        MailLink.position_id.in_(select(Position.id).where(Position.role == Role.HEAD)),
        MailLink.colleague_name.is_not(None),
        MailLink.revoked_at.is_(None),
        MailLink.expires_at > bindparam("now"),
        # Says the same once more, to the index.
        MailLink.created_at > bindparam("since"),
    )
    .order_by(MailLink.id)
)


def passed_on(group: Group, *, now: datetime) -> Sequence[MailLink]:
    """The links by which colleagues may answer the group now."""
    rows = db.session.scalars(_PASSED_ON, {"now": now, "since": now - timedelta(days=links.LINK_DAYS + 1)})
    found = [link for link in rows if link.subjects == [group.subject]]
    head = head_of(posts_on(day_of(now)).values(), group.division_id) if found else None
    if head is None or head.address is None:
        return []
    reached = head.position_id, head.address.lower()
    return [link for link in found if (link.position_id, link.address) == reached]


def take_back(group: Group, link_id: int, *, now: datetime, by: Actor) -> None:
    """Revoke the link of a colleague whom the group was passed on to; NotFound where it is no such link."""
    link = db.session.scalars(
        select(MailLink).where(MailLink.id == link_id, MailLink.colleague_name.is_not(None))
    ).one_or_none()
    if link is None or link.subjects != [group.subject]:
        raise NotFound("ไม่พบการส่งต่อนี้")
    revoke(link_id, now=now, by=by)


def share(division_id: int, subjects: Sequence[str], *, now: datetime, by: Actor) -> str:
    """A link of the division to be given away in a chat, without a mail; returns its token."""
    token, values = links.issue(_head(division_id, now), subjects, now=now)
    link = MailLink(**values, shared=True, by_user_id=by.user_id, by_link_id=by.link_id)
    _add(link, "link.shared", now=now, by=by, division=division_id)
    return token


def _add(link: MailLink, deed: str, *, now: datetime, by: Actor, **details: object) -> None:
    db.session.add(link)
    db.session.flush()
    journal.record(deed, "mail_link", link.id, now=now, by=by, position=link.position_id, **details)


def _head(division_id: int, now: datetime) -> Post:
    """The head position of the division, where somebody can be reached there: a link lives as long as that."""
    post = head_of(posts_on(day_of(now)).values(), division_id)
    if post is None or post.vacant:
        raise Refused("ตำแหน่งหัวหน้าของกองนี้ว่างอยู่หรือไม่มีอีเมล จึงสร้างลิงก์ไม่ได้")
    return post
