"""Who published what at an address, what surrounds a version there, and what is left of one that was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from flask import Response, abort, g, render_template
from sqlalchemy import select

from tracker.actions import publishing
from tracker.actions.publishing import Edition, Visible
from tracker.database import db, organisation_scope
from tracker.locale import long_date
from tracker.models import Kind, Organisation
from tracker.rules.thai import arabic_digits
from tracker.views import public_frame

What = Literal["version", "evidence", "scan"]


@dataclass(frozen=True)
class Door:
    """The organisation of an address, and every version that it ever published, the latest first."""

    organisation: Organisation
    editions: list[Edition]

    def edition(self, year: int, version: int | None = None) -> Edition:
        """The version of the year, else the latest of the year; 404 where it was never published."""
        found = [one for one in self.editions if one.year == year and version in (None, one.version)]
        return found[0] if found else abort(404)


def enter(slug: str) -> Door:
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


def gone(door: Door, edition: Edition) -> Response:
    assert edition.withdrawn_at is not None
    return tombstone(door, edition, edition.withdrawn_at, edition.reason, "version")


def tombstone(door: Door, edition: Edition, on: datetime, reason: str, what: What) -> Response:
    """Says since when and why something is no longer there."""
    with public_frame.spoken():
        page = render_template(
            "public/gone.html",
            **public_frame.frame(door.organisation),
            **about(door, edition),
            gone_on=long_date(on),
            reason=reason,
            what=what,
        )
    answer = Response(page, 410, mimetype="text/html")
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def state_of(door: Door, edition: Edition, seen: Visible) -> object:
    others = [(one.publication_id, one.withdrawn_at) for one in door.editions]
    return publishing.state_of(edition, seen), others, door.organisation.name, door.organisation.contact


def version_href(endpoint: str, door: Door, edition: Edition, **values: Any) -> str:
    return public_frame.href(
        endpoint, slug=door.organisation.slug, year=edition.year, version=edition.version, **values
    )


def about(door: Door, edition: Edition) -> dict[str, Any]:
    """The version, its sisters, and the other years."""
    slug = door.organisation.slug
    sisters = [one for one in door.editions if one.year == edition.year]
    years = dict.fromkeys(one.year for one in door.editions)
    return {
        "edition": replace(edition, document_number=arabic_digits(edition.document_number)),
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
