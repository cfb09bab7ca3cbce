"""From a document to an adopted plan: upload, look, confirm."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow
from tracker.actions import importing, organising, planning
from tracker.actions.importing import Draft, DraftItem
from tracker.actions.planning import Signature
from tracker.errors import TrackerError
from tracker.forms.plan import AdoptForm, UploadForm
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.reading import plan as reader
from tracker.reading.values import ReadPlan
from tracker.rules.fiscal import quarters_between
from tracker.rules.grouping import PlannedItem
from tracker.rules.permissions import Deed

blueprint = Blueprint("importing", __name__, url_prefix="/plan")


@blueprint.route("/upload", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if form.validate_on_submit():
        file = request.files.get("plan")
        name = storage.display_name(file.filename or "") if file else ""
        try:
            data = file.stream.read() if file else b""
            reader.read(data, name, form.fiscal_year())
            kept = storage.keep_source(data)
        except TrackerError as unreadable:
            form.plan.errors = [say(unreadable.message, language())]
        else:
            session["upload"] = {"kept": kept, "name": name, "year": form.fiscal_year()}
            return redirect(url_for("importing.preview"), 303)
    return render_template("plan/upload.html", form=form), 422 if form.errors else 200


@blueprint.route("/preview", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def preview() -> ResponseReturnValue:
    """What the document says beside what was understood; nothing is stored before the confirmation."""
    uploaded = session.get("upload")
    data = storage.source(uploaded["kept"]) if uploaded else None
    if uploaded is None or data is None:
        return redirect(url_for("importing.upload"), 303)
    divisions = planning.divisions()
    read = reader.read(data, uploaded["name"], uploaded["year"], importing.known_names(divisions))
    form = AdoptForm()
    draft = importing.understand(read, divisions, fiscal_year=uploaded["year"], **_choices(form))
    if not form.is_submitted() or request.form.get("again"):
        return _page(draft, form, len(data))
    if not form.validate() or draft.questions:
        return _page(draft, form, len(data)), 422
    now, by = clock.now(), actor()
    for name in draft.new_divisions:
        organising.add_division(name, now=now, by=by)
    plan = importing.save(draft, uploaded["kept"], now=now, by=by)
    past = planning.past_quarters(plan, clock.today()) if form.drop_past.data else ()
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
        dropped_quarters=past,
        dropped_reason=str(form.drop_reason.data or ""),
    )
    session.pop("upload")
    flash(_("ประกาศใช้แผนปีงบประมาณ %(year)s แล้ว", year=plan.fiscal_year), "success")
    return redirect(url_for("plan.dashboard", year=plan.fiscal_year), 303)


def _choices(form: AdoptForm) -> dict[str, bool]:
    return {
        "create_divisions": bool(form.create_divisions.data),
        "accept_proposals": bool(form.accept_proposals.data),
    }


def _page(draft: Draft, form: AdoptForm, size: int) -> str:
    read = draft.read
    problems = [_question(question) for question in draft.questions]
    problems += [_problem(number, problem) for number, problem in importing.problems_of(read)]
    troubled = {question.row for question in draft.questions}
    doubtful = {number for number, problem in importing.problems_of(read)}
    items = {id(item.row): item for item in draft.items}
    forecast = planning.forecast(_planned(draft), clock.today())
    return render_template(
        "plan/preview.html",
        file={
            "name": read.source,
            "kind": read.source.rpartition(".")[2].lower(),
            "line": f"{max(1, size // 1024)} KB · {_fiscal_words(draft)}",
        },
        change_href=url_for("importing.upload"),
        counts=[
            (len(read.rows), _("แถวในตาราง")),
            (sum(len(row.measures) for row in read.rows), _("มาตรการ")),
            (sum(len(row.steps) for row in read.rows), _("ขั้นตอน")),
        ],
        problems=problems,
        rows=[
            _row(number, read, items.get(id(row)), number in troubled, number in doubtful)
            for number, row in enumerate(read.rows, 1)
        ],
        forecast={
            "tasks": forecast.tasks,
            "forms": forecast.forms,
            "per_quarter": [
                (_("ไตรมาส %(number)s", number=number), tasks)
                for number, tasks in forecast.tasks_by_quarter.items()
            ],
            "look_back": _("งาน %(number)s งานพ้นหรือใกล้พ้นกำหนดแล้ว จะเป็นงานย้อนหลัง", number=forecast.look_back)
            if forecast.look_back
            else None,
        },
        form=form,
        creatable=sorted(
            {_name(question.message.values) for question in draft.questions if question.by_creating_divisions}
        ),
        proposals=any(problem.proposal for _number, problem in importing.problems_of(read)),
        blocked=_("ยังมีเรื่องที่ต้องตอบ %(number)s เรื่อง", number=len(draft.questions)) if draft.questions else None,
        adopt_href=url_for("importing.preview"),
    )


def _name(values: Any) -> str:
    return str(values.get("name", ""))


def _fiscal_words(draft: Draft) -> str:
    if draft.fiscal_year is None:
        return _("ไม่พบปีงบประมาณ")
    return _("ปีงบประมาณ %(year)s", year=draft.fiscal_year)


def _planned(draft: Draft) -> list[PlannedItem[str]]:
    return [
        PlannedItem(
            key=str(number),
            measures=tuple(f"{number}.{place}" for place, _measure in enumerate(item.row.measures)),
            divisions=item.divisions,
            start=item.start,
            end=item.end,
        )
        for number, item in enumerate(draft.items)
    ]


def _question(question: importing.Question) -> dict[str, Any]:
    if question.by_creating_divisions:
        help_text = _("เลือก “เพิ่มส่วนราชการ” ด้านล่าง หรือแก้ในเอกสารแล้วอัปโหลดใหม่")
    elif question.by_accepting_proposals:
        help_text = _("เลือก “ใช้ตามข้อเสนอ” ด้านล่าง หรือแก้ในเอกสารแล้วอัปโหลดใหม่")
    else:
        help_text = _("แก้ในเอกสารแล้วอัปโหลดใหม่")
    return {
        "look": "overdue",
        "tag": _("ต้องตอบ"),
        "title": say(question.message, language()),
        "text": help_text,
        "href": f"#row-{question.row}" if question.row else None,
    }


def _problem(number: int, problem: Any) -> dict[str, Any]:
    return {
        "look": "due_soon",
        "tag": _("ควรดู"),
        "title": say(problem.message, language()),
        "text": say(problem.where, language()),
        "href": f"#row-{number}" if number else None,
    }


def _row(number: int, read: ReadPlan, item: DraftItem | None, blocks: bool, doubtful: bool) -> dict[str, Any]:
    row = read.rows[number - 1]
    quarters = {quarter.number for quarter in quarters_between(item.start, item.end)} if item else set()
    look = "overdue" if blocks else "due_soon" if doubtful else "approved"
    words = {"overdue": _("ต้องตอบ"), "due_soon": _("ควรดู"), "approved": _("อ่านครบ")}
    source = [
        (_("หัวข้อ"), row.heading),
        (
            _("ผู้รับผิดชอบ"),
            _("ทุกส่วนราชการ") if row.everyone else " / ".join(one.text for one in row.responsible),
        ),
        (_("ระยะเวลา"), row.window.text if row.window else ""),
        (_("การติดตามผล"), row.follow_up.text if row.follow_up else ""),
        (_("ผลการวิเคราะห์"), row.analysis),
    ]
    return {
        "number": number,
        "heading": row.heading or (row.measures[0].title if row.measures else "–"),
        "meta": _("%(number)s มาตรการ", number=len(row.measures)),
        "look": look,
        "look_text": words[look],
        "open": look == "overdue",
        "source": [(label, text) for label, text in source if text],
        "understood": {
            "measures": [measure.title for measure in row.measures],
            "steps": list(row.steps),
            "window": f"{short_date(item.start)} – {short_date(item.end)}" if item else "–",
            "quarters": [(quarter, quarter in quarters) for quarter in range(1, 5)],
            "divisions": list(item.divisions) if item else [],
            "follow_up": row.follow_up.text if row.follow_up else _("ตามนโยบาย รอบ 6 และ 12 เดือน"),
        },
    }
