"""Who was told of one group or measure, when, at which address, and what the division did then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import false, or_, select

from tracker import clock, people
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import pausing, releasing
from tracker.actions.reminding.news import NEWS, RETURNED
from tracker.database import db
from tracker.groups import Group, tasks_of
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import (
    Division,
    JournalEntry,
    MailLink,
    Measure,
    OutgoingMail,
    Pause,
    Plan,
    PlanItem,
    Position,
    Reminder,
    Submission,
    Task,
)
from tracker.rules.answers import meaning
from tracker.rules.permissions import Deed, may
from tracker.views.reminder_pages import LOOKS
from tracker.views.reminder_words import outcome_words, stage_words, subjects

blueprint = Blueprint("told", __name__, url_prefix="/reminders")


@dataclass(frozen=True)
class Event:
    """A line of a group's story: a stage that was decided, a mail of its own, or what the division did."""

    group: Group
    at: datetime
    what: str
    title: str
    address: str
    outcome: str
    look: str
    mail_id: int | None = None


@blueprint.get("/group/<int:item_id>/<int:division_id>/<int:quarter>")
@allow(Deed.SEE_TOLD)
def group(item_id: int, division_id: int, quarter: int) -> str:
    """Every ledger row, mail and attempt of a group, the newest first."""
    get_or_404(Division, division_id)
    require(Deed.SEE_TOLD, division_id)
    chosen = Group(item_id, division_id, quarter)
    tasks = tasks_of(chosen)
    return render_template(
        "reminders/told.html",
        named=subjects([chosen.subject])[chosen.subject],
        due_on=max(task.due_on for task in tasks),
        events=_events([chosen]),
        measures=[
            (task.measure.title, url_for("told.measure", measure_id=task.measure_id)) for task in tasks
        ],
        paused=_pause_of(chosen),
        back_href=url_for("work.group", item_id=item_id, division_id=division_id, quarter=quarter),
        pause_href=url_for("pauses.show", about=chosen.subject) if may(actor(), Deed.SET_REMINDERS) else None,
        reads=may(actor(), Deed.SEE_REMINDERS),
        release_href=url_for("told.release", item_id=item_id, division_id=division_id, quarter=quarter)
        if may(actor(), Deed.RELEASE_CASE) and releasing.refusal(chosen, now=clock.now()) is None
        else None,
    )


def _pause_of(chosen: Group) -> Pause | None:
    """The pause that holds the group's reminders for its division, the one that ends last."""
    held = pausing.pauses_on(clock.today())
    if not held:
        return None
    head = people.head_of(people.posts_on(clock.today()).values(), chosen.division_id)
    for row in held:
        everything = row.subject is None and row.position_id is None
        of_head = head is not None and row.position_id == head.position_id
        if everything or of_head or row.subject == chosen.subject:
            return row
    return None


@blueprint.post("/group/<int:item_id>/<int:division_id>/<int:quarter>/release")
@allow(Deed.RELEASE_CASE)
def release(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """Put a late form into the chief executive's next digest."""
    get_or_404(Division, division_id)
    releasing.release(Group(item_id, division_id, quarter), now=clock.now(), by=actor())
    flash(_("เรื่องนี้จะอยู่ในจดหมายฉบับถัดไปถึงผู้บริหาร"), "success")
    return redirect(url_for("told.group", item_id=item_id, division_id=division_id, quarter=quarter), 303)


@blueprint.get("/measure/<int:measure_id>")
@allow(Deed.SEE_TOLD)
def measure(measure_id: int) -> str:
    """The same of a whole measure: every division and quarter of it that the reader may see."""
    row = get_or_404(Measure, measure_id)
    of_item = select(Plan.fiscal_year).join(PlanItem, PlanItem.plan_id == Plan.id)
    year = db.session.scalars(of_item.where(PlanItem.id == row.item_id)).one()
    tasks = db.session.scalars(select(Task).where(Task.measure_id == row.id).order_by(Task.id))
    groups = [
        Group(task.item_id, task.division_id, task.quarter)
        for task in tasks
        if may(actor(), Deed.SEE_TOLD, task.division_id)
    ]
    return render_template(
        "reminders/told_measure.html",
        title=row.title,
        back_href=url_for("plan.tasks", year=year, measure=row.id),
        divisions=dict(db.session.execute(select(Division.id, Division.name)).all()),
        events=_events(groups),
        reads=may(actor(), Deed.SEE_REMINDERS),
    )


def _events(groups: Sequence[Group]) -> list[Event]:
    """What happened with the groups, the newest first."""
    wanted = set(groups)
    attempts: dict[int, tuple[Group, Submission]] = {}
    for row in db.session.scalars(
        select(Submission).where(Submission.item_id.in_({one.item_id for one in wanted}))
    ):
        of = Group(row.item_id, row.division_id, row.quarter)
        if of in wanted:
            attempts[row.id] = (of, row)
    events = [
        *_reminded(wanted, attempts),
        *_passed_on(wanted),
        *_opened(wanted),
        *_returned(attempts),
        *_reported(attempts),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


Attempts = Mapping[int, tuple[Group, Submission]]


def _reminded(groups: Collection[Group], attempts: Attempts) -> Iterator[Event]:
    about = {one.subject: one for one in groups} | _news(groups, attempts)
    for row_id, (of, _row) in attempts.items():
        about |= {f"submission:{row_id}": of, f"stuck:{row_id}": of}
    rows = db.session.execute(
        select(Reminder, OutgoingMail, Position.title)
        .outerjoin(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .outerjoin(Position, Position.id == Reminder.position_id)
        .where(Reminder.subject.in_(about))
    )
    for row, mail, title in rows:
        yield Event(
            group=about[row.subject],
            at=(mail.sent_at if mail is not None else None) or row.planned_at,
            what=stage_words(row.stage),
            title=title or "",
            address=row.recipient,
            outcome=_mail_words(mail) if mail is not None else outcome_words(row.outcome, row.reason),
            look=LOOKS[mail.state] if mail is not None else "not_needed",
            mail_id=mail.id if mail is not None else None,
        )


def _news(groups: Collection[Group], attempts: Attempts) -> dict[str, Group]:
    """The ledger's subjects of what the coordinator decided about the groups."""
    rows = db.session.execute(
        select(Task.id, Task.item_id, Task.division_id, Task.quarter).where(
            Task.item_id.in_({one.item_id for one in groups})
        )
    )
    tasks = {task_id: Group(*place) for task_id, *place in rows if Group(*place) in groups}
    entries = db.session.scalars(
        select(JournalEntry).where(
            JournalEntry.deed.in_((*NEWS, RETURNED)),
            or_(
                (JournalEntry.subject_kind == "submission") & JournalEntry.subject_id.in_(attempts),
                (JournalEntry.subject_kind == "task") & JournalEntry.subject_id.in_(tasks),
            ),
        )
    )
    return {
        f"journal:{entry.number}": attempts[entry.subject_id or 0][0]
        if entry.subject_kind == "submission"
        else tasks[entry.subject_id or 0]
        for entry in entries
    }


def _passed_on(groups: Collection[Group]) -> Iterator[Event]:
    """The mails by which the groups were given to colleagues."""
    about = {one.subject: one for one in groups}
    rows = db.session.execute(
        select(MailLink, OutgoingMail)
        .join(OutgoingMail, OutgoingMail.id == MailLink.mail_id)
        .join(Position, Position.id == MailLink.position_id)
        .where(
            MailLink.colleague_name.is_not(None),
            Position.division_id.in_({one.division_id for one in groups}),
        )
    )
    for link, mail in rows:
        if link.subjects[0] in about:
            yield _alone(about[link.subjects[0]], _("ส่งต่องานให้เพื่อนร่วมงาน"), mail)


def _opened(groups: Collection[Group]) -> Iterator[Event]:
    """The first press on each link that leads to a group; reading a mail is not seen."""
    rows = db.session.execute(
        select(MailLink, Position.title)
        .join(Position, Position.id == MailLink.position_id)
        .where(
            MailLink.opened_at.is_not(None),
            Position.division_id.in_({one.division_id for one in groups}),
        )
    ).all()
    for one in groups:
        for link, title in rows:
            if link.opened_at is not None and one.subject in link.subjects:
                yield Event(
                    group=one,
                    at=link.opened_at,
                    what=_("เปิดลิงก์ในแชตแล้วทำรายการ") if link.shared else _("เปิดลิงก์จากจดหมายแล้วทำรายการ"),
                    title=link.colleague_name or title,
                    address="" if link.shared else link.colleague_address or link.address,
                    outcome=_("เปิดแล้ว"),
                    look="in_progress",
                )


def _returned(attempts: Attempts) -> Iterator[Event]:
    """The mails that gave attempts back, which stand alone."""
    keys = [OutgoingMail.dedup_key.startswith(f"returned:{row_id}:") for row_id in attempts]
    for mail in db.session.scalars(select(OutgoingMail).where(or_(false(), *keys))):
        yield _alone(attempts[int(mail.dedup_key.split(":")[1])][0], _("ส่งกลับให้แก้"), mail)


def _alone(group: Group, what: str, mail: OutgoingMail) -> Event:
    """A mail that is about the group alone."""
    return Event(
        group=group,
        at=mail.sent_at or mail.created_at,
        what=what,
        title=mail.to_name,
        address=mail.to_address,
        outcome=_mail_words(mail),
        look=LOOKS[mail.state],
        mail_id=mail.id,
    )


def _reported(attempts: Attempts) -> Iterator[Event]:
    for of, row in attempts.values():
        yield Event(
            group=of,
            at=row.submitted_at,
            what=_("ส่วนราชการรายงาน ครั้งที่ %(number)s", number=row.number),
            title="",
            address="",
            outcome=_("ตอบแล้ว"),
            look="submitted",
        )


def _mail_words(mail: OutgoingMail) -> str:
    words = {
        "queued": _("รอส่ง"),
        "claimed": _("กำลังส่ง"),
        "handing": _("กำลังส่ง"),
        "sent": _("ส่งแล้ว"),
        "uncertain": _("ไม่แน่ใจ"),
        "cancelled": _("ยกเลิก"),
    }
    found = words.get(mail.state.value)
    return found if found is not None else say(meaning(mail.last_answer), language())
