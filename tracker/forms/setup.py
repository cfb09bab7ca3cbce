"""The form of the first run."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from tracker.actions.organising import USUAL_DIVISIONS


class FirstRunForm(FlaskForm):
    kind = RadioField(
        _("ประเภท"),
        choices=[
            SelectChoice("sao", _("องค์การบริหารส่วนตำบล")),
            SelectChoice("municipality", _("เทศบาล")),
            SelectChoice("pao", _("องค์การบริหารส่วนจังหวัด")),
        ],
        default="sao",
    )
    name = StringField(_("ชื่อหน่วยงาน"), validators=[DataRequired(_("กรุณากรอกชื่อหน่วยงาน")), Length(max=200)])
    divisions = TextAreaField(
        _("สำนัก/กอง/หน่วย"),
        default="\n".join(USUAL_DIVISIONS),
        validators=[DataRequired(_("กรุณากรอกอย่างน้อยหนึ่งสำนัก/กอง/หน่วย")), Length(max=5000)],
    )
    email = EmailField(_("อีเมล"), validators=[DataRequired(_("กรุณากรอกอีเมล")), Length(max=254)])
    password = PasswordField(_("รหัสผ่าน"), validators=[DataRequired(_("กรุณากรอกรหัสผ่าน")), Length(max=256)])
