"""A corrected document for a plan in force: what it changes, and its confirmation as a numbered amendment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import amending, deciding, importing, organising
from tracker.actions.amending import Correction
from tracker.database import reading
from tracker.errors import Message, Refused
from tracker.forms.amending import AmendForm
from tracker.locale import language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import Amendment, Plan, PlanReading, PlanState
from tracker.rules.differences import Differences, Entry, Field, ItemDifference, compare
from tracker.rules.permissions import Deed, may
from tracker.rules.rework import Rework
from tracker.views import import_lines
from tracker.views.import_lines import Looked
from tracker.views.import_look import STALE, Seen, entries, look, seen_now

blueprint = Blueprint("amending", __name__, url_prefix="/plan")


@blueprint.route("/readings/<int:reading_id>/amendment", methods=["GET", "POST"])
@allow(Deed.SEE_DRAFT, posts=Deed.EDIT_PLAN)
def preview(reading_id: int) -> ResponseReturnValue:
    """What a document with its decisions changes in the plan in force; nothing is stored before the confirmation."""
    form = AmendForm()
    with reading():
        document = get_or_404(PlanReading, reading_id)
        looked, now_seen = look(document), seen_now(document)
        plan = importing.year_taken(looked.draft.fiscal_year)
        if plan is None or plan.state is PlanState.DRAFT or looked.draft.questions:
            # What is to be answered, and what the year has, is said there.
            return redirect(url_for("importing.show", reading_id=reading_id), 303)
        differences = compare(amending.entries_of(plan), entries(looked.draft), form.apart())
        stopped = amending.hindrance(plan, document.sha256)
        if stopped is None and differences.empty:
            stopped = Message("เอกสารนี้ตรงกับแผนที่ใช้อยู่ ไม่มีอะไรเปลี่ยนแปลง")
        asked = form.is_submitted() and not request.form.get("again")
        seen = Seen.from_json(str(form.seen.data or ""))
        stale = asked and stopped is None and (seen is None or not seen.same(now_seen))
        if not asked or stopped is not None or stale or not form.validate():
            page = _page(plan, document, looked, differences, stopped, form, now_seen, stale)
            return page, 422 if asked else 200
    document, plan = get_or_404(PlanReading, reading_id), importing.year_taken(looked.draft.fiscal_year)
    if plan is None or not seen_now(document).same(now_seen):
        raise Refused(STALE.template)
    return _amended(plan, document, looked, form)


def _amended(plan: Plan, document: PlanReading, looked: Looked, form: AmendForm) -> ResponseReturnValue:
    now, by, draft = clock.now(), actor(), looked.draft
    for name in draft.new_divisions:
        organising.add_division(name, now=now, by=by)
    used = [one.text for row in draft.read.rows for one in row.responsible]
    deciding.learn_names(looked.decisions, used, now=now, by=by)
    correction = Correction(
        document.name,
        document.sha256,
        str(form.reason.data),
        str(form.document_number.data or ""),
        form.day(),
    )
    # Between the page and this, only another amendment changes the plan, and that changes the number.
    differences = compare(amending.entries_of(plan), entries(draft), form.apart())
    number = int(form.number.data) if str(form.number.data).isdecimal() else 0
    amendment = amending.amend(plan, differences, correction, number=number, now=now, by=by)
    year = plan.fiscal_year
    flash(_("แก้ไขแผนปีงบประมาณ %(year)s ครั้งที่ %(number)s แล้ว", year=year, number=amendment.number), "success")
    return redirect(url_for("plan.dashboard", year=year), 303)


def _page(
    plan: Plan,
    document: PlanReading,
    looked: Looked,
    differences: Differences,
    stopped: Message | None,
    form: AmendForm,
    seen: Seen,
    stale: bool,
) -> str:
    amendments = amending.amendments_of(plan)
    shown = () if stopped is not None else differences.items
    kinds: list[str] = [item.kind for item in shown]
    form.number.data, form.seen.data = str(len(amendments) + 1), seen.to_json()
    still_open = sum(line["look"] == import_lines.SHOULD for line in import_lines.lines(looked))
    return render_template(
        "plan/amendment.html",
        year=plan.fiscal_year,
        number=len(amendments) + 1,
        file={"name": document.name, "kind": document.name.rpartition(".")[2].lower()},
        reading_href=url_for("importing.show", reading_id=document.id),
        plan_href=url_for("plan.dashboard", year=plan.fiscal_year),
        stopped=say(stopped, language()) if stopped else None,
        counts=[
            (label, kinds.count(kind))
            for kind, label in (
                ("changed", _("แก้ไข")),
                ("added", _("เพิ่ม")),
                ("removed", _("ตัดออก")),
                ("unchanged", _("เหมือนเดิม")),
            )
        ],
        still_open=still_open,
        stale=stale,
        items=[_item(place, item, form) for place, item in enumerate(shown, 1) if item.kind != "unchanged"],
        unchanged=[_heading(item.after or item.before) for item in shown if item.kind == "unchanged"],
        effect=_effect(amending.forecast(plan, differences, looked.today)) if shown else [],
        new_divisions=looked.draft.new_divisions,
        form=form,
        edits=may(actor(), Deed.EDIT_PLAN),
        history=[_past(amendment) for amendment in reversed(amendments)],
    )


def _effect(work: Rework) -> list[tuple[str, int, str]]:
    """What the amendment does to tasks: words, how many, and what it means."""
    looking_back = sum(new.planned.look_back for new in work.added if new.needed)
    needed = sum(new.needed for new in work.added) + sum(one.reopened and one.needed for one in work.changed)
    return [
        (
            _("งานใหม่"),
            needed,
            _("ในจำนวนนี้ %(number)s งานเป็นงานย้อนหลัง", number=looking_back) if looking_back else "",
        ),
        (
            _("งานที่กำหนดส่งเปลี่ยน"),
            sum(one.moved and not one.reopened for one in work.changed),
            _("นับวันเตือนใหม่ตามกำหนดใหม่"),
        ),
        (_("งานที่ยกเลิก"), len(work.cancelled), _("เฉพาะงานที่ยังไม่ได้ส่งผล พร้อมเหตุผลในรายงาน")),
        (_("งานที่ส่งผลหรืออนุมัติแล้ว"), work.reported, _("คงไว้ทั้งหมด พร้อมหลักฐานและประวัติ")),
    ]


def _item(place: int, item: ItemDifference, form: AmendForm) -> dict[str, Any]:
    looks = {
        "added": ("approved", "plus-lg", _("เพิ่ม")),
        "removed": ("overdue", "dash-circle", _("ตัดออก")),
        "changed": ("due_soon", "pencil", _("แก้ไข")),
    }
    look, symbol, word = looks[item.kind]
    retitled = {after.key for _before, after in item.retitled}
    return {
        "number": place,
        "heading": _heading(item.after or item.before),
        "look": look,
        "symbol": symbol,
        "word": word,
        "fields": [_field(one, item) for one in item.fields],
        "facts": [] if item.before and item.after else _facts(item.after or item.before),
        "retitled": [
            {"id": before.key, "before": before.text, "after": after.text}
            for before, after in item.kept
            if after.key in retitled
        ],
        "added": [title.text for title in item.added],
        "removed": [
            {"text": title.text, "apart": title.key if title.key in form.apart() else None}
            for title in item.removed
        ],
        "same": sum(after.key not in retitled for _before, after in item.kept),
    }


def _heading(entry: Entry | None) -> str:
    assert entry is not None
    return entry.heading or (entry.measures[0].text if entry.measures else "–")


def _field(what: Field, item: ItemDifference) -> tuple[str, list[str], list[str]]:
    assert item.before is not None
    assert item.after is not None
    return _label(what), _words(what, item.before), _words(what, item.after)


def _facts(entry: Entry | None) -> list[tuple[str, str]]:
    assert entry is not None
    shown = (Field.WINDOW, Field.DIVISIONS, Field.FOLLOW_UP)
    return [(_label(what), ", ".join(_words(what, entry))) for what in shown]


def _label(what: Field) -> str:
    return {
        Field.HEADING: _("หัวข้อ"),
        Field.TOPIC: _("ประเด็นที่"),
        Field.INDICATOR: _("ตัวชี้วัดที่"),
        Field.ANALYSIS: _("ผลการวิเคราะห์"),
        Field.WINDOW: _("ช่วงเวลา"),
        Field.DIVISIONS: _("ผู้รับผิดชอบ"),
        Field.STEPS: _("ขั้นตอน"),
        Field.FOLLOW_UP: _("การติดตามผล"),
        Field.TARGETS: _("เป้าหมาย"),
    }[what]


def _words(what: Field, entry: Entry) -> list[str]:
    """The lines that show one side of a field."""
    if what is Field.WINDOW:
        return [f"{short_date(entry.start)} – {short_date(entry.end)}"]
    if what is Field.FOLLOW_UP:
        return [entry.follow_up_text or _("ตามนโยบาย รอบ 6 และ 12 เดือน")]
    lists: dict[Field, Sequence[str]] = {
        Field.DIVISIONS: entry.divisions,
        Field.STEPS: entry.steps,
        Field.TARGETS: entry.targets,
    }
    if what in lists:
        return list(lists[what]) or ["–"]
    single: dict[Field, object] = {
        Field.HEADING: entry.heading,
        Field.TOPIC: entry.topic,
        Field.INDICATOR: entry.indicator,
        Field.ANALYSIS: entry.analysis,
    }
    return [str(single[what] or "–")]


def _past(amendment: Amendment) -> dict[str, str]:
    signed: date | None = amendment.signed_on
    document = [amendment.document_number, _("ลงวันที่ %(day)s", day=long_date(signed)) if signed else ""]
    return {
        "title": _("แก้ไขครั้งที่ %(number)s", number=amendment.number),
        "day": long_date(amendment.at),
        "document": " ".join(part for part in document if part),
        "reason": amendment.reason,
        "source": amendment.source_name,
    }
