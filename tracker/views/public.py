"""The published pages: a year's report for everybody, without a login, a cookie or a script."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from werkzeug.exceptions import ServiceUnavailable

from tracker import storage
from tracker.access import public
from tracker.actions import publishing, reporting
from tracker.actions.publishing import Edition, Served
from tracker.extensions import settings
from tracker.locale import translate as _
from tracker.trouble import FileGone
from tracker.views import public_door, public_files, public_frame, public_words
from tracker.views.documents import to_save
from tracker.views.public_door import Door
from tracker.writing.pdf import NotTypeset

blueprint = Blueprint("public", __name__, url_prefix="/p")


@blueprint.before_request
def leave_the_person_out() -> None:
    # Whoever is signed in sees the page of everybody: without this the frame would be filled with their menu.
    g.link = None
    # A day tells nothing of evidence that was made internal since: only the tag says that somebody has what is shown.
    request.environ.pop("HTTP_IF_MODIFIED_SINCE", None)


@blueprint.errorhandler(404)
def nothing_here(_failure: Exception) -> tuple[str, int]:
    """One answer for what does not exist, is not published, or belongs to others."""
    with public_frame.spoken():
        sentence = _("ที่อยู่อาจพิมพ์ผิด หรือหน่วยงานยังไม่ได้เผยแพร่รายงานนี้ รายงานผลประจำปีมักเผยแพร่ในเดือนตุลาคมถึงพฤศจิกายน")
        return _without(_("ไม่พบหน้านี้"), sentence), 404


@blueprint.errorhandler(ServiceUnavailable)
@blueprint.errorhandler(NotTypeset)
@blueprint.errorhandler(FileGone)
def not_now(_failure: Exception) -> tuple[str, int, dict[str, str]]:
    with public_frame.spoken():
        sentence = _("ระบบกำลังทำเอกสารอื่นอยู่หรือทำเอกสารนี้ไม่สำเร็จ โปรดลองอีกครั้งในอีกครู่")
        return _without(_("ยังดาวน์โหลดไม่ได้"), sentence), 503, {"Retry-After": "60"}


def _without(title: str, sentence: str) -> str:
    """A page that names no organisation."""
    return render_template("public/none.html", **public_frame.frame(None), title=title, sentence=sentence)


@blueprint.get("/", defaults={"rest": ""})
@blueprint.get("/<path:rest>")
@public
def lost(rest: str) -> Response:
    """Addresses that lead nowhere are answered here too, so that they set no cookie either."""
    abort(404)


@blueprint.get("/<slug>")
@public
def index(slug: str) -> Response:
    """The years of an organisation."""
    door = public_door.enter(slug)
    latest: dict[int, Edition] = {}
    for one in door.editions:
        latest.setdefault(one.year, one)
    states = [(one.publication_id, one.withdrawn_at) for one in door.editions]

    def page() -> str:
        years = [(one, public_frame.href("public.year", slug=slug, year=one.year)) for one in latest.values()]
        return render_template("public/index.html", **public_frame.frame(door.organisation), years=years)

    return public_frame.answer(door.organisation, page, states)


@blueprint.get("/<slug>/<int:year>")
@public
def year(slug: str, year: int) -> Response:
    """The year's latest published version; this address stays the year's."""
    door = public_door.enter(slug)
    return _show(door, door.edition(year), permanent=False)


@blueprint.get("/<slug>/<int:year>/<int:version>")
@public
def version(slug: str, year: int, version: int) -> Response:
    """One version, which keeps this address when others follow."""
    door = public_door.enter(slug)
    return _show(door, door.edition(year, version), permanent=True)


def _show(door: Door, edition: Edition, *, permanent: bool) -> Response:
    if edition.withdrawn_at is not None:
        return public_door.gone(door, edition)
    seen = publishing.visible(edition.plan_id)
    page = max(request.args.get("page", 1, type=int), 1)
    files = public_files.offered(door, edition, seen)

    def written() -> str:
        told = public_words.in_page_digits(publishing.served(edition, seen, reporting.speaker()))
        rows = public_words.rows_of(told, page)
        if page > rows.pages:
            abort(404)
        return render_template(
            "public/year.html",
            **public_frame.frame(door.organisation),
            **public_door.about(door, edition),
            report=told.report,
            scores=public_words.scores_of(told.report),
            counts=public_words.counts_of(told),
            rows=rows,
            item_href=lambda place: public_door.version_href("public.item", door, edition, place=place),
            page_href=lambda number: public_door.version_href("public.version", door, edition, page=number),
            files=files,
            data_sha256=hashlib.sha256(told.data).hexdigest(),
            canonical=settings().url
            + (
                url_for(
                    "public.version", slug=door.organisation.slug, year=edition.year, version=edition.version
                )
                if permanent
                else url_for("public.year", slug=door.organisation.slug, year=edition.year)
            ),
        )

    return public_frame.answer(
        door.organisation,
        written,
        (public_door.state_of(door, edition, seen), files, page, permanent),
    )


@blueprint.get("/<slug>/<int:year>/<int:version>/<int:place>")
@public
def item(slug: str, year: int, version: int, place: int) -> Response:
    """One row of the report with everything it tells and its evidence; places count from 1."""
    door = public_door.enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return public_door.gone(door, edition)
    seen = publishing.visible(edition.plan_id)

    def written() -> str:
        told = public_words.in_page_digits(publishing.served(edition, seen, reporting.speaker()))
        last = len(told.report.results.rows)
        if not 1 <= place <= last:
            abort(404)

        def link(number: int) -> str | None:
            return (
                public_door.version_href("public.item", door, edition, place=number)
                if 1 <= number <= last
                else None
            )

        return render_template(
            "public/item.html",
            **public_frame.frame(door.organisation),
            **public_door.about(door, edition),
            report=told.report,
            place=place,
            last=last,
            told=public_words.item_of(told, place - 1),
            proofs=[
                (
                    one,
                    public_door.version_href("public.evidence", door, edition, digest=one.sha256)
                    if one.sha256
                    else None,
                )
                for one in public_words.proofs_of(told, place - 1)
            ],
            back=public_door.version_href("public.version", door, edition),
            before=link(place - 1),
            after=link(place + 1),
        )

    return public_frame.answer(
        door.organisation,
        written,
        (public_door.state_of(door, edition, seen), place),
    )


@blueprint.get("/<slug>/<int:year>/<int:version>/evidence/<digest>")
@public
def evidence(slug: str, year: int, version: int, digest: str) -> Response:
    """A file of the version's annex that the public may see; a withdrawn one leaves its reason."""
    door = public_door.enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return public_door.gone(door, edition)
    seen = publishing.visible(edition.plan_id)
    if digest not in publishing.served(edition, seen).keys.values():
        abort(404)
    withdrawn = seen.withdrawn.get(digest)
    if withdrawn is not None and withdrawn.withdrawn_at is not None:
        return public_door.tombstone(
            door, edition, withdrawn.withdrawn_at, withdrawn.withdrawn_reason, "evidence"
        )
    found = seen.shown.get(digest)
    if found is None or found.storage_name is None:
        abort(404)
    return _attachment(storage.kept_path(found.storage_name), found.media_type, found.name, digest)


@blueprint.get("/<slug>/<int:year>/<int:version>/signed")
@public
def scan(slug: str, year: int, version: int) -> Response:
    """The signed scan of the version; one that was removed since leaves its reason."""
    door = public_door.enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return public_door.gone(door, edition)
    found = publishing.scan_of(edition.report_id)
    if found is None:
        removed = publishing.removed_scan(edition)
        if removed is None or removed.removed_at is None:
            abort(404)
        return public_door.tombstone(door, edition, removed.removed_at, removed.removed_reason, "scan")
    name = f"{slug}-{edition.year}-v{edition.version}-signed.{publishing.ending_of(found)}"
    return _attachment(storage.kept_path(found.storage_name), found.media_type, name, found.sha256)


@blueprint.get("/<slug>/<int:year>/<int:version>/<name>.<ending>")
@public
def file(slug: str, year: int, version: int, name: str, ending: str) -> Response:
    """The version as a document, as data, or as the package with its evidence."""
    door = public_door.enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return public_door.gone(door, edition)
    if (name, ending) not in public_files.MEDIA_TYPES:
        abort(404)
    seen = publishing.visible(edition.plan_id)
    state = public_files.states_of(edition, seen).get(ending) or publishing.state_of(edition, seen)

    def made() -> Served:
        return publishing.served(edition, seen, reporting.speaker())

    found = public_files.bytes_of(made, edition, state, name, ending, door.organisation.document_font)
    told = f"{slug}-{edition.year}-v{edition.version}{'' if name == 'report' else f'-{name}'}.{ending}"
    return _attachment(found, public_files.MEDIA_TYPES[name, ending], told, f"{state}-{name}-{ending}")


def _attachment(found: Path | bytes, media_type: str, name: str, tag: str) -> Response:
    """A file to save, which can run nothing in a browser."""
    answer = to_save(found if isinstance(found, Path) else BytesIO(found), media_type, name, tag=tag)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
