"""From a document to an adopted plan: upload, decide, confirm."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow, get_or_404
from tracker.actions import amending, attaching, deciding, importing, organising, planning
from tracker.actions.importing import recording
from tracker.actions.planning import Signature
from tracker.database import db, reading
from tracker.errors import Refused, TrackerError
from tracker.forms.plan import RowForm, SignatureForm, UploadForm
from tracker.locale import language, say
from tracker.locale import translate as _
from tracker.models import PlanReading
from tracker.reading.decisions import Decisions
from tracker.rules.differences import compare
from tracker.rules.fiscal import fiscal_year_of
from tracker.rules.permissions import Deed, may
from tracker.rules.thai import clean
from tracker.views import import_decisions, import_lines, import_page
from tracker.views.import_lines import Looked
from tracker.views.import_look import STALE, Seen, entries, look, seen_now

blueprint = Blueprint("importing", __name__, url_prefix="/plan")


@blueprint.route("/upload", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.EDIT_PLAN)
def upload() -> ResponseReturnValue:
    """What was uploaded and is not decided yet, what is kept beside the plan, and the form that takes a document."""
    form = UploadForm()
    if form.validate_on_submit():
        data, name = _uploaded(form)
        if attaching.is_attachment(data, name):
            attaching.attach(data, name, now=clock.now(), by=actor())
            flash(_("เก็บ “%(name)s” เป็นเอกสารแนบแล้ว", name=name), "success")
            flash(
                _("อ่านตารางภาษาไทยจาก PDF ให้ถูกต้องไม่ได้ จึงยังไม่ได้ทำเป็นแผน กรุณาใช้ไฟล์ Word ต้นฉบับ (.docx)"),
                "warning",
            )
            return redirect(url_for("importing.upload"), 303)
        try:
            document = _begun(form, data, name)
        except TrackerError as unreadable:
            form.plan.errors = [say(unreadable.message, language())]
        else:
            return redirect(url_for("importing.show", reading_id=document.id), 303)
    return render_template(
        "plan/upload.html",
        form=form,
        readings=deciding.open_readings(),
        attachments=attaching.attachments(),
        edits=may(actor(), Deed.EDIT_PLAN),
    ), 422 if form.errors else 200


def _begun(form: UploadForm, data: bytes, name: str) -> PlanReading:
    """The uploaded document, read before the transaction begins in which it is kept."""
    year, digest = form.fiscal_year(), hashlib.sha256(data).hexdigest()
    with reading():
        divisions = planning.divisions()
        read = deciding.opened(digest, name, year, importing.known_names(divisions), data).plan
        kept = deciding.kept(digest)
        earlier = Decisions() if kept else deciding.earlier_decisions(read, year, divisions)
        decided = bool(kept and kept.decisions)
    if decided:
        flash(_("ไฟล์นี้เคยอัปโหลดแล้ว ทำต่อจากที่ตัดสินใจไว้"), "info")
    elif earlier != Decisions():
        flash(_("นำสิ่งที่ตัดสินใจไว้กับเอกสารฉบับก่อนมาใช้กับข้อความที่เหมือนเดิมแล้ว"), "info")
    return deciding.begin(data, name, year, earlier, now=clock.now(), by=actor())


def _uploaded(form: UploadForm) -> tuple[bytes, str]:
    """The bytes and the name of the file, else of the table that was pasted."""
    file = request.files.get("plan")
    if file is not None and file.filename:
        return file.stream.read(), storage.display_name(file.filename)
    pasted = str(form.pasted.data or "")
    return pasted.encode(), "paste.html" if "<t" in pasted.lower() else "paste.txt"


@blueprint.get("/preview")
@allow(Deed.SEE_DRAFT)
def preview() -> ResponseReturnValue:
    """The preview of the document that was uploaded last."""
    readings = deciding.open_readings()
    if not readings:
        return redirect(url_for("importing.upload"), 303)
    return redirect(url_for("importing.show", reading_id=readings[0].id), 303)


@blueprint.get("/readings/<int:reading_id>")
@allow(Deed.SEE_DRAFT)
def show(reading_id: int) -> ResponseReturnValue:
    """What the document says beside what was understood; nothing is stored before the confirmation."""
    document = get_or_404(PlanReading, reading_id)
    made = deciding.plan_of(document)
    if made is not None:
        flash(_("ไฟล์นี้เป็นแผนปีงบประมาณ %(year)s อยู่แล้ว ไม่มีอะไรเปลี่ยน", year=made.fiscal_year), "info")
        return redirect(url_for("plan.dashboard", year=made.fiscal_year), 303)
    return _page(document, look(document), editing=request.args.get("edit", type=int))


@blueprint.post("/readings/<int:reading_id>/decide")
@allow(Deed.EDIT_PLAN)
def decide(reading_id: int) -> ResponseReturnValue:
    """One decision, or all that are proposed."""
    act = request.form.get("act", "")
    values = {name: value for name, value in request.form.items() if name != "csrf_token"}
    values["quarters"] = ",".join(request.form.getlist("quarter"))
    with reading():
        document = get_or_404(PlanReading, reading_id)
        before, looked = seen_now(document), look(document)
        if act == "drop" and values["quarters"] and not clean(values.get("reason", "")):
            return _page(document, looked, drop_error=_("กรุณาระบุเหตุผลที่ไม่ติดตามไตรมาสที่ผ่านมา")), 422
        if act == "all":
            made = import_decisions.all_taken(document, looked)
        else:
            made = looked if act in {"scores", "record"} else import_decisions.taken(document, looked, values)
    document = _unchanged(reading_id, before)
    if act == "scores":
        importing.save_scores(looked.draft.read)
        flash(_("เก็บคะแนน ITA ปี %(year)s แล้ว", year=looked.draft.read.assessment_year), "success")
        return redirect(url_for("importing.show", reading_id=reading_id), 303)
    if act == "record":
        plan = recording.record(looked.draft, document.sha256, looked.decisions, now=clock.now(), by=actor())
        flash(_("เก็บรายงานผลเป็นบันทึกของปีงบประมาณ %(year)s แล้ว", year=plan.fiscal_year), "success")
        return redirect(url_for("report.show", year=plan.fiscal_year), 303)
    deciding.keep(document, made.decisions, made.chosen_year)
    row = request.form.get("row", type=int)
    anchor = f"row-{row}" if row and act == "undo" else "forecast" if act == "drop" else "problems"
    return redirect(url_for("importing.show", reading_id=reading_id, _anchor=anchor), 303)


def _unchanged(reading_id: int, before: Seen) -> PlanReading:
    """The document in the transaction that writes; Refused where somebody decided something since it was read."""
    document = get_or_404(PlanReading, reading_id)
    if not seen_now(document).same(before):
        raise Refused(STALE.template)
    return document


@blueprint.post("/readings/<int:reading_id>/rows/<int:number>")
@allow(Deed.EDIT_PLAN)
def edit_row(reading_id: int, number: int) -> ResponseReturnValue:
    """What a person writes of a row in place of what was read."""
    with reading():
        document = get_or_404(PlanReading, reading_id)
        before, looked = seen_now(document), look(document)
        if not 1 <= number <= len(looked.draft.read.rows):
            raise Refused(STALE.template)
        if request.form.get("leave_out"):
            changes: dict[str, Any] = {"left_out": True}
        else:
            form = import_page.row_form(looked, number, request.form)
            if not form.validate():
                return _page(document, looked, editing=number, row_form=form), 422
            read = import_page.row_form(looked, number)
            changes = import_decisions.changes_of(form, read, looked.amends)
    document = _unchanged(reading_id, before)
    deciding.keep(document, looked.decisions.editing(number, **changes), looked.chosen_year)
    anchor = "problems" if "left_out" in changes else f"row-{number}"
    return redirect(url_for("importing.show", reading_id=reading_id, _anchor=anchor), 303)


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
    form = SignatureForm()
    with reading():
        document = get_or_404(PlanReading, reading_id)
        now_seen, looked = seen_now(document), look(document)
        seen = Seen.from_json(request.form.get("seen", ""))
        if seen is None or not seen.same(now_seen):
            return _page(document, looked, form=form, seen=seen, stale=True), 422
        if not form.validate() or looked.draft.questions or looked.taken is not None:
            return _page(document, looked, form=form), 422
    document = _unchanged(reading_id, now_seen)
    now, by, draft = clock.now(), actor(), looked.draft
    for name in draft.new_divisions:
        organising.add_division(name, now=now, by=by)
    used = [one.text for row in draft.read.rows for one in row.responsible]
    deciding.learn_names(looked.decisions, used, now=now, by=by)
    plan = importing.save(draft, document.sha256, now=now, by=by)
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
    flash(_("ประกาศใช้แผนปีงบประมาณ %(year)s แล้ว", year=plan.fiscal_year), "success")
    return redirect(url_for("plan.dashboard", year=plan.fiscal_year), 303)


def _page(
    document: PlanReading,
    looked: Looked,
    *,
    form: SignatureForm | None = None,
    editing: int | None = None,
    row_form: RowForm | None = None,
    drop_error: str | None = None,
    seen: Seen | None = None,
    stale: bool = False,
) -> str:
    """The preview; `stale` shows what became different since a person saw what is in `seen`."""
    found = import_lines.lines(looked)
    opened = deciding.opened(
        document.sha256, document.name, looked.chosen_year, importing.known_names(looked.divisions)
    )
    rows = import_page.rows(looked, opened.cells, found, editing, row_form)
    show = request.args.get("show", "")
    wanting = [row for row in rows if row["look"] != import_lines.DONE]
    names = import_page.names_offered(looked)
    made = deciding.workload(import_page.planned(looked), names, looked.today, looked.decisions.dropped)
    size = max(1, deciding.size_of(document) // 1024)
    year = looked.draft.fiscal_year
    year_words = _("ปีงบประมาณ %(year)s", year=year) if year else _("ไม่พบปีงบประมาณ")
    included = [row for row in rows if not row["left_out"]]
    open_lines = [line for line in found if line["look"] != import_lines.DONE and not line["sums_up"]]
    musts = sum(line["look"] == import_lines.MUST for line in open_lines)
    shown = {"wanting": wanting, "read": [row for row in rows if row not in wanting]}.get(show, rows)
    return render_template(
        "plan/preview.html",
        reading=document,
        file={"kind": document.name.rpartition(".")[2].lower(), "line": f"{size} KB · {year_words}"},
        counts=[
            (len(rows), _("แถวในตาราง")),
            (sum(len(row["understood"]["measures"]) for row in included), _("มาตรการ")),
            (sum(len(row["understood"]["steps"]) for row in included), _("ขั้นตอน")),
            (
                len({name for row in included for name in looked.draft.named.get(row["number"], ())}),
                _("สำนัก/กอง/หน่วย"),
            ),
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
        text_lines=opened.lines,
        by_hand_href=url_for("drafting.start", year=year or fiscal_year_of(looked.today)),
        made=made,
        work=[] if looked.amends else import_page.work(made),
        dropped=looked.decisions.dropped,
        dropped_reason=request.form.get("reason", looked.decisions.dropped_reason),
        drop_error=drop_error,
        form=form or SignatureForm(formdata=None),
        seen=seen_now(document, made.tasks).to_json(),
        stale=import_page.changed_since(seen, looked, made.tasks) if stale else [],
        musts=musts,
        blocked=_("ยังมีเรื่องที่ต้องตอบ %(number)s เรื่อง", number=musts) if musts else None,
        year=year,
        amends=looked.amends,
        compared=_compared(looked),
        edits=may(actor(), Deed.EDIT_PLAN),
    )


def _compared(looked: Looked) -> dict[str, int] | None:
    """How many items of the plan in force the document changes, by kind; None where it amends none."""
    plan = importing.year_taken(looked.draft.fiscal_year)
    if plan is None or not looked.amends:
        return None
    found = compare(amending.entries_of(plan), entries(looked.draft))
    return dict(Counter(item.kind for item in found.items))
