"""A line for each answer: which route, how it ended, how long it took; never the path, which may hold a token."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, g, request, request_started
from flask_login import current_user

from tracker import logs

HEADER = "X-Request-ID"
QUIET = frozenset({"static", "bootstrap.static", "assets.file"})
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("tracker.request")


def set_up(app: Flask) -> None:
    """Number each request and write down its answer."""
    # A signal: also a request that is turned away before any view has its number.
    request_started.connect(_begin, app)
    app.after_request(_write)
    app.teardown_request(_end)


def _begin(_app: Flask, **_: object) -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _WELL_FORMED.fullmatch(given) else secrets.token_hex(8)
    g.begun = perf_counter()
    logs.tag(request=g.request_id)


def _write(answer: Response) -> Response:
    answer.headers[HEADER] = g.request_id
    if request.endpoint in QUIET:
        return answer
    # Only where it is known already: a page of trouble asks the database for nothing.
    person = g.get("_login_user")
    known = person is not None and current_user.is_authenticated
    told = {
        "method": request.method if request.method in METHODS else "-",
        "route": request.url_rule.rule if request.url_rule is not None else "-",
        "status": answer.status_code,
        "ms": round((perf_counter() - g.begun) * 1000),
        "organisation": current_user.actor.organisation_id if known else None,
    }
    log.log(logging.ERROR if answer.status_code >= 500 else logging.INFO, "answered", extra={"told": told})
    return answer


def _end(_failure: BaseException | None) -> None:
    logs.tag()
