"""A plan written by hand: how to begin, the draft, one item of it, and its adoption."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import drafting, planning
from tracker.actions.drafting import lastyear
from tracker.actions.planning import Signature
from tracker.catalogue.assessment import INDICATORS
from tracker.catalogue.topics import TOPICS
from tracker.database import current_organisation, db
from tracker.errors import FieldsRefused, NotFound, Refused
from tracker.forms.drafting import DraftAdoptForm, ItemForm
from tracker.locale import language, say, say_all, short_date
from tracker.locale import translate as _
from tracker.models import Plan, PlanItem, PlanState
from tracker.rules.fiscal import Quarter, fiscal_year_of
from tracker.rules.permissions import Deed, may
from tracker.rules.rounds import KINDS
from tracker.rules.windows import PLAUSIBLE_YEARS
from tracker.views import documents, draft_pages
from tracker.writing import planform

blueprint = Blueprint("drafting", __name__, url_prefix="/plan")


@blueprint.route("/<int:year>/start", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def start(year: int) -> ResponseReturnValue:
    """The four ways to a plan: a document, an empty one, last year's, our own form to fill in."""
    if year not in PLAUSIBLE_YEARS:
        abort(404)
    old = drafting.previous_plan(year)
    if request.method == "POST":
        return _begin(year, old)
    plan = documents.plan_of(year)
    running = fiscal_year_of(clock.today())
    return render_template(
        "plan/start.html",
        year=year,
        other_years=[
            (other, url_for("drafting.start", year=other))
            for other in (running, running + 1)
            if other != year
        ],
        plan=plan,
        draft=plan is not None and plan.state is PlanState.DRAFT,
        items=len(planning.items_of(plan)) if plan else 0,
        plan_href=url_for("drafting.show" if _is_draft(plan) else "plan.dashboard", year=year),
        upload_href=url_for("importing.upload"),
        old_year=old.fiscal_year if old else None,
        old_items=len(planning.items_of(old)) if old else 0,
        forms=[
            (url_for("drafting.form", year=year, ending=ending), label, symbol)
            for ending, label, symbol in (
                ("docx", "Word", "file-earmark-word"),
                ("xlsx", "Excel", "file-earmark-excel"),
            )
        ],
    )


def _begin(year: int, old: Plan | None) -> ResponseReturnValue:
    now, by = clock.now(), actor()
    way = request.form.get("way")
    if way == "carry":
        if old is None:
            raise Refused("ยังไม่มีแผนของปีก่อนให้ยกมา")
        carried = drafting.carry_over(old, year, now=now, by=by)
        flash(_("ยกแผนปีงบประมาณ %(year)s มาเป็นร่างแล้ว", year=old.fiscal_year), "success")
        if carried.lost_divisions:
            names = ", ".join(carried.lost_divisions)
            flash(_("ไม่มี %(names)s แล้ว กรุณาเลือกผู้รับผิดชอบใหม่ในรายการที่เคยเป็นของกองนี้", names=names), "warning")
    elif way == "empty":
        drafting.start_empty(year, now=now, by=by)
    else:
        abort(400)
    return redirect(url_for("drafting.show", year=year), 303)


@blueprint.get("/<int:year>/form.<ending>")
@allow(Deed.EDIT_PLAN)
def form(year: int, ending: str) -> Response:
    """Our own form of a plan, which the reader knows."""
    if ending not in planform.WRITERS or year not in PLAUSIBLE_YEARS:
        abort(404)
    organisation = current_organisation()
    data = planform.WRITERS[ending](organisation.name, year, organisation.document_font)
    name = _("แบบฟอร์มแผนมาตรการ %(year)s", year=year) + f".{ending}"
    return documents.to_save(BytesIO(data), planform.MEDIA_TYPES[ending], name)


@blueprint.get("/<int:year>/draft")
@allow(Deed.SEE_DRAFT)
def show(year: int) -> str:
    return _page(_draft(year), DraftAdoptForm())


@blueprint.post("/<int:year>/draft")
@allow(Deed.EDIT_PLAN)
def adopt(year: int) -> ResponseReturnValue:
    """Adopt the draft as it stands, with the same deed as a plan that was read from a document."""
    plan, form = _draft(year), DraftAdoptForm()
    if not form.validate():
        return _page(plan, form), 422
    wrong = [item for item in planning.items_of(plan) if drafting.unready(plan, item)]
    if wrong:
        raise Refused("รายการที่ %(number)s ยังไม่ครบ กรุณาแก้ไขก่อนประกาศใช้", number=wrong[0].number)
    past = planning.past_quarters(plan, clock.today()) if form.drop_past.data else ()
    planning.adopt(
        plan,
        now=clock.now(),
        by=actor(),
        signature=Signature(
            str(form.document_number.data or ""),
            form.day(),
            str(form.signer.data or ""),
            str(form.signer_position.data or ""),
        ),
        dropped_quarters=past,
        dropped_reason=str(form.drop_reason.data or ""),
    )
    flash(_("ประกาศใช้แผนปีงบประมาณ %(year)s แล้ว", year=year), "success")
    return redirect(url_for("plan.dashboard", year=year), 303)


@blueprint.post("/<int:year>/draft/undo")
@allow(Deed.EDIT_PLAN)
def undo(year: int) -> ResponseReturnValue:
    plan = _draft(year)
    drafting.undo(plan, now=clock.now(), by=actor())
    flash(_("เลิกทำแล้ว"), "success")
    return redirect(url_for("drafting.show", year=year), 303)


@blueprint.route("/<int:year>/draft/discard", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def discard(year: int) -> ResponseReturnValue:
    """Ask, then throw the whole draft away."""
    plan = _draft(year)
    if request.method == "POST":
        drafting.discard(plan, now=clock.now(), by=actor())
        flash(_("ทิ้งร่างแผนปีงบประมาณ %(year)s แล้ว", year=year), "success")
        return redirect(url_for("drafting.start", year=year), 303)
    items = planning.items_of(plan)
    return render_template(
        "plan/draft_discard.html",
        year=year,
        items=len(items),
        measures=sum(len(one.measures) for one in items),
    )


@blueprint.post("/<int:year>/draft/item/<int:item_id>/place")
@allow(Deed.EDIT_PLAN)
def place(year: int, item_id: int) -> ResponseReturnValue:
    """Move an item up or down, or take it out."""
    _existing(item_id)
    plan = _draft(year)
    item = _item(plan, item_id)
    now, by, deed = clock.now(), actor(), request.form.get("deed")
    if deed == "remove":
        number = item.number
        drafting.remove_item(plan, item, now=now, by=by)
        flash(_("ลบรายการที่ %(number)s แล้ว กด “เลิกทำ” เพื่อนำกลับมา", number=number), "success")
        return redirect(url_for("drafting.show", year=year), 303)
    if deed not in ("up", "down"):
        abort(400)
    drafting.move_item(plan, item, "up" if deed == "up" else "down", now=now, by=by)
    return redirect(url_for("drafting.show", year=year, _anchor=f"item-{item_id}"), 303)


@blueprint.route("/<int:year>/draft/item", methods=["GET", "POST"], defaults={"item_id": None})
@blueprint.route("/<int:year>/draft/item/<int:item_id>", methods=["GET", "POST"])
@allow(Deed.EDIT_PLAN)
def item(year: int, item_id: int | None) -> ResponseReturnValue:
    """One item: written anew or changed; the buttons beside a line only show the form again."""
    if item_id is not None:
        _existing(item_id)
    plan = _draft(year)
    known = _item(plan, item_id) if item_id is not None else None
    form = ItemForm()
    if request.method == "GET":
        return _item_page(plan, known, draft_pages.values(plan, known), {})
    rearranged = form.rearranged()
    if rearranged is not None:
        return _item_page(plan, known, form.values() | rearranged, {})
    errors = {} if form.validate() else {field.name: str(field.errors[0]) for field in form if field.errors}
    told, faults = draft_pages.told(plan, form, known)
    try:
        if not errors and not faults:
            saved = drafting.save_item(plan, told, known, now=clock.now(), by=actor())
            flash(_("บันทึกรายการที่ %(number)s แล้ว", number=saved.number), "success")
            return redirect(url_for("drafting.show", year=year, _anchor=f"item-{saved.id}"), 303)
    except FieldsRefused as refused:
        faults = refused.fields
    errors = say_all(faults) | errors
    return _item_page(plan, known, form.values(), errors), 422


def _is_draft(plan: Plan | None) -> bool:
    return plan is not None and plan.state is PlanState.DRAFT


def _draft(year: int) -> Plan:
    """The year's draft; NotFound without a plan, Refused where it was adopted."""
    plan = documents.plan_of(year)
    if plan is None:
        raise NotFound("ยังไม่มีร่างแผนของปีงบประมาณ %(year)s", year=year)
    if not _is_draft(plan):
        raise Refused("แผนปีงบประมาณ %(year)s ประกาศใช้แล้ว แก้ไขเป็นร่างไม่ได้", year=year)
    if request.method == "POST":
        # Before its items are read: what another request is changing is seen as it will be.
        drafting.hold(plan)
    return plan


def _existing(item_id: int) -> None:
    """Not found comes before any word about the year's plan; the item is read again when the plan is held."""
    db.session.expire(get_or_404(PlanItem, item_id))


def _item(plan: Plan, item_id: int) -> PlanItem:
    found = get_or_404(PlanItem, item_id)
    if found.plan_id != plan.id:
        abort(404)
    return found


def _page(plan: Plan, form: DraftAdoptForm) -> str:
    items = planning.items_of(plan)
    faults = {item.id: [say(one, language()) for one in drafting.unready(plan, item)] for item in items}
    ready = [item for item in items if not faults[item.id]]
    forecast = planning.forecast(planning.planned_items(ready), clock.today())
    old = drafting.previous_plan(plan.fiscal_year)
    results = lastyear.results_beside(items, old) if old else {}
    troubled = [item.number for item in items if faults[item.id]]
    return render_template(
        "plan/draft.html",
        year=plan.fiscal_year,
        assessment_year=plan.assessment_year,
        old_year=old.fiscal_year if old else None,
        items=[
            draft_pages.row(
                plan, item, faults[item.id], results, len(items), old.fiscal_year if old else None
            )
            for item in items
        ],
        undo=draft_pages.change(drafting.last_change(plan)),
        forecast=draft_pages.forecast_words(forecast),
        form=form,
        edits=may(actor(), Deed.EDIT_PLAN),
        blocked=_("แผนยังไม่มีรายการ")
        if not items
        else _("รายการที่ %(numbers)s ยังไม่ครบ", numbers=", ".join(map(str, troubled)))
        if troubled
        else None,
    )


def _item_page(plan: Plan, item: PlanItem | None, values: dict[str, Any], errors: Mapping[str, str]) -> str:
    old = drafting.previous_plan(plan.fiscal_year)
    results = lastyear.results_beside([item], old) if item and old else {}
    before = [
        {"title": measure.title, "results": [draft_pages.result(line) for line in results[measure.id]]}
        for measure in (item.measures if item else ())
        if results.get(measure.id)
    ]
    address: dict[str, Any] = {"year": plan.fiscal_year}
    if item is not None:
        address["item_id"] = item.id
    return render_template(
        "plan/draft_item.html",
        year=plan.fiscal_year,
        number=item.number if item else None,
        values=values,
        errors=errors,
        topics=[(f"topic-{one.number}", f"{one.number}. {one.title}") for one in TOPICS],
        indicators=[(f"indicator-{one.number}", f"{one.number}. {one.name}") for one in INDICATORS],
        quarters=[
            (number, f"{short_date(quarter.first_day)} – {short_date(quarter.last_day)}")
            for number in range(1, 5)
            for quarter in [Quarter(plan.fiscal_year, number)]
        ],
        example=[
            short_date(Quarter(plan.fiscal_year, 1).first_day),
            short_date(Quarter(plan.fiscal_year, 2).last_day),
        ],
        divisions=[(division.id, division.name) for division in planning.divisions()],
        rules=[(kind, draft_pages.rule_words()[kind]) for kind in KINDS],
        old_year=old.fiscal_year if old else None,
        before=before,
        save_href=url_for("drafting.item", **address),
        back_href=url_for("drafting.show", year=plan.fiscal_year),
    )
