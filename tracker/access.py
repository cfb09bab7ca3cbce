"""Who is asking, and whether they may: visitors, the permission of each route, secret tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import UserMixin, current_user
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import DBAPIError

from tracker.database import across_organisations, db, organisation_scope, writing
from tracker.extensions import login, settings
from tracker.models import AddressChange, Kind, LinkToken, Organisation, Owned, User, WebSession
from tracker.people import standing_of
from tracker.rules.permissions import CONFIRMED, Actor, Deed, Role, may

Row = TypeVar("Row", bound=Owned)
View = TypeVar("View", bound=Callable[..., Any])
# What PostgreSQL takes for a key; a larger number in an address finds nothing.
LARGEST_KEY = 2**31 - 1
# How exactly it is known when a session was last used: each page would else be a write.
SEEN_EVERY = timedelta(minutes=5)
# For so long after a password was asked for, roles and people may be changed without asking again.
CONFIRMED_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Visitor(UserMixin):
    """A signed-in person for the length of one request."""

    actor: Actor
    session_id: int
    seen_at: datetime
    confirmed_at: datetime
    token: str
    address: str
    language: str
    organisation_name: str
    organisation_logo: str | None
    post: str

    def get_id(self) -> str:
        return self.token


def key_of(text: str) -> int | None:
    """The number of a row that a form or an address names; None for a text that no number of a row can be."""
    return int(text) if text.isdecimal() and len(text) < 11 and int(text) <= LARGEST_KEY else None


def new_token() -> tuple[str, str]:
    """A random token to give away and the hash to keep."""
    token = secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def use_up(model: type[LinkToken | AddressChange], token: str, *, now: datetime) -> bool:
    """Mark the link of a token used; False where somebody was quicker."""
    used = db.session.execute(
        update(model)
        .where(model.token_hash == token_hash(token), model.used_at.is_(None))
        .values(used_at=now)
    )
    return bool(used.rowcount)  # type: ignore[attr-defined]


def end_links(user_id: int, *, now: datetime) -> None:
    """Let no link that was mailed to an account set its password any longer."""
    db.session.execute(
        update(LinkToken).where(LinkToken.user_id == user_id, LinkToken.used_at.is_(None)).values(used_at=now)
    )


def public(view: View) -> View:
    """Mark a view that anybody may ask for."""
    view.deed = view.posts = None  # type: ignore[attr-defined]
    return view


def allow(deed: Deed, *, posts: Deed | None = None) -> Callable[[View], View]:
    """Mark a view that asks for `deed`, and where its form is sent for `posts`."""

    def mark(view: View) -> View:
        view.deed, view.posts = deed, posts or deed  # type: ignore[attr-defined]
        return view

    return mark


def deed_of(app: Flask, endpoint: str, method: str = "GET") -> Deed | None:
    """The deed a route asks for, None where it is public; AttributeError where a view was not marked."""
    if endpoint == "static" or endpoint.startswith("bootstrap."):
        return None
    view: Any = app.view_functions[endpoint]
    return cast("Deed | None", view.deed if method in {"GET", "HEAD", "OPTIONS"} else view.posts)


def visitor() -> Visitor:
    """The signed-in person; only in views that are not public."""
    return cast(Visitor, current_user._get_current_object())


def actor() -> Actor:
    return visitor().actor


def require(deed: Deed, division_id: int) -> None:
    """Answer 404 unless the visitor may do the deed to this division."""
    if not may(actor(), deed, division_id):
        abort(404)


def get_or_404(model: type[Row], row_id: int) -> Row:
    """The row of the visitor's organisation, or 404; rows of others do not exist."""
    row = db.session.scalars(select(model).where(model.id == row_id)).one_or_none()
    if row is None:
        abort(404)
    return row


def set_up(app: Flask, moment: Callable[[], datetime], today: Callable[[], date]) -> None:
    """Load the visitor, enter the organisation's scope and ask the permission table before each request."""

    @login.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> Visitor | None:
        return load_visitor(token, moment(), today())

    @app.before_request
    def enter() -> Response | None:
        g.scope = ExitStack()
        # Also for an address that leads nowhere: its page shows the person's menu.
        if current_user.is_authenticated:
            g.scope.enter_context(organisation_scope(cast(int, actor().organisation_id)))
            note_seen(visitor(), moment())
        if request.endpoint is None:
            return None
        deed = deed_of(current_app, request.endpoint, request.method)
        if deed is None:
            return None
        if not current_user.is_authenticated:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return cast(Response, redirect(url_for("account.sign_in", next=wanted), code=303))
        if not may(actor(), deed):
            if not actor().roles and request.method == "GET":
                # Whose position is gone finds there what happened.
                return cast(Response, redirect(url_for("home.home"), code=303))
            abort(403)
        if deed in CONFIRMED and request.method == "POST" and not confirmed(moment()):
            return cast(Response, redirect(url_for("own_account.confirm", next=_page_before()), code=303))
        return None

    @app.teardown_request
    def leave(_failure: BaseException | None) -> None:
        scope = g.pop("scope", None)
        if scope is not None:
            scope.close()


def confirmed(now: datetime) -> bool:
    """Whether the visitor's password was asked for a short while ago."""
    return now - visitor().confirmed_at <= CONFIRMED_FOR


def _page_before() -> str | None:
    """The page of this site on which a form stood."""
    parts = urlsplit(request.referrer or "")
    return local_path(parts.path) if parts.netloc == request.host else None


def note_seen(person: Visitor, now: datetime) -> None:
    """Write down that a session is in use, where that was not done in the last minutes."""
    if person.seen_at > now - SEEN_EVERY:
        return
    late = (
        WebSession.id == person.session_id,
        or_(WebSession.seen_at.is_(None), WebSession.seen_at <= now - SEEN_EVERY),
    )
    # A database that cannot be written shows its pages all the same.
    with suppress(DBAPIError), writing():
        db.session.execute(update(WebSession).where(*late).values(seen_at=now))


# Every page asks this: it is put together once.
_BY_TOKEN = (
    select(
        WebSession.id,
        WebSession.created_at,
        WebSession.seen_at,
        WebSession.expires_at,
        WebSession.confirmed_at,
        User.id.label("user_id"),
        User.name,
        User.address,
        User.language,
        User.active,
        User.auditor,
        User.administrator,
        Organisation.id.label("organisation_id"),
        Organisation.name.label("organisation_name"),
        Organisation.kind,
        Organisation.logo,
    )
    .join(User, User.id == WebSession.user_id)
    .join(Organisation, Organisation.id == WebSession.organisation_id)
    .where(WebSession.token_hash == bindparam("token_hash"), WebSession.ended_at.is_(None))
)


def load_visitor(token: str, now: datetime, today: date) -> Visitor | None:
    """The person whose browser holds this token, with the roles of today."""
    with across_organisations("sign-in by session token"):
        found = db.session.execute(_BY_TOKEN, {"token_hash": token_hash(token)}).one_or_none()
    if found is None:
        return None
    seen_at = found.seen_at or found.created_at
    idle = timedelta(minutes=settings().session_idle_minutes)
    if found.expires_at <= now or seen_at + idle <= now or not found.active:
        return None
    with organisation_scope(found.organisation_id):
        standing = standing_of(found.user_id, today)
    granted = {
        Role.AUDITOR: found.auditor,
        Role.ADMINISTRATOR: found.administrator and found.kind is not Kind.SYSTEM,
        Role.SYSTEM_ADMINISTRATOR: found.administrator and found.kind is Kind.SYSTEM,
    }
    return Visitor(
        actor=Actor(
            organisation_id=found.organisation_id,
            user_id=found.user_id,
            name=found.name,
            roles=standing.roles | {role for role, held in granted.items() if held},
            division_ids=standing.division_ids,
            approves=standing.approves,
        ),
        session_id=found.id,
        seen_at=seen_at,
        confirmed_at=found.confirmed_at or found.created_at,
        token=token,
        address=found.address,
        language=found.language,
        organisation_name=found.organisation_name,
        organisation_logo=found.logo,
        post=", ".join(standing.titles),
    )


def local_path(wanted: str | None) -> str | None:
    """The wanted path where it stays on this site, else None."""
    # Browsers read a backslash as a slash and skip control characters: "/<tab>/example.org" leaves the site.
    if not wanted or not wanted.startswith("/") or any(sign < "!" or sign in "\\\x7f" for sign in wanted):
        return None
    return None if wanted.startswith("//") else wanted
