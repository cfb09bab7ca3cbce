"""Forms of uploading, adopting and closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    Form,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError

from tracker.catalogue.assessment import INDICATORS, Indicator
from tracker.catalogue.topics import TOPICS, Topic
from tracker.rules.fiscal import quarters_between
from tracker.rules.thai import arabic_digits, clean, parse_date


class BuddhistDateField(StringField):
    """A day typed as Thais write it: 30 ก.ย. 2569, 30/9/2569, ๓๐ กันยายน ๒๕๖๙; blank is allowed."""

    def pre_validate(self, form: Any) -> None:
        if self.data and parse_date(self.data) is None:
            raise ValidationError(_("อ่านวันที่ไม่ได้ ลองเขียนแบบ 30 ก.ย. 2569"))

    @property
    def day(self) -> date | None:
        return parse_date(self.data) if self.data else None


class SignatureForm(FlaskForm):
    document_number = StringField(_("เลขที่หนังสือหรือประกาศ"), validators=[Length(max=100)])
    document_on = BuddhistDateField(_("ลงวันที่"), validators=[Length(max=40)])
    signer = StringField(_("ผู้ลงนาม"), validators=[Length(max=200)])
    signer_position = StringField(_("ตำแหน่ง"), validators=[Length(max=200)])

    def day(self) -> date | None:
        return self.document_on.day


class UploadForm(FlaskForm):
    plan = FileField(_("ไฟล์แผน (.docx .xlsx .csv .html หรือ .txt ที่คั่นด้วยแท็บ)"))
    pasted = TextAreaField(_("หรือวางตารางที่คัดลอกมา"))
    year = StringField(_("ปีงบประมาณ (ถ้าในเอกสารไม่ได้เขียนไว้)"), validators=[Length(max=4)])

    def validate_plan(self, field: FileField) -> None:
        if not getattr(field.data, "filename", "") and not (self.pasted.data or "").strip():
            raise ValidationError(_("กรุณาเลือกไฟล์หรือวางตาราง"))

    def validate_year(self, field: StringField) -> None:
        if (field.data or "").strip() and fiscal_year_in(field.data) is None:
            raise ValidationError(_("ปีงบประมาณต้องเป็น พ.ศ. เช่น 2569"))

    def fiscal_year(self) -> int | None:
        return fiscal_year_in(self.year.data)


def fiscal_year_in(text: str | None) -> int | None:
    """The fiscal year B.E. that was typed, None for anything else."""
    digits = arabic_digits(text or "").strip()
    return int(digits) if digits.isdecimal() and 2540 <= int(digits) <= 2700 else None


def _numbers(known: Sequence[Topic | Indicator]) -> list[str]:
    return ["0", *(str(one.number) for one in known)]


class RowForm(Form):
    """One row of the plan as a person would have it; its fields carry a prefix, for many stand on one page."""

    heading = StringField(_("หัวข้อ"), validators=[Length(max=500)])
    topic = SelectField(_("ประเด็น"), coerce=int, choices=_numbers(TOPICS))
    indicator = SelectField(_("ตัวชี้วัด"), coerce=int, choices=_numbers(INDICATORS))
    measures = TextAreaField(_("มาตรการ บรรทัดละหนึ่งมาตรการ"))
    steps = TextAreaField(_("ขั้นตอน บรรทัดละหนึ่งขั้นตอน"))
    start = BuddhistDateField(_("เริ่ม"), validators=[Length(max=40)])
    end = BuddhistDateField(_("สิ้นสุด"), validators=[Length(max=40)])
    everyone = BooleanField(_("ทุกส่วนราชการ"))
    divisions = SelectMultipleField(_("ผู้รับผิดชอบ"))
    follow_up = SelectField(_("รอบติดตามผล"))
    references = SelectMultipleField(_("คะแนนที่มุ่งยกระดับ"))

    def validate_measures(self, field: TextAreaField) -> None:
        if not lines_in(field.data):
            raise ValidationError(_("กรุณาเขียนมาตรการอย่างน้อยหนึ่งข้อ"))

    def validate_end(self, field: BuddhistDateField) -> None:
        start, end = self.start.day, field.day
        if start is None and end is None and not (self.start.data or field.data):
            return
        if start is None or end is None:
            raise ValidationError(_("กรุณาระบุทั้งวันเริ่มและวันสิ้นสุด"))
        if end < start:
            raise ValidationError(_("วันสิ้นสุดอยู่ก่อนวันเริ่ม"))
        if len(quarters_between(start, end)) > 4:
            raise ValidationError(_("ช่วงเวลายาวกว่าหนึ่งปี"))


def lines_in(text: str | None) -> tuple[str, ...]:
    """The lines of a text that hold something, without spaces at their ends."""
    return tuple(line for line in (clean(line) for line in (text or "").splitlines()) if line)
