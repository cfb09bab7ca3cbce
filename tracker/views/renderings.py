"""Files of long documents: asked for on the report's page, made by the jobs, watched on a page of their own."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.access import actor, allow, get_or_404
from tracker.actions import previewing, rendering
from tracker.actions.rendering import Wanted
from tracker.database import db
from tracker.errors import Refused
from tracker.locale import clock_time, language, say, short_date
from tracker.locale import translate as _
from tracker.models import Rendering, RenderingState, User
from tracker.rules.permissions import Deed, may
from tracker.views import documents
from tracker.views.listing import size_words
from tracker.writing import faces, json, photos

blueprint = Blueprint("renderings", __name__, url_prefix="/report")
LOOKS = {
    RenderingState.QUEUED: "open",
    RenderingState.RUNNING: "in_progress",
    RenderingState.DONE: "approved",
    RenderingState.FAILED: "stuck",
    RenderingState.CANCELLED: "open",
}


@blueprint.post("/<int:year>/<kind>/make/<ending>")
@allow(Deed.SEE_REPORT)
def ask(year: int, kind: str, ending: str) -> ResponseReturnValue:
    """Have a file made that takes too long to wait for."""
    found = documents.find(year, kind, ending)
    if found is None or ending not in faces.PRINTED:
        abort(404)
    return begin(found.wanted(ending))


def begin(wanted: Wanted) -> ResponseReturnValue:
    """Have it made, and watch."""
    row = rendering.ask(wanted, now=clock.now(), by=actor())
    return redirect(url_for("renderings.show", rendering_id=row.id), 303)


def hand_out(found: documents.Found, ending: str, ask_href: str) -> ResponseReturnValue:
    """A document as a file: at once, but for a long one as `made` says."""
    if ending in faces.PRINTED and found.paper.is_long:
        return made(found.wanted(ending), ask_href)
    # The page has the first picture drawn from the same PDF.
    kept = previewing.pdf_of(found.key(ending)) if ending == "pdf" else None
    if kept is not None:
        return documents.attachment(kept, ending, found.title)
    files = found.files
    db.session.rollback()
    if ending == "json":
        data = found.frozen.encode() if found.frozen is not None else json.write(found.value)
    else:
        data = faces.write(found.paper, ending, found.font, photos.shrink_all(files))
    return documents.attachment(BytesIO(data), ending, found.title)


def made(wanted: Wanted, ask_href: str) -> ResponseReturnValue:
    """The file that was made; else where it is being made, or how to have it made."""
    row = rendering.known(wanted.key)
    path = rendering.file_of(row) if row else None
    if path is not None:
        return documents.attachment(path, wanted.ending, wanted.title)
    if row is not None and row.state in rendering.UNDER_WAY:
        return redirect(url_for("renderings.show", rendering_id=row.id))
    return render_template(
        "report/long.html",
        year=wanted.fiscal_year,
        title=wanted.title,
        ending=wanted.ending.upper(),
        photographs=wanted.photographs,
        ask_href=ask_href,
    )


@blueprint.get("/files/<int:rendering_id>")
@allow(Deed.SEE_REPORT)
def show(rendering_id: int) -> str:
    row = get_or_404(Rendering, rendering_id)
    return render_template("report/rendering.html", year=row.fiscal_year, file=told(row))


@blueprint.get("/files/<int:rendering_id>/file")
@allow(Deed.SEE_REPORT)
def download(rendering_id: int) -> Response:
    row = get_or_404(Rendering, rendering_id)
    path = rendering.file_of(row)
    if path is None:
        abort(404)
    return documents.attachment(path, row.ending, row.title)


@blueprint.post("/files/<int:rendering_id>/cancel")
@allow(Deed.SEE_REPORT)
def cancel(rendering_id: int) -> ResponseReturnValue:
    row = get_or_404(Rendering, rendering_id)
    if not _own(row):
        raise Refused("ยกเลิกได้เฉพาะผู้ที่ขอไฟล์นี้และผู้ประสานงาน")
    rendering.cancel(row, now=clock.now())
    flash(_("ยกเลิกการทำไฟล์แล้ว"), "success")
    return redirect(url_for("report.show", year=row.fiscal_year), 303)


@blueprint.post("/files/<int:rendering_id>/retry")
@allow(Deed.SEE_REPORT)
def retry(rendering_id: int) -> ResponseReturnValue:
    row = get_or_404(Rendering, rendering_id)
    rendering.retry(row)
    return redirect(url_for("renderings.show", rendering_id=row.id), 303)


def _own(row: Rendering) -> bool:
    """Whether this person may end it: whoever asked, and the coordinator."""
    return row.asked_by_id == actor().user_id or may(actor(), Deed.CLOSE_REPORT)


def told(row: Rendering) -> dict[str, Any]:
    """A file as the pages show it."""
    ready = rendering.file_of(row)
    under_way = row.state in rendering.UNDER_WAY
    gone = row.state is RenderingState.DONE and ready is None
    return {
        "id": row.id,
        "title": row.title,
        "ending": row.ending.upper(),
        "look": "open" if gone else LOOKS[row.state],
        "words": _("ไฟล์ถูกลบแล้ว") if gone else _state(row),
        "percent": row.percent,
        "under_way": under_way,
        "step": _step(row) if under_way else size_words(row.size) if ready else "",
        "problem": _problem(row),
        "asked": _asked(row),
        "show_href": url_for("renderings.show", rendering_id=row.id),
        "file_href": url_for("renderings.download", rendering_id=row.id) if ready else None,
        "cancel_href": url_for("renderings.cancel", rendering_id=row.id) if under_way and _own(row) else None,
        "retry_href": None if under_way or ready else url_for("renderings.retry", rendering_id=row.id),
    }


def _state(row: Rendering) -> str:
    return {
        RenderingState.QUEUED: _("รอคิว"),
        RenderingState.RUNNING: _("กำลังทำ"),
        RenderingState.DONE: _("พร้อมดาวน์โหลด"),
        RenderingState.FAILED: _("ทำไม่สำเร็จ"),
        RenderingState.CANCELLED: _("ยกเลิกแล้ว"),
    }[row.state]


def _step(row: Rendering) -> str:
    if row.state is RenderingState.QUEUED:
        return _("รอระบบเริ่มทำ โดยปกติไม่เกินครึ่งนาที")
    if row.done < row.total:
        return _("ย่อภาพแล้ว %(done)s จาก %(total)s ภาพ", done=f"{row.done:,}", total=f"{row.total:,}")
    return _("กำลังจัดหน้าเอกสาร")


def _problem(row: Rendering) -> str:
    message = rendering.problem_of(row)
    return say(message, language()) if message else ""


def _asked(row: Rendering) -> str:
    person = db.session.get(User, row.asked_by_id) if row.asked_by_id else None
    moment = f"{short_date(row.asked_at)} {clock_time(row.asked_at)}"
    if person is None:
        return moment
    return _("ขอโดย%(name)s เมื่อ %(moment)s", name=person.name, moment=moment)
