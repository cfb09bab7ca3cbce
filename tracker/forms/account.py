"""Forms of signing in and of an invitation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Length


class SignInForm(FlaskForm):
    email = EmailField(_("อีเมล"), validators=[DataRequired(_("กรุณากรอกอีเมล")), Length(max=254)])
    password = PasswordField(_("รหัสผ่าน"), validators=[DataRequired(_("กรุณากรอกรหัสผ่าน")), Length(max=256)])


class AddressForm(FlaskForm):
    email = EmailField(_("อีเมล"), validators=[DataRequired(_("กรุณากรอกอีเมล")), Length(max=254)])


class PasswordForm(FlaskForm):
    password = PasswordField(_("ตั้งรหัสผ่าน"), validators=[DataRequired(_("กรุณากรอกรหัสผ่าน")), Length(max=256)])
