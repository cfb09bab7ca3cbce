"""What was sent to whom and when, what will be sent next, and what a person decides about it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from tracker import clock
from tracker.access import actor, allow, get_or_404, local_path, visitor
from tracker.actions import outbox
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.locale import translate as _
from tracker.models import JournalEntry, MailState, Outcome, OutgoingMail, Position, Reminder, User
from tracker.rules.permissions import Deed, may
from tracker.views import reminder_pages as pages
from tracker.views.reminder_words import outcome_words, stage_words, subjects

blueprint = Blueprint("reminders", __name__, url_prefix="/reminders")
A_PAGE = 20


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def log() -> str:
    """Health, counts as filters, what is left to a person, the days ahead, the newest mails or what was not sent."""
    now, today = clock.now(), clock.today()
    chosen = request.args.get("look", "")
    page = max(1, request.args.get("page", 1, type=int))
    ahead = pages.ahead(today)
    day = _day(request.args.get("day", ""))
    opened = next((one for one in ahead if one.day == day), None)
    uncertain = db.session.scalars(
        select(OutgoingMail).where(OutgoingMail.state == MailState.UNCERTAIN).order_by(OutgoingMail.id)
    ).all()
    values = _unsent(page) if chosen == "unsent" else _mails(chosen, page)
    return render_template(
        "reminders/log.html",
        now=now,
        health=pages.health(now),
        counts=pages.counts(now),
        chosen=chosen if chosen in {*pages.FILTERS, "unsent"} else "",
        uncertain=pages.rows(uncertain, now),
        strip=pages.strip(ahead, today, day),
        holidays=pages.holidays(ahead, working_calendar()),
        total=sum(len(one.digests) for one in ahead),
        opened=opened,
        recipients=pages.recipients(opened) if opened else [],
        vacancies=pages.vacancies(today),
        pauses=pages.pauses(today),
        sets=may(actor(), Deed.SET_REMINDERS),
        page=page,
        link=lambda number: url_for("reminders.log", look=chosen or None, page=number),
        **values,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _mails(chosen: str, page: int) -> dict[str, object]:
    wanted = pages.filtered(chosen, clock.now())
    number = db.session.scalar(select(func.count(OutgoingMail.id)).where(wanted)) or 0
    mails = db.session.scalars(
        select(OutgoingMail)
        .where(wanted)
        .order_by(OutgoingMail.id.desc())
        .limit(A_PAGE)
        .offset((page - 1) * A_PAGE)
    ).all()
    return {"mails": pages.rows(mails, clock.now()), "unsent": [], "pages": -(-number // A_PAGE)}


def _unsent(page: int) -> dict[str, object]:
    """The stages that were decided and not sent, the newest first."""
    wanted = Reminder.outcome != Outcome.ENQUEUED
    number = db.session.scalar(select(func.count(Reminder.id)).where(wanted)) or 0
    rows = db.session.scalars(
        select(Reminder).where(wanted).order_by(Reminder.id.desc()).limit(A_PAGE).offset((page - 1) * A_PAGE)
    ).all()
    named = subjects([row.subject for row in rows])
    titles = dict(db.session.execute(select(Position.id, Position.title)).all())
    unsent = [
        {
            "on": row.stage_on,
            "title": titles.get(row.position_id or 0, ""),
            "address": row.recipient,
            "subject": named[row.subject],
            "stage": stage_words(row.stage),
            "why": outcome_words(row.outcome, row.reason),
        }
        for row in rows
    ]
    return {"mails": [], "unsent": unsent, "pages": -(-number // A_PAGE)}


@blueprint.get("/mail/<int:mail_id>")
@allow(Deed.SEE_REMINDERS)
def mail(mail_id: int) -> str:
    """One mail: its words, what it told of, what the server answered, what was decided about it."""
    row = get_or_404(OutgoingMail, mail_id)
    told = pages.ledger([row.id]).get(row.id, [])
    named = subjects([one.subject for one in told])
    decided = db.session.scalars(
        select(JournalEntry)
        .where(JournalEntry.subject_kind == "outgoing_mail", JournalEntry.subject_id == row.id)
        .order_by(JournalEntry.number)
    ).all()
    return render_template(
        "reminders/mail.html",
        mail=row,
        row=pages.rows([row], clock.now())[0],
        # An invitation's or a reset's words are its link.
        text=pages.shown_text(row) if row.kind in {"digest", "returned", "test"} else None,
        told=[(named[one.subject], stage_words(one.stage)) for one in told],
        decided=[(entry, _by(entry)) for entry in decided],
        decides=row.state in outbox.LEFT_TO_PEOPLE and may(actor(), Deed.SET_REMINDERS),
    )


def _by(entry: JournalEntry) -> str:
    kind, _colon, user_id = entry.actor.partition(":")
    if kind != "user":
        return ""
    return db.session.scalar(select(User.name).where(User.id == int(user_id))) or ""


@blueprint.post("/mail/<int:mail_id>/again")
@allow(Deed.SET_REMINDERS)
def again(mail_id: int) -> ResponseReturnValue:
    """Put a doubtful or refused mail back into the outbox."""
    row = get_or_404(OutgoingMail, mail_id)
    outbox.send_again(row.id, now=clock.now(), by=actor())
    flash(_("จะส่งอีกครั้งในรอบถัดไป ด้วยเลขจดหมายเดิม"), "success")
    return redirect(url_for("reminders.log"), 303)


@blueprint.post("/mail/<int:mail_id>/settled")
@allow(Deed.SET_REMINDERS)
def settled(mail_id: int) -> ResponseReturnValue:
    """Take a doubtful or refused mail as received."""
    row = get_or_404(OutgoingMail, mail_id)
    outbox.settle_by_hand(row.id, now=clock.now(), by=actor())
    flash(_("ถือว่าส่งแล้ว"), "success")
    return redirect(url_for("reminders.log"), 303)


@blueprint.post("/test")
@allow(Deed.SET_REMINDERS)
def test() -> ResponseReturnValue:
    """Send a mail that proves that mails arrive, to the presser alone."""
    person = visitor()
    outbox.send_test(
        person.address,
        person.actor.name,
        person.organisation_name,
        person.language,
        now=clock.now(),
        by=actor(),
    )
    flash(_("จดหมายทดสอบกำลังไปที่ %(address)s", address=person.address), "success")
    return redirect(local_path(request.form.get("next")) or url_for("reminders.log"), 303)
