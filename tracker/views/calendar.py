"""The organisation's working days: the national calendar, its own days, and what a change would move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import reckoning
from tracker.actions.reckoning import OwnDay
from tracker.calendar import working_calendar
from tracker.database import db
from tracker.errors import Refused, Unreadable
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import CalendarDay
from tracker.reading import calendar_file
from tracker.rules.fiscal import first_day, fiscal_year_of, last_day
from tracker.rules.permissions import Deed, may
from tracker.rules.thai import clean, parse_date
from tracker.rules.workdays import office_holidays
from tracker.views.reminder_words import stage_words

blueprint = Blueprint("calendar", __name__, url_prefix="/settings/calendar")
MOVES_SHOWN = 30
# Proxies take addresses of twice that length.
LONGEST_ADDRESS = 4000


@blueprint.get("")
@allow(Deed.SEE_REMINDERS)
def show() -> str:
    return _page({}, {})


@blueprint.post("/preview")
@allow(Deed.SET_REMINDERS)
def preview() -> ResponseReturnValue:
    """Read a typed day or a calendar file and show what it would move; nothing is written."""
    given = request.form
    file = request.files.get("ics")
    try:
        if file is not None and file.filename:
            days, left_out, repeating = _of_file(file.read(calendar_file.LARGEST + 1))
        else:
            days, left_out, repeating = [_typed(given)], 0, 0
            reckoning.check(days, clock.today())
    except (Refused, Unreadable) as refused:
        name = "ics" if file is not None and file.filename else "day"
        return _page({name: say(refused.message, language())}, given), 422
    address = url_for(
        "calendar.previewed",
        day=[one.day.isoformat() for one in days],
        working=["yes" if one.working else "no" for one in days],
        name=[one.name for one in days],
        left_out=left_out or None,
        repeating=repeating or None,
    )
    if len(address) > LONGEST_ADDRESS:
        return _preview(days, left_out, repeating)
    return redirect(address, 303)


@blueprint.get("/preview")
@allow(Deed.SET_REMINDERS)
def previewed() -> ResponseReturnValue:
    """The same by an address of its own, which can be gone back to; to the calendar where the days are saved by now."""
    given = request.args
    days = _listed(given)
    try:
        reckoning.check(days, clock.today())
    except Refused:
        return redirect(url_for("calendar.show"), 303)
    if not days:
        return redirect(url_for("calendar.show"), 303)
    return _preview(days, given.get("left_out", 0, type=int), given.get("repeating", 0, type=int))


def _preview(days: Sequence[OwnDay], left_out: int, repeating: int) -> str:
    moves = reckoning.moved_by(days, clock.today())
    return render_template(
        "reminders/calendar_preview.html",
        days=days,
        left_out=left_out,
        farthest=reckoning.YEARS_APART,
        repeating=repeating,
        moves=_moves(moves),
        hidden=max(0, len(moves) - MOVES_SHOWN),
    )


def _of_file(content: bytes) -> tuple[list[OwnDay], int, int]:
    """The days of a file that make a difference, how many make none, and how many rules repeat."""
    today = clock.today()
    read = calendar_file.read(content)
    calendar = working_calendar()
    latest = today + timedelta(days=366 * reckoning.YEARS_APART)
    days = [
        OwnDay(one.day, False, one.name or _("วันหยุด"))
        for one in read.days
        if today <= one.day <= latest and calendar.is_working(one.day)
    ]
    if not days:
        raise Refused(
            "ทุกวันในไฟล์เป็นวันหยุดอยู่แล้ว ผ่านไปแล้ว หรืออยู่ไกลเกิน %(years)s ปี (ปีในไฟล์ต้องเป็น ค.ศ.)",
            years=reckoning.YEARS_APART,
        )
    return days, len(read.days) - len(days), read.repeating


def _typed(given: Mapping[str, str]) -> OwnDay:
    day = parse_date(given.get("day", ""))
    if day is None:
        raise Refused("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569")
    return OwnDay(day, given.get("working") == "yes", clean(given.get("name", "")))


def _moves(moves: Sequence[reckoning.Moved]) -> list[dict[str, Any]]:
    return [
        {
            "kind": move.due.kind,
            "due_on": move.due.due_on,
            "number": move.due.number,
            "stage": stage_words(move.stage),
            "before": move.before,
            "after": move.after,
        }
        for move in moves[:MOVES_SHOWN]
    ]


@blueprint.post("/save")
@allow(Deed.SET_REMINDERS)
def save() -> ResponseReturnValue:
    """Take in the days that the preview showed."""
    days = _listed(request.form)
    if not days:
        return _page({"day": _("ไม่มีวันที่จะบันทึก")}, {}), 422
    number = reckoning.save_days(days, now=clock.now(), by=actor(), today=clock.today())
    flash(_("บันทึก %(number)s วัน วันเตือนที่ยังมาไม่ถึงคิดใหม่ทันที", number=number), "success")
    return redirect(url_for("calendar.show"), 303)


def _listed(given: MultiDict[str, str]) -> list[OwnDay]:
    """The days that a preview carries."""
    wanted = zip(given.getlist("day"), given.getlist("working"), given.getlist("name"), strict=False)
    return [
        OwnDay(day, working == "yes", name)
        for text, working, name in list(wanted)[: calendar_file.MOST_DAYS]
        if (day := parse_date(text)) is not None
    ]


@blueprint.post("/<int:day_id>/remove")
@allow(Deed.SET_REMINDERS)
def remove(day_id: int) -> ResponseReturnValue:
    """Follow the national calendar again on this day."""
    row = get_or_404(CalendarDay, day_id)
    reckoning.remove_day(row, now=clock.now(), by=actor(), today=clock.today())
    flash(_("ลบแล้ว ใช้ปฏิทินราชการตามปกติ"), "success")
    return redirect(url_for("calendar.show"), 303)


def _page(errors: Mapping[str, str], values: Mapping[str, str]) -> str:
    year = fiscal_year_of(clock.today())
    return render_template(
        "reminders/calendar.html",
        year=year,
        days=_days(first_day(year), last_day(year)),
        errors=errors,
        values=values,
        limit=calendar_file.LARGEST // 1024,
        sets=may(actor(), Deed.SET_REMINDERS),
    )


def _days(first: date, last: date) -> list[dict[str, Any]]:
    """The days off of a year and the holidays on which the organisation works, with its own days beyond the year."""
    own = {row.day: row for row in db.session.scalars(select(CalendarDay).where(CalendarDay.day >= first))}
    national = {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in office_holidays(year).items()
        if first <= day <= last
    }
    return [
        {
            "day": day,
            "name": own[day].name if day in own else national[day],
            "national": national.get(day),
            "own": day in own,
            "working": day in own and own[day].working,
            "id": own[day].id if day in own and day >= clock.today() else None,
            "weekend": day.weekday() >= 5,
        }
        for day in sorted({*own, *national})
    ]
