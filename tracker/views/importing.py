"""From a document to an adopted plan: upload, decide, confirm."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404
from tracker.actions import deciding, importing, organising, planning
from tracker.actions.importing import recording
from tracker.actions.planning import Signature
from tracker.database import current_organisation_id, db
from tracker.errors import Message, Refused, TrackerError
from tracker.forms.plan import RowForm, SignatureForm, UploadForm, fiscal_year_in, lines_in
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import Assessment, Organisation, PlanReading, PlanState
from tracker.reading.decisions import (
    KEPT,
    PROPOSAL,
    Decisions,
    Naming,
    proposed_naming,
    without,
)
from tracker.rules.permissions import Deed
from tracker.rules.thai import clean, letters
from tracker.views import import_lines, import_page
from tracker.views.import_lines import NEW, NOBODY, Looked

blueprint = Blueprint("importing", __name__, url_prefix="/plan")
_STALE = Message("เอกสารหรือคำตอบเปลี่ยนไปแล้ว กรุณาดูหน้านี้อีกครั้ง")


@blueprint.route("/upload", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        data, name = _uploaded(form)
        try:
            known = importing.known_names(planning.divisions())
            reading = deciding.begin(data, name, form.fiscal_year(), known, now=clock.now(), by=actor())
        except TrackerError as unreadable:
            form.plan.errors = [say(unreadable.message, language())]
        else:
            if reading.decisions:
                flash(_("ไฟล์นี้เคยอัปโหลดแล้ว ทำต่อจากที่ตัดสินใจไว้"), "info")
            return redirect(url_for("importing.show", reading_id=reading.id), 303)
    return render_template(
        "plan/upload.html", form=form, readings=deciding.open_readings()
    ), 422 if form.errors else 200


def _uploaded(form: UploadForm) -> tuple[bytes, str]:
    """The bytes and the name of the file, else of the table that was pasted."""
    file = request.files.get("plan")
    if file is not None and file.filename:
        return file.stream.read(), storage.display_name(file.filename)
    pasted = str(form.pasted.data or "")
    return pasted.encode(), "paste.html" if "<t" in pasted.lower() else "paste.txt"


@blueprint.get("/preview")
@allow(Deed.EDIT_PLAN)
def preview() -> ResponseReturnValue:
    """The preview of the document that was uploaded last."""
    readings = deciding.open_readings()
    if not readings:
        return redirect(url_for("importing.upload"), 303)
    return redirect(url_for("importing.show", reading_id=readings[0].id), 303)


@blueprint.get("/readings/<int:reading_id>")
@allow(Deed.EDIT_PLAN)
def show(reading_id: int) -> ResponseReturnValue:
    """What the document says beside what was understood; nothing is stored before the confirmation."""
    reading = get_or_404(PlanReading, reading_id)
    made = deciding.plan_of(reading)
    if made is not None:
        flash(_("ไฟล์นี้เป็นแผนปีงบประมาณ %(year)s อยู่แล้ว ไม่มีอะไรเปลี่ยน", year=made.fiscal_year), "info")
        return redirect(url_for("plan.dashboard", year=made.fiscal_year), 303)
    looked = _look(reading)
    plan = importing.year_taken(looked.draft.fiscal_year)
    is_plan = all(question.code != "results" for question in looked.draft.questions)
    if plan is not None and plan.state is PlanState.ADOPTED and is_plan:
        # The page of the difference to the plan in force finds the document here.
        session["upload"] = {"kept": reading.sha256, "name": reading.name, "year": reading.fiscal_year}
        return redirect(url_for("amending.preview", year=plan.fiscal_year), 303)
    return _page(reading, looked, editing=request.args.get("edit", type=int))


@blueprint.post("/readings/<int:reading_id>/decide")
@allow(Deed.EDIT_PLAN)
def decide(reading_id: int) -> ResponseReturnValue:
    """One decision, or all that are proposed."""
    reading = get_or_404(PlanReading, reading_id)
    looked = _look(reading)
    act = request.form.get("act", "")
    if act == "scores":
        importing.save_scores(looked.draft.read)
        flash(_("เก็บคะแนน ITA ปี %(year)s แล้ว", year=looked.draft.read.assessment_year), "success")
        return redirect(url_for("importing.show", reading_id=reading.id), 303)
    if act == "record":
        plan = recording.record(looked.draft, reading.sha256, looked.decisions, now=clock.now(), by=actor())
        flash(_("เก็บรายงานผลเป็นบันทึกของปีงบประมาณ %(year)s แล้ว", year=plan.fiscal_year), "success")
        return redirect(url_for("report.show", year=plan.fiscal_year), 303)
    if act == "drop" and not clean(request.form.get("reason", "")):
        return _page(reading, looked, drop_error=_("กรุณาระบุเหตุผลที่ไม่ติดตามไตรมาสที่ผ่านมา")), 422
    if act == "all":
        for line in import_lines.lines(looked):
            if line["proposed"] and line["look"] != import_lines.DONE:
                looked = _taken(reading, looked, line["proposed"])
    else:
        values = {name: value for name, value in request.form.items() if name != "csrf_token"}
        _taken(reading, looked, values | {"quarters": ",".join(request.form.getlist("quarter"))})
    row = request.form.get("row", type=int)
    anchor = f"row-{row}" if row and act == "undo" else "forecast" if act == "drop" else "problems"
    return redirect(url_for("importing.show", reading_id=reading.id, _anchor=anchor), 303)


def _taken(reading: PlanReading, looked: Looked, values: dict[str, str]) -> Looked:
    """The document as it is after one decision that was posted; Refused for one that does not fit it."""
    try:
        decisions = _decision(reading, looked, values)
    except (KeyError, ValueError, IndexError, StopIteration) as unfit:
        raise Refused(_STALE.template) from unfit
    deciding.keep(reading, decisions)
    return _look(reading) if values["act"] in {"year", "undo"} else _again(looked, decisions)


def _decision(reading: PlanReading, looked: Looked, values: dict[str, str]) -> Decisions:
    decisions, act = looked.decisions, values["act"]
    if act == "year":
        year = fiscal_year_in(values["year"])
        if year is None:
            raise Refused("ปีงบประมาณต้องเป็น พ.ศ. เช่น 2569")
        reading.fiscal_year = year
        return decisions
    if act == "results":
        return Decisions.from_json(decisions.to_json() | {"as_plan": True})
    if act == "name":
        return decisions.naming(_naming(looked, values))
    if act == "answer":
        if values["answer"] not in {PROPOSAL, KEPT}:
            raise ValueError(values["answer"])
        return decisions.answering(values["key"], values["answer"])
    if act == "follow_ups":
        if values["kind"] not in import_lines.FOLLOW_UPS:
            raise ValueError(values["kind"])
        return Decisions.from_json(decisions.to_json() | {"follow_ups": values["kind"]})
    if act == "drop":
        quarters = [int(one) for one in values["quarters"].split(",") if one in {"1", "2", "3", "4"}]
        told = {"dropped": quarters, "dropped_reason": clean(values["reason"]) if quarters else ""}
        return Decisions.from_json(decisions.to_json() | told)
    if act == "row":
        return _of_row(looked, values)
    if act == "undo":
        return _undone(reading, decisions, values["undo"])
    raise ValueError(act)


def _naming(looked: Looked, values: dict[str, str]) -> Naming:
    text, chosen = values["text"], values["division"]
    if letters(text) not in {letters(question.name) for question in looked.draft.questions}:
        raise ValueError(text)
    remember = values.get("remember") == "1"
    if chosen == NOBODY:
        return Naming(text, "")
    if chosen == NEW:
        meant = proposed_naming(text, [])
        return Naming(text, meant.division if meant else clean(text), new=True, remember=remember)
    division = next(one for one in looked.divisions if one.id == int(chosen))
    return Naming(text, division.name, remember=remember)


def _of_row(looked: Looked, values: dict[str, str]) -> Decisions:
    number, take = int(values["row"]), values["take"]
    # A row before the first would be counted from the end.
    row = looked.draft.read.rows[max(number, 1) - 1]
    if take == "leave_out":
        return looked.decisions.editing(number, left_out=True)
    if take == "heading" and row.heading:
        return looked.decisions.editing(number, measures=(row.heading,))
    if take == "coordinator":
        name = next(one.name for one in looked.divisions if one.coordinates)
        return looked.decisions.editing(number, divisions=(name,), everyone=False)
    if take == "window":
        start, end = (date.fromisoformat(values[name]) for name in ("start", "end"))
        return looked.decisions.editing(number, start=start.isoformat(), end=end.isoformat())
    raise ValueError(take)


def _undone(reading: PlanReading, decisions: Decisions, undo: str) -> Decisions:
    kind, _colon, key = undo.partition(":")
    told = decisions.to_json()
    if kind == "year":
        reading.fiscal_year = None
    elif kind in {"results", "follow_ups", "drop"}:
        names = {
            "results": ("as_plan",),
            "follow_ups": ("follow_ups",),
            "drop": ("dropped", "dropped_reason"),
        }
        told = {name: value for name, value in told.items() if name not in names[kind]}
    elif kind in {"name", "answer", "row"}:
        field = {"name": "names", "answer": "answers", "row": "edits"}[kind]
        told = told | {field: without(told[field], key)}
    else:
        raise ValueError(undo)
    return Decisions.from_json(told)


@blueprint.post("/readings/<int:reading_id>/rows/<int:number>")
@allow(Deed.EDIT_PLAN)
def edit_row(reading_id: int, number: int) -> ResponseReturnValue:
    """What a person writes of a row in place of what was read."""
    reading = get_or_404(PlanReading, reading_id)
    looked = _look(reading)
    if not 1 <= number <= len(looked.draft.read.rows):
        raise Refused(_STALE.template)
    if request.form.get("leave_out"):
        deciding.keep(reading, looked.decisions.editing(number, left_out=True))
        return redirect(url_for("importing.show", reading_id=reading.id, _anchor="problems"), 303)
    form, before = import_page.row_form(looked, number, request.form), import_page.row_form(looked, number)
    if not form.validate():
        return _page(reading, looked, editing=number, row_form=form), 422
    deciding.keep(reading, looked.decisions.editing(number, **_changes(form, before)))
    return redirect(url_for("importing.show", reading_id=reading.id, _anchor=f"row-{number}"), 303)


def _changes(form: RowForm, before: RowForm) -> dict[str, Any]:
    """The fields of a row that are not as they were."""
    changes: dict[str, Any] = {}
    if clean(form.heading.data or "") != clean(before.heading.data or ""):
        changes["heading"] = clean(form.heading.data or "")
    changes |= {
        name: form[name].data
        for name in ("topic", "indicator", "follow_up")
        if form[name].data != before[name].data
    }
    changes |= {
        name: lines_in(form[name].data)
        for name in ("measures", "steps")
        if lines_in(form[name].data) != lines_in(before[name].data)
    }
    if (
        form.start.day
        and form.end.day
        and (form.start.day, form.end.day) != (before.start.day, before.end.day)
    ):
        changes |= {"start": form.start.day.isoformat(), "end": form.end.day.isoformat()}
    chosen = tuple(form.divisions.data or ())
    if form.everyone.data and not before.everyone.data:
        changes |= {"everyone": True, "divisions": ()}
    elif chosen != tuple(before.divisions.data or ()) or form.everyone.data != before.everyone.data:
        changes |= {"everyone": False, "divisions": chosen}
    if set(form.references.data or ()) != set(before.references.data or ()):
        changes["references"] = tuple(form.references.data or ())
    return changes


@blueprint.post("/readings/<int:reading_id>/discard")
@allow(Deed.EDIT_PLAN)
def discard(reading_id: int) -> ResponseReturnValue:
    """Forget the document and what was decided about it."""
    db.session.delete(get_or_404(PlanReading, reading_id))
    flash(_("ทิ้งเอกสารที่อัปโหลดแล้ว"), "success")
    return redirect(url_for("importing.upload"), 303)


@blueprint.post("/readings/<int:reading_id>/adopt")
@allow(Deed.EDIT_PLAN)
def adopt(reading_id: int) -> ResponseReturnValue:
    """The plan with its divisions, names, scores and tasks, all or nothing."""
    reading = get_or_404(PlanReading, reading_id)
    looked = _look(reading)
    form = SignatureForm()
    if request.form.get("seen") != deciding.seen(reading):
        flash(_("มีผู้แก้การตัดสินใจระหว่างนั้น กรุณาตรวจอีกครั้งก่อนยืนยัน"), "warning")
        return _page(reading, looked, form=form), 422
    if not form.validate() or looked.draft.questions or looked.year_taken:
        return _page(reading, looked, form=form), 422
    now, by, draft = clock.now(), actor(), looked.draft
    for name in draft.new_divisions:
        organising.add_division(name, now=now, by=by)
    used = [one.text for row in draft.read.rows for one in row.responsible]
    deciding.learn_names(looked.decisions, used, now=now, by=by)
    plan = importing.save(draft, reading.sha256, now=now, by=by)
    planning.adopt(
        plan,
        now=now,
        by=by,
        signature=Signature(
            str(form.document_number.data or ""),
            form.day(),
            str(form.signer.data or ""),
            str(form.signer_position.data or ""),
        ),
        dropped_quarters=looked.decisions.dropped,
        dropped_reason=looked.decisions.dropped_reason,
    )
    session.pop("upload", None)
    flash(_("ประกาศใช้แผนปีงบประมาณ %(year)s แล้ว", year=plan.fiscal_year), "success")
    return redirect(url_for("plan.dashboard", year=plan.fiscal_year), 303)


def _look(reading: PlanReading) -> Looked:
    divisions = planning.divisions()
    read = deciding.read_again(reading, importing.known_names(divisions))
    decisions = deciding.decisions_of(reading)
    draft = importing.understand(read, divisions, fiscal_year=reading.fiscal_year, decisions=decisions)
    taken = importing.year_taken(draft.fiscal_year)
    policy = db.session.scalars(
        select(Organisation.follow_up_policy).where(Organisation.id == current_organisation_id())
    ).one()
    return Looked(
        draft=draft,
        decisions=decisions,
        divisions=divisions,
        today=clock.today(),
        policy=policy,
        chosen_year=reading.fiscal_year,
        year_taken=taken is not None,
        drafted=taken is not None and taken.state is PlanState.DRAFT,
        scores_known=db.session.scalar(select(Assessment.id).where(Assessment.year == read.assessment_year))
        is not None,
    )


def _again(looked: Looked, decisions: Decisions) -> Looked:
    """The same document with other decisions."""
    draft = importing.understand(
        looked.draft.read, looked.divisions, fiscal_year=looked.chosen_year, decisions=decisions
    )
    return Looked(**{**vars(looked), "draft": draft, "decisions": decisions})


def _page(
    reading: PlanReading,
    looked: Looked,
    *,
    form: SignatureForm | None = None,
    editing: int | None = None,
    row_form: RowForm | None = None,
    drop_error: str | None = None,
) -> str:
    found = import_lines.lines(looked)
    cells = deciding.cells(reading.sha256, reading.name)
    rows = import_page.rows(looked, cells, found, editing, row_form)
    show = request.args.get("show", "")
    wanting = [row for row in rows if row["look"] != import_lines.DONE]
    names = import_page.names_offered(looked)
    made = deciding.workload(import_page.planned(looked), names, looked.today, looked.decisions.dropped)
    size = max(1, deciding.size_of(reading) // 1024)
    year = looked.draft.fiscal_year
    year_words = _("ปีงบประมาณ %(year)s", year=year) if year else _("ไม่พบปีงบประมาณ")
    items = looked.draft.items
    open_lines = [line for line in found if line["look"] != import_lines.DONE]
    musts = sum(line["look"] == import_lines.MUST for line in found)
    shown = {"wanting": wanting, "read": [row for row in rows if row not in wanting]}.get(show, rows)
    return render_template(
        "plan/preview.html",
        reading=reading,
        file={"kind": reading.name.rpartition(".")[2].lower(), "line": f"{size} KB · {year_words}"},
        counts=[
            (len(rows), _("แถวในตาราง")),
            (sum(len(item.row.measures) for item in items), _("มาตรการ")),
            (sum(len(item.row.steps) for item in items), _("ขั้นตอน")),
            (len({name for item in items for name in item.divisions}), _("สำนัก/กอง/หน่วย")),
        ],
        lines=found,
        still_open=len(open_lines),
        proposals=sum(line["proposed"] is not None for line in open_lines),
        rows=shown if row_form is None and editing is None else rows,
        show=show,
        filters=[
            ("", _("ทั้งหมด"), len(rows)),
            ("wanting", _("ต้องดู"), len(wanting)),
            ("read", _("อ่านครบ"), len(rows) - len(wanting)),
        ],
        text_lines=[] if rows else deciding.lines(reading),
        made=made,
        work=import_page.work(made),
        dropped=looked.decisions.dropped,
        dropped_reason=request.form.get("reason", looked.decisions.dropped_reason),
        drop_error=drop_error,
        form=form or SignatureForm(formdata=None),
        seen=deciding.seen(reading),
        musts=musts,
        blocked=_("ยังมีเรื่องที่ต้องตอบ %(number)s เรื่อง", number=musts) if musts else None,
    )
