"""Exactly the rows that a finding of the readiness is about, each with the page that mends it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tracker.database import db
from tracker.groups import Group
from tracker.locale import short_date
from tracker.locale import translate as _
from tracker.models import FollowUp, Task
from tracker.rules.readiness import Finding
from tracker.views import listing
from tracker.views.report_words import cell_names

TASKS = frozenset({"late", "open", "waiting"})


def rows_of(year: int, finding: Finding, today: date) -> list[dict[str, Any]]:
    """The rows as {title, text, href}, in the order of the finding."""
    ids = [subject.id for subject in finding.subjects]
    if finding.code in TASKS:
        return _of_tasks(ids, today)
    if finding.code == "follow_ups":
        return _of_follow_ups(ids)
    if finding.code == "unproved":
        return [
            {"title": subject.name, "text": "", "href": url_for("plan.tasks", year=year, q=subject.name)}
            for subject in finding.subjects
        ]
    return [
        {
            "title": subject.name,
            "text": cell_names().get(subject.cell or "", ""),
            "href": url_for("report_desk.cell", year=year, item_id=subject.id, cell=subject.cell)
            if subject.cell
            else None,
        }
        for subject in finding.subjects
    ]


def _of_tasks(ids: Collection[int], today: date) -> list[dict[str, Any]]:
    """A row a form: the tasks of a group are answered in one."""
    groups = {
        Group(item_id, division_id, quarter)
        for item_id, division_id, quarter in db.session.execute(
            select(Task.item_id, Task.division_id, Task.quarter).where(Task.id.in_(ids))
        )
    }
    return [
        {
            "title": card.title,
            "text": f"{card.division} · {listing.due_line(card.due_on, card.quarter)}",
            "href": card.href,
        }
        for card in listing.cards_of(groups, today).values()
    ]


def _of_follow_ups(ids: Collection[int]) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(FollowUp)
        .where(FollowUp.id.in_(ids))
        .options(selectinload(FollowUp.round), selectinload(FollowUp.division))
    ).all()
    return [
        {
            "title": row.division.name,
            "text": _(
                "ข้อมูลถึง %(end)s กำหนดตอบ %(due)s",
                end=short_date(row.round.period_end),
                due=short_date(row.round.due_on),
            ),
            "href": url_for("follow_up.form", follow_up_id=row.id),
        }
        for row in sorted(rows, key=lambda row: (row.round.due_on, row.division.place, row.id))
    ]
