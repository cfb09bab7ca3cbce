"""The settings of an organisation: what there is to set, what it is called, its divisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import organising, reshaping
from tracker.actions.reshaping import FONTS, KINDS, POLICIES, Habits
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Refused
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.models import Division, JobRun, Kind, Organisation, Position
from tracker.people import posts_on
from tracker.rules.permissions import Deed, may
from tracker.views.import_words import kind_words

blueprint = Blueprint("organisation", __name__, url_prefix="/settings")
APPROVALS = {"": None, "yes": True, "no": False}


@blueprint.get("")
@allow(Deed.SEE_SETTINGS)
def settings() -> str:
    """What can be set, and how each stands."""
    own, posts = current_organisation(), posts_on(clock.today())
    divisions = db.session.scalar(select(func.count(Division.id)).where(Division.ended_on.is_(None)))
    vacant = sum(post.holder_id is None for post in posts.values())
    pages = [
        (_("หน่วยงาน"), own.name, url_for("organisation.show"), "building-fill"),
        (
            _("ส่วนราชการ"),
            _("%(number)s ส่วนราชการ", number=divisions),
            url_for("organisation.divisions"),
            "list-check",
        ),
        (
            _("ผู้ดำรงตำแหน่งและผู้ใช้"),
            _("ว่าง %(number)s ตำแหน่ง", number=vacant) if vacant else _("มีผู้ดำรงทุกตำแหน่ง"),
            url_for("people.show"),
            "people",
        ),
        (_("ช่วงเตือน"), _("วันและเวลาที่จดหมายเตือนออก"), url_for("stages.show"), "bell"),
        (_("วันหยุด"), _("วันหยุดราชการและวันของหน่วยงาน"), url_for("calendar.show"), "calendar3"),
        (
            _("แบบ Word ของหน่วยงาน"),
            _("รูปแบบเอกสารของหน่วยงานเอง"),
            url_for("word_forms.show"),
            "file-earmark-text",
        ),
        (_("พักการเตือน"), _("หยุดเตือนชั่วคราวพร้อมเหตุผล"), url_for("pauses.show"), "slash-circle"),
    ]
    return render_template("settings/index.html", pages=pages)


@blueprint.get("/organisation")
@allow(Deed.SEE_SETTINGS)
def show() -> str:
    return _page({}, None)


@blueprint.post("/organisation")
@allow(Deed.MANAGE_ORGANISATION)
def save() -> ResponseReturnValue:
    given, own = request.form, current_organisation()
    chosen = {name: given.get(name, "")[:300] for name in ("name", "district", "province", "contact")}
    kind, font, policy = given.get("kind"), given.get("document_font"), given.get("follow_up_policy")
    habits = Habits(
        **chosen,
        kind=Kind(kind) if kind in set(KINDS) else own.kind,
        thai_digits="thai_digits" in given,
        document_font=font if font in FONTS else own.document_font,
        approval=APPROVALS.get(given.get("approval", ""), own.approval),
        follow_up_policy=policy if policy in POLICIES else own.follow_up_policy,
    )
    try:
        reshaping.settle(habits, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        return _page(_said(refused), given), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("organisation.show"), 303)


def _page(errors: Mapping[str, str], given: Mapping[str, str] | None) -> str:
    own = current_organisation()
    fields = ("name", "kind", "district", "province", "contact", "document_font", "follow_up_policy")
    values: dict[str, Any] = {name: getattr(own, name) for name in fields}
    values["approval"] = next(word for word, value in APPROVALS.items() if value is own.approval)
    values["thai_digits"] = own.thai_digits
    return render_template(
        "settings/organisation.html",
        values=values if given is None else values | dict(given),
        kinds=[
            (Kind.SAO.value, _("องค์การบริหารส่วนตำบล")),
            (Kind.MUNICIPALITY.value, _("เทศบาล")),
            (Kind.PAO.value, _("องค์การบริหารส่วนจังหวัด")),
        ],
        fonts=[(font, font) for font in FONTS],
        approvals=[
            ("", _("อัตโนมัติ: ตรวจเมื่อมีผู้ใช้มากกว่าหนึ่งคน")),
            ("yes", _("ผู้ประสานงานตรวจก่อนเสมอ")),
            ("no", _("ส่งแล้วถือว่าอนุมัติ")),
        ],
        policies=[(policy, kind_words(policy)) for policy in POLICIES],
        errors=errors,
        manages=may(actor(), Deed.MANAGE_ORGANISATION),
    )


def _said(refused: Refused, field: str = "name") -> dict[str, str]:
    fields = refused.fields if isinstance(refused, FieldsRefused) else {field: refused.message}
    return {name: say(message, language()) for name, message in fields.items()}


@blueprint.get("/divisions")
@allow(Deed.SEE_SETTINGS)
def divisions() -> str:
    return _list({})


def _list(errors: Mapping[str, str]) -> str:
    heads = dict(
        db.session.execute(select(Position.division_id, Position.title).where(Position.role == "head")).all()
    )
    rows = db.session.scalars(select(Division).order_by(Division.ended_on.is_not(None), Division.place))
    return render_template(
        "settings/divisions.html",
        divisions=[(row, heads.get(row.id, "")) for row in rows],
        errors=errors,
        given=request.form,
        manages=may(actor(), Deed.MANAGE_ORGANISATION),
    )


@blueprint.post("/divisions")
@allow(Deed.MANAGE_ORGANISATION)
def add() -> ResponseReturnValue:
    """A new division with its head position."""
    try:
        division = organising.add_division(request.form.get("name", "")[:200], now=clock.now(), by=actor())
    except Refused as refused:
        db.session.rollback()
        return _list(_said(refused)), 422
    flash(_("เพิ่ม%(name)sแล้ว", name=division.name), "success")
    return redirect(url_for("organisation.divisions"), 303)


@blueprint.get("/divisions/<int:division_id>")
@allow(Deed.SEE_SETTINGS)
def division(division_id: int) -> str:
    return _division(get_or_404(Division, division_id), {})


def _division(row: Division, errors: Mapping[str, str]) -> str:
    return render_template(
        "settings/division.html",
        division=row,
        earlier=[
            _("%(name)s ถึง %(day)s", name=one.name, day=short_date(one.until_on))
            for one in reshaping.earlier_names(row)
        ],
        aliases=request.form.get("aliases", "\n".join(row.aliases)),
        name=request.form.get("name", row.name),
        errors=errors,
        manages=may(actor(), Deed.MANAGE_ORGANISATION) and row.ended_on is None,
    )


@blueprint.post("/divisions/<int:division_id>/rename")
@allow(Deed.MANAGE_ORGANISATION)
def rename(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.rename(row, request.form.get("name", "")[:200], now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, _said(refused)), 422
    flash(_("เปลี่ยนชื่อแล้ว ชื่อเดิมเก็บไว้ และเอกสารที่ใช้ชื่อเดิมยังจับคู่ได้"), "success")
    return redirect(url_for("organisation.division", division_id=row.id), 303)


@blueprint.post("/divisions/<int:division_id>/aliases")
@allow(Deed.MANAGE_ORGANISATION)
def aliases(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.set_aliases(row, request.form.get("aliases", ""), now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, _said(refused)), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("organisation.division", division_id=row.id), 303)


@blueprint.post("/divisions/<int:division_id>/end")
@allow(Deed.MANAGE_ORGANISATION)
def end(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.end(row, now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, _said(refused, "end")), 422
    flash(_("ยุบแล้ว แผนใหม่จะไม่มีส่วนราชการนี้"), "success")
    return redirect(url_for("organisation.divisions"), 303)


@blueprint.get("/installation")
@allow(Deed.RUN_INSTALLATION)
def installation() -> str:
    """For the system administrator: which organisations there are, and whether the jobs run."""
    organisations = db.session.scalars(
        select(Organisation).where(Organisation.kind != Kind.SYSTEM).order_by(Organisation.name)
    ).all()
    jobs = db.session.execute(
        select(JobRun.name, func.max(JobRun.started_at)).group_by(JobRun.name).order_by(JobRun.name)
    ).all()
    return render_template("settings/installation.html", organisations=organisations, jobs=jobs)
