"""What every published page has around it: its language, its frame, and the tag by which it is known again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, current_app, request, url_for

from tracker.locale import LANGUAGES, TRANSLATIONS, speaking
from tracker.models import Organisation
from tracker.views.assets import asset
from tracker.views.shell import LANGUAGE_NAMES


def answer(
    organisation: Organisation, page: Callable[[], str], changed_at: datetime, state: object
) -> Response:
    """The page under a tag made of what it shows: who has it already is told so, and nothing is read or written."""
    shown = (organisation.id, state, language(), _make())
    made = Response(mimetype="text/html")
    # A weak one, which a compressed answer keeps.
    made.set_etag(hashlib.sha256(repr(shown).encode()).hexdigest()[:32], weak=True)
    made.last_modified = changed_at
    made.headers["Cache-Control"] = "public, no-cache"
    made.make_conditional(request)
    if made.status_code != 304:
        with spoken():
            made.set_data(page())
    return made


@cache
def _make() -> str:
    """A name for the templates, style and words of this program: a new one makes new pages."""
    folder = Path(str(current_app.jinja_loader.searchpath[0]), "public")  # type: ignore[union-attr]
    parts = [*sorted(folder.glob("*.html")), *sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.mo"))]
    return hashlib.sha256(
        b"".join(path.read_bytes() for path in parts) + asset("public.css").encode()
    ).hexdigest()


def language() -> str:
    """The language that the address asks for, else Thai; no cookie decides it."""
    wanted = request.args.get("language")
    return wanted if wanted in LANGUAGES else "th"


@contextmanager
def spoken() -> Iterator[None]:
    """In the language that the address asks for."""
    with speaking(language()):
        yield


def href(endpoint: str, **values: Any) -> str:
    """The address of a page, in the language of this one."""
    more: dict[str, Any] = {"language": "en"} if language() == "en" else {}
    return url_for(endpoint, **values, **more)


def frame(organisation: Organisation | None) -> dict[str, Any]:
    """What every published page has around it."""
    english = language() == "en"
    offered = "th" if english else "en"
    other: dict[str, Any] = {} if english else {"language": "en"}
    kept: dict[str, Any] = {name: text for name, text in request.args.items() if name == "page"}
    return {
        "organisation": organisation,
        "home": href("public.index", slug=organisation.slug) if organisation else None,
        "other_language": (offered, LANGUAGE_NAMES[offered]),
        "other_href": url_for(str(request.endpoint), **(request.view_args or {}), **kept, **other)
        if request.endpoint
        else None,
    }
