"""The published pages: a year's report for everybody, without a login, a cookie or a script."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, send_file, url_for
from sqlalchemy import select
from werkzeug.exceptions import ServiceUnavailable

from tracker import storage
from tracker.access import public
from tracker.actions import publishing, reporting
from tracker.actions.publishing import Edition, Served, Visible
from tracker.database import db, organisation_scope
from tracker.extensions import settings
from tracker.locale import long_date
from tracker.locale import translate as _
from tracker.models import Kind, Organisation
from tracker.views import public_files, public_frame, public_words
from tracker.writing.pdf import NotTypeset

blueprint = Blueprint("public", __name__, url_prefix="/p")
SANDBOX = "sandbox; default-src 'none'"


@dataclass(frozen=True)
class Door:
    """The organisation of an address, and every version that it ever published, the latest first."""

    organisation: Organisation
    editions: list[Edition]

    def edition(self, year: int, version: int | None = None) -> Edition:
        """The version of the year, else the latest of the year; 404 where it was never published."""
        found = [one for one in self.editions if one.year == year and version in (None, one.version)]
        return found[0] if found else abort(404)


@blueprint.before_request
def leave_the_person_out() -> None:
    # Whoever is signed in sees the page of everybody: without this the frame would be filled with their menu.
    g.link = None


@blueprint.errorhandler(404)
def nothing_here(_failure: Exception) -> tuple[str, int]:
    """One answer for what does not exist, is not published, or belongs to others."""
    with public_frame.spoken():
        sentence = _("ที่อยู่อาจพิมพ์ผิด หรือหน่วยงานยังไม่ได้เผยแพร่รายงานนี้ รายงานผลประจำปีมักเผยแพร่ในเดือนตุลาคมถึงพฤศจิกายน")
        return _without(_("ไม่พบหน้านี้"), sentence), 404


@blueprint.errorhandler(ServiceUnavailable)
@blueprint.errorhandler(NotTypeset)
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
    door = _enter(slug)
    latest: dict[int, Edition] = {}
    for one in door.editions:
        latest.setdefault(one.year, one)
    states = [(one.publication_id, one.withdrawn_at) for one in door.editions]

    def page() -> str:
        years = [(one, public_frame.href("public.year", slug=slug, year=one.year)) for one in latest.values()]
        return render_template("public/index.html", **public_frame.frame(door.organisation), years=years)

    return public_frame.answer(door.organisation, page, _changed(door.editions, []), states)


@blueprint.get("/<slug>/<int:year>")
@public
def year(slug: str, year: int) -> Response:
    """The year's latest published version; this address stays the year's."""
    door = _enter(slug)
    return _show(door, door.edition(year), permanent=False)


@blueprint.get("/<slug>/<int:year>/<int:version>")
@public
def version(slug: str, year: int, version: int) -> Response:
    """One version, which keeps this address when others follow."""
    door = _enter(slug)
    return _show(door, door.edition(year, version), permanent=True)


def _show(door: Door, edition: Edition, *, permanent: bool) -> Response:
    if edition.withdrawn_at is not None:
        return _gone(door, edition)
    seen = publishing.visible(edition.plan_id)
    page = max(request.args.get("page", 1, type=int), 1)

    def written() -> str:
        told = publishing.served(edition, seen, reporting.speaker())
        rows = public_words.rows_of(told, page)
        if page > rows.pages:
            abort(404)
        return render_template(
            "public/year.html",
            **public_frame.frame(door.organisation),
            **_about(door, edition),
            report=told.report,
            scores=public_words.scores_of(told.report),
            counts=public_words.counts_of(told),
            rows=rows,
            item_href=lambda place: _version_href("public.item", door, edition, place=place),
            page_href=lambda number: _version_href("public.version", door, edition, page=number),
            files=_files(door, edition),
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
        _changed(door.editions, seen.changed_at),
        (_state(door, edition, seen), page, permanent),
    )


@blueprint.get("/<slug>/<int:year>/<int:version>/<int:place>")
@public
def item(slug: str, year: int, version: int, place: int) -> Response:
    """One row of the report with everything it tells and its evidence; places count from 1."""
    door = _enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return _gone(door, edition)
    seen = publishing.visible(edition.plan_id)

    def written() -> str:
        told = publishing.served(edition, seen, reporting.speaker())
        last = len(told.report.results.rows)
        if not 1 <= place <= last:
            abort(404)

        def link(number: int) -> str | None:
            return _version_href("public.item", door, edition, place=number) if 1 <= number <= last else None

        return render_template(
            "public/item.html",
            **public_frame.frame(door.organisation),
            **_about(door, edition),
            report=told.report,
            place=place,
            last=last,
            told=public_words.item_of(told, place - 1),
            proofs=[
                (
                    one,
                    _version_href("public.evidence", door, edition, digest=one.sha256)
                    if one.sha256
                    else None,
                )
                for one in public_words.proofs_of(told, place - 1)
            ],
            back=_version_href("public.version", door, edition),
            before=link(place - 1),
            after=link(place + 1),
        )

    return public_frame.answer(
        door.organisation,
        written,
        _changed(door.editions, seen.changed_at),
        (_state(door, edition, seen), place),
    )


@blueprint.get("/<slug>/<int:year>/<int:version>/evidence/<digest>")
@public
def evidence(slug: str, year: int, version: int, digest: str) -> Response:
    """A file of the version's annex that the public may see; a withdrawn one leaves its reason."""
    door = _enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return _gone(door, edition)
    seen = publishing.visible(edition.plan_id)
    if digest not in publishing.served(edition, seen).keys.values():
        abort(404)
    withdrawn = seen.withdrawn.get(digest)
    if withdrawn is not None and withdrawn.withdrawn_at is not None:
        return _tombstone(door, edition, withdrawn.withdrawn_at, withdrawn.withdrawn_reason, file=True)
    found = seen.shown.get(digest)
    if found is None or found.storage_name is None:
        abort(404)
    path = storage.path_of(found.storage_name)
    if not path.is_file():
        abort(404)
    answer = send_file(
        path, mimetype=found.media_type, as_attachment=True, download_name=found.name, etag=digest, max_age=0
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer


@blueprint.get("/<slug>/<int:year>/<int:version>/<name>.<ending>")
@public
def file(slug: str, year: int, version: int, name: str, ending: str) -> Response:
    """The version as a document, as data, or as the package with its evidence."""
    door = _enter(slug)
    edition = door.edition(year, version)
    if edition.withdrawn_at is not None:
        return _gone(door, edition)
    if (name, ending) not in public_files.MEDIA_TYPES:
        abort(404)
    seen = publishing.visible(edition.plan_id)
    state = publishing.state_of(edition, seen)

    def made() -> Served:
        return publishing.served(edition, seen, reporting.speaker())

    found = public_files.bytes_of(made, edition, state, name, ending, door.organisation.document_font)
    answer = send_file(
        found if isinstance(found, Path) else BytesIO(found),
        mimetype=public_files.MEDIA_TYPES[name, ending],
        as_attachment=True,
        download_name=f"{slug}-{edition.year}-v{edition.version}{'' if name == 'report' else f'-{name}'}.{ending}",
        etag=f"{state}-{name}-{ending}",
        max_age=0,
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer


def _enter(slug: str) -> Door:
    """The organisation of the address with its scope entered; 404 where it never published anything."""
    # Organisations belong to no organisation: no crossing is needed to find one by its name.
    found = db.session.scalars(
        select(Organisation).where(Organisation.slug == slug, Organisation.kind != Kind.SYSTEM)
    ).one_or_none()
    if found is None:
        abort(404)
    g.scope.enter_context(organisation_scope(found.id))
    editions = publishing.editions()
    if not editions:
        abort(404)
    return Door(found, editions)


def _gone(door: Door, edition: Edition) -> Response:
    assert edition.withdrawn_at is not None
    return _tombstone(door, edition, edition.withdrawn_at, edition.reason, file=False)


def _tombstone(door: Door, edition: Edition, on: datetime, reason: str, *, file: bool) -> Response:
    """Says since when and why something is no longer there."""
    with public_frame.spoken():
        page = render_template(
            "public/gone.html",
            **public_frame.frame(door.organisation),
            **_about(door, edition),
            gone_on=long_date(on),
            reason=reason,
            file=file,
        )
    answer = Response(page, 410, mimetype="text/html")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _state(door: Door, edition: Edition, seen: Visible) -> object:
    others = [(one.publication_id, one.withdrawn_at) for one in door.editions]
    return publishing.state_of(edition, seen), others, door.organisation.name, door.organisation.contact


def _changed(editions: list[Edition], more: list[datetime]) -> datetime:
    return max([*(one.withdrawn_at or one.published_at for one in editions), *more])


def _version_href(endpoint: str, door: Door, edition: Edition, **values: Any) -> str:
    return public_frame.href(
        endpoint, slug=door.organisation.slug, year=edition.year, version=edition.version, **values
    )


def _about(door: Door, edition: Edition) -> dict[str, Any]:
    """The version, its sisters, and the other years."""
    slug = door.organisation.slug
    sisters = [one for one in door.editions if one.year == edition.year]
    years = dict.fromkeys(one.year for one in door.editions)
    return {
        "edition": edition,
        "published_on": long_date(edition.published_at),
        "newer": public_frame.href("public.year", slug=slug, year=edition.year)
        if sisters[0] is not edition and sisters[0].withdrawn_at is None
        else None,
        "versions": [
            (one, public_frame.href("public.version", slug=slug, year=one.year, version=one.version))
            for one in sisters
        ],
        "years": [(one, public_frame.href("public.year", slug=slug, year=one)) for one in years],
    }


def _files(door: Door, edition: Edition) -> list[tuple[str, str]]:
    """(what it is, its address); whatever should be offered first stands first."""
    words = {
        ("report", "pdf"): _("รายงาน PDF"),
        ("report", "docx"): _("รายงาน Word"),
        ("report", "xlsx"): _("ตาราง Excel"),
        ("report", "json"): _("ข้อมูล JSON"),
        ("report", "csv"): _("ผลรายมาตรการ CSV"),
        ("scores", "csv"): _("คะแนน ITA CSV"),
        ("package", "zip"): _("ทั้งชุดพร้อมหลักฐาน ZIP"),
    }
    return [
        (
            text,
            url_for(
                "public.file",
                slug=door.organisation.slug,
                year=edition.year,
                version=edition.version,
                name=name,
                ending=ending,
            ),
        )
        for (name, ending), text in words.items()
    ]
