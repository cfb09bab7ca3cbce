"""The one page of the chief executive and the clerk, and what the coordinator asks them to consider."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow
from tracker.actions import overseeing, reporting
from tracker.database import db
from tracker.errors import FieldsRefused, Message
from tracker.locale import language, long_date, say, say_all, short_date
from tracker.locale import translate as _
from tracker.models import Plan
from tracker.rules.executive import MOST_MATTERS, compose_executive
from tracker.rules.official import Days
from tracker.rules.permissions import Deed, may
from tracker.views import documents
from tracker.writing import executive

blueprint = Blueprint("executive", __name__, url_prefix="/plan")


@blueprint.get("/<int:year>/executive")
@allow(Deed.SEE_SUMMARY)
def show(year: int) -> str:
    """How far the year is, what is late and who was told, against last year on the same day."""
    plan = documents.told_plan(year)
    return _page(plan, overseeing.matters_of(plan), {})


@blueprint.post("/<int:year>/executive")
@allow(Deed.EDIT_PLAN)
def write(year: int) -> ResponseReturnValue:
    """Put matters before the chief executive."""
    plan = documents.told_plan(year)
    texts = [request.form.get(f"matter{place}", "") for place in range(1, MOST_MATTERS + 1)]
    try:
        overseeing.write_matters(plan, texts, now=clock.now(), by=actor())
    except FieldsRefused as refused:
        return _page(plan, texts, refused.fields), 422
    flash(_("บันทึกเรื่องที่ขอให้ผู้บริหารพิจารณาแล้ว"), "success")
    return redirect(url_for("executive.show", year=year), 303)


@blueprint.get("/<int:year>/executive.pdf")
@allow(Deed.SEE_SUMMARY)
def printed(year: int) -> Response:
    """The same page as one sheet of A4, in the language and the digits of the organisation's documents."""
    plan = documents.told_plan(year)
    value = compose_executive(overseeing.executive_inputs(plan, now=clock.now()), reporting.speaker())
    title = _("สรุปสำหรับผู้บริหาร %(year)s", year=year)
    db.session.rollback()
    return documents.attachment(BytesIO(executive.write(value)), "pdf", title)


def _page(plan: Plan, texts: list[str], faults: Mapping[str, Message]) -> str:
    inputs = overseeing.executive_inputs(plan, now=clock.now())
    return render_template(
        "plan/executive.html",
        year=plan.fiscal_year,
        told=compose_executive(
            inputs,
            lambda message: say(message, language()),
            thai_digits=False,
            days=Days(long_date, short_date),
        ),
        writes=may(actor(), Deed.EDIT_PLAN),
        texts=(texts + [""] * MOST_MATTERS)[:MOST_MATTERS],
        errors=say_all(faults),
    )
