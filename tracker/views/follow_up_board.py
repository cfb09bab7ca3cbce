"""The board of a year's follow-up rounds: who has answered how much, and who was prompted when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.access import actor
from tracker.actions import following
from tracker.actions.following import AskedLine
from tracker.database import db
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import FollowUp, FollowUpState, OutgoingMail, Plan, PlanState, Position, Reminder, Round
from tracker.rules.permissions import Deed, may
from tracker.rules.rounds import Line
from tracker.views import listing
from tracker.views.reminder_words import stage_words


@dataclass(frozen=True)
class Row:
    """One division in a round: lines answered, to be confirmed and missing, of `total`; None before it opens."""

    division: str
    look: str
    text: str | None
    settled: bool
    href: str | None
    line_href: str | None
    prompted: str | None
    total: int
    answered: int | None = None
    confirming: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Board:
    """One round with its divisions."""

    name: str
    line: str
    opened: bool
    standing: str
    rows: list[Row]


def boards(year: int, today: date, divisions: Collection[int] | None) -> list[Board]:
    """The rounds of a year in the order they open, of some divisions or all."""
    query = (
        select(FollowUp, Plan.state)
        .join(Round, Round.id == FollowUp.round_id)
        .join(Plan, Plan.id == Round.plan_id)
        .where(Plan.fiscal_year == year)
        .options(selectinload(FollowUp.round), selectinload(FollowUp.division))
        .order_by(Round.opens_on, Round.id, FollowUp.division_id)
    )
    if divisions is not None:
        query = query.where(FollowUp.division_id.in_(divisions))
    found = db.session.execute(query).all()
    running = any(state is PlanState.ADOPTED for _row, state in found)
    rows = [row for row, _state in found]
    lines = following.lines_by(rows)
    prompts = _prompts(rows)
    by_round: dict[int, list[FollowUp]] = {}
    for row in rows:
        by_round.setdefault(row.round_id, []).append(row)
    return [_board(own, lines, prompts, today, running) for own in by_round.values()]


def _board(
    rows: Sequence[FollowUp],
    lines: dict[int, list[AskedLine]],
    prompts: dict[str, str],
    today: date,
    running: bool,
) -> Board:
    asked = rows[0].round
    opened = asked.opens_on <= today
    asks = [row for row in rows if row.prompts]
    done = sum(row.state is FollowUpState.ANSWERED for row in asks)
    if not asks:
        standing = _("ตอบจากการอนุมัติงาน ไม่มีคำถามเพิ่ม")
    elif opened:
        standing = _("ตอบแล้ว %(done)s จาก %(total)s กอง", done=done, total=len(asks))
    else:
        standing = _(
            "ยังไม่เปิดตอบ จะถาม %(total)s กองวันที่ %(day)s", total=len(asks), day=short_date(asked.opens_on)
        )
    return Board(
        name=listing.round_name(asked),
        line=_(
            "ผลงาน %(start)s – %(end)s · เปิดตอบ %(opens)s · ส่งภายใน %(due)s",
            start=short_date(asked.period_start),
            end=short_date(asked.period_end),
            opens=short_date(asked.opens_on),
            due=short_date(asked.due_on),
        ),
        opened=opened and bool(asks),
        standing=standing,
        rows=[_row(row, lines[row.id], prompts, today, running) for row in rows],
    )


def _row(
    row: FollowUp, lines: Sequence[AskedLine], prompts: dict[str, str], today: date, running: bool
) -> Row:
    lines = [line for line in lines if line.line is not Line.NOT_ASKED]
    answered = row.state is FollowUpState.ANSWERED
    opened = row.round.opens_on <= today
    lacking = [] if answered else [line for line in lines if following.lacks(line, following.shown(line))]
    confirming = [line for line in lacking if line.line is Line.CONFIRM]
    look = listing.follow_up_look(row, today)
    text = listing.follow_up_text(row, today)
    if look == "overdue" and not row.prompts:
        # The task is late, and is told so itself; nobody owes an answer here.
        look, text = "open", _("รอการอนุมัติงาน")
    reminds = (
        running
        and opened
        and row.prompts
        and not answered
        and may(actor(), Deed.PASS_ON_GROUP, row.division_id)
    )
    return Row(
        division=row.division.name,
        look=look,
        text=text,
        settled=not row.prompts,
        href=url_for("follow_up.form", follow_up_id=row.id)
        if may(actor(), Deed.SEE_ANSWERS, row.division_id)
        else None,
        line_href=url_for("follow_up.line", follow_up_id=row.id) if reminds else None,
        prompted=prompts.get(f"follow-up:{row.id}") if may(actor(), Deed.SEE_TOLD, row.division_id) else None,
        total=len(lines),
        answered=len(lines) - len(lacking) if opened and row.prompts else None,
        confirming=len(confirming),
        missing=len(lacking) - len(confirming),
    )


def _prompts(rows: Sequence[FollowUp]) -> dict[str, str]:
    """By subject the last mail that asked: when, whom, at which stage."""
    subjects = [f"follow-up:{row.id}" for row in rows]
    found = db.session.execute(
        select(Reminder.subject, Reminder.stage, Reminder.recipient, OutgoingMail, Position.title)
        .join(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .outerjoin(Position, Position.id == Reminder.position_id)
        .where(Reminder.subject.in_(subjects))
        .order_by(Reminder.id)
    )
    return {
        subject: _(
            "%(day)s · %(who)s · %(stage)s",
            day=short_date(mail.sent_at or mail.created_at),
            who=title or recipient,
            stage=stage_words(stage),
        )
        for subject, stage, recipient, mail, title in found
    }
