"""Asks the data each day who is reminded of what, and writes ledger rows and digests together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from tracker import mail
from tracker.actions.reminding.doors import heads_of, linked
from tracker.actions.reminding.news import attempts, news, notices, summaries, week
from tracker.actions.reminding.offices import Offices, offices_on
from tracker.actions.reminding.words import told
from tracker.actions.reminding.work import follow_ups, groups
from tracker.calendar import held_on, pauses_between, reminding_times, working_calendar
from tracker.database import add_rows, current_organisation, current_organisation_id, db
from tracker.extensions import settings
from tracker.models import MailLink, Organisation, Outcome, OutgoingMail, Reminder
from tracker.people import Post, posts_on
from tracker.rules import reminders
from tracker.rules.digest import Digest
from tracker.rules.ladders import StagePlan
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Role
from tracker.rules.reminders import Day, Subject

# Kept, because making the statements takes longer than running them.
_KEYS = select(Reminder.key).where(Reminder.subject.in_(bindparam("subjects", expanding=True)))
_END = select(func.max(Reminder.id))
# Mails are made on their day: the older ones, which are nearly all, need not be looked at.
_SERVED = select(OutgoingMail.dedup_key).where(
    OutgoingMail.created_at >= bindparam("since"), OutgoingMail.dedup_key.startswith(bindparam("prefix"))
)


@dataclass(frozen=True)
class Looked:
    """What was decided at a look, the positions as they stood, and the last row that the ledger held before."""

    decided: Day
    posts: dict[int, Post]
    ledger_end: int | None


def plan_day(*, now: datetime, looked: Looked | None = None) -> Day:
    """Write the ledger rows and put the digests of today into the outbox; nothing before the sending hour.

    `looked` is what `look` has just decided; it is decided again where another planner was quicker. What the work
    itself does in that moment is told as if just before.
    """
    organisation = current_organisation(lock=True)
    today = day_of(now)
    if now < moment_on(today, organisation.send_minute):
        return Day(today)
    if looked is None or looked.decided.day != today or looked.ledger_end != _ledger_end():
        looked = look(now=now)
    decided, posts = looked.decided, looked.posts.values()
    heads = heads_of(posts)
    keepers = {post.title for post in posts if post.role in (Role.COORDINATOR, Role.CLERK)}
    mails: dict[str, int] = {}
    links: list[dict[str, Any]] = []
    for digest in decided.digests:
        kept = digest.of("week") or not keepers.isdisjoint(digest.titles)
        anchor = _anchor(organisation, digest, today) if kept else None
        mails[digest.address], made = _enqueue(organisation, digest, heads, today, now, anchor)
        links += made
    add_rows(MailLink, links)
    add_rows(
        Reminder,
        [
            {
                "key": entry.key,
                "subject": entry.subject,
                "stage": entry.stage,
                "due_version": entry.due_version,
                "recipient": entry.recipient,
                "position_id": entry.position_id,
                "stage_on": entry.stage_on,
                "planned_at": now,
                "outcome": Outcome(entry.outcome),
                "reason": entry.reason,
                "mail_id": mails[entry.recipient] if entry.outcome == "enqueued" else None,
            }
            for entry in decided.entries
        ],
    )
    return decided


def _enqueue(
    organisation: Organisation,
    digest: Digest,
    heads: Mapping[str, Post],
    today: date,
    now: datetime,
    anchor: tuple[int, str] | None,
) -> tuple[int, list[dict[str, Any]]]:
    """The number of the mail, and the values of its links."""
    digest, made = linked(digest, heads, now=now)
    words = mail.render(
        "digest",
        digest.language,
        organisation=organisation.name,
        contact=organisation.contact,
        anchor=anchor,
        told=told(digest, today, settings().url, notices() if digest.of("summary") else None),
    )
    mail_id = mail.enqueue(
        "digest",
        (digest.address, digest.titles[0]),
        words,
        f"digest:{organisation.id}:{today}:{digest.address}",
        now=now,
    )
    return mail_id, [link | {"mail_id": mail_id} for link in made]


def _anchor(organisation: Organisation, digest: Digest, today: date) -> tuple[int, str] | None:
    """The end of the journal (number, hash), in the weekly summary and in the clerk's first digest of the week.

    So a copy of it stands outside the server; none in the other mails.
    """
    end = organisation.journal_length, organisation.journal_hash
    if digest.of("week"):
        return end
    days = [
        f"digest:{organisation.id}:{today - timedelta(days=ago)}:{digest.address}"
        for ago in range(1, today.weekday() + 1)
    ]
    earlier = db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.dedup_key.in_(days))).first()
    return end if earlier is None else None


def look(*, now: datetime) -> Looked:
    """What `plan_day` would write at this moment; reads only."""
    today, end = day_of(now), _ledger_end()
    send_minute, stages = reminding_times()
    if now < moment_on(today, send_minute):
        return Looked(Day(today), {}, end)
    [(decided, posts)] = _forecast([today], send_minute, stages)
    return Looked(decided, posts, end)


def _ledger_end() -> int | None:
    """The ledger's last row: whoever plans in the meantime adds rows, and only one plans at a time."""
    return db.session.scalar(_END)


def forecast(days: Iterable[date]) -> list[Day]:
    """What goes out on each of the days, in their order, if nobody does anything until then; reads only."""
    return [decided for decided, _ in _forecast(days, *reminding_times())]


def foretell(day: date, today: date) -> Day:
    """What goes out on a day ahead if nobody does anything until then; what days before it tell is not told again."""
    return forecast([*(today + timedelta(days=number) for number in range((day - today).days)), day])[-1]


def _forecast(days: Iterable[date], send_minute: int, stages: StagePlan) -> list[tuple[Day, dict[int, Post]]]:
    """Each day and the positions as they stand on it."""
    calendar = working_calendar()
    days = sorted(days)
    pauses = pauses_between(days[0], days[-1]) if days else []
    decided: list[tuple[Day, dict[int, Post]]] = []
    for day in days:
        if not calendar.is_working(day):
            decided.append((Day(day), {}))
            continue
        posts = posts_on(day)
        subjects = list(_subjects(offices_on(day, posts, calendar, send_minute, stages)))
        recorded = _recorded({subject.key for subject in subjects}) | {
            entry.key for earlier, _ in decided for entry in earlier.entries
        }
        what = reminders.decide_day(
            day,
            subjects,
            recorded=recorded,
            served=_served(day),
            calendar=calendar,
            pauses=held_on(day, pauses),
        )
        decided.append((what, posts))
    return decided


def _recorded(subjects: Collection[str]) -> set[str]:
    """The ledger's keys of these subjects."""
    return set(db.session.scalars(_KEYS, {"subjects": list(subjects)}))


def _served(day: date) -> set[str]:
    """The addresses that have had their digest of the day."""
    prefix = f"digest:{current_organisation_id()}:{day}:"
    keys = db.session.scalars(_SERVED, {"since": moment_on(day, 0), "prefix": prefix})
    return {key.removeprefix(prefix) for key in keys}


def _subjects(today: Offices) -> Iterator[Subject]:
    yield from groups(today)
    yield from follow_ups(today)
    yield from attempts(today)
    yield from news(today)
    yield from summaries(today)
    yield from week(today)
