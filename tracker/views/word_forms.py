"""The office's own Word forms: uploaded on a page of the settings, filled on the report's page."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock, storage
from tracker.access import actor, allow
from tracker.actions import wordforms
from tracker.database import current_organisation, db, reading
from tracker.errors import Unreadable
from tracker.locale import language, say, short_date
from tracker.locale import translate as _
from tracker.reading.wordform import Fault
from tracker.rules.paper import PaperKind
from tracker.rules.permissions import Deed, may
from tracker.rules.wordform import NAMES
from tracker.views import documents
from tracker.writing import wordform, wordstart

blueprint = Blueprint("word_forms", __name__)


@blueprint.get("/settings/word-forms")
@allow(Deed.SEE_SETTINGS)
def show() -> str:
    """Which kinds of documents have a form of the office, and which names each may use."""
    return _page({})


def _page(faults: dict[str, list[str]]) -> str:
    kept = wordforms.every()
    return render_template(
        "settings/word_forms.html",
        forms=[
            {
                "kind": kind,
                "title": _kind_words(kind),
                "row": kept.get(kind),
                "added": short_date(kept[kind].added_at) if kind in kept else "",
                "names": [(f"{{{{ {one.name} }}}}", say(one.meaning, language())) for one in names.anywhere],
                "row_names": [
                    (f"{{{{ row.{one.name} }}}}", say(one.meaning, language())) for one in names.row
                ],
                "faults": faults.get(kind, []),
            }
            for kind, names in ((kind, NAMES[kind]) for kind in wordforms.KINDS)
        ],
        manages=may(actor(), Deed.MANAGE_ORGANISATION),
    )


def _kind_words(kind: str) -> str:
    return {
        "annual": _("รายงานผลประจำปี"),
        "plan": _("แผนมาตรการ"),
        "six-month": _("รายงานรอบ 6 เดือน"),
        "memo": _("บันทึกข้อความนำส่งรายงาน"),
    }[kind]


@blueprint.post("/settings/word-forms/<kind>")
@allow(Deed.MANAGE_ORGANISATION)
def upload(kind: str) -> ResponseReturnValue:
    """Keep a form where it holds nothing but names and one repeated row."""
    known = _known(kind)
    file = request.files.get("form")
    if file is None or not file.filename:
        return _page({kind: [_("กรุณาเลือกไฟล์ Word (.docx)")]}), 422
    data, name = file.stream.read(), storage.display_name(file.filename)
    try:
        with reading():
            faults = wordforms.look(data, name, known)
    except Unreadable as failure:
        return _page({kind: [say(failure.message, language())]}), 422
    if faults:
        return _page({kind: _said(faults)}), 422
    wordforms.keep(data, name, known, now=clock.now(), by=actor())
    flash(_("ใช้แบบของหน่วยงานสำหรับ%(title)sแล้ว", title=_kind_words(kind)), "success")
    return redirect(url_for("word_forms.show"), 303)


def _said(faults: Sequence[Fault]) -> list[str]:
    told = []
    for fault in faults:
        sentence = say(fault.message, language())
        if fault.paragraph:
            sentence = _(
                "ย่อหน้าที่ %(number)s “%(words)s”: %(sentence)s",
                number=fault.paragraph,
                words=fault.text,
                sentence=sentence,
            )
        elif fault.text:
            sentence = f"“{fault.text}”: {sentence}"
        told.append(sentence)
    return told


def _known(kind: str) -> PaperKind:
    if kind not in wordforms.KINDS:
        abort(404)
    return kind


@blueprint.post("/settings/word-forms/<kind>/remove")
@allow(Deed.MANAGE_ORGANISATION)
def remove(kind: str) -> ResponseReturnValue:
    row = wordforms.of_kind(_known(kind))
    if row is not None:
        wordforms.remove(row, now=clock.now(), by=actor())
        flash(_("นำแบบของหน่วยงานออกแล้ว ใช้แบบของระบบต่อไป"), "success")
    return redirect(url_for("word_forms.show"), 303)


@blueprint.get("/settings/word-forms/<kind>/start.docx")
@allow(Deed.SEE_SETTINGS)
def start(kind: str) -> Response:
    """A form to begin with, which holds every name."""
    known, own = _known(kind), current_organisation()
    paper = wordforms.empty_paper(known, _kind_words(kind), own.name)
    columns = [say(one.meaning, own.language) for one in NAMES[kind].row]
    data = wordstart.write(paper, columns, own.document_font)
    return documents.attachment(BytesIO(data), "docx", _("แบบตั้งต้น %(title)s", title=_kind_words(kind)))


@blueprint.get("/settings/word-forms/<kind>/form.docx")
@allow(Deed.SEE_SETTINGS)
def download(kind: str) -> Response:
    """The form as it was uploaded."""
    row = wordforms.of_kind(_known(kind))
    data = storage.source(row.sha256) if row else None
    if row is None or data is None:
        abort(404)
    return documents.attachment(BytesIO(data), "docx", row.name.removesuffix(".docx"))


@blueprint.get("/report/<int:year>/<kind>/own.docx")
@allow(Deed.SEE_REPORT)
def filled(year: int, kind: str) -> Response:
    """A document of the year in the office's own form."""
    found, row = documents.find(year, kind, "docx"), wordforms.of_kind(kind)
    form = storage.source(row.sha256) if row else None
    if found is None or form is None:
        abort(404)
    paper, title = found.paper, found.title
    db.session.rollback()
    return documents.attachment(BytesIO(wordform.fill(form, paper)), "docx", title)
