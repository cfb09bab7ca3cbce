"""The settings of an organisation: what there is to set, what it is called, its divisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404, visitor
from tracker.actions import crossing, organising, reshaping
from tracker.actions.reshaping import FONTS, KINDS, POLICIES, Habits
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, Refused
from tracker.locale import say_refusal, short_date
from tracker.locale import translate as _
from tracker.models import Division, JobRun, Kind, Organisation, Position, User
from tracker.reading.seal import MOST_BYTES, seal
from tracker.rules.permissions import Deed, may
from tracker.views.crossings import reason_words
from tracker.views.documents import SANDBOX
from tracker.views.import_words import kind_words

SHOWN = 20
blueprint = Blueprint("organisation", __name__, url_prefix="/settings")


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
        follow_up_policy=policy if policy in POLICIES else own.follow_up_policy,
    )
    try:
        reshaping.settle(habits, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        db.session.rollback()
        return _page(say_refusal(refused, "name"), given), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("organisation.show"), 303)


def _page(errors: Mapping[str, str], given: Mapping[str, str] | None) -> str:
    own = current_organisation()
    fields = ("name", "kind", "district", "province", "contact", "document_font", "follow_up_policy")
    values: dict[str, Any] = {name: getattr(own, name) for name in fields}
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
        policies=[(policy, kind_words(policy)) for policy in POLICIES],
        errors=errors,
        limit=MOST_BYTES // 1024 // 1024,
        manages=may(actor(), Deed.MANAGE_ORGANISATION),
    )


@blueprint.get("/logo")
@allow(Deed.SEE_OWN_ACCOUNT)
def logo() -> Response:
    """The organisation's own picture, which stands on each page: a browser keeps it under its address."""
    digest = visitor().organisation_logo
    path = storage.path_of_source(digest) if digest else None
    if path is None or not path.is_file():
        abort(404)
    answer = send_file(path, mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@blueprint.post("/organisation/logo")
@allow(Deed.MANAGE_ORGANISATION)
def set_logo() -> ResponseReturnValue:
    """Take a picture as the logo, or take the logo away."""
    file = request.files.get("logo")
    try:
        if "remove" in request.form:
            picture = None
        elif file is None or not file.filename:
            raise Refused("เลือกภาพตราก่อน")
        else:
            picture = seal(file.stream.read(MOST_BYTES + 1))
        reshaping.set_logo(picture, now=clock.now(), by=actor())
    except Refused as refused:
        db.session.rollback()
        return _page(say_refusal(refused, "logo"), None), 422
    flash(_("ใช้ตรานี้แล้ว") if picture else _("นำตราออกแล้ว"), "success")
    return redirect(f"{url_for('organisation.show')}#logo", 303)


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
        return _list(say_refusal(refused, "name")), 422
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
        successor=get_or_404(Division, row.successor_id) if row.successor_id else None,
        names=_names(row),
        aliases=request.form.get("aliases", "\n".join(row.aliases)),
        name=request.form.get("name", row.name),
        errors=errors,
        manages=may(actor(), Deed.MANAGE_ORGANISATION) and row.ended_on is None,
    )


def _names(row: Division) -> list[str]:
    """What the division is and was called, with the days, the present name first; none where it never changed."""
    earlier = [(one.name, one.until_on) for one in reversed(reshaping.earlier_names(row))]
    words, begins = [], None
    for name, until_on in earlier:
        # A name that was mended on the day on which it was given was never in use.
        if begins is not None and until_on < begins:
            continue
        values = {"name": name, "until": short_date(until_on)}
        if begins is None:
            words.append(_("%(name)s ถึง %(until)s", **values))
        else:
            words.append(_("%(name)s ตั้งแต่ %(day)s ถึง %(until)s", day=short_date(begins), **values))
        begins = until_on + timedelta(days=1)
    if begins is not None:
        words.append(_("%(name)s ตั้งแต่ %(day)s", name=row.name, day=short_date(begins)))
    return words[::-1]


@blueprint.post("/divisions/<int:division_id>/rename")
@allow(Deed.MANAGE_ORGANISATION)
def rename(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.rename(row, request.form.get("name", "")[:200], now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, say_refusal(refused, "name")), 422
    flash(_("เปลี่ยนชื่อแล้ว ชื่อเดิมเก็บไว้ และเอกสารที่ใช้ชื่อเดิมยังจับคู่ได้"), "success")
    return redirect(url_for("organisation.division", division_id=row.id), 303)


@blueprint.post("/divisions/<int:division_id>/aliases")
@allow(Deed.MANAGE_ORGANISATION)
def aliases(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.set_aliases(row, request.form.get("aliases", ""), now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, say_refusal(refused, "name")), 422
    flash(_("บันทึกแล้ว"), "success")
    return redirect(url_for("organisation.division", division_id=row.id), 303)


@blueprint.post("/divisions/<int:division_id>/end")
@allow(Deed.MANAGE_ORGANISATION)
def end(division_id: int) -> ResponseReturnValue:
    row = get_or_404(Division, division_id)
    try:
        reshaping.end(row, now=clock.now(), by=actor())
    except Refused as refused:
        return _division(row, say_refusal(refused, "end")), 422
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
    names = dict(db.session.execute(select(User.id, User.name)).all())
    called: dict[int | None, str] = {one.id: one.name for one in organisations}
    return render_template(
        "settings/installation.html",
        organisations=organisations,
        jobs=jobs,
        crossings=[
            (
                entry.at,
                names.get(int(entry.actor.rpartition(":")[2]), entry.actor),
                called.get(entry.subject_id, ""),
                reason_words(str(entry.details.get("reason", ""))),
            )
            for entry in crossing.crossings(SHOWN)
        ],
    )
