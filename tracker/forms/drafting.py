"""Forms of a draft plan: one item of it, and its adoption."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from tracker.forms.plan import BuddhistDateField, SignatureForm
from tracker.rules.rounds import KINDS
from tracker.rules.thai import arabic_digits, clean

LONGEST = 20_000
LISTS = ("measures", "steps", "targets")


class ItemForm(FlaskForm):
    """Lists, boxes and choices are read by the methods: their fields depend on the item and the register."""

    heading = StringField(_("หัวข้อในแผน"), validators=[Length(max=500)])
    analysis = TextAreaField(_("ผลการวิเคราะห์"), validators=[Length(max=LONGEST)])
    starts_on = BuddhistDateField(_("วันเริ่ม"), validators=[Length(max=40)])
    ends_on = BuddhistDateField(_("วันสิ้นสุด"), validators=[Length(max=40)])
    everyone = BooleanField(_("ทุกกอง"))
    follow_up_n = StringField(_("จำนวนครั้งต่อปี หรือจำนวนวันหลังเสร็จ"), validators=[Length(max=3)])
    follow_up_months = StringField(_("เดือนที่ให้รายงาน"), validators=[Length(max=200)])

    def validate_follow_up_n(self, field: StringField) -> None:
        if (field.data or "").strip() and self.number() is None:
            raise ValidationError(_("กรุณาเขียนเป็นตัวเลข"))

    def lines(self, name: str) -> list[str]:
        """The entries of "measures", "steps" or "targets": one a line, blank ones left out."""
        written = "\n".join(request.form.getlist(name))
        return [clean(line) for line in written.split("\n") if clean(line)]

    def subject(self) -> tuple[str, int] | None:
        """("topic", 1 to 7) or ("indicator", 1 to 10); None where neither was chosen."""
        found = re.fullmatch(r"topic-([1-7])|indicator-([1-9]|10)", request.form.get("subject", ""))
        if not found:
            return None
        return ("topic", int(found[1])) if found[1] else ("indicator", int(found[2]))

    def quarters(self) -> list[int]:
        return sorted({int(one) for one in request.form.getlist("quarters") if re.fullmatch("[1-4]", one)})

    def division_ids(self) -> frozenset[int]:
        return frozenset(
            int(one) for one in request.form.getlist("divisions") if re.fullmatch(r"[0-9]{1,9}", one)
        )

    def follow_up(self) -> str:
        chosen = request.form.get("follow_up", "")
        return chosen if chosen in KINDS else "unspecified"

    def number(self) -> int | None:
        text = arabic_digits(self.follow_up_n.data or "").strip()
        return int(text) if text.isascii() and text.isdecimal() else None

    def rearranged(self) -> dict[str, list[str]] | None:
        """The lists after a press of a button beside one of their lines; None where the form was to be saved."""
        found = re.fullmatch(
            r"(measures|steps|targets)-([0-9]{1,3})-(up|down|remove|add)", request.form.get("change", "")
        )
        if not found:
            return None
        lists = {name: self.lines(name) for name in LISTS}
        name, place, deed = found[1], int(found[2]), found[3]
        lists[name] = _rearranged(self.places(name), place, deed)
        return lists

    def places(self, name: str) -> list[str]:
        """The entries of a list with the blank ones, as they stand on the page."""
        return [clean(one) for one in request.form.getlist(name)]

    def values(self) -> dict[str, Any]:
        """What was typed, for showing the form again."""
        names = ("heading", "analysis", "starts_on", "ends_on", "follow_up_n", "follow_up_months")
        return {name: self[name].data or "" for name in names} | {
            "subject": request.form.get("subject", ""),
            "quarters": self.quarters(),
            "everyone": bool(self.everyone.data),
            "divisions": self.division_ids(),
            "follow_up": self.follow_up(),
            **{name: self.lines(name) for name in LISTS},
        }


def _rearranged(lines: list[str], place: int, deed: str) -> list[str]:
    """The lines with the one at `place` moved or taken out; "add" opens a blank one after it."""
    lines = list(lines)
    if deed == "add":
        return [*lines[: place + 1], "", *lines[place + 1 :]]
    if place >= len(lines):
        return lines
    if deed == "remove":
        del lines[place]
    else:
        other = place + (1 if deed == "down" else -1)
        if 0 <= other < len(lines):
            lines[place], lines[other] = lines[other], lines[place]
    return lines


class DraftAdoptForm(SignatureForm):
    drop_past = BooleanField(_("ไม่ติดตามไตรมาสที่ผ่านมา"))
    drop_reason = StringField(_("เหตุผลที่ไม่ติดตาม"), validators=[Length(max=500)])

    def validate_drop_reason(self, field: StringField) -> None:
        if self.drop_past.data and not (field.data or "").strip():
            raise ValidationError(_("กรุณาระบุเหตุผลที่ไม่ติดตามไตรมาสที่ผ่านมา"))
