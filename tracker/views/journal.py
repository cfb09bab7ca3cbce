"""The journal of the organisation: who did what to what and when, by filters, and as a file."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy import Select, func, select

from tracker.access import allow, key_of, visitor
from tracker.database import db
from tracker.locale import translate as _
from tracker.models import JournalEntry
from tracker.rules.moments import moment_on
from tracker.rules.permissions import Deed
from tracker.rules.thai import parse_date
from tracker.views.journal_words import DEEDS, SUBJECTS, Names, deed_words
from tracker.writing import csv

blueprint = Blueprint("journal", __name__, url_prefix="/journal")
PAGE = 50
FILTERS = ("person", "deed", "kind", "number", "from", "until")
MIDNIGHT = 0


@blueprint.get("")
@allow(Deed.SEE_JOURNAL)
def show() -> str:
    """The entries that the filters leave, the newest first."""
    query = _filtered()
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    wanted = request.args.get("page", "1")
    page = min(pages, max(1, int(wanted))) if wanted.isdecimal() and len(wanted) < 9 else 1
    names = Names()
    entries = db.session.scalars(
        query.order_by(JournalEntry.number.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    return render_template(
        "journal/show.html",
        entries=[
            {
                "number": entry.number,
                "at": entry.at,
                "actor": names.actor(entry.actor),
                "deed": deed_words(entry.deed),
                "subject": names.subject(entry),
                "href": url_for("journal.show", kind=entry.subject_kind, number=entry.subject_id),
            }
            for entry in entries
        ],
        total=total,
        chosen=chosen,
        wrong=[name for name in ("from", "until") if chosen[name] and parse_date(chosen[name]) is None],
        people=[("", _("ทุกคน")), ("system", _("ระบบ")), ("link", _("ผู้ใช้ลิงก์จากจดหมาย")), *names.people()],
        deeds=[("", _("ทุกเรื่อง")), *sorted(((key, str(words)) for key, words in DEEDS.items()), key=_words)],
        kinds=[("", _("ทุกสิ่ง")), *sorted(((key, str(words)) for key, words in SUBJECTS.items()), key=_words)],
        exports=[(ending, url_for("journal.export", ending=ending, **kept)) for ending in ("csv", "json")],
        page=page,
        pages=pages,
        link=lambda number: url_for("journal.show", page=number, **kept),
    )


@blueprint.get("/export.<ending>")
@allow(Deed.SEE_JOURNAL)
def export(ending: str) -> Response:
    """The same entries as a file, the oldest first; the JSON holds all that the hashes are made of."""
    if ending not in {"csv", "json"}:
        abort(404)
    names = Names()
    rows: list[dict[str, Any]] = [
        {
            "organisation": visitor().actor.organisation_id,
            "number": entry.number,
            "at": entry.at.isoformat(),
            "actor": entry.actor,
            "actor_name": names.actor(entry.actor),
            "deed": entry.deed,
            "deed_words": deed_words(entry.deed),
            "subject_kind": entry.subject_kind,
            "subject_id": entry.subject_id,
            "subject_words": names.subject(entry),
            "details": entry.details,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
        }
        for entry in db.session.scalars(_filtered().order_by(JournalEntry.number))
    ]
    if ending == "json":
        data, kind = json.dumps(rows, ensure_ascii=False, indent=1).encode(), "application/json"
    else:
        heads = list(rows[0]) if rows else ["number"]
        table = [
            [json.dumps(row[head], ensure_ascii=False) if head == "details" else row[head] for head in heads]
            for row in rows
        ]
        data, kind = csv.write([heads, *table]), "text/csv"
    answer = Response(data, mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename=journal.{ending}"
    return answer


def _filtered() -> Select[JournalEntry]:
    """The entries that the address asks for; what cannot be read limits nothing, and the page says so."""
    given = request.args
    query = select(JournalEntry)
    person, deed, kind = (given.get(name, "") for name in ("person", "deed", "kind"))
    if person == "link":
        query = query.where(JournalEntry.actor.startswith("link:"))
    elif re.fullmatch(r"system|user:[0-9]{1,10}", person):
        query = query.where(JournalEntry.actor == person)
    if deed in DEEDS:
        query = query.where(JournalEntry.deed == deed)
    if kind in SUBJECTS:
        query = query.where(JournalEntry.subject_kind == kind)
    number = key_of(given.get("number", ""))
    if number is not None:
        query = query.where(JournalEntry.subject_id == number)
    first, last = parse_date(given.get("from", "")), parse_date(given.get("until", ""))
    if first is not None:
        query = query.where(JournalEntry.at >= moment_on(first, MIDNIGHT))
    if last is not None:
        query = query.where(JournalEntry.at < moment_on(last + timedelta(days=1), MIDNIGHT))
    return query


def _words(one: tuple[str, str]) -> str:
    return one[1]
