"""The form of a plan's amendment."""

from __future__ import annotations

from datetime import date

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from tracker.forms.plan import BuddhistDateField


class AmendForm(FlaskForm):
    """`number` and `seen` say which amendment by which decisions was shown to the person who confirms it."""

    reason = TextAreaField(
        _("เหตุผลที่แก้ไขแผน"), validators=[InputRequired(_("กรุณาระบุเหตุผลที่แก้ไขแผน")), Length(max=2000)]
    )
    document_number = StringField(_("เลขที่หนังสือหรือประกาศ"), validators=[Length(max=100)])
    document_on = BuddhistDateField(_("ลงวันที่"), validators=[Length(max=40)])
    number = HiddenField()
    seen = HiddenField()

    def day(self) -> date | None:
        return self.document_on.day

    def apart(self) -> frozenset[int]:
        """The measures in force whose likeness to a new title is an accident, by id."""
        return frozenset(request.form.getlist("apart", type=int))
