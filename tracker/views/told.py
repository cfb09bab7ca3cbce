"""Who was told of one group, when, at which address, and what the division did then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import false, or_, select

from tracker import clock
from tracker.access import actor, allow, get_or_404, require
from tracker.actions import pausing, releasing
from tracker.database import db
from tracker.groups import Group, tasks_of
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Division, MailLink, OutgoingMail, Position, Reminder, Submission
from tracker.rules.answers import meaning
from tracker.rules.permissions import Deed, may
from tracker.views.reminder_pages import LOOKS
from tracker.views.reminder_words import outcome_words, stage_words, subjects

blueprint = Blueprint("told", __name__, url_prefix="/reminders/group")


@dataclass(frozen=True)
class Event:
    """A line of the story: a stage that was decided, a mail of its own, or what the division did."""

    at: datetime
    what: str
    title: str
    address: str
    outcome: str
    look: str
    mail_id: int | None = None


@blueprint.get("/<int:item_id>/<int:division_id>/<int:quarter>")
@allow(Deed.SEE_TOLD)
def group(item_id: int, division_id: int, quarter: int) -> str:
    """Every ledger row, mail and attempt of a group, the newest first."""
    division = get_or_404(Division, division_id)
    require(Deed.SEE_TOLD, division_id)
    chosen = Group(item_id, division_id, quarter)
    tasks = tasks_of(chosen)
    attempts = db.session.scalars(
        select(Submission)
        .where(
            Submission.item_id == item_id,
            Submission.division_id == division_id,
            Submission.quarter == quarter,
        )
        .order_by(Submission.number)
    ).all()
    events = [*_reminded(chosen, [row.id for row in attempts]), *_returned(attempts), *_reported(attempts)]
    paused = next((row for row in pausing.pauses_on(clock.today()) if row.subject == chosen.subject), None)
    return render_template(
        "reminders/told.html",
        named=subjects([chosen.subject])[chosen.subject],
        division=division.name,
        due_on=max(task.due_on for task in tasks),
        events=sorted(events, key=lambda event: event.at, reverse=True),
        paused=paused,
        back_href=url_for("work.group", item_id=item_id, division_id=division_id, quarter=quarter),
        pause_href=url_for("pauses.show", about=chosen.subject) if may(actor(), Deed.SET_REMINDERS) else None,
        reads=may(actor(), Deed.SEE_REMINDERS),
        release_href=url_for("told.release", item_id=item_id, division_id=division_id, quarter=quarter)
        if may(actor(), Deed.RELEASE_CASE) and releasing.refusal(chosen, now=clock.now()) is None
        else None,
    )


@blueprint.post("/<int:item_id>/<int:division_id>/<int:quarter>/release")
@allow(Deed.RELEASE_CASE)
def release(item_id: int, division_id: int, quarter: int) -> ResponseReturnValue:
    """Put a late form into the chief executive's next digest."""
    get_or_404(Division, division_id)
    releasing.release(Group(item_id, division_id, quarter), now=clock.now(), by=actor())
    flash(_("เรื่องนี้จะอยู่ในจดหมายฉบับถัดไปถึงผู้บริหาร"), "success")
    return redirect(url_for("told.group", item_id=item_id, division_id=division_id, quarter=quarter), 303)


def _reminded(chosen: Group, attempt_ids: list[int]) -> list[Event]:
    keys = [
        chosen.subject,
        *(f"{kind}:{row_id}" for kind in ("submission", "stuck") for row_id in attempt_ids),
    ]
    rows = db.session.execute(
        select(Reminder, OutgoingMail, Position.title)
        .outerjoin(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .outerjoin(Position, Position.id == Reminder.position_id)
        .where(Reminder.subject.in_(keys))
    )
    opened = _opened(chosen)
    told = [
        Event(
            at=(mail.sent_at if mail is not None else None) or row.planned_at,
            what=stage_words(row.stage),
            title=title or "",
            address=row.recipient,
            outcome=_mail_words(mail) if mail is not None else outcome_words(row.outcome, row.reason),
            look=LOOKS[mail.state] if mail is not None else "not_needed",
            mail_id=mail.id if mail is not None else None,
        )
        for row, mail, title in rows
    ]
    return told + opened


def _opened(chosen: Group) -> list[Event]:
    """The first press on each link that leads to the group; reading a mail is not seen."""
    rows = db.session.execute(
        select(MailLink, Position.title)
        .join(Position, Position.id == MailLink.position_id)
        .where(MailLink.opened_at.is_not(None), Position.division_id == chosen.division_id)
    )
    return [
        Event(
            at=link.opened_at,
            what=_("เปิดลิงก์จากจดหมายแล้วทำรายการ"),
            title=link.colleague_name or title,
            address=link.colleague_address or link.address,
            outcome=_("เปิดแล้ว"),
            look="in_progress",
        )
        for link, title in rows
        if link.opened_at is not None and chosen.subject in link.subjects
    ]


def _returned(attempts: Sequence[Submission]) -> list[Event]:
    """The mails that gave attempts back, which stand alone."""
    keys = [OutgoingMail.dedup_key.startswith(f"returned:{row.id}:") for row in attempts]
    mails = db.session.scalars(select(OutgoingMail).where(or_(false(), *keys)))
    return [
        Event(
            at=mail.sent_at or mail.created_at,
            what=_("ส่งกลับให้แก้"),
            title=mail.to_name,
            address=mail.to_address,
            outcome=_mail_words(mail),
            look=LOOKS[mail.state],
            mail_id=mail.id,
        )
        for mail in mails
    ]


def _reported(attempts: Sequence[Submission]) -> list[Event]:
    return [
        Event(
            at=row.submitted_at,
            what=_("ส่วนราชการรายงาน ครั้งที่ %(number)s", number=row.number),
            title="",
            address="",
            outcome=_("ตอบแล้ว"),
            look="submitted",
        )
        for row in attempts
    ]


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
