"""The ITA result of a year: printed beside computed, strong and weak, what moved, and what answers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404
from tracker.actions import assessing
from tracker.catalogue import assessment
from tracker.database import db, reading
from tracker.errors import FieldsRefused, Message, NotFound, TrackerError
from tracker.locale import language, say, say_all
from tracker.locale import translate as _
from tracker.models import PlanReading, PlanState
from tracker.reading.values import ReadPlan
from tracker.rules.appraisal import (
    STRONG,
    Appraisal,
    Line,
    answering,
    codes_of,
    indicator_of,
    level_names,
    title_of,
)
from tracker.rules.fiscal import fiscal_year_of
from tracker.rules.permissions import Deed, may
from tracker.rules.scoring import Scores

blueprint = Blueprint("scores", __name__, url_prefix="/scores")
FIRST_YEAR = 2562
MOST_SOURCES = 20


@blueprint.get("/<int:assessed>")
@allow(Deed.SEE_PLAN)
def show(assessed: int) -> str:
    """The result of an assessment year."""
    _known(assessed)
    found = assessing.appraisal_of(assessed)
    edits = may(actor(), Deed.EDIT_PLAN)
    return render_template(
        "scores/show.html",
        assessed=assessed,
        years=[(year, url_for("scores.show", assessed=year), year == assessed) for year in _years(assessed)],
        edit_href=url_for("scores.edit", assessed=assessed) if edits else None,
        found=found,
        conflicts=_conflicts(found) if found else [],
        weak=_weak(found) if found else [],
        # Of some years it is not known which indicator an OIT item belongs to.
        rest=[one for one in found.questions if one.indicator is None and one.score is not None]
        if found
        else [],
    )


@blueprint.get("/<int:assessed>/edit")
@allow(Deed.EDIT_PLAN)
def edit(assessed: int) -> str:
    """The scores as fields, and the ways to have them read."""
    _known(assessed)
    return _form(assessed, _fields(assessing.scores_of(assessed) or Scores()))


@blueprint.post("/<int:assessed>/edit")
@allow(Deed.EDIT_PLAN)
def save(assessed: int) -> ResponseReturnValue:
    _known(assessed)
    given = request.form.to_dict()
    try:
        scores = assessing.understand(assessed, given)
    except FieldsRefused as refused:
        return _form(assessed, given, errors=refused.fields), 422
    assessing.keep(assessed, scores, now=clock.now(), by=actor())
    flash(_("บันทึกผล ITA ปี %(year)s แล้ว", year=assessed), "success")
    return redirect(url_for("scores.show", assessed=assessed), 303)


@blueprint.post("/<int:assessed>/read")
@allow(Deed.EDIT_PLAN)
def read(assessed: int) -> ResponseReturnValue:
    """The fields filled in from what was pasted, uploaded or imported; nothing is stored."""
    _known(assessed)
    with reading():
        kept = _fields(assessing.scores_of(assessed) or Scores())
        try:
            document = assessing.read_document(*_document(), assessed)
        except TrackerError as unreadable:
            return _form(assessed, kept, errors={"pasted": unreadable.message}), 422
        found = _fields(document.scores)
        number = len([one for name, one in found.items() if one and name != "level"])
        if not number:
            nothing = Message("ไม่พบคะแนนในข้อความนี้ ลองคัดลอกทั้งตาราง หรือกรอกเองด้านล่าง")
            return _form(assessed, kept, errors={"pasted": nothing}), 422
        return _form(
            assessed,
            kept | {name: one for name, one in found.items() if one},
            _told(document, assessed, number),
        )


def _document() -> tuple[bytes, str]:
    """The bytes and the name of what is to be read."""
    file = request.files.get("document")
    if file is not None and file.filename:
        return file.stream.read(), storage.display_name(file.filename)
    chosen = request.form.get("source", type=int)
    if chosen:
        row = get_or_404(PlanReading, chosen)
        data = storage.source(row.sha256)
        if data is None:
            raise NotFound("ไม่พบไฟล์เอกสารที่นำเข้าไว้")
        return data, row.name
    pasted = request.form.get("pasted", "")
    return pasted.encode(), "paste.html" if "<t" in pasted.lower() else assessing.PASTED


def _told(document: ReadPlan, assessed: int, number: int) -> list[str]:
    """What to look at before saving what was read."""
    told = [_("อ่านได้ %(number)s คะแนน ตรวจแล้วกดบันทึก ยังไม่มีอะไรถูกบันทึก", number=number)]
    if document.assessment_year not in (None, assessed):
        told.append(
            _(
                "เอกสารกล่าวถึงผล ITA ปี %(other)s แต่หน้านี้เป็นของปี %(year)s โปรดตรวจว่าเป็นปีเดียวกัน",
                other=document.assessment_year,
                year=assessed,
            )
        )
    codes = {"score_contradiction", "level_contradiction", "items_renumbered"}
    return told + [say(one.message, language()) for one in document.problems if one.code in codes]


def _form(
    assessed: int,
    values: Mapping[str, str],
    told: list[str] | None = None,
    errors: Mapping[str, Message] | None = None,
) -> str:
    groups = [
        (
            f"{one.number}. {one.name}",
            [(code, _label(code, assessed)) for code, of in _questions(assessed).items() if of == one.number],
        )
        for one in assessment.indicators(assessed)
    ]
    rest = [(code, _label(code, assessed)) for code, of in _questions(assessed).items() if of is None]
    return render_template(
        "scores/edit.html",
        assessed=assessed,
        values=values,
        told=told or [],
        errors=say_all(errors or {}),
        levels=level_names(assessed),
        instruments=[(one.code, f"{one.code} {one.name}") for one in assessment.INSTRUMENTS],
        indicators=[
            (f"n{one.number}", f"{one.number}. {one.name}") for one in assessment.indicators(assessed)
        ],
        questions=[(name, fields) for name, fields in [*groups, (_("ข้อ OIT"), rest)] if fields],
        sources=db.session.execute(
            select(PlanReading.id, PlanReading.name).order_by(PlanReading.id.desc()).limit(MOST_SOURCES)
        ).all(),
    )


def _questions(assessed: int) -> dict[str, int | None]:
    return {code: indicator_of(code, assessed) for code in codes_of(assessed)}


def _label(code: str, assessed: int) -> str:
    return f"{code} {title_of(code, assessed)}".strip()


def _fields(scores: Scores) -> dict[str, str]:
    """The scores as the form's fields hold them."""
    told = {code: f"{score:g}" if score != round(score, 2) else f"{score:.2f}" for code, score in (
        *scores.instruments.items(),
        *((f"n{number}", score) for number, score in scores.indicators.items()),
        *scores.questions.items(),
        *((("total", scores.total),) if scores.total is not None else ()),
    )}  # fmt: skip
    return told | {"level": scores.level or ""}


def _conflicts(found: Appraisal) -> list[str]:
    """What is printed and does not follow from its parts, as sentences."""
    names = {one.code: f"{one.code}. {one.title}" for one in found.indicators}
    told = []
    for one in found.contradictions:
        if one.of == "total":
            name = _("คะแนนรวม")
        elif isinstance(one.of, int):
            name = _("ตัวชี้วัดที่ %(name)s", name=names.get(str(one.of), one.of))
        else:
            name = str(one.of)
        told.append(
            _(
                "%(name)s ตามเอกสาร %(printed)s แต่คำนวณจากส่วนย่อยได้ %(computed)s",
                name=name,
                printed=f"{one.printed:.2f}",
                computed=f"{one.computed:.2f}",
            )
        )
    if found.misprinted:
        printed, computed = found.levels
        told.append(
            _("ระดับตามเอกสาร “%(printed)s” แต่คะแนนเข้าเกณฑ์ “%(computed)s”", printed=printed, computed=computed)
        )
    return told


def _weak(found: Appraisal) -> list[dict[str, Any]]:
    """Weak scores with the measures that answer them."""
    plan, items = assessing.plan_answering(found.year)
    return [
        {
            "line": line,
            "measures": [
                (title, _measure_href(plan.fiscal_year, title) if plan.state is not PlanState.DRAFT else None)
                for item in answering(line, items)
                for title in item.measures
            ]
            if plan
            else [],
            "lowest": line.score is not None and line.score >= STRONG,
        }
        for line in _worst_first(found.weak)
    ]


def _worst_first(lines: tuple[Line, ...]) -> list[Line]:
    return sorted(lines, key=lambda line: line.score if line.score is not None else 0)


def _measure_href(year: int, title: str) -> str:
    return url_for("matrix.measures", year=year, q=title)


def _years(assessed: int) -> list[int]:
    """The years that can be chosen: those with a result, this page's, and the one being assessed now."""
    return sorted({*assessing.years(), assessed, fiscal_year_of(clock.today())}, reverse=True)


def _known(assessed: int) -> None:
    if not FIRST_YEAR <= assessed <= fiscal_year_of(clock.today()) + 1:
        abort(404)
