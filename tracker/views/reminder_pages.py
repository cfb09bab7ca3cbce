"""Finished values of the page of reminders: the scheduler's health, mails as rows, the days ahead."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from babel.dates import format_date
from flask import url_for
from sqlalchemy import ColumnElement, func, select

from tracker import people
from tracker.actions import pausing, reminding
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.locale import clock_time, day_month, language, say, short_date
from tracker.locale import translate as _
from tracker.models import JobRun, MailState, OutgoingMail, Position, Reminder, User
from tracker.rules.answers import meaning, meant
from tracker.rules.digest import SECTIONS
from tracker.rules.mailtext import disarmed, shortened
from tracker.rules.permissions import Role
from tracker.rules.reminders import Day
from tracker.rules.workdays import Calendar
from tracker.views.health import QUIET_TOO_LONG, WATCHED
from tracker.views.reminder_words import job_words, length_words, subjects

DAYS_AHEAD = 30
SENT_FOR = timedelta(days=30)
LEVELS = 4
LOOKS = {
    MailState.QUEUED: "in_progress",
    MailState.CLAIMED: "in_progress",
    MailState.HANDING: "in_progress",
    MailState.SENT: "approved",
    MailState.UNCERTAIN: "due_soon",
    MailState.DEAD: "overdue",
    MailState.CANCELLED: "cancelled",
}
FILTERS: Mapping[str, frozenset[MailState]] = {
    "waiting": frozenset({MailState.QUEUED, MailState.CLAIMED, MailState.HANDING}),
    "sent": frozenset({MailState.SENT}),
    "failed": frozenset({MailState.DEAD}),
    "uncertain": frozenset({MailState.UNCERTAIN}),
}
OFFICES = (Role.HEAD, Role.COORDINATOR, Role.CLERK, Role.CHIEF_EXECUTIVE)


@dataclass(frozen=True)
class Health:
    """Whether the scheduler runs, in words; `jobs` are (what it does, when it ran, its problem)."""

    alive: bool
    title: str
    lines: tuple[str, ...]
    jobs: tuple[tuple[str, str, str], ...]


def health(now: datetime) -> Health:
    """The scheduler as its heartbeats tell it."""
    runs = {run.name: run for run in db.session.scalars(select(JobRun).order_by(JobRun.name))}
    jobs = tuple(
        (
            job_words(run.name),
            _("ทำงานล่าสุดเมื่อ %(time)sก่อน", time=length_words(now - run.started_at)),
            run.problem,
        )
        for run in runs.values()
    )
    beats = [runs[name].started_at for name in WATCHED if name in runs]
    if len(beats) < len(WATCHED):
        return Health(
            False,
            _("ตัวตั้งเวลายังไม่เคยทำงาน"),
            (_("ให้ผู้ดูแลเครื่องเปิดด้วย tracker serve หรือ python -m jobs"),),
            jobs,
        )
    quiet = now - min(beats)
    if quiet > QUIET_TOO_LONG:
        return Health(
            False,
            _("ตัวตั้งเวลาหยุดไป %(time)s", time=length_words(quiet)),
            (
                _("จดหมายเตือนยังไม่ออก ให้ผู้ดูแลเครื่องเปิดโปรแกรมใหม่"),
                _("เมื่อเปิดแล้วระบบจะส่งที่ค้างให้เองคนละหนึ่งฉบับ ไม่ส่งซ้ำ"),
            ),
            jobs,
        )
    troubled = [name for name, run in runs.items() if run.problem]
    title = _("ตัวตั้งเวลาทำงานปกติ")
    if troubled:
        title = _("ตัวตั้งเวลาทำงาน แต่มีงานที่ผิดพลาด")
    last = db.session.scalars(select(func.max(OutgoingMail.sent_at))).one()
    told = _("ยังไม่เคยส่งจดหมาย")
    if last is not None:
        told = _("ส่งฉบับล่าสุด %(day)s %(time)s", day=short_date(last), time=clock_time(last))
    checked = _("ตรวจล่าสุดเมื่อ %(time)sก่อน", time=length_words(quiet))
    return Health(not troubled, title, (checked, told), jobs)


def counts(now: datetime) -> dict[str, int]:
    """How many mails each filter shows; of those sent the last thirty days'."""
    rows = db.session.execute(
        select(OutgoingMail.state, func.count(OutgoingMail.id))
        .where((OutgoingMail.state != MailState.SENT) | (OutgoingMail.sent_at >= now - SENT_FOR))
        .group_by(OutgoingMail.state)
    ).all()
    return {
        name: sum(number for state, number in rows if state in states) for name, states in FILTERS.items()
    }


def filtered(chosen: str, now: datetime) -> ColumnElement[bool]:
    """The mails that a filter shows; any other word shows all."""
    states = FILTERS.get(chosen)
    if states is None:
        return OutgoingMail.id.is_not(None)
    if chosen == "sent":
        return OutgoingMail.state.in_(states) & (OutgoingMail.sent_at >= now - SENT_FOR)
    return OutgoingMail.state.in_(states)


def rows(mails: Sequence[OutgoingMail], now: datetime) -> list[dict[str, Any]]:
    """Mails as the table shows them."""
    known = set(db.session.scalars(select(User.address))) if _failed(mails) else set()
    told = _acted(mails)
    return [
        {
            "id": mail.id,
            "when": mail.sent_at or mail.created_at,
            "waits": _waits(mail, now),
            "title": mail.to_name,
            "address": mail.to_address,
            "subject": _plain_subject(mail.subject),
            "line": state_line(mail, known) or told.get(mail.id, ""),
            "look": LOOKS[mail.state],
            "state": mail.state.value,
            "href": url_for("reminders.mail", mail_id=mail.id),
        }
        for mail in mails
    ]


def _failed(mails: Sequence[OutgoingMail]) -> bool:
    return any(mail.state is MailState.DEAD for mail in mails)


def _plain_subject(subject: str) -> str:
    """The subject without the organisation, which the page names already."""
    return re.sub(r"^\[[^]]*\] ", "", subject)


def _waits(mail: OutgoingMail, now: datetime) -> str:
    if mail.state is not MailState.QUEUED:
        return ""
    if mail.next_at <= now:
        return _("รอรอบถัดไป")
    return _("จะส่ง %(day)s %(time)s", day=short_date(mail.next_at), time=clock_time(mail.next_at))


def state_line(mail: OutgoingMail, known: set[str]) -> str:
    """What happened to a mail that is not simply sent, in words."""
    if mail.state is MailState.DEAD:
        said = say(meaning(mail.last_answer), language())
        host = meant(mail.to_address, known)
        guess = _("น่าจะสะกด %(host)s ผิด", host=host) if host else ""
        return f"{said} {guess}".strip()
    if mail.state is MailState.UNCERTAIN:
        return _("สายขาดระหว่างส่ง ลองแล้ว %(number)s ครั้ง ไม่รู้ว่าถึงหรือไม่", number=mail.attempts)
    if mail.state is MailState.QUEUED and mail.attempts:
        said = say(meaning(mail.last_answer), language())
        return _("ลองแล้ว %(number)s ครั้ง: %(said)s", number=mail.attempts, said=said)
    return ""


def _acted(mails: Sequence[OutgoingMail]) -> dict[int, str]:
    """Of each mail how many things it told of."""
    numbers = db.session.execute(
        select(Reminder.mail_id, func.count(Reminder.id))
        .where(Reminder.mail_id.in_([mail.id for mail in mails]))
        .group_by(Reminder.mail_id)
    )
    return {
        mail_id: _("%(number)s เรื่อง", number=number) for mail_id, number in numbers if mail_id is not None
    }


def shown_text(mail: OutgoingMail) -> str:
    """The words of a mail without what in its addresses is secret."""
    if not mail.body_text:
        return _("เนื้อความถูกลบเมื่อครบ 30 วัน เพราะมีลิงก์อยู่ในนั้น")
    return disarmed(mail.body_text)


def ahead(today: date) -> list[Day]:
    """What goes out today and in the days after it, as the planner decides it."""
    return reminding.forecast([today + timedelta(days=number) for number in range(DAYS_AHEAD)])


def strip(days: Sequence[Day], today: date, chosen: date | None) -> list[dict[str, Any]]:
    """The days ahead as cells: the number of mails, how strong it is drawn, why nothing goes."""
    calendar = working_calendar()
    out = _planned(today)
    cells = []
    for day in days:
        number = len(day.digests) + (out if day.day == today else 0)
        cells.append(
            {
                "day": day.day,
                "number": number,
                "level": min(number, LEVELS),
                "off": not calendar.is_working(day.day),
                "holiday": calendar.holiday_name(day.day) is not None,
                "name": _holiday(calendar.holiday_name(day.day)),
                "today": day.day == today,
                "chosen": day.day == chosen,
                "weekday": _weekday(day.day),
                "href": url_for("reminders.log", day=day.day.isoformat(), _anchor="day"),
            }
        )
    return cells


def _weekday(day: date) -> str:
    # The narrow English name is one letter, and two days would share it.
    return format_date(day, "EEEEE" if language() == "th" else "EEEEEE", locale=language())


def _planned(today: date) -> int:
    """How many of today's digests are in the outbox already."""
    return int(
        db.session.scalar(
            select(func.count(OutgoingMail.id)).where(
                OutgoingMail.kind == "digest", OutgoingMail.dedup_key.contains(f":{today}:")
            )
        )
        or 0
    )


def holidays(days: Sequence[Day], calendar: Calendar) -> list[str]:
    """The holidays among the days, to a Thai reader with their names."""
    return [
        f"{day_month(day.day)} {_holiday(name)}".strip()
        for day in days
        if (name := calendar.holiday_name(day.day)) is not None
    ]


def _holiday(name: str | None) -> str:
    """The first of a holiday's names, which are Thai and help no other reader."""
    return shortened((name or "").partition(";")[0], 40) if language() == "th" else ""


def recipients(day: Day) -> list[dict[str, Any]]:
    """Who gets what on a day ahead."""
    return [
        {
            "title": ", ".join(digest.titles),
            "address": digest.address,
            "lines": len(digest.lines),
            "sections": [(section, len(digest.of(section))) for section in SECTIONS if digest.of(section)],
        }
        for digest in day.digests
    ]


def vacancies(today: date) -> list[tuple[str, str]]:
    """(where the mails of a vacant position go, address of the page that fills it) of those that are told."""
    posts = people.posts_on(today)
    return [
        (vacancy(post, posts), url_for("people.position", position_id=post.position_id))
        for post in posts.values()
        if post.role in OFFICES and post.holder_id is None and not post.ended
    ]


def vacancy(post: people.Post, posts: dict[int, people.Post]) -> str:
    """Where the mails of a position that nobody holds go."""
    if post.address is not None:
        return _(
            "ตำแหน่ง%(title)sว่าง จดหมายไปที่กล่องจดหมายกลาง %(address)s", title=post.title, address=post.address
        )
    instead = people.reached(posts, post)
    if instead is None:
        return _("ตำแหน่ง%(title)sว่าง และไม่มีผู้รับแทน", title=post.title)
    return _("ตำแหน่ง%(title)sว่าง จดหมายไปที่%(instead)sแทน", title=post.title, instead=instead.title)


def pauses(today: date) -> list[dict[str, Any]]:
    """The pauses that hold, in words."""
    held = pausing.pauses_on(today)
    titles = dict(db.session.execute(select(Position.id, Position.title)).all()) if held else {}
    named = subjects([row.subject for row in held if row.subject])
    return [
        {
            "id": row.id,
            "everything": row.subject is None and row.position_id is None,
            "what": named[row.subject].words
            if row.subject
            else titles[row.position_id]
            if row.position_id
            else _("ทั้งหน่วยงาน"),
            "until": row.until_on,
            "reason": row.reason,
        }
        for row in held
    ]


def ledger(mail_ids: Sequence[int]) -> dict[int, list[Reminder]]:
    """The ledger's rows of some mails."""
    found: dict[int, list[Reminder]] = defaultdict(list)
    for row in db.session.scalars(
        select(Reminder).where(Reminder.mail_id.in_(mail_ids)).order_by(Reminder.id)
    ):
        if row.mail_id is not None:
            found[row.mail_id].append(row)
    return found
