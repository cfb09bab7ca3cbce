"""A corrected document for a plan in force: what it changes, and its confirmation as a numbered amendment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker import clock, storage
from tracker.access import actor, allow
from tracker.actions import amending, importing, organising, planning
from tracker.actions.amending import Correction
from tracker.actions.importing import Draft
from tracker.database import db
from tracker.errors import Message, Refused
from tracker.forms.amending import AmendForm
from tracker.locale import language, long_date, say, short_date
from tracker.locale import translate as _
from tracker.models import Amendment, Plan, PlanState
from tracker.reading import plan as reader
from tracker.rules.differences import Differences, Entry, Field, ItemDifference, Title, compare
from tracker.rules.permissions import Deed
from tracker.rules.rework import Rework
from tracker.rules.rounds import FollowUpRule

blueprint = Blueprint("amending", __name__, url_prefix="/plan")


@blueprint.route("/<int:year>/amendment", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def preview(year: int) -> ResponseReturnValue:
    """What the uploaded document changes in the year's plan; nothing is stored before the confirmation."""
    uploaded = session.get("upload")
    data = storage.source(uploaded["kept"]) if uploaded else None
    plan = db.session.scalars(select(Plan).where(Plan.fiscal_year == year)).one_or_none()
    if uploaded is None or data is None:
        return redirect(url_for("importing.upload"), 303)
    if plan is None or plan.state is PlanState.DRAFT:
        return redirect(url_for("importing.preview"), 303)
    form = AmendForm()
    draft = _understood(data, uploaded, year, form)
    differences = compare(amending.entries_of(plan), _entries(draft), form.apart())
    stopped = amending.hindrance(plan, uploaded["kept"])
    if stopped is None and differences.empty and not draft.questions:
        stopped = Message("เอกสารนี้ตรงกับแผนที่ใช้อยู่ ไม่มีอะไรเปลี่ยนแปลง")
    if stopped is None and form.is_submitted() and form.kept.data != uploaded["kept"]:
        stopped = Message("มีการอัปโหลดไฟล์อื่นหลังจากเปิดหน้านี้ โปรดดูความแตกต่างของไฟล์ล่าสุด")
    asked = form.is_submitted() and not request.form.get("again")
    if not asked or stopped is not None or draft.questions or not form.validate():
        page = _page(plan, uploaded, draft, differences, stopped, form)
        return page, 422 if asked else 200
    now, by = clock.now(), actor()
    for name in draft.new_divisions:
        organising.add_division(name, now=now, by=by)
    correction = Correction(
        uploaded["name"],
        uploaded["kept"],
        str(form.reason.data),
        str(form.document_number.data or ""),
        form.day(),
    )
    number = int(form.number.data) if str(form.number.data).isdecimal() else 0
    amendment = amending.amend(plan, differences, correction, number=number, now=now, by=by)
    session.pop("upload")
    flash(_("แก้ไขแผนปีงบประมาณ %(year)s ครั้งที่ %(number)s แล้ว", year=year, number=amendment.number), "success")
    return redirect(url_for("plan.dashboard", year=year), 303)


def _understood(data: bytes, uploaded: dict[str, Any], year: int, form: AmendForm) -> Draft:
    """The draft that the document gives; Refused where it is another year's."""
    divisions = planning.divisions()
    read = reader.read(data, uploaded["name"], uploaded["year"], importing.known_names(divisions))
    meant = uploaded["year"] or read.fiscal_year or year
    if meant != year:
        raise Refused("ไฟล์นี้เป็นแผนปีงบประมาณ %(meant)s ไม่ใช่ %(year)s", meant=meant, year=year)
    return importing.understand(
        read,
        divisions,
        fiscal_year=year,
        create_divisions=bool(form.create_divisions.data),
        accept_proposals=bool(form.accept_proposals.data),
    )


def _entries(draft: Draft) -> list[Entry]:
    keys = count(1)
    return [
        Entry(
            key=place,
            measures=tuple(Title(next(keys), measure.title) for measure in item.row.measures),
            divisions=item.divisions,
            start=item.start,
            end=item.end,
            heading=item.row.heading or "",
            topic=item.row.topic,
            indicator=item.row.indicator,
            analysis=item.row.analysis or "",
            steps=item.row.steps,
            targets=item.row.targets,
            everyone=item.row.everyone,
            follow_up=FollowUpRule(
                item.row.follow_up.kind if item.row.follow_up else "unspecified",
                item.row.follow_up.n if item.row.follow_up else None,
                tuple(item.follow_up_months),
            ),
            responsible_text=" / ".join(one.text for one in item.row.responsible),
            window_text=item.row.window.text if item.row.window else "",
            follow_up_text=item.row.follow_up.text if item.row.follow_up else "",
        )
        for place, item in enumerate(draft.items, 1)
    ]


def _page(
    plan: Plan,
    uploaded: dict[str, Any],
    draft: Draft,
    differences: Differences,
    stopped: Message | None,
    form: AmendForm,
) -> str:
    amendments = amending.amendments_of(plan)
    shown = () if stopped is not None else differences.items
    kinds: list[str] = [item.kind for item in shown]
    form.number.data, form.kept.data = str(len(amendments) + 1), uploaded["kept"]
    blocked = _("ยังมีเรื่องที่ต้องตอบ %(number)s เรื่อง", number=len(draft.questions)) if draft.questions else None
    problems = importing.problems_of(draft.read)
    return render_template(
        "plan/amendment.html",
        year=plan.fiscal_year,
        number=len(amendments) + 1,
        file={"name": uploaded["name"], "kind": uploaded["name"].rpartition(".")[2].lower()},
        change_href=url_for("importing.upload"),
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
        questions=[(say(one.message, language()), _answer_to(one)) for one in draft.questions],
        problems=[(say(one.message, language()), say(one.where, language())) for _row, one in problems],
        items=[_item(place, item, form) for place, item in enumerate(shown, 1) if item.kind != "unchanged"],
        unchanged=[_heading(item.after or item.before) for item in shown if item.kind == "unchanged"],
        effect=_effect(amending.forecast(plan, differences, clock.today())) if shown and not blocked else [],
        creatable=any(one.by_creating_divisions for one in draft.questions) or form.create_divisions.data,
        proposals=any(problem.proposal for _row, problem in problems),
        form=form,
        blocked=blocked,
        history=[_past(amendment) for amendment in reversed(amendments)],
    )


def _answer_to(question: importing.Question) -> str:
    if question.by_creating_divisions:
        return _("เลือก “เพิ่มส่วนราชการ” ด้านล่าง หรือแก้ในเอกสารแล้วอัปโหลดใหม่")
    if question.by_accepting_proposals:
        return _("เลือก “ใช้ตามข้อเสนอ” ด้านล่าง หรือแก้ในเอกสารแล้วอัปโหลดใหม่")
    return _("แก้ในเอกสารแล้วอัปโหลดใหม่")


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
