"""Asks the data each day who is reminded of what, and writes ledger rows and digests together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from tracker import mail
from tracker.actions.reminding.doors import heads_on, linked
from tracker.actions.reminding.news import attempts, news, notices, summaries
from tracker.actions.reminding.offices import Offices, offices_on
from tracker.actions.reminding.words import told
from tracker.actions.reminding.work import follow_ups, groups
from tracker.calendar import reminding_times, working_calendar
from tracker.database import add_rows, current_organisation_id, db
from tracker.extensions import settings
from tracker.models import MailLink, Organisation, Outcome, OutgoingMail, Pause, Position, Reminder
from tracker.people import Post
from tracker.rules import reminders
from tracker.rules.digest import Digest
from tracker.rules.moments import day_of, moment_on
from tracker.rules.permissions import Role
from tracker.rules.reminders import Day, Pauses, Subject


def plan_day(*, now: datetime, looked: Day | None = None) -> Day:
    """Write the ledger rows and put the digests of today into the outbox; nothing before the sending hour.

    `looked` is what `look` has just decided; it is decided again where another planner was quicker.
    """
    organisation = db.session.scalars(
        select(Organisation).where(Organisation.id == current_organisation_id()).with_for_update()
    ).one()
    today = day_of(now)
    if now < moment_on(today, organisation.send_minute):
        return Day(today)
    decided = looked if looked and looked.day == today and _still(looked) else decide_day(today)
    heads = heads_on(today) if decided.digests else {}
    mails: dict[str, OutgoingMail] = {}
    links: list[tuple[MailLink, OutgoingMail]] = []
    for digest in decided.digests:
        anchor = _anchor(organisation, digest, today)
        mails[digest.address], made = _enqueue(organisation, digest, heads, today, now, anchor)
        links += [(link, mails[digest.address]) for link in made]
    db.session.flush()
    for link, sent in links:
        link.mail_id = sent.id
        db.session.add(link)
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
                "mail_id": mails[entry.recipient].id if entry.outcome == "enqueued" else None,
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
) -> tuple[OutgoingMail, list[MailLink]]:
    digest, made = linked(digest, heads, now=now)
    words = mail.render(
        "digest",
        digest.language,
        organisation=organisation.name,
        contact=organisation.contact,
        anchor=anchor,
        told=told(digest, today, settings().url, notices() if digest.of("summary") else None),
    )
    row = mail.enqueue(
        "digest",
        (digest.address, digest.titles[0]),
        words,
        f"digest:{organisation.id}:{today}:{digest.address}",
        now=now,
    )
    return row, made


def _anchor(organisation: Organisation, digest: Digest, today: date) -> tuple[int, str] | None:
    """The end of the journal (number, hash), in the first digest of the week to whoever coordinates or clerks.

    So a copy of it stands outside the server; none in the other mails.
    """
    keepers = select(Position.id).where(
        Position.title.in_(digest.titles), Position.role.in_((Role.COORDINATOR, Role.CLERK))
    )
    if db.session.scalars(keepers).first() is None:
        return None
    days = [
        f"digest:{organisation.id}:{today - timedelta(days=ago)}:{digest.address}"
        for ago in range(1, today.weekday() + 1)
    ]
    if (
        db.session.scalars(select(OutgoingMail.id).where(OutgoingMail.dedup_key.in_(days))).first()
        is not None
    ):
        return None
    return organisation.journal_length, organisation.journal_hash


def look(*, now: datetime) -> Day:
    """What `plan_day` would write at this moment; reads only."""
    today = day_of(now)
    return decide_day(today) if now >= moment_on(today, reminding_times()[0]) else Day(today)


def _still(looked: Day) -> bool:
    """Whether nobody has written any of it; what the work itself does in that moment is told as if just before."""
    to_write = {entry.key for entry in looked.entries}
    return not (to_write & _recorded({entry.subject for entry in looked.entries}) or _served(looked.day))


def decide_day(today: date) -> Day:
    """What goes out on a day as things stand now; reads only."""
    return forecast([today])[0]


def forecast(days: Iterable[date]) -> list[Day]:
    """What goes out on each of the days, in their order, if nobody does anything until then; reads only."""
    calendar = working_calendar()
    send_minute, stages = reminding_times()
    days = sorted(days)
    pauses = _pauses(days)
    decided: list[Day] = []
    for day in days:
        if not calendar.is_working(day):
            decided.append(Day(day))
            continue
        subjects = list(_subjects(offices_on(day, calendar, send_minute, stages)))
        recorded = _recorded({subject.key for subject in subjects}) | {
            entry.key for earlier in decided for entry in earlier.entries
        }
        decided.append(
            reminders.decide_day(
                day,
                subjects,
                recorded=recorded,
                served=_served(day),
                calendar=calendar,
                pauses=_on(day, pauses),
            )
        )
    return decided


def _pauses(days: Sequence[date]) -> Sequence[Pause]:
    """The pauses that hold on any of the days."""
    if not days:
        return []
    return db.session.scalars(select(Pause).where(Pause.until_on >= days[0], Pause.from_on <= days[-1])).all()


def _on(day: date, pauses: Sequence[Pause]) -> Pauses:
    """What the pauses hold back on one day."""
    held = [
        pause
        for pause in pauses
        if pause.from_on <= day <= pause.until_on and (pause.ended_on is None or day < pause.ended_on)
    ]
    return Pauses(
        everything=any(pause.subject is None and pause.position_id is None for pause in held),
        positions=frozenset(pause.position_id for pause in held if pause.position_id is not None),
        subjects=frozenset(pause.subject for pause in held if pause.subject is not None),
    )


def _recorded(subjects: Collection[str]) -> set[str]:
    """The ledger's keys of these subjects."""
    return set(db.session.scalars(select(Reminder.key).where(Reminder.subject.in_(subjects))))


def _served(day: date) -> set[str]:
    """The addresses that have had their digest of the day."""
    prefix = f"digest:{current_organisation_id()}:{day}:"
    keys = db.session.scalars(
        select(OutgoingMail.dedup_key).where(OutgoingMail.dedup_key.startswith(prefix, autoescape=True))
    )
    return {key.removeprefix(prefix) for key in keys}


def _subjects(today: Offices) -> Iterator[Subject]:
    yield from groups(today)
    yield from follow_ups(today)
    yield from attempts(today)
    yield from news(today)
    yield from summaries(today)
