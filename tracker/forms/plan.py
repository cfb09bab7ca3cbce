"""Forms of uploading, adopting and closing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from tracker.rules.thai import arabic_digits, parse_date


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


class AdoptForm(SignatureForm):
    create_divisions = BooleanField(_("เพิ่มส่วนราชการที่ยังไม่มีในทะเบียนให้ด้วย"))
    accept_proposals = BooleanField(_("ใช้ตามข้อเสนอของระบบทุกข้อ"))
    drop_past = BooleanField(_("ไม่ติดตามไตรมาสที่ผ่านมา"))
    drop_reason = StringField(_("เหตุผลที่ไม่ติดตาม"), validators=[Length(max=500)])


class UploadForm(FlaskForm):
    plan = FileField(
        _("ไฟล์แผน (.docx .xlsx .csv .html หรือ .txt ที่คั่นด้วยแท็บ)"), validators=[InputRequired(_("กรุณาเลือกไฟล์"))]
    )
    year = StringField(_("ปีงบประมาณ (ถ้าในเอกสารไม่ได้เขียนไว้)"), validators=[Length(max=4)])

    def validate_year(self, field: StringField) -> None:
        text = arabic_digits(field.data or "").strip()
        if text and not (text.isdecimal() and 2540 <= int(text) <= 2700):
            raise ValidationError(_("ปีงบประมาณต้องเป็น พ.ศ. เช่น 2569"))

    def fiscal_year(self) -> int | None:
        text = arabic_digits(self.year.data or "").strip()
        return int(text) if text else None
